# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two lab hosts that site.yml is run on: bare or running, and what shows whether anything on them was lost."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Processes of pytest that run side by side have hosts of their own.
PREFIX = '-'.join(['faults', *filter(None, [os.environ.get('PYTEST_XDIST_WORKER')])])
HOSTS = ('el7', 'debian12')

# What people would miss: files and their bytes, packages, trusted keys, users of Docker, images, volumes and containers. Backups of daemon.json may come.
LOOKS = {
    'files': "find /etc -xdev -type f ! -name 'ld.so.cache' ! -name 'daemon.json.dockfleet-*' -print0 | sort -z | xargs -0 sha256sum",
    'packages': 'rpm -qa 2>/dev/null | sort; dpkg-query --show 2>/dev/null || true',
    'users': 'getent group docker || true',
    'data': 'docker volume ls -q 2>/dev/null | sort; docker images --no-trunc -q 2>/dev/null | sort; docker ps --quiet 2>/dev/null | sort',
}


@dataclasses.dataclass
class Run:
    """How a run of site.yml ended.

    Attributes:
        code: ansible-playbook's exit status; negative where a signal ended it.
        said: All that it printed.
        refusals: Per host, the message of the task that failed.
    """

    code: int
    said: str
    refusals: dict[str, str]


def refusals_in(said):
    """Messages of failed tasks by host, out of what ansible-playbook printed."""
    found = {}
    for match in re.finditer(r'^fatal: \[([^\]]+)\]: \w+! => ', said, re.MULTILINE):
        result, _end = json.JSONDecoder().raw_decode(said[match.end():])
        # A loop says little itself; what failed is in its items.
        words = [result.get('msg', '')] + [item.get('msg', '') for item in result.get('results', []) if item.get('failed')]
        found[match.group(1)] = '\n'.join(words)
    return found


class Fleet:
    """The hosts of this suite.

    Attributes:
        state: What they are now: "bare" as their image is, "running" after a run that ended well, '' where neither is known.
    """

    def __init__(self):
        self.state = ''
        self.environment = dict(os.environ, LAB_PREFIX=PREFIX, ANSIBLE_FORCE_COLOR='0', ANSIBLE_CALLBACK_PLUGINS=str(ROOT / 'tests/plugins/callback'))

    def lab(self, tool, *arguments):
        subprocess.run([ROOT / 'tests/lab' / tool, PREFIX, *arguments], check=True, stdout=subprocess.DEVNULL)

    def fault(self, name, *faults):
        self.lab('fault', name, *faults)

    def shell(self, host, command, check=True):
        """Standard output of a command on a host, past Ansible, which takes ten times as long."""
        done = subprocess.run(
            ['docker', 'exec', '%s-%s' % (PREFIX, host), 'sh', '-c', command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if check and done.returncode:
            raise AssertionError('%s on %s: exit status %d\n%s' % (command, host, done.returncode, done.stdout))
        return done.stdout

    def start_site(self, wish=None, more=(), **environment):
        """Start site.yml on both hosts, in a process group of its own."""
        self.state = ''
        return subprocess.Popen(
            ['ansible-playbook', 'dockfleet.host.site', '--inventory', str(ROOT / 'tests/lab/inventory'), '--extra-vars', json.dumps(wish or {}), *more],
            env=dict(self.environment, **environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @staticmethod
    def end_of(process):
        said = process.communicate()[0]
        return Run(process.returncode, said, refusals_in(said))

    def site(self, wish=None, more=(), **environment):
        """Run site.yml on both hosts."""
        return self.end_of(self.start_site(wish, more, **environment))

    def snapshot(self, looks=tuple(LOOKS)):
        """What is on the hosts, per host and look."""
        return {(host, look): self.shell(host, LOOKS[look]) for host in HOSTS for look in looks}

    def be(self, running):
        """Make the hosts bare, as their image is, or leave them running."""
        if self.state == ('running' if running else 'bare'):
            return
        if self.state != 'bare':
            subprocess.run(['docker', 'rm', '--force', '--volumes', *('%s-%s' % (PREFIX, host) for host in HOSTS)], check=True, capture_output=True)
            self.lab('up', *HOSTS)
            self.fault('registry-1.docker.io', 'dead')
            self.state = 'bare'
        if running:
            self.converge()

    def converge(self):
        """The run that everybody wishes for; it has to end well, and to leave nothing to the next one."""
        run = self.site()
        assert run.code == 0, run.said
        for host in HOSTS:
            assert self.shell(host, 'systemctl is-active docker').strip() == 'active'
        self.state = 'running'
        return run
