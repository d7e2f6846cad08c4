# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends a run the hard way, as a power cut of the controller would: with one host done with a task, and others in the middle of it."""

from __future__ import annotations

import os
import signal

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = '''
name: killed_at
type: aggregate
short_description: Kills the run at a task
description:
  - Kills its own process group as soon as the first host has a result of the task that the environment variable C(KILLED_AT) names.
'''


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'killed_at'
    CALLBACK_NEEDS_ENABLED = True

    def _result(self, result, **_options):
        if result._task.get_name() == os.environ['KILLED_AT']:
            os.killpg(os.getpgid(0), signal.SIGKILL)

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_skipped = v2_runner_on_unreachable = _result
