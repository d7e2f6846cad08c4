# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import random

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import dearmor, normalize_fingerprint, prove, read_keys, require_exactly
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_armor import MAX_BYTES, armor
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_packets import MAX_PACKETS, read_packets
from ansible_collections.dockfleet.host.tests.unit.openpgp import BODY, CREATED, DATA, EXPECTED, KEY, OTHER, RSA, USER, content, key_body, mpi, new_packet

NOW = CREATED + 10 * 86400


@pytest.mark.parametrize('name', sorted(EXPECTED))
def test_keys_of_every_kind(name):
    assert read_keys(content(name)) == EXPECTED[name]
    assert read_keys(dearmor(content(name))) == EXPECTED[name]
    assert read_keys(armor(dearmor(content(name)))) == EXPECTED[name]


def test_the_test_data_holds_every_kind():
    keys = [key for keys in EXPECTED.values() for key in keys]
    assert {key['version'] for key in keys} == {4, 5, 6}
    assert {key['algorithm'] for key in keys} == {'RSA', 'DSA', 'ECDSA', 'EdDSA', 'Ed25519'}
    assert {sub['algorithm'] for key in keys for sub in key['subkeys']} == {'RSA', 'ElGamal', 'ECDH', 'X25519'}
    assert sorted(os.listdir(DATA)) == sorted(list(EXPECTED) + ['README.md', 'expected.json'])


ARMORED = content('ed25519-cv25519.asc')
BINARY = dearmor(ARMORED)


