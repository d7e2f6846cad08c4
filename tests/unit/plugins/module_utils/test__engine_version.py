# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._engine_version import numbers_of, shown


@pytest.mark.parametrize('text, numbers', [
    ('26.1.5+dfsg1', (26, 1, 5)), ('3:26.1.4-1.el7', (26, 1, 4)), ('5:20.10.24~3-0~debian', (20, 10, 24)), ('v28.0.0-rc.1', (28, 0, 0)),
    ('26.1', (26, 1)), ('present', ()), ('', ()), (None, ()),
])
def test_numbers_of(text, numbers):
    assert numbers_of(text) == numbers


@pytest.mark.parametrize('version, text', [
    ((20, 10), '20.10'), ((19, 3), '19.03'), ((18, 9), '18.09'), ((17, 12), '17.12'), ((28, 2), '28.2'), ((23, 0), '23.0'),
])
def test_shown(version, text):
    assert shown(version) == text
