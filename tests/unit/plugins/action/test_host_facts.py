# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said where a host's Python is too old for this ansible-core, on every ansible-core."""

from __future__ import annotations

import pytest

from ansible_collections.dockfleet.host.plugins.action import host_facts

FAILED = {'failed': True, 'msg': 'The module interpreter was not found.'}


def explained(monkeypatch, answer):
    action = object.__new__(host_facts.ActionModule)
    action._used_interpreter = None
    monkeypatch.setattr(action, '_low_level_execute_command', lambda *dummy, **more: {'stdout': answer}, raising=False)
    return action.explain_old_python(FAILED)


@pytest.mark.parametrize('answer, found', [('Python 2.6.6\n', '2.6'), ('sh: python3: not found\nPython 2.5.1\n', '2.5')])
def test_pythons_that_are_too_old_are_named(monkeypatch, answer, found):
    result = explained(monkeypatch, answer)
    assert result['stage'] == 'python' and 'this host has Python %s, and ansible-core' % found in result['msg']


@pytest.mark.parametrize('answer', ['', 'sh: python3: not found\n', 'Python 3.12.1\nPython 2.7.5\n'])
def test_other_failures_are_left_as_they_are(monkeypatch, answer):
    assert explained(monkeypatch, answer) == FAILED
