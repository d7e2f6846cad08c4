# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one network client: HTTP over verified TLS, which always ends in time and says at which stage it failed, and why.

The stages are dns, tcp, tls and http. Everything on the wire goes through Wire, which never waits longer than is left of the deadline;
so a server that sends one byte a second is as harmless as a dead one. How a connection comes about, _connection.py says.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

try:
    from http.client import HTTPConnection, HTTPException
    from urllib.parse import urljoin
except ImportError:  # Python 2
    from httplib import HTTPConnection, HTTPException
    from urlparse import urljoin

from ansible.module_utils.common.text.converters import to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._connection import USER_AGENT, Call, Ways, errno_cause, open_wire
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError, in_seconds
from ansible_collections.dockfleet.host.plugins.module_utils._page import first_words, looks_like_html
from ansible_collections.dockfleet.host.plugins.module_utils._url import check_url, host_and_port, split_url
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline, Late, now

REDIRECTS = (301, 302, 303, 307, 308)


class Headers(object):
    """Response headers. Those that came several times are joined by a comma, as HTTP defines it.

    Args:
        pairs (iterable): Names and values.
    """

    def __init__(self, pairs):
        self._values = {}
        for name, value in pairs:
            value = to_text(value, encoding='latin-1').strip() if isinstance(value, bytes) else value.strip()
            name = to_text(name).lower()
            self._values[name] = u'%s, %s' % (self._values[name], value) if name in self._values else value

    def get(self, name, default=None):
        return self._values.get(name.lower(), default)

    def __contains__(self, name):
        return name.lower() in self._values

    def items(self):
        return sorted(self._values.items())


class Response(object):
    """An HTTP answer, whatever its status.

    Attributes:
        status (int), reason (str), headers (Headers), body (bytes).
        url (str): Where it came from in the end; hops (list of str): the URLs asked before that, in order.
        address (str): The address that answered; with a proxy, the proxy's.
        timings (dict): dns_ms, tcp_ms, tls_ms, first_byte_ms, total_ms of the last hop (int; None for a stage there was not).
        bytes_per_s (int): Speed of the body; None where there was none.
        truncated (bool): There was more than max_bytes.
        seconds (float): All of it, redirects too.
    """

    def __init__(self, status, reason, headers):
        self.status = status
        self.reason = to_text(reason)
        self.headers = headers
        self.body = b''
        self.url = u''
        self.hops = []
        self.address = None
        self.timings = {}
        self.bytes_per_s = None
        self.truncated = False
        self.seconds = 0.0


def refused(response, stage=u'http'):
    """The NetError that stands for an answer which is not the wished one: status, URL and the first words of the page."""
    words = first_words(response.body)
    cause = u'http %d%s' % (response.status, u' ("%s")' % words if words and response.status != 404 else u'')
    return NetError(stage, cause, response.url, response.address, response.seconds, status=response.status)


def download(url, **options):
    """Fetch what must be there: any answer but 200 or 206, or a web page, is a NetError.

    Args:
        url (str): What to fetch.
        options: See fetch().

    Returns:
        Response: Its body is complete, unless max_bytes says otherwise.
    """
    response = fetch(url, **options)
    if response.status not in (200, 206):
        raise refused(response)
    if looks_like_html(response.body):
        cause = u'a web page instead of the file ("%s")' % first_words(response.body)
        raise NetError(u'http', cause, response.url, response.address, response.seconds)
    return response


def fetch(
    url, method='GET', headers=None, timeout=10, deadline=None, proxy=None, ca_file=None, max_bytes=1 << 20, byte_range=None,
    resolve=None, max_redirects=5, family=None,
):  # fmt: skip
    """Ask for a URL and give back whatever the answer is.

    Args:
        url (str): http or https.
        method (str): GET or HEAD.
        headers (dict): Further request headers. Authorization is not sent on to another host.
        timeout (float): Seconds for all of it: name, connection, TLS, redirects, body.
        deadline (Deadline): A further limit, shared with others.
        proxy (str): 'http://[user:password@]host:port'; '' for none; None for what the environment says.
        ca_file (str or tuple of str): PEM files of authorities that are trusted besides the system's.
        max_bytes (int): Read no more than this of the body.
        byte_range (tuple): First and last byte wished (HTTP Range); a server may ignore it and answer 200.
        resolve (dict): Addresses (list of str) by host name; other names are looked up.
        max_redirects (int): 0: give back the redirect itself.
        family (int): socket.AF_INET or AF_INET6: use only such addresses.

    Returns:
        Response: With any status.

    Raises:
        NetError: There was no answer, or only a part of it.
        DockfleetError: The URL, the proxy or ca_file is not what it should be.
    """
    limit = Deadline(timeout) if deadline is None else deadline.within(timeout)
    url = check_url(url)
    headers = dict(headers or {})
    if byte_range:
        headers['Range'] = u'bytes=%d-%d' % byte_range
    ways = Ways(proxy, ca_file, resolve, family)
    hops = []
    started = now()
    while True:
        response = _ask(url, method, headers, max_bytes, ways, limit, started)
        response.url, response.hops, response.seconds = url, hops, now() - started
        if response.status not in REDIRECTS or not max_redirects or not response.headers.get('Location'):
            return response
        if len(hops) == max_redirects:
            raise NetError(u'http', u'more than %d redirects' % max_redirects, url, response.address, response.seconds)
        target = _redirected(response)
        if split_url(target)[:3] != split_url(url)[:3]:
            headers = dict((name, value) for name, value in headers.items() if name.lower() != 'authorization')
        hops = hops + [url]
        url = target


