# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client is asked once, and asked again as soon as it may be another one."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils import _look_client
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError


class Client(object):
    """A host of which there is a client, what is remembered of it, and a count of how often it was asked."""

    def __init__(self, path, answer=u'Docker version 26.1.5+dfsg1, build 411e817\n'):
        self.path, self.answer, self.asked, self.memory = path, answer, 0, None

    def which(self, program):
        assert program == 'docker'
        return self.path

    def run(self, argv):
        self.asked += 1
        return 0, self.answer, u''

    def read_text(self, path):
        assert path == _look_client.MEMORY
        return self.memory

    def make_folder(self, path, mode):
        assert (path, mode) == (os.path.dirname(_look_client.MEMORY), 0o700)

    def write(self, path, content, mode):
        assert (path, mode) == (_look_client.MEMORY, 0o600)
        self.memory = content.decode('utf-8')


@pytest.fixture
def program(tmpdir):
    path = tmpdir.join('docker')
    path.write_binary(_look_client.ELF + b' client')
    return path


def asked(host):
    """Look at the client and remember what it says; whether it was started for that, and the version."""
    before = host.asked
    client = _look_client.look(host, {})
    _look_client.remember(host, client)
    return host.asked > before, client['version']


def test_a_host_without_a_client():
    host = Client(None)
    assert asked(host) == (False, '') and host.memory is None


def test_a_client_is_asked_once(program):
    host = Client(str(program))
    assert [asked(host) for dummy in range(3)] == [(True, '26.1.5+dfsg1')] + [(False, '26.1.5+dfsg1')] * 2


def test_a_look_alone_remembers_nothing(program):
    host = Client(str(program))
    _look_client.look(host, {})
    assert host.memory is None


def replace(program):
    new = program.dirpath('new')
    new.write_binary(program.read_binary())
    new.rename(program)


def set_back(program):
    """Other bytes, as many, with the time of the old ones."""
    status = os.stat(str(program))
    program.write_binary(_look_client.ELF + b' CLIENT')
    os.utime(str(program), (status.st_atime, status.st_mtime))


@pytest.mark.parametrize('change', [replace, set_back, lambda program: program.write_binary(_look_client.ELF + b' longer client')])
def test_another_program_is_asked_anew(program, change):
    host = Client(str(program))
    asked(host)
    change(program)
    host.answer = u'Docker version 28.5.2, build 1\n'
    assert asked(host) == (True, '28.5.2')


def test_a_client_found_earlier_in_the_path_is_asked(program):
    host = Client(str(program))
    asked(host)
    other = program.dirpath('other')
    other.write_binary(program.read_binary())
    host.path = str(other)
    assert asked(host)[0]


def test_a_script_may_start_anything_and_is_always_asked(program):
    program.write_binary(b'#!/bin/sh\nexec podman "$@"\n')
    host = Client(str(program))
    assert asked(host)[0] and asked(host)[0] and host.memory is None


def test_what_cannot_be_read_is_always_asked(tmpdir):
    host = Client(str(tmpdir.join('gone')))
    assert asked(host) == (True, '26.1.5+dfsg1') and host.memory is None


@pytest.mark.parametrize('memory', [u'', u'[]', u'{"file": ', u'{"version": "1.0"}', u'{"file": null, "version": "1.0"}'])
def test_a_memory_that_says_nothing(program, memory):
    host = Client(str(program))
    host.memory = memory
    assert asked(host) == (True, '26.1.5+dfsg1')


def test_no_answer_is_not_remembered(program):
    host = Client(str(program), u'Segmentation fault\n')
    assert asked(host) == (True, '') and host.memory is None


def test_a_disk_that_is_full_is_no_fault_of_the_client(program):
    host = Client(str(program))

    def write(path, content, mode):
        raise DockfleetError(u'No space left on device.')

    host.write = write
    assert asked(host) == (True, '26.1.5+dfsg1')
