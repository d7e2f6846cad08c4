# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one network client: HTTP over verified TLS, which always ends in time and says at which stage it failed, and why.

The stages are dns, tcp, tls and http. Everything on the wire goes through _Wire, which never waits longer than is left of the deadline;
so a server that sends one byte a second is as harmless as a dead one. There is no way to switch the verification of TLS off.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import base64
import errno
import io
import os
import re
import select
import socket
import ssl
import sys
import threading
import time
from datetime import datetime, timedelta

try:
    from http.client import HTTPConnection, HTTPException
    from queue import Empty, Queue
    from urllib.parse import unquote, urljoin
except ImportError:  # Python 2
    from httplib import HTTPConnection, HTTPException
    from Queue import Empty, Queue
    from urllib import unquote
    from urlparse import urljoin

from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _certificate
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._url import (
    check_url,
    host_and_port,
    is_address,
    packed_address,
    split_url,
    without_secrets,
)

USER_AGENT = u'dockfleet.host'

# Where systems keep their trusted certificates, for a Python whose OpenSSL was built to look elsewhere.
TRUST_BUNDLES = (
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/ssl/ca-bundle.pem',
    '/etc/ssl/cert.pem',
)

REDIRECTS = (301, 302, 303, 307, 308)

# OpenSSL's verification results: which mean "nobody known has signed this", and which "this is not the name".
_UNTRUSTED_CODES = (2, 18, 19, 20, 21)
_WRONG_NAME_CODES = (62, 64)

# How long side_by_side() gives jobs to put their own error into words after the deadline that they all know.
_GRACE = 0.5

_contexts = {}
_progress = threading.local()
_now = getattr(time, 'monotonic', time.time)


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


class Deadline(object):
    """A point in time, so many seconds from now.

    Args:
        seconds (float): The time that there is.
    """

    def __init__(self, seconds):
        self.seconds = float(seconds)
        self._end = _now() + self.seconds

    def left(self):
        """Seconds that are left, never less than 0."""
        return max(0.0, self._end - _now())

    def elapsed(self):
        return self.seconds - (self._end - _now())

    def within(self, seconds):
        """A deadline in so many seconds, or this one if it is nearer."""
        return Deadline(seconds) if seconds < self.left() else self


class _Late(Exception):
    """The deadline passed while waiting."""


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
        ca_file (str): PEM file of authorities that are trusted besides the system's.
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
    started = _now()
    while True:
        response = _ask(url, method, headers, max_bytes, ways, limit, started)
        response.url, response.hops, response.seconds = url, hops, _now() - started
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
    return to_text(urljoin(response.url, response.headers.get('Location')))


def _redirected(response):
    """The URL to go on with, or a NetError for a redirect that is not followed."""
    target = redirect_target(response)
    try:
        target = check_url(target, what=u'The redirect to')
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
    call = _Call(u'https://%s/' % host_and_port(split_url(u'https://%s:%d/' % (host, port))), limit, _now())
    _open(call, _Ways(u'', ca_file, {to_text(host): [address]}, None)).hang_up()
    return dict((name, call.timings[name]) for name in ('tcp_ms', 'tls_ms'))


def look_up(host, timeout=10, deadline=None, family=None):
    """The addresses that the system's resolver gives for a name.

    Returns:
        list of str: In the system's order of preference.
    """
    limit = Deadline(timeout) if deadline is None else deadline.within(timeout)
    call = _Call(u'', limit, _now())
    return [place[0] for dummy, place in _addresses(call, to_text(host), 0, _Ways(u'', None, None, family))]


class _Ways(object):
    """How to get to servers: proxy, trust, names."""

    def __init__(self, proxy, ca_file, resolve, family):
        self.resolve = resolve or {}
        self.family = family or socket.AF_UNSPEC
        self.ca_file = ca_file
        self._proxy = proxy

    def proxy_for(self, url):
        proxy = find_proxy(url, os.environ) if self._proxy is None else self._proxy
        return _Proxy(proxy) if proxy else None


