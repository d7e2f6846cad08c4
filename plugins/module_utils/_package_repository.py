# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker's repository on a host: a file that is a pure function of the wish, and a key that is proven before anything trusts it.

What the steps of its plan are: _repository_steps.py.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import time

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _centos_base
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look import look_at
from ansible_collections.dockfleet.host.plugins.module_utils._look_repositories import APT_PROXY, ASIDE
from ansible_collections.dockfleet.host.plugins.module_utils._mirror_choice import NotPublished, choose_mirror, refuse_mirror, require_mirror
from ansible_collections.dockfleet.host.plugins.module_utils._mirror_probe import candidate_roots
from ansible_collections.dockfleet.host.plugins.module_utils._mirrors import mirror_name
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import normalize_fingerprint, prove
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_key import as_kept
from ansible_collections.dockfleet.host.plugins.module_utils._package_source import Asker, choose_vault, fetch_key, find_key
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan
from ansible_collections.dockfleet.host.plugins.module_utils._release import describe
from ansible_collections.dockfleet.host.plugins.module_utils._repository_aside import give_back_steps
from ansible_collections.dockfleet.host.plugins.module_utils._repository_audit import other_definitions
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import masked
from ansible_collections.dockfleet.host.plugins.module_utils._repository_steps import carry_out_steps
from ansible_collections.dockfleet.host.plugins.module_utils._repository_target import (
    AUTO,
    CHANNELS,
    FINGERPRINTS,
    KEY_FILES,
    MODE,
    REPOSITORY_FILES,
    current_root,
    file_of,
    files_to_write,
    is_ours,
    key_fault,
    release_of,
    target_of,
)

ARGUMENT_SPEC = {
    'state': {'type': 'str', 'choices': ['present', 'absent'], 'default': 'present'},
    'root': {'type': 'str', 'default': 'official'},
    'candidates': {'type': 'list', 'elements': 'str', 'default': []},
    'release': {'type': 'str', 'default': ''},
    'fallback_release': {'type': 'str', 'default': ''},
    'channel': {'type': 'str', 'choices': sorted(CHANNELS), 'default': 'stable'},
    'key': {
        'type': 'dict',
        'no_log': False,
        'options': {'src': {'type': 'path'}, 'url': {'type': 'str'}, 'content': {'type': 'str'}},
        'mutually_exclusive': [('src', 'url', 'content')],
    },
    'fingerprints': {'type': 'list', 'elements': 'str', 'default': []},
    'base': {'type': 'str', 'choices': _centos_base.CHOICES, 'default': 'keep'},
    'tidy': {'type': 'bool', 'default': False},
    'proxy': {'type': 'str', 'no_log': True},
    'timeout': {'type': 'int', 'default': 20},
    'yum_timeout': {'type': 'int'},
    'yum_minrate': {'type': 'int'},
}
CONSTRAINTS = {}
NEEDS = ('repositories', 'system')


def look(host, wish):
    """Look at the host, and where something has to be written or chosen, ask the network for it.

    Returns:
        dict: The sections of NEEDS; "source", what the network said, each where it was needed: root, release, mirrors, reason, warnings, vault,
            key (bytes) and key_url; "imported", where all is to go: the keys in the rpm database.
    """
    found = look_at(host, NEEDS, wish)
    if wish['state'] == 'absent':
        found['imported'] = host.run(['rpm', '--query', '--all', 'gpg-pubkey'])[1].split() if host.which('rpm') else []
        return found
    target = target_of(found, wish)
    missing = unmet(found, wish, target, time.time())
    if missing or not target['root']:
        asker = Asker(wish['timeout'], wish['proxy'])
        found['source'] = _ask_mirrors(found, wish, target, missing, asker)
        _ask_further(found, wish, target_of(found, wish), missing, asker)
    return found


def _ask_mirrors(look, wish, target, missing, asker):
    """Prove the wished mirror or choose one; where Docker does not publish the release, do so for the fallback, if one was wished."""
    if target['root'] and 'repository' not in missing:
        return {}
    try:
        return _ask_for(target['release'], look, wish, target, asker)
    except NotPublished:
        if not wish['fallback_release']:
            raise
    release = release_of(look, wish, 'fallback_release')
    release['reason'] = u'%s is not published, and docker_repo_fallback_release is "%s"' % (describe(target['release']), wish['fallback_release'])
    return dict(_ask_for(release, look, wish, target, asker), release=release)


