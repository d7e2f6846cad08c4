# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every rule of the engine itself: what is certain to break stops, what may break warns, and the row beside it passes."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from fit_host import problems, words

UNIT = '/etc/systemd/system/docker.service'


def table(rows):
    return pytest.mark.parametrize('changes, wish, expected', rows)


@table([
    ({'system__kernel': '2.6.32-754.el6.x86_64'}, {'storage_driver': 'vfs'}, [('stop', 'kernel')]),
    ({'system__kernel': '3.9.11'}, {'storage_driver': 'vfs'}, [('stop', 'kernel')]),
    ({'system__kernel': '3.10.0-123.el7.x86_64'}, {'storage_driver': 'vfs'}, []),
])
def test_kernel(changes, wish, expected):
    assert problems(changes, **wish) == expected


def cgroup(version, *controllers):
    return {'system__cgroup': {'version': version, 'controllers': list(controllers or ('cpu', 'memory', 'pids'))}}


@table([
    (cgroup(0), {}, [('stop', 'cgroup_missing')]),
    (cgroup(2), {'engine_version': '19.03.15'}, [('stop', 'cgroup_v2')]),
    (cgroup(2), {'engine_version': '20.10'}, []),
    (cgroup(2), {'engine_version': 'latest'}, []),
    (cgroup(1), {'engine_version': '29'}, [('warning', 'cgroup_v1')]),
    (cgroup(1), {'engine_version': '28.5'}, []),
    (cgroup(1), {'engine_version': 'present'}, []),
    (cgroup(2), {'engine_version': '29'}, []),
    (cgroup(1, 'cpu', 'pids'), {}, [('warning', 'cgroup_controllers')]),
    (cgroup(2, 'cpu', 'pids', 'memory', 'io'), {}, []),
])
def test_cgroup_version_against_the_engine(changes, wish, expected):
    assert problems(changes, **wish) == expected


def test_what_a_missing_controller_costs():
    assert 'off: memory' in words(cgroup(1, 'cpu', 'pids')) and '(--memory)' in words(cgroup(1, 'cpu', 'pids'))


@table([
    ({'service__units': {'docker.service': {'LoadState': 'masked', 'FragmentPath': '/dev/null'}}}, {}, [('stop', 'masked_unit')]),
    ({'service__units': {'docker.socket': {'LoadState': 'masked'}}}, {}, [('stop', 'masked_unit')]),
    ({'service__units': {'firewalld.service': {'LoadState': 'masked'}}}, {}, []),
    ({'service__units': {'docker.service': {'LoadState': 'loaded', 'FragmentPath': UNIT}}}, {}, [('warning', 'unit_copy')]),
    ({'service__units': {'docker.service': {'LoadState': 'loaded', 'FragmentPath': '/usr/lib/systemd/system/docker.service'}}}, {}, []),
])
def test_units(changes, wish, expected):
    assert problems(changes, **wish) == expected


@pytest.mark.parametrize(
    'kind, installed, expected, said',
    [
        ('rpm', {'docker': {}, 'docker-common': {}}, ['old_engine'], 'docker, docker-common'),
        ('deb', {'docker.io': {}, 'containerd': {}, 'runc': {}}, ['old_engine', 'other_tools'], 'docker_engine_replace'),
        ('rpm', {'podman': {}}, ['other_tools'], 'podman'),
        # The name means something else in the other family.
        ('rpm', {'docker.io': {}}, [], ''),
        ('deb', {'docker-ce': {'version': '26.1.4'}, 'podman': {}}, [], ''),
    ],
)
def test_engines_and_tools_of_others_are_named_before_docker_ce_comes(kind, installed, expected, said):
    changes = {'packages__kind': kind, 'packages__installed': installed}
    assert problems(changes) == [('warning', code) for code in expected]
    assert said in words(changes)


TLS = {'tlsverify': True, 'tlscacert': '/etc/ca.pem', 'tlscert': '/etc/cert.pem', 'tlskey': '/etc/key.pem'}
TLS_BY_FLAGS = [['', 'dockerd --tlsverify --tlscacert=/etc/ca.pem --tlscert=/etc/cert.pem --tlskey=/etc/key.pem']]
OPEN_BY_FLAGS = [['', 'dockerd -H fd:// -H tcp://0.0.0.0:2375']]
OVERRIDE = {'daemon__options': {'storage-opts': ['overlay2.override_kernel_check=true']}}


