# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a daemon is to answer, asked of real sockets."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import socket
import ssl
import threading

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._look_endpoints import address_of, ask, endpoints_of
from ansible_collections.dockfleet.host.tests.unit.servers import Authority, Server, answer, closed_port

DOCKERD = ['/usr/bin/dockerd']


@pytest.mark.parametrize('command, options, expected', [
    (['-H', 'fd://', '--containerd=/run/containerd/containerd.sock'], {}, ['fd://']),
    (['--host=unix:///run/a.sock', '-H=tcp://127.0.0.1:2375', '--host', 'fd://', '-Hunix:///run/b.sock', ''], {},
     ['unix:///run/a.sock', 'tcp://127.0.0.1:2375', 'fd://', 'unix:///run/b.sock']),
    ([], {'hosts': ['fd://', 'tcp://0.0.0.0:2376', 'fd://']}, ['fd://', 'tcp://0.0.0.0:2376']),
    ([], {}, ['unix:///var/run/docker.sock']),
    ([], {'hosts': None}, ['unix:///var/run/docker.sock']),
    ([], {'hosts': 'broken'}, ['unix:///var/run/docker.sock']),
    (['-H'], {}, ['']),
])
def test_endpoints_of(command, options, expected):
    assert endpoints_of(DOCKERD + command, options) == expected


@pytest.mark.parametrize('rest, with_tls, expected', [
    ('0.0.0.0:2376', True, (socket.AF_INET, ('127.0.0.1', 2376))),
    ('[::]:2376', True, (socket.AF_INET6, ('::1', 2376))),
    (':2375', False, (socket.AF_INET, ('127.0.0.1', 2375))),
    ('', True, (socket.AF_INET, ('127.0.0.1', 2376))),
    ('192.0.2.1', False, (socket.AF_INET, ('192.0.2.1', 2375))),
    ('192.0.2.1:9000/', False, (socket.AF_INET, ('192.0.2.1', 9000))),
    ('[fd00::1]', True, (socket.AF_INET6, ('fd00::1', 2376))),
])
def test_address_of(rest, with_tls, expected):
    assert address_of(rest, with_tls) == expected


def engine(request):
    return answer(b'OK') if request.target == '/_ping' else answer(b'no', status='404 Not Found')


def test_tcp():
    with Server(engine) as server:
        assert ask('tcp://127.0.0.1:%d' % server.port, False) == ''
        assert ask('tcp://0.0.0.0:%d' % server.port, False) == ''
    assert ask('tcp://127.0.0.1:%d' % closed_port(), False) == 'connection refused'


@pytest.mark.parametrize('said', [answer(b'<html>'), answer(b'OK', status='404 Not Found'), b'SSH-2.0-OpenSSH\r\n'])
def test_something_else_that_listens_there(said):
    with Server(lambda request: said) as server:
        assert ask('tcp://127.0.0.1:%d' % server.port, False).startswith('it answers, but not as the API of an engine')


def test_unix_socket(tmpdir):
    path = str(tmpdir.join('docker.sock'))
    assert ask('unix://' + path, False) == 'no such file or directory'
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(1)

    def serve():
        connection = listener.accept()[0]
        connection.recv(65536)
        connection.sendall(answer(b'OK'))
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    assert ask('unix://' + path, True) == ''
    thread.join()
    listener.close()
    assert ask('unix://' + path, False) == 'connection refused'


def test_a_scheme_that_is_none():
    assert ask('npipe:////./pipe/docker_engine', False) == 'its scheme is unknown'


@pytest.fixture(scope='module')
def authority(tmpdir_factory):
    return Authority(str(tmpdir_factory.mktemp('authority')), 'mine')


class Strict(Server):
    """Wants a certificate of its clients, as a daemon does with tlsverify."""

    def __init__(self, authority):
        super(Strict, self).__init__(engine, certificate=authority.issue('m.example'))
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.load_verify_locations(authority.certificate)


def test_a_client_without_a_certificate_is_turned_away_and_that_is_right(authority):
    with Strict(authority) as server:
        assert ask('tcp://127.0.0.1:%d' % server.port, True) == ''
        assert server.requests == []


def test_tls(authority):
    with Server(engine, certificate=authority.issue('n.example')) as server:
        assert ask('tcp://127.0.0.1:%d' % server.port, True) == ''
        # told of no TLS, but there it is
        assert ask('tcp://127.0.0.1:%d' % server.port, False) != ''
    with Server(engine) as server:
        assert ask('tcp://127.0.0.1:%d' % server.port, True) != ''
