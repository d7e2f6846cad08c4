# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dig and getent: what they are asked, and what their answers mean. Nothing here does I/O."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible_collections.dockfleet.host.plugins.module_utils._url import is_address

# The local addresses of systemd-resolved. It answers out of /etc/hosts too.
STUBS = (u'127.0.0.53', u'127.0.0.54')

TYPES = (u'A', u'AAAA')

SILENT = u'does not answer'

_STATUSES = {
    u'NXDOMAIN': u'says that the name does not exist',
    u'SERVFAIL': u'failed',
    u'REFUSED': u'refuses to answer',
}


def dig(resolver, name, kind, seconds, tcp=False):
    """The command that asks one name server."""
    options = ['+noall', '+comments', '+answer', '+tries=1', '+time=%d' % max(1, int(seconds)), '+tcp' if tcp else '+notcp', '+ignore']
    return ['dig'] + options + ['@' + resolver, name, kind]


def read_dig(text):
    """What dig says.

    Returns:
        tuple: The addresses (list of str), and why there are none (str; empty where there are some, or simply none of this kind).
    """
    addresses = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 5 and not line.startswith(u';') and fields[3] in TYPES and is_address(fields[4]):
            addresses.append(fields[4])
    status = re.search(u'status: ([A-Z0-9]+)', text)
    if addresses or (status and status.group(1) == u'NOERROR'):
        return addresses, u''
    if status:
        return [], _STATUSES.get(status.group(1), u'answers %s' % status.group(1))
    return [], SILENT


def getent(name):
    """The command that asks the name servers of the system, past /etc/hosts."""
    return ['getent', '-s', 'dns', 'ahosts', name]


def getent_environment(seconds):
    """What keeps getent from waiting longer than that for a name server."""
    return {'RES_OPTIONS': 'timeout:%d attempts:1' % max(1, int(seconds))}


def read_getent(text):
    """The addresses that getent prints, each once."""
    addresses = []
    for line in text.splitlines():
        address = line.split()[0] if line.split() else u''
        if is_address(address) and address not in addresses:
            addresses.append(address)
    return addresses


def name_servers(text):
    """The name servers of a resolv.conf."""
    return [line.split()[1] for line in text.splitlines() if line.startswith(u'nameserver') and len(line.split()) > 1]


def has_ipv6(text):
    """Whether /proc/net/if_inet6 shows an address that is good for more than this link."""
    return any(len(fields) == 6 and fields[3] == u'00' for fields in (line.split() for line in text.splitlines()))
