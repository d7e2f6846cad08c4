# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a plan of _package_repository.py, carried out one after the other, and taken back where one fails.

Each is a dict: write (path), content, mode; copy (path), backup; cut (path), spans, backup; restore (path), backup; remove (path); forget (a key in
the rpm database).
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import tempfile

from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import failed
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import without
from ansible_collections.dockfleet.host.plugins.module_utils._rpm_lock import wait_for_rpm


def carry_out_steps(host, steps):
    """Carry out the steps.

    Raises:
        DockfleetError: One failed; the message also tells what became of those before it.
    """
    changes = _Changes(host)
    try:
        for step in steps:
            _carry_out(changes, step)
    except DockfleetError as error:
        raise DockfleetError(u'%s %s' % (error.message, changes.take_back()), **error.details)


def _carry_out(changes, step):
    if 'forget' in step:
        changes.forget(step['forget'])
    elif 'restore' in step:
        changes.move(step['backup'], step['restore'])
    elif 'copy' in step:
        changes.copy(step['copy'], step['backup'])
    elif 'cut' in step:
        rest = without(changes.copy(step['cut'], step['backup']), step['spans'])
        if rest:
            changes.write(step['cut'], rest)
        else:
            changes.remove(step['cut'])
    elif 'write' in step:
        changes.write(step['write'], step['content'], int(step['mode'], 8) if step['mode'] else None, step.get('open_folder'))
    else:
        changes.remove(step['remove'])


class _Changes(object):
    """Changes of a host, of which each that has succeeded is remembered together with its undoing."""

    def __init__(self, host):
        self._host = host
        self._undo = []
        self._copied = set()

    def take_back(self):
        """Undo what was done, as far as that can be; a sentence that tells how far."""
        faults = []
        for action in reversed(self._undo):
            try:
                action()
            except DockfleetError as error:
                faults.append(error.message)
        if faults:
            return u'Not all that had been written before could be taken back: %s' % u' '.join(faults)
        return u'What had been written before it was taken back.' if self._undo else u'Nothing was changed.'

    def write(self, path, content, mode=None, open_folder=False):
        folder = os.path.dirname(path)
        self._host.make_folder(folder)
        if open_folder:
            self._host.open_folder(folder)
        back = self._as_it_is(path)
        self._host.write(path, content, mode=mode)
        self._undo.append(back)

    def remove(self, path):
        back = self._as_it_is(path)
        self._host.remove(path)
        self._undo.append(back)

    def move(self, path, target):
        back = [self._as_it_is(path), self._as_it_is(target)]
        self._host.move(path, target)
        self._undo.extend(back)

    def copy(self, path, backup):
        """Make a copy, from which the file is given back whatever comes after; returns what was copied."""
        content, is_new = self._host.read(path), self._host.read(backup) is None
        self._host.write(backup, content, mode=self._mode(path))
        self._copied.add(path)
        self._undo.append(lambda: self._give_back(path, backup, content, is_new))
        return content

    def _give_back(self, path, backup, content, is_new):
        if self._host.read(path) != content:
            # A name needs no room on a disk that is full.
            self._host.move(backup, path)
        elif is_new:
            self._host.remove(backup)

    def _as_it_is(self, path):
        """What makes a file again as it is now."""
        content = self._host.read(path)
        if path in self._copied:
            return lambda: None
        if content is None:
            return lambda: self._host.remove(path)
        mode = self._mode(path)
        return lambda: self._host.write(path, content, mode=mode)

    def _mode(self, path):
        return int(self._host.status(path)['mode'], 8)

    def forget(self, key):
        """Take a key out of rpm's database."""
        wait_for_rpm(self._host)
        armored = self._host.run(['rpm', '--query', '--queryformat', '%{DESCRIPTION}\n', key])[1]
        self._rpm(['rpm', '--erase', '--allmatches', key], u'The key %s cannot be taken out of the rpm database' % key)
        self._undo.append(lambda: self._remember(key, armored))

    def _remember(self, key, armored):
        what = u'The key %s cannot be put back into the rpm database' % key
        try:
            # rpm reads keys from files, not from pipes.
            with tempfile.NamedTemporaryFile(prefix='dockfleet-') as stream:
                stream.write(to_bytes(armored))
                stream.flush()
                self._rpm(['rpm', '--import', stream.name], what)
        except (IOError, OSError) as error:
            raise failed(what, tempfile.gettempdir(), error)

    def _rpm(self, argv, fault):
        code, dummy, err = self._host.run(argv)
        if code:
            raise DockfleetError(u'%s: %s.' % (fault, err.strip().rstrip(u'.')), stage='write')
