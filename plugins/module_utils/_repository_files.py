# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repository files of yum and dnf (.repo) and of apt (.list, .sources): read, rendered, and cut without touching the rest of a file."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.module_utils.common.text.converters import to_bytes, to_text

HEADER = u'# Managed by dockfleet.host: the role docker_repo writes this file anew, and takes it away with docker_repo_state=absent.\n'

FALSE = ('0', 'no', 'false', 'off')


def parse_repo(text):
    """Read a .repo file.

    Args:
        text (str): The file.

    Returns:
        list of dict: The sections in their order: name (str), options (dict; names in lower case, the last of equal names counts, lines of
            a value joined by blanks), first and last (int: its lines, counted from 0, trailing blank lines and comments left out).
    """
    sections = []
    option = None
    for number, line in enumerate(text.splitlines()):
        stripped = line.strip()
        if not stripped or stripped[0] in '#;':
            continue
        head = re.match(r'\[(.*)\]', stripped)
        if head and line[0] == '[':
            sections.append({'name': head.group(1).strip(), 'options': {}, 'first': number, 'last': number})
            option = None
        elif sections:
            section = sections[-1]
            section['last'] = number
            name, equals, value = line.partition('=')
            if line[0].isspace() and option:
                section['options'][option] = (section['options'][option] + ' ' + stripped).strip()
            elif equals:
                option = name.strip().lower()
                section['options'][option] = value.strip()
    return sections


def parse_list(text):
    """Read a one-line-style file of apt (sources.list(5)).

    Returns:
        list of dict: As parse_sources().
    """
    entries = []
    for number, line in enumerate(text.splitlines()):
        match = re.match(r'\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)([^#]*)', line)
        if match:
            kind, options, uri, suite, components = match.groups()
            pairs = [part.partition('=') for part in (options or '').split()]
            entries.append(_entry(
                [kind], [uri], [suite], components.split(),
                dict((re.sub(r'[+-]$', '', name).lower(), value) for name, dummy, value in pairs), True, number, number,
            ))  # fmt: skip
    return entries


def parse_sources(text):
    """Read a deb822-style file of apt (sources.list(5)).

    Returns:
        list of dict: types, uris, suites, components (lists of str), options (dict, names in lower case), enabled (bool), first and last
            (int: its lines, counted from 0).
    """
    entries = []
    lines = text.splitlines()
    for first, last in _stanzas(lines):
        fields = {}
        name = None
        for line in lines[first:last + 1]:
            if line.startswith('#'):
                continue
            if line[0].isspace():
                if name:
                    fields[name] += '\n' + line.strip()
            else:
                name = line.partition(':')[0].strip().lower()
                fields[name] = line.partition(':')[2].strip()
        if fields:
            types, uris, suites, components = [fields.pop(field, '').split() for field in ('types', 'uris', 'suites', 'components')]
            entries.append(_entry(types, uris, suites, components, fields, fields.get('enabled', 'yes').lower() not in FALSE, first, last))
    return entries


def _entry(types, uris, suites, components, options, enabled, first, last):
    return {
        'types': types,
        'uris': uris,
        'suites': suites,
        'components': components,
        'options': options,
        'enabled': enabled,
        'first': first,
        'last': last,
    }


def _stanzas(lines):
    """First and last line of each run of lines that are not blank."""
    first = None
    for number, line in enumerate(lines + ['']):
        if line.strip():
            first = number if first is None else first
        elif first is not None:
            yield first, number - 1
            first = None


def is_on(section):
    """Whether a section of a .repo file is in use."""
    return section['options'].get('enabled', '1').lower() not in FALSE


def masked(content):
    """A file (bytes) as text for people to see: passwords and credentials in URLs are left out."""
    text = to_text(content or b'', errors='replace')
    text = re.sub(r'(?im)^(\s*\w*password\s*=).*$', r'\1********', text)
    return re.sub(r'(?<=://)[^/\s@]+(?=@)', '********', text)


def without(content, spans):
    """A file without some of its lines; every other byte stays.

    Args:
        content (bytes): The file.
        spans (list of (int, int)): First and last line of each part to leave out, counted from 0.

    Returns:
        bytes: Nothing (b'') where only blank lines and comments would be left.
    """
    dropped = set(number for first, last in spans for number in range(first, last + 1))
    kept = [line for number, line in enumerate(content.splitlines(True)) if number not in dropped]
    return b''.join(kept) if any(line.strip() and line.strip()[:1] not in (b'#', b';') for line in kept) else b''


def render_repo(sections):
    """A .repo file.

    Args:
        sections (list of (str, list of (str, str))): Name of each section and its options, in order.

    Returns:
        bytes: The same for the same sections.
    """
    blocks = [u'[%s]\n%s' % (name, u''.join(u'%s=%s\n' % option for option in options)) for name, options in sections]
    return to_bytes(HEADER + u'\n'.join(blocks))


def render_sources(fields):
    """A .sources file with one entry.

    Args:
        fields (list of (str, str)): Its fields, in order.

    Returns:
        bytes: The same for the same fields.
    """
    return to_bytes(HEADER + u''.join(u'%s: %s\n' % field for field in fields))


def render_apt_proxy(url, host, proxy):
    """A piece of apt's configuration (apt.conf(5)) that leads what is asked of one host through a proxy.

    Args:
        url (str): Any URL of the host; its scheme counts.
        host (str): Its name.
        proxy (str): URL of the proxy.

    Returns:
        bytes: The same for the same arguments.
    """
    return to_bytes(HEADER + u'Acquire::%s::Proxy::%s "%s";\n' % (url.partition(u':')[0], host, proxy))
