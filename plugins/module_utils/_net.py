# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one network client: HTTP over verified TLS, which always ends in time and says at which stage it failed, and why.

The stages are dns, tcp, tls and http. Everything on the wire goes through Wire, which never waits longer than is left of the deadline;
so a server that sends one byte a second is as harmless as a dead one. There is no way to switch the verification of TLS off.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import os
import re
import socket
import ssl
import sys
import threading
import time
from datetime import datetime, timedelta

try:
    from http.client import HTTPConnection, HTTPException
    from queue import Empty, Queue
    from urllib.parse import urljoin
except ImportError:  # Python 2
    from httplib import HTTPConnection, HTTPException
    from Queue import Empty, Queue
    from urlparse import urljoin

from ansible.module_utils.common.text.converters import to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _certificate
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._page import first_words, looks_like_html
from ansible_collections.dockfleet.host.plugins.module_utils._proxy import Proxy, find_proxy
from ansible_collections.dockfleet.host.plugins.module_utils._trust import new_context, trusting_context
from ansible_collections.dockfleet.host.plugins.module_utils._url import (
    check_url,
    host_and_port,
    is_address,
    packed_address,
    split_url,
    without_secrets,
)
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline, Late, Wire, is_tls_eof, now, openssl_reason

USER_AGENT = u'dockfleet.host'

REDIRECTS = (301, 302, 303, 307, 308)

# OpenSSL's verification results: which mean "nobody known has signed this", and which "this is not the name".
_UNTRUSTED_CODES = (2, 18, 19, 20, 21)
_WRONG_NAME_CODES = (62, 64)

# How long side_by_side() gives jobs to put their own error into words after the deadline that they all know.
_GRACE = 0.5

_progress = threading.local()


class NetError(DockfleetError):
    """A failure on the way to an answer.

    Args:
        stage (str): dns, tcp, tls or http; users of this client add their own, such as token or manifest.
        cause (str): What happened, in a few words.
        url (str): What was asked for; shown without credentials and query.
        address (str): The address in use, if it got that far.
        seconds (float): How long it took to fail.
        status (int): The HTTP status, where the server's answer is the failure.
        bytes_per_s (int): The measured speed, where that is the failure.
    """

    def __init__(self, stage, cause, url=u'', address=None, seconds=None, status=None, bytes_per_s=None):
        self.stage = to_text(stage)
        self.cause = to_text(cause)
        self.url = without_secrets(url)
        self.address = address
        self.seconds = seconds
        self.status = status
        self.bytes_per_s = bytes_per_s
        super(NetError, self).__init__(describe(self), stage=self.stage, cause=self.cause, url=self.url, address=address)


def describe(error):
    """A failure as the second half of a sentence: 'http 403 for https://... (0.1 s)'."""
    if not isinstance(error, NetError):
        return error.message
    text = error.cause if error.status else u'%s: %s' % (error.stage, error.cause)
    if error.url:
        text += u' for %s' % error.url
    notes = []
    if error.address and error.address not in error.url:
        notes.append(u'at %s' % error.address)
    if error.seconds is not None:
        notes.append(u'%.1f s' % error.seconds)
    return text + (u' (%s)' % u', '.join(notes) if notes else u'')


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
    ways = _Ways(proxy, ca_file, resolve, family)
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


def handshake(host, address, port=443, timeout=10, deadline=None, ca_file=None):
    """Prove by TLS that an address is a host: connect to the one, verify the certificate for the other.

    Args:
        host (str): The name that the certificate has to be for.
        address (str): Where to connect.
        port, timeout, deadline, ca_file: As for fetch(); a proxy is not used.

    Returns:
        dict: tcp_ms, tls_ms.

    Raises:
        NetError: The address did not prove it.
    """
    limit = Deadline(timeout) if deadline is None else deadline.within(timeout)
    call = _Call(u'https://%s/' % host_and_port(split_url(u'https://%s:%d/' % (host, port))), limit, now())
    _open(call, _Ways(u'', ca_file, {to_text(host): [address]}, None)).hang_up()
    return dict((name, call.timings[name]) for name in ('tcp_ms', 'tls_ms'))