class _Call(object):
    """One request on its way: what is being asked, where it is, how long it took."""

    def __init__(self, url, limit, started):
        self.url = url
        self.limit = limit
        self.started = started
        self.address = None
        self.timings = dict.fromkeys(('dns_ms', 'tcp_ms', 'tls_ms', 'first_byte_ms', 'total_ms'))
        self._begun = self._lap = _now()

    def enter(self, stage, address=None):
        self.stage = stage
        self.address = address or self.address
        # Read by side_by_side() if this thread never comes back.
        getattr(_progress, 'state', {}).update(stage=stage, url=self.url, address=self.address)
        self._lap = _now()

    def leave(self, name):
        self.timings[name] = int(round((_now() - self._lap) * 1000))

    def finish(self):
        self.timings['total_ms'] = int(round((_now() - self._begun) * 1000))

    def error(self, cause, **more):
        return NetError(self.stage, cause, self.url, self.address, _now() - self.started, **more)

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
    except _Late:
        if not wire.body_began:
            raise call.late()
        count, seconds = wire.body_bytes(), max(_now() - wire.body_began, 0.001)
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
            response.bytes_per_s = int(len(response.body) / max(_now() - wire.body_began, 0.001))
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
        # A chunk that ends early, or what should have been a chunk's length.
        raise call.error(u'the body ends early, after %d bytes' % count)
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
        try:
            found = []
            for name in names:
                kind = socket.AI_NUMERICHOST if is_address(name) else 0
                found.extend(socket.getaddrinfo(to_native(name), port, ways.family, socket.SOCK_STREAM, 0, kind))
            answers.put(found)
        except (IOError, OSError, UnicodeError) as error:
            answers.put(error)

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
            wire = _Wire(socket.socket(family, socket.SOCK_STREAM), share)
            wire.connect(place)
            wire.limit = call.limit
            call.leave('tcp_ms')
            return wire
        except _Late:
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
        return u'TLS failed (%s)' % _openssl_reason(error)
    return causes.get(error.errno) or to_text(error.strerror or error).lower()


class _Wire(object):
    """A socket that waits no longer than its deadline; stands in for the socket of HTTPConnection."""

    def __init__(self, sock, limit):
        self.sock = sock
        self.limit = limit
        self.received = 0
        self.body_began = None
        self._head_bytes = 0
        sock.setblocking(False)
        # Else a small request may wait for the other side's delayed acknowledgement.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connect(self, place):
        code = self.sock.connect_ex(place)
        if code in (errno.EINPROGRESS, errno.EWOULDBLOCK):
            self._wait(select.POLLOUT)
            code = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    def start_tls(self, context, host):
        """Shake hands; the certificate is verified by whatever the context says."""
        self.sock = context.wrap_socket(self.sock, server_hostname=host, do_handshake_on_connect=False)
        self._patiently(self.sock.do_handshake, select.POLLIN)

    def receive_into(self, buffer):
        try:
            count = self._patiently(lambda: self.sock.recv_into(buffer), select.POLLIN)
        except ssl.SSLError as error:
            # The end of the stream without TLS's own goodbye: whether the answer is complete shows from its length.
            if not _is_tls_eof(error):
                raise
            return 0
        self.received += count
        return count

    def sendall(self, data):
        data = to_bytes(data)
        while data:
            count = self._patiently(lambda: self.sock.send(data), select.POLLOUT)
            if not count:
                self._wait(select.POLLOUT)
            data = data[count:]

    def makefile(self, *dummy):
        return io.BufferedReader(_Stream(self))

    def begin_body(self):
        """What is received from here on (or lies in the reader's buffer already) is body."""
        self.body_began = _now()
        self._head_bytes = self.received

    def body_bytes(self):
        return self.received - self._head_bytes

    def close(self):
        """HTTPConnection has sent everything and believes to be done; the answer is still being read here."""

    def hang_up(self):
        self.sock.close()

    def _patiently(self, operation, event):
        while True:
            try:
                return operation()
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT)
            except (IOError, OSError) as error:
                if error.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
                    self._wait(event)
                elif error.errno != errno.EINTR:
                    raise

    def _wait(self, event):
        poll = select.poll()
        poll.register(self.sock, event)
        while True:
            left = self.limit.left()
            if not left:
                raise _Late()
            try:
                if poll.poll(left * 1000):
                    return
            except select.error as error:
                if error.args[0] != errno.EINTR:
                    raise


