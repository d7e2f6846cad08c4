# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What daemon.json becomes: merged, checked against the engine, written, and taken up by the daemon or undone."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import re
import shutil
import tempfile
import time
from collections import OrderedDict

from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import check, coerce, numbers_of, plain_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import DANGEROUS, KEPT, KEYS, RESETS, SHORT_FLAGS, SINGULAR
from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import UNIT, last_words, start
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import conceal
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import (
    DEFAULT_PATH,
    MEMORY,
    ask_daemon,
    conceal_options,
    daemon_identity,
    has_secrets,
    read_memory,
)
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan

ARGUMENT_SPEC = {
    'path': {'type': 'path', 'default': DEFAULT_PATH},
    'options': {'type': 'dict', 'default': {}},
    'registry_mirrors': {'type': 'list', 'elements': 'str', 'default': []},
    'engine_version': {'type': 'str', 'default': 'present'},
    'confirm': {'type': 'list', 'elements': 'str', 'default': []},
    'restart': {'type': 'str', 'choices': ['auto', 'never'], 'default': 'auto'},
}
CONSTRAINTS = {}
NEEDS = ('daemon', 'packages', 'service')

BACKUPS = 5
HIDDEN = u'********'
# How long the daemon may take to show that it has reloaded.
READ_BACK_SECONDS = 30
# The first engine that has "dockerd --validate", and reads a file with a byte order mark.
HAS_VALIDATE = (23, 0)
UNTOUCHED = 'The file was left as it was and the daemon was not touched.'


# --- the plan ------------------------------------------------------------------------------------------------------------------


def plan(look, wish):
    """Decide what daemon.json has to become and what the daemon needs to take it up.

    Args:
        look (dict): The sections daemon, packages and service.
        wish (dict): The parameters.

    Raises:
        NotInLook: The look is at another file.
        DockfleetError: The file is broken, an option is wrong for the engine, stands as a flag too, or moves data unconfirmed.
    """
    daemon = look['daemon']
    if daemon['path'] != to_text(wish['path']):
        raise NotInLook('daemon.json')
    refuse_broken(daemon)
    wished = conceal_options(wished_options(wish), lambda secret: conceal(secret, look['salt']))
    ours = sorted(leaves(wished))
    current = daemon['options']
    merged = merge(without(current, [path for path in daemon['ours'] if path not in ours]), wished)
    version = engine_version(look, wish)
    refuse_wrong(daemon['path'], merged, version)
    refuse_flags(look, wish, merged)
    changed = sorted(key for key in set(current) | set(merged) if current.get(key) != merged.get(key))
    refuse_unconfirmed(daemon, current, merged, wish)
    rewrite = bool(changed) or bool(set(daemon['notes']) & set(['bom', 'utf-16']) and version < HAS_VALIDATE)
    action = strongest(daemon['owed'], needed_action(changed, current, merged)) if daemon['running'] else 'none'
    steps = []
    if rewrite or ours != daemon['ours']:
        steps.append({'do': 'write', 'options': merged, 'ours': ours, 'file': rewrite, 'version': list(version), 'action': action})
    if action != 'none' and wish['restart'] == 'auto':
        steps.append({
            'do': action,
            'defaults': defaults_of_removed(changed, merged) if action == 'reload' else {},
            'mirrors': merged.get('registry-mirrors') or [],
        })
    return Plan(
        steps,
        before=shown_options(current) if daemon['exists'] else '',
        after=shown_options(merged) if daemon['exists'] or rewrite else '',
        result={'action': action, 'changed_keys': changed, 'problems': [], 'path': daemon['path']},
        warnings=warnings(daemon, action, wish),
    )


def wished_options(wish):
    """The wished options as text and in the types of their keys, the mirrors among them."""
    options = dict(wish['options'])
    if wish['registry_mirrors']:
        if 'registry-mirrors' in options:
            raise DockfleetError(
                'registry-mirrors is given twice: as an option of its own (docker_daemon_registry_mirrors) and among the options '
                '(docker_daemon_options). Keep one of them. ' + UNTOUCHED,
                stage='options',
            )
        options['registry-mirrors'] = wish['registry_mirrors']
    return coerce(options)


