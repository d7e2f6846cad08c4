# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What daemon.json becomes: merged, and checked against the engine. How it is written and taken up: _daemon_json_apply.py."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_files import (
    DROP_INS,
    HAS_PROXIES,
    changes,
    proxy_settings,
    proxy_table,
    shown,
    tls_options,
    wished_files,
)
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_absent import apply_absent, look_at_copies, plan_absent
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_apply import apply_present, render
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_merge import leaves, merge, no_longer_wished, owned, value_at, without
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_refusals import (
    UNTOUCHED,
    refuse_broken,
    refuse_flags,
    refuse_missing,
    refuse_twice,
    refuse_unconfirmed,
    refuse_wrong,
    source,
)
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import HAS_VALIDATE, KEPT, KEYS, LOOPBACK_IS_SAID, RESETS
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_running import differences
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_types import coerce
from ansible_collections.dockfleet.host.plugins.module_utils._docker_unit import unit_flags, values_of
from ansible_collections.dockfleet.host.plugins.module_utils._engine_restart import fate_of_containers
from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import UNIT
from ansible_collections.dockfleet.host.plugins.module_utils._engine_version import numbers_of
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import conceal
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import DEFAULT_PATH, conceal_options
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import data_root_of
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan
from ansible_collections.dockfleet.host.plugins.module_utils._storage_driver import AUTO, option_for

ARGUMENT_SPEC = {
    'state': {'type': 'str', 'choices': ['present', 'absent'], 'default': 'present'},
    'path': {'type': 'path', 'default': DEFAULT_PATH},
    'options': {'type': 'dict', 'default': {}},
    'registry_mirrors': {'type': 'list', 'elements': 'str', 'default': []},
    'engine_version': {'type': 'str', 'default': 'present'},
    'storage_driver': {'type': 'str', 'default': AUTO},
    'confirm': {'type': 'list', 'elements': 'str', 'default': []},
    'restart': {'type': 'str', 'choices': ['auto', 'never'], 'default': 'auto'},
    'proxy': {
        'type': 'dict',
        'options': {
            'http_proxy': {'type': 'str', 'no_log': True},
            'https_proxy': {'type': 'str', 'no_log': True},
            'no_proxy': {'type': 'list', 'elements': 'str', 'default': []},
            'bypass_registries': {'type': 'bool', 'default': True},
        },
    },
    'tls': {
        'type': 'dict',
        'options': {
            'ca': {'type': 'str'},
            'cert': {'type': 'str'},
            'key': {'type': 'str', 'no_log': True},
            'addresses': {'type': 'list', 'elements': 'str', 'default': ['0.0.0.0']},
            'port': {'type': 'int', 'default': 2376},
        },
    },
}
CONSTRAINTS = {}
NEEDS = ('daemon', 'packages', 'proxies', 'service', 'system', 'unit')

HIDDEN = u'********'
CHANGED = u'******** (changed)'
LOOPBACK = ['127.0.0.0/8', '::1/128']


