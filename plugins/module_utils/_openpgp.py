# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small reader of OpenPGP public keys, so that a key is proven by its fingerprint before anything trusts it.

It reads what RFC 9580 (versions 4 and 6) and LibrePGP (version 5) call a transferable public key, and refuses everything else by
name. Nothing is skipped that another program might take for a key. Signatures are read, but not verified: that a key is the right
one is shown by its full fingerprint alone.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import base64
import binascii
import datetime
import hashlib
import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._page import first_words, looks_like_html

# Far above any key that signs packages (Docker's have 2 and 4 KiB), and small enough to read without care for time and memory.
MAX_BYTES = 1024 * 1024
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

ARMOR_TYPE = b'PUBLIC KEY BLOCK'
BASE64_LINE = re.compile(br'[A-Za-z0-9+/]+={0,2}$')

FETCH_AGAIN = u'Fetch the key again, as a file, and compare its size with that of the original.'
EXPORT_PUBLIC = u'Export the public key alone: gpg --armor --export FINGERPRINT.'
NEWER_KEY = u'Ask its owner for a key of version 4 or newer.'


class _Fault(Exception):
    """Why data is not a usable key; read_keys() turns it into a DockfleetError."""

    def __init__(self, why, offset=None, remedy=FETCH_AGAIN):
        super(_Fault, self).__init__(why)
        self.why = why
        self.offset = offset
        self.remedy = remedy


class _Cursor(object):
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
            raise _Fault(u'it is truncated or damaged: %s should go on for %d bytes and has %d' % (self._name, count, self.left), self.position)
        self.position += count
        return self.position - count

    def take(self, count):
        start = self.skip(count)
        return self._data[start : start + count]

    def number(self, octets):
        return int(binascii.hexlify(bytes(self.take(octets))), 16)

    def part(self, count, name):
        start = self.skip(count)
        return _Cursor(self._data, start, start + count, name)

    def rest(self):
        return self.take(self.left)

    def since(self, start):
        """The octets read after a position."""
        return self._data[start : self.position]


def read_keys(data, source=u'The key'):
    """All keys of a key file.

    Args:
        data (bytes): Its content, binary or ASCII-armored. Armored, it may have text around and several blocks.
        source (text): What a refusal calls it: a file, a URL.

    Returns:
        list of dict: One per primary key, in the order of the file: fingerprint (text, upper-case hexadecimal), version (int: 4, 5 or 6),
        algorithm (text), bits (int) or curve (text; the other one is None), created (text, ISO 8601 UTC), expires (the same, or None),
        user_ids (list of text), subkeys (list of dict: fingerprint, version, algorithm, bits, curve, created) and revoked (bool: a
        revocation is there). "expires" is what the newest self-signature says, and no signature was verified.

    Raises:
        DockfleetError: It is no key file, a damaged one, or one that must not be used. Nothing else is ever raised.
    """
    try:
        return [key for packets in _packet_streams(data) for key in _read_stream(packets)]
    except _Fault as fault:
        raise _refusal(fault, source)


def dearmor(data, source=u'The key'):
    """The OpenPGP packets (bytes) of a key file, without armor and the text around it. What they hold is up to read_keys()."""
    try:
        return b''.join(bytes(packets) for packets in _packet_streams(data))
    except _Fault as fault:
        raise _refusal(fault, source)


def armor(packets):
    """The packets (bytes) as one ASCII-armored block (bytes)."""
    encoded = base64.b64encode(bytes(packets))
    lines = [b'-----BEGIN PGP ' + ARMOR_TYPE + b'-----', b'']
    lines += [encoded[start : start + 64] for start in range(0, len(encoded), 64)]
    lines += [b'=' + base64.b64encode(_crc24(bytearray(packets))), b'-----END PGP ' + ARMOR_TYPE + b'-----', b'']
    return b'\n'.join(lines)


