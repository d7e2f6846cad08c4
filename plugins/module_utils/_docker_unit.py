# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docker.service as systemd reads it: the command that starts the daemon, the flags in it, and drop-ins of our own.

Grammar after systemd.syntax(7), systemd.service(5) "Command lines" and systemd.exec(5) "Environment".
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
from collections import namedtuple

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import BARE_FLAGS, KEYS, SHORT_FLAGS, SINGULAR

# Of our own drop-ins. Drop-ins are read in the order of their names, and the last one has its way.
FOLDER = '/etc/systemd/system/docker.service.d'
HOSTS_DROP_IN = FOLDER + '/zz-dockfleet-hosts.conf'
PROXY_DROP_IN = FOLDER + '/zz-dockfleet-proxy.conf'

# How Docker's own packages start the daemon. It stands for the unit where none is installed yet.
STOCK_COMMAND = u'/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock'

HEADER = u'# Written by dockfleet.host.daemon_json: changes made here are lost. %s\n[Service]\n'
ESCAPES = {u'n': u'\n', u't': u'\t', u's': u' ', u'\\': u'\\', u'"': u'"', u"'": u"'", u'a': u'\a', u'b': u'\b', u'f': u'\f', u'r': u'\r', u'v': u'\v'}
TRUE_FLAG = (u'1', u't', u'true')

# raw: as it stands in the line, text: what systemd makes of it.
Word = namedtuple('Word', ('raw', 'text'))
# key: of daemon.json, or the flag's own name where it has none there. value: text, None where the flag has none. at: the indexes of its words.
Flag = namedtuple('Flag', ('key', 'value', 'at'))


# --- reading ---------------------------------------------------------------------------------------------------------------------


def service_lines(text):
    """The settings in the section [Service] of a unit file or drop-in, as (name, value) pairs in their order."""
    found, section, line = [], u'', u''
    for part in to_text(text).splitlines():
        if part.lstrip()[:1] in (u'#', u';'):
            continue
        line += part
        if line.endswith(u'\\'):
            line = line[:-1] + u' '
            continue
        line, whole = u'', line.strip()
        if whole.startswith(u'['):
            section = whole
        elif section == u'[Service]' and u'=' in whole:
            name, dummy, value = whole.partition(u'=')
            found.append((name.strip(), value.strip()))
    return found


def split_words(text):
    """Split a command line, or the value of Environment=, as systemd does. Returns a list of Word."""
    words, index = [], 0
    while True:
        while text[index:index + 1].isspace():
            index += 1
        if index >= len(text):
            return words
        start, cooked, quoted = index, u'', u''
        while index < len(text) and (quoted or not text[index].isspace()):
            char = text[index]
            if char == u'\\' and index + 1 < len(text):
                number = re.match(u'\\\\x([0-9a-fA-F]{2})', text[index:])
                cooked += chr_of(number.group(1)) if number else ESCAPES.get(text[index + 1], text[index:index + 2])
                index += len(number.group(0)) if number else 2
                continue
            if char == quoted:
                quoted = u''
            elif not quoted and char in u'"\'':
                quoted = char
            else:
                cooked += char
            index += 1
        words.append(Word(text[start:index], cooked))


def chr_of(digits):
    return bytes(bytearray([int(digits, 16)])).decode('latin-1')


def variables_in(command):
    """The names of the environment variables that a command line takes in."""
    return re.findall(u'(?<!\\$)\\$\\{?([A-Za-z_][A-Za-z0-9_]*)', command)


def assignments(value):
    """The variables in a value of Environment=, as a dict."""
    return dict(word.text.partition(u'=')[::2] for word in split_words(value) if u'=' in word.text)


def file_assignments(text):
    """The variables in a file that EnvironmentFile= names, as a dict."""
    found = {}
    for line in re.sub(u'\\\\\n', u'', to_text(text)).splitlines():
        name, mark, value = line.strip().partition(u'=')
        if mark and name[:1] not in (u'#', u';'):
            words = split_words(value)
            found[name.strip()] = words[0].text if len(words) == 1 else value.strip()
    return found


