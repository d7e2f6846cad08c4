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

import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_armor import packet_streams
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_fault import Fault, printable
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_packets import iso, read_stream


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
        return [key for packets in packet_streams(data) for key in read_stream(packets)]
    except Fault as fault:
        raise _refusal(fault, source)


def dearmor(data, source=u'The key'):
    """The OpenPGP packets (bytes) of a key file, without armor and the text around it. What they hold is up to read_keys()."""
    try:
        return b''.join(bytes(packets) for packets in packet_streams(data))
    except Fault as fault:
        raise _refusal(fault, source)


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
        u'in quotes.' % (printable(given)[:80], why),
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
        ended = u'is revoked' if key['revoked'] else u'expired at %s' % key['expires'] if key['expires'] and key['expires'] <= iso(now) else None
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