def refuse_broken(daemon):
    problem = daemon['problem']
    if problem:
        where = '' if problem['line'] is None else ' line %d, column %d' % (problem['line'], problem['column'])
        raise DockfleetError(
            u'%s%s: %s. %s' % (daemon['path'], where, problem['message'], UNTOUCHED),
            stage='daemon.json',
            problems=[dict(problem, key=None)],
        )


def refuse_wrong(path, merged, version):
    problems = check(plain_text(merged), version)
    if problems:
        raise DockfleetError(
            u'%s would not work: %s. %s' % (path, u'; '.join(u'"%(key)s": %(message)s' % problem for problem in problems), UNTOUCHED),
            stage='options',
            problems=[dict(problem, line=None, column=None) for problem in problems],
        )


def refuse_flags(look, wish, merged):
    """A key that stands in the file and as a flag keeps the daemon from starting."""
    if wish['path'] != DEFAULT_PATH:
        return
    twice = sorted(set(merged) & set(flags_of(look['service']['units'].get(UNIT, {}).get('ExecStart', ''))))
    if twice:
        raise DockfleetError(
            '%s cannot stand in %s: the unit %s gives the same as a flag (ExecStart), and the daemon does not start when a setting comes from both. '
            'Take the key out, or clear the flag with a drop-in ("systemctl edit docker.service": a line "ExecStart=" and a new one without it). %s'
            % (' and '.join('"%s"' % key for key in twice), wish['path'], UNIT, UNTOUCHED),
            stage='flags',
        )


def flags_of(exec_start):
    """The keys of daemon.json that an ExecStart, as "systemctl show" prints it, sets by flags.

    Args:
        exec_start (str): Such as "{ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd:// ; ... }".

    Returns:
        list of str: Keys, in the order of the flags.
    """
    command = re.search(r'argv\[\]=(.*?) ; ', exec_start + ' ; ')
    keys = []
    for word in command.group(1).split() if command else []:
        long_flag, short_flag = re.match(r'--([a-z][a-z0-9-]+)', word), re.match(r'-([A-Za-z])', word)
        name = long_flag.group(1) if long_flag else SHORT_FLAGS.get(short_flag.group(1)) if short_flag else None
        if name:
            keys.append(SINGULAR.get(name, name))
    return keys


def refuse_unconfirmed(daemon, current, merged, wish):
    """Some keys decide where images and containers are looked for: a change makes them vanish, without deleting them."""
    if not daemon['holds_data']:
        return
    info = daemon['info'] or {}
    asked = []
    for key, default in sorted(DANGEROUS.items()):
        before, after = dangerous_value(current, key, default), dangerous_value(merged, key, default)
        same_driver = key == 'storage-driver' and after == info.get('Driver')
        if before != after and key not in wish['confirm'] and not same_driver:
            asked.append(u'"%s" from %s to %s' % (key, json.dumps(before), json.dumps(after)))
    if asked:
        raise DockfleetError(
            u'This changes %s on a host that holds images, containers or volumes: they stay on the disk, but the daemon would not see them any more. '
            u'If that is meant, name the key in docker_daemon_confirm. %s' % (u' and '.join(asked), UNTOUCHED),
            stage='confirm',
        )


def dangerous_value(options, key, default):
    value = (options.get('features') or {}).get(key) if key == 'containerd-snapshotter' else options.get(key)
    return default if value is None else value


def merge(current, wished):
    """Current options with the wished ones laid over them: objects are merged deeply, everything else is replaced; foreign keys stay.

    Args:
        current (dict): What stands in the file; its order is kept.
        wished (dict): What is wanted.
    """
    merged = OrderedDict(current)
    for key in sorted(wished):
        value = wished[key]
        if isinstance(value, dict):
            value = merge(merged[key] if isinstance(merged.get(key), dict) else {}, value)
        merged[key] = value
    return merged


