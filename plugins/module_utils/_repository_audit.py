# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other definitions of Docker's repository on a host: what is wrong with each, and which would get in the way of ours."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
from collections import namedtuple

from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import FALSE, is_on

ORIGIN = u'https://download.docker.com'
DOCKER_URL = re.compile(r'(?:(?://download\.docker\.com|/docker(?:-ce)?)/linux/)(centos|debian|fedora|raspbian|rhel|ubuntu)(?:/([^/\s]+))?(?:[/\s]|$)')
DOCKER_SECTION = re.compile(r'docker-(?:ce|engine|main)')

# What Docker's own file has had over the years and has no more (nightly and debuginfo went on 28 August 2025, edge about November 2020).
GONE_SECTION = re.compile(r'docker-ce-(?:edge|nightly)|docker-ce-.*-debuginfo')

# One definition elsewhere. section: its name, or what apt calls a source; span: its lines; conflict (bool): it cannot stay beside ours; on (bool):
# package managers use it.
Other = namedtuple('Other', ('path', 'section', 'span', 'fault', 'conflict', 'on'))


def other_definitions(files, target):
    """Find the definitions of Docker's repository that are not in our file.

    Args:
        files (list of dict): From the look.
        target (dict): path, root, release and releasever; for yum and dnf the names of our sections, for apt our uri, suite and signed_by.

    Returns:
        list of Other: In the order of the files.
    """
    found = []
    for item in files:
        if item['path'] != target['path']:
            found.extend(_judge_section(item['path'], section, target) for section in item.get('sections', ()) if _is_docker_section(section))
            found.extend(_judge_entry(item['path'], entry, target) for entry in item.get('entries', ()) if _is_docker_entry(entry, target))
    return found


def _url(section):
    options = section['options']
    return options.get('baseurl') or options.get('mirrorlist') or options.get('metalink') or ''


def _is_docker_section(section):
    return bool(DOCKER_SECTION.match(section['name']) or DOCKER_URL.search(_url(section)))


def _is_docker_entry(entry, target):
    return entry['enabled'] and any(DOCKER_URL.search(uri) or uri.rstrip('/') == target.get('uri') for uri in entry['uris'])


def _judge_section(path, section, target):
    options, url = section['options'], _url(section)
    conflict = section['name'] in target.get('sections', ())
    faults = []
    if conflict:
        faults.append('the same section as in %s, and which of the two counts is up to the package manager' % target['path'])
    if not url:
        faults.append('a section without baseurl, as tools leave it that only meant to switch it off')
    elif not conflict:
        faults.append('a second source of Docker\'s packages' if is_on(section) else 'a second source of Docker\'s packages, switched off')
    if GONE_SECTION.match(section['name']):
        faults.append('Docker has this section no more')
    faults.extend(_url_faults(url, target))
    if url and options.get('gpgcheck', '1').lower() in FALSE:
        faults.append('signatures are not checked')
    if url and _host(options.get('gpgkey', '')) and _host(options.get('gpgkey', '')) == _host(url) != _host(ORIGIN):
        faults.append('key and packages come from the same hand (%s)' % _host(url))
    return Other(path, section['name'], (section['first'], section['last']), '; '.join(faults), conflict, is_on(section))


def _judge_entry(path, entry, target):
    signers = sorted(part for part in re.split(r'[,\s]+', entry['options'].get('signed-by', '')) if part)
    same_source = target.get('uri') in [uri.rstrip('/') for uri in entry['uris']] and target.get('suite') in entry['suites']
    conflict = same_source and signers != [target['signed_by']]
    if conflict:
        shown = entry['options'].get('signed-by', '').strip().splitlines()
        faults = ['the same source with another Signed-By (%s), which stops apt for the whole host' % (shown[0] if shown else 'none')]
    elif same_source:
        faults = ['the same source as in %s once more' % target['path']]
    else:
        faults = ['a second source of Docker\'s packages'] + _url_faults(' '.join(entry['uris']), target)
    if entry['options'].get('trusted', '').lower() == 'yes':
        faults.append('signatures are not checked')
    name = ' '.join(entry['types'] + entry['uris'] + entry['suites'])
    return Other(path, name, (entry['first'], entry['last']), '; '.join(faults), conflict, True)


def _host(url):
    match = re.match(r'https?://([^/\s]+)', url.strip())
    return match.group(1) if match else None


def _url_faults(url, target):
    """What is wrong with the URL of a definition, seen from this host."""
    match = DOCKER_URL.search(url)
    release = target.get('release')
    if not match or not release:
        return []
    faults = []
    distribution, value = match.groups()
    right = '%s/%s' % (release['distribution'], release['value'])
    if value == '$releasever' and target['releasever'] not in (None, release['value']):
        faults.append('$releasever is "%s" on this host, and Docker has no such folder' % target['releasever'])
    elif release['family'] == 'rpm' and value and not value.startswith('$') and not re.match(r'\d+$', value):
        faults.append('Docker has no folder linux/%s/%s, its folders are named by the major number' % (distribution, value))
    if (distribution, value) == ('centos', '8') or (distribution == 'centos' and value == '$releasever' and release['value'] == '8'):
        faults.append('linux/centos/8 is frozen since May 2024, though it still answers')
    elif distribution != release['distribution']:
        faults.append('linux/%s is not for this host, linux/%s is' % (distribution, right))
    if _host(url) == _host(ORIGIN) != _host(target['root']):
        faults.append('it still leads to the origin')
    return faults
