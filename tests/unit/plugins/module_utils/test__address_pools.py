# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._address_pools import contains, free_pools, overlaps, parse_network
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError


@pytest.mark.parametrize(
    'text, expected',
    [
        ('10.0.0.0/8', (10 << 24, 8)),
        ('10.1.2.3/16', ((10 << 24) + (1 << 16), 16)),
        ('192.0.2.7/32', (3221225991, 32)),
        ('0.0.0.0/0', (0, 0)),
    ],
)
def test_parse_network(text, expected):
    assert parse_network(text) == expected


@pytest.mark.parametrize('text', ['10.0.0.0', '10.0.0.256/8', '10.0.0.0/33', 'fd00::/8', '', '10.0.0.0/8 '])
def test_parse_network_refuses(text):
    with pytest.raises(DockfleetError) as caught:
        parse_network(text)
    assert '"%s"' % text in caught.value.message


@pytest.mark.parametrize(
    'outer, inner, inside, common',
    [
        ('10.0.0.0/8', '10.9.0.0/16', True, True),
        ('10.9.0.0/16', '10.0.0.0/8', False, True),
        ('10.0.0.0/16', '10.0.0.0/8', False, True),
        ('172.17.0.0/16', '172.18.0.0/16', False, False),
        ('0.0.0.0/0', '192.0.2.1/32', True, True),
    ],
)
def test_contains_and_overlaps(outer, inner, inside, common):
    assert contains(parse_network(outer), parse_network(inner)) is inside
    assert overlaps(parse_network(outer), parse_network(inner)) is common


def test_free_pools_leaves_out_what_is_taken():
    free = free_pools([parse_network('172.16.0.0/12'), parse_network('10.254.7.0/24')])
    assert free[0] == '10.253.0.0/16'
    assert not [text for text in free if text.startswith('172.')]


def test_free_pools_may_be_empty():
    assert free_pools([parse_network('0.0.0.0/0')]) == []