def _ask_for(release, look, wish, target, asker):
    root, channels = target['root'], target['channels']
    if not root:
        members = candidate_roots(wish['candidates'], '') if wish['candidates'] else None
        current = current_root(look, release['family'], members)
        keep = bool(current) and not files_to_write(look, target_of(dict(look, source={'root': current, 'release': release}), wish))
        return choose_mirror(current, keep, release, channels, wish['candidates'], asker)
    try:
        return {'warnings': require_mirror(root, release, channels, asker)}
    except NetError as error:
        return refuse_mirror(root, release, channels, wish['candidates'], asker, error)


def _ask_further(look, wish, target, missing, asker):
    """Add vault and key to what the network said, where they are needed."""
    source = look['source']
    if 'base' in missing:
        source['vault'] = choose_vault(wish['base'], target['root'], look['system']['machine'], asker)
    if 'key' in missing and not target['key_content']:
        url = (wish['key'] or {}).get('url')
        try:
            source['key'], source['key_url'] = fetch_key(url, asker) if url else find_key(target['root'], target['release'], asker)
        except NetError as error:
            raise DockfleetError(
                u'Docker\'s key could not be fetched: %s. Set key.url to another place, or docker_repo_key to a file of the controller. Nothing was '
                u'changed.' % error.message,
                **error.details
            )


def unmet(look, wish, target, now):
    """Which of "repository", "base" and "key" have to be written."""
    missing = ['repository'] if files_to_write(look, target) else []
    if _base_to_change(look, wish):
        missing.append('base')
    if key_fault(look, target, now):
        missing.append('key')
    return missing


def _base_to_change(look, wish):
    """Paths of the files of CentOS 7's own repositories that are not as wished."""
    if not _centos_base.is_centos_7(look['system']):
        return []
    return _centos_base.files_to_change(look['repositories']['files'], wish['base'], look['system']['machine'])


def plan(look, wish, now=None):
    """Decide what to write and what to move aside.

    Args:
        look (dict): From look(); on the controller that of the host, without "source".
        wish (dict): The module's parameters, with key.content in place of key.src.
        now (number): Seconds since the epoch; None for the time it is.
    """
    now = time.time() if now is None else now
    if wish['state'] == 'absent':
        return _plan_absent(look, wish)
    target = target_of(look, wish)
    # A key that was given is judged even where the host has the right one already.
    keys = prove(target['key_content'], target['fingerprints'], u'The key of docker_repo_key', now) if target['key_content'] else None
    missing = unmet(look, wish, target, now)
    unwanted = [item for item in look['repositories']['files'] if item['path'] in target['unwanted']]
    if (missing or not target['root']) and 'source' not in look or any(item['content'] is None for item in unwanted):
        raise NotInLook()
    source = look.get('source') or {}
    others = other_definitions(look['repositories']['files'], target)
    going = [other for other in others if other.conflict or wish['tidy']]
    namer = _Namer(look['repositories']['files'], look['repositories']['aside'])
    steps = _steps_aside(look, target, going, namer)
    if 'base' in missing:
        steps.extend(_centos_base.change_steps(
            look['repositories']['files'], look['repositories']['aside'], wish['base'], source['vault'], look['system']['machine'], namer,
        ))  # fmt: skip
    if 'key' in missing:
        data = target['key_content'] or source['key']
        keys = keys or _prove_fetched(data, target, source['key_url'], now)
        steps.append({'write': target['key_path'], 'content': as_kept(data, target['key_path']), 'mode': MODE, 'open_folder': True})
    else:
        keys = look['repositories']['keys'][target['key_path']]['keys']
    steps.extend({'write': wanted['path'], 'content': wanted['content'], 'mode': wanted['mode']} for wanted in files_to_write(look, target))
    steps.extend({'remove': item['path']} for item in unwanted if is_ours(item))
    staying = [other for other in others if other not in going]
    result = {
        'path': target['path'],
        'key_path': target['key_path'],
        'root': target['root'],
        'release': target['release'],
        'mirrors': source.get('mirrors', []),
        'reason': source.get('reason', u'docker_repo_mirror names it'),
        'primary_keys': keys,
        'vault': source.get('vault'),
        'moved': [{'path': to_text(step.get('copy') or step['cut']), 'backup': to_text(step['backup'])} for step in steps if 'backup' in step],
        'found': [{'path': to_text(other.path), 'section': to_text(other.section), 'fault': to_text(other.fault)} for other in staying],
    }
    before, after = _shown(look, target, keys, steps)
    return Plan(steps, before, after, result, _warnings(look, wish, target, staying))