def plan(look, wish):
    """Decide what daemon.json has to become and what the daemon needs to take it up.

    Args:
        look (dict): The sections daemon, packages, proxies, service, system and unit.
        wish (dict): The parameters.

    Raises:
        NotInLook: The look is at another file, or data-root.
        DockfleetError: The file is broken, an option is wrong for the engine, stands as a flag too, or moves data unconfirmed.
    """
    daemon = look['daemon']
    if daemon['path'] != to_text(wish['path']):
        raise NotInLook('daemon.json')
    if wish['state'] == 'absent':
        if daemon['ours']:
            refuse_broken(daemon)
        return plan_absent(look, shown_options, DROP_INS)
    refuse_broken(daemon)
    version = engine_version(look, wish)
    unit = unit_for(look, wish)
    current = daemon['options']
    plain = with_storage_driver(look, wish, wished_options(wish, unit))
    settings = proxy_settings(wish['proxy'], merge(without(current, no_longer_wished(daemon['ours'], plain)), plain))
    if settings and version >= HAS_PROXIES:
        refuse_twice('proxies', 'docker_daemon_proxy', plain)
        plain['proxies'] = settings
    wished = conceal_options(plain, lambda secret: conceal(secret, look['salt']))
    gone = no_longer_wished(daemon['ours'], wished)
    merged = merge(without(current, gone), wished)
    refuse_wrong(daemon['path'], merged, wished, version, unit)
    refuse_missing(daemon, merged)
    refuse_flags(unit, daemon['path'], merged)
    refuse_unconfirmed(daemon, current, merged, wish)
    changed = sorted(key for key in set(current) | set(merged) if current.get(key) != merged.get(key))
    rewrite = bool(changed) or badly_saved(daemon, version)
    files = changes(unit['files'], wished_files(wish, settings, merged, unit, version), look['salt']) if unit is look['unit'] else []
    action = action_for(look, wished, changed, current, merged, rewrite, files)
    ours = owned(daemon['ours'], current, wished)
    steps = []
    # A file comes before the key that needs it, and goes after it, so that a run that is cut off leaves a daemon that can start.
    come = [each for each in files if each['content'] is not None]
    go = [each for each in files if each['content'] is None]
    if come:
        steps.append(files_step(look, come, ours, action))
    if rewrite:
        steps.append({'do': 'write', 'options': merged, 'ours': ours, 'version': list(version), 'action': action})
    elif not files and any(value_at(current, path) is None for path in gone):
        # Somebody took out what we had set. Were it still ours, we would take it out again when somebody else sets it.
        steps.append({'do': 'remember', 'ours': ours, 'action': daemon['owed']})
    if go:
        steps.append(files_step(look, go, ours, action))
    if action != 'none' and wish['restart'] == 'auto' and is_managed(look):
        defaults = defaults_of_removed(changed, merged, version) if action == 'reload' else {}
        steps.append({'do': action, 'defaults': defaults, 'options': wished})
    before, after = shown_files(unit['files'], files)
    return Plan(
        steps,
        before=(shown_options(current) if daemon['exists'] else '') + before,
        after=(shown_options(merged, current) if daemon['exists'] or rewrite else '') + after,
        result={
            'action': action,
            'changed_keys': changed,
            'changed_files': [each['path'] for each in files],
            'problems': [],
            'path': daemon['path'],
            'proxies': proxy_table(look['proxies'], settings, merged, daemon['path']),
        },
        warnings=warnings(look, action, rewrite, wish),
    )


def files_step(look, files, ours, action):
    reload = look['service']['systemd'] and any(each['path'] in DROP_INS for each in files)
    return {'do': 'files', 'files': files, 'daemon_reload': reload, 'ours': ours, 'action': action}


def unit_for(look, wish):
    """The look's unit where its daemon reads the file of the wish; else one without a say about it."""
    path, read = to_text(wish['path']), values_of(unit_flags(look['unit'])).get('config-file', DEFAULT_PATH)
    if path == read:
        return look['unit']
    if path == DEFAULT_PATH:
        raise DockfleetError(
            u'The daemon does not read %s but %s: that is what the flag --config-file says in %s. Take the flag out, or give the module that path. %s'
            % (path, read, source(look['unit']), UNTOUCHED),
            stage='flags',
        )
    return dict(look['unit'], exec_start=[['', 'dockerd']])


def wished_options(wish, unit):
    """The wished options as text and in the types of their keys, with those that stand for other parameters."""
    options = coerce(wish['options'])
    for key, value in sorted(tls_options(wish['tls'], unit).items()):
        if key == 'hosts' and 'hosts' in options:
            continue
        refuse_twice(key, 'docker_daemon_tls', options)
        options[key] = value
    if wish['registry_mirrors']:
        refuse_twice('registry-mirrors', 'docker_daemon_registry_mirrors', options)
        options.update(coerce({'registry-mirrors': wish['registry_mirrors']}))
    return options


