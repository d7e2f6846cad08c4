# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks for the data of engines: every place that a setting of the host names, the real folder behind it, and what is mounted there."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import pwd
import re

from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import UNIT
from ansible_collections.dockfleet.host.plugins.module_utils._json_text import read_json
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import CONTAINERD_ROOT, DEFAULT_DATA_ROOT, mount_of, read_mountinfo
from ansible_collections.dockfleet.host.plugins.module_utils._tree import MountTable, measure_tree

DOCKER, CONTAINERD = u'Docker', u'containerd'
CONTAINERD_UNIT = 'containerd.service'
CONTAINERD_CONFIG = '/etc/containerd/config.toml'
# The namespaces of containerd that are Docker's.
NAMESPACES = ('moby', 'plugins.moby')
# File systems of others' machines, on which a look at every home could hang.
REMOTE = ('autofs', 'cifs', 'fuse.sshfs', 'nfs', 'nfs4')
ROOTLESS = '.local/share/docker'
# Where settings may be that nobody but their author takes away.
SETTINGS = (
    '/etc/docker', '/etc/containerd', '/etc/systemd/system/docker.service', '/etc/systemd/system/docker.service.d', '/etc/systemd/system/docker.socket',
    '/etc/systemd/system/docker.socket.d',
)  # fmt: skip


def look_at_data(host, look, data_roots, confirmed):
    """Look for data.

    Args:
        host (Host): The host.
        look (dict): The sections daemon and service.
        data_roots (list of str): Further folders, as the user names them.
        confirmed (list of str): Paths of which is to be known whether they exist.

    Returns:
        dict: roots: for each real folder that is there path, kind, origin (str: what names it), entries (list of str), mounts (those
            below it, and those that bind it to itself), mountpoint (bool: it has a file system of its own), rest (bool: something could
            be deleted), hollow (bool: it holds volumes without a single file), namespaces (list of str: of others in a containerd) and bytes
            (None); links: symbolic links to data-roots (str) with their targets; existing: those of confirmed that exist; homes (list of str);
            others: data that is listed and never touched, as path and why; settings (list of str: files and folders with settings of an engine).
    """
    mounts = read_mountinfo(host.read_text('/proc/self/mountinfo') or '')
    roots, links = [], {}
    for path, origin, kind in candidates(host, look, data_roots):
        real = to_text(os.path.realpath(to_bytes(path)))
        if os.path.islink(to_bytes(path)):
            links[path] = real
        if os.path.isdir(to_bytes(real)) and real not in [root['path'] for root in roots]:
            roots.append(look_at_root(real, origin, kind, mounts))
    users = pwd.getpwall()
    return {
        # What lies in another data-root goes with that one.
        'roots': [root for root in roots if not any(root['path'].startswith(other['path'].rstrip(u'/') + u'/') for other in roots)],
        'links': links,
        'existing': [to_text(path) for path in confirmed if os.path.exists(to_bytes(path))],
        'homes': sorted(set(to_text(os.path.realpath(to_bytes(user.pw_dir))) for user in users) - set([DEFAULT_DATA_ROOT, CONTAINERD_ROOT])),
        'others': [
            {'path': path, 'why': u'data of the rootless engine of %s' % name}
            for name, path in rootless(users, mounts)
        ],
        'settings': [path for path in SETTINGS if os.path.lexists(path) and (entries(path) or not os.path.isdir(path))],
    }


def entries(folder):
    """The names (str) in a folder; none where there is no such folder."""
    try:
        return sorted(to_text(name) for name in os.listdir(to_bytes(folder)))
    except OSError:
        return []


def candidates(host, look, data_roots):
    """The places that may hold data: (path, what names it, kind)."""
    daemon, units = look['daemon'], look['service']['units']
    exec_start = units.get(UNIT, {}).get('ExecStart', '')
    found = [(to_text(path), u'docker_uninstall_data_roots', None) for path in data_roots]
    options = daemon['options'] or {}
    found.append((options.get('data-root') or options.get('graph'), daemon['path'], DOCKER))
    config = flag(exec_start, ('--config-file',))
    options = config and read_json(host.read(config) or b'')[0] or {}
    found.append((options.get('data-root') or options.get('graph'), config, DOCKER))
    found.append((flag(exec_start, ('--data-root', '--graph', '-g')), u'a flag of ' + UNIT, DOCKER))
    found.append((flag(units.get(CONTAINERD_UNIT, {}).get('ExecStart', ''), ('--root',)), u'a flag of ' + CONTAINERD_UNIT, CONTAINERD))
    match = re.search(r'(?m)\A(?:(?!^\s*\[).*\n)*?^\s*root\s*=\s*["\']([^"\']+)["\']', (host.read_text(CONTAINERD_CONFIG) or u'') + u'\n')
    found.append((match and match.group(1), to_text(CONTAINERD_CONFIG), CONTAINERD))
    found.append((to_text(DEFAULT_DATA_ROOT), u'the usual place', DOCKER))
    found.append((to_text(CONTAINERD_ROOT), u'the usual place', CONTAINERD))
    return [(path.rstrip(u'/') or u'/', origin, kind) for path, origin, kind in found if path and path.startswith(u'/')]


