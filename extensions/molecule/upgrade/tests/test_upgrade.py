# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""upgrade.yml: two hosts are done, the third breaks and is brought back, the fourth is left alone. The next run completes."""

from __future__ import annotations

import re

import playing
from playing import VERSIONS, shell, versions

OLD, NEW = VERSIONS[0], VERSIONS[1]
HOSTS = 'abcd'


def recap(outcome):
    """The counts of the recap, by host."""
    lines = re.findall(r'^([abcd]) +: (.*)$', outcome.text.partition('PLAY RECAP')[2], re.M)
    return {host: {word: int(number) for word, number in re.findall(r'(\w+)=(\d+)', counts)} for host, counts in lines}


def daemon(host):
    """Which process runs, and since when."""
    return shell(host, 'systemctl show --property MainPID,ActiveEnterTimestamp docker.service')


def test_two_are_done_one_is_brought_back_and_one_is_left_alone():
    for host in HOSTS:
        assert versions(host) == [OLD, OLD]
        shell(host, 'docker run --detach --name web --restart always --stop-signal KILL busybox sleep 1000000')
    untouched = daemon('d')
    before = shell('c', 'rpm -qa | sort')

    outcome = playing.play('dockfleet.host.upgrade', docker_engine_version=NEW)
    assert outcome.code != 0
    for host, version in zip(HOSTS, (NEW, NEW, OLD, OLD)):
        assert versions(host) == [version, version]
        # The daemon starts what is to be restarted after it has answered.
        shell(host, "timeout 60 sh -c 'until [ $(docker inspect --format {{.State.Running}} web) = true ]; do sleep 0.1; done'")
    assert shell('c', 'rpm -qa | sort') == before
    assert daemon('d') == untouched

    counts = recap(outcome)
    assert [(counts[host]['failed'], counts[host]['rescued']) for host in 'abc'] == [(0, 0), (0, 0), (1, 1)]
    assert 'd' not in counts
    message = outcome.failure('c')
    assert message.startswith('c: docker_engine_version %s did not verify. It is back at the packages it had, and they verify.' % NEW)
    assert 'The hosts after it were left alone.' in message and 'graph' in message


def test_the_next_run_completes_and_leaves_alone_what_was_done():
    done = {host: daemon(host) for host in 'ab'}
    shell('c', 'rm /etc/systemd/system/docker.service.d/site.conf && systemctl daemon-reload')
    outcome = playing.play('dockfleet.host.upgrade', docker_engine_version=NEW, dockfleet_serial=4)
    assert outcome.code == 0, outcome.text
    assert [versions(host) for host in HOSTS] == [[NEW, NEW]] * 4
    assert {host: daemon(host) for host in 'ab'} == done
    assert [recap(outcome)[host]['changed'] for host in 'ab'] == [0, 0]
