# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rpm's own lock. While another process holds it, rpm gives up at once (4.18, called by a program), so we wait before rpm is called."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import fcntl
import os
import time

from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager import LOCK_PATIENCE, LOCK_PAUSE, describe_process

# Below the folder of the database, which rpm's configuration names. A POSIX record lock, in all versions of rpm.
LOCK_FILE = '.rpm.lock'
LOCKS = '/proc/locks'


def wait_for_rpm(host, patience=LOCK_PATIENCE, pause=LOCK_PAUSE):
    """Return as soon as no other process holds the lock of rpm's database.

    Args:
        host (Host): Knows where the database is.
        patience (int): Seconds to wait.
        pause (int): Seconds between two trials.

    Raises:
        DockfleetError: The lock was not let go in time; the message names the process that holds it.
    """
    path = os.path.join(host.run(['rpm', '--eval', '%_dbpath'])[1].strip(), LOCK_FILE)
    for dummy in range(patience // pause):
        if is_free(path):
            return
        time.sleep(pause)
    raise DockfleetError(
        u'rpm: another process holds %s and did not let go of it in %d seconds: %s. Wait for it or stop it, then run again.'
        % (path, patience, holder(host, path)),
        stage='lock',
    )


def is_free(path):
    """Whether nobody holds a record lock on a file; one that is not there is held by nobody."""
    try:
        handle = os.open(to_bytes(path), os.O_RDWR)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return True
        raise
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (IOError, OSError):
        return False
    finally:
        os.close(handle)
    return True


def holder(host, path):
    """The process that holds a record lock on a file, in words."""
    inode = ':%d' % os.stat(to_bytes(path)).st_ino
    for line in (host.read_text(LOCKS) or u'').splitlines():
        fields = line.split()
        if u'POSIX' in fields and u'->' not in fields and fields[5].endswith(inode):
            return describe_process(host, fields[4])
    return u'a process that cannot be seen from here'
