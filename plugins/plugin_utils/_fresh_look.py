# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a look may be trusted on the controller: only in the run that made it, and only until this host is first changed."""

from __future__ import annotations

import hashlib
import json
import multiprocessing

from ansible.module_utils.common.text.converters import to_bytes

FACT = 'dockfleet_host'
# The registry probe that was made along with the look. What other changes do to a host is nothing to it; only names that lead elsewhere are.
PROBE_FACT = 'dockfleet_registries'

# What the facts become once the host has changed: no look at all.
STALE = {FACT: {}}
STALE_NAMES = {FACT: {}, PROBE_FACT: {}}


def run_token() -> str:
    """A value that is the same in all workers of one ansible-playbook process and different in every other process.

    A fact cache keeps looks beyond the run that made them; this is how such a look is told apart. Every process draws a random
    key when it loads multiprocessing, and forked workers inherit it.
    """
    return hashlib.sha256(b'dockfleet.host:' + to_bytes(bytes(multiprocessing.current_process().authkey))).hexdigest()


def fresh(task_vars: dict, fact: str) -> dict | None:
    """One of the facts above for the host of these task_vars, or None where there is none to be trusted."""
    found = (task_vars.get('ansible_facts') or {}).get(fact) or {}
    return found if found.get('run') == run_token() else None


def fresh_look(task_vars: dict) -> dict | None:
    """The look at the host of these task_vars, or None where there is none to be trusted."""
    return fresh(task_vars, FACT)


def environment_of(task) -> str:
    """A text that is the same for tasks with the same environment, in which proxies and their passwords may stand."""
    return hashlib.sha256(to_bytes(run_token() + json.dumps(task.environment, default=str, sort_keys=True))).hexdigest()
