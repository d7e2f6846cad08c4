# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenario has set the hosts up over ssh, as an ordinary user with sudo and pipelining. Here are the other ways of going there."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
from playing import PREFIX, ROOT, shell

HOSTS = ('debian12', 'el9')


def ansible(program, *arguments, **env):
    """A program of Ansible over ssh, on both hosts: exit status and what it printed."""
    env = dict(os.environ, ANSIBLE_NOCOLOR='1', LAB_PREFIX=PREFIX, LAB_CONNECTION='ssh', **env)
    command = [program, *arguments, '-i', str(ROOT / 'tests/lab/inventory')]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def site(wish=None, **env):
    """site.yml: its exit status, what it printed, and how many tasks changed something, by host."""
    code, said = ansible('ansible-playbook', 'dockfleet.host.site', '--extra-vars', json.dumps(wish or {}), **env)
    return code, said, {host: int(number) for host, number in re.findall(r'^(\w+) +: ok=.* changed=(\d+) ', said, re.M)}


def everywhere(command):
    return {host: shell(host, command) for host in HOSTS}


def test_the_user_is_an_ordinary_one():
    code, said = ansible('ansible', 'lab', '-m', 'ansible.builtin.command', '-a', 'id -un')
    assert code == 0 and said.splitlines().count('admin') == len(HOSTS)


@pytest.mark.parametrize('pipelining', ['1', '0'])
def test_a_change_and_its_end_with_pipelining_and_without(pipelining):
    size = '%dm' % (7 + int(pipelining))
    for changed in (1, 0):
        code, said, changes = site({'docker_daemon_options': {'log-opts': {'max-size': size}}}, ANSIBLE_PIPELINING=pipelining)
        assert code == 0 and changes == dict.fromkeys(HOSTS, changed), said
    for text in everywhere('cat /etc/docker/daemon.json').values():
        assert json.loads(text)['log-opts']['max-size'] == size


def test_without_become_it_says_so_and_changes_nothing():
    before = everywhere('sha256sum /etc/docker/daemon.json')
    code, said, changes = site({'ansible_become': False})
    assert code != 0 and said.count('become: true') >= len(HOSTS) and changes == dict.fromkeys(HOSTS, 0)
    assert everywhere('sha256sum /etc/docker/daemon.json') == before


def test_a_password_that_sudo_wants_and_nobody_gave():
    everywhere('mv /etc/sudoers.d/admin /root/sudoers-admin')
    try:
        everywhere("printf 'admin ALL=(ALL) ALL\\n' > /etc/sudoers.d/admin")
        code, said, changes = site()
        assert code != 0 and said.count('assword') >= len(HOSTS) and 'Traceback' not in said and changes == dict.fromkeys(HOSTS, 0)
    finally:
        everywhere('mv /root/sudoers-admin /etc/sudoers.d/admin')
