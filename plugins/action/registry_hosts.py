# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs registry_hosts on the host, where names have to be looked up, and tells that a look is stale where it changed something."""

from __future__ import annotations

from ansible_collections.dockfleet.host.plugins.plugin_utils._fresh_look import STALE_NAMES
from ansible_collections.dockfleet.host.plugins.plugin_utils._planned_action import PlannedAction


class ActionModule(PlannedAction):
    STALE = STALE_NAMES

    def answer_from_look(self, arguments: dict, task_vars: dict) -> dict | None:
        # No look holds what name servers say.
        return None
