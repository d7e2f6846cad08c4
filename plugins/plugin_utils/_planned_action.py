# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin base of the changing modules: plan on the controller, and leave the host alone where nothing is to do."""

from __future__ import annotations

import json

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook
from ansible_collections.dockfleet.host.plugins.plugin_utils._fresh_look import STALE, fresh_look


def plain(value):
    """A copy made of plain types: what templating hands over may be lazy or tagged, and planners compare types."""
    return json.loads(json.dumps(value))


class PlannedAction(ActionBase):
    """One subclass per changing module, which names its topic.

    A refusal is never answered from here: the host looks again before it says no.
    """

    # The module_utils topic with ARGUMENT_SPEC, CONSTRAINTS, NEEDS and plan(look, wish).
    TOPIC = None
    # What is not to be trusted any more once the module has changed something.
    STALE = STALE

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = self.arguments_for_host(dict(self._task.args), task_vars)
        result = self.answer_from_look(arguments, task_vars)
        if result is None:
            result = self._execute_module(module_args=arguments, task_vars=task_vars)
            if result.get('changed') and not self._task.check_mode:
                result.setdefault('ansible_facts', {}).update(self.STALE)
        return result

    def arguments_for_host(self, arguments: dict, task_vars: dict) -> dict:
        """The module arguments as the host shall get them; a subclass reads files of the controller here."""
        return arguments

    def answer_from_look(self, arguments: dict, task_vars: dict) -> dict | None:
        """The module's result where a fresh look already shows that there is nothing to do; else None."""
        # The facts at hand are those of the inventory host, which is not the one a delegated task works on.
        look = None if self._task.delegate_to else fresh_look(task_vars)
        if look is None or not set(self.TOPIC.NEEDS) <= set(look):
            return None
        checked = ArgumentSpecValidator(self.TOPIC.ARGUMENT_SPEC, **self.TOPIC.CONSTRAINTS).validate(plain(arguments))
        if checked.error_messages:
            return None
        try:
            plan = self.TOPIC.plan(plain(look), checked.validated_parameters)
        except (NotInLook, DockfleetError):
            return None
        if plan.changed:
            return None
        return dict(plan.as_result(self._task.diff), **({'warnings': plan.warnings} if plan.warnings else {}))
