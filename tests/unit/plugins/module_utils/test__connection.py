# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import socket
import threading

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _connection
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._net import fetch
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.tests.unit import servers
from ansible_collections.dockfleet.host.tests.unit.asking import HERE, PATIENCE, SHORT, failure, hello
from ansible_collections.dockfleet.host.tests.unit.servers import DeafPort, Server, Tunnel, answer, closed_port

pytestmark = pytest.mark.usefixtures('no_proxy_from_outside')


@pytest.mark.parametrize('maker, cause', [
    (lambda world: world.authority.issue('x.example'), u'certificate is for another name (x.example)'),
    (lambda world: world.authority.issue('m.example', start=servers.LONG_AGO, end=servers.PAST), u'certificate expired on 2024-01-01'),
    (lambda world: world.authority.issue('m.example', start=servers.FUTURE, end=servers.FAR_FUTURE), u'certificate is not yet valid (only from 2049-01-01)'),
    (lambda world: world.authority.issue_self_signed('m.example'), u'self-signed certificate'),
    (lambda world: world.stranger.issue('m.example'), u'certificate is signed by an unknown authority'),
], ids=['another name', 'expired', 'not yet valid', 'self-signed', 'unknown authority'])  # fmt: skip
def test_bad_certificates_are_told_apart(world, maker, cause):
    with Server(hello, maker(world)) as server:
        error = failure(fetch, server.url(host='m.example'), ca_file=world.authority.certificate, resolve=HERE)
    assert (error.stage, error.address) == (u'tls', u'127.0.0.1')
    assert error.cause.startswith(cause)
    assert server.requests == []


def test_system_trust_does_not_know_the_lab(world):
    with Server(hello, world.good) as server:
        error = failure(fetch, server.url(host='m.example'), resolve=HERE)
    assert (error.stage, error.cause) == (u'tls', u'certificate is signed by an unknown authority')


def test_certificate_for_an_address(world):
    with Server(hello, world.authority.issue('a', ['IP:127.0.0.1'])) as server:
        assert fetch(server.url(), ca_file=world.authority.certificate, timeout=PATIENCE).status == 200
    with Server(hello, world.authority.issue('a', ['IP:127.0.0.2', 'DNS:127.0.0.1'])) as server:
        error = failure(fetch, server.url(), ca_file=world.authority.certificate)
    assert error.cause == u'certificate is for another name (127.0.0.2, 127.0.0.1)'


def test_name_that_does_not_exist():
    assert failure(fetch, u'https://no-such-name.invalid/', timeout=5).stage == u'dns'


@pytest.mark.parametrize('code, words', [
    (socket.EAI_NONAME, u'the name does not exist (m.example)'),
    (socket.EAI_AGAIN, u'the name servers do not answer or failed (m.example)'),
    (socket.EAI_FAIL, u'the name servers refuse to answer (m.example)'),
    (12345, u'the name cannot be looked up (m.example)'),
])  # fmt: skip
def test_words_for_name_trouble(code, words):
    assert _connection._dns_cause(socket.gaierror(code, 'x'), u'm.example') == words


