# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and proves the certificates of the controller, and plans daemon_json there while the look is fresh."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.text.converters import to_text

from ansible_collections.dockfleet.host.plugins.module_utils import _daemon_json
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.plugin_utils._controller_file import read_controller_file
from ansible_collections.dockfleet.host.plugins.plugin_utils._planned_action import PlannedAction, plain
from ansible_collections.dockfleet.host.plugins.plugin_utils._tls_material import prove_material

MATERIAL = ('ca', 'cert', 'key')


class ActionModule(PlannedAction):
    TOPIC = _daemon_json

    def arguments_for_host(self, arguments: dict, task_vars: dict) -> dict:
        tls = plain(arguments.get('tls') or {})
        # The module itself says what is wrong with its parameters.
        if not isinstance(tls, dict) or not all(isinstance(tls.get(name), str) and tls[name].strip() for name in MATERIAL):
            return arguments
        tls.update((name, self.material(name, tls[name])) for name in MATERIAL)
        try:
            prove_material(*(tls[name] for name in MATERIAL), now=datetime.now(timezone.utc).replace(tzinfo=None))
        except DockfleetError as error:
            raise AnsibleActionFail(error.message, result=error.details)
        return dict(arguments, tls=tls)

    def material(self, name: str, value: str) -> str:
        """PEM, given as such or by the path of a file."""
        if value.lstrip().startswith('-----BEGIN'):
            return value
        return to_text(read_controller_file(self, value, f'tls.{name}')[1], errors='surrogate_or_replace')
