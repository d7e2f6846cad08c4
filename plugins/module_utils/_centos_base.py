# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CentOS 7's own repositories: their mirrors are gone since July 2024, and what they held lies in a vault."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import os
import re

from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import is_on, parse_repo

CHOICES = ['keep', 'auto', 'vault', 'tsinghua', 'aliyun', 'ustc']

# Where each vault has the last release of CentOS 7, by architecture ("*": any other; none: nobody has checked). USTC has one path element more and
# calls the release 7.
VAULTS = {
    'vault': {'x86_64': u'https://vault.centos.org/7.9.2009', '*': u'https://vault.centos.org/altarch/7.9.2009'},
    'tsinghua': {'x86_64': u'https://mirrors.tuna.tsinghua.edu.cn/centos-vault/7.9.2009'},
    'aliyun': {'x86_64': u'https://mirrors.aliyun.com/centos-vault/7.9.2009'},
    'ustc': {'x86_64': u'https://mirrors.ustc.edu.cn/centos-vault/centos/7'},
}

# The repositories in those folders that this may lead there.
REPOSITORIES = ('os', 'updates', 'extras', 'centosplus', 'fasttrack', 'cr')
# What has to be there for Docker: its dependencies container-selinux, fuse-overlayfs and slirp4netns are in extras.
NEEDED = ('os', 'extras')

DEAD_LIST = re.compile(r'//mirrorlist\.centos\.org/\S*[?&]repo=([a-z]+)')
DEAD_MIRROR = re.compile(r'//mirror\.centos\.org/(?:centos|altarch)/[^/\s]+/([a-z]+)/')

MARK = re.compile(br'# dockfleet\.host led the sections of CentOS to a vault; docker_repo_state=absent brings back (\S+) \(([0-9a-f]{64})\)\r?\n')


def is_centos_7(system):
    return system['os_release'].get('ID') == 'centos' and system['os_release'].get('VERSION_ID', '').split('.')[0] == '7'


def vault_root(name, machine):
    """Where a vault has CentOS 7 for an architecture; None where that is not known."""
    return VAULTS[name].get(machine, VAULTS[name].get('*'))


def vault_order(mirror, machine):
    """The vaults to choose from, that of the wished mirror first."""
    names = sorted(VAULTS, key=lambda name: (name != mirror, CHOICES.index(name)))
    return [name for name in names if vault_root(name, machine)]


def own_repository(section, machine):
    """Which of CentOS's own repositories a section is (such as "os"); None for a section of somebody else."""
    options = section['options']
    match = DEAD_LIST.search(options.get('mirrorlist', '')) or DEAD_MIRROR.search(options.get('baseurl', ''))
    if match:
        return match.group(1) if match.group(1) in REPOSITORIES else None
    for name in VAULTS:
        root = _as_https(vault_root(name, machine) or '')
        match = root and re.match(re.escape(root) + r'/([a-z]+)/', _as_https(options.get('baseurl', '')))
        if match:
            return match.group(1)
    return None


def is_dead(section):
    """Whether a section leads to what is gone."""
    return bool(DEAD_LIST.search(section['options'].get('mirrorlist', '')) or DEAD_MIRROR.search(section['options'].get('baseurl', '')))


def base_url(root, repository):
    return u'%s/%s/$basearch/' % (root, repository)


def dead_files(files, machine):
    """Paths of the files in which a section of CentOS that is in use leads to what is gone."""
    return [
        item['path']
        for item in files
        if any(own_repository(section, machine) and is_dead(section) and is_on(section) for section in item.get('sections', ()))
    ]


def files_to_change(files, base, machine):
    """Paths of the files that are not as wished.

    Args:
        files (list of dict): From the look.
        base (str): Out of CHOICES.
        machine (str): The architecture.
    """
    if base == 'keep':
        return []
    return [item['path'] for item in files if any(_is_open(section, base, machine) for section in _own_sections(item, machine))]


def _own_sections(item, machine):
    """The sections of CentOS in a file, where one of them is or has to be in use: the others wait for somebody who wants them."""
    own = [section for section in item.get('sections', ()) if own_repository(section, machine)]
    return own if any(is_on(section) or own_repository(section, machine) == 'extras' for section in own) else []


