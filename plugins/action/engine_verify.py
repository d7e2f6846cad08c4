# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers from a fresh look that shows the engine as wished: nothing was changed in this run, so nothing has to be proved anew."""

from __future__ import annotations

from ansible_collections.dockfleet.host.plugins.module_utils import _engine_verify
from ansible_collections.dockfleet.host.plugins.module_utils._plan import Plan
from ansible_collections.dockfleet.host.plugins.plugin_utils._planned_action import PlannedAction


class Topic:
    """Reads a verification as a plan: what is left to do on the host."""

    ARGUMENT_SPEC = _engine_verify.ARGUMENT_SPEC
    CONSTRAINTS = {}
    NEEDS = _engine_verify.NEEDS

    @staticmethod
    def plan(look: dict, wish: dict) -> Plan:
        engine, findings = _engine_verify.examine(look, wish)
        steps = findings if wish['run'] != 'always' else wish['images'] or findings
        result = dict(_engine_verify.NOTHING_RUN, engine=engine, findings=findings)
        return Plan(steps, result=result, warnings=_engine_verify.warnings_of(engine, wish))


class ActionModule(PlannedAction):
    TOPIC = Topic
