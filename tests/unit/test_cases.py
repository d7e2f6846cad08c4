# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every reported fault of tests/cases.txt has a test named after it."""

from __future__ import annotations

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = dict(line.split(None, 1) for line in (ROOT / 'tests/cases.txt').read_text(encoding='utf-8').splitlines() if line and line[0] != '#')


def named_after():
    """The cases that tests are named after, with the names of these: of functions, or of rows in their tables. One may be named after several."""
    found = {}
    for folder in ('tests', 'extensions'):
        for path in (ROOT / folder).rglob('test_*.py'):
            for name in re.findall(r'^ *def (test_\w+)|^ *\([\'"](B\d\w*)[\'"],', path.read_text(encoding='utf-8'), re.M):
                for number in re.findall(r'(?<![^_])B0*([1-9]\d*)(?![^_])', ''.join(name)):
                    found.setdefault('B' + number, []).append('%s::%s' % (path.relative_to(ROOT), ''.join(name)))
    return found


TESTS = named_after()


@pytest.mark.parametrize('case', CASES, ids=lambda case: case + '_' + CASES[case].replace(' ', '_'))
def test_a_test_is_named_after(case):
    assert TESTS.get(case)


def test_no_test_is_named_after_a_case_that_is_not_listed():
    assert {case: tests for case, tests in TESTS.items() if case not in CASES} == {}
