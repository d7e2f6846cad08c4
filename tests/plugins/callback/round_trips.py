# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what a play really asks of its hosts: modules that are run there, and single commands outside of any module.

What an action plugin answers on the controller is not counted, because it costs no round trip.
"""

from __future__ import annotations

import collections
import functools
import json
import os
import tempfile

from ansible.executor.task_executor import TaskExecutor
from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = '''
name: round_trips
type: aggregate
short_description: Counts the module round trips to each host
description:
  - Prints after a run how many modules each host was made to run, and how many commands outside of modules.
  - With the environment variable C(ROUND_TRIPS_JSON), also writes it to that file, together with the number of task results, skipped ones included.
'''


class Counter:
    """Counts in the worker processes, which are forked from the one that made it, through one file that only grows."""

    def __init__(self):
        self._file = tempfile.TemporaryFile('a+b', buffering=0)
        self._host = None
        self._inside = False
        self._wrap(TaskExecutor, 'run', self._task)
        self._wrap(ActionBase, '_execute_module', self._module)
        self._wrap(ActionBase, '_low_level_execute_command', self._command)
        # what Ansible does for itself, and not at all with pipelining
        self._wrap(ActionBase, '_make_tmp_path', self._part_of_a_module)
        self._wrap(ActionBase, '_remove_tmp_path', self._part_of_a_module)

    @staticmethod
    def _wrap(owner, name, around):
        original = getattr(owner, name)

        @functools.wraps(original)
        def wrapper(self, *args, **kwargs):
            return around(self, functools.partial(original, self, *args, **kwargs))

        setattr(owner, name, wrapper)

    def _task(self, executor, run):
        self._host = executor._host.name
        return run()

    def _module(self, action, run):
        self._note(action, 'modules')
        return self._part_of_a_module(action, run)

    def _part_of_a_module(self, action, run):
        outer, self._inside = self._inside, True
        try:
            return run()
        finally:
            self._inside = outer

    def _command(self, action, run):
        if not self._inside:
            self._note(action, 'commands')
        return run()

    def _note(self, action, kind):
        self._file.write(json.dumps([action._task.delegate_to or self._host, kind]).encode() + b'\n')

    def read(self, hosts):
        counts = {host: collections.Counter() for host in hosts}
        self._file.seek(0)
        for line in self._file:
            host, kind = json.loads(line)
            counts.setdefault(host, collections.Counter())[kind] += 1
        return {host: {'modules': count['modules'], 'commands': count['commands']} for host, count in sorted(counts.items())}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'round_trips'
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._counter = Counter()

    def v2_playbook_on_stats(self, stats):
        counts = self._counter.read(stats.processed)
        for host, count in counts.items():
            # ok holds the changed ones, too
            count['results'] = sum(getattr(stats, kind).get(host, 0) for kind in ('ok', 'skipped', 'failures', 'dark'))
        self._display.display('module round trips: ' + ', '.join('%s %d' % (host, count['modules']) for host, count in counts.items()))
        commands = ['%s %d' % (host, count['commands']) for host, count in counts.items() if count['commands']]
        if commands:
            self._display.display('commands outside of modules: ' + ', '.join(commands))
        if os.environ.get('ROUND_TRIPS_JSON'):
            with open(os.environ['ROUND_TRIPS_JSON'], 'w', encoding='utf-8') as file:
                json.dump(counts, file, indent=2)
