# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import multiprocessing
import subprocess
import sys

import pytest

from ansible_collections.dockfleet.host.plugins.plugin_utils._fresh_look import FACT, STALE, fresh_look, run_token


def put_token(queue):
    queue.put(run_token())


def vars_with(look):
    return {'ansible_facts': {FACT: look}}


def test_the_token_is_shared_by_forked_workers():
    context = multiprocessing.get_context('fork')
    queue = context.Queue()
    worker = context.Process(target=put_token, args=(queue,))
    worker.start()
    assert queue.get(timeout=30) == run_token()
    worker.join()


def test_the_token_of_another_process_is_another_one():
    digest = 'hashlib.sha256(b"dockfleet.host:" + bytes(multiprocessing.current_process().authkey)).hexdigest()'
    code = 'import hashlib, multiprocessing; print(%s)' % digest
    other = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout.strip()
    assert run_token() == eval(digest, {'hashlib': hashlib, 'multiprocessing': multiprocessing})
    assert other != run_token()


@pytest.mark.parametrize(
    'task_vars',
    [
        {},
        {'ansible_facts': None},
        {'ansible_facts': {}},
        {'ansible_facts': STALE},
        vars_with({'system': {}}),
        vars_with({'system': {}, 'run': 'the token of yesterday, revived by a fact cache'}),
    ],
)
def test_what_is_no_look_of_this_run_does_not_count(task_vars):
    assert fresh_look(task_vars) is None


def test_a_look_of_this_run_counts():
    look = {'system': {}, 'run': run_token()}
    assert fresh_look(vars_with(look)) is look
