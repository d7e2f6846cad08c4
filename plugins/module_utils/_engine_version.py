# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions of the engine as numbers, which can be compared, and as people write them."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.module_utils.common.text.converters import to_text


def numbers_of(version):
    """A version as numbers: "26.1.5+dfsg1" is (26, 1, 5); () for what is no version, such as "present"."""
    match = re.match(r'(?:\d+:)?v?(\d+(?:\.\d+)*)', to_text(version or ''))
    return tuple(int(part) for part in match.group(1).split('.')[:3]) if match else ()


def shown(version):
    """Numbers as people write them: (20, 10) is "20.10", (19, 3) is "19.03"."""
    return '.'.join('%02d' % part if index == 1 and version[0] in (17, 18, 19) else '%d' % part for index, part in enumerate(version))