def leaves(options, above=()):
    """The paths (lists of keys) to everything in these options that is not itself a non-empty object."""
    found = []
    for key, value in options.items():
        path = list(above) + [key]
        found += leaves(value, path) if isinstance(value, dict) and value else [path]
    return found


def without(options, paths):
    """Options without some paths; an object that loses its last key goes as well."""
    kept = OrderedDict(options)
    for key in list(kept):
        below = [path[1:] for path in paths if path[0] == key]
        if [] in below:
            del kept[key]
        elif below and isinstance(kept[key], dict):
            kept[key] = without(kept[key], below)
            if not kept[key]:
                del kept[key]
    return kept


def engine_version(look, wish):
    """The engine that will read the file: the wish's numbers, in full where the installed engine has them; () where nothing is known."""
    wanted = numbers_of(wish['engine_version'])
    installed = numbers_of((look['packages']['installed'].get('docker-ce') or {}).get('version', ''))
    return installed if installed[: len(wanted)] == wanted else wanted


def needed_action(changed, current, merged):
    """How the running daemon takes up the changed keys."""
    if not changed:
        return 'none'
    for key in changed:
        follows = KEYS[key].reload if key in KEYS else None
        if follows is None or (follows == KEPT and key not in merged):
            return 'restart'
    return 'reload'


def strongest(*actions):
    return max(actions, key=('none', 'reload', 'restart').index)


def defaults_of_removed(changed, merged):
    """For a reload: keys that were taken out, with the value that undoes them. A daemon keeps what a key said when the key is merely gone."""
    return dict((key, KEYS[key].reload) for key in changed if key not in merged and KEYS[key].reload != RESETS)


def render(options):
    """The bytes of a daemon.json."""
    return to_bytes(json.dumps(options, indent=2, ensure_ascii=False, separators=(',', ': '))) + b'\n'


def shown_options(options):
    """The options as text for a diff, without their secrets."""
    return to_text(render(conceal_options(options, lambda secret: HIDDEN)))


def warnings(daemon, action, wish):
    found = []
    for note in daemon['notes']:
        if note != 'empty':
            form = 'UTF-8 with a byte order mark' if note == 'bom' else note
            found.append('%s is saved as %s, which engines before 23.0 cannot read.' % (daemon['path'], form))
    running = (daemon['info'] or {}).get('ContainersRunning')
    if action == 'restart' and running:
        live = (daemon['info'] or {}).get('LiveRestoreEnabled')
        found.append(
            'The daemon %s to be restarted for this; %d running container%s %s.'
            % (
                'has' if wish['restart'] == 'auto' else 'still has',
                running,
                '' if running == 1 else 's',
                'stay up (live-restore)' if live else 'stop and, by their restart policy, start again',
            )
        )
    elif action != 'none' and wish['restart'] == 'never':
        found.append('The daemon still has to %s for this (docker_daemon_restart is "never").' % action)
    return found


# --- carrying it out -----------------------------------------------------------------------------------------------------------


def apply(host, plan, wish):
    """Write, let the daemon take it up, and put the old file back where it does not.

    What is owed to the daemon is written down first: a run that is cut off between the file and the daemon is finished by the next one.
    """
    path = plan.result['path']
    old = host.read(path)
    backup = None
    for step in plan.steps:
        if step['do'] == 'write':
            if step['file']:
                validate(host, path, step['options'], tuple(step['version']))
            remember(host, path, step['ours'], step['action'])
            if step['file']:
                backup = back_up(host, path, old)
                host.make_folder(os.path.dirname(path))
                host.write(path, render(step['options']), mode=0o600 if has_secrets(step['options']) else None)
        else:
            take_up(host, path, old, step)
            remember(host, path, read_memory(host)[path]['ours'], 'none')
    return {'backup': backup}


