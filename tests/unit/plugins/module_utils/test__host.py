# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are written in one step or not at all, and nothing is left behind, even by a run that was killed."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import fcntl
import os
import stat
import sys

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import DRAFT, Host


class Module(object):
    """What Host needs of an AnsibleModule to write files."""

    def selinux_enabled(self):
        return False

    def set_default_selinux_context(self, path, changed):
        return changed


@pytest.fixture
def host():
    return Host(Module())


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_new_file(host, tmpdir):
    path = str(tmpdir.join('a'))
    host.write(path, b'one')
    assert (host.read(path), mode_of(path), os.listdir(str(tmpdir))) == (b'one', 0o644, ['a'])


def test_a_file_keeps_its_mode_unless_one_is_given(host, tmpdir):
    path = str(tmpdir.join('a'))
    host.write(path, b'one', mode=0o600)
    host.write(path, b'two')
    assert (host.read(path), mode_of(path)) == (b'two', 0o600)
    host.write(path, b'three', mode=0o640)
    assert mode_of(path) == 0o640


def test_a_symbolic_link_stays_and_what_it_leads_to_is_written(host, tmpdir):
    target, link = str(tmpdir.mkdir('elsewhere').join('a')), str(tmpdir.join('a'))
    host.write(target, b'one')
    os.symlink(target, link)
    host.write(link, b'two')
    assert os.path.islink(link) and host.read(target) == b'two'


def test_a_folder_that_is_none_is_told_and_nothing_is_left(host, tmpdir):
    tmpdir.join('file').write('x')
    with pytest.raises(DockfleetError) as caught:
        host.write(str(tmpdir.join('file', 'a')), b'one')
    assert 'cannot be written: Not a directory. It was left as it was.' in caught.value.message
    assert os.listdir(str(tmpdir)) == ['file']


def test_what_a_killed_run_left_is_taken_away(host, tmpdir):
    tmpdir.join(DRAFT + 'x1y2').write('half a fi')
    tmpdir.join('.dockfleet').write('of somebody else')
    host.write(str(tmpdir.join('a')), b'one')
    assert sorted(os.listdir(str(tmpdir))) == ['.dockfleet', 'a']


def test_the_draft_of_a_run_that_still_writes_stays(host, tmpdir):
    draft = tmpdir.join(DRAFT + 'x1y2')
    draft.write('half a fi')
    with open(str(draft)) as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        host.write(str(tmpdir.join('a')), b'one')
        assert sorted(os.listdir(str(tmpdir))) == [draft.basename, 'a']
    host.write(str(tmpdir.join('a')), b'two')
    assert os.listdir(str(tmpdir)) == ['a']


def test_what_no_run_can_have_left_stays(host, tmpdir):
    tmpdir.join('victim').write('precious')
    folder = str(tmpdir.mkdir('folder'))
    os.symlink(str(tmpdir.join('victim')), os.path.join(folder, DRAFT + 'link'))
    # Opened without care it would wait for a writer, without end.
    os.mkfifo(os.path.join(folder, DRAFT + 'pipe'))
    host.write(os.path.join(folder, 'a'), b'one')
    assert sorted(os.listdir(folder)) == [DRAFT + 'link', DRAFT + 'pipe', 'a']
    assert tmpdir.join('victim').read() == 'precious'


def test_a_file_system_without_locks(host, tmpdir, monkeypatch):
    def unknown(handle, operation):
        raise IOError(errno.ENOLCK, 'No locks available')

    tmpdir.join(DRAFT + 'x1y2').write('half a fi')
    monkeypatch.setattr(fcntl, 'flock', unknown)
    host.write(str(tmpdir.join('a')), b'one')
    assert host.read(str(tmpdir.join('a'))) == b'one' and sorted(os.listdir(str(tmpdir))) == [DRAFT + 'x1y2', 'a']


@pytest.mark.parametrize('number, words', [
    (errno.ENOSPC, u'No space left on device. It was left as it was. Make room on its disk, then run again.'),
    (errno.EROFS, u'Read-only file system. It was left as it was. Mount its file system for writing'),
    (errno.EPERM, u'Operation not permitted. It was left as it was. See whether "lsattr"'),
    (errno.EIO, u'Input/output error. It was left as it was.'),
])  # fmt: skip
def test_a_failure_says_why_and_what_to_do(host, tmpdir, monkeypatch, number, words):
    path = os.path.join(str(tmpdir), u'd\u00e6mon.json' if sys.version_info[0] > 2 else u'd\u00e6mon.json'.encode('utf-8'))
    host.write(path, b'one')

    def refuse(handle):
        raise OSError(number, 'x')

    monkeypatch.setattr(os, 'fsync', refuse)
    with pytest.raises(DockfleetError) as caught:
        host.write(path, b'two')
    assert u'd\u00e6mon.json cannot be written: ' + words in caught.value.message
    assert host.read(path) == b'one' and len(os.listdir(str(tmpdir))) == 1


def test_a_file_that_is_mounted_by_itself_is_written_over(host, tmpdir, monkeypatch):
    """As /etc/hosts is in a container. What the kernel says to a rename then is all that is not real here; the scenario "names" has the real thing."""
    path = str(tmpdir.join('hosts'))
    host.write(path, b'a longer text than what comes', mode=0o640)
    before = os.stat(path).st_ino
    monkeypatch.setattr(os, 'rename', busy)
    host.write(path, b'short')
    assert (host.read(path), mode_of(path), os.stat(path).st_ino, os.listdir(str(tmpdir))) == (b'short', 0o640, before, ['hosts'])


def busy(source, target):
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def test_commands_run_together(host):
    answers = host.run_together([['sh', '-c', 'echo $LC_ALL $X; exit 3'], ['no-such-program-here'], ['sh', '-c', 'echo two >&2']], 60, {'X': 'x'})
    assert answers == [(3, 'C x\n'), (127, ''), (0, 'two\n')]


def test_a_command_that_hangs_is_ended(host):
    answers = host.run_together([['sh', '-c', 'echo said; exec sleep 1000'], ['true']], 0.5)
    assert answers[0][0] < 0 and answers[1] == (0, '')
