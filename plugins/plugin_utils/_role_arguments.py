# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the variables of all roles of a play at once, before the first of them runs."""

from __future__ import annotations

import pathlib

import yaml
from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.plugins.action.validate_argument_spec import ActionModule as ValidateArgumentSpec

COLLECTION = 'dockfleet.host.'


def read_specs() -> dict:
    """The options of each role of this collection, as its meta/argument_specs.yml has them."""
    files = (pathlib.Path(__file__).resolve().parents[2] / 'roles').glob('*/meta/argument_specs.yml')
    loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
    return {path.parts[-3]: yaml.load(path.read_bytes(), Loader=loader)['argument_specs']['main']['options'] for path in files}


# Read once: Ansible loads an action plugin before it forks a worker for each host.
SPECS = read_specs()


def check_roles(action: ActionBase, task_vars: dict) -> None:
    """Check the variables of the roles of this collection that the play imports.

    Raises:
        AnsibleActionFail: What is wrong with them, all of it.
    """
    names = [name[len(COLLECTION) :] for name in task_vars['ansible_play_role_names'] if name.startswith(COLLECTION)]
    if not names:
        raise AnsibleActionFail('check_roles: this play imports no role of this collection, so there is nothing to check. See the EXAMPLES of host_facts.')
    errors = []
    for name in names:
        # Names begin with that of their role, so that no two specifications have one in common.
        values = ValidateArgumentSpec.get_args_from_task_vars(action, SPECS[name], task_vars)
        errors.extend(ArgumentSpecValidator(SPECS[name]).validate(values, validate_role_argument_spec=True).error_messages)
    if errors:
        raise AnsibleActionFail(
            'Nothing was changed on this host, since variables are not what the roles take: %s. "ansible-doc --type role %sROLE" describes them.'
            % ('; '.join(errors), COLLECTION),
            result={'stage': 'arguments', 'argument_errors': errors},
        )
