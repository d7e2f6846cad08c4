# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ASCII armor (RFC 9580, 6), and what else a key file may turn out to be."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import base64
import binascii
import re

from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_fault import EXPORT_PUBLIC, Fault, printable
from ansible_collections.dockfleet.host.plugins.module_utils._page import first_words, looks_like_html

# Far above any key that signs packages (Docker's have 2 and 4 KiB), and small enough to read without care for time and memory.
MAX_BYTES = 1024 * 1024

ARMOR_TYPE = b'PUBLIC KEY BLOCK'
BASE64_LINE = re.compile(br'[A-Za-z0-9+/]+={0,2}$')


def armor(packets):
    """The packets (bytes) as one ASCII-armored block (bytes)."""
    encoded = base64.b64encode(bytes(packets))
    lines = [b'-----BEGIN PGP ' + ARMOR_TYPE + b'-----', b'']
    lines += [encoded[start : start + 64] for start in range(0, len(encoded), 64)]
    lines += [b'=' + base64.b64encode(crc24(bytearray(packets))), b'-----END PGP ' + ARMOR_TYPE + b'-----', b'']
    return b'\n'.join(lines)


def _beginning(data):
    return printable(first_words(bytes(data), 60))


def packet_streams(data):
    """The runs of packets (list of bytearray) in a key file: one if it is binary, else one per armored block."""
    data = bytearray(data)
    if len(data) > MAX_BYTES:
        raise Fault(u'it has %d bytes, and no more than %d are read' % (len(data), MAX_BYTES), None, u'Give a file with the signing key alone.')
    if data.startswith(b'\xef\xbb\xbf-----'):
        data = data[3:]
    if not data.strip():
        raise Fault(u'it is empty')
    if data.startswith((b'\xff\xfe', b'\xfe\xff')):
        raise Fault(u'it is text in UTF-16', None, u'Save it as plain ASCII or UTF-8.')
    if data[8:12] == b'KBXf':
        raise Fault(u'it is a GnuPG keybox, not an exported key', None, EXPORT_PUBLIC)
    if data[0] & 0x80:
        return [data]
    return _armored_blocks(data)


def _armored_blocks(data):
    if looks_like_html(bytes(data)):
        if b'-----BEGIN PGP' in data:
            raise Fault(u'it is an HTML page with a key somewhere in it', None, u'Give the address of the key file itself, or save the key as a file.')
        remedy = u'The address is wrong, or something on the way answers in the place of the server.'
        raise Fault(u'it is an HTML page and no key ("%s")' % _beginning(data), None, remedy)
    blocks = []
    block = None
    for number, line in enumerate(data.split(b'\n'), 1):
        line = bytes(line.rstrip())
        if block is not None:
            if block.add(number, line):
                blocks.append(block.packets)
                block = None
        elif line.startswith(b'-----BEGIN PGP ') and line.endswith(b'-----'):
            block = _Block(number, line[len(b'-----BEGIN PGP ') : -len(b'-----')])
        elif b'-----BEGIN PGP' in line or b'-----END PGP' in line:
            raise Fault(u'line %d has an armor line that is not whole, not alone on its line or out of place' % number)
    if block is not None:
        raise Fault(u'it is truncated: the armored block of line %d has no END line' % block.line)
    if not blocks:
        raise Fault(
            u'it holds neither a line "-----BEGIN PGP PUBLIC KEY BLOCK-----" nor OpenPGP packets, but begins "%s"' % _beginning(data),
            None,
            u'Give the file or address of the public key itself.',
        )
    return blocks


class _Block(object):
    """One armored block, line by line: headers, an empty line, base64, perhaps a checksum, the END line."""

    def __init__(self, line, kind):
        if kind == b'PRIVATE KEY BLOCK':
            raise Fault(u'line %d begins a private key, which must never leave its owner' % line, None, EXPORT_PUBLIC)
        if kind != ARMOR_TYPE:
            raise Fault(u'line %d begins a "PGP %s", which is no public key' % (line, _beginning(kind)), None, EXPORT_PUBLIC)
        self.line = line
        self.packets = None
        self._in_headers = True
        self._base64 = []
        self._checksum = None

    def add(self, number, line):
        """Take in a line; true for the last one."""
        if self._in_headers:
            if line and not re.match(br'[A-Za-z][A-Za-z0-9-]*:', line):
                raise Fault(u'line %d is neither an armor header nor the empty line that ends them' % number)
            self._in_headers = bool(line)
        elif line == b'-----END PGP ' + ARMOR_TYPE + b'-----':
            self._decode(number)
            return True
        elif re.match(br'=[A-Za-z0-9+/]{4}$', line) and self._checksum is None:
            self._checksum = line[1:]
        elif line and (self._checksum is not None or not BASE64_LINE.match(line)):
            raise Fault(u'line %d is not base64 and not the END line of its block' % number)
        elif line:
            self._base64.append(line)
        return False

    def _decode(self, number):
        encoded = b''.join(self._base64)
        if not encoded:
            raise Fault(u'the armored block of line %d is empty' % self.line)
        if len(encoded) % 4 or b'=' in encoded[:-2] or encoded[-2:-1] == b'=' != encoded[-1:]:
            raise Fault(u'the base64 text above line %d is damaged or not complete' % number)
        self.packets = bytearray(binascii.a2b_base64(encoded))
        if self._checksum is not None and binascii.a2b_base64(self._checksum) != crc24(self.packets):
            raise Fault(u'the checksum above line %d does not match the block of line %d, so it was altered or damaged' % (number, self.line))


def _crc24_table():
    table = []
    for octet in range(256):
        crc = octet << 16
        for _bit in range(8):
            crc = (crc << 1) ^ (0x1864CFB if crc & 0x800000 else 0)
        table.append(crc & 0xFFFFFF)
    return table


def crc24(data):
    crc = 0xB704CE
    for octet in data:
        crc = (crc << 8 & 0xFFFFFF) ^ CRC24_TABLE[crc >> 16 ^ octet]
    return binascii.unhexlify(('%06x' % crc).encode('ascii'))


CRC24_TABLE = _crc24_table()