def validate(host, path, options, version):
    """Let the engine itself read the new file, where it has the command for it."""
    if version < HAS_VALIDATE or not host.which('dockerd'):
        return
    folder = tempfile.mkdtemp(prefix='dockfleet-')
    try:
        draft = os.path.join(folder, 'daemon.json')
        host.write(draft, render(options), mode=0o600)
        code, out, err = host.run(['dockerd', '--validate', '--config-file', draft])
    finally:
        shutil.rmtree(folder)
    if code:
        said = (err or out).strip().replace(draft, path)
        raise DockfleetError(u'dockerd itself refuses the new %s: %s. %s' % (path, said.rstrip('.'), UNTOUCHED), stage='validate')


def remember(host, path, ours, owed):
    """Write down which keys of a file are ours, and what the daemon that runs now is owed: "none", "reload" or "restart"."""
    host.make_folder(os.path.dirname(MEMORY), 0o700)
    entry = {'ours': ours, 'owed': owed, 'daemon': daemon_identity(host)}
    host.write(MEMORY, render(dict(read_memory(host), **{path: entry})), mode=0o600)


def back_up(host, path, old):
    """Keep the old file beside the new one, and only the last few of such copies. Returns the copy's path, None without an old file."""
    if old is None:
        return None
    stem = path + '.dockfleet-'
    backup = stem + time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())
    host.write(backup, old, mode=int(host.status(path)['mode'], 8))
    copies = [name for name in host.list_folder(os.path.dirname(path)) if name.startswith(stem)]
    for copy in copies[:-BACKUPS]:
        host.remove(copy)
    return backup


def take_up(host, path, old, step):
    """Reload or restart the daemon; where it does not come up, bring back the old file and the daemon, and say what the daemon said."""
    new = host.read(path)
    try:
        if step['do'] == 'restart':
            restart_daemon(host)
        elif step['defaults']:
            host.write(path, render(dict(json.loads(to_text(new)), **step['defaults'])))
            reload_daemon(host, step['mirrors'])
            host.write(path, new)
        else:
            reload_daemon(host, step['mirrors'])
    except DockfleetError as error:
        if old == new:
            raise
        if old is None:
            host.remove(path)
        else:
            host.write(path, old)
        remember(host, path, [], 'none')
        start(host, UNIT)
        raise DockfleetError(
            u'The daemon did not take up the new %s. %s The old file was put back and the daemon runs with it again.' % (path, error.message),
            **dict(error.details, stage=step['do'])
        )


def reload_daemon(host, mirrors):
    """Reload, and wait until the daemon says itself that it has the mirrors: a reload that it refuses ends in its log only."""
    code, out, err = host.run(['systemctl', 'reload', UNIT])
    if code:
        raise DockfleetError('"systemctl reload %s" failed: %s.' % (UNIT, (err or out).strip()), stage='reload')
    deadline = time.time() + READ_BACK_SECONDS
    while not same_mirrors(ask_daemon('/info'), mirrors):
        if time.time() > deadline:
            raise DockfleetError('It did not reload; its last words: %s.' % last_words(journal(host)).rstrip('.'), stage='reload')
        time.sleep(0.1)


def same_mirrors(info, mirrors):
    """Whether an answer to GET /info shows these mirrors, in this order; the daemon ends each with a slash."""
    found = ((info or {}).get('RegistryConfig') or {}).get('Mirrors') or []
    return info is not None and [url.rstrip('/') for url in found] == [url.rstrip('/') for url in mirrors]


def journal(host):
    return host.run(['journalctl', '--unit', UNIT, '--no-pager', '--output', 'cat', '--lines', '40'])[1]


def restart_daemon(host):
    # Three failures within a minute would otherwise be the answer, whatever was mended since.
    host.run(['systemctl', 'reset-failed', UNIT])
    code, out, err = host.run(['systemctl', 'restart', UNIT])
    # The unit counts as started when dockerd says that it is ready (Type=notify); the API has to answer as well.
    if code or ask_daemon('/info') is None:
        log = journal(host)
        raise DockfleetError('It does not start; its last words: %s.' % last_words(log).rstrip('.'), stage='restart', log=log.splitlines())
