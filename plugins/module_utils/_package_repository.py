# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker's repository on a host: one file, which is a pure function of the wish, and one key, which is proven before anything trusts it."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import os
import time

from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import conceal
from ansible_collections.dockfleet.host.plugins.module_utils._look import look_at
from ansible_collections.dockfleet.host.plugins.module_utils._look_repositories import APT_FOLDER, APT_KEY, ASIDE, RPM_KEY, YUM_FOLDER
from ansible_collections.dockfleet.host.plugins.module_utils._mirrors import mirror_root
from ansible_collections.dockfleet.host.plugins.module_utils._net import NetError
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import normalize_fingerprint, prove, require_exactly
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_key import as_kept, decode_content
from ansible_collections.dockfleet.host.plugins.module_utils._package_source import fetch_key, find_key, refuse_mirror, release_url, require_release
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan
from ansible_collections.dockfleet.host.plugins.module_utils._release import map_release
from ansible_collections.dockfleet.host.plugins.module_utils._repository_audit import other_definitions
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import HEADER, masked, render_repo, render_sources, without

CHANNELS = {'stable': ['stable'], 'test': ['stable', 'test']}

ARGUMENT_SPEC = {
    'state': {'type': 'str', 'choices': ['present', 'absent'], 'default': 'present'},
    'root': {'type': 'str', 'default': 'official'},
    'release': {'type': 'str', 'default': ''},
    'channel': {'type': 'str', 'choices': sorted(CHANNELS), 'default': 'stable'},
    'key': {
        'type': 'dict',
        'no_log': False,
        'options': {'src': {'type': 'path'}, 'url': {'type': 'str'}, 'content': {'type': 'str'}},
        'mutually_exclusive': [('src', 'url', 'content')],
    },
    'fingerprints': {'type': 'list', 'elements': 'str', 'default': []},
    'tidy': {'type': 'bool', 'default': False},
    'timeout': {'type': 'int', 'default': 20},
}
CONSTRAINTS = {}
NEEDS = ('repositories', 'system')

# Docker's own keys (docs.docker.com; unchanged since 2017).
FINGERPRINTS = {'rpm': [u'060A61C51B558A7F742B77AAC52FEB6B621E9F35'], 'deb': [u'9DC858229FC7DD38854AE2D88D81803C0EBFCD88']}
KEY_FILES = {'rpm': RPM_KEY, 'deb': APT_KEY}
REPOSITORY_FILES = {'rpm': YUM_FOLDER + '/docker-ce.repo', 'deb': APT_FOLDER + '/docker.sources'}

# apt reads both as a user without rights.
MODE = '0644'


def look(host, wish):
    """Look at the host, and where something has to be written, prove on the network that it may be.

    Returns:
        dict: The sections of NEEDS; "source", where something has to be written: key (bytes; absent where it is not needed) and key_url;
            "imported", where all is to go: the keys in the rpm database.
    """
    found = look_at(host, NEEDS, wish)
    if wish['state'] == 'present':
        target = target_of(found, wish)
        missing = unmet(found, target, time.time())
        if missing:
            found['source'] = _ask(wish, target, missing)
    else:
        found['imported'] = host.run(['rpm', '--query', '--all', 'gpg-pubkey'])[1].split() if host.which('rpm') else []
    return found


def _ask(wish, target, missing):
    """The network's part: refuse a mirror that does not serve the release, and fetch the key."""
    source = {}
    release, root, timeout = target['release'], target['root'], wish['timeout']
    if 'repository' in missing:
        try:
            require_release(root, release, target['channels'], timeout)
        except NetError as error:
            refuse_mirror(root, release, target['channels'], timeout, error)
    if 'key' in missing and not target['key_content']:
        url = (wish['key'] or {}).get('url')
        try:
            source['key'], source['key_url'] = fetch_key(url, timeout) if url else find_key(root, release, timeout)
        except NetError as error:
            raise DockfleetError(
                u'Docker\'s key could not be fetched: %s. Set key.url to another place, or docker_repo_key to a file of the controller. Nothing was '
                u'changed.' % error.message,
                **error.details
            )
    return source


