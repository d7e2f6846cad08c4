# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders with millions of files: measured or deleted in bounded memory, and never across a mount.

The walk goes from folder to folder by descriptors and plain names, so that no path is followed twice and no symbolic link at all. One
folder is open at a time, however deep the tree is. What is mounted is asked of the kernel's own table, because a bind mount has the device
of the file system it comes from; the kernel tells when that table changes.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import ctypes
import errno
import os
import re
import select
import stat

from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import failed
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import DT_UNKNOWN, Dirent

MOUNT_TABLE = '/proc/self/mountinfo'
DT_DIR = 4
# How many names of subfolders are kept in mind before they are dealt with.
MOST_NAMES = 10000
# How often a folder is read again that fills up while it is emptied.
TRIALS = 3


class MountTable(object):
    """What is mounted where, read again only after the kernel said that it changed (proc_pid_mountinfo(5)). All paths are bytes."""

    def __init__(self):
        self._stream = open(MOUNT_TABLE, 'rb')
        self._poll = select.poll()
        self._poll.register(self._stream.fileno(), select.POLLERR | select.POLLPRI)
        self._filesystems = self._read()

    def _read(self):
        self._stream.seek(0)
        rows = [line.split(b' ') for line in self._stream.read().splitlines()]
        return dict((_unescape(row[4]), row[row.index(b'-') + 1]) for row in rows)

    def has(self, path):
        """Whether something is mounted at this path now."""
        if self._poll.poll(0):
            self._filesystems = self._read()
        return path in self._filesystems

    def filesystem_of(self, path):
        """The type of the file system that a path lies on."""
        while path not in self._filesystems:
            path = path.rpartition(b'/')[0] or b'/'
        return self._filesystems[path]

    def close(self):
        self._stream.close()


def _unescape(point):
    return re.sub(br'\\([0-7]{3})', lambda match: bytes(bytearray([int(match.group(1), 8)])), point)


class _Folder(object):
    """A folder on the way: its path, what it is on the disk, and what is still to be done in it."""

    def __init__(self, path, status):
        self.path = path
        self.identity = (status.st_dev, status.st_ino)
        self.pending = []
        self.is_read = False
        self.kept = set()


def delete_tree(path, mounts):
    """Delete a folder with all that is in it, except for what is mounted there and the folders that lead to that.

    Args:
        path (str): The folder, without a symbolic link on the way.
        mounts (MountTable): What must not be entered.

    Returns:
        dict: bytes (int: what the disk has got back), left (list of str: mount points, which stay) and gone (bool: the folder itself).
    """
    return _sweep(path, mounts, True)


def measure_tree(path, mounts):
    """The bytes (int) that a folder takes on the disk, without what is mounted in it; a file with n names counts by an n-th for each."""
    return _sweep(path, mounts, False)['bytes']


def entries(folder):
    """Names (bytes) and types (int) of what is in a folder, read piece by piece: os.listdir() of Python 2.7 would hold all names at once."""
    stream = _LIBC.opendir(folder)
    if not stream:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), to_text(folder))
    try:
        while True:
            found = _LIBC.readdir64(stream)
            if not found:
                return
            entry = found.contents
            name = entry.d_name
            if name != b'.' and name != b'..':
                yield name, entry.d_type
    finally:
        _LIBC.closedir(stream)


def _libc():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.opendir.restype = ctypes.c_void_p
    libc.readdir64.restype = ctypes.POINTER(Dirent)
    libc.readdir64.argtypes = libc.closedir.argtypes = [ctypes.c_void_p]
    return libc


_LIBC = _libc()


def _sweep(path, mounts, delete):
    found = {'bytes': 0, 'left': [], 'gone': False}
    path = to_bytes(path)
    home = os.open('.', os.O_RDONLY)
    try:
        status = _enter(path, path, None)
        top = _Folder(path, status)
        # Subvolumes of btrfs have devices of their own without being mounted.
        device = None if mounts.filesystem_of(path) == b'btrfs' else status.st_dev
        _walk(top, device, mounts, delete, found)
    finally:
        os.fchdir(home)
        os.close(home)
    if delete and not top.kept:
        found['gone'] = _remove_folder(path, path, top, found)
    found['left'] = sorted(to_text(point) for point in found['left'])
    return found


