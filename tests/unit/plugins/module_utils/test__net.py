# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import socket
import subprocess
import sys
import textwrap
import threading
from collections import namedtuple

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _connection, _net
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._net import fetch
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError, describe, in_seconds
from ansible_collections.dockfleet.host.plugins.module_utils._side_by_side import side_by_side
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline
from ansible_collections.dockfleet.host.tests.unit import servers
from ansible_collections.dockfleet.host.tests.unit.servers import Authority, DeafPort, Server, Tunnel, answer, closed_port

HERE = {u'm.example': ['127.0.0.1'], u'other.example': ['127.0.0.1']}
PAGE = b'<html><head><title>403 Forbidden</title><style>b{}</style></head><body><b>Access</b> denied by policy</body></html>'
# Long enough that a test which runs into it is a failed test.
PATIENCE = 30
# For what will never answer.
SHORT = 0.3

World = namedtuple('World', ('authority', 'stranger', 'good'))


@pytest.fixture(scope='module')
def world(tmpdir_factory):
    folder = str(tmpdir_factory.mktemp('authorities'))
    authority = Authority(folder, 'known')
    return World(authority, Authority(folder, 'unknown'), authority.issue('m.example'))


@pytest.fixture(autouse=True)
def no_proxy_from_outside(monkeypatch):
    for name in ('http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def failure(call, *args, **options):
    options.setdefault('timeout', PATIENCE)
    with pytest.raises(NetError) as caught:
        call(*args, **options)
    return caught.value


def hello(request):
    return answer(b'hello from ' + request.target.encode('ascii'))


# The stages up to an answer.


def test_answer_over_tls(world):
    with Server(hello, world.good) as server:
        response = fetch(server.url('/x?y=1', 'm.example'), ca_file=world.authority.certificate, resolve=HERE, timeout=PATIENCE)
    assert (response.status, response.reason, response.body) == (200, u'OK', b'hello from /x?y=1')
    assert (response.url, response.address, response.hops, response.truncated) == (server.url('/x?y=1', 'm.example'), u'127.0.0.1', [], False)
    assert all(isinstance(response.timings[name], int) for name in ('dns_ms', 'tcp_ms', 'tls_ms', 'first_byte_ms', 'total_ms'))
    assert response.bytes_per_s > 0
    sent = server.requests[0].headers
    assert (sent['host'], sent['accept-encoding'], sent['user-agent']) == ('m.example:%d' % server.port, 'identity', 'dockfleet.host')


def test_answer_over_plain_http_has_no_tls_time():
    with Server(hello) as server:
        assert fetch(server.url(), timeout=PATIENCE).timings['tls_ms'] is None


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
    with Server(greet=lambda connection: connection.sendall(answer(PAGE)) or True) as server:
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


# Answers.


def test_403_with_a_page_is_an_answer():
    with Server(lambda request: answer(PAGE, '403 Forbidden', Content_Type='text/html')) as server:
        response = fetch(server.url('/linux/centos/gpg'), timeout=PATIENCE)
        assert (response.status, response.body, response.headers.get('content-type')) == (403, PAGE, u'text/html')
        error = failure(_net.download, server.url('/linux/centos/gpg'))
    assert (error.stage, error.status) == (u'http', 403)
    assert error.cause == u'http 403 ("403 Forbidden Access denied by policy")'
    assert error.message.startswith(u'http 403 ("403 Forbidden Access denied by policy") for http://127.0.0.1:%d/linux/centos/gpg (' % server.port)


def test_200_with_a_page_is_no_download():
    with Server(lambda request: answer(b'\n<!DOCTYPE html><p>Please log in')) as server:
        error = failure(_net.download, server.url())
    assert (error.stage, error.cause) == (u'http', u'a web page instead of the file ("Please log in")')


def test_download():
    with Server(hello) as server:
        assert _net.download(server.url('/k'), timeout=PATIENCE).body == b'hello from /k'


def test_truncated_body():
    with Server(lambda request: answer(b'12345', length=100)) as server:
        error = failure(fetch, server.url())
    assert (error.stage, error.cause) == (u'http', u'the body ends early, after 5 of 100 bytes')


def test_truncated_body_over_tls(world):
    with Server(lambda request: answer(b'12345', length=100), world.good) as server:
        error = failure(fetch, server.url(host='m.example'), resolve=HERE, ca_file=world.authority.certificate)
    assert (error.stage, error.cause) == (u'http', u'the body ends early, after 5 of 100 bytes')


def test_reset_in_the_body():
    def reset_later(connection):
        connection.sendall(answer(b'12345', length=100))
        return servers.reset(connection)

    with Server(greet=reset_later) as server:
        error = failure(fetch, server.url())
    assert (error.stage, error.cause) in [
        (u'http', u'connection reset before the answer was complete'),
        (u'http', u'the body ends early, after 5 of 100 bytes'),
    ]


def test_slow_body():
    def trickle(request):
        yield answer(b'', length=1000)
        yield b'x' * 7
        server.stopped.wait(PATIENCE)

    with Server(trickle) as server:
        error = failure(fetch, server.url(), timeout=1)
    assert error.stage == u'http'
    assert error.cause.startswith(u'too slow: only 7 bytes of the body in ')
    assert 0 < error.bytes_per_s <= 7


def test_silence_instead_of_an_answer():
    with Server(lambda request: server.stopped.wait(PATIENCE) and b'') as server:
        error = failure(fetch, server.url(), timeout=SHORT)
    assert (error.stage, error.cause) == (u'http', u'no answer within 0.3 s')


@pytest.mark.parametrize('reply, cause', [
    (b'', u'connection closed without an answer'),
    (b'SSH-2.0-OpenSSH_9.2\r\n', u'the server does not speak HTTP (BadStatusLine)'),
    (b'HTTP/1.1 abc\r\n\r\n', u'the server does not speak HTTP (BadStatusLine)'),
    (b'HTTP/1.1 200 OK\r\nX: ' + b'x' * 70000, u'the server does not speak HTTP (LineTooLong)'),
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n40\r\nhel', u'the body ends in the middle of a chunk'),
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello', u'the body ends in the middle of a chunk'),
], ids=['silence', 'ssh', 'no number', 'long header', 'chunk cut short', 'no chunk'])  # fmt: skip
def test_broken_answers(reply, cause):
    with Server(lambda request: reply) as server:
        error = failure(fetch, server.url())
    assert (error.stage, error.cause) == (u'http', cause)


@pytest.mark.parametrize('reply, body', [
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n', b'hello!'),
    (b'HTTP/1.0 200 OK\r\n\r\nuntil the end', b'until the end'),
    (b'HTTP/1.1 204 No Content\r\n\r\n', b''),
    (b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', b'ok'),
    (b'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok', b'ok'),
], ids=['chunked', 'until the end', 'none', 'continue', 'no reason'])  # fmt: skip
def test_forms_of_bodies(reply, body):
    with Server(lambda request: reply) as server:
        assert fetch(server.url(), timeout=PATIENCE).body == body


def test_headers_have_no_case_and_may_repeat():
    reply = b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="a"\r\nwww-authenticate: Bearer realm="b"\r\nX-Note: \xe9\r\nContent-Length: 0\r\n\r\n'
    with Server(lambda request: reply) as server:
        headers = fetch(server.url(), timeout=PATIENCE).headers
    assert headers.get('WWW-AUTHENTICATE') == u'Basic realm="a", Bearer realm="b"'
    assert headers.get('x-note') == u'\xe9'
    assert 'Content-length' in headers and headers.get('x-none', u'-') == u'-'


def test_head_has_no_body():
    with Server(lambda request: answer(b'', length=1234)) as server:
        response = fetch(server.url(), method='HEAD', timeout=PATIENCE)
    assert (response.body, response.headers.get('content-length'), server.requests[0].method) == (b'', u'1234', 'HEAD')


def test_no_more_of_the_body_than_wished():
    with Server(lambda request: answer(b'0123456789')) as server:
        some = fetch(server.url(), max_bytes=4, timeout=PATIENCE)
        exact = fetch(server.url(), max_bytes=10, timeout=PATIENCE)
    assert (some.body, some.truncated) == (b'0123', True)
    assert (exact.body, exact.truncated) == (b'0123456789', False)


def test_endless_body_is_cut():
    def endless(request):
        yield b'HTTP/1.1 200 OK\r\n\r\n'
        while not server.stopped.is_set():
            yield b'x' * 4096

    with Server(endless) as server:
        response = fetch(server.url(), max_bytes=10000, timeout=PATIENCE)
    assert (len(response.body), response.truncated) == (10000, True)


def test_range():
    with Server(lambda request: answer(b'45', '206 Partial Content', Content_Range='bytes 4-5/10')) as server:
        response = fetch(server.url(), byte_range=(4, 5), timeout=PATIENCE)
    assert (response.status, response.body, server.requests[0].headers['range']) == (206, b'45', 'bytes=4-5')


# Redirects.


def moved(location, status='302 Found'):
    return answer(status=status, Location=location)


def test_redirects_are_followed_and_told():
    with Server(lambda request: hello(request) if request.path == '/c' else moved({'/a': '/b', '/b': 'c'}[request.path])) as server:
        response = fetch(server.url('/a'), timeout=PATIENCE)
    assert (response.body, response.url) == (b'hello from /c', server.url('/c'))
    assert response.hops == [server.url('/a'), server.url('/b')]


def test_redirect_itself():
    with Server(lambda request: moved('/login')) as server:
        response = fetch(server.url(), max_redirects=0, timeout=PATIENCE)
    assert (response.status, _net.redirect_target(response)) == (302, server.url('/login'))


def test_redirect_loop():
    with Server(lambda request: moved(request.target)) as server:
        error = failure(fetch, server.url('/a'))
    assert (error.stage, error.cause, len(server.requests)) == (u'http', u'more than 5 redirects', 6)


def test_redirect_from_https_to_http_is_refused(world):
    with Server(lambda request: moved('http://m.example/'), world.good) as server:
        error = failure(fetch, server.url(host='m.example'), ca_file=world.authority.certificate, resolve=HERE)
    assert (error.stage, error.cause) == (u'http', u'redirects from https to unprotected http (m.example)')


@pytest.mark.parametrize('location', ['ftp://m.example/', 'https://u:p@m.example/', 'http://[', 'http://m.example:x/'])
def test_redirect_to_nowhere(location):
    with Server(lambda request: moved(location)) as server:
        error = failure(fetch, server.url())
    assert error.stage == u'http' and error.cause.startswith(u'The redirect to "')


def test_authorization_stays_with_its_host():
    with Server(hello) as blobs:
        with Server(lambda request: moved(blobs.url('/blob', 'other.example')) if request.path == '/1' else moved('/1')) as server:
            fetch(server.url('/0', 'm.example'), headers={'Authorization': 'Bearer secret'}, resolve=HERE, timeout=PATIENCE)
    assert [request.headers.get('authorization') for request in server.requests] == ['Bearer secret', 'Bearer secret']
    assert 'authorization' not in blobs.requests[0].headers


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


# Many at once.


def test_side_by_side_is_at_the_same_time():
    # Each of the servers' answers waits until all have been asked.
    jobs = 12
    asked = []
    all_asked = threading.Event()

    def reply(request):
        asked.append(request)
        if len(asked) == jobs:
            all_asked.set()
        all_asked.wait(PATIENCE)
        return answer(request.target.encode('ascii'))

    deadline = Deadline(PATIENCE)
    with Server(reply) as server:
        results = side_by_side([lambda path='/%d' % index: fetch(server.url(path), deadline=deadline).body for index in range(jobs)], deadline)
    assert results == [b'/%d' % index if sys.version_info[0] > 2 else '/%d' % index for index in range(jobs)]


def test_twenty_endpoints_of_which_ten_are_dead(world):
    deadline = Deadline(1)
    with Server(hello) as server, DeafPort() as deaf, Server(greet=lambda dummy: mute.stopped.wait(PATIENCE)) as mute:
        urls = [server.url(), u'http://127.0.0.1:%d/' % deaf.port, server.url(), u'https://127.0.0.1:%d/' % mute.port] * 5
        results = side_by_side([lambda url=url: fetch(url, deadline=deadline, timeout=PATIENCE).status for url in urls], deadline)
    assert [result if result == 200 else (result.stage, result.cause) for result in results] == [
        200, (u'tcp', u'no answer within 1 s'), 200, (u'tls', u'no answer within 1 s'),
    ] * 5  # fmt: skip


def test_job_that_forgets_the_deadline():
    released = threading.Event()
    with Server(hello) as server:

        def forgetful():
            fetch(server.url('/x'), timeout=PATIENCE)
            released.wait(PATIENCE)

        result = side_by_side([forgetful, lambda: 5], Deadline(0.5))
    released.set()
    assert result[1] == 5
    assert (result[0].stage, result[0].cause, result[0].url) == (u'http', u'no answer within 0.5 s', server.url('/x'))


def test_refusals_are_results_and_mistakes_are_raised():
    def refuse():
        raise DockfleetError('no')

    assert side_by_side([refuse], Deadline(PATIENCE))[0].message == u'no'
    with pytest.raises(ZeroDivisionError):
        side_by_side([lambda: 1 // 0], Deadline(PATIENCE))


def test_hanging_threads_do_not_keep_the_process():
    program = textwrap.dedent(u"""
        import socket, sys, threading
        sys.path[:] = %r
        import conftest
        from ansible_collections.dockfleet.host.plugins.module_utils._net import fetch
        from ansible_collections.dockfleet.host.plugins.module_utils._side_by_side import side_by_side
        from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline
        socket.getaddrinfo = lambda *dummy: threading.Event().wait()
        deadline = Deadline(0.2)
        for result in side_by_side([lambda: fetch(u'https://m.example/', deadline=deadline)] * 3, deadline):
            sys.stdout.write(result.stage + ' ')
    """) % (sys.path + [os.path.dirname(servers.__file__)],)
    process = subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.communicate() == (b'dns dns dns ', b'')
    assert process.returncode == 0


# Words.


@pytest.mark.parametrize('error, words', [
    (NetError('http', 'http 403', 'https://m.example/r.xml', '192.0.2.1', 0.12, status=403), u'http 403 for https://m.example/r.xml (at 192.0.2.1, 0.1 s)'),
    (NetError('dns', 'the name does not exist (m.example)', 'https://m.example/'), u'dns: the name does not exist (m.example) for https://m.example/'),
    (NetError('tcp', 'connection refused', 'https://192.0.2.1/', '192.0.2.1', 2), u'tcp: connection refused for https://192.0.2.1/ (2.0 s)'),
    (NetError('tls', 'x', 'https://u:p@m.example/b?sig=1'), u'tls: x for https://m.example/b?\u2026'),
    (DockfleetError('Nothing of that kind.'), u'Nothing of that kind.'),
])  # fmt: skip
def test_describe(error, words):
    assert describe(error) == words == error.message


@pytest.mark.parametrize('seconds, words', [(5, u'5 s'), (0.3, u'0.3 s'), (10.0, u'10 s'), (2.54, u'2.5 s')])
def test_in_seconds(seconds, words):
    assert in_seconds(seconds) == words