def target_of(look, wish):
    """What the wish comes to on this host.

    Returns:
        dict: release, root, channels, fingerprints; path, content (bytes), sha256 (concealed as in the look) of the repository file; key_path;
            key_content (bytes or None: to be fetched); and what other_definitions() wants to know.
    """
    system = look['system']
    try:
        release = map_release(system['os_release'], system['machine'], look['repositories']['releasever'], wish['release'])
    except DockfleetError as error:
        raise DockfleetError(u'%s %s' % (error.message, error.details['remedy']), **error.details)
    key = wish['key'] or {}
    if key.get('src'):
        raise DockfleetError(u'key.src is a file of the controller, which only the action plugin dockfleet.host.package_repository can read.', stage='src')
    family = release['family']
    target = {
        'release': release,
        'root': mirror_root(wish['root']),
        'channels': CHANNELS[wish['channel']],
        'fingerprints': wish['fingerprints'] or FINGERPRINTS[family],
        'releasever': look['repositories']['releasever'],
        'path': REPOSITORY_FILES[family],
        'key_path': KEY_FILES[family],
        'key_content': decode_content(key['content']) if key.get('content') else None,
    }
    url = release_url(target['root'], release)
    if family == 'rpm':
        target['sections'] = [u'docker-ce-%s' % channel for channel in target['channels']]
        target['content'] = render_repo([
            (u'docker-ce-%s' % channel, [
                (u'name', u'Docker CE %s' % channel),
                (u'baseurl', u'%s/%s' % (url, channel)),
                (u'enabled', u'1'),
                (u'gpgcheck', u'1'),
                (u'gpgkey', u'file://%s' % target['key_path']),
            ])
            for channel in target['channels']
        ])  # fmt: skip
    else:
        target.update(uri=url, suite=release['value'], signed_by=target['key_path'])
        target['content'] = render_sources([
            (u'Types', u'deb'),
            (u'URIs', url),
            (u'Suites', release['value']),
            (u'Components', u' '.join(target['channels'])),
            (u'Architectures', release['architecture']),
            (u'Signed-By', target['key_path']),
        ])  # fmt: skip
    target['sha256'] = conceal(hashlib.sha256(target['content']).hexdigest(), look['salt'])
    return target


def unmet(look, target, now):
    """Which of "repository" and "key" have to be written."""
    missing = []
    present = _file(look, target['path'])
    if not present or (present['sha256'], present['mode']) != (target['sha256'], MODE):
        missing.append('repository')
    if key_fault(look['repositories']['keys'].get(target['key_path']), target, now):
        missing.append('key')
    return missing


def key_fault(kept, target, now):
    """Why the key file on the host has to be written anew; None where it may stay."""
    if kept is None:
        return u'there is none'
    if kept['fault']:
        return kept['fault']
    if kept['mode'] != MODE or int(kept['folder_mode'], 8) & 0o755 != 0o755:
        return u'its mode is %s in a folder of %s' % (kept['mode'], kept['folder_mode'])
    try:
        require_exactly(kept['keys'], target['fingerprints'], target['key_path'], now)
    except DockfleetError as error:
        return error.message
    return None


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
    missing = unmet(look, target, now)
    if missing and 'source' not in look:
        raise NotInLook()
    kept = look['repositories']['keys'].get(target['key_path'])
    others = other_definitions(look['repositories']['files'], target)
    going = [other for other in others if other.conflict or wish['tidy']]
    steps, moved = _steps_aside(look, target, going, 'repository' in missing)
    if 'key' in missing:
        data = target['key_content'] or look['source']['key']
        keys = keys or prove(data, target['fingerprints'], look['source']['key_url'], now)
        steps.append({'write': target['key_path'], 'content': as_kept(data, target['key_path']), 'open_folder': True})
    else:
        keys = kept['keys']
    if 'repository' in missing:
        steps.append({'write': target['path'], 'content': target['content']})
    staying = [other for other in others if other not in going]
    result = {
        'path': target['path'],
        'key_path': target['key_path'],
        'root': target['root'],
        'release': target['release'],
        'keys': keys,
        'moved': moved,
        'found': [{'path': to_text(other.path), 'section': to_text(other.section), 'fault': to_text(other.fault)} for other in staying],
    }
    before, after = _shown(look, target, keys, steps, moved)
    return Plan(steps, before, after, result, _warnings(staying))


def _warnings(staying):
    """One warning for all other definitions that are in use."""
    used = [u'%s, %s: %s' % (other.path, other.section, other.fault) for other in staying if other.on]
    if not used:
        return []
    return [u'Docker\'s repository is also defined elsewhere (docker_repo_tidy: true moves that aside). %s.' % u'. '.join(used)]


def _file(look, path):
    for item in look['repositories']['files']:
        if item['path'] == path:
            return item
    return None


def _is_ours(item):
    return (item['content'] or b'').startswith(to_bytes(HEADER))


def _steps_aside(look, target, going, overwrites):
    """Steps for what shall not stay beside our file, and what is reported about them.

    Args:
        going (list of Other): Definitions elsewhere.
        overwrites (bool): Our file is going to be written; what somebody else wrote in its place is kept as a copy.
    """
    taken = [item['path'] for item in look['repositories']['aside']]
    spans = {}
    for other in going:
        spans.setdefault(other.path, []).append(other.span)
    steps = []
    present = _file(look, target['path'])
    if overwrites and present and not _is_ours(present):
        steps.append({'copy': target['path'], 'backup': _aside_name(target['path'], taken)})
    for path in sorted(spans):
        steps.append({'cut': path, 'spans': spans[path], 'backup': _aside_name(path, taken)})
    moved = [{'path': to_text(step.get('copy') or step['cut']), 'backup': step['backup']} for step in steps]
    return steps, moved