def look_up(host, timeout=10, deadline=None, family=None):
    """The addresses that the system's resolver gives for a name.

    Returns:
        list of str: In the system's order of preference.
    """
    limit = Deadline(timeout) if deadline is None else deadline.within(timeout)
    call = _Call(u'', limit, now())
    return [place[0] for dummy, place in _addresses(call, to_text(host), 0, _Ways(u'', None, None, family))]


class _Ways(object):
    """How to get to servers: proxy, trust, names."""

    def __init__(self, proxy, ca_file, resolve, family):
        self.resolve = resolve or {}
        self.family = family or socket.AF_UNSPEC
        # At once, so that an unusable file shows before anything is sent.
        self.ca_files = tuple(ca_file) if isinstance(ca_file, (list, tuple)) else (ca_file,) if ca_file else ()
        self.context = trusting_context(self.ca_files)
        self._proxy = proxy

    def proxy_for(self, url):
        proxy = find_proxy(url, os.environ) if self._proxy is None else self._proxy
        return Proxy(proxy) if proxy else None


class _Call(object):
    """One request on its way: what is being asked, where it is, how long it took."""

    def __init__(self, url, limit, started):
        self.url = url
        self.limit = limit
        self.started = started
        self.address = None
        self.timings = dict.fromkeys(('dns_ms', 'tcp_ms', 'tls_ms', 'first_byte_ms', 'total_ms'))
        self._begun = self._lap = now()

    def enter(self, stage, address=None):
        self.stage = stage
        self.address = address or self.address
        # Read by side_by_side() if this thread never comes back.
        getattr(_progress, 'state', {}).update(stage=stage, url=self.url, address=self.address)
        self._lap = now()

    def leave(self, name):
        self.timings[name] = int(round((now() - self._lap) * 1000))

    def finish(self):
        self.timings['total_ms'] = int(round((now() - self._begun) * 1000))

    def error(self, cause, **more):
        return NetError(self.stage, cause, self.url, self.address, now() - self.started, **more)

    def late(self, seconds=None):
        return self.error(u'no answer within %s' % in_seconds(seconds or self.limit.seconds))


def in_seconds(seconds):
    return u'%s s' % (u'%.1f' % seconds).replace(u'.0', u'')


def _ask(url, method, headers, max_bytes, ways, limit, started):
    """One request to one URL, without following redirects."""
    call = _Call(url, limit, started)
    proxy = ways.proxy_for(url)
    wire = _open(call, ways, proxy)
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
    return u'%s before the answer was complete' % _errno_cause(error)


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


def _open(call, ways, proxy=None):
    """Connect: name, TCP, proxy and TLS as far as the URL needs them; returns the wire to speak HTTP on."""
    parts = split_url(call.url)
    wire = _connect(call, ways, proxy or parts)
    try:
        if parts.scheme == u'https':
            if proxy:
                _ask_for_tunnel(call, wire, proxy, parts)
            _start_tls(call, wire, parts.host, ways, proxy)
    except Exception:
        wire.hang_up()
        raise
    return wire


def _addresses(call, host, port, ways):
    """Look a name up; the system's call knows no time-out, so a thread makes it and is left behind where it hangs."""
    call.enter(u'dns')
    names = ways.resolve.get(host) or [host]
    answers = Queue()

    def ask():
        found = []
        failure = None
        for name in names:
            try:
                found.extend(socket.getaddrinfo(to_native(name), port, ways.family, socket.SOCK_STREAM))
            except (IOError, OSError, UnicodeError) as error:
                failure = error
        answers.put(found or failure or socket.gaierror(socket.EAI_NONAME, 'no address'))

    _start_thread(ask)
    try:
        answer = answers.get(timeout=max(call.limit.left(), 0.001))
    except Empty:
        raise call.error(u'the name servers do not answer within %s (looking up %s)' % (in_seconds(call.limit.seconds), host))
    if isinstance(answer, Exception):
        raise call.error(_dns_cause(answer, host))
    call.leave('dns_ms')
    return [(info[0], info[4]) for info in answer]


def _dns_cause(error, host):
    code = error.args[0] if isinstance(error, socket.gaierror) else None
    causes = {
        socket.EAI_NONAME: u'the name does not exist',
        getattr(socket, 'EAI_NODATA', -5): u'the name has no address',
        getattr(socket, 'EAI_ADDRFAMILY', -9): u'the name has no address of the wished family',
        socket.EAI_AGAIN: u'the name servers do not answer or failed',
        socket.EAI_FAIL: u'the name servers refuse to answer',
    }
    return u'%s (%s)' % (causes.get(code, u'the name cannot be looked up'), host)


