# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

import pytest
from ansible.module_utils.common.text.converters import to_native
from ansible_collections.dockfleet.host.plugins.module_utils import _tree
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._tree import MountTable, delete_tree, entries, measure_tree


class Mounts(object):
    """Says of some paths that something is mounted there; the lab's hosts have real mounts."""

    def __init__(self, *points):
        self.points = [os.fsencode(point) if hasattr(os, 'fsencode') else point for point in points]

    def has(self, path):
        return path in self.points

    def filesystem_of(self, path):
        return b'ext4'


@pytest.fixture
def tree(tmp_path):
    """A folder with names of all kinds, a file of two names, and a link that leads out."""
    outside = tmp_path / 'outside'
    outside.mkdir()
    (outside / 'kept').write_bytes(b'x')
    root = tmp_path / 'root'
    for name in (u'a', u'gr\xfc\xdfe', u'with space'):
        folder = root / 'layers' / to_native(name) / 'diff'
        folder.mkdir(parents=True)
        for number in range(30):
            (folder / ('file %d' % number)).write_bytes(b'x' * 5000)
    os.symlink(str(outside), str(root / 'link'))
    os.link(str(root / 'layers/a/diff/file 1'), str(root / 'twice'))
    return root


def on_disk(root):
    """What "du" would count."""
    seen, total = set(), 0
    for folder, folders, files in os.walk(str(root)):
        for name in files + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
            status = os.lstat(os.path.join(folder, name))
            if status.st_ino not in seen:
                seen.add(status.st_ino)
                total += status.st_blocks * 512
    return total


def test_everything_goes_and_nothing_that_a_link_leads_to(tree):
    size, before = on_disk(tree), os.getcwd()
    assert measure_tree(str(tree), MountTable()) == size > 0
    assert delete_tree(str(tree), MountTable()) == {'bytes': size, 'left': [], 'gone': True}
    assert not tree.exists() and (tree.parent / 'outside/kept').exists() and os.getcwd() == before


def test_a_mount_stays_with_the_folders_that_lead_to_it(tree):
    point = str(tree / 'layers/a/diff')
    done = delete_tree(str(tree), Mounts(point))
    assert done['left'] == [point] and not done['gone']
    assert [path.name for path in tree.iterdir()] == ['layers'] and [path.name for path in (tree / 'layers').iterdir()] == ['a']
    assert len(os.listdir(point)) == 30
    assert measure_tree(str(tree), Mounts(point)) == 0


def test_a_folder_with_more_subfolders_than_are_kept_in_mind(tree, monkeypatch):
    monkeypatch.setattr(_tree, 'MOST_NAMES', 2)
    for number in range(20):
        (tree / 'layers' / str(number)).mkdir()
    assert delete_tree(str(tree), MountTable())['gone'] and not tree.exists()


def test_a_tree_deeper_than_a_path_may_be_long(tmp_path):
    (tmp_path / 'deep').mkdir()
    home = os.getcwd()
    try:
        os.chdir(str(tmp_path / 'deep'))
        for dummy in range(300):
            os.mkdir('d' * 50)
            os.chdir('d' * 50)
    finally:
        os.chdir(home)
    assert delete_tree(str(tmp_path / 'deep'), MountTable())['gone']


def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / 'real').mkdir()
    (tmp_path / 'real/file').write_bytes(b'x')
    os.symlink(str(tmp_path / 'real'), str(tmp_path / 'link'))
    with pytest.raises(DockfleetError) as refusal:
        delete_tree(str(tmp_path / 'link'), MountTable())
    assert 'link cannot be entered' in refusal.value.message and (tmp_path / 'real/file').exists()


def test_another_device_that_no_mount_explains_is_not_entered(tree):
    with pytest.raises(DockfleetError) as refusal:
        _tree._enter(str(tree).encode('utf-8'), str(tree), os.stat(str(tree)).st_dev + 1)
    assert 'lies on another file system' in refusal.value.message


def test_a_folder_that_was_moved_away_ends_the_walk(tree):
    above = _tree._Folder(b'/somewhere', os.stat(str(tree.parent)))
    home = os.getcwd()
    try:
        os.chdir(str(tree / 'layers'))
        with pytest.raises(DockfleetError) as refusal:
            _tree._leave(above, _tree._Folder(b'/somewhere/layers', os.stat('.')))
    finally:
        os.chdir(home)
    assert 'was moved' in refusal.value.message


def test_entries_are_told_with_their_types(tree):
    found = dict(entries(str(tree).encode('utf-8')))
    assert sorted(found) == [b'layers', b'link', b'twice'] and found[b'layers'] == _tree.DT_DIR


def test_the_table_of_mounts_knows_points_and_types():
    table = MountTable()
    assert table.has(b'/proc') and not table.has(b'/proc/self') and table.filesystem_of(b'/proc/self') == b'proc'
    assert _tree._unescape(b'/a\\040b\\134') == b'/a b\\'
