# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every rule of storage: what is certain to break stops, what may break warns, and the row beside it passes."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from fit_host import CONTAINERD, PLACE, ROOT, problems, runs, words

V1 = ('warning', 'cgroup_v1')


def table(rows):
    return pytest.mark.parametrize('changes, wish, expected', rows)


def of_storage(changes, wish):
    return [each for each in problems(changes, **wish) if each != V1]


@table([
    ({'system__paths__ROOT__options': ['ro', 'relatime']}, {}, [('stop', 'read_only')]),
    ({'system__paths__ROOT__options': ['errors=remount-ro', 'rw']}, {}, []),
])
def test_read_only(changes, wish, expected):
    assert of_storage(changes, wish) == expected


@table([
    # numbers, not text: 3.10.0-1160 is newer than 3.10.0-514
    ({'system__kernel': '3.10.0-1160.119.1.el7.x86_64'}, {}, []),
    ({'system__kernel': '3.10.0-514.el7.x86_64'}, {}, []),
    ({'system__kernel': '3.10.0-513.el7.x86_64'}, {}, [('stop', 'kernel_overlay2')]),
    ({'system__kernel': '3.10.0-327.el7.x86_64'}, {}, [('stop', 'kernel_overlay2')]),
    ({'system__kernel': '3.10.0-1160.generic'}, {}, [('stop', 'kernel_overlay2')]),
    ({'system__kernel': '3.19.0-80-generic'}, {}, [('stop', 'kernel_overlay2')]),
    ({'system__kernel': '4.0.0'}, {}, []),
    ({'system__kernel': '10.2.1'}, {}, []),
    # another driver does not need it
    ({'system__kernel': '3.10.0-327.el7.x86_64', 'system__paths__ROOT__filesystem': 'btrfs'}, {}, []),
    ({'system__kernel': '3.10.0-327.el7.x86_64'}, {'storage_driver': 'vfs'}, []),
    ({'system__modules__overlay': 'missing'}, {}, [('stop', 'module_overlay')]),
    ({'system__modules__overlay': 'unknown'}, {}, []),
])
def test_kernel_for_overlay2(changes, wish, expected):
    assert of_storage(changes, wish) == expected


@table([
    ({'system__paths__ROOT__d_type': False}, {}, [('stop', 'd_type')]),
    ({'system__paths__ROOT__d_type': None}, {}, []),
    ({'system__paths__ROOT__d_type': False, 'system__paths__ROOT__filesystem': 'ext4'}, {}, [('stop', 'd_type')]),
    # engines before 24 go on with what they have begun
    ({'system__paths__ROOT__d_type': False, 'system__paths__ROOT__drivers': ['overlay2']}, {'engine_version': '23.0'}, [('warning', 'd_type')]),
    ({'system__paths__ROOT__d_type': False, 'system__paths__ROOT__drivers': ['overlay2']}, {'engine_version': '24.0'}, [('stop', 'd_type')]),
    ({'system__paths__ROOT__d_type': False}, {'engine_version': '20.10'}, [('stop', 'd_type')]),
    # nested: a container in a container
    ({'system__paths__ROOT__filesystem': 'overlay'}, {}, [('stop', 'backing_filesystem')]),
    ({'system__paths__ROOT__filesystem': 'nfs4'}, {}, [('stop', 'backing_filesystem')]),
    ({'system__paths__ROOT__filesystem': 'zfs'}, {}, [('stop', 'backing_filesystem')]),
    ({'system__paths__ROOT__filesystem': 'zfs', 'system__programs': {'zfs': True, 'fuse-overlayfs': False}}, {}, []),
    ({'system__paths__ROOT__filesystem': 'xfs'}, {}, []),
    ({'system__paths__ROOT__filesystem': 'tmpfs'}, {}, []),
    # a driver that the host cannot run
    ({}, {'storage_driver': 'btrfs'}, [('stop', 'storage_driver')]),
    ({}, {'options': {'storage-driver': 'zfs'}}, [('stop', 'storage_driver')]),
    ({'daemon__options': {'storage-driver': 'btrfs'}}, {}, [('stop', 'storage_driver')]),
    ({}, {'storage_driver': 'fuse-overlayfs'}, [('stop', 'storage_driver')]),
    ({}, {'storage_driver': 'devicemapper'}, [('stop', 'daemon_option')]),
    ({}, {'storage_driver': 'overlay3'}, [('stop', 'daemon_option')]),
])
def test_file_system_under_the_data_root(changes, wish, expected):
    assert of_storage(changes, wish) == expected


