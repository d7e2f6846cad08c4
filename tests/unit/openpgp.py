# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenPGP keys for tests: the files of data/openpgp, and a writer for what no program would write any more."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type


import hashlib
import io
import json
import os
import struct

DATA = os.path.join(os.path.dirname(__file__), 'data', 'openpgp')


def content(name):
    with io.open(os.path.join(DATA, name), 'rb') as stream:
        return stream.read()


EXPECTED = json.loads(content('expected.json').decode('utf-8'))

CREATED = 1700000000  # 2023-11-14T22:13:20Z


def new_packet(tag, body):
    if len(body) < 192:
        length = struct.pack('>B', len(body))
    elif len(body) < 8384:
        length = struct.pack('>H', len(body) - 192 + (192 << 8))
    else:
        length = struct.pack('>BI', 255, len(body))
    return struct.pack('>B', 0xC0 | tag) + length + body


def old_packet(tag, body, octets=2):
    kind, length = {2: (1, '>H'), 4: (2, '>I')}[octets]
    return struct.pack('>B', 0x80 | tag << 2 | kind) + struct.pack(length, len(body)) + body


def mpi(value, bits):
    return struct.pack('>H', bits) + value


RSA = mpi(b'\xc1' + b'\x55' * 127, 1024) + mpi(b'\x01\x00\x01', 17)


def key_body(material=RSA, algorithm=1, version=4):
    length = struct.pack('>I', len(material)) if version > 4 else b''
    return struct.pack('>BIB', version, CREATED, algorithm) + length + material


def subpacket(kind, value):
    return struct.pack('>BB', len(value) + 1, kind) + value


def signature(kind, issuer, created=CREATED, expires_after=None, unhashed=b''):
    hashed = subpacket(2, struct.pack('>I', created))
    if expires_after is not None:
        hashed += subpacket(9, struct.pack('>I', expires_after))
    unhashed += subpacket(16, issuer)
    body = struct.pack('>BBBBH', 4, kind, 1, 8, len(hashed)) + hashed + struct.pack('>H', len(unhashed)) + unhashed
    return body + b'\xab\xcd' + mpi(b'\x7f', 7)


BODY = key_body()
KEY = new_packet(6, BODY)
FINGERPRINT = hashlib.sha1(b'\x99' + struct.pack('>H', len(BODY)) + BODY).hexdigest().upper()
KEY_ID = bytes(bytearray.fromhex(FINGERPRINT[-16:]))
USER = new_packet(13, b'Somebody <somebody@example.org>')
OTHER = new_packet(6, key_body(mpi(b'\xc1' + b'\x66' * 127, 1024) + mpi(b'\x03', 2)))
