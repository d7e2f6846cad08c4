# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "system": distribution, kernel, control groups, file systems and SELinux."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import ctypes
import glob
import os
import re
import sys
import tempfile

from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._json_text import read_json
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import DEFAULT_DATA_ROOT, DEFAULT_PATH

# The containerd image store keeps its data here whatever data-root says (moby/moby#50517), or where containerd's own file says.
CONTAINERD_ROOT = '/var/lib/containerd'
CONTAINERD_FILE = '/etc/containerd/config.toml'

# Folders under a data-root that each storage driver keeps its layers in.
DRIVER_FOLDERS = ('aufs', 'btrfs', 'devicemapper', 'fuse-overlayfs', 'overlay', 'overlay2', 'vfs', 'zfs')

MODULES = (
    'br_netfilter', 'bridge', 'ip_tables', 'iptable_filter', 'iptable_nat', 'iptable_raw', 'nf_conntrack', 'nf_nat', 'nf_tables', 'nft_compat', 'overlay',
    'veth', 'xt_addrtype', 'xt_conntrack',
)

# Programs that storage drivers call.
PROGRAMS = ('fuse-overlayfs', 'zfs')

# cgroup v1 names its controllers in /proc/cgroups, v2 at its root.
CGROUP_V2 = '/sys/fs/cgroup/cgroup.controllers'

DT_UNKNOWN = 0


class Dirent(ctypes.Structure):
    """struct dirent64 of readdir64(3); the same on every Linux architecture."""

    _fields_ = [
        ('d_ino', ctypes.c_uint64),
        ('d_off', ctypes.c_int64),
        ('d_reclen', ctypes.c_ushort),
        ('d_type', ctypes.c_ubyte),
        ('d_name', ctypes.c_char * 256),
    ]


def look(host, wish):
    """Return the section; the keys are those of the dict below."""
    mounts = read_mountinfo(host.read_text('/proc/self/mountinfo') or '')
    data_root = data_root_of(wish, read_json(host.read(to_text(wish.get('path') or DEFAULT_PATH)) or b'')[0])
    containerd_root = read_containerd_root(host.read_text(CONTAINERD_FILE) or '')
    kernel = to_text(os.uname()[2])
    return {
        'os_release': read_os_release(host.read_text('/etc/os-release') or host.read_text('/usr/lib/os-release') or ''),
        'release_files': dict(
            (path, host.read_text(path).strip())
            for path in ('/etc/centos-release', '/etc/redhat-release', '/etc/system-release', '/etc/debian_version')
            if host.read(path) is not None
        ),
        'machine': to_text(os.uname()[4]),
        'kernel': kernel,
        'python': '%d.%d.%d' % sys.version_info[:3],
        'python_path': to_text(sys.executable or ''),
        'cgroup': look_at_cgroup(host, mounts),
        'data_root': data_root,
        'containerd_root': containerd_root,
        'paths': dict((path, look_at_path(path, mounts)) for path in (data_root, containerd_root)),
        'modules': look_at_modules(host, kernel),
        'programs': dict((name, host.which(name) is not None) for name in PROGRAMS),
        'fuse': os.path.exists('/dev/fuse'),
        'selinux': {'0': 'permissive', '1': 'enforcing'}.get((host.read_text('/sys/fs/selinux/enforce') or '').strip(), 'disabled'),
        'selinux_equivalences': dict(
            pair for path in glob.glob('/etc/selinux/*/contexts/files/file_contexts.subs') for pair in read_equivalences(host.read_text(path) or '')
        ),
    }


def data_root_of(wish, options):
    """Where the engine will keep its data.

    Args:
        wish (dict): The parameters; data_root counts first, then the data-root among the wished options.
        options (dict): What daemon.json holds; None where it cannot be read.

    Returns:
        str: An absolute path.
    """
    wished = wish.get('options') or {}
    # null takes the key out of the file.
    in_place = None if 'data-root' in wished else (options or {}).get('data-root')
    return to_text(wish.get('data_root') or wished.get('data-root') or in_place or DEFAULT_DATA_ROOT)


def read_containerd_root(text):
    """The root that containerd's config.toml sets; the first table ends what stands at the top of the file."""
    found = re.search(r'(?m)^\s*root\s*=\s*["\'](/[^"\']*)["\']', re.split(r'(?m)^\s*\[', text)[0])
    return found.group(1) if found else CONTAINERD_ROOT


def read_equivalences(text):
    """The pairs of folders in file_contexts.subs: what "semanage fcontext -a -e" says to be labelled alike."""
    return [tuple(line.split()) for line in text.splitlines() if len(line.split()) == 2 and not line.startswith('#')]


def look_at_cgroup(host, mounts):
    """Control groups: version (2, 1, or 0 where none are mounted) and controllers (list of str)."""
    unified = host.read_text(CGROUP_V2)
    if unified is not None:
        return {'version': 2, 'controllers': sorted(unified.split())}
    return {
        'version': 1 if any(mount['filesystem'] == 'cgroup' for mount in mounts) else 0,
        'controllers': read_cgroups(host.read_text('/proc/cgroups') or ''),
    }


def read_cgroups(text):
    """The enabled controllers in /proc/cgroups: name, hierarchy, number of groups, enabled."""
    return sorted(line.split()[0] for line in text.splitlines() if not line.startswith('#') and line.split()[3:] == ['1'])


