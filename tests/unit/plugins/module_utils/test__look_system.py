# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._look_system import (
    has_d_type,
    mount_of,
    read_mountinfo,
    read_os_release,
    read_routes,
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


def test_read_routes_leaves_out_the_default_route():
    text = (
        'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n'
        'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n'
        'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n'
    )
    assert read_routes(text) == [{'network': '172.17.0.0', 'prefix': 16, 'interface': 'docker0'}]


def test_d_type_is_tried_on_a_real_folder(tmpdir):
    assert has_d_type(str(tmpdir)) is True
    assert os.listdir(str(tmpdir)) == []
    tmpdir.join('entry').write('')
    assert has_d_type(str(tmpdir)) is True