def with_storage_driver(look, wish, options):
    """The wished options with the storage driver of the host among them, where the file has to name it."""
    driver = to_text(wish['storage_driver'])
    if 'storage-driver' in options:
        if driver not in (AUTO, options['storage-driver']):
            raise DockfleetError(
                'storage-driver is given twice: as an option of its own (docker_daemon_storage_driver) and among the options '
                '(docker_daemon_options). Keep one of them. ' + UNTOUCHED,
                stage='options',
            )
        return options
    if driver == AUTO and not look['daemon']['running'] and look['system']['data_root'] != data_root_of({'options': options}, look['daemon']['options']):
        raise NotInLook('the data-root')
    driver = option_for(look, driver, look['daemon']['options'])
    return dict(options, **({'storage-driver': to_text(driver)} if driver else {}))


def badly_saved(daemon, version):
    """Whether a file that holds what it should has to be written anew, because not every engine reads it as it is saved."""
    return 'bom' in daemon['notes'] or 'utf-16' in daemon['notes'] or ('empty' in daemon['notes'] and () < version < HAS_VALIDATE)


def engine_version(look, wish):
    """The engine that will read the file: the wish's numbers, in full where the installed engine has them; () where nothing is known."""
    wanted = numbers_of(wish['engine_version'])
    installed = numbers_of((look['packages']['installed'].get('docker-ce') or {}).get('version', ''))
    return installed if installed[: len(wanted)] == wanted else wanted


def is_managed(look):
    """Whether systemd runs the daemon, so that it can be reloaded and restarted."""
    return look['service']['systemd'] and look['service']['units'].get(UNIT, {}).get('LoadState') == 'loaded'


def action_for(look, wished, changed, current, merged, rewrite, files):
    """What brings the daemon to its file: "none" where none runs, a restart where it lies down and the file may have been the reason."""
    daemon = look['daemon']
    if not daemon['running']:
        fell = look['service']['units'].get(UNIT, {}).get('ActiveState') in ('failed', 'activating')
        return 'restart' if (rewrite or files) and fell and is_managed(look) else 'none'
    # A daemon that does not show what its file says was never told of it. Where only a restart could tell it, docker_verify says so.
    untold = [key for key, dummy, dummy in differences(wished, daemon['info'] or {}) if KEYS[key].reload is not None] if daemon['info'] else []
    return strongest(daemon['owed'], needed_action(changed, current, merged), 'reload' if untold else 'none', 'restart' if files else 'none')


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


def shown_options(options, before=None):
    """The options as text for a diff: a secret is hidden, and a changed one shows that it changed."""
    hidden = conceal_options(options, lambda secret: HIDDEN)
    if before is not None:
        for path in leaves(hidden):
            if value_at(options, path) != value_at(before, path) and value_at(hidden, path) == HIDDEN:
                value_at(hidden, path[:-1])[path[-1]] = CHANGED
    return to_text(render(hidden))


def shown_files(found, files):
    """Before and after of our further files, as far as they change, for a diff."""
    before, after = u'', u''
    for each in files:
        old = found.get(each['path'])
        before += shown(each['path'], old and old['content'], HIDDEN)
        after += shown(each['path'], each['content'], CHANGED if old else HIDDEN)
    return before, after


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
    info = daemon['info'] or {}
    fate = fate_of_containers(info.get('ContainersRunning'), info.get('LiveRestoreEnabled'))
    if action == 'restart' and fate:
        found.append('With the restart of the daemon, %s.' % fate)
    return found


def inquire(host, look, wish, read_only):
    """Add "copies" to the look, for a file that is to be as it was."""
    return dict(look, copies=look_at_copies(host, to_text(wish['path'])))


def apply(host, plan, wish):
    """Carry the plan out."""
    if wish['state'] == 'absent':
        return apply_absent(host, plan, render)
    return apply_present(host, plan)
