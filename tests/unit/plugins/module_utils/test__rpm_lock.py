# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""rpm's lock, held by a real process."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import io
import os
import subprocess
import sys
import threading

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _rpm_lock
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._rpm_lock import LOCK_FILE, is_free, wait_for_rpm

HOLD = 'import fcntl, sys; stream = open(sys.argv[1], "r+"); fcntl.lockf(stream, fcntl.LOCK_EX); print("held"); sys.stdout.flush(); sys.stdin.read()'


class Database(object):
    """What wait_for_rpm needs of a Host, with a database in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.path = os.path.join(folder, LOCK_FILE)

    def run(self, argv):
        assert argv == ['rpm', '--eval', '%_dbpath']
        return 0, self.folder + '\n', ''

    def read_text(self, path):
        try:
            with io.open(path, encoding='utf-8') as stream:
                return stream.read()
        except IOError:
            return None


@pytest.fixture
def database(tmpdir):
    return Database(str(tmpdir))


@pytest.fixture
def held(database):
    """The process that holds the lock until its standard input ends."""
    open(database.path, 'w').close()
    process = subprocess.Popen([sys.executable, '-c', HOLD, database.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline().strip() == b'held'
    yield process
    if not process.stdin.closed:
        process.stdin.close()
    process.wait()
    process.stdout.close()


def test_nobody_holds_it(database):
    wait_for_rpm(database, patience=1, pause=1)
    open(database.path, 'w').close()
    wait_for_rpm(database, patience=1, pause=1)


def test_the_holder_is_named_when_it_does_not_let_go(database, held):
    with pytest.raises(DockfleetError) as caught:
        wait_for_rpm(database, patience=1, pause=1)
    assert database.path in caught.value.message and caught.value.details['stage'] == 'lock'
    assert 'process %d (%s' % (held.pid, sys.executable) in caught.value.message


def test_it_goes_on_when_the_holder_lets_go(database, held, monkeypatch):
    seen, looked = [], threading.Event()

    def noted(path):
        seen.append(is_free(path))
        looked.set()
        return seen[-1]

    monkeypatch.setattr(_rpm_lock, 'is_free', noted)
    waiter = threading.Thread(target=wait_for_rpm, args=(database, 600, 1))
    waiter.start()
    looked.wait()
    held.stdin.close()
    waiter.join()
    assert seen[0] is False and seen[-1] is True
