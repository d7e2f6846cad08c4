# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packets of OpenPGP public keys (RFC 9580, 4 and 5). Nothing is skipped that another program might take for a key."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import binascii
import datetime
import hashlib

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_fault import EXPORT_PUBLIC, NEWER_KEY, Fault, printable

MAX_PACKETS = 10000
MAX_USER_ID_BYTES = 2048

SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY, PUBLIC_SUBKEY = 5, 6, 7, 14
SIGNATURE, USER_ID = 2, 13
# What may stand in a key file and says nothing about which keys it holds: marker, trust, user attribute, padding.
PASSED_OVER = (10, 12, 17, 21)
# A reader has to stop at packets below this that it does not know, and may pass over the others (RFC 9580, 4.3).
FIRST_NONCRITICAL = 40
PACKET_NAMES = {
    0: u'reserved', 1: u'encrypted session key', 3: u'encrypted session key', 4: u'one-pass signature', 8: u'compressed data',
    9: u'encrypted data', 11: u'literal data', 18: u'encrypted data', 19: u'modification detection code', 20: u'encrypted data',
}  # fmt: skip

# What goes before the key when it is hashed: number, octets of the length, hash (RFC 9580, 5.5.4).
FINGERPRINTS = {4: (0x99, 2, hashlib.sha1), 5: (0x9A, 4, hashlib.sha256), 6: (0x9B, 4, hashlib.sha256)}

# Name of each public-key algorithm and the fields of its key. A number is a field of so many octets.
ALGORITHMS = {
    1: (u'RSA', ('mpi', 'mpi')),
    2: (u'RSA', ('mpi', 'mpi')),
    3: (u'RSA', ('mpi', 'mpi')),
    16: (u'ElGamal', ('mpi', 'mpi', 'mpi')),
    17: (u'DSA', ('mpi', 'mpi', 'mpi', 'mpi')),
    18: (u'ECDH', ('curve', 'mpi', 'counted')),
    19: (u'ECDSA', ('curve', 'mpi')),
    22: (u'EdDSA', ('curve', 'mpi')),
    25: (u'X25519', (32,)),
    26: (u'X448', (56,)),
    27: (u'Ed25519', (32,)),
    28: (u'Ed448', (57,)),
}
CURVES = {
    '2a8648ce3d030107': u'nistp256',
    '2b81040022': u'nistp384',
    '2b81040023': u'nistp521',
    '2b8104000a': u'secp256k1',
    '2b2403030208010107': u'brainpoolP256r1',
    '2b240303020801010b': u'brainpoolP384r1',
    '2b240303020801010d': u'brainpoolP512r1',
    '2b06010401da470f01': u'ed25519',
    '2b060104019755010501': u'cv25519',
    '2b6571': u'ed448',
    '2b656f': u'cv448',
}

# The types by which a key speaks of itself: on a user id or directly.
SELF_SIGNATURES = (0x10, 0x11, 0x12, 0x13, 0x1F)
KEY_REVOCATION = 0x20
SIGNATURE_CREATED, KEY_EXPIRES_AFTER, ISSUER_KEY_ID, ISSUER_FINGERPRINT = 2, 9, 16, 33


def iso(seconds):
    return to_text((datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(seconds))).strftime('%Y-%m-%dT%H:%M:%SZ'))


class Cursor(object):
    """Reads octets in order and never beyond the end.

    Args:
        data (bytearray): The whole.
        start (int): Where this part begins.
        end (int): Where it ends.
        name (text): What this part is called in a refusal.
    """

    def __init__(self, data, start, end, name):
        self._data = data
        self.position = start
        self._end = end
        self._name = name

    @property
    def left(self):
        return self._end - self.position

    def skip(self, count):
        if count > self.left:
            raise Fault(u'it is truncated or damaged: %s should go on for %d bytes and has %d' % (self._name, count, self.left), self.position)
        self.position += count
        return self.position - count

    def take(self, count):
        start = self.skip(count)
        return self._data[start : start + count]

    def number(self, octets):
        return int(binascii.hexlify(bytes(self.take(octets))), 16)

    def part(self, count, name):
        start = self.skip(count)
        return Cursor(self._data, start, start + count, name)

    def rest(self):
        return self.take(self.left)

    def since(self, start):
        """The octets read after a position."""
        return self._data[start : self.position]


