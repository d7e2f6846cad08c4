# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IPv4 networks as (first address, prefix length): Python 2.7 has no ipaddress module."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

# Private networks (RFC 1918) that a suggestion is taken from, the least used first.
PRIVATE_SIXTEENS = ['172.%d.0.0/16' % number for number in range(31, 17, -1)] + ['10.%d.0.0/16' % number for number in range(254, 199, -1)]


def parse_network(text):
    """Read "10.1.0.0/16".

    Args:
        text (str): IPv4 address and prefix length.

    Returns:
        tuple: First address (int) and prefix length (int).

    Raises:
        DockfleetError: It is no IPv4 network.
    """
    match = re.match(r'(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})/(\d{1,2})$', text)
    numbers = [int(part) for part in match.groups()] if match else []
    if not numbers or max(numbers[:4]) > 255 or numbers[4] > 32:
        raise DockfleetError('"%s" is not an IPv4 network such as 10.1.0.0/16.' % text)
    address = 0
    for number in numbers[:4]:
        address = address * 256 + number
    shift = 32 - numbers[4]
    return (address >> shift << shift, numbers[4])


def contains(outer, inner):
    """Whether one network lies in another one."""
    shift = 32 - outer[1]
    return outer[1] <= inner[1] and inner[0] >> shift == outer[0] >> shift


def overlaps(one, other):
    """Whether two networks have an address in common."""
    return contains(one, other) or contains(other, one)


def free_pools(taken):
    """Private /16 networks that overlap none of the taken ones.

    Args:
        taken (list of tuple): Networks as parse_network gives them.

    Returns:
        list of str: Best first; may be empty.
    """
    return [text for text in PRIVATE_SIXTEENS if not any(overlaps(parse_network(text), network) for network in taken)]
