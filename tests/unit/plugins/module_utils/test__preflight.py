# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import copy

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._preflight import (
    choose_storage_driver,
    judge,
    kernel_version,
    target_version,
    verdict,
)

ROOT = '/var/lib/docker'
PLACE = {
    'real': ROOT,
    'nearest': '/var/lib',
    'exists': False,
    'drivers': [],
    'filesystem': 'ext4',
    'options': ['rw'],
    'd_type': True,
    'free_bytes': 50 * 1024**3,
}
FIT = {
    'system': {
        'os_release': {'ID': 'centos', 'VERSION_ID': '7', 'ID_LIKE': 'rhel fedora'},
        'release_files': {},
        'machine': 'x86_64',
        'kernel': '3.10.0-1160.el7.x86_64',
        'cgroup_version': 1,
        'data_root': ROOT,
        'paths': {ROOT: PLACE, '/var/lib/containerd': dict(PLACE, real='/var/lib/containerd')},
        'modules': dict.fromkeys(
            ('br_netfilter', 'ip_tables', 'iptable_filter', 'iptable_nat', 'iptable_raw', 'nf_tables', 'overlay', 'veth'), 'available'
        ),
        'selinux': 'disabled',
        'docker0_zones': [],
        'ip_forward': True,
        'routes': [{'network': '192.0.2.0', 'prefix': 24, 'interface': 'eth0'}],
        'client_address': '198.51.100.7',
    },
    'packages': {'kind': 'rpm', 'installed': {}},
    'service': {'systemd': True, 'units': {}},
    'daemon': {'path': '/etc/docker/daemon.json', 'problem': None, 'options': {}},
}
TUNNEL = {'network': '10.200.1.0', 'prefix': 24, 'interface': 'tun0'}
WISH = {'engine_version': '26.1', 'address_pools': [], 'release': '', 'storage_driver': 'auto', 'enforce': False}


def changed(look, path, value):
    """A copy of a look with one value replaced; path is dotted, "ROOT" stands for the data-root."""
    look = copy.deepcopy(look)
    place = look
    names = [ROOT if name == 'ROOT' else '/var/lib/containerd' if name == 'CONTAINERD' else name for name in path.split('|')]
    for name in names[:-1]:
        place = place[name]
    place[names[-1]] = value
    return look


def codes(result, severity):
    return sorted(problem['code'] for problem in result['problems'] if problem['severity'] == severity)


def test_a_fit_host_has_no_problem():
    result = judge(FIT, WISH)
    assert result['problems'] == []
    assert result['fit'] is True
    assert result['storage_driver'] == 'overlay2'
    assert (result['release']['family'], result['release']['distribution'], result['release']['value']) == ('rpm', 'centos', '7')


STOPS = [
    ('system|kernel', '2.6.32-754.el6.x86_64', {}, ['kernel', 'kernel_overlay2'], '2.6.32'),
    ('system|kernel', '3.10.0-327.el7.x86_64', {}, ['kernel_overlay2'], '3.10.0-514'),
    ('system|kernel', '3.10.0-514.generic', {}, ['kernel_overlay2'], '4.0'),
    ('system|os_release', {'ID': 'amzn', 'VERSION_ID': '2'}, {}, ['distribution'], 'Amazon'),
    ('system|os_release', {'ID': 'slackware', 'VERSION_ID': '15.0'}, {}, ['distribution'], 'docker_repo_release'),
    ('system|paths|ROOT|d_type', False, {}, ['d_type'], 'ftype=1'),
    ('system|paths|ROOT|filesystem', 'overlay', {}, ['backing_filesystem'], 'data-root'),
    ('system|paths|ROOT|filesystem', 'nfs4', {}, ['backing_filesystem'], 'nfs4'),
    ('system|modules|overlay', 'missing', {}, ['module_overlay'], 'CONFIG_OVERLAY_FS'),
    ('system|paths|ROOT|drivers', ['devicemapper'], {}, ['driver_leftovers'], 'docker save'),
    ('system|paths|ROOT|drivers', ['aufs', 'overlay2'], {}, ['driver_leftovers'], 'Engine 24'),
    ('system|paths|CONTAINERD|d_type', False, {'engine_version': '29.1'}, ['d_type_containerd'], '/var/lib/containerd'),
    ('service|units', {'docker.service': {'LoadState': 'masked', 'FragmentPath': '/dev/null'}}, {}, ['masked_unit'], 'systemctl unmask docker.service'),
    ('system|client_address', '172.17.9.9', {}, ['client_address'], 'default-address-pools'),
]