def _is_open(section, base, machine):
    repository = own_repository(section, machine)
    if repository == 'extras' and not is_on(section):
        return True
    if base == 'auto':
        return is_dead(section) and is_on(section)
    options = section['options']
    return 'mirrorlist' in options or _as_https(options.get('baseurl', '')) != _as_https(base_url(vault_root(base, machine), repository))


def _as_https(url):
    """The same address over https: where signatures are checked, http is as good."""
    return re.sub(r'^http:', 'https:', url)


def rewritten(content, root, base, machine, backup):
    """A file with the sections of CentOS led to a vault; all else stays, byte by byte.

    Args:
        content (bytes): The file as CentOS or its administrator wrote it.
        root (str): The vault.
        base (str): "auto" leads only sections there that lead to what is gone.
        machine (str): The architecture.
        backup (str): Path of the copy of content.

    Returns:
        bytes: Begins with a mark by which original() finds back.
    """
    # Latin-1 has a character for every byte, so that nothing is lost.
    text = to_text(content, encoding='latin-1')
    lines = text.splitlines(True)
    for section in parse_repo(text):
        repository = own_repository(section, machine)
        if repository:
            leads = is_dead(section) or base != 'auto'
            _rewrite_section(lines, section, base_url(root, repository) if leads else None, repository == 'extras' and not is_on(section))
    body = to_bytes(u''.join(lines), encoding='latin-1')
    mark = '# dockfleet.host led the sections of CentOS to a vault; docker_repo_state=absent brings back %s (%s)\n' % (
        to_native(os.path.basename(backup)), hashlib.sha256(body).hexdigest(),
    )  # fmt: skip
    return to_bytes(mark) + body


def _rewrite_section(lines, section, url, switch_on):
    """Change the lines of one section in place."""
    placed = False
    option = None
    for number in range(section['first'] + 1, section['last'] + 1):
        line = lines[number]
        if line.strip() and not line[0].isspace() and line[0] not in u'#;':
            option = line.partition(u'=')[0].strip().lower()
        elif not (line.strip() and line[0].isspace()):
            continue
        if url and option in ('baseurl', 'mirrorlist'):
            lines[number] = (u'' if placed else u'baseurl=%s\n' % url) + u'#' + line
            placed = True
        elif option == 'enabled' and switch_on:
            lines[number] = u'enabled=1\n'


def original(content):
    """What rewritten() made a file from.

    Returns:
        tuple: Name of the copy (str) and whether nobody has changed the file since (bool); None, None for a file without the mark.
    """
    match = MARK.match(content)
    if not match:
        return None, None
    return to_text(match.group(1)), hashlib.sha256(content[match.end():]).hexdigest() == to_native(match.group(2))


def without_mark(content):
    """A file without the mark."""
    return MARK.sub(b'', content, count=1)


def change_steps(files, aside, base, root, machine, name_copy):
    """Steps that lead the sections of CentOS to a vault.

    Args:
        files, aside (list of dict): From the look, with content.
        base, root, machine: As for rewritten().
        name_copy (callable): Names a new copy of a path.

    Returns:
        list of dict: See _package_repository.py.
    """
    copies = dict((item['path'], item['content']) for item in aside)
    steps = []
    for path in files_to_change(files, base, machine):
        content = _content(files, path)
        name, untouched = original(content)
        backup = os.path.join(os.path.dirname(path), name) if name else None
        if backup not in copies:
            backup = name_copy(path)
            steps.append({'copy': path, 'backup': backup})
        source = copies[backup] if untouched and backup in copies else without_mark(content)
        steps.append({'write': path, 'content': rewritten(source, root, base, machine, backup), 'mode': None})
    return steps


def restore_steps(files, aside):
    """Steps that bring back what CentOS or the administrator wrote.

    Returns:
        tuple: The steps, and paths (list of str) of files that somebody has changed since, which are left alone.
    """
    copies = set(item['path'] for item in aside)
    steps, changed = [], []
    for item in files:
        name, untouched = original(item['content'])
        backup = os.path.join(os.path.dirname(item['path']), name) if name else None
        if backup in copies and untouched:
            steps.append({'restore': item['path'], 'backup': backup})
        elif name:
            changed.append(item['path'])
    return steps, changed


def _content(files, path):
    return [item['content'] for item in files if item['path'] == path][0]


def extras_are_off(files, machine):
    """Whether a file has CentOS's extras switched off."""
    return any(own_repository(section, machine) == 'extras' and not is_on(section) for item in files for section in item.get('sections', ()))
