# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "service": systemd's view of Docker's units and of firewalld's."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

UNITS = ('docker.service', 'docker.socket', 'containerd.service', 'firewalld.service')
PROPERTIES = ('Id', 'LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'FragmentPath', 'DropInPaths', 'ExecStart')


def look(host, wish):
    """Return {systemd: bool, units: {name: {property: str}}}; a unit that systemd does not know has LoadState "not-found"."""
    # The folder exists exactly where systemd is the running init (sd_booted(3)).
    if not os.path.isdir('/run/systemd/system'):
        return {'systemd': False, 'units': {}}
    out = host.run(('systemctl', 'show', '--no-pager', '--property=' + ','.join(PROPERTIES)) + UNITS)[1]
    return {'systemd': True, 'units': read_show(out)}


def read_show(text):
    """Read what "systemctl show" prints for several units: blocks of Property=value, parted by empty lines.

    Args:
        text (str): The output.

    Returns:
        dict: Unit name to its properties.
    """
    units = {}
    for block in text.split('\n\n'):
        properties = dict(line.split('=', 1) for line in block.splitlines() if '=' in line)
        if properties.get('Id'):
            units[properties.pop('Id')] = properties
    return units


def is_copy(unit):
    """Whether a unit (its properties) is a file in /etc that hides the one of the package, also after upgrades."""
    return unit.get('LoadState') != 'masked' and unit.get('FragmentPath', '').startswith('/etc/systemd/system/')