@pytest.mark.parametrize(
    'data, words',
    [
        (b'', 'it is empty'),
        (b' \r\n\t\n', 'it is empty'),
        (b'<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please pay</body>', 'an HTML page and no key ("Sign in Please pay")'),
        (b'<html><body><pre>\n' + ARMORED + b'</pre>', 'an HTML page with a key somewhere in it'),
        (b'404: no such file\n', 'begins "404: no such file"'),
        (b'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA root@host\n', 'begins "ssh-ed25519'),
        (u'-----BEGIN PGP PUBLIC KEY BLOCK-----'.encode('utf-16'), 'text in UTF-16'),
        (b'\0\0\0 \1\1\0\2KBXf\0\0\0\0', 'a GnuPG keybox'),
        (b'x' * (MAX_BYTES + 1), 'it has 1048577 bytes, and no more than 1048576'),
        # armor
        (ARMORED.replace(b'PUBLIC', b'PRIVATE'), 'line 1 begins a private key'),
        (ARMORED + ARMORED.replace(b'PUBLIC KEY BLOCK', b'MESSAGE'), 'line 14 begins a "PGP MESSAGE"'),
        (ARMORED + b'-----BEGIN PGP SIGNED MESSAGE-----\n', 'line 14 begins a "PGP SIGNED MESSAGE"'),
        (b'> ' + ARMORED, 'line 1 has an armor line that is not whole'),
        (ARMORED + b' -----BEGIN PGP PUBLIC KEY BLOCK-----\n', 'line 14 has an armor line'),
        (ARMORED[ARMORED.index(b'\n') :], 'line 13 has an armor line'),
        (ARMORED[:300], 'the armored block of line 1 has no END line'),
        (ARMORED.replace(b'\n\n', b'\n', 1), 'line 2 is neither an armor header'),
        (ARMORED.replace(b'\n\n', b'\n\n*', 1), 'line 3 is not base64'),
        (ARMORED.replace(b'\nmDM', b'\nmDN', 1), 'the checksum above line 13 does not match'),
        (ARMORED.replace(b'\n=', b'\n=AAAA\n='), 'line 13 is not base64'),
        (ARMORED.replace(b'\n\n', b'\n\nA', 1), 'the base64 text above line 13 is damaged'),
        (b'-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n', 'the armored block of line 1 is empty'),
        # packets
        (BINARY[:-1], 'truncated'),
        (armor(BINARY[:-1]), 'truncated'),
        (KEY + b'\n', 'no OpenPGP packet begins with 0x0A (at byte %d ' % len(KEY)),
        (b'\x80\x00' + KEY, 'a packet of type 0 (reserved)'),
        (KEY + b'\xc2\xe0' + b'x' * 9, 'a packet of type 2 has a partial length'),
        (b'\x9b' + BODY, 'a packet of type 6 has an indeterminate length'),
        (b'\xc6\xff\xff\xff\xff\xff' + BODY, 'should go on for 4294967295 bytes'),
        (KEY + new_packet(8, b'\x01' + OTHER), 'a packet of type 8 (compressed data), which does not belong'),
        (KEY + new_packet(11, b'b\0\0\0\0\0' + OTHER), 'a packet of type 11 (literal data)'),
        (KEY + new_packet(39, b''), 'a packet of type 39 (unknown)'),
        (new_packet(5, BODY + b'\0' + mpi(b'\x7f', 7)), 'it holds a secret key'),
        (KEY + new_packet(7, BODY), 'it holds a secret key'),
        (USER + KEY, 'a packet of type 13 stands before the first primary key (at byte 0 '),
        (new_packet(14, BODY), 'a packet of type 14 stands before'),
        (new_packet(60, b''), 'OpenPGP packets but no key'),
        (KEY + new_packet(10, b'PGP') * MAX_PACKETS, 'more than 10000 packets'),
        (KEY + new_packet(13, b'u' * 2049), 'a user id has 2049 bytes'),
        # keys
        (new_packet(6, b''), 'a packet of type 6 should go on for 1 bytes and has 0'),
        (new_packet(6, b'\x03' + BODY[1:]), 'a key of version 3, whose MD5 fingerprint'),
        (new_packet(6, b'\x02' + BODY[1:]), 'a key of version 2, whose MD5 fingerprint'),
        (KEY + new_packet(14, b'\x03' + BODY[1:]), 'a key of version 3'),
        (new_packet(6, b'\x07' + BODY[1:]), 'a key of version 7, which is not known here'),
        (new_packet(6, key_body(RSA[:-1])), 'truncated or damaged'),
        (new_packet(6, key_body(RSA + b'x')), '1 bytes follow an RSA key'),
        (new_packet(6, key_body(mpi(b'\xff', 0xFFFF))), 'should go on for 8192 bytes'),
        (new_packet(6, key_body(algorithm=99, material=b'x' * 70000)), 'longer than version 4 allows'),
        (new_packet(6, key_body(b'k' * 32, algorithm=27, version=6)[:-1]), 'the length of a key does not match'),
        # signatures
        (KEY + new_packet(2, b''), 'a packet of type 2 should go on for 1 bytes and has 0'),
        (KEY + new_packet(2, b'\x04\x13\x01\x08\xff\xff\x05'), 'should go on for 65535 bytes'),
        (KEY + new_packet(2, b'\x06\x13\x01\x08\xff\xff\xff\xff\x05'), 'should go on for 4294967295 bytes'),
        (KEY + new_packet(2, b'\x04\x13\x01\x08\x00\x02\x01\x02\x00\x00'), 'a subpacket of a signature should go on for 4 bytes'),
        (KEY + new_packet(2, b'\x04\x13\x01\x08\x00\x01\x00\x00\x00'), 'a subpacket without a type'),
        (KEY + new_packet(2, b'\x04\x13\x01\x08\x00\x03\x02\x09\x01\x00\x00'), 'a subpacket of a signature should go on for 4 bytes and has 1'),
    ],
)
def test_what_is_no_key_is_refused_by_name(data, words):
    with pytest.raises(DockfleetError) as refusal:
        read_keys(data, 'https://mirror.example/gpg')
    message = refusal.value.message
    assert message.startswith('https://mirror.example/gpg cannot be used as a key: ')
    assert words in message
    assert '<' not in message and '\n' not in message and len(message) < 400
    assert refusal.value.details['stage'] == 'key'


