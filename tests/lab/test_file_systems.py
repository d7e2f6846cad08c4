# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight's word on file systems against that of a real engine, on real ones in loop devices. Run by `pytest tests/lab` after `make lab`.

A kernel without XFS of version 4 cannot mount xfs with ftype=0, which CentOS before 7.3 made: of d_type only ext4 can then show the lack.
"""

from __future__ import annotations

import os
import pathlib
import socket
import subprocess
import time

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._look_system import look_at_path, read_mountinfo
from ansible_collections.dockfleet.host.plugins.module_utils._storage_driver import overlay_obstacle

LAB = pathlib.Path(__file__).parent
SIZE = '400M'

# how it is made, the file system by the kernel's name, and what speaks against overlay2 there
FILE_SYSTEMS = {
    'xfs': (['mkfs.xfs', '-q'], 'xfs', None),
    'xfs-ftype-0': (['mkfs.xfs', '-q', '-m', 'crc=0', '-n', 'ftype=0'], 'xfs', 'd_type'),
    'ext4': (['mkfs.ext4', '-q', '-F'], 'ext4', None),
    'ext4-without-filetype': (['mkfs.ext4', '-q', '-F', '-O', '^filetype'], 'ext4', 'd_type'),
    'btrfs': (['mkfs.btrfs', '-q'], 'btrfs', None),
}


@pytest.fixture(scope='module', autouse=True)
def tools():
    needed = ['mkfs.xfs:xfsprogs', 'mkfs.ext4:e2fsprogs', 'mkfs.btrfs:btrfs-progs', 'losetup:mount', 'dockerd:docker.io']
    subprocess.run([LAB.parent / 'need', *needed], check=True)


@pytest.fixture(params=sorted(FILE_SYSTEMS))
def mounted(request, tmp_path):
    """A new file system in a loop device, mounted: its name and its folder."""
    image, folder = tmp_path / 'image', tmp_path / 'mounted'
    folder.mkdir()
    subprocess.run(['truncate', '--size', SIZE, image], check=True)
    made = subprocess.run([*FILE_SYSTEMS[request.param][0], image], capture_output=True, text=True, check=False)
    if made.returncode and request.param == 'xfs-ftype-0':
        pytest.skip('these xfsprogs do not make xfs with ftype=0 any more: ' + made.stderr.strip())
    assert made.returncode == 0, made.stderr
    # The device goes with the mount.
    mount = subprocess.run(['mount', '-o', 'loop', image, folder], capture_output=True, text=True, check=False)
    if mount.returncode:
        detached = subprocess.run(['losetup', '--associated', image], capture_output=True, text=True, check=True)
        assert detached.stdout == ''
        pytest.skip('this kernel does not mount %s: %s' % (request.param, mount.stderr.strip().splitlines()[0]))
    try:
        yield request.param, folder
    finally:
        # dockerd binds its folder to itself, and a daemon that fails leaves that.
        while subprocess.run(['mountpoint', '--quiet', folder], check=False).returncode == 0:
            subprocess.run(['umount', '--recursive', folder], check=True)
        assert subprocess.run(['losetup', '--associated', image], capture_output=True, text=True, check=True).stdout == ''


def engine_says(data_root, tmp_path):
    """What a real dockerd says of overlay2 on a data-root: "" where it comes up, else its last words."""
    place, log = tmp_path / 'dockerd.sock', tmp_path / 'dockerd.log'
    config = tmp_path / 'daemon.json'
    config.write_text('{}')
    # With --bridge=none, dockerd takes docker0 away, also one that belongs to another daemon: it gets a network of its own.
    command = ['unshare', '--net', 'dockerd', '--config-file', config, '--data-root', data_root]
    command += ['--exec-root', tmp_path / 'exec', '--pidfile', tmp_path / 'dockerd.pid']
    command += ['--host', 'unix://%s' % place, '--bridge=none', '--iptables=false', '--ip6tables=false', '--storage-driver=overlay2']
    with log.open('w') as stream:
        daemon = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
    try:
        while daemon.poll() is None and not answers(place):
            time.sleep(0.1)
        return log.read_text().strip().splitlines()[-1] if daemon.returncode is not None else ''
    finally:
        daemon.terminate()
        daemon.wait()


def answers(place):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(10)
    try:
        connection.connect(str(place))
        connection.sendall(b'GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n')
        return b' 200 ' in connection.recv(65536)
    except OSError:
        return False
    finally:
        connection.close()


def test_preflight_and_engine_agree(mounted, tmp_path):
    name, folder = mounted
    dummy, filesystem, expected = FILE_SYSTEMS[name]
    mounts = read_mountinfo(pathlib.Path('/proc/self/mountinfo').read_text())
    # The data-root itself is still to come, also two folders deep.
    data_root = str(folder / 'new' / 'docker')
    place = look_at_path(data_root, mounts)
    assert (place['nearest'], place['filesystem'], place['exists']) == (str(folder), filesystem, False)
    assert place['d_type'] is (expected != 'd_type')
    assert [entry for entry in os.listdir(folder) if entry != 'lost+found'] == []

    system = {'kernel': os.uname().release, 'modules': {'overlay': 'loaded'}, 'data_root': data_root, 'paths': {data_root: place}}
    found = overlay_obstacle(system, data_root)
    assert (found and found[0]) == expected
    said = engine_says(data_root, tmp_path)
    if expected:
        assert '(%s on %s)' % (filesystem, folder) in found[1]
        assert 'd_type' in said
    else:
        assert said == ''
