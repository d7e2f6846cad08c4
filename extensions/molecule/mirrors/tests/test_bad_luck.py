# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A network that lies, a disk that is full, a clock that is wrong: each is named, nothing is changed, and the next run completes."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[4]
PREFIX = os.environ['MOLECULE_SCENARIO_NAME']
# Dead in this scenario, but for these tests.
NAME, MIRROR = 'mirrors.tencent.com', 'tencent'
SNAPSHOT = 'find /etc -xdev -type f | sort | xargs sha256sum; rpm -qa gpg-pubkey 2>/dev/null; true'
# What the module writes, by host.
FOLDERS = {'el7': 'etc/yum.repos.d etc/pki/rpm-gpg', 'debian12': 'etc/apt'}


@contextlib.contextmanager
def fault(how, name=NAME, after='dead'):
    subprocess.run([ROOT / 'tests/lab/fault', PREFIX, name, how], check=True)
    try:
        yield
    finally:
        subprocess.run([ROOT / 'tests/lab/fault', PREFIX, name, after], check=True)


@pytest.fixture
def name(host):
    return host.ansible.get_variables()['inventory_hostname']


@pytest.fixture
def options(host):
    """To a mirror that is not in use here, so that it has to be asked."""
    return {'root': MIRROR, 'candidates': [MIRROR], 'timeout': 2, 'fingerprints': host.ansible.get_variables()['docker_repo_key_fingerprints']}


def shell(host, command):
    """Past Ansible, which takes ten times as long to run a command."""
    container = '%s-%s' % (PREFIX, host.ansible.get_variables()['inventory_hostname'])
    return subprocess.run(['docker', 'exec', container, 'sh', '-c', command], stdout=subprocess.PIPE, check=True).stdout


def snapshot(host):
    return shell(host, SNAPSHOT)


@pytest.fixture(autouse=True)
def as_it_was(host, name):
    """The other tests of this scenario are about what auto chose: they find it."""
    shell(host, 'cd / && tar -cf /var/lib/lab-kept.tar %s' % FOLDERS[name])
    yield
    shell(host, 'cd / && rm -rf %s && tar -xf /var/lib/lab-kept.tar && rm /var/lib/lab-kept.tar' % FOLDERS[name])


@pytest.fixture
def repository(run_module):
    def run(options):
        return run_module('package_repository', **options)

    return run


def refused(host, repository, options, words):
    before = snapshot(host)
    answered = repository(options)
    assert answered.get('failed') and not answered['changed'], answered
    for word in words:
        assert word in answered['msg']
    assert 'Traceback' not in answered['msg']
    assert snapshot(host) == before


@pytest.mark.parametrize(
    'how, words',
    [
        ('nxdomain', ['dns: ', 'mirrors.tencent.com']),
        ('poisoned', ['tls: ', 'certificate is for']),
        ('dead', ['tcp: connection refused']),
        ('silent', ['tcp: no answer within 2 s']),
        ('reset', ['tls: connection reset']),
        ('wrong-name', ['tls: ', 'certificate is for']),
        ('expired', ['tls: ', 'expired']),
        ('self-signed', ['tls: ', 'self-signed']),
        ('unknown-authority', ['tls: ', 'authority']),
        ('forbidden', ['http 403', 'Forbidden']),
        ('not-found', ['http 404']),
        ('unavailable', ['http 503']),
        ('html', ['web page']),
        ('empty', ['an empty file']),
        ('no-primary', ['mid-sync: the index names', 'http 404']),
        ('bad-checksum', ['mid-sync: ']),
        ('slow', ['too slow: only ', 'bytes/s']),
    ],
)
def test_a_mirror_that_fails_is_named_with_stage_and_cause_and_nothing_changes(host, repository, options, how, words):
    with fault(how):
        refused(host, repository, options, ['Mirror "tencent" cannot serve'] + words + ['Set docker_repo_mirror', 'Nothing was changed'])


def test_b19_a_mirror_without_the_key_needs_none(host, repository, options):
    """It is taken from elsewhere, and proven all the same."""
    with fault('no-key'):
        key = repository(options)['key_path']
        before = host.file(key).sha256sum
        host.check_output('rm %s', key)
        again = repository(options)
        assert again['changed'] and host.file(key).sha256sum == before
        assert not repository(options)['changed']


@contextlib.contextmanager
def full(host, folder):
    """The folder is a disk of its own on which no byte is left."""
    host.check_output('mkdir /var/lib/lab-disk && cp -a %s/. /var/lib/lab-disk/ && mount -t tmpfs -o size=64k tmpfs %s', folder, folder)
    try:
        host.check_output('cp -a /var/lib/lab-disk/. %s/', folder)
        assert 'No space left' in host.run('cat /dev/zero > %s/filler', folder).stderr
        yield
        host.check_output('rm %s/filler', folder)
        assert host.run('diff -r %s /var/lib/lab-disk', folder).rc == 0
    finally:
        host.check_output('umount %s && rm -r /var/lib/lab-disk', folder)


def test_a_full_disk_leaves_every_file_as_it_was_and_the_next_run_completes(host, name, repository, options):
    repository(dict(options, root='huawei', candidates=[]))
    with fault('heal'):
        folder = '/etc/yum.repos.d' if name == 'el7' else '/etc/apt/sources.list.d'
        with full(host, folder):
            refused(host, repository, options, ['cannot be written: No space left on device. It was left as it was. Make room', 'Nothing was changed.'])
        done = repository(options)
        assert done['changed'] and NAME in done['root']


def test_a_read_only_folder(host, name, repository, options):
    repository(dict(options, root='huawei', candidates=[]))
    with fault('heal'):
        folder = '/etc/yum.repos.d' if name == 'el7' else '/etc/apt/sources.list.d'
        host.check_output('mount --bind %s %s && mount -o remount,bind,ro %s', folder, folder, folder)
        try:
            refused(host, repository, options, ['cannot be written: Read-only file system', 'Nothing was changed.'])
        finally:
            host.check_output('umount %s', folder)
        assert repository(options)['changed']


@pytest.mark.parametrize(
    'clock, words',
    [
        ('-20y', ['certificate is not yet valid', 'check the clock']),
        ('+80y', ['certificate expired on', 'check the clock']),
    ],
)
def test_a_clock_that_is_far_off_is_named(host, name, repository, options, clock, words):
    """The host says what its clock shows: no person would look for it behind a certificate."""
    repository(dict(options, root='huawei', candidates=[]))
    library = host.check_output('find /usr/lib -name libfaketime.so.1')
    playbook = ROOT / '.cache' / ('clock-%s.yml' % PREFIX)
    task = {'dockfleet.host.package_repository': options, 'environment': {'LD_PRELOAD': library, 'FAKETIME': clock}}
    playbook.write_text(json.dumps([{'hosts': name, 'become': True, 'gather_facts': False, 'tasks': [task]}]))
    before = snapshot(host)
    with fault('heal'):
        done = subprocess.run(
            ['ansible-playbook', str(playbook), '-i', str(ROOT / 'tests/lab/inventory')],
            env=dict(os.environ, LAB_PREFIX=PREFIX, ANSIBLE_FORCE_COLOR='0'),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    assert done.returncode != 0
    for word in words:
        assert word in done.stdout
    assert snapshot(host) == before
