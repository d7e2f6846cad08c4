# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts as a table for people, which fits a terminal of 100 columns inside of what Ansible prints around it."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import textwrap

# Ansible indents a line of a message, quotes it, and puts a comma behind it.
COLUMNS = 100 - 12

_VERDICT = len(u'unusable')
_TIME = 8
_GAP = u'  '


def table(rows):
    """Lines in columns; words that do not fit go on below.

    Args:
        rows (list of tuple): Name, verdict, milliseconds (int; None for none), and what there is to say (str).
    """
    width = max([len(row[0]) for row in rows] or [0])
    lines = []
    for name, verdict, milliseconds, words in rows:
        head = _GAP.join((name.ljust(width), verdict.ljust(_VERDICT), (u'' if milliseconds is None else u'%d ms' % milliseconds).rjust(_TIME)))
        indent = len(head) + len(_GAP)
        # A name as long as that leaves no room beside it.
        if COLUMNS - indent < 40:
            lines.append(head.rstrip())
            head, indent = u'', 4
        wrapped = textwrap.wrap(words, COLUMNS - indent) or ([u''] if head else [])
        lines += [((head + _GAP).ljust(indent) if not index else u' ' * indent) + part for index, part in enumerate(wrapped)]
    return [line.rstrip() for line in lines]
