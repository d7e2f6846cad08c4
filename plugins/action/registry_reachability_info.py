# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers from the probe that was made along with a look of this run, where the same was asked under the same circumstances."""

from __future__ import annotations

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.dockfleet.host.plugins.module_utils._registry_probe import ARGUMENT_SPEC
from ansible_collections.dockfleet.host.plugins.module_utils._registry_probe_ahead import digest_of
from ansible_collections.dockfleet.host.plugins.plugin_utils._fresh_look import PROBE_FACT, environment_of, fresh
from ansible_collections.dockfleet.host.plugins.plugin_utils._planned_action import plain


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        wrap_async = self._task.async_val and not self._connection.has_native_async
        return self.answer_from_look(task_vars) or self._execute_module(task_vars=task_vars, wrap_async=wrap_async)

    def answer_from_look(self, task_vars: dict) -> dict | None:
        # The facts at hand are those of the inventory host, which is not the one a delegated task works on.
        probed = None if self._task.delegate_to or self._task.async_val else fresh(task_vars, PROBE_FACT)
        checked = ArgumentSpecValidator(ARGUMENT_SPEC).validate(plain(dict(self._task.args)))
        if probed is None or checked.error_messages or probed['environment'] != environment_of(self._task):
            return None
        if probed['asked'] != digest_of(checked.validated_parameters, probed['salt']):
            return None
        result = plain(probed['result'])
        return dict(result, changed=False, warnings=result.pop('left_out', []))
