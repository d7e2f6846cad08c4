# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the network share: how long they wait, whom they ask, and what a failure said."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type


from collections import namedtuple

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.tests.unit.servers import Authority, answer

# Long enough that a test which runs into it is a failed test.
PATIENCE = 30
# For what will never answer.
SHORT = 0.3
HERE = {u'm.example': ['127.0.0.1'], u'other.example': ['127.0.0.1']}

World = namedtuple('World', ('authority', 'stranger', 'good'))


def make_world(folder):
    """An authority that is known, one that is not, and a good certificate of m.example."""
    authority = Authority(folder, 'known')
    return World(authority, Authority(folder, 'unknown'), authority.issue('m.example'))


def forget_proxies(monkeypatch):
    """The environment of this machine names none meanwhile."""
    for name in ('http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def failure(call, *args, **options):
    """The NetError that the call ends in."""
    options.setdefault('timeout', PATIENCE)
    with pytest.raises(NetError) as caught:
        call(*args, **options)
    return caught.value


def hello(request):
    return answer(b'hello from ' + request.target.encode('ascii'))
