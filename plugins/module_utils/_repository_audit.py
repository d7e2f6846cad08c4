# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other definitions of Docker's repository on a host: what is wrong with each, and which would get in the way of ours."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
from collections import namedtuple

from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import is_on

DOCKER_URL = re.compile(r'(?://download\.docker\.com|/docker(?:-ce)?)/linux/(centos|debian|fedora|raspbian|rhel|ubuntu)(?:/|\s|$)')
DOCKER_SECTION = re.compile(r'docker-(?:ce|engine|main)')

# One definition elsewhere. section: its name, or what apt calls a source; span: its lines; conflict (bool): it cannot stay beside ours.
Other = namedtuple('Other', ('path', 'section', 'span', 'fault', 'conflict'))


def other_definitions(files, target):
    """Find the definitions of Docker's repository that are not in our file.

    Args:
        files (list of dict): From the look.
        target (dict): path, and for yum and dnf the names of our sections, for apt our uri, suite and signed_by.

    Returns:
        list of Other: In the order of the files.
    """
    found = []
    for item in files:
        if item['path'] == target['path']:
            continue
        for section in item.get('sections', ()):
            found.extend(_judge_section(item['path'], section, target))
        for entry in item.get('entries', ()):
            found.extend(_judge_entry(item['path'], entry, target))
    return found


def _judge_section(path, section, target):
    options = section['options']
    url = options.get('baseurl') or options.get('mirrorlist') or options.get('metalink') or ''
    if not (DOCKER_SECTION.match(section['name']) or DOCKER_URL.search(url)):
        return
    span = (section['first'], section['last'])
    if section['name'] in target.get('sections', ()):
        fault = 'the same section as in %s, and which of the two counts is up to the package manager' % target['path']
        yield Other(path, section['name'], span, fault, True)
    elif not url:
        yield Other(path, section['name'], span, 'a section without baseurl, as tools leave it that only meant to switch it off', False)
    elif is_on(section):
        yield Other(path, section['name'], span, 'a second source of Docker\'s packages that is switched on (%s)' % url, False)
    else:
        yield Other(path, section['name'], span, 'a second source of Docker\'s packages, switched off', False)


def _judge_entry(path, entry, target):
    uris = [uri for uri in entry['uris'] if DOCKER_URL.search(uri) or uri.rstrip('/') == target.get('uri')]
    if not uris or not entry['enabled']:
        return
    name = ' '.join(entry['types'] + uris + entry['suites'])
    span = (entry['first'], entry['last'])
    same_source = target.get('uri') in [uri.rstrip('/') for uri in uris] and target.get('suite') in entry['suites']
    if same_source and _signers(entry['options'].get('signed-by', '')) != [target['signed_by']]:
        fault = 'the same source with another Signed-By (%s), which stops apt for the whole host' % (entry['options'].get('signed-by', '').strip() or 'none')
        yield Other(path, name, span, fault, True)
    elif same_source:
        yield Other(path, name, span, 'the same source as in %s once more' % target['path'], False)
    else:
        yield Other(path, name, span, 'a second source of Docker\'s packages', False)


def _signers(text):
    return sorted(part for part in re.split(r'[,\s]+', text) if part)
