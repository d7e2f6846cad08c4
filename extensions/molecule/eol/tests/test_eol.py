# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CentOS 7's own repositories: repaired as far as Docker needs it, and given back byte by byte."""

from __future__ import annotations

FOLDER = '/etc/yum.repos.d'
BEFORE = '/var/lib/lab-before'
BASE = FOLDER + '/CentOS-Base.repo'


def test_the_engine_runs(host):
    assert host.check_output('systemctl is-active docker.service') == 'active'
    assert 'Hello from' in host.check_output('docker run --rm hello-world')


def test_its_dependencies_came_from_the_vault(host):
    for name in ('container-selinux', 'fuse-overlayfs', 'slirp4netns'):
        assert host.run('rpm -q %s', name).rc == 0


def test_centos_leads_to_the_vault_of_the_mirrors_people_and_checks_signatures(host):
    text = host.file(BASE).content_string
    assert 'baseurl=https://mirrors.tuna.tsinghua.edu.cn/centos-vault/7.9.2009/extras/$basearch/\n' in text
    assert text.count('\nmirrorlist=') == 0
    assert text.count('gpgcheck=1') == host.file(BEFORE + '/CentOS-Base.repo').content_string.count('gpgcheck=1')
    assert host.run('dnf -q repolist --refresh').rc == 0


def test_files_of_others_are_untouched(host):
    assert host.run('cmp %s/epel.repo %s/epel.repo', FOLDER, BEFORE).rc == 0


def absent(host, run_module):
    """As the role asks for it: the key to take away is the one that it brought."""
    return run_module('package_repository', state='absent', fingerprints=host.ansible.get_variables()['docker_repo_key_fingerprints'])


def test_an_absent_that_fails_half_way_takes_everything_back(host, run_module):
    """The key is out of rpm's database by then, and comes back."""
    keys = sorted(host.check_output('rpm -qa gpg-pubkey').split())
    files = host.check_output('find /etc/yum.repos.d /etc/pki/rpm-gpg -type f | sort | xargs sha256sum')
    assert keys
    host.check_output('mount --bind %s %s && mount -o remount,bind,ro %s', FOLDER, FOLDER, FOLDER)
    try:
        refused = absent(host, run_module)
    finally:
        host.check_output('umount %s', FOLDER)
    assert not refused['changed'] and 'Read-only file system' in refused['msg']
    assert refused['msg'].endswith('What had been written before it was taken back.')
    assert sorted(host.check_output('rpm -qa gpg-pubkey').split()) == keys
    assert host.check_output('find /etc/yum.repos.d /etc/pki/rpm-gpg -type f | sort | xargs sha256sum') == files


def test_absent_gives_the_original_bytes_back(host, run_module):
    keys = host.check_output('rpm -qa gpg-pubkey').split()
    assert absent(host, run_module)['changed']
    assert len(host.check_output('rpm -qa gpg-pubkey').split()) == len(keys) - 1
    assert host.run('diff -r %s %s', FOLDER, BEFORE).rc == 0
    assert not host.file('/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce').exists
    assert not absent(host, run_module)['changed']
