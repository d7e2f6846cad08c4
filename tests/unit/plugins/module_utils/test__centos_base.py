# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._centos_base import (
    CHOICES,
    VAULTS,
    files_to_change,
    is_centos_7,
    original,
    own_repository,
    rewritten,
    vault_order,
    vault_root,
    without_mark,
)
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import parse_repo

LIST = 'mirrorlist=http://mirrorlist.centos.org/?release=$releasever&arch=$basearch&repo=%s&infra=$infra\n'


def section(text):
    (found,) = parse_repo('[x]\n' + text)
    return found


@pytest.mark.parametrize('text, machine, repository', [
    (LIST % 'os', 'x86_64', 'os'),
    (LIST % 'extras', 'aarch64', 'extras'),
    ('baseurl=http://mirror.centos.org/centos/$releasever/updates/$basearch/\n', 'x86_64', 'updates'),
    ('baseurl=http://mirror.centos.org/centos/7/cr/x86_64/\n', 'x86_64', 'cr'),
    ('baseurl=http://mirror.centos.org/altarch/7/extras/aarch64/\n', 'aarch64', 'extras'),
    ('baseurl=https://vault.centos.org/7.9.2009/os/$basearch/\n', 'x86_64', 'os'),
    ('baseurl=http://vault.centos.org/7.9.2009/extras/x86_64/\n', 'x86_64', 'extras'),
    ('baseurl=https://vault.centos.org/altarch/7.9.2009/os/$basearch/\n', 'aarch64', 'os'),
    ('baseurl=https://mirrors.ustc.edu.cn/centos-vault/centos/7/centosplus/$basearch/\n', 'x86_64', 'centosplus'),
    # What is not CentOS's own, or not in the folders that the table knows.
    (LIST % 'sclo', 'x86_64', None),
    ('baseurl=http://mirror.corp.example/centos/7/os/x86_64/\n', 'x86_64', None),
    ('metalink=https://mirrors.fedoraproject.org/metalink?repo=epel-7&arch=$basearch\n', 'x86_64', None),
    ('baseurl=https://download.docker.com/linux/centos/7/x86_64/stable\n', 'x86_64', None),
    ('enabled=0\n', 'x86_64', None),
])  # fmt: skip
def test_own_repository(text, machine, repository):
    assert own_repository(section(text), machine) == repository


@pytest.mark.parametrize('name, machine, root', [
    ('vault', 'x86_64', 'https://vault.centos.org/7.9.2009'),
    ('vault', 'aarch64', 'https://vault.centos.org/altarch/7.9.2009'),
    ('vault', 'ppc64le', 'https://vault.centos.org/altarch/7.9.2009'),
    ('ustc', 'x86_64', 'https://mirrors.ustc.edu.cn/centos-vault/centos/7'),
    ('aliyun', 'aarch64', None),
])  # fmt: skip
def test_vault_layouts_differ_by_people_and_architecture(name, machine, root):
    assert vault_root(name, machine) == root


def test_every_vault_can_be_wished_for():
    assert sorted(VAULTS) == sorted(CHOICES[2:])


def test_the_vault_of_the_mirrors_own_people_comes_first():
    assert vault_order('official', 'x86_64') == ['vault', 'tsinghua', 'aliyun', 'ustc']
    assert vault_order('aliyun', 'x86_64') == ['aliyun', 'vault', 'tsinghua', 'ustc']
    assert vault_order('aliyun', 'aarch64') == ['vault']


@pytest.mark.parametrize('os_release, expected', [
    ({'ID': 'centos', 'VERSION_ID': '7'}, True),
    ({'ID': 'centos', 'VERSION_ID': '8'}, False),
    ({'ID': 'rhel', 'VERSION_ID': '7.9'}, False),
    ({}, False),
])  # fmt: skip
def test_is_centos_7(os_release, expected):
    assert is_centos_7({'os_release': os_release}) == expected


@pytest.mark.parametrize('text, base, changes', [
    ('[base]\n' + LIST % 'os', 'keep', False),
    ('[base]\n' + LIST % 'os', 'auto', True),
    ('[base]\n' + LIST % 'os', 'vault', True),
    # Switched off: nobody waits for it.
    ('[C7.0-base]\n' + LIST % 'os' + 'enabled=0\n', 'auto', False),
    ('[extras]\nbaseurl=https://vault.centos.org/7.9.2009/extras/$basearch/\nenabled=0\n', 'auto', True),
    ('[base]\nbaseurl=https://vault.centos.org/7.9.2009/os/$basearch/\n', 'auto', False),
    ('[base]\nbaseurl=https://vault.centos.org/7.9.2009/os/$basearch/\n', 'vault', False),
    ('[base]\nbaseurl=http://vault.centos.org/7.9.2009/os/$basearch/\n', 'vault', False),
    ('[base]\nbaseurl=https://vault.centos.org/7.9.2009/os/$basearch/\n', 'aliyun', True),
    ('[epel]\nmetalink=https://mirrors.fedoraproject.org/metalink?repo=epel-7&arch=$basearch\n', 'vault', False),
])  # fmt: skip
def test_files_to_change(text, base, changes):
    files = [{'path': '/etc/yum.repos.d/x.repo', 'sections': parse_repo(text)}]
    assert files_to_change(files, base, 'x86_64') == (['/etc/yum.repos.d/x.repo'] if changes else [])


def test_only_the_lines_that_lead_away_are_changed_and_found_again():
    content = b'\xff\r\n[base]\r\nname=Base\r\n' + (LIST % 'os').encode('ascii') + b'gpgcheck=1\r\n\r\n[epel]\nbaseurl=http://a\n  http://b\nenabled = 0\n'
    changed = rewritten(content, 'https://vault.centos.org/7.9.2009', 'auto', 'x86_64', '/etc/yum.repos.d/x.repo.dockfleet.bak')
    assert original(content) == (None, None)
    assert original(changed) == ('x.repo.dockfleet.bak', True)
    assert original(changed + b'# mine\n') == ('x.repo.dockfleet.bak', False)
    assert without_mark(changed) == content.replace(
        b'mirrorlist=', b'baseurl=https://vault.centos.org/7.9.2009/os/$basearch/\n#mirrorlist='
    )  # fmt: skip


def test_a_url_on_several_lines_goes_as_a_whole():
    content = b'[base]\nbaseurl=http://mirror.centos.org/centos/7/os/x86_64/\n\thttp://other.example/os\nmirrorlist=http://x\nname=y\n  z\n'
    body = without_mark(rewritten(content, 'https://v', 'vault', 'x86_64', 'x'))
    assert body == (
        b'[base]\nbaseurl=https://v/os/$basearch/\n#baseurl=http://mirror.centos.org/centos/7/os/x86_64/\n#\thttp://other.example/os\n#mirrorlist=http://x\n'
        b'name=y\n  z\n'
    )
