# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "network": routes, forwarding, packet filters, firewalld's zones, and where Ansible comes in from."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import re
import sys

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

# firewalld's zones as the administrator has them; those of the distribution bind no interface.
ZONES = '/etc/firewalld/zones'


def look(host, wish):
    """Return the section.

    Returns:
        dict: routes, see read_routes(); ip_forward (bool); iptables, see look_at_iptables(); zones (dict): interface to the firewalld zones that
            hold it for good; client_address (str, "" where it is not known).
    """
    return {
        'routes': read_routes(host.read_text('/proc/net/route') or ''),
        'ip_forward': (host.read_text('/proc/sys/net/ipv4/ip_forward') or '').strip() == '1',
        'iptables': look_at_iptables(host),
        'zones': look_at_zones(host),
        'client_address': look_for_client(host),
    }


def look_at_iptables(host):
    """The packet filter: variant, legacy_tables and nft_tables.

    Returns:
        dict: variant ("nf_tables", "legacy", "" where there is no iptables), legacy_tables and nft_tables (lists of str): what the kernel holds of
            each kind, such as "filter" and "ip filter".
    """
    code, out, err = host.run(['iptables', '--version'])
    return {
        # Versions before 1.8 know only one kind and do not name it.
        'variant': '' if code else 'nf_tables' if 'nf_tables' in out else 'legacy',
        'legacy_tables': sorted((host.read_text('/proc/net/ip_tables_names') or '').split()),
        'nft_tables': read_nft_tables(host.run(['nft', 'list', 'tables'])[1]),
    }


def read_nft_tables(text):
    """What "nft list tables" prints: lines such as "table ip filter"."""
    return sorted(line.strip()[len('table '):] for line in text.splitlines() if line.strip().startswith('table '))


def look_at_zones(host):
    """Read from firewalld's files, which costs no call of it."""
    found = {}
    for path in host.list_folder(ZONES, '.xml'):
        for interface in re.findall(r'<interface\s+name=["\']([^"\']+)["\']', host.read_text(path) or ''):
            found.setdefault(interface, []).append(os.path.basename(path)[: -len('.xml')])
    return found


def look_for_client(host):
    """The address that Ansible comes in from by SSH. sudo takes SSH_CONNECTION away, so the processes above this one are asked."""
    process = os.getpid()
    try:
        while process > 1:
            for variable in (host.read_text('/proc/%d/environ' % process) or u'').split(u'\0'):
                if variable.startswith(u'SSH_CONNECTION='):
                    return variable.partition(u'=')[2].split(u' ')[0]
            status = re.search(r'(?m)^PPid:\s*(\d+)', host.read_text('/proc/%d/status' % process) or '')
            process = int(status.group(1)) if status else 0
    except DockfleetError:
        # A process that may not be looked into ends the way up.
        pass
    return u''


def read_routes(text):
    """Read /proc/net/route.

    Args:
        text (str): The file; its addresses are hexadecimal in the byte order of the host.

    Returns:
        list of dict: network (str, "10.1.0.0"), prefix (int), interface (str); the default route is left out.
    """
    routes = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 8 or int(fields[7], 16) == 0:
            continue
        routes.append({
            'network': '.'.join(str(part) for part in host_order_bytes(int(fields[1], 16))),
            'prefix': bin(int(fields[7], 16)).count('1'),
            'interface': fields[0],
        })
    return routes


def host_order_bytes(number):
    parts = [(number >> shift) & 0xFF for shift in (0, 8, 16, 24)]
    return parts if sys.byteorder == 'little' else parts[::-1]