def _prove_fetched(data, target, url, now):
    try:
        return prove(data, target['fingerprints'], url, now)
    except DockfleetError as error:
        raise DockfleetError(
            u'%s Nothing was changed. A file of the controller that holds the right key can be named with docker_repo_key.' % error.message, **error.details
        )


class _Namer(object):
    """Names copies of files so that no copy of an earlier time is lost; a copy that a run which was cut off has left behind is used again.

    Args:
        files (list of dict): What is to be copied, from the look.
        aside (list of dict): The copies that are there.
    """

    def __init__(self, files, aside):
        self._digests = dict((item['path'], item['sha256']) for item in files)
        self._taken = dict((item['path'], item['sha256']) for item in aside)

    def __call__(self, path):
        number = 1
        while True:
            name = u'%s.dockfleet%s%s' % (path, u'' if number == 1 else u'-%d' % number, ASIDE)
            if self._taken.get(name, self._digests[path]) == self._digests[path]:
                self._taken[name] = self._digests[path]
                return name
            number += 1


def _steps_aside(look, target, going, namer):
    """Steps for what shall not stay beside our file, and for what somebody else wrote in its place."""
    overwritten = [file_of(look, wanted['path']) for wanted in files_to_write(look, target)]
    steps = [{'copy': item['path'], 'backup': namer(item['path'])} for item in overwritten if item and not is_ours(item)]
    spans = {}
    for other in going:
        spans.setdefault(other.path, []).append(other.span)
    steps.extend({'cut': path, 'spans': spans[path], 'backup': namer(path)} for path in sorted(spans))
    return steps


def _warnings(look, wish, target, staying):
    source = look.get('source') or {}
    warnings = list(source.get('warnings', ()))
    before = current_root(look, target['release']['family'], None)
    if wish['root'] == AUTO and before not in (None, target['root']):
        warnings.append(u'The mirror was changed to "%s": %s.' % (mirror_name(target['root']), source['reason']))
    used = [u'%s, %s: %s' % (other.path, other.section, other.fault) for other in staying if other.on]
    if used:
        warnings.append(u'Docker\'s repository is also defined elsewhere (docker_repo_tidy: true moves that aside). %s.' % u'. '.join(used))
    if not _centos_base.is_centos_7(look['system']):
        return warnings
    files, machine = look['repositories']['files'], look['system']['machine']
    dead = _centos_base.dead_files(files, machine)
    if dead and wish['base'] == 'keep':
        warnings.append(
            u'The repositories of CentOS 7 itself are gone since July 2024 (%s leads to them), and Docker\'s dependencies come from there. Set '
            u'docker_repo_base to "auto".' % u', '.join(dead)
        )
    if _centos_base.extras_are_off(files, machine) and wish['base'] != 'keep':
        warnings.append(u'The repository "extras" of CentOS 7 was switched off and is switched on, because Docker\'s dependencies come from there.')
    return warnings