@table([
    ({'daemon__problem': {'code': 'comma', 'line': 2, 'column': 43, 'message': 'a comma before "]"'}}, {}, [('stop', 'daemon_json')]),
    ({'daemon__options': {'registry-mirors': []}}, {}, [('stop', 'daemon_json_key')]),
    # B57: by the version that is to run
    (OVERRIDE, {'engine_version': '26.1'}, [('stop', 'daemon_json_key')]),
    (OVERRIDE, {'engine_version': '23.0'}, []),
    ({'daemon__options': {'proxies': {}}}, {'engine_version': '20.10'}, [('stop', 'daemon_json_key')]),
    ({'daemon__options': {'proxies': {}}}, {'engine_version': '26'}, []),
    ({'daemon__options': {'graph': '/x'}}, {'engine_version': '26'}, [('stop', 'daemon_json_key')]),
    # a major number may mean its first or its last release
    ({'daemon__options': {'allow-direct-routing': True}}, {'engine_version': '28'}, []),
    ({'daemon__options': {'allow-direct-routing': True}}, {'engine_version': '28.1'}, [('stop', 'daemon_json_key')]),
    ({'daemon__options': {'allow-direct-routing': True}, 'packages__installed': {'docker-ce': {'version': '26.1.4'}}}, {'engine_version': 'latest'}, []),
    ({'daemon__options': {'allow-direct-routing': True}, 'packages__installed': {'docker-ce': {'version': '26.1.4'}}}, {'engine_version': 'present'},
     [('stop', 'daemon_json_key')]),
    # the engine starts before docker_daemon takes the key out
    (OVERRIDE, {'options': {'storage-opts': None}}, [('stop', 'daemon_json_key')]),
    # but it passes over this one, so that docker_daemon can
    ({'daemon__options': {'registry-mirror': ['https://m.example']}}, {}, [('stop', 'daemon_json_key')]),
    ({'daemon__options': {'registry-mirror': ['https://m.example']}}, {'options': {'registry-mirror': None}}, [('warning', 'daemon_json_key')]),
    # what is wished is refused before anything is changed
    ({}, {'options': {'registry-mirrors': ['m.example:5000']}}, [('stop', 'daemon_option')]),
    ({}, {'options': {'live-restore': 'true'}}, []),
    # B80: an API that is open to everyone, before any package comes
    ({}, {'options': {'hosts': ['tcp://0.0.0.0:2376']}}, [('stop', 'daemon_option')]),
    ({}, {'options': {'hosts': ['tcp://0.0.0.0:2376']}, 'tls': True}, []),
    ({'daemon__options': TLS}, {'options': {'hosts': ['tcp://0.0.0.0:2376']}}, []),
    ({'unit__exec_start': TLS_BY_FLAGS}, {'options': {'hosts': ['tcp://0.0.0.0:2376']}}, []),
    # what others have in the file does not go with the wish
    ({'daemon__options': {'bridge': 'br0'}}, {'options': {'bip': '10.99.0.1/24'}}, [('stop', 'daemon_option')]),
    # what is open already is no reason to leave the engine as it is
    ({'unit__exec_start': OPEN_BY_FLAGS, 'daemon__running': True}, {'options': {'debug': True}}, []),
    ({'daemon__options': {'hosts': ['tcp://0.0.0.0:2375']}, 'daemon__running': True}, {}, [('warning', 'daemon_json_key')]),
])
def test_daemon_json_against_the_engine_to_come(changes, wish, expected):
    assert problems(changes, **wish) == expected


BIP, BRIDGE = {'bip': '10.99.0.1/24'}, {'bridge': 'br0'}
POOLS = [{'base': '10.200.0.0/16', 'size': 24}]


@table([
    ({'daemon__options': BRIDGE}, {'options': BIP}, 'docker_daemon_options, "bip": stands beside "bridge"'),
    ({'daemon__options': BRIDGE}, {'options': BIP}, '"bridge" is set by the file alone, and taken out by null in docker_daemon_options.'),
    ({'daemon__options': BIP}, {'options': BRIDGE}, '/etc/docker/daemon.json, "bip": stands beside "bridge"'),
    ({'daemon__options': BIP}, {'options': BRIDGE}, '"bip" is set by the file alone'),
    ({'unit__exec_start': [['/lib/x.service', 'dockerd -b br0']]}, {'options': BIP}, '"bridge" is set by the flags of the daemon, in /lib/x.service.'),
    ({}, {'options': {'hosts': ['tcp://0.0.0.0:2376']}}, 'with docker_daemon_tls'),
])
def test_what_does_not_go_with_the_wish_is_told_with_the_way_out(changes, wish, expected):
    assert expected in words(changes, **wish)


