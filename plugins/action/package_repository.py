# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the key file of the controller, and plans package_repository there while the look is fresh."""

from __future__ import annotations

from ansible_collections.dockfleet.host.plugins.module_utils import _package_repository
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_key import encode_content
from ansible_collections.dockfleet.host.plugins.plugin_utils._controller_file import read_controller_file
from ansible_collections.dockfleet.host.plugins.plugin_utils._planned_action import PlannedAction, plain


class ActionModule(PlannedAction):
    TOPIC = _package_repository

    def arguments_for_host(self, arguments: dict, task_vars: dict) -> dict:
        key = plain(arguments.get('key') or {})
        # The module itself says what is wrong with its parameters.
        if not isinstance(key, dict) or not key.get('src') or set(key) & {'url', 'content'}:
            return arguments
        data = read_controller_file(self, key['src'], 'key.src')[1]
        return dict(arguments, key={'content': encode_content(data)})
