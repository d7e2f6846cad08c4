# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What scenarios share that play several times in their tests: a play on all hosts at once, and hosts asked past Ansible."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = os.environ.get('MOLECULE_SCENARIO_NAME', '')
LAB = json.loads((ROOT / '.cache/lab/manifest.json').read_text())
# Oldest first, as Docker calls them.
VERSIONS = [engine['version'] for engine in LAB['engines']]
# Where the hosts of the lab get their packages.
MIRROR = 'mirrors.tuna.tsinghua.edu.cn'

RESULT = re.compile(r'^(ok|changed|fatal): \[([^]]+)\](?:: FAILED!)? => (\{.*\})$', re.M)


class Outcome:
    """What ansible-playbook said: its exit status, its text, and for each host the results of its tasks."""

    def __init__(self, code, text):
        self.code = code
        self.text = text
        # Warnings are folded.
        self.said = ' '.join(text.split())
        self.results = {}
        for status, host, result in RESULT.findall(text):
            self.results.setdefault(host, []).append(dict(json.loads(result), status=status))

    def packages(self, host):
        """The result of engine_packages."""
        return [result for result in self.results[host] if 'plan' in result][-1]

    def failure(self, host):
        """The message that stopped a host."""
        return [result for result in self.results[host] if result['status'] == 'fatal'][-1]['msg']


def start(play, *more, **wish):
    """Start ansible-playbook with a playbook of the collection (its name) or a play (dict); finish() waits for it."""
    if isinstance(play, dict):
        file = ROOT / '.cache' / ('play-%s.yml' % PREFIX)
        file.write_text(json.dumps([dict({'hosts': 'lab', 'become': True, 'gather_facts': False}, **play)]))
        play = str(file)
    command = ['ansible-playbook', '-v', play, '-i', str(ROOT / 'tests/lab/inventory'), '--extra-vars', json.dumps(wish)]
    return subprocess.Popen(
        command + list(more),
        env=dict(os.environ, ANSIBLE_FORCE_COLOR='0', LAB_PREFIX=PREFIX, ANSIBLE_STDOUT_CALLBACK='default'),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process):
    text = process.communicate()[0]
    assert 'Traceback' not in text, text
    return Outcome(process.returncode, text)


def play(what, *more, **wish):
    return finish(start(what, *more, **wish))


def engine(*more, **wish):
    """The role docker_engine on all hosts, or on those of a --limit."""
    return play({'roles': ['dockfleet.host.docker_engine']}, *more, **wish)


def shell(host, command, check=True):
    """A command on a host, past Ansible, which takes ten times as long."""
    done = subprocess.run(
        ['docker', 'exec', '%s-%s' % (PREFIX, host), 'bash', '-c', command], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert not check or done.returncode == 0, (host, command, done.stdout)
    return done.stdout.strip() if check else done


def versions(host):
    """Engine and client, without what Debian adds to their numbers."""
    said = shell(host, "docker version --format '{{.Server.Version}} {{.Client.Version}}'")
    return [version.partition('+')[0] for version in said.split()]


def fault(name, *how):
    subprocess.run([ROOT / 'tests/lab/fault', PREFIX, name, *how], check=True)


@contextlib.contextmanager
def faulty(name, *how):
    fault(name, *how)
    try:
        yield
    finally:
        fault(name, 'heal')
