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

from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_merge import leaves, merge, no_longer_wished, owned, value_at, without
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import check, coerce, numbers_of
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import DANGEROUS, DANGEROUS_DEFAULTS, KEPT, KEYS, RESETS, SHORT_FLAGS, SINGULAR
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_running import differences, reload_daemon, restart_daemon
from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import UNIT
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import conceal
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import (
    DEFAULT_PATH,
    MEMORY,
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
CHANGED = u'******** (changed)'
# The first engine that has "dockerd --validate", and reads an empty file.
HAS_VALIDATE = (23, 0)
# The first engine for which an explicit list of insecure registries does not imply loopback (moby/moby#53868).
LOOPBACK_IS_SAID = (29, 10)
LOOPBACK = ['127.0.0.0/8', '::1/128']
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
    current = daemon['options']
    gone = no_longer_wished(daemon['ours'], wished)
    merged = merge(without(current, gone), wished)
    version = engine_version(look, wish)
    refuse_wrong(daemon['path'], merged, wished, version)
    refuse_flags(look, wish, merged)
    refuse_unconfirmed(daemon, current, merged, wish)
    changed = sorted(key for key in set(current) | set(merged) if current.get(key) != merged.get(key))
    rewrite = bool(changed) or badly_saved(daemon, version)
    action = action_for(look, wished, changed, current, merged, rewrite)
    steps = []
    if rewrite:
        ours = owned(daemon['ours'], current, wished)
        steps.append({'do': 'write', 'options': merged, 'ours': ours, 'version': list(version), 'action': action})
    elif any(value_at(current, path) is None for path in gone):
        # Somebody took out what we had set. Were it still ours, we would take it out again when somebody else sets it.
        steps.append({'do': 'remember', 'ours': [path for path in daemon['ours'] if path not in gone], 'action': daemon['owed']})
    if action != 'none' and wish['restart'] == 'auto' and is_managed(look):
        steps.append({'do': action, 'defaults': defaults_of_removed(changed, merged, version) if action == 'reload' else {}})
    return Plan(
        steps,
        before=shown_options(current) if daemon['exists'] else '',
        after=shown_options(merged, current) if daemon['exists'] or rewrite else '',
        result={'action': action, 'changed_keys': changed, 'problems': [], 'path': daemon['path']},
        warnings=warnings(look, action, rewrite, wish),
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


def badly_saved(daemon, version):
    """Whether a file that holds what it should has to be written anew, because not every engine reads it as it is saved."""
    return 'bom' in daemon['notes'] or 'utf-16' in daemon['notes'] or ('empty' in daemon['notes'] and () < version < HAS_VALIDATE)


def refuse_broken(daemon):
    problem = daemon['problem']
    if problem:
        where = '' if problem['line'] is None else ' line %d, column %d' % (problem['line'], problem['column'])
        raise DockfleetError(
            u'%s%s: %s. %s' % (daemon['path'], where, problem['message'], UNTOUCHED),
            stage='daemon.json',
            problems=[dict(problem, key=None)],
        )


def refuse_wrong(path, merged, wished, version):
    problems = check(merged, version)
    if problems:
        foreign = any(problem['key'] not in wished for problem in problems)
        raise DockfleetError(
            u'%s would not work: %s. %s%s'
            % (
                path,
                u'; '.join(u'"%(key)s": %(message)s' % problem for problem in problems),
                u'A key that stands in the file only is taken out by null in docker_daemon_options. ' if foreign else u'',
                UNTOUCHED,
            ),
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


def engine_version(look, wish):
    """The engine that will read the file: the wish's numbers, in full where the installed engine has them; () where nothing is known."""
    wanted = numbers_of(wish['engine_version'])
    installed = numbers_of((look['packages']['installed'].get('docker-ce') or {}).get('version', ''))
    return installed if installed[: len(wanted)] == wanted else wanted


def is_managed(look):
    """Whether systemd runs the daemon, so that it can be reloaded and restarted."""
    return look['service']['systemd'] and look['service']['units'].get(UNIT, {}).get('LoadState') == 'loaded'


def action_for(look, wished, changed, current, merged, rewrite):
    """What brings the daemon to its file: "none" where none runs, a restart where it lies down and the file may have been the reason."""
    daemon = look['daemon']
    if not daemon['running']:
        fell = look['service']['units'].get(UNIT, {}).get('ActiveState') in ('failed', 'activating')
        return 'restart' if rewrite and fell and is_managed(look) else 'none'
    # A daemon that does not show what its file says was never told of it. Where only a restart could tell it, docker_verify says so.
    untold = [key for key, dummy, dummy in differences(wished, daemon['info'] or {}) if KEYS[key].reload is not None] if daemon['info'] else []
    return strongest(daemon['owed'], needed_action(changed, current, merged), 'reload' if untold else 'none')


def needed_action(changed, current, merged):
    """How the running daemon takes up the changed keys."""
    if not changed:
        return 'none'
    for key in changed:
        follows = KEYS[key].reload if key in KEYS else None
        if follows is None or (follows == KEPT and merged.get(key) is None):
            return 'restart'
        if key == 'features' and snapshotter(current) != snapshotter(merged):
            return 'restart'
    return 'reload'


def snapshotter(options):
    return (options.get('features') or {}).get('containerd-snapshotter')


def strongest(*actions):
    return max(actions, key=('none', 'reload', 'restart').index)


def defaults_of_removed(changed, merged, version):
    """For a reload: keys that were taken out, with the value that undoes them. A daemon keeps what a key said when the key is merely gone."""
    defaults = dict((key, KEYS[key].reload) for key in changed if merged.get(key) is None and KEYS[key].reload != RESETS)
    if 'insecure-registries' in defaults and version >= LOOPBACK_IS_SAID:
        defaults['insecure-registries'] = LOOPBACK
    return defaults


def render(options):
    """The bytes of a daemon.json."""
    return to_bytes(json.dumps(options, indent=2, ensure_ascii=False, separators=(',', ': '))) + b'\n'


def shown_options(options, before=None):
    """The options as text for a diff: a secret is hidden, and a changed one shows that it changed."""
    hidden = conceal_options(options, lambda secret: HIDDEN)
    if before is not None:
        for path in leaves(hidden):
            if value_at(options, path) != value_at(before, path) and value_at(hidden, path) == HIDDEN:
                value_at(hidden, path[:-1])[path[-1]] = CHANGED
    return to_text(render(hidden))


def warnings(look, action, rewrite, wish):
    found = []
    daemon = look['daemon']
    for note, name in (('bom', 'UTF-8 with a byte order mark'), ('utf-16', 'UTF-16')):
        if note in daemon['notes'] and rewrite:
            found.append('%s was saved as %s, which engines before 23.0 cannot read. It is written as plain UTF-8.' % (daemon['path'], name))
    if action != 'none' and not is_managed(look):
        found.append('systemd does not run the daemon here: it has to %s by other means to take up its file.' % action)
    elif action != 'none' and wish['restart'] == 'never':
        found.append('The daemon still has to %s to take up its file (docker_daemon_restart is "never").' % action)
    running = (daemon['info'] or {}).get('ContainersRunning')
    if action == 'restart' and running:
        live = daemon['info'].get('LiveRestoreEnabled')
        fate = 'stay up (live-restore)' if live else 'stop, and start again only where their restart policy says so'
        found.append('With the restart of the daemon, running containers (%d) %s.' % (running, fate))
    return found


# --- carrying it out -----------------------------------------------------------------------------------------------------------


def apply(host, plan, wish):
    """Write, let the daemon take it up, and put the old file back where it does not.

    What is owed to the daemon is written down first: a run that is cut off between the file and the daemon is finished by the next one.
    """
    path = plan.result['path']
    old, old_status = host.read(path), host.status(path)
    was_ours = read_memory(host).get(path, {}).get('ours', [])
    backup = None
    for step in plan.steps:
        if step['do'] == 'write':
            validate(host, path, step['options'], tuple(step['version']))
            host.make_folder(os.path.dirname(path))
            backup = back_up(host, path, old)
            remember(host, path, step['ours'], step['action'])
            host.write(path, render(step['options']), mode=0o600 if has_secrets(step['options']) else None)
        elif step['do'] == 'remember':
            remember(host, path, step['ours'], step['action'])
        else:
            ours = read_memory(host).get(path, {}).get('ours', [])
            take_up(host, path, step, old, old_status, was_ours)
            remember(host, path, ours, 'none')
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


def take_up(host, path, step, old, old_status, was_ours):
    """Reload or restart the daemon; where it does not come up, bring back the old file and the daemon, and say what the daemon said."""
    new = host.read(path)
    try:
        if step['do'] == 'restart':
            restart_daemon(host)
        elif step['defaults']:
            host.write(path, render(dict(json.loads(to_text(new)), **step['defaults'])))
            reload_daemon(host)
            host.write(path, new)
        else:
            reload_daemon(host)
    except DockfleetError as error:
        if old == new:
            raise
        if old is None:
            host.remove(path)
        else:
            host.write(path, old, mode=int(old_status['mode'], 8))
        remember(host, path, was_ours, 'none')
        raise DockfleetError(
            u'The daemon did not take up the new %s. %s %s' % (path, error.message, roll_back(host, step['do'])), **dict(error.details, stage=step['do'])
        )


def roll_back(host, action):
    """Let the daemon go on with the old file. Returns the sentence that says how it went."""
    if action == 'reload':
        # A reload that is refused changes nothing in the daemon.
        return u'The old file was put back; the daemon went on with it all the time.'
    try:
        restart_daemon(host)
    except DockfleetError as error:
        return u'The old file was put back, but the daemon does not start with that one either. %s' % error.message
    return u'The old file was put back, and the daemon runs with it again.'