@table([
    ({'daemon__options': BRIDGE}, {'options': dict(BIP, bridge='br1')}, 'Mend docker_daemon_options.'),
    # parameters of their own
    ({'daemon__options': {'default-address-pools': POOLS}}, {'address_pools': [{'base': '10.200.0.0/16', 'size': 8}]}, 'Mend docker_daemon_options.'),
    ({'daemon__options': {'storage-driver': 'overlay2'}}, {'storage_driver': 'aufs'}, 'Mend docker_daemon_options.'),
])
def test_a_wish_is_not_said_to_be_set_by_others(changes, wish, expected):
    said = words(changes, **wish)
    assert expected in said and ' set by ' not in said


HOSTS = {'daemon__options': {'hosts': ['fd://', 'unix:///run/more.sock']}}
PACKAGED = '/lib/systemd/system/docker.service'


@table([
    # the stock unit will say -H fd://
    (HOSTS, {}, [('stop', 'flag_and_key')]),
    (dict(HOSTS, unit__files={'/etc/systemd/system/docker.service.d/zz-dockfleet-hosts.conf': {}}), {}, []),
    (dict(HOSTS, unit__exec_start=[[PACKAGED, '/usr/bin/dockerd']]), {}, []),
    # it starts, and docker_daemon will see to it
    (dict(HOSTS, daemon__running=True), {}, []),
    ({}, {'options': HOSTS['daemon__options']}, []),
    ({'daemon__options': {'data-root': '/x'}, 'unit__exec_start': [[PACKAGED, '/usr/bin/dockerd --data-root /x']]}, {}, [('stop', 'flag_and_key')]),
    ({'daemon__options': {'debug': True}, 'unit__exec_start': [[PACKAGED, '/usr/bin/dockerd -D']]}, {}, [('stop', 'flag_and_key')]),
    ({'daemon__options': {'debug': True}}, {}, []),
])
def test_B41_a_key_beside_the_same_as_a_flag_keeps_the_engine_to_come_from_starting(changes, wish, expected):
    assert problems(changes, **wish) == expected
    if expected:
        assert 'ExecStart in %s' % (PACKAGED if 'unit__exec_start' in changes else 'docker.service of the package') in words(changes, **wish)


def test_B99_a_mirror_that_the_old_engine_passed_over_stops_the_upgrade():
    changes = {
        'daemon__options': {'registry-mirrors': ['m.example:5000']},
        'packages__installed': {'docker-ce': {'version': '17.06.2'}},
    }
    assert problems(changes, engine_version='26.1') == [('stop', 'daemon_json_key')]
    assert 'm.example:5000' in words(changes, engine_version='26.1')


REGISTRIES = {'daemon__options': {'insecure-registries': ['r.example:5000']}}
HERE_28 = {'packages__installed': {'docker-ce': {'version': '28.5.2'}}}


@table([
    (dict(REGISTRIES, **HERE_28), {'engine_version': '29.10'}, [('warning', 'loopback_registries')]),
    (REGISTRIES, {'engine_version': '29.10'}, [('warning', 'loopback_registries')]),
    (HERE_28, {'engine_version': '29.10', 'options': {'insecure-registries': ['r.example:5000']}}, [('warning', 'loopback_registries')]),
    (dict(REGISTRIES, **HERE_28), {'engine_version': '29.9'}, []),
    # 29 may be one before it
    (dict(REGISTRIES, **HERE_28), {'engine_version': '29'}, []),
    # it has come already
    (dict(REGISTRIES, packages__installed={'docker-ce': {'version': '29.10.0'}}), {'engine_version': '29.10'}, []),
    (dict(HERE_28, daemon__options={'insecure-registries': ['r.example:5000', '127.0.0.0/8']}), {'engine_version': '29.10'}, []),
    (dict(HERE_28, daemon__options={'insecure-registries': ['http://localhost:5000']}), {'engine_version': '29.10'}, []),
    (HERE_28, {'engine_version': '29.10'}, []),
])
def test_B56_the_loopback_is_mentioned_when_engine_29_10_comes(changes, wish, expected):
    assert [each for each in problems(changes, **wish) if each != ('warning', 'cgroup_v1')] == expected
    if expected:
        assert 'add 127.0.0.0/8 and ::1/128' in words(changes, **wish)
