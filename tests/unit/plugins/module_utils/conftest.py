# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the tests of the network."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from collections import namedtuple

import pytest
from ansible_collections.dockfleet.host.tests.unit.servers import Authority

World = namedtuple('World', ('authority', 'stranger', 'good'))


@pytest.fixture(scope='session')
def world(tmpdir_factory):
    """An authority that is known, one that is not, and a good certificate of m.example."""
    folder = str(tmpdir_factory.mktemp('authorities'))
    authority = Authority(folder, 'known')
    return World(authority, Authority(folder, 'unknown'), authority.issue('m.example'))


@pytest.fixture
def no_proxy_from_outside(monkeypatch):
    """The environment of this machine names none meanwhile."""
    for name in ('http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
