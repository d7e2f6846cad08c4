# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import subprocess
import sys

from ansible_collections.dockfleet.host.plugins.module_utils._processes import children_of, process_ids, read_process


def test_a_child_is_found_until_it_has_ended():
    child = subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'], stdin=subprocess.PIPE)
    try:
        assert child.pid in children_of(os.getpid()) and child.pid in process_ids()
        assert read_process(child.pid, 'comm').startswith('python')
    finally:
        child.stdin.close()
        child.wait()
    assert read_process(child.pid, 'comm') == '' and child.pid not in children_of(os.getpid())
