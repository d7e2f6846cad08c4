# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a restart of the daemon does to the containers that run."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type


def fate_of_containers(containers, live_restore):
    """What becomes of the running containers, in words; "" where none runs.

    Args:
        containers (int): How many run.
        live_restore (bool): Whether the daemon leaves them running.
    """
    if not containers:
        return ''
    fate = 'stay up (live-restore)' if live_restore else 'stop, and start again only where their restart policy says so'
    return 'running containers (%d) %s' % (containers, fate)
