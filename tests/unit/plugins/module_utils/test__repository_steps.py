# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps on real files: carried out whole, or taken back whole."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _repository_steps
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import Host
from ansible_collections.dockfleet.host.plugins.module_utils._repository_steps import carry_out_steps

KEY = 'gpg-pubkey-0badc0de-1'
ARMORED = u'-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nm\u00f6\n'.encode('utf-8')


class Module(object):
    """What Host needs of an AnsibleModule, with an rpm database of one key."""

    def __init__(self):
        self.keys = {KEY: ARMORED}
        self.refuses = None

    def selinux_enabled(self):
        return False

    def set_default_selinux_context(self, path, changed):
        return changed

    def run_command(self, argv, **dummy):
        name = argv[-1]
        if argv[1] == self.refuses:
            return 1, b'', b'error: the database is damaged'
        if argv[1] == '--query':
            return 0, self.keys[name], b''
        if argv[1] == '--erase':
            del self.keys[name]
        elif argv[1] == '--import':
            with open(name, 'rb') as stream:
                self.keys[KEY] = stream.read()
        return 0, b'', b''


@pytest.fixture
def module(monkeypatch):
    monkeypatch.setattr(_repository_steps, 'wait_for_rpm', lambda host: None)
    return Module()


@pytest.fixture
def folder(tmpdir):
    for name in ('a', 'b', 'c', 'd', 'd.bak'):
        tmpdir.join(name).write('%s\none\ntwo\n' % name)
        tmpdir.join(name).chmod(0o640)
    return str(tmpdir)


def files(folder):
    found = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), 'rb') as stream:
            found[name] = (stream.read(), oct(os.stat(os.path.join(folder, name)).st_mode))
    return found


def steps(folder):
    def at(name):
        return os.path.join(folder, name)

    return [
        {'forget': KEY},
        {'copy': at('a'), 'backup': at('a.bak')},
        {'write': at('a'), 'content': b'ours', 'mode': '0600'},
        {'cut': at('b'), 'spans': [(1, 1)], 'backup': at('b.bak')},
        {'cut': at('c'), 'spans': [(0, 2)], 'backup': at('c.bak')},
        {'restore': at('d'), 'backup': at('d.bak')},
        {'write': at('new'), 'content': b'ours', 'mode': None},
        {'remove': at('a')},
    ]


def impossible(folder):
    return {'write': os.path.join(folder, 'b', 'x'), 'content': b'', 'mode': None}


def test_all_steps(module, folder):
    before = files(folder)
    carry_out_steps(Host(module), steps(folder))
    after = files(folder)
    assert sorted(after) == ['a.bak', 'b', 'b.bak', 'c.bak', 'd', 'new']
    assert [after[name] for name in ('a.bak', 'b.bak', 'c.bak', 'd')] == [before[name] for name in ('a', 'b', 'c', 'd.bak')]
    assert after['b'][0] == b'b\ntwo\n' and after['b'][1] == before['b'][1]
    assert module.keys == {}


@pytest.mark.parametrize('number', range(1, 9))
def test_each_step_is_taken_back_where_the_next_one_fails(module, folder, number):
    before = files(folder)
    with pytest.raises(DockfleetError) as caught:
        carry_out_steps(Host(module), steps(folder)[:number] + [impossible(folder)])
    assert caught.value.message.endswith('What had been written before it was taken back.')
    assert files(folder) == before
    assert module.keys == {KEY: ARMORED}


def test_where_the_first_step_fails_nothing_was_changed(module, folder):
    before = files(folder)
    with pytest.raises(DockfleetError) as caught:
        carry_out_steps(Host(module), [impossible(folder)])
    assert caught.value.message.endswith('Nothing was changed.')
    assert files(folder) == before


def test_a_copy_is_kept_where_the_file_cannot_be_given_back(module, folder, monkeypatch):
    before = files(folder)

    def no_rename(self, path, target):
        raise DockfleetError('%s cannot be renamed to %s: Read-only file system.' % (path, target), stage='write')

    monkeypatch.setattr(Host, 'move', no_rename)
    with pytest.raises(DockfleetError) as caught:
        carry_out_steps(Host(module), steps(folder)[1:3] + [impossible(folder)])
    assert 'Not all that had been written before could be taken back' in caught.value.message and 'a.bak' in caught.value.message
    assert files(folder)['a.bak'] == before['a']


def test_a_copy_that_was_there_stays(module, folder):
    with open(os.path.join(folder, 'a.bak'), 'w') as stream:
        stream.write('a\none\ntwo\n')
    with pytest.raises(DockfleetError):
        carry_out_steps(Host(module), steps(folder)[1:2] + [impossible(folder)])
    assert sorted(files(folder)) == ['a', 'a.bak', 'b', 'c', 'd', 'd.bak']


def test_a_key_that_rpm_does_not_let_go(module, folder):
    module.refuses = '--erase'
    with pytest.raises(DockfleetError) as caught:
        carry_out_steps(Host(module), steps(folder))
    assert caught.value.message == 'The key %s cannot be taken out of the rpm database: error: the database is damaged. Nothing was changed.' % KEY


def test_a_key_that_cannot_be_put_back(module, folder):
    module.refuses = '--import'
    with pytest.raises(DockfleetError) as caught:
        carry_out_steps(Host(module), steps(folder)[:1] + [impossible(folder)])
    assert 'could be taken back: The key %s cannot be put back into the rpm database: error: the database is damaged.' % KEY in caught.value.message
