# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The managed host as the collection touches it: commands with a fixed locale, files read whole and written atomically."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import fcntl
import hashlib
import hmac
import os
import stat
import subprocess
import tempfile
import time

from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

# Package managers and systemctl translate what we have to read. LANGUAGE wins over LC_ALL for translated texts, so it is emptied too.
FIXED_LOCALE = {'LC_ALL': 'C', 'LANG': 'C', 'LANGUAGE': ''}

# How files begin that are written before they get their name.
DRAFT = '.dockfleet-'

# What to do about a write that failed, by the cause.
REMEDIES = {
    errno.ENOSPC: u'Make room on its disk, then run again.',
    errno.EDQUOT: u'Make room in the quota, then run again.',
    errno.EROFS: u'Mount its file system for writing (after a fault of the disk the kernel takes that away: see "dmesg"), then run again.',
    errno.EPERM: u'See whether "lsattr" shows it or its folder as immutable.',
    errno.EACCES: u'See whether SELinux ("ausearch -m avc") or another security module forbids it.',
}


class Host(object):
    """One managed host, seen from the module that runs on it.

    Args:
        module (AnsibleModule): Runs the commands and knows the SELinux defaults.
        salt (str): Given only by the look that travels to the controller: secrets are then replaced by digests under it.
    """

    def __init__(self, module, salt=None):
        self._module = module
        self._salt = salt

    def conceal(self, secret):
        """The text that stands for a secret in a look: itself on the host, a salted digest in a look that travels."""
        return conceal(secret, self._salt)

    @property
    def salt(self):
        return self._salt

    def require_root(self):
        """Refuse to go on as an ordinary user, before anything was looked at or changed."""
        if os.geteuid() != 0:
            raise DockfleetError(
                'This needs root on the managed host, and the module runs there with uid %d. Set "become: true" on the play or the task '
                '(or run ansible-playbook with --become).' % os.geteuid(),
                stage='become',
            )

    def run(self, argv, data=None, environment=None):
        """Run a command without a shell, in the C locale.

        Args:
            argv (list of str): Program and arguments.
            data (bytes): Standard input.
            environment (dict): Further environment variables.

        Returns:
            tuple: Exit status (int; 127 where there is no such program), standard output (str), standard error (str).
        """
        try:
            code, out, err = self._module.run_command(
                [to_native(part) for part in argv],
                data=data,
                binary_data=True,
                environ_update=dict(FIXED_LOCALE, **(environment or {})),
                handle_exceptions=False,
            )
        except (IOError, OSError) as error:
            if error.errno in (errno.ENOENT, errno.EACCES):
                return 127, u'', to_text(error)
            raise
        return code, to_text(out, errors='surrogate_or_replace'), to_text(err, errors='surrogate_or_replace')

    def run_together(self, commands, seconds, environment=None):
        """Run commands side by side, and end those that take too long. Their output has to be short.

        Args:
            commands (list of list of str): Programs and arguments.
            seconds (float): How long all of them may take.
            environment (dict): Further environment variables.

        Returns:
            list of tuple: For each its exit status (127 where there is no such program, negative where it was ended), and standard output with standard
                error (str).
        """
        settings = dict(os.environ, **dict(FIXED_LOCALE, **(environment or {})))
        with open(os.devnull, 'rb') as nothing:
            running = [_start(argv, settings, nothing) for argv in commands]
        end = time.time() + seconds
        while time.time() < end and any(process and process.poll() is None for process in running):
            time.sleep(0.02)
        results = []
        for process in running:
            if process and process.poll() is None:
                process.kill()
            out = process.communicate()[0] if process else b''
            results.append((process.returncode if process else 127, to_text(out, errors='surrogate_or_replace')))
        return results

    def which(self, program):
        """Full path of a program, or None."""
        return self._module.get_bin_path(program)

    def read(self, path):
        """The bytes of a file; None where there is no such file."""
        try:
            with open(to_bytes(path), 'rb') as stream:
                return stream.read()
        except (IOError, OSError) as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                return None
            raise DockfleetError('%s cannot be read: %s.' % (path, os.strerror(error.errno)), stage='look', path=to_text(path))

    def read_text(self, path):
        """The text of a UTF-8 file; None where there is no such file."""
        content = self.read(path)
        return None if content is None else to_text(content, errors='surrogate_or_replace')

    def list_folder(self, path, suffix=''):
        """Sorted full paths of the files in a folder that end in suffix; empty where there is no such folder."""
        try:
            names = os.listdir(to_bytes(path))
        except OSError:
            return []
        return sorted(os.path.join(to_text(path), name) for name in map(to_text, names) if name.endswith(suffix))

    def status(self, path):
        """Permission bits, owner and group of what a path leads to, as a dict (mode: str such as '0644'); None where there is nothing."""
        try:
            found = os.stat(to_bytes(path))
        except OSError:
            return None
        return {'mode': '%04o' % stat.S_IMODE(found.st_mode), 'uid': found.st_uid, 'gid': found.st_gid}

    def make_folder(self, path, mode=0o755):
        """Create a folder and its missing parents."""
        if os.path.isdir(to_bytes(path)):
            return
        self.make_folder(os.path.dirname(path) or '/', mode)
        try:
            os.mkdir(to_bytes(path))
            os.chmod(to_bytes(path), mode)
        except OSError as error:
            raise failed('The folder %s cannot be created' % path, path, error)
        self._module.set_default_selinux_context(path, False)

    def open_folder(self, path):
        """Let everyone enter and list a folder; rights that are there already stay."""
        mode = int(self.status(path)['mode'], 8)
        if mode & 0o755 != 0o755:
            try:
                os.chmod(to_bytes(path), mode | 0o755)
            except OSError as error:
                raise failed('The folder %s cannot be opened to everyone' % path, path, error)

    def write(self, path, content, mode=None):
        """Put new content in the place of a file in one step: readers see the old file or the new one, never a part.

        A file that exists keeps its owner and, unless mode is given, its permissions. One that is mounted by itself, as /etc/hosts is in a container,
        cannot be replaced and is written over.

        Args:
            path (str): The file; a symbolic link is followed, so that the link itself stays.
            content (bytes): All of its new content.
            mode (int): Permission bits; for a new file 0644 where not given.

        Raises:
            DockfleetError: Nothing was changed; the message says why.
        """
        path = os.path.realpath(to_native(path))
        old = self.status(path)
        draft = None
        try:
            handle, draft = _make_draft(os.path.dirname(path))
            with os.fdopen(handle, 'wb') as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
                if old:
                    os.chown(draft, old['uid'], old['gid'])
                os.chmod(draft, mode if mode is not None else int(old['mode'], 8) if old else 0o644)
                if old and self._module.selinux_enabled():
                    self._module.set_context_if_different(draft, self._module.selinux_context(path), False)
                draft = _put_in_place(draft, path, content)
        except (IOError, OSError) as error:
            raise failed('%s cannot be written' % path, path, error, 'It was left as it was.')
        finally:
            if draft:
                self.remove(draft)
        if not old:
            self._module.set_default_selinux_context(path, False)

    def move(self, path, target):
        """Give a file another name in the same file system; a file that has that name is replaced."""
        try:
            os.rename(to_bytes(path), to_bytes(target))
        except OSError as error:
            raise failed('%s cannot be renamed to %s' % (path, target), path, error)

    def remove(self, path):
        """Take a file away; one that is gone already is fine."""
        try:
            os.unlink(to_bytes(path))
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise failed('%s cannot be removed' % path, path, error)

    def remove_folder_if_empty(self, path):
        """Take a folder away that has nothing in it any more; every other one stays."""
        try:
            os.rmdir(to_bytes(path))
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY):
                raise failed('The folder %s cannot be removed' % path, path, error)


