# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs engine_data on the host, since no look of the controller knows its data, and makes that look stale."""

from __future__ import annotations

from ansible_collections.dockfleet.host.plugins.module_utils import _engine_data
from ansible_collections.dockfleet.host.plugins.plugin_utils._planned_action import PlannedAction


class ActionModule(PlannedAction):
    TOPIC = _engine_data
