# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks variables of roles, marks a look as one of this run, answers from it while it counts, and explains a Python that ansible-core cannot use."""

from __future__ import annotations

import re

from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as core_version

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import data_root_of
from ansible_collections.dockfleet.host.plugins.module_utils._preflight import ARGUMENT_SPEC, verdict
from ansible_collections.dockfleet.host.plugins.plugin_utils._fresh_look import FACT, PROBE_FACT, environment_of, fresh_look, run_token
from ansible_collections.dockfleet.host.plugins.plugin_utils._planned_action import plain
from ansible_collections.dockfleet.host.plugins.plugin_utils._role_arguments import check_roles

# The last ansible-core that manages Python 2.7 and 3.6 (support matrix of the Ansible documentation).
LAST_FOR_OLD_PYTHON = '2.16'
OLDEST_PYTHON = basic._PY_MIN if isinstance(getattr(basic, '_PY_MIN', None), tuple) else (2, 7)


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        if boolean(self._task.args.get('check_roles', False), strict=False):
            check_roles(self, task_vars)
        return self.answer_from_look(task_vars) or self.look(task_vars)

    def answer_from_look(self, task_vars: dict) -> dict | None:
        # The facts at hand are those of the inventory host, which is not the one a delegated task works on.
        look = None if self._task.delegate_to else fresh_look(task_vars)
        checked = ArgumentSpecValidator(ARGUMENT_SPEC).validate(plain(dict(self._task.args)))
        if look is None or checked.error_messages:
            return None
        look, wish = plain(look), checked.validated_parameters
        if look['system']['data_root'] != data_root_of(wish, look['daemon']['options']):
            return None
        try:
            # The warnings were shown when the look was made.
            return dict(verdict(look, wish)[0], changed=False, looked=False)
        except DockfleetError as error:
            return dict(error.details, failed=True, changed=False, looked=False, msg=error.message)

    def look(self, task_vars: dict) -> dict:
        result = self._execute_module(module_args=dict(self._task.args), task_vars=task_vars)
        facts = result.get('ansible_facts') or {}
        if facts.get(FACT):
            facts[FACT]['run'] = run_token()
            if facts.get(PROBE_FACT):
                facts[PROBE_FACT].update(run=run_token(), environment=environment_of(self._task))
        elif result.get('failed') and 'stage' not in result:
            result = self.explain_old_python(result)
        return result

    def explain_old_python(self, result: dict) -> dict:
        """Where the host only has Pythons older than this ansible-core can use, say which ansible-core can."""
        # Pythons are asked one by one: the first that is missing must not end the list.
        ask = 'for python in python3 /usr/libexec/platform-python python2.7 python; do "$python" -V; done 2>&1'
        answer = self._low_level_execute_command(ask, sudoable=False)
        found = sorted({tuple(int(part) for part in version) for version in re.findall(r'Python (\d+)\.(\d+)', answer['stdout'])})
        used = re.search(r'python(\d)(?:\.(\d+))?$', str(self._used_interpreter or ''))
        if used and used.group(2):
            found = [(int(used.group(1)), int(used.group(2)))]
        if not found or found[-1] >= OLDEST_PYTHON:
            return result
        return dict(
            failed=True,
            changed=False,
            stage='python',
            msg=(
                'host_facts: this host has Python {0}, and ansible-core {1} needs {2} or newer there. Run this play with ansible-core {3}, the last one '
                'for Python 2.7 and 3.6 (pip install "ansible-core=={3}.*", itself under Python 3.10 to 3.12), or install a newer Python on the host '
                'and set ansible_python_interpreter to it.'
            ).format('.'.join(map(str, found[-1])), core_version, '.'.join(map(str, OLDEST_PYTHON)), LAST_FOR_OLD_PYTHON),
        )
