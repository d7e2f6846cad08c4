# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was asked along with the look is asked again only where it may be answered differently now."""

from __future__ import annotations

import types

import pytest

from ansible_collections.dockfleet.host.plugins.action import host_facts, registry_hosts, registry_reachability_info
from ansible_collections.dockfleet.host.plugins.module_utils import _registry_probe_ahead
from ansible_collections.dockfleet.host.plugins.plugin_utils._fresh_look import FACT, PROBE_FACT

WISH = {'registries': ['https://m.example'], 'images': ['alpine'], 'timeout': 15, 'order': 'given'}
FOUND = {'registries': [], 'healthy': ['https://m.example'], 'mirrors': ['https://m.example'], 'left_out': ['n.example is left out.'], 'table': []}
PROXY = [{'https_proxy': 'http://u:s3cret@proxy.example:3128'}]


class FromHost(Exception):
    """The host is contacted."""


def task(args, **more):
    return types.SimpleNamespace(**dict({'args': args, 'environment': [], 'delegate_to': None, 'async_val': 0, 'check_mode': False}, **more))


def acting(plugin, monkeypatch, from_host, *arguments, **more):
    action = object.__new__(plugin.ActionModule)
    action._task = task(*arguments, **more)
    action._connection = types.SimpleNamespace(has_native_async=False)

    def execute(**dummy):
        if from_host is None:
            raise FromHost
        return from_host

    monkeypatch.setattr(action, '_execute_module', execute, raising=False)
    return action


@pytest.fixture
def facts(monkeypatch):
    """The facts after a look with a probe, as the action plugin of host_facts hands them on."""
    monkeypatch.setattr('ansible.plugins.action.ActionBase.run', lambda self, tmp=None, task_vars=None: {})
    monkeypatch.setattr(_registry_probe_ahead._registry_probe, 'probe', lambda wish: FOUND)
    probed = _registry_probe_ahead.ask_ahead(dict(WISH, timeout=15.0), 'salt')

    def looked(environment=()):
        from_host = {'ansible_facts': {FACT: {'system': {}}, PROBE_FACT: dict(probed)}}
        return acting(host_facts, monkeypatch, from_host, {}, environment=list(environment)).look({})['ansible_facts']

    return looked


def test_the_same_question_is_answered_from_the_look(facts, monkeypatch):
    answer = acting(registry_reachability_info, monkeypatch, None, WISH).run(task_vars={'ansible_facts': facts()})
    assert (answer['mirrors'], answer['warnings'], answer['changed']) == (['https://m.example'], ['n.example is left out.'], False)
    assert 'left_out' not in answer


def test_a_proxy_is_the_same_in_both_tasks(facts, monkeypatch):
    answer = acting(registry_reachability_info, monkeypatch, None, WISH, environment=PROXY).run(task_vars={'ansible_facts': facts(PROXY)})
    assert answer['healthy'] == ['https://m.example'] and 's3cret' not in str(facts(PROXY))


@pytest.mark.parametrize('args, more', [
    (dict(WISH, images=['busybox']), {}),
    (dict(WISH, timeout=5), {}),
    (dict(WISH, ca_file='/etc/ca.pem'), {}),
    (dict(WISH, order='no such order'), {}),
    ({'registries': ['https://m.example']}, {}),
    (WISH, {'environment': PROXY}),
    (WISH, {'delegate_to': 'elsewhere'}),
    (WISH, {'async_val': 60}),
])
def test_another_question_is_asked(facts, monkeypatch, args, more):
    with pytest.raises(FromHost):
        acting(registry_reachability_info, monkeypatch, None, args, **more).run(task_vars={'ansible_facts': facts()})


@pytest.mark.parametrize('known', [{}, {FACT: {}, PROBE_FACT: {}}, {PROBE_FACT: {'run': 'of another run'}}])
def test_without_a_probe_of_this_run_the_host_is_asked(facts, monkeypatch, known):
    with pytest.raises(FromHost):
        acting(registry_reachability_info, monkeypatch, None, WISH).run(task_vars={'ansible_facts': known})


@pytest.mark.parametrize('changed', [True, False])
def test_names_that_lead_elsewhere_make_the_probe_stale(facts, monkeypatch, changed):
    known = facts()
    result = acting(registry_hosts, monkeypatch, {'changed': changed}, {'mode': 'pin'}).run(task_vars={'ansible_facts': known})
    known.update(result.get('ansible_facts', {}))
    asked = acting(registry_reachability_info, monkeypatch, None, WISH)
    if changed:
        with pytest.raises(FromHost):
            asked.run(task_vars={'ansible_facts': known})
    else:
        assert asked.run(task_vars={'ansible_facts': known})['healthy'] == ['https://m.example']