def _aside_name(path, taken):
    number = 1
    while True:
        name = u'%s.dockfleet%s%s' % (path, u'' if number == 1 else u'-%d' % number, ASIDE)
        if name not in taken:
            taken.append(name)
            return name
        number += 1


def _plan_absent(look, wish):
    """Take away what plan() wrote, and nothing that somebody else needs."""
    files = look['repositories']['files']
    steps = []
    for family in sorted(REPOSITORY_FILES):
        path, key_path = REPOSITORY_FILES[family], KEY_FILES[family]
        present = _file(look, path)
        kept = look['repositories']['keys'].get(key_path)
        if present and present['content'] is None:
            raise NotInLook()
        ours = [path] if present and _is_ours(present) else []
        others = other_definitions(files, {'path': ours[0] if ours else None, 'signed_by': None})
        fingerprints = sorted(normalize_fingerprint(fingerprint) for fingerprint in wish['fingerprints'] or FINGERPRINTS[family])
        if kept and sorted(key['fingerprint'] for key in kept['keys']) == fingerprints and not _is_used(key_path, files, ours):
            if not others and family == 'rpm':
                if 'imported' not in look:
                    raise NotInLook()
                steps.extend({'forget': name} for name in look['imported'] if _stands_for(name, fingerprints))
            steps.append({'remove': key_path})
        steps.extend({'remove': name} for name in ours)
    lines = u''.join(u'%s\n' % (step.get('remove') or u'%s in the rpm database' % step['forget']) for step in steps)
    return Plan(steps, lines, u'', {'moved': [], 'found': [], 'keys': [], 'path': None, 'key_path': None, 'root': None, 'release': None})


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


def _shown(look, target, keys, steps, moved):
    """Both sides of the diff, as texts."""
    before, after = [], []
    written = dict((step['write'], step['content']) for step in steps if 'write' in step)
    present = _file(look, target['path'])
    if target['path'] in written:
        before.append(u'%s\n%s' % (target['path'], masked(present['content']) if present else u'(absent)\n'))
    else:
        before.append(u'%s\n%s' % (target['path'], to_text(target['content'])))
    after.append(u'%s\n%s' % (target['path'], to_text(target['content'])))
    kept = look['repositories']['keys'].get(target['key_path'])
    for lines, mode, held in ((before, kept and kept['mode'], kept and kept['keys']), (after, MODE, keys)):
        text = u'(absent)' if held is None else u'mode %s, keys %s' % (mode, u', '.join(key['fingerprint'] for key in held) or u'(none that can be read)')
        lines.append(u'%s\n%s\n' % (target['key_path'], text))
    for move in moved:
        before.append(u'%s\n(as it is)\n' % move['path'])
        after.append(u'%s\n(without Docker\'s repository; as it was: %s)\n' % (move['path'], move['backup']))
    return u'\n'.join(before), u'\n'.join(after)


def apply(host, plan, wish):
    """Carry out the steps; where one fails, those before it are undone."""
    undo = []
    try:
        for step in plan.steps:
            _carry_out(host, step, undo)
    except DockfleetError as error:
        for action in reversed(undo):
            action()
        raise DockfleetError(u'%s What had been written before it was taken back.' % error.message, **error.details)


def _carry_out(host, step, undo):
    if 'forget' in step:
        code, dummy, err = host.run(['rpm', '--erase', '--allmatches', step['forget']])
        if code:
            raise DockfleetError(u'The key %s cannot be taken out of the rpm database: %s.' % (step['forget'], err.strip()), stage='write')
        return
    path = step.get('write') or step.get('remove') or step.get('cut') or step['copy']
    old = host.read(path)
    mode = int(host.status(path)['mode'], 8) if old is not None else None
    if 'backup' in step:
        host.write(step['backup'], old, mode=mode)
        undo.append(lambda: host.move(step['backup'], path))
    elif old is None:
        undo.append(lambda: host.remove(path))
    else:
        undo.append(lambda: host.write(path, old, mode=mode))
    rest = without(old, step['spans']) if 'cut' in step else None
    if 'write' in step:
        folder = os.path.dirname(path)
        host.make_folder(folder)
        if step.get('open_folder'):
            host.open_folder(folder)
        host.write(path, step['content'], mode=int(MODE, 8))
    elif rest:
        host.write(path, rest, mode=mode)
    elif 'copy' not in step:
        host.remove(path)
