# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs that run at the same time under one deadline."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import threading

try:
    from queue import Empty, Queue
except ImportError:  # Python 2
    from Queue import Empty, Queue

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError, in_seconds

# How long side_by_side() gives jobs to put their own error into words after the deadline that they all know.
_GRACE = 0.5

# What a job is at: stage, url and address, in the dict "state" of its thread.
progress = threading.local()


def side_by_side(jobs, deadline):
    """Run jobs at the same time, and wait for them no longer than a deadline that all share.

    Threads that hang are left behind; they do not keep the process from ending.

    Args:
        jobs (list of callable): Called without arguments; each keeps to the same deadline where it can.
        deadline (Deadline): When to stop waiting.

    Returns:
        list: For each job, in order, what it returned, or the DockfleetError that it raised or that stands for its silence.
            Any other exception is a mistake in the program and is raised.
    """
    done = Queue()
    states = [{} for dummy in jobs]

    def run(index, job):
        progress.state = states[index]
        try:
            done.put((index, job()))
        except Exception as error:  # pylint: disable=broad-except
            done.put((index, error))

    for index, job in enumerate(jobs):
        start_thread(run, index, job)
    results = {}
    try:
        while len(results) < len(jobs):
            index, result = done.get(timeout=deadline.left() + _GRACE)
            results[index] = result
    except Empty:
        pass
    for result in results.values():
        if isinstance(result, Exception) and not isinstance(result, DockfleetError):
            raise result
    return [results[index] if index in results else _silence(state, deadline) for index, state in enumerate(states)]


def _silence(state, deadline):
    cause = u'no answer within %s' % in_seconds(deadline.seconds)
    return NetError(state.get('stage', u'dns'), cause, state.get('url', u''), state.get('address'), deadline.elapsed())


def start_thread(target, *args):
    thread = threading.Thread(target=target, args=args)
    thread.daemon = True
    thread.start()
