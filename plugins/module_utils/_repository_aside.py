# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gives back the definitions of Docker's repository that were moved aside for ours, where nobody has changed those files since."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._look_repositories import ASIDE
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import parse_list, parse_repo, parse_sources, without

COPY = re.compile(r'(?P<path>.+)\.dockfleet(?:-(?P<number>\d+))?%s$' % re.escape(ASIDE))
WHAT = u'what stood there before'
CHANGED = u'it was changed since Docker\'s repository was taken out of it, so the old file was not brought back; it is at %s'


def give_back_steps(files, aside, ours, taken):
    """Steps that bring back what was moved aside.

    Args:
        files, aside (list of dict): From the look, with content.
        ours (list of str): Paths of our files, which go.
        taken (list of str): Copies that are dealt with already.

    Returns:
        tuple: The steps, and for each file that stays as it is path, section and fault.
    """
    current = dict((item['path'], item['content']) for item in files)
    newest = {}
    for item in aside:
        match = COPY.match(item['path'])
        if match and item['path'] not in taken:
            number = int(match.group('number') or 1)
            newest[match.group('path')] = max(newest.get(match.group('path'), (0, None)), (number, item['path']))
    contents = dict((item['path'], item['content']) for item in aside)
    steps, found = [], []
    for path in sorted(newest):
        copy = newest[path][1]
        if path in ours or is_cut(path, contents[copy], current.get(path, b'')):
            steps.append({'restore': path, 'backup': copy, 'what': WHAT})
        else:
            found.append({'path': path, 'section': u'', 'fault': CHANGED % copy})
    return steps, found


def is_cut(path, old, new):
    """Whether a file (bytes) is the old one without some of its sections or entries, and else to the byte the same."""
    parse = parse_repo if path.endswith('.repo') else parse_sources if path.endswith('.sources') else parse_list
    staying = [_plain(part) for part in parse(to_text(new, errors='replace'))]
    spans = [(part['first'], part['last']) for part in parse(to_text(old, errors='replace')) if _plain(part) not in staying]
    return without(old, spans) == new


def _plain(part):
    return dict((name, value) for name, value in part.items() if name not in ('first', 'last'))
