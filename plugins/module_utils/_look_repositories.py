# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "repositories": what the package managers are told about repositories, and the keys that Docker's entries use."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import os
import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import read_keys
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import parse_list, parse_repo, parse_sources

YUM_FOLDER = '/etc/yum.repos.d'
APT_FOLDER = '/etc/apt/sources.list.d'
APT_LIST = '/etc/apt/sources.list'
# apt's proxies for single hosts stand in its configuration.
APT_PROXY = '/etc/apt/apt.conf.d/95dockfleet-docker-proxy'

# Where this collection keeps Docker's key.
RPM_KEY = '/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce'
APT_KEY = '/etc/apt/keyrings/docker.asc'

# Files that were moved aside end in this; apt passes over such names without a word, yum and dnf read .repo alone.
ASIDE = '.bak'

RELEASEVER_FILES = ('/etc/dnf/vars/releasever', '/etc/yum/vars/releasever')

SECRET_OPTIONS = ('password', 'proxy', 'proxy_password', 'username', 'proxy_username')


def look(host, wish):
    """Return the section.

    Returns:
        dict: files: path (str), sha256 (concealed), mode (as "0644"), sections (.repo files) or entries (apt's sources), see
            _repository_files.py, and content (bytes; None in a look that travels, since it may hold secrets); aside: the same of files
            moved aside earlier, without sections; keys: for each key file in use, mode, folder_mode, keys (as read_keys() returns them) and
            fault (str or None); None for a missing one; releasever (str or None): what $releasever was set to by hand.
    """
    files = [_read(host, path, 'sections', parse_repo) for path in host.list_folder(YUM_FOLDER, '.repo')]
    if host.read(APT_LIST) is not None:
        files.append(_read(host, APT_LIST, 'entries', parse_list))
    if host.read(APT_PROXY) is not None:
        files.append(_read(host, APT_PROXY))
    files.extend(_read(host, path, 'entries', parse_list) for path in host.list_folder(APT_FOLDER, '.list'))
    files.extend(_read(host, path, 'entries', parse_sources) for path in host.list_folder(APT_FOLDER, '.sources'))
    return {
        'files': files,
        'aside': [_read(host, path) for folder in (YUM_FOLDER, APT_FOLDER, os.path.dirname(APT_LIST)) for path in host.list_folder(folder, ASIDE)],
        'keys': dict((path, _read_key_file(host, path)) for path in sorted(set([RPM_KEY, APT_KEY] + _key_files(files)))),
        'releasever': _releasever(host),
    }


def _read(host, path, name=None, parse=None):
    content = host.read(path) or b''
    found = {
        'path': path,
        'sha256': host.conceal(hashlib.sha256(content).hexdigest()),
        'mode': host.status(path)['mode'],
        'content': content if host.salt is None else None,
    }
    if parse:
        found[name] = [_without_secrets(host, part) for part in parse(to_text(content, errors='replace'))]
    return found


def _without_secrets(host, part):
    """A section or entry with its secrets concealed."""
    part['options'] = dict((option, _concealed(host, option, value)) for option, value in part['options'].items())
    if 'uris' in part:
        part['uris'] = [_concealed(host, 'uris', uri) for uri in part['uris']]
    return part


def _concealed(host, option, value):
    if option in SECRET_OPTIONS and value:
        return host.conceal(value)
    return re.sub(r'(?<=://)[^/\s@]+(?=@)', lambda match: host.conceal(match.group(0)), value)


def _key_files(files):
    """The key files on this host that entries of Docker's repository name."""
    found = []
    for item in files:
        for section in item.get('sections', ()):
            if 'docker' in section['name'] + section['options'].get('baseurl', ''):
                found.extend(re.findall(r'file://(/[^\s,]+)', section['options'].get('gpgkey', '')))
        for entry in item.get('entries', ()):
            if any('docker' in uri for uri in entry['uris']):
                found.extend(part for part in re.split(r'[,\s]+', entry['options'].get('signed-by', '')) if part.startswith('/'))
    return found


def _read_key_file(host, path):
    content = host.read(path)
    if content is None:
        return None
    try:
        keys, fault = read_keys(content, path), None
    except DockfleetError as error:
        keys, fault = [], error.message
    return {
        'mode': host.status(path)['mode'],
        'folder_mode': host.status(os.path.dirname(path))['mode'],
        'keys': keys,
        'fault': fault,
    }


def _releasever(host):
    for path in RELEASEVER_FILES:
        value = (host.read_text(path) or '').strip()
        if value:
            return value
    return None
