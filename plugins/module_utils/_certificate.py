# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a server's certificate, in words.

Nothing here decides whether a certificate is trusted: OpenSSL does, and it has already said no. Old Pythons do not tell why, so the
certificate is read and the reason found. The reader takes only the few fields that it needs.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import socket
from collections import namedtuple
from datetime import datetime

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._url import packed_address

# names: DNS names and addresses out of subjectAltName, as text. issuer, subject: DER bytes, only good for comparing.
Certificate = namedtuple('Certificate', ('subject', 'issuer', 'common_name', 'names', 'not_before', 'not_after'))

UNKNOWN_AUTHORITY = u'certificate is signed by an unknown authority'

# Days since the end of a certificate after which the host's clock is as likely a cause as a server that nobody looks after.
TOO_LONG_AGO = 3650

_COMMON_NAME = b'\x55\x04\x03'
_SUBJECT_ALT_NAME = b'\x55\x1d\x11'
_UTC_TIME, _VERSION, _EXTENSIONS, _DNS_NAME, _IP_ADDRESS = 0x17, 0xA0, 0xA3, 0x82, 0x87


def read_certificate(der):
    """Read a certificate.

    Args:
        der (bytes): The certificate as DER.

    Returns:
        Certificate: None if these bytes are no certificate.
    """
    try:
        fields = _items(_items(_items(der)[0][1])[0][1])
        if fields[0][0] == _VERSION:
            fields = fields[1:]
        issuer, validity, subject = (fields[index][1] for index in (2, 3, 4))
        not_before, not_after = (_time(*item) for item in _items(validity)[:2])
        extensions = [body for tag, body in fields[6:] if tag == _EXTENSIONS]
        names = [name for body in extensions for name in _alternative_names(body)]
        return Certificate(subject, issuer, _common_name(subject), names, not_before, not_after)
    except (IndexError, ValueError):
        return None


def _items(data):
    """The (tag, body) pairs that follow one another in DER bytes."""
    found = []
    data = bytes(data)
    while data:
        head = bytearray(data[:6])
        size, start = head[1], 2
        if size > 0x80:
            start += size - 0x80
            size = 0
            for octet in head[2:start]:
                size = size * 256 + octet
        if start > 6 or start + size > len(data):
            raise ValueError('DER is cut short')
        found.append((head[0], data[start:start + size]))
        data = data[start + size:]
    return found


def _time(tag, body):
    text = to_text(body)
    if tag == _UTC_TIME:
        # RFC 5280: two-digit years from 50 on are 19xx.
        text = (u'19' if text[:2] >= u'50' else u'20') + text
    # By hand: strptime() imports on first use, which old Pythons cannot do in several threads at once.
    return datetime(*(int(text[start:stop]) for start, stop in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))))


def _common_name(subject):
    for dummy, relative_name in _items(subject):
        for dummy, pair in _items(relative_name):
            oid, value = _items(pair)[:2]
            if oid[1] == _COMMON_NAME:
                return to_text(value[1], errors='replace')
    return u''


def _alternative_names(extensions):
    for dummy, extension in _items(_items(extensions)[0][1]):
        parts = _items(extension)
        if parts[0][1] != _SUBJECT_ALT_NAME:
            continue
        for tag, body in _items(_items(parts[-1][1])[0][1]):
            if tag == _DNS_NAME:
                yield to_text(body, errors='replace')
            elif tag == _IP_ADDRESS and len(body) in (4, 16):
                yield to_text(socket.inet_ntop(socket.AF_INET if len(body) == 4 else socket.AF_INET6, body))


def covers(names, host):
    """Whether one of a certificate's names is this host (a wildcard stands for exactly one label)."""
    address = packed_address(host)
    if address is not None:
        return any(packed_address(name) == address for name in names)
    host = host.lower().rstrip(u'.')
    return any(name.lower() == host or (name.startswith(u'*.') and name.lower()[1:] == host[host.find(u'.'):]) for name in names)


def fault(certificate, host, now, wrong_name=False):
    """Why a certificate that OpenSSL refused was refused.

    Args:
        certificate (Certificate): What the server showed.
        host (str): The name it was asked for.
        now (datetime): The host's own clock, in UTC.
        wrong_name (bool): OpenSSL or Python said that it is the name.

    Returns:
        str: The cause, in words.
    """
    if not certificate.names and certificate.common_name:
        if wrong_name or certificate.common_name.lower() != host.lower():
            return u'certificate is for another name (only the common name "%s", no subjectAltName)' % certificate.common_name
    elif wrong_name or not covers(certificate.names, host):
        more = len(certificate.names) - 3
        return u'certificate is for another name (%s%s)' % (
            u', '.join(certificate.names[:3]) or u'it has none', u' and %d more' % more if more > 0 else u''
        )
    if now < certificate.not_before:
        return u'certificate is not yet valid (only from %s): check the clock, which says %s' % (_day(certificate.not_before), _day(now))
    if now > certificate.not_after:
        doubt = u': check the clock, which says %s' % _day(now) if (now - certificate.not_after).days > TOO_LONG_AGO else u''
        return u'certificate expired on %s%s' % (_day(certificate.not_after), doubt)
    if certificate.subject == certificate.issuer:
        return u'self-signed certificate'
    return UNKNOWN_AUTHORITY


def _day(moment):
    return to_text(moment.isoformat())[:10]
