# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError, describe, in_seconds


@pytest.mark.parametrize('error, words', [
    (NetError('http', 'http 403', 'https://m.example/r.xml', '192.0.2.1', 0.12, status=403), u'http 403 for https://m.example/r.xml (at 192.0.2.1, 0.1 s)'),
    (NetError('dns', 'the name does not exist (m.example)', 'https://m.example/'), u'dns: the name does not exist (m.example) for https://m.example/'),
    (NetError('tcp', 'connection refused', 'https://192.0.2.1/', '192.0.2.1', 2), u'tcp: connection refused for https://192.0.2.1/ (2.0 s)'),
    (NetError('tls', 'x', 'https://u:p@m.example/b?sig=1'), u'tls: x for https://m.example/b?\u2026'),
    (DockfleetError('Nothing of that kind.'), u'Nothing of that kind.'),
])  # fmt: skip
def test_describe(error, words):
    assert describe(error) == words == error.message


@pytest.mark.parametrize('seconds, words', [(5, u'5 s'), (0.3, u'0.3 s'), (10.0, u'10 s'), (2.54, u'2.5 s')])
def test_in_seconds(seconds, words):
    assert in_seconds(seconds) == words
