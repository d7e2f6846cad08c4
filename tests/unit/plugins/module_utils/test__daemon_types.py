# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_types import coerce


@pytest.mark.parametrize('wish, expected', [
    ({'debug': 'Yes'}, {'debug': True}),
    ({'debug': 'off'}, {'debug': False}),
    ({'debug': 'maybe'}, {'debug': 'maybe'}),
    ({'mtu': '1400'}, {'mtu': 1400}),
    ({'mtu': 'x'}, {'mtu': 'x'}),
    ({'log-opts': {'max-file': 3, 'compress': True, 'max-size': '10m'}}, {'log-opts': {'max-file': '3', 'compress': 'true', 'max-size': '10m'}}),
    ({'features': {'buildkit': 'true'}}, {'features': {'buildkit': True}}),
    ({'default-address-pools': [{'base': '10.1.0.0/16', 'size': '24'}]}, {'default-address-pools': [{'base': '10.1.0.0/16', 'size': 24}]}),
    (
        {'default-ulimits': {'nofile': {'Name': 'nofile', 'Hard': '64', 'Soft': '32'}}},
        {'default-ulimits': {'nofile': {'Name': 'nofile', 'Hard': 64, 'Soft': 32}}},
    ),
    ({'default-network-opts': {'bridge': {'mtu': 1400}}}, {'default-network-opts': {'bridge': {'mtu': '1400'}}}),
    ({'dns': ['192.0.2.1 ']}, {'dns': ['192.0.2.1']}),
    ({b'bip': b'192.0.2.1/24'}, {u'bip': u'192.0.2.1/24'}),
    ({u'data-root': u'/d\u00e4ten'.encode('utf-8')}, {u'data-root': u'/d\u00e4ten'}),
    ({'unknown': [1]}, {'unknown': [1]}),
    ({'data-root': None}, {'data-root': None}),
])
def test_coerce(wish, expected):
    assert coerce(wish) == expected
    assert coerce(coerce(wish)) == expected
