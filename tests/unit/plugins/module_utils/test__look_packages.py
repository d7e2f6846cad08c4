# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import getpass
import grp
import os
import pwd

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _look_packages
from ansible_collections.dockfleet.host.plugins.module_utils._look_packages import (
    held_by_dpkg,
    look,
    names_to_ask,
    package_kind,
    read_dpkg,
    read_rpm,
)
from recordings import RecordedHost, play

RPM = (
    u'docker-ce\t3:26.1.4-1.el7\t1795586369\n'
    u'docker-ce-cli\t1:26.1.4-1.el7\t1795586369\n'
    u'package docker-ce-rootless-extras is not installed\n'
    u'containerd.io\t0:1.6.33-3.1.el7\t1795586369\n'
    u'runc\t1.1-1.el7\t1795586369\n'
)


def package(full, version):
    return {'full': full, 'version': version, 'unfinished': '', 'broken': False}


def test_read_rpm():
    assert read_rpm(RPM) == {
        'docker-ce': package('3:26.1.4-1.el7', '26.1.4'),
        'docker-ce-cli': package('1:26.1.4-1.el7', '26.1.4'),
        'containerd.io': package('1.6.33-3.1.el7', '1.6.33'),
        'runc': package('1.1-1.el7', '1.1'),
    }


@pytest.mark.parametrize('times, expected', [((999, 1000), '26.1.5'), ((1000, 999), '26.1.4')])
def test_read_rpm_after_an_interrupted_update(times, expected):
    found = read_rpm('docker-ce\t3:26.1.4-1.el7\t%d\ndocker-ce\t3:26.1.5-1.el7\t%d\n' % times)['docker-ce']
    assert found['unfinished'] == 'installed in 2 versions'
    assert found['version'] == expected


def test_read_dpkg():
    assert read_dpkg(play('apt', 'dpkg-query-held')[1]) == {
        'containerd.io': package('1.6.33-1', '1.6.33'),
        'docker-ce': package('5:26.1.4-1~debian.12~bookworm', '26.1.4'),
        'docker-ce-cli': package('5:26.1.4-1~debian.12~bookworm', '26.1.4'),
    }


def test_held_by_dpkg():
    text = play('apt', 'dpkg-query-held')[1]
    assert held_by_dpkg(text) == ['docker-ce']
    # A package that is not there can be held too.
    assert held_by_dpkg(u'docker.io\t\thn \n') == ['docker.io']


@pytest.mark.parametrize(
    'status, unfinished, broken',
    [
        ('ii ', '', False),
        ('hi ', '', False),
        ('iF ', 'configured by half', False),
        ('iU ', 'unpacked only', False),
        ('iH ', 'installed by half', True),
        ('iHR', 'installed by half', True),
        ('iW ', 'waiting for the triggers of another package', False),
        ('it ', 'with triggers to be run', False),
        ('iiR', 'in need of a reinstallation', True),
    ],
)
def test_read_dpkg_after_an_interrupted_run(status, unfinished, broken):
    found = read_dpkg('docker-ce\t5:26.1.4-1\t%s\n' % status)['docker-ce']
    assert (found['unfinished'], found['broken']) == (unfinished, broken)


@pytest.mark.parametrize('status', ['un ', 'rc ', 'pn '])
def test_read_dpkg_passes_over_what_is_not_there(status):
    assert read_dpkg('docker.io\t20.10.24+dfsg1-1\t%s\n' % status) == {}


@pytest.mark.parametrize(
    'os_release, programs, expected',
    [
        ({'ID': 'debian'}, ['dpkg-query', 'rpm'], 'deb'),
        ({'ID': 'ubuntu', 'ID_LIKE': 'debian'}, ['dpkg-query'], 'deb'),
        ({'ID': 'linuxmint', 'ID_LIKE': 'ubuntu debian'}, ['dpkg-query', 'rpm'], 'deb'),
        ({'ID': 'centos', 'ID_LIKE': 'rhel fedora'}, ['dpkg-query', 'rpm'], 'rpm'),
        ({'ID': 'openEuler'}, ['rpm'], 'rpm'),
        ({}, ['dpkg-query'], 'deb'),
        ({'ID': 'alpine'}, [], None),
    ],
)
def test_package_kind(os_release, programs, expected):
    assert package_kind(os_release, RecordedHost([], programs)) == expected


def test_what_the_wish_names_is_asked_for():
    asked = names_to_ask('rpm', {'packages': ['docker-ce', b'docker-model-plugin'], 'package_versions': {'x': '1'}, 'replace': ['cockpit-podman']})
    assert set(['docker-ce', 'docker-model-plugin', 'x', 'cockpit-podman', 'podman', 'docker-latest']) <= set(asked)
    assert 'docker.io' not in asked and asked == sorted(asked)


def test_look(monkeypatch):
    me = pwd.getpwuid(os.getuid())
    monkeypatch.setattr(_look_packages, 'GROUP', grp.getgrgid(me.pw_gid).gr_name)
    host = RecordedHost([(1, RPM, u'')], ['rpm'], {'/etc/os-release': u'ID="centos"\n'})
    found = look(host, {'users': [getpass.getuser(), u'nie\u017ee']})
    assert found['kind'] == 'rpm'
    assert found['installed']['docker-ce']['version'] == '26.1.4'
    assert found['holds'] == {'tool': 'dnf', 'missing': 'python3-dnf-plugin-versionlock', 'off': '', 'entries': []}
    # A primary group counts as well.
    assert found['users'] == {me.pw_name: True, u'nie\u017ee': None}
    argv = host.asked[0][0]
    assert argv[:2] == ['rpm', '--query'] and argv[argv.index('--') + 1:] == found['asked']


def test_look_without_a_package_database():
    found = look(RecordedHost([], [], {'/etc/os-release': u'ID=alpine\n'}), {})
    assert found['kind'] is None and found['installed'] == {} and found['holds']['tool'] == ''
