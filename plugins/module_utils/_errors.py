# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one exception that carries a refusal to the user."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible.module_utils.common.text.converters import to_native, to_text


class DockfleetError(Exception):
    """A refusal in the user's terms: what, where, which stage failed, why, and the next step.

    Args:
        message (str): One or a few sentences, ready to be shown.
        details (dict): Machine-readable facts, merged into the failed task's result.
    """

    def __init__(self, message, **details):
        super(DockfleetError, self).__init__(to_native(message))
        self.message = to_text(message)
        self.details = details
