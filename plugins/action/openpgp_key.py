# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the key file of the controller and proves it there, before anything is sent to the host."""

from __future__ import annotations

import time

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.dockfleet.host.plugins.module_utils import _openpgp_key
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import prove
from ansible_collections.dockfleet.host.plugins.plugin_utils._controller_file import read_controller_file
from ansible_collections.dockfleet.host.plugins.plugin_utils._planned_action import PlannedAction, plain


class ActionModule(PlannedAction):
    TOPIC = _openpgp_key

    def arguments_for_host(self, arguments: dict, task_vars: dict) -> dict:
        checked = ArgumentSpecValidator(_openpgp_key.ARGUMENT_SPEC, **_openpgp_key.CONSTRAINTS).validate(plain(arguments))
        wish = checked.validated_parameters
        # The module itself says what is wrong with its parameters.
        if checked.error_messages or not wish['src']:
            return arguments
        path, data = read_controller_file(self, wish['src'], 'src')
        try:
            prove(data, wish['fingerprints'], path, time.time())
        except DockfleetError as error:
            raise AnsibleActionFail(error.message, result=error.details)
        del arguments['src']
        return dict(arguments, content=_openpgp_key.encode_content(data))