def test_B67_xfs_ftype_0():
    changes = {'system__paths__ROOT__d_type': False, 'system__paths__ROOT__filesystem': 'xfs'}
    said = words(changes)
    assert '(xfs on /var/lib)' in said and 'mkfs.xfs -n ftype=1' in said and 'data-root in docker_daemon_options' in said


@table([
    # the fresh engine 29 keeps its images there
    ({'system__paths__CONTAINERD__d_type': False}, {'engine_version': '29.1'}, [('stop', 'd_type_containerd')]),
    ({'system__paths__CONTAINERD__filesystem': 'overlay'}, {'engine_version': '29.1'}, [('stop', 'backing_filesystem_containerd')]),
    ({'system__paths__CONTAINERD__d_type': False}, {'engine_version': '28.5'}, []),
    ({'system__paths__CONTAINERD__d_type': False}, {'engine_version': 'latest'}, [('warning', 'd_type_containerd')]),
    # or an older one that is told to
    ({'system__paths__CONTAINERD__d_type': False}, {'engine_version': '28.5', 'options': {'features': {'containerd-snapshotter': True}}},
     [('stop', 'd_type_containerd')]),
    # not with these
    ({'system__paths__CONTAINERD__d_type': False}, {'engine_version': '29.1', 'options': {'features': {'containerd-snapshotter': False}}}, []),
    ({'system__paths__CONTAINERD__d_type': False}, {'engine_version': '29.1', 'options': {'userns-remap': 'default'}}, []),
    ({'system__paths__CONTAINERD__d_type': False}, {'engine_version': '29.1', 'storage_driver': 'overlay2'}, []),
    ({'system__paths__CONTAINERD__d_type': False, 'system__paths__ROOT__drivers': ['overlay2']}, {'engine_version': '29.1'}, []),
    (runs('overlay2', system__paths__CONTAINERD__d_type=False), {'engine_version': '29.1'}, []),
    (runs('overlayfs', system__paths__CONTAINERD__d_type=False), {'engine_version': '29.1'}, [('stop', 'd_type_containerd')]),
    # then the data-root may be what it is
    ({'system__paths__ROOT__d_type': False}, {'engine_version': '29.1'}, []),
    ({'system__paths__ROOT__d_type': False}, {'engine_version': 'latest'}, [('warning', 'd_type')]),
    ({'system__paths__ROOT__d_type': False, 'system__paths__CONTAINERD__d_type': False}, {'engine_version': 'present'},
     [('stop', 'd_type'), ('warning', 'd_type_containerd')]),
    ({'system__kernel': '3.10.0-327.el7.x86_64'}, {'engine_version': '29.1'}, [('stop', 'kernel_overlay2')]),
])
def test_B67_the_folder_of_containerd_where_the_engine_uses_it(changes, wish, expected):
    assert of_storage(changes, wish) == expected


@table([
    ({'system__paths__ROOT__drivers': ['devicemapper']}, {'engine_version': '26.1.4'}, [('stop', 'driver_leftovers')]),
    ({'system__paths__ROOT__drivers': ['devicemapper']}, {'engine_version': '24.0'}, []),
    ({'system__paths__ROOT__drivers': ['devicemapper']}, {'engine_version': '20.10.24'}, []),
    ({'system__paths__ROOT__drivers': ['aufs']}, {'engine_version': '24.0'}, [('stop', 'driver_leftovers')]),
    ({'system__paths__ROOT__drivers': ['aufs']}, {'engine_version': '23.0'}, []),
    ({'system__paths__ROOT__drivers': ['overlay']}, {'engine_version': '24.0'}, [('stop', 'driver_leftovers')]),
    # which engine will come is not known
    ({'system__paths__ROOT__drivers': ['devicemapper']}, {'engine_version': 'latest'}, [('warning', 'driver_leftovers')]),
    # the host has moved on to another driver since
    ({'system__paths__ROOT__drivers': ['devicemapper', 'overlay2']}, {}, [('warning', 'driver_leftovers')]),
    (runs('overlay2', system__paths__ROOT__drivers=['devicemapper', 'overlay2']), {}, [('warning', 'driver_leftovers')]),
    (runs('devicemapper', system__paths__ROOT__drivers=['devicemapper', 'overlay2']), {}, [('stop', 'driver_leftovers')]),
])
def test_leftovers(changes, wish, expected):
    assert of_storage(changes, wish) == expected