class _Command(subprocess.Popen):
    """One of several commands that run side by side; AnsibleModule.run_command would wait for each."""


def _start(argv, environment, stdin):
    """Start a command; None where there is no such program."""
    try:
        return _Command(
            [to_native(part) for part in argv],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=stdin, env=environment, close_fds=True,
        )  # fmt: skip
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EACCES):
            return None
        raise


def failed(what, path, error, outcome=''):
    """The error for a change of a file that failed: what, why and what to do.

    Args:
        what (str): What could not be done.
        path (str): The file.
        error (OSError): The cause.
        outcome (str): What became of the file, as a sentence.
    """
    sentences = [u'%s: %s.' % (to_text(what), to_text(os.strerror(error.errno))), to_text(outcome), REMEDIES.get(error.errno, u'')]
    return DockfleetError(u' '.join(sentence for sentence in sentences if sentence), stage='write', path=to_text(path))


def _make_draft(folder):
    """Create an empty file that only its owner can read, held by a lock; those that a killed run has left in the folder are taken away.

    Returns:
        tuple: File descriptor and path.
    """
    for name in os.listdir(folder):
        if name.startswith(DRAFT):
            _take_away_if_left(os.path.join(folder, name))
    while True:
        handle, path = tempfile.mkstemp(prefix=DRAFT, dir=folder)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except (IOError, OSError):
            # A file system without locks, on which no other run takes it away either.
            return handle, path
        # Another run may have taken it for one that was left, before it was held.
        if os.fstat(handle).st_nlink:
            return handle, path
        os.close(handle)


def _put_in_place(draft, path, content):
    """Give the draft the file's name, or write the file over where it is a mount; returns the draft that is left, if any."""
    try:
        os.rename(draft, path)
        return None
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
    with open(path, 'r+b') as stream:
        old = stream.read()
        try:
            _write_over(stream, content)
        except (IOError, OSError):
            _write_over(stream, old)
            raise
    return draft


def _write_over(stream, content):
    """Replace all that a file holds, growing before shrinking, so that a full disk shows before anything is lost."""
    stream.seek(0)
    stream.write(content)
    stream.flush()
    stream.truncate(len(content))
    os.fsync(stream.fileno())


def _take_away_if_left(path):
    """Take a draft away, unless the run that writes it still holds it, or it is no file that a run could have made."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    try:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
    except (IOError, OSError):
        pass
    finally:
        os.close(handle)


def conceal(secret, salt):
    """The text that stands for a secret: itself without a salt, else its digest, equal for equal secrets under one salt.

    Args:
        secret (str): What must not travel.
        salt (str): Made anew for each look; None on the host itself.
    """
    if salt is None:
        return to_text(secret)
    return u'digest:%s' % hmac.new(to_bytes(salt), to_bytes(secret), hashlib.sha256).hexdigest()
