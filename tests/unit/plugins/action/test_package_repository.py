# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader

from ansible_collections.dockfleet.host.plugins.action.package_repository import ActionModule
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_key import decode_content

KEY = b'-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n\xff\n'


class Task:
    def __init__(self, folder):
        self.folder = folder

    def get_search_path(self):
        return [self.folder]


@pytest.fixture
def action(tmpdir):
    tmpdir.mkdir('files').join('docker.asc').write_binary(KEY)
    return ActionModule(Task(str(tmpdir)), None, None, DataLoader(), None, None)


def test_a_key_file_of_the_controller_travels_as_its_content(action):
    arguments = action.arguments_for_host({'root': 'tsinghua', 'key': {'src': 'docker.asc'}}, {})
    assert set(arguments) == {'root', 'key'} and set(arguments['key']) == {'content'}
    assert decode_content(arguments['key']['content']) == KEY


@pytest.mark.parametrize('arguments', [
    {},
    {'key': {'url': 'https://mirror.example/gpg'}},
    {'key': {'content': 'x'}},
    # Wrong, and for the module to refuse.
    {'key': {'src': 'docker.asc', 'content': 'x'}},
    {'key': 'docker.asc'},
    {'key': None},
])  # fmt: skip
def test_everything_else_is_left_as_it_is(action, arguments):
    assert action.arguments_for_host(dict(arguments), {}) == arguments


def test_a_file_that_is_not_there(action):
    with pytest.raises(AnsibleActionFail) as caught:
        action.arguments_for_host({'key': {'src': 'missing.asc'}}, {})
    assert 'key.src "missing.asc" cannot be read on the controller' in str(caught.value)
