# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import json
import os

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _look_repositories
from ansible_collections.dockfleet.host.plugins.module_utils._host import Host

REPO = u'''[docker-ce-stable]
name=Docker für alle
baseurl=https://user:s3cret@mirror.example/docker-ce/linux/centos/7/x86_64/stable
proxy=http://me:hidden@proxy.example:3128
password=alsohidden
gpgkey=file://{folder}/other-key
'''
LIST = u'deb [signed-by={folder}/missing.asc] https://u:s3cret@mirror.example/docker-ce/linux/debian bookworm stable\n'


@pytest.fixture
def folder(tmpdir, monkeypatch):
    monkeypatch.setattr(_look_repositories, 'YUM_FOLDER', str(tmpdir))
    monkeypatch.setattr(_look_repositories, 'APT_FOLDER', str(tmpdir))
    monkeypatch.setattr(_look_repositories, 'APT_LIST', str(tmpdir.join('sources')))
    monkeypatch.setattr(_look_repositories, 'RPM_KEY', str(tmpdir.join('rpm-key')))
    monkeypatch.setattr(_look_repositories, 'APT_KEY', str(tmpdir.join('apt-key')))
    monkeypatch.setattr(_look_repositories, 'RELEASEVER_FILES', (str(tmpdir.join('none')), str(tmpdir.join('releasever'))))
    for name, text in (('docker-ce.repo', REPO), ('docker.list', LIST)):
        with open(str(tmpdir.join(name)), 'wb') as stream:
            stream.write(text.format(folder=tmpdir).encode('utf-8'))
    return str(tmpdir)


def look(salt=None):
    return _look_repositories.look(Host(None, salt=salt), {})


def test_a_look_on_the_host_holds_everything(folder):
    os.chmod(os.path.join(folder, 'docker-ce.repo'), 0o640)
    with open(os.path.join(folder, 'docker-ce.repo'), 'rb') as stream:
        digest = hashlib.sha256(stream.read()).hexdigest()
    repo, apt = look()['files']
    assert (repo['path'], repo['sha256'], repo['mode']) == (os.path.join(folder, 'docker-ce.repo'), digest, '0640')
    assert u'Docker für alle'.encode('utf-8') in repo['content']
    assert repo['sections'][0]['options']['password'] == 'alsohidden'
    assert apt['entries'][0]['uris'] == ['https://u:s3cret@mirror.example/docker-ce/linux/debian']


def test_a_look_that_travels_holds_no_secret(folder):
    found = look(salt='0123')
    assert [item['content'] for item in found['files']] == [None, None]
    assert [item['sha256'][:7] for item in found['files']] == ['digest:', 'digest:']
    travelling = json.dumps(found)
    for secret in ('s3cret', 'hidden', 'user:'):
        assert secret not in travelling
    options = found['files'][0]['sections'][0]['options']
    assert options['password'].startswith('digest:')
    assert options['baseurl'].startswith('https://digest:') and options['baseurl'].endswith('@mirror.example/docker-ce/linux/centos/7/x86_64/stable')


def test_keys_in_use_are_read(folder):
    with open(os.path.join(folder, 'other-key'), 'w') as stream:
        stream.write('no key')
    keys = look()['keys']
    assert sorted(os.path.basename(path) for path in keys) == ['apt-key', 'missing.asc', 'other-key', 'rpm-key']
    assert keys[os.path.join(folder, 'missing.asc')] is None
    key = keys[os.path.join(folder, 'other-key')]
    assert key['keys'] == [] and 'cannot be used as a key' in key['fault'] and key['mode'] == '0644'


def test_releasever_and_files_moved_aside(folder):
    assert look()['releasever'] is None
    for name, text in (('releasever', '9.4\n'), ('docker.list.dockfleet.bak', '')):
        with open(os.path.join(folder, name), 'w') as stream:
            stream.write(text)
    found = look()
    assert found['releasever'] == '9.4'
    assert found['aside'][0]['path'] == os.path.join(folder, 'docker.list.dockfleet.bak')


def test_a_file_that_is_no_utf_8_does_not_stop_the_look(folder):
    with open(os.path.join(folder, 'latin.repo'), 'wb') as stream:
        stream.write(b'[x]\nname=caf\xe9\n')
    assert json.dumps(look(salt='0123'))
