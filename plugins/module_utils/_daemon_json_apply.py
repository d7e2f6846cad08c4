# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes daemon.json and the files beside it, and lets the daemon take them up; where it does not, all is as it was."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import shutil
import tempfile
import time

from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_files import DROP_INS, TLS_FOLDER
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_absent import COPY
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_refusals import UNTOUCHED
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import HAS_VALIDATE, KEYS
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_running import read_back, reload_daemon, reload_units, restart_daemon
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import MEMORY, TLS_KEYS, daemon_identity, has_secrets, read_memory

BACKUPS = 5


def render(options):
    """The bytes of a daemon.json."""
    return to_bytes(json.dumps(options, indent=2, ensure_ascii=False, separators=(',', ': '))) + b'\n'


def apply_present(host, plan):
    """Write, let the daemon take it up, and put the old files back where it does not.

    What is owed to the daemon is written down first: a run that is cut off between the file and the daemon is finished by the next one.
    """
    path = plan.result['path']
    before = dict((each, (host.read(each), host.status(each))) for each in [path] + plan.result['changed_files'])
    was = read_memory(host).get(path, {})
    backup = None
    for step in plan.steps:
        if step['do'] == 'write':
            files = [each for other in plan.steps if other['do'] == 'files' for each in other['files'] if each['content'] is not None]
            validate(host, path, step['options'], tuple(step['version']), files)
    for step in plan.steps:
        if step['do'] in ('files', 'write', 'remember'):
            try:
                if step['do'] == 'write':
                    host.make_folder(os.path.dirname(path))
                    backup = back_up(host, path, before[path][0], was.get('ours', []))
                remember(host, path, step['ours'], step['action'])
                carry_out_step(host, path, step)
            except DockfleetError:
                # Nothing was told to the daemon, so that it is owed what it was owed before.
                put_back(host, before)
                remember(host, path, was.get('ours', []), was.get('owed', 'none') if was.get('daemon') == daemon_identity(host) else 'none')
                raise
        else:
            ours = read_memory(host).get(path, {}).get('ours', [])
            take_up(host, path, step, before, was.get('ours', []))
            remember(host, path, ours, 'none')
            # What only a restart could tell it is for docker_verify to find.
            told = [key for key in step['options'] if key in KEYS and (step['do'] == 'restart' or KEYS[key].reload is not None)]
            read_back(host, dict((key, step['options'][key]) for key in told))
    return {'backup': backup}


def carry_out_step(host, path, step):
    """Write daemon.json, or bring the files beside it to the wish."""
    if step['do'] == 'write':
        host.write(path, render(step['options']), mode=0o600 if has_secrets(step['options']) else None)
        return
    for each in step.get('files', ()):
        if each['content'] is None:
            host.remove(each['path'])
        else:
            host.make_folder(os.path.dirname(each['path']), 0o700 if os.path.dirname(each['path']) == TLS_FOLDER else 0o755)
            host.write(each['path'], to_bytes(each['content']), mode=int(each['mode'], 8))
    if step.get('daemon_reload'):
        reload_units(host)


def put_back(host, before):
    """Give the files the content and the permissions that they had. Returns whether any of them was another one."""
    other = [path for path in sorted(before) if host.read(path) != before[path][0]]
    for path in other:
        content, status = before[path]
        if content is None:
            host.remove(path)
        else:
            host.write(path, content, mode=int(status['mode'], 8))
    if set(other) & set(DROP_INS) and host.which('systemctl'):
        host.run(['systemctl', 'daemon-reload'])
    return bool(other)


def validate(host, path, options, version, files):
    """Let the engine itself read the new file, where it has the command for it, beside those of the new files that it names."""
    if version < HAS_VALIDATE or not host.which('dockerd'):
        return
    folder = tempfile.mkdtemp(prefix='dockfleet-')
    try:
        drafts = {path: os.path.join(folder, 'daemon.json')}
        drafts.update((each['path'], os.path.join(folder, os.path.basename(each['path']))) for each in files)
        for each in files:
            host.write(drafts[each['path']], to_bytes(each['content']), mode=0o600)
        named = dict((key, to_text(drafts[options[key]])) for key in TLS_KEYS if options.get(key) in drafts)
        host.write(drafts[path], render(dict(options, **named)), mode=0o600)
        code, out, err = host.run(['dockerd', '--validate', '--config-file', drafts[path]])
    finally:
        shutil.rmtree(folder)
    if code:
        said = (err or out).strip()
        for real, draft in drafts.items():
            said = said.replace(draft, real)
        raise DockfleetError(u'dockerd itself refuses the new %s: %s. %s' % (path, said.rstrip('.'), UNTOUCHED), stage='validate')


def remember(host, path, ours, owed):
    """Write down which keys of a file are ours, and what the daemon that runs now is owed: "none", "reload" or "restart"."""
    host.make_folder(os.path.dirname(MEMORY), 0o700)
    memory = read_memory(host)
    entry = dict(memory.get(path, {}), ours=ours, owed=owed, daemon=daemon_identity(host))
    host.write(MEMORY, render(dict(memory, **{path: entry})), mode=0o600)


def back_up(host, path, old, was_ours):
    """Keep the old file beside the new one, and only the last few of such copies and the one in which nothing was ours.

    Returns:
        str: The copy's path; None without an old file.
    """
    if old is None:
        return None
    stem = path + COPY
    backup = stem + time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())
    host.write(backup, old, mode=int(host.status(path)['mode'], 8))
    memory = read_memory(host)
    if not was_ours:
        host.make_folder(os.path.dirname(MEMORY), 0o700)
        host.write(MEMORY, render(dict(memory, **{path: dict(memory.get(path, {}), original=backup)})), mode=0o600)
    original = backup if not was_ours else memory.get(path, {}).get('original')
    copies = [name for name in host.list_folder(os.path.dirname(path)) if name.startswith(stem) and name != original]
    for copy in copies[:-BACKUPS]:
        host.remove(copy)
    return backup


def take_up(host, path, step, before, was_ours):
    """Reload or restart the daemon; where it does not come up, bring back the old files and the daemon, and say what the daemon said."""
    try:
        if step['do'] == 'restart':
            restart_daemon(host)
        elif step['defaults']:
            new = host.read(path)
            host.write(path, render(dict(json.loads(to_text(new)), **step['defaults'])))
            reload_daemon(host)
            host.write(path, new)
        else:
            reload_daemon(host)
    except DockfleetError as error:
        if not put_back(host, before):
            raise
        remember(host, path, was_ours, 'none')
        raise DockfleetError(
            u'The daemon did not take up the new %s. %s %s' % (path, error.message, roll_back(host, step['do'])), **dict(error.details, stage=step['do'])
        )


def roll_back(host, action):
    """Let the daemon go on with the old files. Returns the sentence that says how it went."""
    if action == 'reload':
        # A reload that is refused changes nothing in the daemon.
        return u'The old file was put back; the daemon went on with it all the time.'
    try:
        restart_daemon(host)
    except DockfleetError as error:
        return u'The old file was put back, but the daemon does not start with that one either. %s' % error.message
    return u'The old file was put back, and the daemon runs with it again.'
