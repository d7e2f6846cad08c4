# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages that must not move: apt-mark hold, and the versionlock of yum 3, dnf 4 and dnf 5.

A hold is ours when the memory of the collection has it, word for word. All others are somebody else's and are never touched.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import fnmatch
import json
import os
import re

from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._versions import compare_rpm, split_evr

# What we hold: name of the package to the entry as it stands in the list ("hold" with apt-mark).
MEMORY = '/var/lib/dockfleet/engine_packages.json'
# For whoever reads the list of the plugin.
COMMENT = '# dockfleet.host holds these (docker_engine_hold)'

# The plugin that a tool needs: its configuration, its list where that names none, and the package that brings both.
PLUGINS = {
    'yum': ('/etc/yum/pluginconf.d/versionlock.conf', '/etc/yum/pluginconf.d/versionlock.list', 'yum-plugin-versionlock'),
    'dnf': ('/etc/dnf/plugins/versionlock.conf', '/etc/dnf/plugins/versionlock.list', 'python3-dnf-plugin-versionlock'),
}
PLUGIN_PACKAGES = tuple(sorted(package for dummy, dummy, package in PLUGINS.values()))
TOML = '/etc/dnf/versionlock.toml'

ARCHITECTURE = re.compile(r'\.(?:\*|noarch|x86_64|amd64|aarch64|ppc64le|s390x|i[3-6]86)$')
# A list's entry begins with the name, and a version begins with a digit or is a pattern.
NAME = re.compile(r'^(?:\d+:)?(?P<name>.*?)(?:-(?:\d+:)?[\d*].*)?$')
STRING = re.compile(r'^\s*(?P<key>\w+)\s*=\s*"(?P<value>(?:[^"\\]|\\.)*)"')


# --- what holds ----------------------------------------------------------------------------------------------------------------


def look_at_holds(host, tool, held):
    """What holds packages on this host.

    Args:
        host (Host): The host.
        tool (str): "apt", "yum", "dnf" or "dnf5".
        held (list of str): With apt, the packages that dpkg holds.

    Returns:
        dict: tool; missing (package of the plugin that the host lacks, else ""); off (file that switches the plugin off, else "");
            entries (list of {name (a pattern), entry, conditions (list of [comparator, version], only with dnf5), ours, where, undo}).
    """
    known = read_memory(host)
    found = {'tool': tool, 'missing': '', 'off': '', 'entries': []}
    if tool == 'apt':
        found['entries'] = [
            {'name': name, 'entry': 'hold', 'ours': name in known, 'where': '"apt-mark hold"', 'undo': 'apt-mark unhold %s' % name} for name in held
        ]
    elif tool == 'dnf5':
        found['entries'] = [dict(entry, ours=known.get(entry['name']) == entry['entry']) for entry in read_toml(host.read_text(TOML) or '')]
    elif tool in PLUGINS:
        configuration = host.read_text(PLUGINS[tool][0])
        found['missing'] = PLUGINS[tool][2] if configuration is None else ''
        found['off'] = PLUGINS[tool][0] if re.search(r'(?m)^\s*enabled\s*=\s*(?:0|no|false|off)\b', (configuration or '').lower()) else ''
        path = list_of(host, tool)
        # The plugin reads its list only where it is there and switched on.
        text = '' if found['missing'] or found['off'] else host.read_text(path) or ''
        found['entries'] = [dict(entry, ours=entry['entry'] in known.values()) for entry in read_list(text, path, tool)]
    return found


def list_of(host, tool):
    """The path of the plugin's list."""
    configuration, path, dummy = PLUGINS[tool]
    named = re.search(r'(?m)^\s*locklist\s*=\s*(\S+)', host.read_text(configuration) or '')
    return named.group(1) if named else path