def test_every_truncation_is_refused_or_leaves_whole_packets():
    boundaries = [offset for tag, offset, body in read_packets(bytearray(BINARY))]
    for length in range(len(BINARY)):
        if length and length in boundaries:
            assert read_keys(BINARY[:length])[0]['fingerprint'] == EXPECTED['ed25519-cv25519.asc'][0]['fingerprint']
        else:
            with pytest.raises(DockfleetError):
                read_keys(BINARY[:length])
    # Up to the end line itself; the line end after it does not count.
    for length in range(len(ARMORED) - 1):
        with pytest.raises(DockfleetError):
            read_keys(ARMORED[:length])


def damaged(data, chance):
    """Data with random damage of several kinds, from a seeded source."""
    data = bytearray(data)
    for dummy in range(chance.choice((1, 1, 1, 2, 5, 20))):
        place = chance.randrange(len(data) or 1)
        kind = chance.randrange(5)
        if kind == 0:
            data[place : place + 1] = [chance.randrange(256)]
        elif kind == 1:
            data[place : place + 1] = [data[place] ^ 1 << chance.randrange(8)] if data else []
        elif kind == 2:
            del data[place : place + chance.choice((1, 2, 30, 10000))]
        elif kind == 3:
            data[place:place] = [chance.choice((0, 255, 192, 224))] * chance.choice((1, 4, 100))
        else:
            data[place:place] = data[chance.randrange(len(data) or 1) :][: chance.choice((1, 10, 300))]
    return bytes(data)


@pytest.mark.parametrize('name', sorted(EXPECTED))
@pytest.mark.parametrize('form', ['armored', 'binary'])
def test_damaged_keys_end_in_a_refusal_or_in_keys(name, form):
    chance = random.Random('%s %s' % (name, form))
    packets = dearmor(content(name))
    original = armor(packets) if form == 'armored' else packets
    refusals = 0
    for dummy in range(200):
        data = damaged(original, chance)
        try:
            keys = read_keys(data)
            assert keys and all(len(key['fingerprint']) in (40, 64) for key in keys)
            assert json.dumps(keys) and dearmor(data)
        except DockfleetError:
            refusals += 1
    assert refusals > 50


@pytest.mark.parametrize('size', [1, 2, 3, 10, 100, 5000])
def test_noise_is_refused(size):
    chance = random.Random(size)
    for dummy in range(50):
        for first in (chance.randrange(256), 0x99, 0xC6):
            with pytest.raises(DockfleetError):
                read_keys(bytes(bytearray([first] + [chance.randrange(256) for dummy in range(size - 1)])))


FULL = u'060A61C51B558A7F742B77AAC52FEB6B621E9F35'


@pytest.mark.parametrize(
    'text',
    [
        FULL,
        FULL.lower(),
        FULL.encode('ascii'),
        u'0x' + FULL,
        u'0X' + FULL.lower(),
        u'060A 61C5 1B55 8A7F 742B  77AA C52F EB6B 621E 9F35',
        u'  06:0A:61:C5:1B:55:8A:7F:74:2B:77:AA:C5:2F:EB:6B:62:1E:9F:35\n',
        u'060A\u00a061C5\u00a01B55\u00a08A7F\u00a0742B\u00a077AA\u00a0C52F\u00a0EB6B\u00a0621E\u00a09F35',
    ],
)
def test_fingerprints_as_people_write_them(text):
    assert normalize_fingerprint(text) == FULL


def test_long_fingerprints():
    assert normalize_fingerprint('ab' * 32) == 'AB' * 32


@pytest.mark.parametrize(
    'text, words',
    [
        (u'621E9F35', 'short key id'),
        (u'0xC52FEB6B621E9F35', 'short key id'),
        (FULL[:32], 'version 3 key'),
        (FULL[:-1], 'it has 39 hexadecimal digits'),
        (FULL + u'0', 'it has 41 hexadecimal digits'),
        (u'AB' * 31, 'it has 62 hexadecimal digits'),
        (u'O' + FULL[1:], 'it is not hexadecimal'),
        (u'Docker Release', 'it is not hexadecimal'),
        (u'\uff10' * 40, 'it is not hexadecimal'),
        (u'ключ', 'it is not hexadecimal'),
        (u' ', 'it is empty'),
    ],
)
def test_what_is_no_full_fingerprint_is_refused(text, words):
    with pytest.raises(DockfleetError) as refusal:
        normalize_fingerprint(text)
    assert words in refusal.value.message
    assert 'all 40 digits' in refusal.value.message


