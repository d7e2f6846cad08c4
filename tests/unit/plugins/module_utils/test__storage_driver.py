# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which storage driver a host gets: the first that it can run, and never another than its data were written by."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from fit_host import host, runs

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json import ARGUMENT_SPEC, plan
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook
from ansible_collections.dockfleet.host.plugins.module_utils._storage_driver import choose, kernel_version, obstacle, option_for, same_driver

FUSE = {'system__programs': {'fuse-overlayfs': True, 'zfs': True}, 'system__kernel': '4.19.0'}
OLD_FUSE = {'system__programs': FUSE['system__programs'], 'system__kernel': '4.17.0'}
NFS = {'system__paths__ROOT__filesystem': 'nfs'}


def on(filesystem, **more):
    return dict(more, system__paths__ROOT__filesystem=filesystem)


CHOICES = [
    ({}, 'auto', 'overlay2'),
    (on('xfs'), 'auto', 'overlay2'),
    (on('btrfs'), 'auto', 'overlay2'),
    (on('btrfs', system__modules__overlay='missing'), 'auto', 'btrfs'),
    (on('zfs', **FUSE), 'auto', 'fuse-overlayfs'),
    (on('zfs', system__programs={'fuse-overlayfs': False, 'zfs': True}), 'auto', 'zfs'),
    (on('zfs'), 'auto', None),
    (on('nfs'), 'auto', None),
    (on('nfs', **FUSE), 'auto', 'fuse-overlayfs'),
    (on('nfs', **dict(FUSE, system__fuse=False)), 'auto', None),
    (on('nfs', **OLD_FUSE), 'auto', None),
    # vfs only when asked
    (on('nfs'), 'vfs', 'vfs'),
    # the driver of the data stays, whatever else would fit
    ({'system__paths__ROOT__drivers': ['fuse-overlayfs']}, 'auto', 'fuse-overlayfs'),
    ({'system__paths__ROOT__drivers': ['btrfs', 'vfs']}, 'auto', 'btrfs'),
    ({'system__paths__ROOT__drivers': ['vfs']}, 'auto', 'vfs'),
    (runs('btrfs'), 'auto', 'btrfs'),
    (runs('vfs'), 'auto', 'vfs'),
    (runs('overlay2', system__paths__ROOT__drivers=['btrfs', 'overlay2']), 'auto', 'overlay2'),
    # engine 29's image store
    (runs('overlayfs'), 'auto', 'overlayfs'),
    # without data nothing has to stay
    (runs('vfs', daemon__holds_data=False), 'auto', 'overlay2'),
    # what an engine of today cannot read is no reason to keep it
    ({'system__paths__ROOT__drivers': ['devicemapper']}, 'auto', 'overlay2'),
]


@pytest.mark.parametrize('changes, wished, expected', CHOICES)
def test_choose(changes, wished, expected):
    assert choose(host(**changes), wished) == expected


@pytest.mark.parametrize('changes, wished, options, expected', [
    # The engine finds overlay2, or its image store, by itself.
    ({}, 'auto', {}, None),
    ({}, 'overlay2', {}, 'overlay2'),
    (on('nfs', **FUSE), 'auto', {}, 'fuse-overlayfs'),
    (on('nfs'), 'auto', {}, None),
    # The key that was written for the first start stays, and none comes later.
    (runs('fuse-overlayfs', **on('nfs', **FUSE)), 'auto', {'storage-driver': 'fuse-overlayfs'}, 'fuse-overlayfs'),
    (runs('fuse-overlayfs', **on('nfs', **FUSE)), 'auto', {}, None),
    (runs('btrfs'), 'auto', {}, None),
    (runs('overlay2'), 'auto', {'storage-driver': 'overlay2'}, None),
    (runs('vfs'), 'auto', {}, None),
    (runs('overlayfs'), 'auto', {}, None),
])
def test_what_stands_in_daemon_json_for_it(changes, wished, options, expected):
    assert option_for(host(**changes), wished, options) == expected