def redirect_target(response):
    """Where a redirect leads, as a full URL."""
    location = response.headers.get('Location')
    try:
        return to_text(urljoin(response.url, location))
    except ValueError:
        return location


def _redirected(response):
    """The URL to go on with, or a NetError for a redirect that is not followed."""
    try:
        target = check_url(redirect_target(response), what=u'The redirect to')
    except DockfleetError as error:
        raise NetError(u'http', error.message.rstrip(u'.'), response.url, response.address, response.seconds)
    if response.url.startswith(u'https:') and target.startswith(u'http:'):
        cause = u'redirects from https to unprotected http (%s)' % split_url(target).host
        raise NetError(u'http', cause, response.url, response.address, response.seconds)
    return target.partition(u'#')[0]


def _ask(url, method, headers, max_bytes, ways, limit, started):
    """One request to one URL, without following redirects."""
    call = Call(url, limit, started)
    proxy = ways.proxy_for(url)
    wire = open_wire(call, ways, proxy)
    call.enter(u'http')
    try:
        return _exchange(call, wire, proxy, method, headers, max_bytes)
    except Late:
        if not wire.body_began:
            raise call.late()
        count, seconds = wire.body_bytes(), max(now() - wire.body_began, 0.001)
        speed = int(count / seconds)
        cause = u'too slow: only %d bytes of the body in %s (%d bytes/s)' % (count, in_seconds(seconds), speed)
        raise call.error(cause, bytes_per_s=speed)
    except (IOError, OSError, HTTPException) as error:
        raise call.error(_http_cause(error, wire))
    finally:
        wire.hang_up()


def _http_cause(error, wire):
    # BadStatusLine and RemoteDisconnected: which of them Python raises for silence depends on its version.
    if getattr(error, 'errno', None) is None and not wire.received:
        return u'connection closed without an answer'
    if isinstance(error, HTTPException):
        return u'the server does not speak HTTP (%s)' % type(error).__name__
    return u'%s before the answer was complete' % errno_cause(error)


def _exchange(call, wire, proxy, method, headers, max_bytes):
    """Send a request and read its answer."""
    parts = split_url(call.url)
    sent = {u'Host': host_and_port(parts), u'User-Agent': USER_AGENT, u'Connection': u'close'}
    sent.update(headers)
    target = parts.target
    if proxy and parts.scheme == u'http':
        target = call.url
        if proxy.authorization:
            sent[u'Proxy-Authorization'] = proxy.authorization
    connection = HTTPConnection(to_native(parts.host), parts.port)
    connection.sock = wire
    # Else Python 2 takes anything at all for an HTTP/0.9 answer.
    connection.strict = True
    connection.request(method, to_native(target), headers=dict((to_native(name), to_native(value)) for name, value in sent.items()))
    answer = connection.getresponse()
    call.leave('first_byte_ms')
    response = Response(answer.status, answer.reason, Headers(answer.getheaders()))
    response.address = call.address
    wire.begin_body()
    if method != 'HEAD':
        _read_body(call, answer, response, max_bytes)
        if response.body:
            response.bytes_per_s = int(len(response.body) / max(now() - wire.body_began, 0.001))
    call.finish()
    response.timings = call.timings
    return response


def _read_body(call, answer, response, max_bytes):
    declared = response.headers.get('Content-Length', u'')
    chunked = u'chunked' in response.headers.get('Transfer-Encoding', u'').lower()
    whole = int(declared) if declared.isdigit() and not chunked and response.status not in (204, 304) else None
    pieces = []
    count = 0
    try:
        while count < max_bytes:
            piece = answer.read(min(65536, max_bytes - count))
            if not piece:
                break
            pieces.append(piece)
            count += len(piece)
        response.truncated = count == max_bytes and (whole > count if whole is not None else bool(answer.read(1)))
    except HTTPException:
        raise call.error(u'the body ends in the middle of a chunk')
    if whole is not None and count < min(whole, max_bytes):
        raise call.error(u'the body ends early, after %d of %d bytes' % (count, whole))
    response.body = b''.join(pieces)