class _Key(object):
    """A primary key or subkey: its facts as read_keys() returns them, and what is needed to judge the signatures on it."""

    def __init__(self, facts, key_id, created):
        self.facts = facts
        self._names = (facts['fingerprint'], key_id)
        self._created = created
        self._newest = 0

    def note(self, signature):
        """Let a signature tell whether the key is revoked and, if none by the key itself is newer, when it expires."""
        if signature['type'] == KEY_REVOCATION:
            self.facts['revoked'] = True
        by_itself = any(issuer in self._names for issuer in signature['issuers'])
        if by_itself and signature['type'] in SELF_SIGNATURES and signature['created'] >= self._newest:
            self._newest = signature['created']
            self.facts['expires'] = iso(self._created + signature['lifetime']) if signature['lifetime'] else None


def read_stream(data):
    """The keys of one run of packets."""
    keys = []
    for tag, offset, body in read_packets(data):
        if tag in PASSED_OVER or tag >= FIRST_NONCRITICAL:
            continue
        if tag in (SECRET_KEY, SECRET_SUBKEY):
            raise Fault(u'it holds a secret key, which must never leave its owner', offset, EXPORT_PUBLIC)
        if tag not in (PUBLIC_KEY, PUBLIC_SUBKEY, USER_ID, SIGNATURE):
            why = u'it holds a packet of type %d (%s), which does not belong in a key file' % (tag, PACKET_NAMES.get(tag, u'unknown'))
            raise Fault(why, offset, EXPORT_PUBLIC)
        if tag == PUBLIC_KEY:
            keys.append(_read_public_key(body, offset))
            keys[-1].facts.update(expires=None, user_ids=[], subkeys=[], revoked=False)
        elif not keys:
            raise Fault(u'a packet of type %d stands before the first primary key' % tag, offset)
        elif tag == PUBLIC_SUBKEY:
            keys[-1].facts['subkeys'].append(_read_public_key(body, offset).facts)
        elif tag == USER_ID:
            if body.left > MAX_USER_ID_BYTES:
                raise Fault(u'a user id has %d bytes, and no more than %d are read' % (body.left, MAX_USER_ID_BYTES), offset)
            keys[-1].facts['user_ids'].append(printable(to_text(bytes(body.rest()), errors='replace')))
        else:
            keys[-1].note(_read_signature(body, offset))
    if not keys:
        raise Fault(u'it holds OpenPGP packets but no key', None, EXPORT_PUBLIC)
    return [key.facts for key in keys]


def read_packets(data):
    """Each packet as (type, where it begins, cursor over its body)."""
    whole = Cursor(data, 0, len(data), u'the file')
    count = 0
    while whole.left:
        count += 1
        offset = whole.position
        if count > MAX_PACKETS:
            raise Fault(u'it has more than %d packets' % MAX_PACKETS, offset, u'Give a file with the signing key alone.')
        head = whole.number(1)
        if not head & 0x80:
            raise Fault(u'it is damaged: no OpenPGP packet begins with 0x%02X' % head, offset)
        tag, length = _new_header(head, whole, offset) if head & 0x40 else _old_header(head, whole, offset)
        yield tag, offset, whole.part(length, u'a packet of type %d' % tag)


def _old_header(head, cursor, offset):
    tag = head >> 2 & 0x0F
    if head & 3 == 3:
        raise Fault(u'a packet of type %d has an indeterminate length, which no key packet may have' % tag, offset, EXPORT_PUBLIC)
    return tag, cursor.number(1 << (head & 3))


def _new_header(head, cursor, offset):
    tag = head & 0x3F
    first = cursor.number(1)
    if first < 192:
        return tag, first
    if first < 224:
        return tag, (first - 192 << 8) + cursor.number(1) + 192
    if first == 255:
        return tag, cursor.number(4)
    raise Fault(u'a packet of type %d has a partial length, which no key packet may have' % tag, offset, EXPORT_PUBLIC)


