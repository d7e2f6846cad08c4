# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/etc/hosts as bytes that are not ours: entries are read, one marked block is written, and every other byte stays as it is."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
from collections import namedtuple

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

BEGIN = u'# BEGIN dockfleet.host docker_dns'
END = u'# END dockfleet.host docker_dns'

_DATE = re.compile(u'^%s, ([0-9]{4}-[0-9]{2}-[0-9]{2})' % re.escape(BEGIN))

# line: counted from 1. names: in lower case.
Entry = namedtuple('Entry', ('line', 'address', 'names'))


def decode(content):
    """The text of a file, and the encoding that gives the very same bytes back."""
    for encoding in ('utf-8', 'latin-1'):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            pass
    raise AssertionError('latin-1 takes any bytes')


class HostsFile(object):
    """A text in the form of hosts(5).

    Args:
        text (str): All of it.
        path (str): Its place, for refusals.

    Raises:
        DockfleetError: The marks of the block are not as they were written.
    """

    def __init__(self, text, path=u'/etc/hosts'):
        # Not splitlines(): to that, other characters end a line too.
        self._lines = text.split(u'\n')
        self._first, self._last = _find_block(self._lines, path)

    @property
    def text(self):
        return u'\n'.join(self._lines)

    @property
    def has_block(self):
        return self._first is not None

    @property
    def date(self):
        """The day on which the block was written; None where there is no block, or it does not tell."""
        match = _DATE.match(self._lines[self._first]) if self.has_block else None
        return match.group(1) if match else None

    def block(self):
        """The pairs of address and name in the block, in their order."""
        return [(entry.address, name) for entry in self._entries() if self._is_inside(entry.line - 1) for name in entry.names]

    def pins(self):
        """The entries outside of the block: what others wrote."""
        return [entry for entry in self._entries() if not self._is_inside(entry.line - 1)]

    def _entries(self):
        for number, line in enumerate(self._lines, 1):
            fields = line.partition(u'#')[0].split()
            if len(fields) > 1:
                yield Entry(number, fields[0].lower(), [name.lower() for name in fields[1:]])

    def _is_inside(self, index):
        return self.has_block and self._first <= index <= self._last

    def with_block(self, pairs, date, purpose):
        """This file with another block, or with none where there are no pairs. A block that says the same already stays, date and all.

        Args:
            pairs (list of tuple): Addresses and names.
            date (str): Today, 2026-11-25.
            purpose (str): What the names are for.
        """
        if pairs == self.block() and bool(pairs) is self.has_block:
            return self
        new = _block_lines(pairs, date, purpose) if pairs else []
        if self.has_block:
            lines = self._lines[:self._first] + new + self._lines[self._last + 1:]
        else:
            # At the top: it goes before what others pinned, and the end of the file, with or without a newline, is not touched.
            lines = new + self._lines
        return HostsFile(u'\n'.join(lines))

    def without_pins(self, names):
        """This file without what others wrote about these names; a line that names others too keeps those."""
        lines = list(self._lines)
        for entry in self.pins():
            gone = [name for name in entry.names if name in names]
            if gone and len(gone) == len(entry.names):
                lines[entry.line - 1] = None
            elif gone:
                head, mark, comment = lines[entry.line - 1].partition(u'#')
                for name in gone:
                    head = re.sub(u'(?i)[ \\t]+%s(?=\\s|$)' % re.escape(name), u'', head)
                lines[entry.line - 1] = head + mark + comment
        return HostsFile(u'\n'.join(line for line in lines if line is not None))


def _find_block(lines, path):
    """The indexes of the first and the last line of the block; (None, None) where there is none."""
    first = last = None
    for index, line in enumerate(lines):
        if line.startswith(BEGIN):
            if first is not None:
                _refuse(path, index, u'begins a second block of docker_dns')
            first = index
        elif line.startswith(END):
            if first is None or last is not None:
                _refuse(path, index, u'ends a block of docker_dns that does not begin')
            last = index
    if first is not None and last is None:
        _refuse(path, first, u'begins a block of docker_dns that does not end')
    return first, last


def _refuse(path, index, what):
    raise DockfleetError(
        u'%s line %d %s: somebody has edited it. Take the lines that docker_dns wrote out by hand, with both marks, and run again. '
        u'The file was left as it is.' % (to_text(path), index + 1, what),
        stage='hosts', path=to_text(path), line=index + 1,
    )  # fmt: skip


def _block_lines(pairs, date, purpose):
    return (
        [
            u'%s, %s' % (BEGIN, date),
            u'# %s' % purpose,
            u'# The name servers of this host failed or lied about these names; each address has proven by TLS to be the name\'s own.',
            u'# docker_dns takes this block away when the name servers are right again. Changes between the marks are lost.',
        ]
        + [u'%s %s' % pair for pair in pairs]
        + [END]
    )
