# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the network share: how long they wait, whom they ask, and what a failure said."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.tests.unit.servers import answer

# Long enough that a test which runs into it is a failed test.
PATIENCE = 30
# For what will never answer.
SHORT = 0.3
HERE = {u'm.example': ['127.0.0.1'], u'other.example': ['127.0.0.1']}


def failure(call, *args, **options):
    """The NetError that the call ends in."""
    options.setdefault('timeout', PATIENCE)
    with pytest.raises(NetError) as caught:
        call(*args, **options)
    return caught.value


def hello(request):
    return answer(b'hello from ' + request.target.encode('ascii'))