def read_list(text, path, tool):
    """The entries of a list of yum's or dnf's plugin."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.strip()
        if entry and not entry.startswith('#'):
            found.append(
                {
                    'name': NAME.match(ARCHITECTURE.sub('', entry.lstrip('!'))).group('name'),
                    'entry': entry,
                    'where': '%s line %d ("%s")' % (path, number, entry),
                    'undo': '%s versionlock delete \'%s\'' % (tool, entry.lstrip('!')),
                }
            )
    return found


def read_toml(text):
    """The entries of dnf 5's list, as far as that program writes it."""
    found = []
    for number, block in toml_blocks(text):
        values = [match.groups() for match in (STRING.match(line) for line in block) if match]
        names = [value for key, value in values if key == 'name']
        conditions, comparator, key = [], '=', ''
        for word, value in values:
            key = value if word == 'key' else key
            comparator = value if word == 'comparator' else comparator
            if word == 'value' and key == 'evr':
                conditions.append([comparator, value])
        for name in names[:1]:
            found.append(
                {
                    'name': name,
                    'entry': ' and '.join('%s %s %s' % (name, comparator, version) for comparator, version in conditions) or name,
                    'conditions': conditions,
                    'where': '%s line %d' % (TOML, number),
                    'undo': 'dnf5 versionlock delete %s' % name,
                }
            )
    return found


def toml_blocks(text):
    """Pairs of the number of the first line and the lines of each package; what precedes the first has the number 0."""
    blocks = [(0, [])]
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() == '[[packages]]':
            blocks.append((number, []))
        blocks[-1][1].append(line)
    return blocks


# --- what a hold forbids -------------------------------------------------------------------------------------------------------


def barring(holds, name, version):
    """Somebody else's hold that forbids a package to come to a version (None: to go), or None.

    Args:
        holds (dict): Of look_at_holds().
        name (str): The package.
        version (str): As the package manager spells it.
    """
    entries = [entry for entry in holds['entries'] if not entry['ours'] and fnmatch.fnmatchcase(name, entry['name'])]
    if holds['tool'] == 'apt':
        return entries[0] if entries else None
    if version is None:
        # A lock keeps versions away; what is installed may go.
        return None
    exclusions = [entry for entry in entries if entry['entry'].startswith('!') and matches(entry, name, version)]
    locks = [entry for entry in entries if not entry['entry'].startswith('!')]
    if exclusions or not locks or any(matches(entry, name, version) for entry in locks):
        return exclusions[0] if exclusions else None
    return locks[0]


def matches(entry, name, version):
    """Whether an entry of a list means this version of a package."""
    if entry.get('conditions') is not None:
        return all(compares(comparator, compare_rpm(version, wanted)) for comparator, wanted in entry['conditions'])
    epoch, number, release = split_evr(version)
    pattern = ARCHITECTURE.sub('', entry['entry'].lstrip('!'))
    spellings = [name]
    for rest in (number, '%s-%s' % (number, release)):
        spellings += ['%s-%s' % (name, rest), '%s-%d:%s' % (name, epoch, rest), '%d:%s-%s' % (epoch, name, rest)]
    return any(fnmatch.fnmatchcase(spelling, pattern) for spelling in spellings)


def compares(comparator, difference):
    """Whether "left comparator right" is true, given how left compares with right."""
    return {
        '=': difference == 0,
        '==': difference == 0,
        '!=': difference != 0,
        '<': difference < 0,
        '<=': difference <= 0,
        '>': difference > 0,
        '>=': difference >= 0,
    }.get(comparator, False)


def ours(holds, installed):
    """The packages that we hold, with the versions that are installed.

    Args:
        holds (dict): Of look_at_holds().
        installed (dict): Name to package.

    Returns:
        dict: Name to version; where the entry is for another version than the installed one, the entry itself.
    """
    found = {}
    for entry in holds['entries']:
        if entry['ours']:
            full = installed.get(entry['name'], {}).get('full')
            # apt's hold is for what is installed, whatever that is.
            fits = full and (holds['tool'] == 'apt' or matches(entry, entry['name'], full))
            found[entry['name']] = full if fits else entry['entry']
    return found


# --- setting them --------------------------------------------------------------------------------------------------------------


def read_memory(host):
    """What we hold, as far as the collection remembers; {} where nothing can be read."""
    try:
        memory = json.loads(host.read_text(MEMORY) or '{}')
    except ValueError:
        return {}
    held = memory.get('held') if isinstance(memory, dict) else None
    return held if isinstance(held, dict) else {}


def remember(host, held):
    """Write down what we hold, or that we hold nothing."""
    if held:
        host.make_folder(os.path.dirname(MEMORY), 0o700)
        host.write(MEMORY, to_bytes(json.dumps({'held': held}, indent=2, sort_keys=True)) + b'\n', mode=0o600)
    else:
        host.remove(MEMORY)