def _read_public_key(body, offset):
    start = body.position
    version = body.number(1)
    if version in (2, 3):
        raise Fault(u'it holds a key of version %d, whose MD5 fingerprint can be forged' % version, offset, NEWER_KEY)
    if version not in FINGERPRINTS:
        raise Fault(u'it holds a key of version %d, which is not known here (4, 5 and 6 are)' % version, offset, NEWER_KEY)
    created = body.number(4)
    number = body.number(1)
    if version > 4 and body.number(4) != body.left:
        raise Fault(u'it is damaged: the length of a key does not match that of its packet', offset)
    algorithm, bits, curve = _read_key_material(number, body, offset)

    prefix, octets, digest = FINGERPRINTS[version]
    content = body.since(start)
    if len(content) >> 8 * octets:
        raise Fault(u'a key of %d bytes is longer than version %d allows' % (len(content), version), offset)
    length = binascii.unhexlify(('%0*x' % (2 * octets, len(content))).encode('ascii'))
    fingerprint = to_text(digest(bytes(bytearray([prefix])) + length + bytes(content)).hexdigest().upper())
    facts = {
        'fingerprint': fingerprint,
        'version': version,
        'algorithm': algorithm,
        'bits': bits,
        'curve': curve,
        'created': iso(created),
    }
    return _Key(facts, fingerprint[-16:] if version == 4 else fingerprint[:16], created)


def _read_key_material(number, body, offset):
    """Name, bits and curve of a key; its packet has to end where the key does."""
    if number not in ALGORITHMS:
        body.rest()
        return u'algorithm %d' % number, None, None
    name, fields = ALGORITHMS[number]
    numbers = []
    curve = None
    for field in fields:
        if field == 'mpi':
            octets = body.take(body.number(2) + 7 >> 3)
            numbers.append(int(binascii.hexlify(bytes(octets)) or b'0', 16).bit_length())
        elif field == 'curve':
            oid = to_text(binascii.hexlify(bytes(body.take(body.number(1)))))
            curve = CURVES.get(oid, u'OID %s' % oid)
        elif field == 'counted':
            body.skip(body.number(1))
        else:
            body.skip(field)
            curve = name.lower()
    if body.left:
        raise Fault(u'it is damaged: %d bytes follow an %s key inside its packet' % (body.left, name), offset)
    return name, None if curve else numbers[0], curve


def _read_signature(body, offset):
    """Type, time, issuers and key lifetime of a signature; of a version that is not known here, nothing is said."""
    version = body.number(1)
    if version in (2, 3):
        body.skip(1)
        return {'type': body.number(1), 'created': body.number(4), 'issuers': [_hexadecimal(body.take(8))], 'lifetime': 0}
    signature = {'type': None, 'created': 0, 'issuers': [], 'lifetime': 0}
    if version not in (4, 5, 6):
        return signature
    signature['type'] = body.number(1)
    body.skip(2)
    octets = 4 if version == 6 else 2
    for hashed in (True, False):
        area = body.part(body.number(octets), u'the %s part of a signature' % (u'hashed' if hashed else u'unhashed'))
        for kind, value in _subpackets(area, offset):
            # Anyone can add to the part that is not hashed, so only the hint at who signed is taken from there.
            if kind == ISSUER_KEY_ID:
                signature['issuers'].append(_hexadecimal(value.take(8)))
            elif kind == ISSUER_FINGERPRINT:
                value.skip(1)
                signature['issuers'].append(_hexadecimal(value.rest()))
            elif kind == SIGNATURE_CREATED and hashed:
                signature['created'] = value.number(4)
            elif kind == KEY_EXPIRES_AFTER and hashed:
                signature['lifetime'] = value.number(4)
    return signature


def _subpackets(area, offset):
    while area.left:
        length = area.number(1)
        if length == 255:
            length = area.number(4)
        elif length >= 192:
            length = (length - 192 << 8) + area.number(1) + 192
        if not length:
            raise Fault(u'it is damaged: a signature has a subpacket without a type', offset)
        value = area.part(length, u'a subpacket of a signature')
        yield value.number(1) & 0x7F, value


def _hexadecimal(data):
    return to_text(binascii.hexlify(bytes(data)).upper())