def normalize_fingerprint(text):
    """A fingerprint as people write it, as upper-case hexadecimal text.

    Spaces, colons, hyphens and a leading 0x are taken away. Only a full fingerprint is accepted.

    Raises:
        DockfleetError: It is none.
    """
    given = to_text(text)
    bare = re.sub(u'[\\s:-]', u'', given, flags=re.UNICODE).upper()
    if bare.startswith(u'0X'):
        bare = bare[2:]
    if re.match(u'([0-9A-F]{40}|[0-9A-F]{64})$', bare):
        return bare
    if re.match(u'[0-9A-F]+$', bare) and len(bare) in (8, 16):
        why = u'it is a short key id, and anyone can make another key that has it'
    elif re.match(u'[0-9A-F]+$', bare) and len(bare) == 32:
        why = u'32 digits are the MD5 fingerprint of a version 3 key, which can be forged'
    elif re.match(u'[0-9A-F]+$', bare):
        why = u'it has %d hexadecimal digits' % len(bare)
    else:
        why = u'it is not hexadecimal' if bare else u'it is empty'
    raise DockfleetError(
        u'"%s" is not a full fingerprint: %s. Give all 40 digits (64 for keys of version 5 and 6), as "gpg --show-keys KEYFILE" prints them, '
        u'in quotes.' % (_printable(given)[:80], why),
        stage='fingerprint',
    )


def require_exactly(keys, fingerprints, source, now):
    """Refuse keys unless they are exactly the expected ones and may be used today.

    Args:
        keys (list of dict): From read_keys().
        fingerprints (list of text): The full fingerprints of all primary keys that have to be there.
        source (text): What a refusal calls the key file.
        now (number): Seconds since the epoch; a key that expired before is refused.

    Raises:
        DockfleetError: A key too many, one too few, one revoked or expired.
    """
    expected = sorted(set(normalize_fingerprint(fingerprint) for fingerprint in fingerprints))
    found = sorted(set(key['fingerprint'] for key in keys))
    if not expected:
        raise DockfleetError(
            u'%s: no fingerprint to prove it by was given, and a key is never trusted without. Set fingerprints to those that the key\'s '
            u'owner has published.' % source,
            stage='fingerprint',
        )
    if found != expected:
        foreign = [u'%s (%s)' % (fingerprint, _owner(keys, fingerprint)) for fingerprint in found if fingerprint not in expected]
        lacking = [fingerprint for fingerprint in expected if fingerprint not in found]
        raise DockfleetError(
            u'%s does not hold exactly the expected keys. Expected: %s. Found: %s.%s%s Nothing of it was used. Take the key from another '
            u'place; if its owner has announced a new key, compare it with a second source and then set fingerprints '
            u'(docker_repo_key_fingerprints for the role docker_repo).'
            % (
                source,
                u', '.join(expected),
                u', '.join(found) or u'none',
                u' Not expected: %s.' % u', '.join(foreign) if foreign else u'',
                u' Missing: %s.' % u', '.join(lacking) if lacking else u'',
            ),
            stage='fingerprint',
            expected=expected,
            found=found,
        )
    for key in keys:
        ended = u'is revoked' if key['revoked'] else u'expired at %s' % key['expires'] if key['expires'] and key['expires'] <= _iso(now) else None
        if ended:
            raise DockfleetError(
                u'%s: the key %s (%s) %s, so nothing that it signs can be trusted. Take a newer copy of the key; if there is none, its owner '
                u'has to publish a new key.' % (source, key['fingerprint'], _owner([key], key['fingerprint']), ended),
                stage='fingerprint',
                expected=expected,
                found=found,
            )


def prove(data, fingerprints, source, now):
    """The keys of a key file (see read_keys) after all checks of require_exactly()."""
    keys = read_keys(data, source)
    require_exactly(keys, fingerprints, source, now)
    return keys


def _refusal(fault, source):
    where = u'' if fault.offset is None else u' (at byte %d of its OpenPGP packets)' % fault.offset
    details = {} if fault.offset is None else {'offset': fault.offset}
    return DockfleetError(u'%s cannot be used as a key: %s%s. %s' % (to_text(source), fault.why, where, fault.remedy), stage='key', **details)


def _owner(keys, fingerprint):
    """The user id that tells people whose key this is."""
    names = [name for key in keys if key['fingerprint'] == fingerprint for name in key['user_ids']]
    return names[0] if names else u'no user id'


def _iso(seconds):
    return to_text((datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(seconds))).strftime('%Y-%m-%dT%H:%M:%SZ'))


def _printable(text):
    """Text of others made safe to show: no control characters, and no characters that reorder a line."""
    return re.sub(u'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]', u'?', text)


def _beginning(data):
    return _printable(first_words(bytes(data), 60))


# Armor


