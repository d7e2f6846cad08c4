# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wish for Docker's repository comes to on a host: files and their content, as a pure function, and what is still missing of it."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib

from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import conceal
from ansible_collections.dockfleet.host.plugins.module_utils._look_repositories import APT_FOLDER, APT_KEY, APT_PROXY, RPM_KEY, YUM_FOLDER
from ansible_collections.dockfleet.host.plugins.module_utils._mirrors import mirror_root
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import require_exactly
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_key import decode_content
from ansible_collections.dockfleet.host.plugins.module_utils._package_source import release_url
from ansible_collections.dockfleet.host.plugins.module_utils._proxy import Proxy
from ansible_collections.dockfleet.host.plugins.module_utils._release import map_release
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import HEADER, render_apt_proxy, render_repo, render_sources
from ansible_collections.dockfleet.host.plugins.module_utils._url import split_url

CHANNELS = {'stable': ['stable'], 'test': ['stable', 'test']}

# Docker's own keys (docs.docker.com; unchanged since 2017).
FINGERPRINTS = {'rpm': [u'060A61C51B558A7F742B77AAC52FEB6B621E9F35'], 'deb': [u'9DC858229FC7DD38854AE2D88D81803C0EBFCD88']}
KEY_FILES = {'rpm': RPM_KEY, 'deb': APT_KEY}
REPOSITORY_FILES = {'rpm': YUM_FOLDER + '/docker-ce.repo', 'deb': APT_FOLDER + '/docker.sources'}

# The wish for whichever mirror is best.
AUTO = 'auto'

# apt reads repository files and keys as a user without rights; a file with a password is for root alone.
MODE, SECRET_MODE = '0644', '0600'


def release_of(look, wish, name):
    """Docker's folder for this host; name (str): an option that may hold the wished release, "release" or "fallback_release"."""
    system = look['system']
    try:
        return map_release(system['os_release'], system['machine'], look['repositories']['releasever'], wish[name])
    except DockfleetError as error:
        raise DockfleetError(u'%s %s' % (error.message, error.details['remedy']), **error.details)


def target_of(look, wish):
    """What the wish comes to on this host.

    Args:
        look (dict): The sections; "source" may name root and release, where they had to be asked for on the network.
        wish (dict): The parameters.

    Returns:
        dict: release, root (None for one that is still to be chosen), channels, fingerprints; key_path and key_content (bytes; None: to be
            fetched); path of the repository file; files, each with path, content (bytes), sha256 (concealed as in the look) and mode; unwanted
            (paths); and what other_definitions() wants to know.
    """
    source = look.get('source') or {}
    release = source.get('release') or release_of(look, wish, 'release')
    key = wish['key'] or {}
    if key.get('src'):
        raise DockfleetError(u'key.src is a file of the controller, which only the action plugin dockfleet.host.package_repository can read.', stage='src')
    family = release['family']
    root = source.get('root') or (None if wish['root'] == AUTO else mirror_root(wish['root']))
    target = {
        'release': release,
        'root': root,
        'channels': CHANNELS[wish['channel']],
        'fingerprints': wish['fingerprints'] or FINGERPRINTS[family],
        'releasever': look['repositories']['releasever'],
        'path': REPOSITORY_FILES[family],
        'key_path': KEY_FILES[family],
        'key_content': decode_content(key['content']) if key.get('content') else None,
        'unwanted': [],
        'files': [],
    }
    if not root:
        return target
    proxy = Proxy(wish['proxy']) if wish['proxy'] else None
    mode = SECRET_MODE if proxy and proxy.password else MODE
    if family == 'rpm':
        files = _yum_files(target, wish, proxy, mode)
    else:
        files = _apt_files(target, proxy, mode)
        target['unwanted'] = [] if proxy else [APT_PROXY]
    target['files'] = [
        {'path': path, 'content': content, 'mode': mode, 'sha256': conceal(hashlib.sha256(content).hexdigest(), look['salt'])}
        for path, content, mode in files
    ]
    return target


def _yum_files(target, wish, proxy, mode):
    target['sections'] = [u'docker-ce-%s' % channel for channel in target['channels']]
    more = [(u'timeout', wish['yum_timeout']), (u'minrate', wish['yum_minrate'])]
    if proxy:
        more += [(u'proxy', u'http://%s:%d' % (proxy.host, proxy.port)), (u'proxy_username', proxy.user), (u'proxy_password', proxy.password)]
    url = release_url(target['root'], target['release'])
    sections = [
        (u'docker-ce-%s' % channel, [
            (u'name', u'Docker CE %s' % channel),
            (u'baseurl', u'%s/%s' % (url, channel)),
            (u'enabled', u'1'),
            (u'gpgcheck', u'1'),
            (u'gpgkey', u'file://%s' % target['key_path']),
        ] + [option for option in more if option[1] is not None])
        for channel in target['channels']
    ]  # fmt: skip
    return [(target['path'], render_repo(sections), mode)]


def _apt_files(target, proxy, mode):
    url, release = release_url(target['root'], target['release']), target['release']
    target.update(uri=url, suite=release['value'], signed_by=target['key_path'])
    files = [
        (target['path'], render_sources([
            (u'Types', u'deb'),
            (u'URIs', url),
            (u'Suites', release['value']),
            (u'Components', u' '.join(target['channels'])),
            (u'Architectures', release['architecture']),
            (u'Signed-By', target['key_path']),
        ]), MODE),
    ]  # fmt: skip
    if proxy:
        # Before the source itself, so that apt never asks for it without.
        files.insert(0, (APT_PROXY, render_apt_proxy(url, split_url(url).host, proxy.url()), mode))
    return files


def current_root(look, family, candidates):
    """The mirror that our file on the host names; None where there is no such file, or where it is not among the candidates (None: any is)."""
    item = file_of(look, REPOSITORY_FILES[family])
    if not item or not is_ours(item):
        return None
    urls = [section['options'].get('baseurl', '') for section in item.get('sections', ())] + [uri for entry in item.get('entries', ()) for uri in entry['uris']]
    root = urls[0].partition('/linux/')[0] if urls else None
    return root if candidates is None or root in candidates else None


def file_of(look, path):
    """A file of the look; None where the host has none of that path."""
    for item in look['repositories']['files']:
        if item['path'] == path:
            return item
    return None


def is_ours(item):
    """Whether this collection wrote a file."""
    return (item['content'] or b'').startswith(to_bytes(HEADER))


def files_to_write(look, target):
    """Those of the target's files that are not on the host as they should be."""
    return [
        wanted for wanted in target['files']
        for present in [file_of(look, wanted['path'])]
        if not present or (present['sha256'], present['mode']) != (wanted['sha256'], wanted['mode'])
    ]  # fmt: skip


def key_fault(look, target, now):
    """Why the key file on the host has to be written anew; None where it may stay."""
    kept = look['repositories']['keys'].get(target['key_path'])
    if kept is None:
        return u'there is none'
    if kept['fault']:
        return kept['fault']
    if kept['mode'] != MODE or int(kept['folder_mode'], 8) & 0o755 != 0o755:
        return u'its mode is %s in a folder of %s' % (kept['mode'], kept['folder_mode'])
    try:
        require_exactly(kept['keys'], target['fingerprints'], to_text(target['key_path']), now)
    except DockfleetError as error:
        return error.message
    return None
