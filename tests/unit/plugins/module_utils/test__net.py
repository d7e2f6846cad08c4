# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _net
from ansible_collections.dockfleet.host.plugins.module_utils._net import fetch
from ansible_collections.dockfleet.host.tests.unit import servers
from ansible_collections.dockfleet.host.tests.unit.asking import HERE, PATIENCE, SHORT, failure, hello
from ansible_collections.dockfleet.host.tests.unit.servers import Server, answer

PAGE = b'<html><head><title>403 Forbidden</title><style>b{}</style></head><body><b>Access</b> denied by policy</body></html>'

pytestmark = pytest.mark.usefixtures('no_proxy_from_outside')


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