def read_os_release(text):
    """Read os-release(5).

    Args:
        text (str): The file.

    Returns:
        dict: Its variables, quotes and shell escapes taken away.
    """
    found = {}
    for line in text.splitlines():
        match = re.match(r'\s*([A-Za-z0-9_]+)=(.*?)\s*$', line)
        if match:
            value = match.group(2)
            if len(value) >= 2 and value[0] == value[-1] and value[0] in '"\'':
                value = value[1:-1]
            found[match.group(1)] = re.sub(r'\\(.)', r'\1', value)
    return found


def read_mountinfo(text):
    """Read /proc/self/mountinfo (proc_pid_mountinfo(5)).

    Args:
        text (str): The file.

    Returns:
        list of dict: point, root (what of its file system is shown there), device (such as "8:1"), filesystem, source, options (list of
            str), in the order of mounting.
    """
    mounts = []
    for line in text.splitlines():
        mine, dummy, theirs = line.partition(' - ')
        fields, (filesystem, source, super_options) = mine.split(' '), theirs.split(' ')[:3]
        mounts.append({
            'point': unescape(fields[4]),
            'root': unescape(fields[3]),
            'device': fields[2],
            'filesystem': filesystem,
            'source': unescape(source),
            'options': sorted(set(fields[5].split(',') + super_options.split(','))),
        })
    return mounts


def unescape(text):
    r"""Undo the octal escapes (such as \040) of the mount tables."""
    return re.sub(r'\\([0-7]{3})', lambda match: chr(int(match.group(1), 8)), text)


def mount_of(path, mounts):
    """The mount that a path lies on: the one with the deepest point at or above it; of several at one point, the last."""
    best = None
    for mount in mounts:
        point = mount['point'].rstrip('/')
        if (path == point or path.startswith(point + '/')) and (best is None or len(point) >= len(best['point'].rstrip('/'))):
            best = mount
    return best


def look_at_path(path, mounts):
    """What a data folder lies on, also where the folder itself is still to be made."""
    real = os.path.realpath(to_bytes(path))
    nearest = real
    while not os.path.isdir(nearest) and nearest != b'/':
        nearest = os.path.dirname(nearest)
    mount = mount_of(to_text(nearest), mounts) or {}
    space = os.statvfs(nearest)
    return {
        'real': to_text(real),
        'nearest': to_text(nearest),
        'exists': nearest == real,
        'drivers': [name for name in DRIVER_FOLDERS if holds_anything(os.path.join(real, to_bytes(name)))],
        'filesystem': mount.get('filesystem', ''),
        'options': mount.get('options', []),
        'd_type': has_d_type(nearest),
        'label': selinux_type(nearest),
        'free_bytes': space.f_bavail * space.f_frsize,
    }


def holds_anything(folder):
    try:
        return bool(os.listdir(folder))
    except OSError:
        return False


def has_d_type(folder):
    """Whether the file system tells the types of directory entries, which overlay2 needs: tried, not guessed from its name.

    Returns:
        bool: None where it cannot be tried, because the folder is empty and read-only.
    """
    types = entry_types(folder)
    if not types:
        try:
            with tempfile.NamedTemporaryFile(prefix=to_native('.dockfleet-'), dir=to_native(folder)):
                types = entry_types(folder)
        except (IOError, OSError):
            return None
    return DT_UNKNOWN not in types if types else None


def entry_types(folder):
    """The d_type values of up to a hundred entries of a folder, "." and ".." left out."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.opendir.restype = ctypes.c_void_p
    libc.readdir64.restype = ctypes.POINTER(Dirent)
    libc.readdir64.argtypes = libc.closedir.argtypes = [ctypes.c_void_p]
    stream = libc.opendir(to_bytes(folder))
    if not stream:
        return []
    types = []
    try:
        while len(types) < 100:
            entry = libc.readdir64(stream)
            if not entry:
                break
            if entry.contents.d_name not in (b'.', b'..'):
                types.append(entry.contents.d_type)
    finally:
        libc.closedir(stream)
    return types


def selinux_type(path):
    """The type in the SELinux label of a path, such as "container_var_lib_t"; "" where it has none. Python 2.7 has no os.getxattr."""
    value = ctypes.create_string_buffer(256)
    size = ctypes.CDLL(None).getxattr(to_bytes(path), b'security.selinux', value, ctypes.c_size_t(len(value)))
    fields = to_text(value.value if size > 0 else b'').split(':')
    return fields[2] if len(fields) > 2 else u''


def look_at_modules(host, kernel):
    """Module name to "loaded", "available", "missing", or "unknown" where the host has no module files (a container, a custom kernel)."""
    folder = '/lib/modules/' + kernel
    index = (host.read_text(folder + '/modules.builtin') or '') + (host.read_text(folder + '/modules.dep') or '')
    filesystems = (host.read_text('/proc/filesystems') or '').split()
    found = {}
    for name in MODULES:
        if os.path.isdir('/sys/module/' + name) or name in filesystems:
            found[name] = 'loaded'
        elif not index:
            found[name] = 'unknown'
        else:
            found[name] = 'available' if re.search(r'(?m)(^|/)%s\.ko' % name.replace('_', '[_-]'), index) else 'missing'
    return found