def _packet_streams(data):
    """The runs of packets (list of bytearray) in a key file: one if it is binary, else one per armored block."""
    data = bytearray(data)
    if len(data) > MAX_BYTES:
        raise _Fault(u'it has %d bytes, and no more than %d are read' % (len(data), MAX_BYTES), None, u'Give a file with the signing key alone.')
    if data.startswith(b'\xef\xbb\xbf-----'):
        data = data[3:]
    if not data.strip():
        raise _Fault(u'it is empty')
    if data.startswith((b'\xff\xfe', b'\xfe\xff')):
        raise _Fault(u'it is text in UTF-16', None, u'Save it as plain ASCII or UTF-8.')
    if data[8:12] == b'KBXf':
        raise _Fault(u'it is a GnuPG keybox, not an exported key', None, EXPORT_PUBLIC)
    if data[0] & 0x80:
        return [data]
    return _armored_blocks(data)


def _armored_blocks(data):
    if looks_like_html(bytes(data)):
        if b'-----BEGIN PGP' in data:
            raise _Fault(u'it is an HTML page with a key somewhere in it', None, u'Give the address of the key file itself, or save the key as a file.')
        remedy = u'The address is wrong, or something on the way answers in the place of the server.'
        raise _Fault(u'it is an HTML page and no key ("%s")' % _beginning(data), None, remedy)
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
            raise _Fault(u'line %d has an armor line that is not whole, not alone on its line or out of place' % number)
    if block is not None:
        raise _Fault(u'it is truncated: the armored block of line %d has no END line' % block.line)
    if not blocks:
        raise _Fault(
            u'it holds neither a line "-----BEGIN PGP PUBLIC KEY BLOCK-----" nor OpenPGP packets, but begins "%s"' % _beginning(data),
            None,
            u'Give the file or address of the public key itself.',
        )
    return blocks


class _Block(object):
    """One armored block, line by line: headers, an empty line, base64, perhaps a checksum, the END line."""

    def __init__(self, line, kind):
        if kind == b'PRIVATE KEY BLOCK':
            raise _Fault(u'line %d begins a private key, which must never leave its owner' % line, None, EXPORT_PUBLIC)
        if kind != ARMOR_TYPE:
            raise _Fault(u'line %d begins a "PGP %s", which is no public key' % (line, _beginning(kind)), None, EXPORT_PUBLIC)
        self.line = line
        self.packets = None
        self._in_headers = True
        self._base64 = []
        self._checksum = None

    def add(self, number, line):
        """Take in a line; true for the last one."""
        if self._in_headers:
            if line and not re.match(br'[A-Za-z][A-Za-z0-9-]*:', line):
                raise _Fault(u'line %d is neither an armor header nor the empty line that ends them' % number)
            self._in_headers = bool(line)
        elif line == b'-----END PGP ' + ARMOR_TYPE + b'-----':
            self._decode(number)
            return True
        elif re.match(br'=[A-Za-z0-9+/]{4}$', line) and self._checksum is None:
            self._checksum = line[1:]
        elif line and (self._checksum is not None or not BASE64_LINE.match(line)):
            raise _Fault(u'line %d is not base64 and not the END line of its block' % number)
        elif line:
            self._base64.append(line)
        return False

    def _decode(self, number):
        encoded = b''.join(self._base64)
        if not encoded:
            raise _Fault(u'the armored block of line %d is empty' % self.line)
        if len(encoded) % 4 or b'=' in encoded[:-2] or encoded[-2:-1] == b'=' != encoded[-1:]:
            raise _Fault(u'the base64 text above line %d is damaged or not complete' % number)
        self.packets = bytearray(binascii.a2b_base64(encoded))
        if self._checksum is not None and binascii.a2b_base64(self._checksum) != _crc24(self.packets):
            raise _Fault(u'the checksum above line %d does not match the block of line %d, so it was altered or damaged' % (number, self.line))


def _crc24_table():
    table = []
    for octet in range(256):
        crc = octet << 16
        for _bit in range(8):
            crc = (crc << 1) ^ (0x1864CFB if crc & 0x800000 else 0)
        table.append(crc & 0xFFFFFF)
    return table


CRC24_TABLE = _crc24_table()


def _crc24(data):
    crc = 0xB704CE
    for octet in data:
        crc = (crc << 8 & 0xFFFFFF) ^ CRC24_TABLE[crc >> 16 ^ octet]
    return binascii.unhexlify(('%06x' % crc).encode('ascii'))


# Packets


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
            self.facts['expires'] = _iso(self._created + signature['lifetime']) if signature['lifetime'] else None


