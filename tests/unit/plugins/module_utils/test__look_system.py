# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._look_system import (
    data_root_of,
    has_d_type,
    look_at_cgroup,
    look_at_path,
    mount_of,
    read_cgroups,
    read_containerd_root,
    read_equivalences,
    read_mountinfo,
    read_os_release,
)

MOUNTINFO = r"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
35 22 0:31 / /run rw,nosuid - tmpfs tmpfs rw,size=1024k
40 22 8:16 / /var/lib/docker rw,noatime - xfs /dev/sdb rw,attr2
41 22 8:17 / /srv/with\040blank rw - btrfs /dev/sdc rw,subvol=/
42 22 8:18 / /var/lib/docker rw,relatime - ext4 /dev/sdd rw
"""


def test_read_os_release():
    found = read_os_release('NAME="CentOS Linux"\nID=\'centos\'\n# comment\nVERSION_ID="7"\nPRETTY_NAME="A \\"B\\" C"\n\nBROKEN\n')
    assert found == {'NAME': 'CentOS Linux', 'ID': 'centos', 'VERSION_ID': '7', 'PRETTY_NAME': 'A "B" C'}


@pytest.mark.parametrize(
    'path, point, filesystem',
    [
        ('/var/lib/docker', '/var/lib/docker', 'ext4'),
        ('/var/lib/docker/overlay2', '/var/lib/docker', 'ext4'),
        ('/var/lib/dockerish', '/', 'ext4'),
        ('/srv/with blank/data', '/srv/with blank', 'btrfs'),
        ('/', '/', 'ext4'),
    ],
)
def test_mount_of(path, point, filesystem):
    mount = mount_of(path, read_mountinfo(MOUNTINFO))
    assert (mount['point'], mount['filesystem']) == (point, filesystem)


def test_mount_options_hold_those_of_the_mount_and_of_the_file_system():
    assert read_mountinfo(MOUNTINFO)[0]['options'] == ['discard', 'relatime', 'rw']


@pytest.mark.parametrize('wish, options, expected', [
    ({}, {}, '/var/lib/docker'),
    ({'data_root': '/a', 'options': {'data-root': '/b'}}, {'data-root': '/c'}, '/a'),
    ({'data_root': '', 'options': {'data-root': '/b'}}, {'data-root': '/c'}, '/b'),
    # B53: a panel put it there, and nobody wishes it elsewhere
    ({'data_root': '', 'options': {}}, {'data-root': '/c'}, '/c'),
    ({'options': {'data-root': None}}, {'data-root': '/c'}, '/var/lib/docker'),
    ({'data_root': b'/d\xc3\xa4ta'.decode('utf-8')}, None, b'/d\xc3\xa4ta'.decode('utf-8')),
])
def test_data_root_of(wish, options, expected):
    assert data_root_of(wish, options) == expected


@pytest.mark.parametrize('text, expected', [
    ('', '/var/lib/containerd'),
    ('# root = "/x"\n', '/var/lib/containerd'),
    ('version = 2\nroot = "/data/containerd"\n[plugins]\n  root = "/y"\n', '/data/containerd'),
    ("root = '/data/containerd' # here\n", '/data/containerd'),
    ('version = 2\n[plugins.x]\n  root = "/y"\n', '/var/lib/containerd'),
])
def test_read_containerd_root(text, expected):
    assert read_containerd_root(text) == expected


def test_read_equivalences():
    assert read_equivalences('# of semanage\n/srv/docker /var/lib/docker\n\n/a\t/b\nbroken\n') == [('/srv/docker', '/var/lib/docker'), ('/a', '/b')]


def test_read_cgroups():
    text = '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t2\t1\t1\nmemory\t0\t1\t0\npids\t5\t9\t1\n'
    assert read_cgroups(text) == ['cpu', 'pids']


class Files(object):
    """A host that has these files."""

    def __init__(self, files):
        self.read_text = files.get


@pytest.mark.parametrize('files, mounts, expected', [
    ({'/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n'}, 'cgroup2', (2, ['cpu', 'cpuset', 'io', 'memory', 'pids'])),
    ({'/proc/cgroups': 'cpu\t2\t1\t1\n'}, 'cgroup', (1, ['cpu'])),
    ({'/proc/cgroups': 'cpu\t0\t1\t1\n'}, 'tmpfs', (0, ['cpu'])),
])
def test_look_at_cgroup(files, mounts, expected):
    found = look_at_cgroup(Files(files), [{'filesystem': mounts}])
    assert (found['version'], found['controllers']) == expected


def test_a_path_of_unicode_is_looked_at_where_its_nearest_folder_is(tmpdir):
    folder = tmpdir.mkdir('d')
    path = b'/d\xc3\xa4ta/docker'.decode('utf-8')
    found = look_at_path(str(folder) + path, read_mountinfo(MOUNTINFO))
    assert (found['nearest'], found['exists'], found['real']) == (str(folder), False, str(folder) + path)
    assert found['filesystem'] == 'ext4' and found['d_type'] is True and found['free_bytes'] > 0
    folder.mkdir('overlay2').join('l').write('')
    folder.mkdir('aufs')
    found = look_at_path(str(folder), read_mountinfo(MOUNTINFO))
    assert found['exists'] and found['drivers'] == ['overlay2']


def test_d_type_is_tried_on_a_real_folder(tmpdir):
    assert has_d_type(str(tmpdir)) is True
    assert os.listdir(str(tmpdir)) == []
    tmpdir.join('entry').write('')
    assert has_d_type(str(tmpdir)) is True