def test_resolver_that_hangs(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(socket, 'getaddrinfo', lambda *dummy: released.wait(PATIENCE) and [])
    error = failure(fetch, u'https://m.example/', timeout=SHORT)
    released.set()
    assert (error.stage, error.cause) == (u'dns', u'the name servers do not answer within 0.3 s (looking up m.example)')


def test_refused_port():
    error = failure(fetch, u'http://127.0.0.1:%d/x' % closed_port())
    assert (error.stage, error.cause, error.address) == (u'tcp', u'connection refused', u'127.0.0.1')


def test_port_that_never_answers():
    with DeafPort() as deaf:
        error = failure(fetch, u'http://127.0.0.1:%d/' % deaf.port, timeout=SHORT)
    assert (error.stage, error.cause) == (u'tcp', u'no answer within 0.3 s')


def test_next_address_where_the_first_refuses():
    with Server(hello) as server:
        response = fetch(server.url(host='m.example'), resolve={u'm.example': ['127.0.0.2', '127.0.0.1']}, timeout=PATIENCE)
    assert response.address == u'127.0.0.1'


def test_next_address_where_the_first_never_answers():
    with Server(hello) as server:
        with DeafPort('127.0.0.2', server.port):
            response = fetch(server.url(host='m.example'), resolve={u'm.example': ['127.0.0.2', '127.0.0.1']}, timeout=2)
    assert response.address == u'127.0.0.1'


def test_all_addresses_fail():
    error = failure(fetch, u'http://m.example:%d/' % closed_port(), resolve={u'm.example': ['127.0.0.2', '127.0.0.1']})
    assert (error.cause, error.address) == (u'connection refused', u'127.0.0.2')


def test_ipv6():
    with Server(hello, address='::1') as server:
        response = fetch(server.url(), timeout=PATIENCE)
        assert (response.status, response.address) == (200, u'::1')
        assert server.requests[0].headers['host'] == '[::1]:%d' % server.port
        both = {u'm.example': ['127.0.0.1', '::1']}
        assert fetch(server.url(host='m.example'), resolve=both, timeout=PATIENCE).address == u'::1'
        assert failure(fetch, server.url(host='m.example'), resolve=both, family=socket.AF_INET).cause == u'connection refused'


def test_reset_in_the_tls_handshake(world):
    with Server(greet=servers.reset, certificate=world.good) as server:
        error = failure(fetch, server.url())
    assert (error.stage, error.cause) == (u'tls', u'connection reset during the TLS handshake')


def test_hang_up_in_the_tls_handshake(world):
    with Server(greet=servers.hang_up, certificate=world.good) as server:
        error = failure(fetch, server.url())
    assert (error.stage, error.cause) == (u'tls', u'connection closed during the TLS handshake')


def test_silence_in_the_tls_handshake(world):
    with Server(greet=lambda connection: server.stopped.wait(PATIENCE), certificate=world.good) as server:
        error = failure(fetch, server.url(), timeout=SHORT)
    assert (error.stage, error.cause) == (u'tls', u'no answer within 0.3 s')


def test_plain_http_on_the_tls_port():
    with Server(greet=lambda connection: connection.sendall(answer(b'hello')) or True) as server:
        error = failure(fetch, server.url().replace(u'http:', u'https:'))
    assert error.stage == u'tls'
    assert error.cause.startswith(u'the server does not speak TLS on this port')


@pytest.mark.parametrize('content, why', [(None, u'no such file or directory'), ('', u'holds no certificate'), ('-----BEGIN', u'holds no certificate')])
def test_unusable_file_of_authorities(tmpdir, content, why):
    path = tmpdir.join('ca.pem')
    if content is not None:
        path.write(content)
    with pytest.raises(DockfleetError) as caught:
        fetch(u'https://127.0.0.1:%d/' % closed_port(), ca_file=str(path), timeout=PATIENCE)
    assert not isinstance(caught.value, NetError)
    assert why in caught.value.message and str(path) in caught.value.message


def test_handshake_proves_an_address(world):
    with Server(hello, world.good) as server:
        times = _connection.handshake(u'm.example', u'127.0.0.1', server.port, ca_file=world.authority.certificate, timeout=PATIENCE)
        assert sorted(times) == ['tcp_ms', 'tls_ms']
        error = failure(_connection.handshake, u'registry.example', u'127.0.0.1', server.port, ca_file=world.authority.certificate)
    assert (error.stage, error.cause, error.address) == (u'tls', u'certificate is for another name (m.example)', u'127.0.0.1')


def test_look_up():
    assert u'127.0.0.1' in _connection.look_up(u'localhost', timeout=PATIENCE, family=socket.AF_INET)


# Proxies.


def through(tunnel, credentials=u''):
    return Server(greet=tunnel), lambda proxy: u'http://%s127.0.0.1:%d' % (credentials, proxy.port)


def test_https_through_a_proxy_with_credentials(world):
    with Server(hello, world.good) as server:
        tunnel = Tunnel({'m.example': ('127.0.0.1', server.port)}, 'Basic ' + 'dTpww6k6Lw==')
        with Server(greet=tunnel) as proxy:
            url = u'http://u:p%%C3%%A9:%%2F@127.0.0.1:%d' % proxy.port
            response = fetch(server.url(host='m.example'), proxy=url, ca_file=world.authority.certificate, timeout=PATIENCE)
            wrong = failure(fetch, server.url(host='m.example'), proxy=url.replace(u'u:', u'v:'), ca_file=world.authority.certificate)
    assert (response.status, response.body) == (200, b'hello from /')
    assert 'proxy-authorization' not in server.requests[0].headers
    assert (wrong.stage, wrong.cause) == (u'tcp', u'the proxy 127.0.0.1:%d answers 407: it wants a user name and a password' % proxy.port)


def test_certificate_is_judged_through_a_proxy_too(world):
    with Server(hello, world.authority.issue('x.example')) as server:
        with Server(greet=Tunnel({'m.example': ('127.0.0.1', server.port)})) as proxy:
            url = u'http://127.0.0.1:%d' % proxy.port
            error = failure(fetch, server.url(host='m.example'), proxy=url, ca_file=world.authority.certificate)
    assert (error.stage, error.cause) == (u'tls', u'certificate is for another name (x.example)')


def test_http_through_a_proxy():
    with Server(greet=Tunnel({})) as proxy:
        response = fetch(u'http://m.example/x', proxy=u'127.0.0.1:%d' % proxy.port, timeout=PATIENCE)
    assert response.body == b'through the proxy: http://m.example/x'


def test_proxy_out_of_the_environment(monkeypatch):
    with Server(greet=Tunnel({})) as proxy:
        monkeypatch.setenv('http_proxy', 'http://127.0.0.1:%d' % proxy.port)
        assert fetch(u'http://m.example/x', timeout=PATIENCE).body == b'through the proxy: http://m.example/x'
        with Server(hello) as server:
            assert fetch(server.url('/y', 'm.example'), proxy='', resolve=HERE, timeout=PATIENCE).body == b'hello from /y'
            monkeypatch.setenv('no_proxy', '.example')
            assert fetch(server.url('/z', 'm.example'), resolve=HERE, timeout=PATIENCE).body == b'hello from /z'


@pytest.mark.parametrize('status, words', [
    ('403 Forbidden', u'answers 403: it does not allow this'),
    ('502 Bad Gateway', u'answers 502: it cannot reach the server'),
    ('nonsense', u'does not answer like a proxy'),
])  # fmt: skip
def test_proxy_that_refuses(status, words):
    with Server(greet=Tunnel({}, status=status)) as proxy:
        error = failure(fetch, u'https://m.example/', proxy=u'http://u:s3cret@127.0.0.1:%d' % proxy.port)
    assert (error.stage, error.cause) == (u'tcp', u'the proxy 127.0.0.1:%d %s' % (proxy.port, words))
    assert u's3cret' not in error.message


def test_dead_proxies():
    error = failure(fetch, u'https://m.example/', proxy=u'http://u:s3cret@127.0.0.1:%d' % closed_port())
    assert (error.stage, error.cause) == (u'tcp', u'connection refused') and u's3cret' not in error.message
    with Server(greet=lambda connection: proxy.stopped.wait(PATIENCE)) as proxy:
        error = failure(fetch, u'https://m.example/', proxy=u'http://127.0.0.1:%d' % proxy.port, timeout=SHORT)
    assert (error.stage, error.cause) == (u'tcp', u'the proxy 127.0.0.1:%d gives no answer within 0.3 s' % proxy.port)


def test_proxy_of_another_kind():
    with pytest.raises(DockfleetError) as caught:
        fetch(u'https://m.example/', proxy='socks5://u:s3cret@p.example:1080')
    assert caught.value.message == (
        u'The proxy "socks5://p.example:1080" has the scheme "socks5"; only http proxies can be used here (they carry https as well). '
        u'Write http://p.example:1080.'
    )