def _connect(call, ways, peer):
    """Connect to the first address that takes the connection; each gets a fair share of the time that is left."""
    places = _addresses(call, peer.host, peer.port, ways)
    failures = []
    for index, (family, place) in enumerate(places):
        call.enter(u'tcp', to_text(place[0]))
        share = call.limit.within(call.limit.left() / (len(places) - index))
        wire = None
        try:
            wire = Wire(socket.socket(family, socket.SOCK_STREAM), share)
            wire.connect(place)
            wire.limit = call.limit
            call.leave('tcp_ms')
            return wire
        except Late:
            failures.append((False, call.late(share.seconds)))
        except (IOError, OSError) as error:
            # A host without IPv6 fails at once for every IPv6 address: another address' failure tells more.
            tells_little = error.errno in (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
            failures.append((tells_little, call.error(_errno_cause(error))))
        if wire:
            wire.hang_up()
    raise min(failures, key=lambda failure: failure[0])[1]


def _errno_cause(error):
    causes = {
        errno.ECONNREFUSED: u'connection refused',
        errno.ECONNRESET: u'connection reset',
        errno.EPIPE: u'connection closed',
        errno.ECONNABORTED: u'connection aborted',
        errno.ENETUNREACH: u'network unreachable',
        errno.EHOSTUNREACH: u'host unreachable',
        errno.ETIMEDOUT: u'no answer',
        errno.EACCES: u'blocked by this host\'s firewall',
        errno.EPERM: u'blocked by this host\'s firewall',
    }
    if isinstance(error, ssl.SSLError):
        return u'TLS failed (%s)' % openssl_reason(error)
    return causes.get(error.errno) or to_text(error.strerror or error).lower()


def _start_tls(call, wire, host, ways, proxy):
    call.enter(u'tls')
    host = host.rstrip(u'.')
    context = ways.context
    # Python 2 compares names only; for an address the certificate is compared below.
    by_hand = sys.version_info[0] == 2 and is_address(host)
    try:
        if by_hand:
            context = new_context(ways.ca_files)
            context.check_hostname = False
        wire.start_tls(context, None if by_hand else to_native(host))
        if by_hand:
            _require_address(wire.sock.getpeercert(), host)
    except Late:
        raise call.late()
    except (IOError, OSError, ssl.CertificateError) as error:
        raise call.error(_tls_cause(call, error, host, ways, proxy))
    call.leave('tls_ms')


def _require_address(certificate, host):
    named = [value.strip() for kind, value in certificate.get('subjectAltName', ()) if kind == 'IP Address']
    if packed_address(host) not in [packed_address(value) for value in named]:
        raise ssl.CertificateError('the certificate does not name the address %s' % host)


def _tls_cause(call, error, host, ways, proxy):
    """Why a handshake failed, in words that are the same on every Python."""
    refused_certificate = isinstance(error, ssl.CertificateError) or 'certificate verify failed' in to_native(error).lower().replace('_', ' ')
    if refused_certificate:
        code = getattr(error, 'verify_code', None)
        wrong_name = code in _WRONG_NAME_CODES if code else isinstance(error, ssl.CertificateError)
        if code and not wrong_name and code not in _UNTRUSTED_CODES:
            reason = u'certificate was refused: %s' % to_text(error.verify_message)
        else:
            reason = u'certificate is for another name' if wrong_name else _certificate.UNKNOWN_AUTHORITY
        certificate = _shown_certificate(call, host, ways, proxy)
        if not certificate:
            return reason
        cause = _certificate.fault(certificate, host, datetime(1970, 1, 1) + timedelta(seconds=time.time()), wrong_name)
        return reason if cause == _certificate.UNKNOWN_AUTHORITY else cause
    if error.errno in (errno.ECONNRESET, errno.EPIPE):
        return u'connection reset during the TLS handshake'
    if is_tls_eof(error) or (not isinstance(error, ssl.SSLError) and error.errno in (0, None, errno.ENOTCONN)):
        return u'connection closed during the TLS handshake'
    reason = openssl_reason(error)
    if u'connection has been closed' in reason:
        return u'connection closed during the TLS handshake'
    if reason in (u'wrong version number', u'unknown protocol', u'http request', u'packet length too long', u'record layer failure'):
        return u'the server does not speak TLS on this port (%s)' % reason
    return u'TLS handshake failed (%s)' % reason


def _shown_certificate(call, host, ways, proxy):
    """The certificate that a server shows, read over a second connection on which nothing else is said.

    It is for naming the fault only: the connection that was to be used has been refused already.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    again = _Call(call.url, call.limit, call.started)
    wire = None
    try:
        parts = split_url(call.url)
        peer = proxy or parts
        wire = _connect(again, _Ways(u'', None, {peer.host: [call.address]}, None), peer)
        if proxy:
            _ask_for_tunnel(again, wire, proxy, parts)
        wire.start_tls(context, None if is_address(host) else to_native(host))
        return _certificate.read_certificate(wire.sock.getpeercert(True) or b'')
    except (Late, NetError, IOError, OSError):
        return None
    finally:
        if wire:
            wire.hang_up()
        call.enter(u'tls')


def _ask_for_tunnel(call, wire, proxy, parts):
    """Have the proxy connect to the server (CONNECT)."""
    target = u'%s:%d' % (u'[%s]' % parts.host if u':' in parts.host else parts.host, parts.port)
    lines = [u'CONNECT %s HTTP/1.1' % target, u'Host: %s' % target, u'User-Agent: %s' % USER_AGENT]
    if proxy.authorization:
        lines.append(u'Proxy-Authorization: %s' % proxy.authorization)
    call.enter(u'tcp')
    try:
        wire.sendall(u'\r\n'.join(lines + [u'', u'']))
        head = _read_head(wire)
    except Late:
        raise call.error(u'the proxy %s gives no answer within %s' % (proxy.name, in_seconds(call.limit.seconds)))
    except (IOError, OSError) as error:
        raise call.error(u'the proxy %s: %s' % (proxy.name, _errno_cause(error)))
    status = re.match(u'^HTTP/1\\.[01] ([0-9]{3})', head)
    if not status:
        raise call.error(u'the proxy %s does not answer like a proxy' % proxy.name)
    if status.group(1) != u'200':
        hints = {u'407': u'it wants a user name and a password', u'403': u'it does not allow this'}
        hint = hints.get(status.group(1), u'it cannot reach the server')
        raise call.error(u'the proxy %s answers %s: %s' % (proxy.name, status.group(1), hint))


def _read_head(wire):
    """The head of a proxy's answer, byte by byte: what comes after it belongs to TLS."""
    head = bytearray()
    byte = bytearray(1)
    while not head.endswith(b'\r\n\r\n') and len(head) < 16384 and wire.receive_into(byte):
        head += byte
    return to_text(bytes(head), encoding='latin-1')


def side_by_side(jobs, deadline):
    """Run jobs at the same time, and wait for them no longer than a deadline that all share.

    Threads that hang are left behind; they do not keep the process from ending.

    Args:
        jobs (list of callable): Called without arguments; each keeps to the same deadline where it can.
        deadline (Deadline): When to stop waiting.

    Returns:
        list: For each job, in order, what it returned, or the DockfleetError that it raised or that stands for its silence.
            Any other exception is a mistake in the program and is raised.
    """
    done = Queue()
    states = [{} for dummy in jobs]

    def run(index, job):
        _progress.state = states[index]
        try:
            done.put((index, job()))
        except Exception as error:  # pylint: disable=broad-except
            done.put((index, error))

    for index, job in enumerate(jobs):
        _start_thread(run, index, job)
    results = {}
    try:
        while len(results) < len(jobs):
            index, result = done.get(timeout=deadline.left() + _GRACE)
            results[index] = result
    except Empty:
        pass
    for result in results.values():
        if isinstance(result, Exception) and not isinstance(result, DockfleetError):
            raise result
    return [results[index] if index in results else _silence(state, deadline) for index, state in enumerate(states)]


def _silence(state, deadline):
    cause = u'no answer within %s' % in_seconds(deadline.seconds)
    return NetError(state.get('stage', u'dns'), cause, state.get('url', u''), state.get('address'), deadline.elapsed())


def _start_thread(target, *args):
    thread = threading.Thread(target=target, args=args)
    thread.daemon = True
    thread.start()
