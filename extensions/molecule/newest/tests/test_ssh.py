# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenario has set the hosts up over ssh, as an ordinary user with sudo and pipelining. Here are the other ways of going there."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[4]
PREFIX = os.environ['MOLECULE_SCENARIO_NAME']


@pytest.fixture
def name(host):
    return host.ansible.get_variables()['inventory_hostname']


def ansible(program, *arguments, **env):
    """A program of Ansible over ssh: exit status and what it printed."""
    env = dict(os.environ, ANSIBLE_NOCOLOR='1', LAB_PREFIX=PREFIX, LAB_CONNECTION='ssh', **env)
    command = [program, *arguments, '-i', str(ROOT / 'tests/lab/inventory')]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def recap(said, name):
    return {key: int(number) for key, number in re.findall(r'(\w+)=(\d+)', re.findall(r'^%s .*ok=.*' % name, said, re.M)[-1])}


def size_of_logs(host):
    return json.loads(host.check_output('cat /etc/docker/daemon.json'))['log-opts']['max-size']


def test_the_user_is_an_ordinary_one(name):
    code, said = ansible('ansible', name, '-m', 'ansible.builtin.command', '-a', 'id -un')
    assert code == 0 and said.splitlines()[-1] == 'admin'


@pytest.mark.parametrize('pipelining', ['1', '0'])
def test_a_change_and_its_end_with_pipelining_and_without(host, name, pipelining):
    wish = json.dumps({'docker_daemon_options': {'log-opts': {'max-size': '%sm' % (7 + int(pipelining))}}})
    site = ['ansible-playbook', 'dockfleet.host.site', '--limit', name, '--extra-vars', wish]
    for changed in (1, 0):
        code, said = ansible(*site, ANSIBLE_PIPELINING=pipelining)
        assert code == 0 and recap(said, name)['changed'] == changed, said
    assert size_of_logs(host) == '%sm' % (7 + int(pipelining))


def test_without_become_it_says_so_and_changes_nothing(host, name):
    before = host.check_output('sha256sum /etc/docker/daemon.json')
    code, said = ansible('ansible-playbook', 'dockfleet.host.site', '--limit', name, '--extra-vars', json.dumps({'ansible_become': False}))
    assert code != 0 and 'become: true' in said and recap(said, name)['changed'] == 0
    assert host.check_output('sha256sum /etc/docker/daemon.json') == before


def test_a_password_that_sudo_wants_and_nobody_gave(host, name):
    host.check_output('mv /etc/sudoers.d/admin /root/sudoers-admin')
    try:
        host.check_output("printf 'admin ALL=(ALL) ALL\\n' > /etc/sudoers.d/admin")
        code, said = ansible('ansible-playbook', 'dockfleet.host.site', '--limit', name)
        assert code != 0 and 'assword' in said and 'Traceback' not in said
    finally:
        host.check_output('mv /root/sudoers-admin /etc/sudoers.d/admin')