def _plan_absent(look, wish):
    """Take away what plan() wrote, and nothing that somebody else needs."""
    files, aside = look['repositories']['files'], look['repositories']['aside']
    written = [file_of(look, path) for path in list(REPOSITORY_FILES.values()) + [APT_PROXY]]
    if any(item['content'] is None for item in aside + [item for item in written if item]):
        raise NotInLook()
    steps, changed = _centos_base.restore_steps(files, aside) if aside else ([], [])
    ours = sorted(item['path'] for item in written if item and is_ours(item))
    for family in sorted(REPOSITORY_FILES):
        key_path = KEY_FILES[family]
        kept = look['repositories']['keys'].get(key_path)
        fingerprints = sorted(normalize_fingerprint(fingerprint) for fingerprint in wish['fingerprints'] or FINGERPRINTS[family])
        if kept and sorted(key['fingerprint'] for key in kept['keys']) == fingerprints and not _is_used(key_path, files, ours):
            others = [item for item in files if item['path'] not in ours]
            if family == 'rpm' and not other_definitions(others, {'path': None, 'signed_by': None}):
                if 'imported' not in look:
                    raise NotInLook()
                # First of all, since rpm's lock may refuse it.
                steps[:0] = [{'forget': name} for name in look['imported'] if _stands_for(name, fingerprints)]
            steps.append({'remove': key_path})
    back, found = give_back_steps(files, aside, ours, [step['backup'] for step in steps if 'backup' in step])
    # The repository goes last: an interrupted run is known by it.
    steps += [step for step in back if step['restore'] not in ours]
    steps += [step for step in back if step['restore'] in ours]
    steps.extend({'remove': path} for path in ours if path not in [step['restore'] for step in back])
    found += [
        {'path': path, 'section': u'', 'fault': u'it was changed since it was led to the vault, so the old file was not brought back'} for path in changed
    ]
    result = dict.fromkeys(('path', 'key_path', 'root', 'release', 'reason', 'vault'))
    result.update(mirrors=[], moved=[], found=found, primary_keys=[])
    lines = u''.join(u'%s\n' % _absence(step) for step in steps)
    return Plan(steps, lines, u'', result, [u'%(path)s: %(fault)s.' % fault for fault in found])


def _absence(step):
    if 'forget' in step:
        return u'%s in the rpm database' % step['forget']
    if 'what' in step:
        return u'%s in place of %s' % (step['restore'], step['what'])
    return u'%s with CentOS\'s sections led to a vault' % step['restore'] if 'restore' in step else step['remove']


def _is_used(key_path, files, ours):
    """Whether a file that stays names a key file."""
    for item in files:
        if item['path'] not in ours:
            values = [section['options'].get('gpgkey', '') for section in item.get('sections', ())]
            values += [entry['options'].get('signed-by', '') for entry in item.get('entries', ())]
            if any(key_path in value for value in values):
                return True
    return False


def _stands_for(package, fingerprints):
    """Whether a package gpg-pubkey-VERSION-RELEASE is one of these keys: rpm 4 calls it by the last 8 digits, rpm 6 by all."""
    version = package.split('-')[2].upper()
    return any(fingerprint == version or fingerprint[-8:] == version for fingerprint in fingerprints)


def _shown(look, target, keys, steps):
    """Both sides of the diff, as texts."""
    before, after = [], []
    written = dict((step['write'], step) for step in steps if 'write' in step and step['write'] != target['key_path'])
    files = dict((wanted['path'], wanted) for wanted in target['files'])
    for path in sorted(set(written) | set(files)):
        step, present = written.get(path) or files[path], file_of(look, path)
        mode = step['mode'] or present['mode']
        content = present['content'] if present and path in written else step['content']
        before.append(u'%s, mode %s\n%s' % (path, present['mode'], masked(content)) if present else u'%s\n(absent)\n' % path)
        after.append(u'%s, mode %s\n%s' % (path, mode, masked(step['content'])))
    kept = look['repositories']['keys'].get(target['key_path'])
    before.append(_shown_key(target['key_path'], kept['mode'], kept['folder_mode'], kept['keys']) if kept else u'%s\n(absent)\n' % target['key_path'])
    folder_mode = u'%04o' % (int(kept['folder_mode'], 8) | 0o755) if kept else u'0755'
    after.append(_shown_key(target['key_path'], MODE, folder_mode, keys))
    for step in steps:
        if 'cut' in step:
            before.append(u'%s\n(as it is)\n' % step['cut'])
            after.append(u'%s\n(without Docker\'s repository; as it was: %s)\n' % (step['cut'], step['backup']))
        elif 'remove' in step:
            before.append(u'%s\n(present)\n' % step['remove'])
            after.append(u'%s\n(absent)\n' % step['remove'])
    return u'\n'.join(before), u'\n'.join(after)


def _shown_key(path, mode, folder_mode, keys):
    held = u', '.join(key['fingerprint'] for key in keys) or u'(none that can be read)'
    return u'%s, mode %s in a folder of %s\n%s\n' % (path, mode, folder_mode, held)


def apply(host, plan, wish):
    """Carry out the steps; where one fails, those before it are undone."""
    carry_out_steps(host, plan.steps)
