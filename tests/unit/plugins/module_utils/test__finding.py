# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._finding import Target, finding, target_of


@pytest.mark.parametrize('wished, installed, numbers, or_newer, text', [
    ('26.1', '', (26, 1), False, 'engine 26.1'),
    ('26', '', (26,), False, 'engine 26'),
    ('26.1', '5:26.1.4-1~debian.12~bookworm', (26, 1, 4), False, 'engine 26.1.4'),
    ('26.1', '28.5.2', (26, 1), False, 'engine 26.1'),
    ('3:26.1.4-1.el7', '', (26, 1, 4), False, 'engine 26.1.4'),
    ('present', '20.10.24', (20, 10, 24), False, 'engine 20.10.24'),
    ('present', '', (), True, 'the newest engine'),
    ('latest', '20.10.24', (20, 10, 24), True, 'engine 20.10.24 or newer'),
    ('latest', '', (), True, 'the newest engine'),
])
def test_target(wished, installed, numbers, or_newer, text):
    target = target_of(wished, installed)
    assert (target.numbers, target.or_newer, target.text) == (numbers, or_newer, text)


@pytest.mark.parametrize('numbers, or_newer, version, expected', [
    ((26, 1), False, (26, 0), True),
    ((26, 1), False, (26, 1), True),
    ((26, 1), False, (26, 2), False),
    ((26, 1), False, (29, 0), False),
    ((29,), False, (29, 0), True),
    ((29,), False, (29, 10), None),
    ((30,), False, (29, 10), True),
    ((29, 10, 1), False, (29, 10), True),
    ((29, 9, 1), False, (29, 10), False),
    ((28, 5, 2), True, (29, 0), None),
    ((28, 5, 2), True, (28, 0), True),
    ((), True, (20, 10), None),
    ((), False, (20, 10), None),
])
def test_reaches(numbers, or_newer, version, expected):
    assert Target(numbers, or_newer).reaches(version) is expected


def test_only_what_is_certain_stops():
    assert finding(True, 'a', 'b', 'c')['severity'] == 'stop'
    assert finding(False, 'a', 'b', 'c') == {'code': 'a', 'severity': 'warning', 'message': 'b', 'remedy': 'c'}
