# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._repository_audit import other_definitions
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import parse_list, parse_repo, parse_sources

RPM = {
    'path': '/etc/yum.repos.d/docker-ce.repo',
    'sections': ['docker-ce-stable'],
    'root': 'https://mirror.example/docker-ce',
    'release': {'family': 'rpm', 'distribution': 'centos', 'value': '7'},
    'releasever': None,
}
DEB = {
    'path': '/etc/apt/sources.list.d/docker.sources',
    'uri': 'https://mirror.example/docker-ce/linux/debian',
    'suite': 'bookworm',
    'signed_by': '/etc/apt/keyrings/docker.asc',
    'root': 'https://mirror.example/docker-ce',
    'release': {'family': 'deb', 'distribution': 'debian', 'value': 'bookworm'},
    'releasever': None,
}
STOCK_2019 = '''[docker-ce-stable]
name=Docker CE Stable - $basearch
baseurl=https://download.docker.com/linux/centos/7/$basearch/stable
enabled=1
gpgcheck=1
gpgkey=https://download.docker.com/linux/centos/gpg

[docker-ce-stable-debuginfo]
baseurl=https://download.docker.com/linux/centos/7/debug-$basearch/stable
enabled=0

[docker-ce-edge]
baseurl=https://download.docker.com/linux/centos/7/$basearch/edge
enabled=0

[docker-ce-nightly]
baseurl=https://download.docker.com/linux/centos/7/$basearch/nightly
enabled=0
'''


def section(url, more='', name='mine'):
    return [{'path': '/etc/yum.repos.d/x.repo', 'sections': parse_repo('[%s]\nbaseurl=%s\n%s' % (name, url, more))}]


def release(distribution, value):
    return {'family': 'rpm', 'distribution': distribution, 'value': value}


MIRROR = 'https://mirror.example/docker-ce/linux/'


@pytest.mark.parametrize('case, files, target, words', [
    ('B05', section(MIRROR + 'rhel/9.4/x86_64/stable'), dict(RPM, release=release('rhel', '9')), 'Docker has no folder linux/rhel/9.4'),
    ('B05', section(MIRROR + 'rhel/$releasever/x86_64/stable'), dict(RPM, release=release('rhel', '9'), releasever='9.4'), '$releasever is "9.4" on this host'),
    ('B06', section(MIRROR + 'centos/7Server/x86_64/stable'), RPM, 'Docker has no folder linux/centos/7Server'),
    ('B10', section(MIRROR + 'centos/7.9.2009/$basearch/stable'), RPM, 'Docker has no folder linux/centos/7.9.2009'),
    ('B14', section(MIRROR + 'fedora/8/x86_64/stable'), dict(RPM, release=release('rhel', '8')), 'linux/fedora is not for this host, linux/rhel/8 is'),
    ('B15', section(MIRROR + 'centos/8/x86_64/stable'), dict(RPM, release=release('rhel', '8')), 'linux/centos/8 is frozen since May 2024'),
    ('B15', section(MIRROR + 'centos/$releasever/x86_64/stable'), dict(RPM, release=release('rhel', '8')), 'linux/centos/8 is frozen since May 2024'),
    ('B17', section('https://download.docker.com/linux/centos/7/$basearch/stable'), RPM, 'it still leads to the origin'),
    ('B20', section(MIRROR + 'centos/7/x86_64/stable', 'gpgkey=' + MIRROR + 'centos/gpg'), RPM, 'key and packages come from the same hand (mirror.example)'),
    ('', section(MIRROR + 'centos/7/x86_64/stable', 'gpgcheck=0'), RPM, 'signatures are not checked'),
    ('', section(MIRROR + 'centos/7/x86_64/nightly', 'enabled=0', 'docker-ce-nightly'), RPM, 'Docker has this section no more'),
])  # fmt: skip
def test_faults(case, files, target, words):
    (other,) = other_definitions(files, target)
    assert words in other.fault
    assert not other.conflict


@pytest.mark.parametrize('files', [
    section('https://mirror.example/docker-ce/linux/centos/7/x86_64/stable', 'gpgkey=https://download.docker.com/linux/centos/gpg'),
    section('https://mirror.example/docker-ce/linux/centos/$releasever/x86_64/stable', 'gpgkey=file:///etc/pki/rpm-gpg/docker'),
])  # fmt: skip
def test_a_sound_second_source_is_only_that(files):
    assert [other.fault for other in other_definitions(files, RPM)] == ['a second source of Docker\'s packages']


def test_the_file_of_2019_under_another_name():
    others = other_definitions([{'path': '/etc/yum.repos.d/docker-ce.bak.repo', 'sections': parse_repo(STOCK_2019)}], RPM)
    assert [(other.section, other.conflict, other.on) for other in others] == [
        ('docker-ce-stable', True, True),
        ('docker-ce-stable-debuginfo', False, False),
        ('docker-ce-edge', False, False),
        ('docker-ce-nightly', False, False),
    ]
    assert 'the same section as in /etc/yum.repos.d/docker-ce.repo' in others[0].fault
    assert others[0].span == (0, 5)


def test_repositories_of_others_are_no_business_of_ours():
    files = section('https://mirror.example/centos/7/os/x86_64') + section('https://nexus.example/repository/docker-hosted', name='docker-images')
    files += [{'path': '/etc/apt/sources.list', 'entries': parse_list('deb http://deb.debian.org/debian bookworm main\n')}]
    assert other_definitions(files, RPM) == other_definitions(files, DEB) == []


@pytest.mark.parametrize('line, conflict', [
    ('deb https://mirror.example/docker-ce/linux/debian bookworm stable', True),
    ('deb [arch=amd64] https://mirror.example/docker-ce/linux/debian/ bookworm stable', True),
    ('deb [signed-by=/usr/share/keyrings/docker.gpg] https://mirror.example/docker-ce/linux/debian bookworm stable', True),
    ('deb [signed-by=/etc/apt/keyrings/docker.asc] https://mirror.example/docker-ce/linux/debian bookworm test', False),
    ('deb https://mirror.example/docker-ce/linux/debian trixie stable', False),
    ('deb https://download.docker.com/linux/debian bookworm stable', False),
])  # fmt: skip
def test_B25_what_stops_apt(line, conflict):
    (other,) = other_definitions([{'path': '/etc/apt/sources.list.d/docker.list', 'entries': parse_list(line + '\n')}], DEB)
    assert other.conflict == conflict


def test_B25_a_key_inside_the_file():
    text = 'Types: deb\nURIs: https://mirror.example/docker-ce/linux/debian\nSuites: bookworm\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n'
    (other,) = other_definitions([{'path': '/x.sources', 'entries': parse_sources(text)}], DEB)
    assert other.conflict and '(-----BEGIN PGP PUBLIC KEY BLOCK-----)' in other.fault
    assert other_definitions([{'path': '/x.sources', 'entries': parse_sources('Enabled: no\n' + text)}], DEB) == []