def start_command(unit, without=()):
    """The command that starts the daemon.

    Args:
        unit (dict): The look's section unit.
        without (iterable of str): Files whose say does not count.

    Returns:
        tuple: path (of the file that says so) and command; (None, STOCK_COMMAND) where there is no unit.
    """
    found = None
    for path, command in unit['exec_start']:
        if path not in without:
            found = (path, command) if command else None
    return found or (None, STOCK_COMMAND)


def expanded(words, variables):
    """For each word, the list of arguments that it becomes: a variable may become none or several."""
    arguments = []
    for word in words:
        lone = re.match(u'\\$([A-Za-z_][A-Za-z0-9_]*)$', word.text)
        if lone:
            arguments.append([each.text for each in split_words(variables.get(lone.group(1), u''))])
        else:
            arguments.append([re.sub(
                u'\\$\\$|%%|\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\}',
                lambda match: variables.get(match.group(1), u'') if match.group(1) else match.group(0)[0],
                word.text,
            )])
    return arguments


def read_flags(arguments):
    """The flags among the arguments of a dockerd, its own name not being one of them. Returns a list of Flag."""
    flags, index = [], 0
    while index < len(arguments):
        match = re.match(u'--([A-Za-z][A-Za-z0-9-]*)(?:(=)(.*))?$|-([A-Za-z])(?:=?(.+))?$', arguments[index], re.S)
        start = index
        index += 1
        if not match:
            continue
        long_name, mark, long_value, short_name, short_value = match.groups()
        name = long_name or SHORT_FLAGS.get(short_name, short_name)
        key = SINGULAR.get(name, name)
        value = long_value if mark else short_value
        takes_value = not (name in BARE_FLAGS or (key in KEYS and KEYS[key].type == 'bool'))
        if value is None and takes_value and index < len(arguments):
            value = arguments[index]
            index += 1
        flags.append(Flag(to_text(key), value, list(range(start, index))))
    return flags


def unit_flags(unit):
    """The flags of the command that starts the daemon, our own say left out. Returns a list of Flag."""
    words = split_words(start_command(unit, without=[HOSTS_DROP_IN])[1])
    return read_flags([argument for arguments in expanded(words, unit['variables'])[1:] for argument in arguments])


def values_of(flags):
    """What flags say, as options of daemon.json would; only lists of texts, truth values and texts."""
    values = {}
    for flag in flags:
        kind = KEYS[flag.key].type if flag.key in KEYS else 'text'
        if kind == 'texts':
            values.setdefault(flag.key, []).append(flag.value or u'')
        elif kind == 'bool':
            values[flag.key] = flag.value is None or flag.value.lower() in TRUE_FLAG
        elif kind == 'text':
            values[flag.key] = flag.value or u''
    return values


# --- writing ---------------------------------------------------------------------------------------------------------------------


def quoted(text, command=False):
    """A word as systemd has to find it to read exactly this text; in a command line a dollar sign means something too."""
    text = to_text(text).replace(u'\\', u'\\\\').replace(u'"', u'\\"').replace(u'%', u'%%')
    return u'"%s"' % (text.replace(u'$', u'$$') if command else text)


def without_flag(command, variables, key):
    """A command line without the flags that say the same as a key of daemon.json; all else in it stays to the letter."""
    words = split_words(command)
    arguments = expanded(words, variables)
    flat = [argument for each in arguments[1:] for argument in each]
    out = set(index for flag in read_flags(flat) if flag.key == key for index in flag.at)
    kept, index = [words[0].raw], 0
    for word, each in zip(words[1:], arguments[1:]):
        mine = range(index, index + len(each))
        index += len(each)
        if out.intersection(mine):
            kept += [quoted(flat[at], command=True) for at in mine if at not in out]
        else:
            kept.append(word.raw)
    return u' '.join(kept)


def hosts_drop_in(unit):
    """The drop-in that takes the endpoints out of the command, so that daemon.json can name them."""
    command, variables = start_command(unit, without=[HOSTS_DROP_IN])[1], unit['variables']
    return (HEADER % u'The endpoints stand in daemon.json ("hosts").') + u'ExecStart=\nExecStart=%s\n' % without_flag(command, variables, 'hosts')


def proxy_drop_in(environment):
    """The drop-in that gives the daemon its proxies.

    Args:
        environment (list of tuple): Names and values.
    """
    return (HEADER % u'The proxies of the daemon.') + u''.join(u'Environment=%s\n' % quoted(u'%s=%s' % pair) for pair in environment)
