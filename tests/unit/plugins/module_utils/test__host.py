# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are written in one step or not at all, and nothing is left behind, even by a run that was killed."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import fcntl
import os
import stat

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


def test_a_link_in_place_of_a_draft_is_not_followed(host, tmpdir):
    tmpdir.mkdir('folder')
    victim = tmpdir.join('victim')
    victim.write('precious')
    os.symlink(str(victim), str(tmpdir.join('folder', DRAFT + 'x1y2')))
    host.write(str(tmpdir.join('folder', 'a')), b'one')
    assert victim.read() == 'precious'
