# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan
from ansible_collections.dockfleet.host.plugins.plugin_utils._fresh_look import FACT, STALE, run_token
from ansible_collections.dockfleet.host.plugins.plugin_utils._planned_action import PlannedAction


class Greeting:
    """A topic: the host shall say a word."""

    ARGUMENT_SPEC = {'word': {'type': 'str', 'required': True}, 'times': {'type': 'int', 'default': 1}}
    CONSTRAINTS = {}
    NEEDS = ('system',)

    @staticmethod
    def plan(look, wish):
        if wish['word'] == 'unseen':
            raise NotInLook()
        if wish['word'] == 'refused':
            raise DockfleetError('No.')
        wished = wish['word'] * wish['times']
        said = look['system']['said']
        return Plan(steps=[wished] if said != wished else [], before=said, after=wished, result={'said': wished}, warnings=['mind'])


class Task:
    def __init__(self, args, check_mode=False, delegate_to=None):
        self.args, self.check_mode, self.delegate_to, self.diff, self.async_val = args, check_mode, delegate_to, True, 0


class GreetingAction(PlannedAction):
    TOPIC = Greeting

    def __init__(self, task, from_host):
        self._task = task
        self.from_host = from_host
        self.round_trips = []

    def _execute_module(self, module_args=None, task_vars=None, **kwargs):
        self.round_trips.append(module_args)
        return dict(self.from_host)


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr('ansible.plugins.action.ActionBase.run', lambda self, tmp=None, task_vars=None: {})

    def run_with(args, look, from_host=None, **task):
        action = GreetingAction(Task(args, **task), from_host or {'changed': False, 'from': 'host'})
        return action.run(task_vars={'ansible_facts': {FACT: look}}), action.round_trips

    return run_with


def look(said, **more):
    return dict({'run': run_token(), 'system': {'said': said}}, **more)


def test_a_converged_host_is_answered_from_the_look(run):
    result, round_trips = run({'word': 'hi', 'times': '2'}, look('hihi'))
    assert round_trips == []
    assert result == {'changed': False, 'said': 'hihi', 'diff': {'before': 'hihi', 'after': 'hihi'}, 'warnings': ['mind']}


@pytest.mark.parametrize(
    'args, the_look, task',
    [
        ({'word': 'hi'}, look('ho'), {}),
        ({'word': 'hi'}, look('ho'), {'check_mode': True}),
        ({'word': 'hi'}, STALE[FACT], {}),
        ({'word': 'hi'}, look('hi', run='of another process'), {}),
        ({'word': 'hi'}, {'run': run_token()}, {}),
        ({'word': 'hi'}, look('hi'), {'delegate_to': 'elsewhere'}),
        ({'word': 'unseen'}, look('unseen'), {}),
        ({'word': 'refused'}, look('refused'), {}),
        ({'word': 'hi', 'unknown': 1}, look('hi'), {}),
        ({}, look('hi'), {}),
    ],
)
def test_everything_else_is_left_to_the_module(run, args, the_look, task):
    result, round_trips = run(args, the_look, **task)
    assert round_trips == [args]
    assert result == {'changed': False, 'from': 'host'}


def test_the_first_change_makes_the_look_stale(run):
    result = run({'word': 'hi'}, look('ho'), from_host={'changed': True})[0]
    assert result['ansible_facts'] == STALE


def test_check_mode_changes_nothing_so_the_look_stays(run):
    result = run({'word': 'hi'}, look('ho'), from_host={'changed': True}, check_mode=True)[0]
    assert 'ansible_facts' not in result


def test_facts_that_ansible_adds_to_a_result_survive(run):
    from_host = {'changed': True, 'ansible_facts': {'discovered_interpreter_python': '/usr/bin/python2.7'}}
    assert run({'word': 'hi'}, look('ho'), from_host=from_host)[0]['ansible_facts'] == {
        'discovered_interpreter_python': '/usr/bin/python2.7',
        FACT: {},
    }
