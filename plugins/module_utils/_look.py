# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The look: everything that the planners need to know about a host, gathered in one round trip."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.dockfleet.host.plugins.module_utils import (
    _look_client,
    _look_daemon,
    _look_endpoints,
    _look_network,
    _look_packages,
    _look_proxies,
    _look_repositories,
    _look_service,
    _look_system,
    _look_unit,
)

# Each section is one function look(host, wish) that returns plain data; nothing is judged there.
SECTIONS = {
    'client': _look_client.look,
    'daemon': _look_daemon.look,
    'endpoints': _look_endpoints.look,
    'network': _look_network.look,
    'packages': _look_packages.look,
    'proxies': _look_proxies.look,
    'repositories': _look_repositories.look,
    'service': _look_service.look,
    'system': _look_system.look,
    'unit': _look_unit.look,
}


def look_at(host, sections, wish):
    """Look at a host.

    Args:
        host (Host): The host.
        sections (iterable of str): Names out of SECTIONS; a planner names what it needs.
        wish (dict): The module's parameters; they may say where to look (a path, a data-root).

    Returns:
        dict: One entry per section, and "salt", under which secrets were concealed (None on the host itself).
    """
    look = {'salt': host.salt}
    for name in sections:
        look[name] = SECTIONS[name](host, wish)
    return look