@pytest.mark.parametrize('path, value, wish, expected, words', STOPS)
def test_what_is_certain_to_break_stops(path, value, wish, expected, words):
    result = judge(changed(FIT, path, value), dict(WISH, **wish))
    assert codes(result, 'stop') == expected
    assert result['fit'] is False
    text = ' '.join(problem['message'] + ' ' + problem['remedy'] for problem in result['problems'])
    assert words in text


@pytest.mark.parametrize(
    'path, value, wish, expected',
    [
        ('system|paths|ROOT|free_bytes', 1024**3, {}, ['space']),
        ('system|modules|br_netfilter', 'missing', {}, ['modules']),
        ('system|cgroup_version', 1, {'engine_version': '29'}, ['cgroup_v1']),
        ('service|units', {'docker.service': {'LoadState': 'loaded', 'FragmentPath': '/etc/systemd/system/docker.service'}}, {}, ['unit_copy']),
        ('system|ip_forward', False, {}, ['forward_policy']),
        ('system|routes', [TUNNEL], {'address_pools': [{'base': '10.200.0.0/16', 'size': 24}]}, ['address_pools']),
    ],
)
def test_what_may_break_only_warns(path, value, wish, expected):
    result = judge(changed(FIT, path, value), dict(WISH, **wish))
    assert codes(result, 'warning') == expected
    assert result['fit'] is True


@pytest.mark.parametrize(
    'kind, installed, expected, words',
    [
        ('rpm', {'docker': {}, 'docker-common': {}}, ['old_engine'], 'docker, docker-common'),
        ('deb', {'docker.io': {}, 'containerd': {}, 'runc': {}}, ['old_engine', 'other_tools'], 'docker_engine_replace'),
        ('rpm', {'podman': {}}, ['other_tools'], 'podman'),
        # The name means something else in the other family.
        ('rpm', {'docker.io': {}}, [], ''),
        ('deb', {'docker-ce': {'version': '26.1.4'}, 'podman': {}}, [], ''),
    ],
)
def test_engines_and_tools_of_others_are_named_before_docker_ce_comes(kind, installed, expected, words):
    result = judge(changed(changed(FIT, 'packages|kind', kind), 'packages|installed', installed), WISH)
    assert codes(result, 'warning') == expected
    assert words in ' '.join(problem['message'] + ' ' + problem['remedy'] for problem in result['problems'])
    assert result['fit'] is True


def test_B67_xfs_ftype_0():
    look = changed(changed(FIT, 'system|paths|ROOT|d_type', False), 'system|paths|ROOT|filesystem', 'xfs')
    (problem,) = judge(look, WISH)['problems']
    assert '(xfs on /var/lib)' in problem['message']
    assert 'mkfs.xfs -n ftype=1' in problem['remedy']


def test_B69_devicemapper_host_to_26_1_stops_and_to_20_10_does_not():
    look = changed(FIT, 'system|paths|ROOT|drivers', ['devicemapper'])
    assert codes(judge(look, dict(WISH, engine_version='26.1.4')), 'stop') == ['driver_leftovers']
    assert codes(judge(look, dict(WISH, engine_version='20.10.24')), 'stop') == []


def test_B70_data_root_does_not_hold_the_images_of_engine_29():
    look = changed(FIT, 'system|data_root', '/srv/docker')
    look = changed(look, 'system|paths', dict(FIT['system']['paths'], **{'/srv/docker': PLACE}))
    assert 'images_outside_data_root' in codes(judge(look, dict(WISH, engine_version='29.0.1')), 'warning')
    assert 'images_outside_data_root' not in codes(judge(look, dict(WISH, engine_version='28.5')), 'warning')