class _Stream(io.RawIOBase):
    """The reading side of a wire. Closing it leaves the wire open: that is closed by who opened it."""

    def __init__(self, wire):
        super(_Stream, self).__init__()
        self._wire = wire

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._wire.receive_into(buffer)


def _start_tls(call, wire, host, ways, proxy):
    call.enter(u'tls')
    host = host.rstrip(u'.')
    context = _context(ways.ca_file)
    # Python 2 compares names only; for an address the certificate is compared below.
    by_hand = sys.version_info[0] == 2 and is_address(host)
    try:
        if by_hand:
            context = _new_context(ways.ca_file)
            context.check_hostname = False
        wire.start_tls(context, None if by_hand else to_native(host))
        if by_hand:
            _require_address(wire.sock.getpeercert(), host)
    except _Late:
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
    if _is_tls_eof(error) or (not isinstance(error, ssl.SSLError) and error.errno in (0, None, errno.ENOTCONN)):
        return u'connection closed during the TLS handshake'
    reason = _openssl_reason(error)
    if reason in (u'wrong version number', u'unknown protocol', u'http request', u'packet length too long', u'record layer failure'):
        return u'the server does not speak TLS on this port (%s)' % reason
    return u'TLS handshake failed (%s)' % reason


def _is_tls_eof(error):
    return isinstance(error, ssl.SSLEOFError) or 'UNEXPECTED_EOF' in (getattr(error, 'reason', None) or '')


def _openssl_reason(error):
    """OpenSSL's own words for a failure, without file names and line numbers."""
    reason = getattr(error, 'reason', None)
    if reason:
        return to_text(reason).lower().replace(u'_', u' ')
    return re.sub(u'^\\[[^\\]]*\\]\\s*|\\s*\\(_ssl[^)]*\\)$', u'', to_text(error.strerror or error)).lower()


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
    except (_Late, NetError, IOError, OSError):
        return None
    finally:
        if wire:
            wire.hang_up()
        call.enter(u'tls')


def _context(ca_file):
    """A context that verifies by the system's trust and ca_file; made once, since reading hundreds of authorities takes its time."""
    if ca_file not in _contexts:
        _contexts[ca_file] = _new_context(ca_file)
    return _contexts[ca_file]


def _new_context(ca_file):
    context = ssl.create_default_context()
    # Newer Pythons also refuse authorities with old-fashioned extensions, which Docker, curl and the package managers take.
    context.verify_flags &= ~getattr(ssl, 'VERIFY_X509_STRICT', 0)
    if not _has_system_trust():
        for bundle in TRUST_BUNDLES:
            if os.path.exists(bundle):
                context.load_verify_locations(bundle)
                break
    if ca_file:
        try:
            context.load_verify_locations(to_native(ca_file))
        except (IOError, OSError) as error:
            why = u'holds no certificate in PEM form' if isinstance(error, ssl.SSLError) else to_text(error.strerror).lower()
            raise DockfleetError(u'The file of trusted authorities %s cannot be used: %s.' % (to_text(ca_file), why), path=to_text(ca_file))
    return context


def _has_system_trust():
    """Whether OpenSSL's own default places hold any certificates."""
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile) or bool(paths.capath and os.listdir(paths.capath))


