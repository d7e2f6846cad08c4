# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A socket that keeps to a deadline, whatever the other side does."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import io
import os
import re
import select
import socket
import ssl
import time

from ansible.module_utils.common.text.converters import to_bytes, to_text

now = getattr(time, 'monotonic', time.time)


class Deadline(object):
    """A point in time, so many seconds from now.

    Args:
        seconds (float): The time that there is.
    """

    def __init__(self, seconds):
        self.seconds = float(seconds)
        self._end = now() + self.seconds

    def left(self):
        """Seconds that are left, never less than 0."""
        return max(0.0, self._end - now())

    def elapsed(self):
        return self.seconds - (self._end - now())

    def within(self, seconds):
        """A deadline in so many seconds, or this one if it is nearer."""
        return Deadline(seconds) if seconds < self.left() else self


class Late(Exception):
    """The deadline passed while waiting."""


class Wire(object):
    """A socket that waits no longer than its deadline; stands in for the socket of HTTPConnection."""

    def __init__(self, sock, limit):
        self.sock = sock
        self.limit = limit
        self.received = 0
        self.body_began = None
        self._reader = None
        self._reading_ahead = True
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
        if not self._reading_ahead:
            return None
        try:
            count = self._patiently(self.sock.recv_into, select.POLLIN, buffer)
        except ssl.SSLError as error:
            # The end of the stream without TLS's own goodbye: whether the answer is complete shows from its length.
            if not is_tls_eof(error):
                raise
            return 0
        self.received += count
        return count

    def sendall(self, data):
        rest = to_bytes(data)
        while rest:
            count = self._patiently(self.sock.send, select.POLLOUT, rest)
            if not count:
                self._wait(select.POLLOUT)
            rest = rest[count:]

    def makefile(self, *dummy):
        self._reader = io.BufferedReader(_Stream(self))
        return self._reader

    def begin_body(self):
        """The head has been read: what lies in the reader's buffer already, and all that comes now, is body."""
        self.body_began = now()
        self._reading_ahead = False
        try:
            ahead = len(self._reader.peek())
        except ValueError:
            # Closed already: this answer has no body.
            ahead = 0
        self._head_bytes = self.received - ahead
        self._reading_ahead = True

    def body_bytes(self):
        return self.received - self._head_bytes

    def close(self):
        """HTTPConnection has sent everything and believes to be done; the answer is still being read here."""

    def hang_up(self):
        self.sock.close()

    def _patiently(self, operation, event, *arguments):
        while True:
            try:
                return operation(*arguments)
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
                raise Late()
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


def is_tls_eof(error):
    return isinstance(error, ssl.SSLEOFError) or (isinstance(error, ssl.SSLError) and 'unexpected eof' in openssl_reason(error))


def openssl_reason(error):
    """OpenSSL's own words for a failure, without the symbol (old Pythons name the wrong one) and the place in the source."""
    words = to_text(error.strerror or error.args[-1]).lower()
    return re.sub(u'^\\[[^\\]]*\\]\\s*|\\s*\\(_ssl[^)]*\\)$', u'', words) or u'no reason given'
