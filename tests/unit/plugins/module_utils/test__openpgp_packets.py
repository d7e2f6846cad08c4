# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import struct

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import read_keys
from ansible_collections.dockfleet.host.tests.unit.openpgp import (
    BODY,
    CREATED,
    FINGERPRINT,
    KEY,
    KEY_ID,
    USER,
    key_body,
    mpi,
    new_packet,
    old_packet,
    signature,
    subpacket,
)

LATER = CREATED + 86400


@pytest.mark.parametrize(
    'packets',
    [KEY, old_packet(6, BODY), old_packet(6, BODY, octets=4), struct.pack('>BBI', 0xC6, 255, len(BODY)) + BODY],
    ids=['new, two octets', 'old, two octets', 'old, four octets', 'new, five octets'],
)
def test_packet_formats(packets):
    (key,) = read_keys(packets + USER)
    assert key == {
        'fingerprint': FINGERPRINT,
        'version': 4,
        'algorithm': 'RSA',
        'bits': 1024,
        'curve': None,
        'created': '2023-11-14T22:13:20Z',
        'expires': None,
        'user_ids': ['Somebody <somebody@example.org>'],
        'subkeys': [],
        'revoked': False,
    }


@pytest.mark.parametrize('packet', [new_packet(10, b'PGP'), new_packet(12, b'\0'), new_packet(17, b'image'), new_packet(21, b'xxx'), new_packet(60, b'')])
def test_packets_that_say_nothing_about_keys_are_passed_over(packet):
    assert read_keys(packet + KEY + packet + USER)[0]['fingerprint'] == FINGERPRINT


def test_a_key_of_an_unknown_algorithm_has_a_fingerprint_all_the_same():
    body = key_body(b'whatever', algorithm=99, version=6)
    (key,) = read_keys(new_packet(6, body))
    assert key['fingerprint'] == hashlib.sha256(b'\x9b' + struct.pack('>I', len(body)) + body).hexdigest().upper()
    assert (key['algorithm'], key['bits'], key['curve']) == ('algorithm 99', None, None)


@pytest.mark.parametrize(
    'oid, curve',
    [(b'\x2a\x86\x48\xce\x3d\x03\x01\x07', 'nistp256'), (b'\x2b\x06\x01\x04\x01\xda\x47\x0f\x01', 'ed25519'), (b'\x01\x02', 'OID 0102')],
)
def test_curves(oid, curve):
    (key,) = read_keys(new_packet(6, key_body(struct.pack('>B', len(oid)) + oid + mpi(b'\x40' * 33, 263), algorithm=19)))
    assert (key['algorithm'], key['bits'], key['curve']) == ('ECDSA', None, curve)


@pytest.mark.parametrize(
    'signatures, expires',
    [
        ([], None),
        ([signature(0x13, KEY_ID)], None),
        ([signature(0x13, KEY_ID, expires_after=0)], None),
        ([signature(0x13, KEY_ID, expires_after=60)], '2023-11-14T22:14:20Z'),
        ([signature(0x10, KEY_ID, expires_after=60), signature(0x13, KEY_ID, LATER, 3600)], '2023-11-14T23:13:20Z'),
        ([signature(0x13, KEY_ID, LATER, 3600), signature(0x13, KEY_ID, expires_after=60)], '2023-11-14T23:13:20Z'),
        ([signature(0x13, KEY_ID, expires_after=60), signature(0x13, KEY_ID, LATER)], None),
        ([signature(0x1F, KEY_ID, expires_after=60)], '2023-11-14T22:14:20Z'),
        # by others, of subkeys, or said where anyone can add it
        ([signature(0x13, b'stranger', LATER, 60)], None),
        ([signature(0x18, KEY_ID, LATER, 60)], None),
        ([signature(0x13, KEY_ID, unhashed=subpacket(9, b'\0\0\0\x01'))], None),
        ([signature(0x13, KEY_ID, 0xFFFFFFFF, 0xFFFFFFFF)], '2159-12-22T04:41:35Z'),
    ],
)
def test_the_newest_self_signature_tells_the_expiry(signatures, expires):
    packets = KEY + USER + b''.join(new_packet(2, body) for body in signatures)
    assert read_keys(packets)[0]['expires'] == expires


@pytest.mark.parametrize(
    'signatures, revoked',
    [
        ([signature(0x20, KEY_ID)], True),
        ([signature(0x20, b'stranger')], True),
        ([b'\x03\x05\x20' + struct.pack('>I', CREATED) + KEY_ID + b'\x01\x02\xab\xcd' + mpi(b'\x7f', 7)], True),
        ([signature(0x28, KEY_ID), signature(0x30, KEY_ID), signature(0x13, KEY_ID)], False),
        ([b'\x2a a signature of the future'], False),
    ],
)
def test_revocations(signatures, revoked):
    packets = KEY + b''.join(new_packet(2, body) for body in signatures)
    assert read_keys(packets)[0]['revoked'] is revoked


def test_user_ids_cannot_play_tricks_on_the_screen():
    (key,) = read_keys(KEY + new_packet(13, u'\x1b[2J\nok: Zoë\u202e 测试\x9b'.encode('utf-8')) + new_packet(13, b'\xff\xfe'))
    assert key['user_ids'] == [u'?[2J?ok: Zoë? 测试?', u'\ufffd\ufffd']