def _read_stream(data):
    """The keys of one run of packets."""
    keys = []
    for tag, offset, body in _packets(data):
        if tag in PASSED_OVER or tag >= FIRST_NONCRITICAL:
            continue
        if tag in (SECRET_KEY, SECRET_SUBKEY):
            raise _Fault(u'it holds a secret key, which must never leave its owner', offset, EXPORT_PUBLIC)
        if tag not in (PUBLIC_KEY, PUBLIC_SUBKEY, USER_ID, SIGNATURE):
            why = u'it holds a packet of type %d (%s), which does not belong in a key file' % (tag, PACKET_NAMES.get(tag, u'unknown'))
            raise _Fault(why, offset, EXPORT_PUBLIC)
        if tag == PUBLIC_KEY:
            keys.append(_read_public_key(body, offset))
            keys[-1].facts.update(expires=None, user_ids=[], subkeys=[], revoked=False)
        elif not keys:
            raise _Fault(u'a packet of type %d stands before the first primary key' % tag, offset)
        elif tag == PUBLIC_SUBKEY:
            keys[-1].facts['subkeys'].append(_read_public_key(body, offset).facts)
        elif tag == USER_ID:
            if body.left > MAX_USER_ID_BYTES:
                raise _Fault(u'a user id has %d bytes, and no more than %d are read' % (body.left, MAX_USER_ID_BYTES), offset)
            keys[-1].facts['user_ids'].append(_printable(to_text(bytes(body.rest()), errors='replace')))
        else:
            keys[-1].note(_read_signature(body, offset))
    if not keys:
        raise _Fault(u'it holds OpenPGP packets but no key', None, EXPORT_PUBLIC)
    return [key.facts for key in keys]


def _packets(data):
    """Each packet as (type, where it begins, cursor over its body)."""
    whole = _Cursor(data, 0, len(data), u'the file')
    count = 0
    while whole.left:
        count += 1
        offset = whole.position
        if count > MAX_PACKETS:
            raise _Fault(u'it has more than %d packets' % MAX_PACKETS, offset, u'Give a file with the signing key alone.')
        head = whole.number(1)
        if not head & 0x80:
            raise _Fault(u'it is damaged: no OpenPGP packet begins with 0x%02X' % head, offset)
        tag, length = _new_header(head, whole, offset) if head & 0x40 else _old_header(head, whole, offset)
        yield tag, offset, whole.part(length, u'a packet of type %d' % tag)


def _old_header(head, cursor, offset):
    tag = head >> 2 & 0x0F
    if head & 3 == 3:
        raise _Fault(u'a packet of type %d has an indeterminate length, which no key packet may have' % tag, offset, EXPORT_PUBLIC)
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
    raise _Fault(u'a packet of type %d has a partial length, which no key packet may have' % tag, offset, EXPORT_PUBLIC)


def _read_public_key(body, offset):
    start = body.position
    version = body.number(1)
    if version in (2, 3):
        raise _Fault(u'it holds a key of version %d, whose MD5 fingerprint can be forged' % version, offset, NEWER_KEY)
    if version not in FINGERPRINTS:
        raise _Fault(u'it holds a key of version %d, which is not known here (4, 5 and 6 are)' % version, offset, NEWER_KEY)
    created = body.number(4)
    number = body.number(1)
    if version > 4 and body.number(4) != body.left:
        raise _Fault(u'it is damaged: the length of a key does not match that of its packet', offset)
    algorithm, bits, curve = _read_key_material(number, body, offset)

    prefix, octets, digest = FINGERPRINTS[version]
    content = body.since(start)
    if len(content) >> 8 * octets:
        raise _Fault(u'a key of %d bytes is longer than version %d allows' % (len(content), version), offset)
    length = binascii.unhexlify(('%0*x' % (2 * octets, len(content))).encode('ascii'))
    fingerprint = to_text(digest(bytes(bytearray([prefix])) + length + bytes(content)).hexdigest().upper())
    facts = {
        'fingerprint': fingerprint,
        'version': version,
        'algorithm': algorithm,
        'bits': bits,
        'curve': curve,
        'created': _iso(created),
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
        raise _Fault(u'it is damaged: %d bytes follow an %s key inside its packet' % (body.left, name), offset)
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
            raise _Fault(u'it is damaged: a signature has a subpacket without a type', offset)
        value = area.part(length, u'a subpacket of a signature')
        yield value.number(1) & 0x7F, value


def _hexadecimal(data):
    return to_text(binascii.hexlify(bytes(data)).upper())