def test_B72_zone_conflict_only_while_firewalld_runs():
    look = changed(FIT, 'system|docker0_zones', ['trusted'])
    assert judge(look, WISH)['fit'] is True
    look = changed(look, 'service|units', {'firewalld.service': {'ActiveState': 'active'}})
    (problem,) = judge(look, WISH)['problems']
    assert problem['code'] == 'zone_conflict'
    assert 'firewall-cmd --permanent --zone=trusted --remove-interface=docker0' in problem['remedy']
    assert judge(changed(look, 'system|docker0_zones', ['docker']), WISH)['fit'] is True


def test_B74_forward_policy_is_said_before_the_daemon_first_runs():
    look = changed(FIT, 'system|ip_forward', False)
    assert codes(judge(look, WISH), 'warning') == ['forward_policy']
    assert codes(judge(changed(look, 'service|units', {'docker.service': {'ActiveState': 'active'}}), WISH), 'warning') == []


def test_B75_missing_raw_table_matters_from_engine_28():
    look = changed(changed(FIT, 'system|modules|iptable_raw', 'missing'), 'system|modules|nf_tables', 'missing')
    assert codes(judge(look, dict(WISH, engine_version='28.5.2')), 'warning') == ['modules']
    assert codes(judge(look, dict(WISH, engine_version='26.1')), 'warning') == []


def test_a_route_of_docker0_itself_is_no_clash():
    look = changed(FIT, 'system|routes', [{'network': '172.17.0.0', 'prefix': 16, 'interface': 'docker0'}])
    assert judge(changed(look, 'system|client_address', '172.17.0.1'), WISH)['fit'] is True


@pytest.mark.parametrize(
    'changes, wish, expected',
    [
        ({}, {}, 'overlay2'),
        ({'filesystem': 'btrfs', 'd_type': False}, {}, 'btrfs'),
        ({'filesystem': 'zfs'}, {}, 'zfs'),
        ({'filesystem': 'nfs'}, {}, None),
        ({'filesystem': 'nfs'}, {'storage_driver': 'vfs'}, 'vfs'),
        ({'drivers': ['fuse-overlayfs']}, {}, 'fuse-overlayfs'),
        ({'drivers': ['vfs']}, {}, 'vfs'),
    ],
)
def test_choose_storage_driver(changes, wish, expected):
    look = changed(FIT, 'system|paths|ROOT', dict(PLACE, **changes))
    assert choose_storage_driver(look, dict(WISH, **wish)) == expected


@pytest.mark.parametrize(
    'wish, installed, expected',
    [
        ('26.1', {}, (26, 1)),
        ('26', {}, (26, 0)),
        ('5:26.1.4-1~debian.12~bookworm', {}, (26, 1, 4)),
        ('3:26.1.4-1.el7', {}, (26, 1, 4)),
        ('present', {'docker-ce': {'version': '20.10.24'}}, (20, 10, 24)),
        ('latest', {}, ()),
    ],
)
def test_target_version(wish, installed, expected):
    look = {'packages': {'installed': installed}}
    assert target_version(look, {'engine_version': wish}) == expected


def test_kernel_version():
    assert kernel_version('3.10.0-1160.119.1.el7.x86_64') == (3, 10, 0, 1160)
    assert kernel_version('6.1.0-13-amd64') == (6, 1, 0, 13)


def test_enforce_names_every_reason_and_remedy_at_once():
    look = changed(changed(FIT, 'system|kernel', '3.10.0-327.el7.x86_64'), 'service|units', {'docker.socket': {'LoadState': 'masked'}})
    with pytest.raises(DockfleetError) as caught:
        verdict(look, dict(WISH, enforce=True))
    for words in ('nothing was changed', '3.10.0-514', 'systemctl unmask docker.socket'):
        assert words in caught.value.message
    assert caught.value.details['stage'] == 'preflight'
    assert caught.value.details['fit'] is False


def test_without_enforce_an_unfit_host_is_only_described():
    result, warnings = verdict(changed(FIT, 'system|ip_forward', False), WISH)
    assert result['fit'] is True
    assert len(warnings) == 1
