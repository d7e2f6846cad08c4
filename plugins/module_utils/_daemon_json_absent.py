# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes back what daemon_json wrote: the file as it was before, and where others have changed it since, only the keys that are ours."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
from collections import OrderedDict

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_merge import merge, value_at, without
from ansible_collections.dockfleet.host.plugins.module_utils._json_text import read_json
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import MEMORY, read_memory
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan

# Copies of the old file are named after it, with this and the time.
COPY = '.dockfleet-'


def look_at_copies(host, path):
    """Return the copies of a daemon.json (list of str), whether anything is remembered of it, and the file as it was before our first change.

    Returns:
        dict: copies, remembered (bool), original (str or None: the copy) and original_options (dict or None).
    """
    entry = read_memory(host).get(path)
    original = (entry or {}).get('original')
    options = read_json(host.read(original) or b'')[0] if original and host.read(original) is not None else None
    return {
        'copies': [name for name in host.list_folder(os.path.dirname(path)) if name.startswith(path + COPY)],
        'remembered': entry is not None,
        'original': None if options is None else original,
        'original_options': options,
    }


def plan_absent(look, show, drop_ins):
    """Decide what daemon.json becomes without us; drop-ins and certificates beside it go.

    Args:
        look (dict): The sections daemon, service and unit, and "copies" from look_at_copies().
        show (callable): Options as text for the diff.
        drop_ins (tuple of str): Paths of our drop-ins.
    """
    daemon = look['daemon']
    if 'copies' not in look:
        raise NotInLook('the copies')
    copies, current, files = look['copies'], daemon['options'], sorted(look['unit']['files'])
    steps, after = [], current
    if daemon['ours']:
        after = as_before(current, daemon['ours'], copies['original_options'] or {})
        if after != current:
            steps.append(step_to(after, copies))
    changed = sorted(key for key in set(current or {}) | set(after or {}) if (current or {}).get(key) != (after or {}).get(key))
    if files or copies['copies']:
        # A file goes after the key that needs it.
        reload_units = look['service']['systemd'] and bool(set(files) & set(drop_ins))
        steps.append({'do': 'drop', 'paths': files + copies['copies'], 'reload_units': reload_units})
    if copies['remembered']:
        steps.append({'do': 'forget'})
    gone = bool(steps) and steps[0]['do'] == 'remove'
    return Plan(
        steps,
        before=show(current) if daemon['exists'] and current is not None else '',
        after=show(after) if daemon['exists'] and current is not None and not gone else '',
        result={
            'action': 'none',
            'changed_keys': changed,
            'changed_files': ([daemon['path']] if changed else []) + files + copies['copies'],
            'problems': [],
            'path': daemon['path'],
            'backup': None,
        },
        warnings=['The daemon runs on with what it has read, until it is restarted.'] if changed and daemon['running'] else [],
    )


def as_before(current, ours, original):
    """Options without what is ours, and with what stood in its place before."""
    after = without(current, ours)
    for path in ours:
        value = value_at(original, path)
        if value is not None:
            nested = value
            for key in reversed(path):
                nested = OrderedDict([(key, nested)])
            after = merge(after, nested)
    return after


def step_to(after, copies):
    """The step that leads to these options: the old file itself where it says just that."""
    if copies['original'] is not None and json.dumps(after, sort_keys=True) == json.dumps(copies['original_options'], sort_keys=True):
        return {'do': 'restore', 'copy': copies['original']}
    if not after and copies['original'] is None:
        return {'do': 'remove'}
    return {'do': 'rewrite', 'options': after}


def apply_absent(host, plan, render):
    """Carry out the steps; the file first, what is remembered of it last, so that a run that is cut off can be made up for."""
    path = plan.result['path']
    for step in plan.steps:
        if step['do'] == 'restore':
            host.write(path, host.read(step['copy']), mode=int(host.status(step['copy'])['mode'], 8))
        elif step['do'] == 'rewrite':
            host.write(path, render(step['options']))
        elif step['do'] == 'remove':
            host.remove(path)
        elif step['do'] == 'drop':
            for file in step['paths']:
                host.remove(file)
                host.remove_folder_if_empty(os.path.dirname(file))
            if step['reload_units']:
                host.run(['systemctl', 'daemon-reload'])
        else:
            memory = read_memory(host)
            del memory[path]
            if memory:
                host.write(MEMORY, render(memory), mode=0o600)
            else:
                host.remove(MEMORY)
                host.remove_folder_if_empty(os.path.dirname(MEMORY))
    host.remove_folder_if_empty(os.path.dirname(path))
