# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What daemon.json must not become, said before it is touched."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_files import MANAGED
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import check
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import DANGEROUS, DANGEROUS_DEFAULTS
from ansible_collections.dockfleet.host.plugins.module_utils._docker_unit import HOSTS_DROP_IN, start_command, unit_flags, values_of
from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import UNIT
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import TLS_KEYS
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook

UNTOUCHED = 'The file was left as it was and the daemon was not touched.'


def refuse_twice(key, variable, options):
    if key in options:
        raise DockfleetError(
            '%s is given twice: as an option of its own (%s) and among the options (docker_daemon_options). Keep one of them. %s' % (key, variable, UNTOUCHED),
            stage='options',
        )


def refuse_broken(daemon):
    problem = daemon['problem']
    if problem:
        where = '' if problem['line'] is None else ' line %d, column %d' % (problem['line'], problem['column'])
        raise DockfleetError(
            u'%s%s: %s. %s' % (daemon['path'], where, problem['message'], UNTOUCHED),
            stage='daemon.json',
            problems=[dict(problem, key=None)],
        )


def refuse_wrong(path, merged, wished, version, unit):
    flags = values_of(unit_flags(unit))
    problems = check(merged, version, flags)
    if problems:
        raise DockfleetError(
            u'%s would not work: %s. %s%s'
            % (
                path,
                u'; '.join(u'"%(key)s": %(message)s' % problem for problem in problems),
                u''.join(sentence + u' ' for sentence in origins(problems, merged, wished, unit)),
                UNTOUCHED,
            ),
            stage='options',
            problems=[dict(((name, problem[name]) for name in ('code', 'key', 'message')), line=None, column=None) for problem in problems],
        )


def origins(problems, merged, wished, unit):
    """Sentences (list of str) on those keys of the problems that are not wished: who sets them, and the way out."""
    others = set(key for problem in problems for key in [problem['key']] + problem['beside']) - set(wished)
    return [
        u'%s %s set by %s.' % (u' and '.join(u'"%s"' % key for key in sorted(keys)), u'are' if len(keys) > 1 else u'is', origin)
        for keys, origin in (
            (others & set(merged), u'the file alone, and taken out by null in docker_daemon_options'),
            (others - set(merged), u'the flags of the daemon, in %s' % source(unit)),
        )
        if keys
    ]


def refuse_missing(daemon, merged):
    """Certificate files that the daemon would look for in vain."""
    for key in TLS_KEYS:
        path = merged.get(key)
        if not path or path in MANAGED:
            continue
        if path not in daemon['tls_files']:
            raise NotInLook('the certificate files')
        if not daemon['tls_files'][path]:
            raise DockfleetError(
                u'"%s" names %s, and this host has no such file: the daemon would not start. Put it there first, or let docker_daemon_tls do it. %s'
                % (key, path, UNTOUCHED),
                stage='tls',
            )


def refuse_flags(unit, path, merged):
    """A key that stands in the file and as a flag keeps the daemon from starting. The endpoints are the one flag that we take away ourselves."""
    said_by = start_command(unit, without=[HOSTS_DROP_IN])[0]
    if not said_by:
        return
    twice = sorted(set(merged) & set(flag.key for flag in unit_flags(unit)))
    folder, name = os.path.split(said_by)
    if not (folder.endswith('.d') and name > os.path.basename(HOSTS_DROP_IN)):
        twice = [key for key in twice if key != 'hosts']
    if twice:
        raise DockfleetError(
            '%s cannot stand in %s: the unit %s gives the same as a flag (ExecStart in %s), and the daemon does not start when a setting comes from both. '
            'Take the key out, or clear the flag with a drop-in ("systemctl edit docker.service": a line "ExecStart=" and a new one without it). %s'
            % (' and '.join('"%s"' % key for key in twice), path, UNIT, source(unit), UNTOUCHED),
            stage='flags',
        )


def source(unit):
    """The file that says how the daemon is started."""
    return start_command(unit, without=[HOSTS_DROP_IN])[0] or 'docker.service of the package'


def refuse_unconfirmed(daemon, current, merged, wish):
    """Some keys decide where images and containers are looked for: a change makes them vanish, without deleting them."""
    if not daemon['holds_data']:
        return
    asked = []
    for key in DANGEROUS:
        before, after = effective(current, key, daemon['info']), effective(merged, key, daemon['info'])
        if before != after and key not in wish['confirm']:
            asked.append(u'"%s" from %s to %s' % (key, json.dumps(before), json.dumps(after)))
    if asked:
        raise DockfleetError(
            u'This changes %s on a host that holds images, containers or volumes: they stay on the disk, but the daemon would not see them any more. '
            u'If that is meant, name the key in docker_daemon_confirm. %s' % (u' and '.join(asked), UNTOUCHED),
            stage='confirm',
        )


def effective(options, key, info):
    """The value of a dangerous key, or what the daemon does without it: as it runs now."""
    value = (options.get('features') or {}).get(key) if key == 'containerd-snapshotter' else options.get(key)
    if value is not None:
        return value
    info = info or {}
    if key == 'storage-driver':
        return info.get('Driver')
    if key == 'containerd-snapshotter':
        return any('io.containerd.snapshotter' in pair[1] for pair in info.get('DriverStatus') or [])
    return DANGEROUS_DEFAULTS[key]