def test_B71_both_names_of_overlay_are_healthy():
    assert same_driver('overlay2', 'overlay2') and same_driver('overlay2', 'overlayfs')
    assert not same_driver('btrfs', 'overlayfs') and not same_driver('overlay2', 'vfs')


@pytest.mark.parametrize('driver, changes, said', [
    ('btrfs', {}, 'data-root on btrfs'),
    ('zfs', on('zfs'), 'zfsutils-linux'),
    ('fuse-overlayfs', {}, 'lacks the program'),
    ('fuse-overlayfs', dict(FUSE, system__fuse=False), 'lacks /dev/fuse'),
    ('fuse-overlayfs', dict(FUSE, system__kernel='3.10.0-1160.el7.x86_64'), '4.18'),
    ('overlay2', NFS, 'nfs does not do for an upper layer'),
])
def test_what_is_in_the_way(driver, changes, said):
    assert said in ' '.join(obstacle(driver, host(**changes)['system']))


def test_vfs_works_everywhere():
    assert obstacle('vfs', host(**NFS)['system']) is None


def test_kernel_version():
    assert kernel_version('3.10.0-1160.119.1.el7.x86_64') == (3, 10, 0, 1160)
    assert kernel_version('6.1.0-13-amd64') == (6, 1, 0, 13)


# --- in daemon.json ----------------------------------------------------------------------------------------------------------------


def planned(changes, **wish):
    """What daemon_json writes; None where it writes nothing."""
    look = host(daemon__exists=True, daemon__mode='0644', daemon__notes=[], daemon__owed='none', packages__installed={'docker-ce': {'version': '26.1.5'}})
    look['salt'] = None
    more = host(**changes)
    for section in more:
        look[section].update(dict((name, value) for name, value in more[section].items() if value != host()[section].get(name)))
    asked = dict((name, spec.get('default')) for name, spec in ARGUMENT_SPEC.items())
    steps = plan(look, dict(asked, **wish)).steps
    return steps[0]['options'] if steps else None


@pytest.mark.parametrize('changes, wish, expected', [
    ({}, {}, None),
    ({}, {'storage_driver': 'overlay2'}, {'storage-driver': 'overlay2'}),
    ({}, {'options': {'storage-driver': 'btrfs'}}, {'storage-driver': 'btrfs'}),
    ({}, {'storage_driver': 'btrfs', 'options': {'storage-driver': 'btrfs'}}, {'storage-driver': 'btrfs'}),
    (on('nfs', **FUSE), {}, {'storage-driver': 'fuse-overlayfs'}),
    (on('nfs', **FUSE), {'storage_driver': 'vfs'}, {'storage-driver': 'vfs'}),
    # The second run finds it there, with data under it.
    (runs('fuse-overlayfs', daemon__options={'storage-driver': 'fuse-overlayfs'}, daemon__ours=[['storage-driver']], **on('nfs', **FUSE)), {}, None),
    (runs('overlay2'), {}, None),
    (runs('overlayfs'), {}, None),
    (runs('vfs'), {}, None),
])
def test_daemon_json_names_the_driver_only_where_it_has_to(changes, wish, expected):
    assert planned(changes, **wish) == expected


@pytest.mark.parametrize('changes, wish, said', [
    (runs('btrfs'), {'storage_driver': 'overlay2'}, 'name the key in docker_daemon_confirm'),
    ({}, {'storage_driver': 'overlay2', 'options': {'storage-driver': 'btrfs'}}, 'storage-driver is given twice'),
    ({}, {'storage_driver': 'overlay3'}, 'no storage driver'),
])
def test_daemon_json_refuses(changes, wish, said):
    with pytest.raises(DockfleetError) as caught:
        planned(changes, **wish)
    assert said in caught.value.message and 'left as it was' in caught.value.message


def test_a_confirmed_change_of_the_driver_is_written():
    assert planned(runs('btrfs'), storage_driver='overlay2', confirm=['storage-driver']) == {'storage-driver': 'overlay2'}


def test_a_look_at_another_data_root_does_not_tell():
    with pytest.raises(NotInLook):
        planned({}, options={'data-root': '/srv/docker'})