def test_B69_devicemapper_host_to_26_1_is_told_the_plan():
    said = words({'system__paths__ROOT__drivers': ['devicemapper']}, engine_version='26.1.4')
    for part in ('/var/lib/docker/devicemapper', 'docker save', 'docker_daemon_storage_driver to overlay2', 'load it again', 'engine 26.1.4 cannot read'):
        assert part in said


@table([
    ({'system__paths__ROOT__drivers': ['btrfs', 'overlay2']}, {}, [('stop', 'several_drivers')]),
    ({'system__paths__ROOT__drivers': ['overlay2', 'vfs']}, {}, []),
    ({'system__paths__ROOT__drivers': ['btrfs', 'overlay2']}, {'storage_driver': 'overlay2'}, []),
    ({'system__paths__ROOT__drivers': ['btrfs', 'overlay2'], 'unit__exec_start': [['/lib/systemd/system/docker.service', 'dockerd -s overlay2']]}, {}, []),
    (runs('overlay2', system__paths__ROOT__drivers=['btrfs', 'overlay2']), {}, []),
    ({'system__paths__ROOT__drivers': ['aufs', 'overlay2']}, {'engine_version': '20.10'}, [('warning', 'several_drivers')]),
])
def test_several_drivers(changes, wish, expected):
    assert of_storage(changes, wish) == expected


def moved(place=None, **changes):
    """The changes of a host whose data-root is /srv/docker."""
    paths = {ROOT: PLACE, CONTAINERD: dict(PLACE, real=CONTAINERD), '/srv/docker': dict(PLACE, real='/srv/docker', **(place or {}))}
    return dict(changes, system__data_root='/srv/docker', system__paths=paths)


@table([
    (moved(), {'engine_version': '29.0.1'}, [('warning', 'images_outside_data_root')]),
    (moved(), {'engine_version': '28.5'}, []),
    (moved(), {'engine_version': '29.0.1', 'options': {'features': {'containerd-snapshotter': False}}}, []),
    # said before the engine first runs, not for ever
    (moved(**runs('overlayfs')), {'engine_version': '29.0.1'}, []),
    ({}, {'engine_version': '29.0.1'}, []),
])
def test_B70_data_root_does_not_hold_the_images_of_engine_29(changes, wish, expected):
    assert of_storage(changes, wish) == expected
    if expected:
        assert '"root" in /etc/containerd/config.toml' in words(changes, **wish)
        assert 'features.containerd-snapshotter to false' in words(changes, **wish)


@table([
    ({'system__paths__ROOT__free_bytes': 1024 ** 3}, {}, [('warning', 'space')]),
    ({'system__paths__ROOT__free_bytes': 2 * 1024 ** 3}, {}, []),
])
def test_space(changes, wish, expected):
    assert of_storage(changes, wish) == expected


@table([
    (moved(system__selinux='enforcing'), {}, [('warning', 'selinux_label')]),
    (moved(system__selinux='permissive'), {}, []),
    (moved({'exists': True, 'label': 'default_t'}, system__selinux='enforcing'), {}, [('warning', 'selinux_label')]),
    (moved({'exists': True, 'label': 'container_var_lib_t'}, system__selinux='enforcing'), {}, []),
    (moved({'exists': True, 'label': 'docker_var_lib_t'}, system__selinux='enforcing'), {}, []),
    (moved(system__selinux='enforcing', system__selinux_equivalences={'/srv/docker': '/var/lib/docker'}), {}, []),
    # a link in the usual place leads elsewhere, too
    ({'system__selinux': 'enforcing', 'system__paths__ROOT__real': '/srv/docker'}, {}, [('warning', 'selinux_label')]),
    ({'system__selinux': 'enforcing'}, {}, []),
])
def test_selinux_label_of_a_foreign_data_root(changes, wish, expected):
    assert of_storage(changes, wish) == expected
    if expected:
        assert 'semanage fcontext -a -e /var/lib/docker /srv/docker && restorecon -R /srv/docker' in words(changes, **wish)
