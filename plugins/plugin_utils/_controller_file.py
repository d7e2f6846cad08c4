# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key files on the controller, for action plugins."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_armor import MAX_BYTES


def read_controller_file(action: ActionBase, name: str, option: str) -> tuple[str, bytes]:
    """Path and content of a file that is searched for like those of ansible.builtin.copy; vaulted ones are decrypted.

    Args:
        action (ActionBase): Whose task it is.
        name (str): As the user wrote it.
        option (str): The option that it was written for; it begins a refusal.
    """
    try:
        path = action._find_needle('files', name)
        real = action._loader.get_real_file(path)
    except AnsibleError as error:
        raise AnsibleActionFail(f'{option} "{name}" cannot be read on the controller: {error}', result={'stage': 'src'})
    try:
        with open(real, 'rb') as stream:
            return path, stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise AnsibleActionFail(f'{option} "{path}" cannot be read on the controller: {error.strerror}.', result={'stage': 'src'})
    finally:
        action._loader.cleanup_tmp_file(real)