class _Proxy(object):
    """An HTTP proxy, as a URL with or without scheme names it."""

    def __init__(self, text):
        text = to_text(text).strip()
        scheme, separator, rest = text.rpartition(u'://')
        credentials, dummy, authority = rest.rpartition(u'@')
        if separator and scheme.lower() != u'http':
            raise DockfleetError(
                u'The proxy "%s" has the scheme "%s"; only http proxies can be used here (they carry https as well). Write http://%s.'
                % (without_secrets(text), scheme, authority)
            )
        parts = split_url(check_url(u'http://' + authority, what=u'The proxy'))
        self.host = parts.host
        self.port = parts.port
        self.name = host_and_port(parts)
        self.authorization = None
        if credentials:
            pair = u':'.join(to_text(unquote(to_native(part))) for part in credentials.split(u':', 1))
            self.authorization = basic_authorization(pair)


def basic_authorization(pair):
    """The header value for 'user:password'."""
    return u'Basic ' + to_text(base64.b64encode(to_bytes(pair)))


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
    except _Late:
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


def find_proxy(url, environment):
    """The proxy that the environment names for a URL: http_proxy, https_proxy, all_proxy, but for no_proxy.

    Args:
        url (str): A URL that passed check_url.
        environment (dict): Environment variables, lower case before upper case.

    Returns:
        str: The proxy's URL; '' for none.
    """

    def setting(name):
        return to_text(environment.get(name) or environment.get(name.upper()) or u'')

    parts = split_url(url)
    # HTTP_PROXY in upper case is set by clients' "Proxy:" headers where something runs as CGI, but here nothing does.
    proxy = setting(parts.scheme + '_proxy') or setting('all_proxy')
    if not proxy or _is_local(parts.host) or any(_exempts(entry, parts) for entry in re.split(u'[,\\s]+', setting('no_proxy')) if entry):
        return u''
    return proxy


def _is_local(host):
    return host in (u'localhost', u'::1') or (is_address(host) and host.startswith(u'127.'))


def _exempts(entry, parts):
    """Whether an entry of no_proxy means this host: a name, a domain, an address, a network, each with or without a port; or *."""
    entry = entry.lower()
    if entry == u'*':
        return True
    match = re.match(u'^(\\[[^\\]]*\\]|[^:]*):([0-9]+)$', entry)
    if match:
        entry, port = match.groups()
        if int(port) != parts.port:
            return False
    entry = entry.strip(u'[]')
    network, slash, bits = entry.partition(u'/')
    if slash:
        return bits.isdigit() and _in_network(parts.host, network, int(bits))
    if is_address(parts.host):
        return packed_address(entry) == packed_address(parts.host)
    domain = re.sub(u'^\\*?\\.', u'', entry)
    return parts.host == domain or parts.host.endswith(u'.' + domain)


def _in_network(host, network, bits):
    host, network = bytearray(packed_address(host) or b''), bytearray(packed_address(network) or b'')
    if not host or len(host) != len(network) or bits > 8 * len(host):
        return False
    differing = [(mine ^ its) for mine, its in zip(host, network)]
    whole, rest = divmod(bits, 8)
    return not any(differing[:whole]) and (not rest or not differing[whole] >> (8 - rest))


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


def looks_like_html(body):
    """Whether a body is a web page, whatever its Content-Type says."""
    head = body[:1024].lower()
    return b'<!doctype html' in head or re.search(b'<(html|head|body)[\\s>]', head) is not None


def first_words(body, limit=80):
    """The beginning of a page as plain text on one line: no markup, no scripts, no control characters."""
    text = to_text(body[:8192], errors='replace')
    text = re.sub(u'(?is)<!--.*?(-->|$)|<(script|style)\\b.*?(</\\2\\s*>|$)', u' ', text)
    text = re.sub(u'<[^>]*(>|$)', u' ', text)
    for entity, char in ((u'&lt;', u'<'), (u'&gt;', u'>'), (u'&quot;', u'"'), (u'&#39;', u"'"), (u'&nbsp;', u' '), (u'&amp;', u'&')):
        text = text.replace(entity, char)
    text = re.sub(u'[\x00-\x20\x7f-\xa0\ufffd\u2028\u2029]+', u' ', text).strip()
    if len(text) <= limit:
        return text
    cut = text[:limit - 1]
    return (cut.rsplit(u' ', 1)[0] if u' ' in cut else cut) + u'\u2026'
