# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import base64

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import dearmor, read_keys
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_armor import armor, crc24
from ansible_collections.dockfleet.host.tests.unit.openpgp import EXPECTED, content


@pytest.mark.parametrize(
    'change',
    [
        lambda text: text.replace(b'\n', b'\r\n'),
        lambda text: text.replace(b'BLOCK-----\n\n', b'BLOCK-----\nVersion: GnuPG v1.4.5 (GNU/Linux)\nComment: a: b\n\n', 1),
        lambda text: text.replace(b'BLOCK-----\n\n', b'BLOCK-----  \n \t\n', 1),
        lambda text: b'This is the key of <somebody@example.org>:\n\n' + text + b'\nEnd of the key.\n',
        lambda text: b'\xef\xbb\xbf' + text,
        lambda text: text.rstrip(b'\n'),
        lambda text: b'\n'.join(line for line in text.split(b'\n') if not line.startswith(b'=')),
    ],
    ids=['windows', 'headers', 'blanks', 'text around', 'byte order mark', 'no last line end', 'no checksum'],
)
def test_armor_as_it_is_met(change):
    text = content('rsa.asc')
    assert change(text) != text
    assert read_keys(change(text)) == EXPECTED['rsa.asc']
    assert dearmor(change(text)) == dearmor(text)


def test_several_blocks_in_one_file():
    text = content('rsa.asc') + b'\nand another one\n' + content('ecdsa-ecdh.asc')
    assert read_keys(text) == EXPECTED['two-keys.asc']
    assert dearmor(text) == dearmor(content('two-keys.asc'))


def test_armor_round_trip_of_every_length():
    for length in range(1, 200):
        packets = bytes(bytearray(range(length)))
        # Read by the armor layer alone: these packets mean nothing.
        assert dearmor(armor(packets)) == packets
        assert max(len(line) for line in armor(packets).split(b'\n')) <= 64


@pytest.mark.parametrize('data, checksum', [(b'123456789', b'Ic8C'), (b'', b'twTO')])
def test_crc24(data, checksum):
    # CRC-24/OPENPGP of "123456789" is 0x21CF02, its initial value 0xB704CE.
    assert base64.b64encode(crc24(bytearray(data))) == checksum
