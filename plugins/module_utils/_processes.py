# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The processes of a host, read from /proc; what has ended in between reads as nothing."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

from ansible.module_utils.common.text.converters import to_text


def process_ids():
    return sorted(int(name) for name in os.listdir('/proc') if name.isdigit())


def read_process(pid, name):
    """The text of a file of a process, such as "comm"; '' for a process that has ended."""
    try:
        with open('/proc/%d/%s' % (pid, name), 'rb') as stream:
            return to_text(stream.read(), errors='surrogate_or_replace')
    except (IOError, OSError):
        return u''


def children_of(parent):
    """The process ids of a process's children, but those that only wait to be buried."""
    found = []
    for pid in process_ids():
        # After the name in brackets come the state and the parent (proc_pid_stat(5)).
        fields = read_process(pid, 'stat').rpartition(u')')[2].split()
        if len(fields) > 1 and fields[1] == str(parent) and fields[0] != u'Z':
            found.append(pid)
    return found
