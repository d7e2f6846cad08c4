# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import types

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.dockfleet.host.plugins.action import host_facts
from ansible_collections.dockfleet.host.plugins.plugin_utils._role_arguments import SPECS

ROOT = pathlib.Path(__file__).resolve().parents[4]


class LookedAtTheHost(Exception):
    """The variables are right, so that the host would be contacted now."""


@pytest.fixture
def check(monkeypatch):
    monkeypatch.setattr('ansible.plugins.action.ActionBase.run', lambda self, tmp=None, task_vars=None: {})

    def execute(self, **dummy):
        raise LookedAtTheHost

    monkeypatch.setattr(host_facts.ActionModule, '_execute_module', execute)

    def check_with(*roles, **variables):
        loader = DataLoader()
        task_vars = dict(variables, ansible_play_role_names=list(roles))
        task = types.SimpleNamespace(args={'check_roles': True}, delegate_to=None)
        return host_facts.ActionModule(task, None, None, loader, Templar(loader, variables=task_vars), None).run(task_vars=task_vars)

    return check_with


def test_all_roles_have_a_specification():
    assert set(SPECS) == {path.name for path in (ROOT / 'roles').iterdir()}


def test_right_variables_pass_templates_too(check):
    with pytest.raises(LookedAtTheHost):
        check(
            'dockfleet.host.docker_engine',
            'dockfleet.host.docker_daemon',
            docker_engine_version='26.1',
            docker_daemon_registry_mirrors='{{ mine }}',
            mine=['https://m.example'],
            docker_daemon_options={'log-opts': {'max-size': '1m'}},
        )


def test_all_mistakes_of_all_roles_are_told_at_once(check):
    with pytest.raises(AnsibleActionFail) as caught:
        check(
            'dockfleet.host.docker_repo',
            'other.collection.role',
            'dockfleet.host.docker_daemon',
            docker_repo_timeout='soon',
            docker_daemon_mirror_policy='helthy',
            # A role that the play does not import is not looked at.
            docker_engine_users=7,
        )
    said = str(caught.value)
    assert 'docker_repo_timeout' in said and 'docker_daemon_mirror_policy' in said and 'Nothing was changed' in said
    assert caught.value.result['stage'] == 'arguments' and len(caught.value.result['argument_errors']) == 2


def test_a_play_without_our_roles_has_nothing_to_check(check):
    with pytest.raises(AnsibleActionFail) as caught:
        check('other.collection.role')
    assert 'imports no role of this collection' in str(caught.value)


@pytest.mark.parametrize('path', sorted((ROOT / 'playbooks').glob('*.yml')), ids=lambda path: path.name)
def test_where_a_role_does_not_check_itself_the_play_does_first(path):
    for play in yaml.safe_load(path.read_text(encoding='utf-8')):
        tasks = play.get('tasks', [])
        unchecked = [task for task in tasks if (task.get('ansible.builtin.import_role') or {}).get('rolespec_validate') is False]
        if unchecked:
            assert tasks[0]['ansible.builtin.import_role']['name'] == 'dockfleet.host.docker_preflight'
            assert tasks[0]['vars']['docker_preflight_check_roles'] is True
