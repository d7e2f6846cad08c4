# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The look at a daemon.json, and at a socket behind which something answers as the Engine API does."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import socket
import threading

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils import _look_daemon


class Files(object):
    """A host of which only files are looked at."""

    salt = None

    def __init__(self, files):
        self.files = files

    def read(self, path):
        return self.files.get(path)

    def read_text(self, path):
        content = self.files.get(path)
        return None if content is None else content.decode('utf-8')

    def status(self, path):
        return {'mode': '0644', 'uid': 0, 'gid': 0} if path in self.files else None

    def conceal(self, secret):
        return u'digest'


def look(files, **wish):
    return _look_daemon.look(Files(files), wish)


def test_a_host_without_docker():
    found = look({})
    assert (found['exists'], found['options'], found['problem'], found['notes'], found['mode']) == (False, {}, None, [], None)
    assert (found['ours'], found['owed'], found['running'], found['info']) == ([], 'none', False, None)


def test_a_file_with_a_secret():
    found = look({'/etc/docker/daemon.json': b'\xef\xbb\xbf{"proxies": {"http-proxy": "http://u:p@proxy.example"}, "mtu": 1400}'})
    assert found['exists'] and found['notes'] == ['bom'] and found['mode'] == '0644'
    assert found['options'] == {'proxies': {'http-proxy': 'digest'}, 'mtu': 1400}


def test_a_broken_file():
    found = look({'/x.json': b'{"a": 1,}'}, path='/x.json')
    assert found['path'] == '/x.json' and found['options'] is None and found['problem']['code'] == 'trailing_comma'


STAT = b'7 (dockerd (x)) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 12 0 4242 1000 200'


@pytest.mark.parametrize('memory, owed, ours', [
    (b'{"/etc/docker/daemon.json": {"ours": [["mtu"]], "owed": "restart", "daemon": "7-4242"}}', 'restart', [['mtu']]),
    # Another daemon: it was started since, and has read the file.
    (b'{"/etc/docker/daemon.json": {"ours": [["mtu"]], "owed": "restart", "daemon": "7-4241"}}', 'none', [['mtu']]),
    (b'{"/etc/docker/other.json": {"ours": [["mtu"]], "owed": "restart", "daemon": "7-4242"}}', 'none', []),
    (b'{"/etc/docker/daemon.json": 1}', 'none', []),
    (b'[]', 'none', []),
    (b'{"/etc/dock', 'none', []),
])
def test_B88_what_is_owed_is_owed_to_one_daemon(monkeypatch, memory, owed, ours):
    monkeypatch.setattr(_look_daemon, 'ask_daemon', lambda path: None)
    found = look({_look_daemon.MEMORY: memory, _look_daemon.PID_FILE: b'7\n', '/proc/7/comm': b'dockerd\n', '/proc/7/stat': STAT})
    assert found['running'] and (found['owed'], found['ours']) == (owed, ours)


@pytest.mark.parametrize('files', [
    {},
    {_look_daemon.PID_FILE: b'7'},
    {_look_daemon.PID_FILE: b'7', '/proc/7/comm': b'sshd\n'},
    {_look_daemon.PID_FILE: b'x', '/proc/x/comm': b'dockerd\n'},
])
def test_a_pid_file_alone_is_no_daemon(files):
    assert _look_daemon.daemon_identity(Files(files)) == ''


@pytest.mark.parametrize('folders, expected', [
    ([], False),
    (['containers', 'image/overlay2/imagedb/content/sha256', 'volumes/backingFsBlockDev'], False),
    (['containers/0a1b'], True),
    (['image/overlay2/imagedb/content/sha256/0a1b'], True),
    (['volumes/data'], True),
])
def test_holds_data(tmpdir, folders, expected):
    for folder in folders:
        tmpdir.ensure(folder, dir=True)
    assert _look_daemon.holds_data(str(tmpdir)) is expected


@pytest.fixture
def api(tmpdir, monkeypatch):
    """A socket that gives one answer; returns a function that takes the answer and one that tells what was asked."""
    path = os.path.join(str(tmpdir), 's')
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(1)
    monkeypatch.setattr(_look_daemon, 'SOCKET', path)
    asked = []

    def answer(data):
        def serve():
            connection = listener.accept()[0]
            asked.append(connection.recv(4096))
            connection.sendall(data)
            connection.close()
        thread = threading.Thread(target=serve)
        thread.start()
        return thread

    yield answer, asked
    listener.close()


def test_the_api_is_asked_in_http(api):
    answer, asked = api
    thread = answer(b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"ServerVersion": "26.1.5", "Name": "caf\xc3\xa9"}')
    assert _look_daemon.ask_daemon('/info') == {u'ServerVersion': u'26.1.5', u'Name': u'caf\xe9'}
    thread.join()
    assert asked[0].startswith(b'GET /info HTTP/1.0\r\n')


@pytest.mark.parametrize('data', [b'HTTP/1.0 500 Internal Server Error\r\n\r\n{"message": "no"}', b''])
def test_a_daemon_that_cannot_answer(api, data):
    thread = api[0](data)
    assert _look_daemon.ask_daemon('/info') is None
    thread.join()


def test_reloads_are_counted(api):
    answer, asked = api
    thread = answer(b'HTTP/1.0 200 OK\r\n\r\n{"Action": "reload"}\n{"Action": "reload"}\n')
    assert _look_daemon.reloads_since(1700000000.5) == 2
    thread.join()
    assert b'since=1700000000.500000&until=' in asked[0] and b'filters=%7B' in asked[0]


def test_no_socket_is_no_answer(tmpdir, monkeypatch):
    monkeypatch.setattr(_look_daemon, 'SOCKET', os.path.join(str(tmpdir), 'none'))
    assert _look_daemon.ask_daemon('/info') is None and _look_daemon.reloads_since(0) == 0


def test_excerpt_of_an_answer():
    info = {
        'Driver': 'overlay2', 'Swarm': {}, 'Name': 'x',
        'RegistryConfig': {
            'Mirrors': ['https://m.example/'], 'InsecureRegistryCIDRs': ['127.0.0.0/8'],
            'IndexConfigs': {'docker.io': {'Secure': True}, 'r.example:5000': {'Secure': False}},
        },
    }
    assert json.loads(json.dumps(_look_daemon.excerpt(info))) == {
        'Driver': 'overlay2', 'Mirrors': ['https://m.example/'], 'InsecureRegistries': ['127.0.0.0/8', 'r.example:5000'],
    }
    assert _look_daemon.excerpt({'RegistryConfig': None}) == {'Mirrors': [], 'InsecureRegistries': []}