A, B, C = u'A' * 40, u'B' * 40, u'C' * 64


def key(fingerprint, **more):
    return dict({'fingerprint': fingerprint, 'user_ids': [u'Zoë'], 'revoked': False, 'expires': None}, **more)


@pytest.mark.parametrize(
    'keys, fingerprints',
    [
        ([key(A)], [A]),
        ([key(A)], [u'0x' + A.lower(), A]),
        ([key(A), key(C)], [C, A]),
        ([key(A), key(A)], [A]),
        ([key(A, expires='2023-11-24T22:13:21Z')], [A]),
    ],
)
def test_exactly_the_expected_keys_are_accepted(keys, fingerprints):
    require_exactly(keys, fingerprints, 'gpg', NOW)


@pytest.mark.parametrize(
    'keys, fingerprints, words',
    [
        ([key(B)], [A], [u'Expected: %s. Found: %s.' % (A, B), u'Not expected: %s (Zoë).' % B, u'Missing: %s.' % A]),
        ([key(A), key(B)], [A], [u'Expected: %s. Found: %s, %s.' % (A, A, B), u'Not expected: %s (Zoë).' % B]),
        ([key(B, user_ids=[])], [A], [u'%s (no user id)' % B]),
        ([key(A)], [A, C], [u'Missing: %s.' % C]),
        ([], [A], [u'Found: none.', u'Missing: %s.' % A]),
        ([key(A)], [], [u'never trusted without']),
        ([key(A)], [A, A[:16]], [u'short key id']),
        ([key(A, revoked=True)], [A], [A, u'is revoked', u'newer copy']),
        ([key(A), key(A, revoked=True)], [A], [u'is revoked']),
        ([key(A, expires='2023-11-24T22:13:20Z')], [A], [A, u'expired at 2023-11-24T22:13:20Z']),
        ([key(A), key(B, expires='2020-01-01T00:00:00Z')], [A, B], [B, u'expired at']),
    ],
)
def test_anything_else_is_refused(keys, fingerprints, words):
    with pytest.raises(DockfleetError) as refusal:
        require_exactly(keys, fingerprints, u'/etc/ключ', NOW)
    for word in words:
        assert word in refusal.value.message
    assert refusal.value.details['stage'] == 'fingerprint'


def test_a_second_key_that_is_smuggled_in_is_named():
    expected = EXPECTED['rsa.asc'][0]['fingerprint']
    with pytest.raises(DockfleetError) as refusal:
        prove(content('two-keys.asc'), [expected], 'gpg', NOW)
    assert refusal.value.details == {
        'stage': 'fingerprint',
        'expected': [expected],
        'found': sorted(key['fingerprint'] for key in EXPECTED['two-keys.asc']),
    }
    assert EXPECTED['ecdsa-ecdh.asc'][0]['fingerprint'] + ' (ECDSA Test <ecdsa@example.org>)' in refusal.value.message


@pytest.mark.parametrize(
    'name, seconds, words',
    [('rsa.asc', 0, None), ('expired.asc', -1, None), ('expired.asc', 0, 'expired at 2025-03-01T12:00:00Z'), ('revoked.asc', 0, 'is revoked')],
)
def test_prove(name, seconds, words):
    now = 1740830400 + seconds  # when expired.asc expires
    fingerprints = [key['fingerprint'] for key in EXPECTED[name]]
    if words is None:
        assert prove(content(name), fingerprints, name, now) == EXPECTED[name]
    else:
        with pytest.raises(DockfleetError) as refusal:
            prove(content(name), fingerprints, name, now)
        assert words in refusal.value.message


def test_the_fingerprint_of_a_subkey_is_not_enough():
    with pytest.raises(DockfleetError) as refusal:
        prove(content('rsa.asc'), [EXPECTED['rsa.asc'][0]['subkeys'][0]['fingerprint']], 'gpg', NOW)
    assert 'Missing' in refusal.value.message
