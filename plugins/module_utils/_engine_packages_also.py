# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may go along when Docker's packages go: older editions, the dependencies that came with them, and dpkg's configuration files."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import json
import os

from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import DOCKER, OBSOLETE, RIVALS
from ansible_collections.dockfleet.host.plugins.module_utils._look_packages import look_at_installed

OLD, DEPENDENCIES, CONFIGURATION = ALSO = ['obsolete', 'dependencies', 'configuration']

# The packages that our own transactions brought along for Docker's, so that they can go with them ("brought"), and those that went ("gone"), of which
# dpkg may keep configuration files.
MEMORY = '/var/lib/dockfleet/dependencies.json'
# It makes other programs believe that podman is Docker, and is no edition of Docker.
NO_DOCKER = ('podman-docker',)

CONFFILES_FORMAT = r'${Package}\t${db:Status-Abbrev}\n${Conffiles}\n'


def old_editions(kind):
    return [name for name in OBSOLETE[kind] if name not in NO_DOCKER]


def names_going(look, wish):
    """The names of packages that go along."""
    names = old_editions(look['packages']['kind']) if OLD in wish['also'] else []
    return names + (look['brought'] if DEPENDENCIES in wish['also'] else [])


def is_known(look, wish):
    """Whether the look has all that a removal with these companions depends on."""
    return not set(wish['also']) & set([DEPENDENCIES, CONFIGURATION]) or 'brought' in look


def look_further(host, look, wish):
    """The look with brought (packages that came along with Docker's, and are there), gone (those that went with them), remembered (whether that is
    written down) and configuration (see read_conffiles())."""
    packages, memory = look['packages'], recall(host)
    brought = {}
    if DEPENDENCIES in wish['also'] and memory['brought']:
        brought = look_at_installed(host, packages['kind'], memory['brought'])
        packages = dict(packages, installed=dict(brought, **packages['installed']), asked=sorted(set(packages['asked']) | set(brought)))
    configuration = {}
    if CONFIGURATION in wish['also'] and packages['kind'] == 'deb':
        names = sorted(set(DOCKER) | set(old_editions('deb')) | set(memory['brought']) | set(memory['gone']))
        out = host.run(['dpkg-query', '--show', '--showformat', CONFFILES_FORMAT, '--'] + names)[1]
        configuration = read_conffiles(out, lambda path: digest(host, path))
    remembered = host.read(MEMORY) is not None
    return dict(look, packages=packages, brought=sorted(brought), gone=memory['gone'], remembered=remembered, configuration=configuration)


def digest(host, path):
    content = host.read(path)
    return None if content is None else hashlib.md5(content).hexdigest()  # what dpkg keeps, and no secret


def read_conffiles(text, digest_of):
    """Read "dpkg-query" in CONFFILES_FORMAT.

    Args:
        text (str): Its output.
        digest_of (callable): The MD5 digest (str) of the file at a path; None where there is none.

    Returns:
        dict: For each package of which dpkg has configuration files: left (bool: only they are still there) and changed (list of str:
            those that somebody has changed).
    """
    found = {}
    name = None
    for line in text.splitlines():
        if line.startswith(' ') and name:
            path, known = line.split()[:2]
            if digest_of(path) not in (None, known):
                found[name]['changed'].append(path)
        elif '\t' in line:
            name, status = line.split('\t')
            if status[1:2] in 'ic':
                found[name] = {'left': status[1:2] == 'c', 'changed': []}
            else:
                name = None
    return found


def to_purge(look, change):
    """The packages whose configuration files go: Docker's own and those that came along, where nobody has changed them.

    Never those of docker.io: its maintainer scripts delete /var/lib/docker then.
    """
    found = look.get('configuration', {})
    ours = set(DOCKER) | set(look['brought']) | set(look['gone']) if found else ()
    return sorted(name for name in found if name in ours and (found[name]['left'] or name in change['remove']) and not found[name]['changed'])


def further_steps(look, wish, change):
    """Steps that follow the transaction."""
    kind, names = look['packages']['kind'], to_purge(look, change)
    steps = [{'do': 'purge', 'packages': names, 'kind': kind}] if names else []
    if CONFIGURATION in wish['also'] and look['remembered']:
        steps.append({'do': 'forget', 'kind': kind})
    return steps


def departing(look, change):
    """Those that came along and go now."""
    return sorted(set(look.get('brought', ())) & set(change['remove']))


def kept(look, wish, change):
    """What stays of Docker's packages and of those around them, and why."""
    found = []
    for name in sorted(look['packages']['installed']):
        if name not in change['remove'] and name in RIVALS + NO_DOCKER + tuple(look.get('needed', ())):
            why = u'other packages need it' if name in look.get('needed', ()) else u'it may serve others than Docker'
            found.append({'package': name, 'why': why})
    configuration = look.get('configuration', {})
    for name in sorted(configuration):
        entry = configuration[name]
        if not (entry['left'] or name in change['remove']):
            continue
        if name in old_editions('deb'):
            found.append({'package': name, 'why': u'dpkg keeps its configuration files; to purge it would also delete /var/lib/docker'})
        elif entry['changed']:
            found.append({'package': name, 'why': u'dpkg keeps configuration files that were changed: %s' % u', '.join(entry['changed'])})
    return [dict(entry, text=u'package %(package)s: %(why)s' % entry) for entry in found]


def without_needed(manager, look, wish, change_of):
    """The look without those that came along with Docker but are needed by others now, which are listed as needed."""
    base = set(change_of(dict(look, brought=[]), wish)['remove'])
    candidates = set(look['brought'])
    change = change_of(look, wish)
    if not candidates or set(manager.rehearse(change)['remove']) <= base | candidates:
        return look
    going = set()
    for name in sorted(candidates):
        if name not in going:
            one = change_of(dict(look, brought=[name]), wish)
            more = set(manager.rehearse(one)['remove']) - base
            if more <= candidates:
                going |= more
    return dict(look, brought=sorted(going), needed=sorted(candidates - going))


def recall(host):
    """What is written down: brought and gone, lists of names, empty where nothing readable is."""
    try:
        memory = json.loads(host.read_text(MEMORY) or '{}')
    except ValueError:
        memory = {}
    return dict((key, sorted(memory.get(key) or []) if isinstance(memory, dict) else []) for key in ('brought', 'gone'))


def remember(host, brought, gone):
    """Write down packages that came along, and those that went again."""
    memory = recall(host)
    known = {
        'brought': sorted((set(memory['brought']) | set(brought)) - set(gone)),
        'gone': sorted((set(memory['gone']) | set(gone)) - set(brought)),
    }
    if known != memory:
        host.make_folder(os.path.dirname(MEMORY), 0o700)
        host.write(MEMORY, to_bytes(json.dumps(known, sort_keys=True)) + b'\n', mode=0o600)


def forget(host):
    host.remove(MEMORY)
    host.remove_folder_if_empty(os.path.dirname(MEMORY))
