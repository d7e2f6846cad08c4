# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What does not depend on the engine: other people's files, what a run that was cut off owes, backups. See conftest.py for the hosts that are asked."""

from __future__ import annotations

import json
import re

import pytest

from conftest import FILE, FOREIGN, MIRROR, OTHER_MIRROR, TOGETHER


def test_B88_a_restart_that_is_owed_is_made_up_for(docker):
    process = docker.process
    owed = docker.json({'mtu': 1400}, restart='never')
    assert owed['action'] == 'restart' and docker.process == process
    still = docker.json({'mtu': 1400}, restart='never')
    assert not still['changed'] and still['action'] == 'restart'
    done = docker.json({'mtu': 1400})
    assert done['changed'] and done['changed_keys'] == [] and docker.process != process
    assert not docker.json({'mtu': 1400})['changed']


def test_B88_a_restart_that_somebody_else_made_is_owed_no_more(machine, docker):
    docker.json({'mtu': 1400}, restart='never')
    machine.check_output('systemctl restart docker')
    process = docker.process
    assert not docker.json({'mtu': 1400})['changed'] and docker.process == process


def test_B88_a_daemon_older_than_its_file_is_told(docker):
    docker.write(json.dumps({**docker.options, 'registry-mirrors': [OTHER_MIRROR]}))
    result = docker.json(mirrors=[OTHER_MIRROR])
    assert (result['action'], result['changed_keys']) == ('reload', []) and docker.mirrors == [OTHER_MIRROR]


@pytest.mark.parametrize('text, line, column, words', [
    ('{"registry-mirrors": ["https://m.example",],}', 1, 42, 'a comma before "]"'),
    ('{\n  \u201cdebug\u201d: true\n}', 2, 3, 'U+201C'),
    ('{"debug": True}', 1, 11, '"True" in place of true'),
    ('{"debug": true, "debug": false}', 1, 17, 'a second time'),
    ('<!doctype html><title>404</title>', 1, 1, 'this is HTML'),
], ids=['B44', 'quotes', 'B51', 'duplicate', 'B46'])
def test_a_broken_file_is_left_as_it_is(machine, docker, text, line, column, words):
    good, process = docker.text, docker.process
    try:
        docker.write(text)
        status = machine.check_output('stat --format "%%Y %%Z %%i %%a" %s', FILE)
        result = docker.json()
        assert f'{FILE} line {line}, column {column}: ' in result['msg'] and words in result['msg']
        assert 'left as it was and the daemon was not touched' in result['msg']
        assert (result['problems'][0]['line'], result['problems'][0]['column']) == (line, column)
        assert docker.text == text and machine.check_output('stat --format "%%Y %%Z %%i %%a" %s', FILE) == status
        assert docker.process == process
    finally:
        docker.write(good)


def test_B42_a_singular_key_of_others_is_told(docker):
    good = docker.text
    try:
        docker.write(json.dumps({**docker.options, 'registry-mirror': [OTHER_MIRROR]}))
        result = docker.json()
        assert 'Write "registry-mirrors"' in result['msg'] and 'taken out by null' in result['msg']
    finally:
        docker.write(good)


def test_B47_a_file_of_a_windows_editor_is_saved_anew(docker):
    docker.write(b'\xff\xfe' + json.dumps(docker.options).encode('utf-16-le'))
    process = docker.process
    result = docker.json()
    assert result['changed'] and result['changed_keys'] == [] and 'UTF-16' in result['warnings'][0]
    assert docker.options == TOGETHER and docker.process == process
    assert not docker.json()['changed']


def test_B53_data_is_not_hidden_unasked(docker, container):
    result = docker.json({'data-root': '/srv/docker'})
    assert result['stage'] == 'confirm' and '"data-root" from "/var/lib/docker" to "/srv/docker"' in result['msg']
    assert container().startswith('true ')


def test_check_mode_tells_and_changes_nothing(docker):
    before = docker.text, docker.process
    result = docker.json({'bip': '198.51.100.1/25'}, check=True)
    assert result['changed'] and result['action'] == 'restart'
    assert (docker.text, docker.process) == before


def test_backups_are_kept_and_bounded(machine, docker):
    for number in range(7):
        before = docker.text
        backup = docker.json({'max-concurrent-uploads': number + 6})['backup']
        assert machine.file(backup).content_string == before and machine.file(backup).mode == machine.file(FILE).mode
    kept = machine.check_output('ls %s.dockfleet-*', FILE).split()
    # The newest five, and the file as it was before the first of our runs.
    assert len(kept) == 6 and json.loads(machine.file(kept[0]).content_string) == FOREIGN
    assert re.match(re.escape(FILE) + r'\.dockfleet-', backup)


def test_verify_refuses_a_daemon_that_runs_otherwise(docker):
    result = docker.verify(registry_mirrors=[OTHER_MIRROR], options={'live-restore': True, **FOREIGN})
    assert result['stage'] == 'compare' and [each['what'] for each in result['findings']] == ['live-restore', 'registry-mirrors']


def test_B61_verify_explains_a_pull_that_fails(docker):
    result = docker.verify(images=['nosuch/image:1'], run='always')
    assert result['stage'] == 'pull' and MIRROR in result['msg'] and 'Docker Hub last' in result['msg']