def flag(exec_start, names):
    """The value of a flag in an ExecStart, as "systemctl show" prints it; None where it is not given."""
    command = re.search(r'argv\[\]=(.*?) ; ', exec_start + ' ; ')
    words = command.group(1).split() if command else []
    for number, word in enumerate(words):
        name, equals, value = word.partition('=')
        if name in names:
            return to_text(value if equals else ''.join(words[number + 1:number + 2]))
    return None


def look_at_root(real, origin, kind, mounts):
    """A data-root, as look_at_data() returns it."""
    names = entries(real)
    if kind is None:
        kind = CONTAINERD if any(name.startswith('io.containerd.') for name in names) else DOCKER
    at = [mount for mount in mounts if mount['point'] == real]
    below = [mount for mount in mounts if mount['point'].startswith(real.rstrip(u'/') + u'/')]
    inside = [dict(mount, itself=is_bound_to_itself(mount, mounts)) for mount in at + below]
    inside = [mount for mount in inside if mount['point'] != real or mount['itself']]
    points = [mount['point'] for mount in inside if mount['point'] != real]
    own_filesystem = any(not is_bound_to_itself(mount, mounts) for mount in at)
    return {
        'path': real,
        'kind': kind,
        'origin': origin,
        'entries': names,
        'mounts': [dict((name, mount[name]) for name in ('point', 'filesystem', 'source', 'itself')) for mount in inside],
        'mountpoint': own_filesystem,
        'rest': any(not leads_only_to(os.path.join(real, name), points) for name in names if not (own_filesystem and name == 'lost+found')),
        'hollow': names == [u'volumes'] and is_hollow(real),
        'namespaces': namespaces_of_others(real) if kind == CONTAINERD else [],
        'bytes': None,
    }


def is_bound_to_itself(mount, mounts):
    """Whether this mount shows what lies at its point anyway, as dockerd has it with its folders."""
    before = mounts[:mounts.index(mount)]
    under = mount_of(mount['point'], before)
    if under is None or under['device'] != mount['device']:
        return False
    inner = mount['point'][len(under['point'].rstrip('/')):]
    return mount['root'].rstrip('/') == under['root'].rstrip('/') + inner


def leads_only_to(path, points):
    """Whether there is nothing at a path but mount points and folders that lead to them."""
    if path in points:
        return True
    if os.path.islink(to_bytes(path)) or not any(point.startswith(path + u'/') for point in points):
        return False
    return all(leads_only_to(os.path.join(path, name), points) for name in entries(path))


def is_hollow(path):
    """Whether there are only folders, as are left where a deletion had to go around mounts; the first file ends the search."""
    return all(not files for dummy, dummy, files in os.walk(to_bytes(path)))


def namespaces_of_others(root):
    """Who else than Docker has tasks or pods in a containerd."""
    found = [name for name in entries(os.path.join(root, 'io.containerd.runtime.v2.task')) if name not in NAMESPACES]
    if entries(os.path.join(root, 'io.containerd.grpc.v1.cri', 'sandboxes')):
        found.append(u'k8s.io')
    return sorted(set(found))


def rootless(users, mounts):
    """(user, folder) for each home with the data of a rootless engine."""
    found = []
    for user in users:
        folder = os.path.join(to_text(user.pw_dir), ROOTLESS)
        mount = mount_of(folder, mounts)
        if (mount is None or mount['filesystem'] not in REMOTE) and os.path.isdir(to_bytes(folder)):
            found.append((to_text(user.pw_name), folder))
    return found


def measure(data):
    """Fill in the sizes."""
    mounts = MountTable()
    try:
        for root in data['roots']:
            root['bytes'] = measure_tree(root['path'], mounts)
    finally:
        mounts.close()