def _walk(top, device, mounts, delete, found):
    """Go through a tree, from its top, which is the current folder."""
    stack, trials = [top], {}
    while stack:
        folder = stack[-1]
        if folder.pending:
            name = folder.pending.pop()
            below = folder.path + b'/' + name
            if mounts.has(below):
                folder.kept.add(name)
                found['left'].append(below)
            else:
                stack.append(_Folder(below, _enter(name, below, device)))
        elif not folder.is_read:
            _read(folder, delete, found)
        else:
            stack.pop()
            if not stack:
                return
            above = stack[-1]
            _leave(above, folder)
            name = folder.path.rpartition(b'/')[2]
            if folder.kept:
                above.kept.add(name)
            elif delete and not _remove_folder(name, folder.path, folder, found):
                trials[folder.path] = trials.get(folder.path, 0) + 1
                if folder.kept:
                    above.kept.add(name)
                elif trials[folder.path] < TRIALS:
                    above.pending.append(name)
                else:
                    raise DockfleetError(
                        u'%s cannot be deleted: something goes on writing to it. See with "fuser -v %s" what it is, and run again.'
                        % ((to_text(folder.path),) * 2),
                        stage='delete',
                        path=to_text(folder.path),
                    )


def _enter(name, path, device):
    """Make a folder the current one, unless it is a symbolic link or lies on another device; returns its status."""
    try:
        handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise failed(u'The folder %s cannot be entered' % to_text(path), path, error)
    try:
        status = os.fstat(handle)
        if device not in (None, status.st_dev):
            raise DockfleetError(
                u'%s lies on another file system, which nothing says is mounted there. It was not entered.' % to_text(path), stage='delete', path=to_text(path)
            )
        os.fchdir(handle)
    finally:
        os.close(handle)
    return status


def _leave(above, folder):
    """Go back to the folder above, and make sure that it is the one we came from."""
    os.chdir('..')
    status = os.stat('.')
    if (status.st_dev, status.st_ino) != above.identity:
        raise DockfleetError(
            u'%s was moved while it was gone through, so nothing more was done.' % to_text(folder.path), stage='delete', path=to_text(folder.path)
        )


def _read(folder, delete, found):
    """Deal with the files of the current folder, and note its subfolders."""
    folder.is_read = True
    for name, kind in entries(b'.'):
        if name in folder.kept:
            continue
        if kind == DT_DIR or kind == DT_UNKNOWN and _is_folder(name):
            folder.pending.append(name)
            if delete and len(folder.pending) >= MOST_NAMES:
                folder.is_read = False
                return
        else:
            _deal_with_file(folder, name, delete, found)


def _is_folder(name):
    try:
        return stat.S_ISDIR(os.lstat(name).st_mode)
    except OSError:
        return False


def _deal_with_file(folder, name, delete, found):
    try:
        status = os.lstat(name)
        if delete:
            os.unlink(name)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return
        if error.errno == errno.EBUSY:
            # A file can be a mount point, too.
            folder.kept.add(name)
            found['left'].append(folder.path + b'/' + name)
            return
        raise failed(u'%s cannot be deleted' % to_text(folder.path + b'/' + name), folder.path, error)
    if not delete:
        found['bytes'] += status.st_blocks * 512 // max(status.st_nlink, 1)
    elif status.st_nlink < 2:
        found['bytes'] += status.st_blocks * 512


def _remove_folder(name, path, folder, found):
    """Whether an empty folder could be removed; False where it is not empty after all or, as a mount point, is noted in found."""
    try:
        os.rmdir(name)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return True
        if error.errno == errno.EBUSY:
            folder.kept.add(name)
            found['left'].append(path)
        elif error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise failed(u'The folder %s cannot be deleted' % to_text(path), path, error)
        return False
    return True