def set_ours(host, manager, tool, wanted):
    """Hold these packages in these versions, and no others of those that were ours.

    Args:
        host (Host): The host.
        manager (PackageManager): Runs commands, and waits for the lock.
        tool (str): "apt", "yum", "dnf" or "dnf5".
        wanted (dict): Name to version.
    """
    known = read_memory(host)
    entries = dict((name, spelled(tool, name, version)) for name, version in wanted.items())
    # An interrupted run must leave no hold behind that nobody knows to be ours.
    if entries != known:
        remember(host, dict(known, **entries))
    if tool == 'apt':
        mark(manager, 'unhold', sorted(set(known) - set(entries)))
        mark(manager, 'hold', sorted(entries))
    elif tool == 'dnf5':
        rewrite(host, TOML, with_toml(host.read_text(TOML) or '', known, wanted))
    else:
        path = list_of(host, tool)
        rewrite(host, path, with_list(host.read_text(path) or '', known.values(), [entries[name] for name in sorted(entries)]))
    if entries != known:
        remember(host, entries)


def spelled(tool, name, version):
    """The entry for a package, as the tool itself would write it."""
    if tool == 'apt':
        return 'hold'
    epoch, number, release = split_evr(version)
    return {
        'yum': '%d:%s-%s-%s.*' % (epoch, name, number, release),
        'dnf': '%s-%d:%s-%s.*' % (name, epoch, number, release),
        'dnf5': '%s = %s' % (name, version),
    }[tool]


def with_list(text, old, new):
    """The text of a list without our old entries and with our new ones."""
    lines = [line for line in text.splitlines() if line.strip() not in old and line.strip() != COMMENT]
    return ''.join(line + '\n' for line in lines + ([COMMENT] + new if new else []))


def with_toml(text, old, wanted):
    """The text of dnf 5's list without our old entries and with new ones for packages in versions."""
    entries = dict((entry['where'], entry) for entry in read_toml(text))
    lines = []
    for number, block in toml_blocks(text):
        entry = entries.get('%s line %d' % (TOML, number))
        if not entry or old.get(entry['name']) != entry['entry']:
            lines += block
    if wanted and not any(STRING.match(line) and STRING.match(line).group('key') == 'version' for line in lines):
        lines.insert(0, 'version = "1.0"')
    for name in sorted(wanted):
        lines += ['[[packages]]', 'name = "%s"' % name, 'comment = "%s"' % COMMENT.lstrip('# ')]
        lines += ['[[packages.conditions]]', 'key = "evr"', 'comparator = "="', 'value = "%s"' % wanted[name]]
    return ''.join(line + '\n' for line in lines)


def rewrite(host, path, text):
    """Give a list its new text; one that has it already, or that would only be empty, is left alone."""
    if text != (host.read_text(path) or ''):
        host.make_folder(os.path.dirname(path))
        host.write(path, to_bytes(text))


def mark(manager, verb, names):
    """apt-mark hold or unhold."""
    if names:
        code, out, err = manager.run(['apt-mark', verb] + names)
        if code:
            raise DockfleetError('"apt-mark %s %s" failed: %s.' % (verb, ' '.join(names), (err or out).strip().rstrip('.')), stage='hold')


# --- what hides versions -------------------------------------------------------------------------------------------------------


def find_excludes(host, tool, folder):
    """Settings of yum and dnf that hide packages.

    Returns:
        list of dict: where, setting and patterns of each exclude= and includepkgs=.
    """
    found = []
    main = {'yum': '/etc/yum.conf', 'dnf': '/etc/dnf/dnf.conf', 'dnf5': '/etc/dnf/dnf.conf'}[tool]
    for path in [main] + host.list_folder(folder, '.repo'):
        # Patterns may go on in lines that begin with a blank.
        text = re.sub(r'\n[ \t]+', ' ', host.read_text(path) or '')
        for match in re.finditer(r'(?m)^(?P<key>exclude|excludepkgs|includepkgs)\s*=\s*(?P<value>.+)$', text):
            patterns = re.split(r'[,\s]+', match.group('value').strip())
            found.append({'where': '%s in %s' % (match.group().strip(), path), 'key': match.group('key'), 'patterns': patterns})
    return found


def hider(excludes, name):
    """The setting that hides a package, or some of its versions, in words; None where none does."""
    for exclude in excludes:
        named = any(fnmatch.fnmatchcase(name, pattern) or pattern.startswith(name + '-') for pattern in exclude['patterns'])
        if named != (exclude['key'] == 'includepkgs'):
            return exclude['where']
    return None
