# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "system": distribution, kernel, file systems, SELinux, firewalld and routes."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import ctypes
import os
import re
import sys
import tempfile

from ansible.module_utils.common.text.converters import to_bytes, to_text

DEFAULT_DATA_ROOT = '/var/lib/docker'
# The containerd image store keeps its data here whatever data-root says (moby/moby#50517).
CONTAINERD_ROOT = '/var/lib/containerd'

# Folders under a data-root that each storage driver keeps its layers in.
DRIVER_FOLDERS = ('aufs', 'btrfs', 'devicemapper', 'fuse-overlayfs', 'overlay', 'overlay2', 'vfs', 'zfs')

MODULES = ('br_netfilter', 'ip_tables', 'iptable_filter', 'iptable_nat', 'iptable_raw', 'nf_tables', 'overlay', 'veth')

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
    data_root = to_text(wish.get('data_root') or DEFAULT_DATA_ROOT)
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
        'cgroup_version': 2 if os.path.exists('/sys/fs/cgroup/cgroup.controllers') else 1,
        'data_root': data_root,
        'paths': dict((path, look_at_path(host, path)) for path in (data_root, CONTAINERD_ROOT)),
        'modules': look_at_modules(host, kernel),
        'selinux': {'0': 'permissive', '1': 'enforcing'}.get((host.read_text('/sys/fs/selinux/enforce') or '').strip(), 'disabled'),
        'docker0_zones': look_at_zones(host),
        'ip_forward': (host.read_text('/proc/sys/net/ipv4/ip_forward') or '').strip() == '1',
        'routes': read_routes(host.read_text('/proc/net/route') or ''),
        'client_address': to_text(os.environ.get('SSH_CONNECTION', '').split(' ')[0]),
    }


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
        list of dict: point, filesystem, source, options (list of str), in the order of mounting.
    """
    mounts = []
    for line in text.splitlines():
        mine, dummy, theirs = line.partition(' - ')
        fields, (filesystem, source, super_options) = mine.split(' '), theirs.split(' ')[:3]
        mounts.append({
            'point': unescape(fields[4]),
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


def look_at_path(host, path):
    """What a data folder lies on, also where the folder itself is still to be made."""
    real = os.path.realpath(path)
    nearest = real
    while not os.path.isdir(nearest) and nearest != '/':
        nearest = os.path.dirname(nearest)
    mount = mount_of(nearest, read_mountinfo(host.read_text('/proc/self/mountinfo') or '')) or {}
    space = os.statvfs(nearest)
    return {
        'real': to_text(real),
        'nearest': to_text(nearest),
        'exists': nearest == real,
        'drivers': [name for name in DRIVER_FOLDERS if holds_anything(os.path.join(real, name))],
        'filesystem': mount.get('filesystem', ''),
        'options': mount.get('options', []),
        'd_type': has_d_type(nearest),
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
            with tempfile.NamedTemporaryFile(prefix='.dockfleet-', dir=folder):
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


def look_at_zones(host):
    """The firewalld zones that hold the interface docker0 for good; read from firewalld's files, which costs no call of it."""
    return [
        os.path.basename(path)[: -len('.xml')]
        for path in host.list_folder('/etc/firewalld/zones', '.xml')
        if re.search(r'<interface\s+name="docker0"', host.read_text(path) or '')
    ]


def read_routes(text):
    """Read /proc/net/route.

    Args:
        text (str): The file; its addresses are hexadecimal in the byte order of the host.

    Returns:
        list of dict: network (str, "10.1.0.0"), prefix (int), interface (str); the default route is left out.
    """
    routes = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 8 or int(fields[7], 16) == 0:
            continue
        routes.append({
            'network': '.'.join(str(part) for part in host_order_bytes(int(fields[1], 16))),
            'prefix': bin(int(fields[7], 16)).count('1'),
            'interface': fields[0],
        })
    return routes


def host_order_bytes(number):
    parts = [(number >> shift) & 0xFF for shift in (0, 8, 16, 24)]
    return parts if sys.byteorder == 'little' else parts[::-1]
