# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to a server: name, TCP, proxy and verified TLS, each of which says what failed, and why.

There is no way to switch the verification of TLS off.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import os
import re
import socket
import ssl
import sys
import time
from datetime import datetime, timedelta

try:
    from queue import Empty, Queue
except ImportError:  # Python 2
    from Queue import Empty, Queue

from ansible.module_utils.common.text.converters import to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _certificate
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError, in_seconds
from ansible_collections.dockfleet.host.plugins.module_utils._proxy import Proxy, find_proxy
from ansible_collections.dockfleet.host.plugins.module_utils._side_by_side import progress, start_thread
from ansible_collections.dockfleet.host.plugins.module_utils._trust import new_context, trusting_context
from ansible_collections.dockfleet.host.plugins.module_utils._url import host_and_port, is_address, packed_address, split_url
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline, Late, Wire, is_tls_eof, now, openssl_reason

USER_AGENT = u'dockfleet.host'

# OpenSSL's verification results: which mean "nobody known has signed this", and which "this is not the name".
_UNTRUSTED_CODES = (2, 18, 19, 20, 21)
_WRONG_NAME_CODES = (62, 64)


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
    call = Call(u'https://%s/' % host_and_port(split_url(u'https://%s:%d/' % (host, port))), limit, now())
    open_wire(call, Ways(u'', ca_file, {to_text(host): [address]}, None)).hang_up()
    return dict((name, call.timings[name]) for name in ('tcp_ms', 'tls_ms'))


def look_up(host, timeout=10, deadline=None, family=None):
    """The addresses that the system's resolver gives for a name.

    Returns:
        list of str: In the system's order of preference.
    """
    limit = Deadline(timeout) if deadline is None else deadline.within(timeout)
    call = Call(u'', limit, now())
    return [place[0] for dummy, place in _addresses(call, to_text(host), 0, Ways(u'', None, None, family))]


class Ways(object):
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


class Call(object):
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
        getattr(progress, 'state', {}).update(stage=stage, url=self.url, address=self.address)
        self._lap = now()

    def leave(self, name):
        self.timings[name] = int(round((now() - self._lap) * 1000))

    def finish(self):
        self.timings['total_ms'] = int(round((now() - self._begun) * 1000))

    def error(self, cause, **more):
        return NetError(self.stage, cause, self.url, self.address, now() - self.started, **more)

    def late(self, seconds=None):
        return self.error(u'no answer within %s' % in_seconds(seconds or self.limit.seconds))


def open_wire(call, ways, proxy=None):
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

    start_thread(ask)
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
            failures.append((tells_little, call.error(errno_cause(error))))
        if wire:
            wire.hang_up()
    raise min(failures, key=lambda failure: failure[0])[1]


def errno_cause(error):
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
    again = Call(call.url, call.limit, call.started)
    wire = None
    try:
        parts = split_url(call.url)
        peer = proxy or parts
        wire = _connect(again, Ways(u'', None, {peer.host: [call.address]}, None), peer)
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
        raise call.error(u'the proxy %s: %s' % (proxy.name, errno_cause(error)))
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
