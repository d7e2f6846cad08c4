# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each fault is met by site.yml: it says what is wrong, nothing is lost, and the next run completes."""

from __future__ import annotations

import concurrent.futures
import contextlib
import re
import signal
import subprocess

import pytest
from fleet import HOSTS, PREFIX
from table import FAULTS, READ_ONLY_ETC


def site_tasks():
    """The names of the tasks of site.yml, as ansible-playbook lists them."""
    listed = subprocess.run(['ansible-playbook', 'dockfleet.host.site', '--list-tasks'], check=True, stdout=subprocess.PIPE, text=True).stdout
    return re.findall(r'^      (.+?)\tTAGS: ', listed, re.MULTILINE)


@pytest.mark.parametrize('fault', [pytest.param(row, id=row.name, marks=[pytest.mark.quick] if row.quick else []) for row in FAULTS])
def test_it_is_named_nothing_is_lost_and_the_next_run_completes(fleet, fault):
    fleet.be(running=fault.running)
    if fault.harmless:
        with fault.broken(fleet):
            fleet.converge()
        return
    with fault.broken(fleet):
        before = fleet.snapshot(fault.kept)
        run = fleet.site(fault.wish)
        after = fleet.snapshot(fault.kept)
    assert run.code != 0 and set(run.refusals) == set(HOSTS), run.said
    for host in HOSTS:
        for word in fault.words(host):
            assert word in run.refusals[host]
        fleet.shell(host, 'test ! -e /run/pwned')
    assert 'Traceback' not in run.said
    assert after == before
    fleet.converge()


@pytest.mark.parametrize('task', [pytest.param(name, marks=[pytest.mark.quick] if 'packages' in name else []) for name in site_tasks()])
def test_a_run_that_is_killed_while_some_hosts_are_done_with_a_task_is_made_up_for_by_the_next(fleet, task):
    fleet.be(running=False)
    run = fleet.site(ANSIBLE_CALLBACKS_ENABLED='killed_at', KILLED_AT=task)
    assert run.code == -signal.SIGKILL, run.said
    fleet.converge()


def test_packages_half_of_which_came(fleet):
    """Their files came, what they make in /etc did not."""
    fleet.be(running=False)
    # Now the repository is there.
    fleet.site({'docker_engine_version': '26.99'})
    with contextlib.ExitStack() as undo:
        for host in HOSTS:
            undo.enter_context(READ_ONLY_ETC(fleet, host))
        run = fleet.site()
    for host in HOSTS:
        assert 'The transaction did not come out as planned' in run.refusals[host]
    fleet.converge()


@pytest.mark.quick
def test_two_controllers_at_once(fleet):
    """Neither may harm the other. One of them may stop, and then it says whom it met."""
    fleet.be(running=False)
    runs = [fleet.end_of(process) for process in [fleet.start_site(), fleet.start_site()]]
    assert any(run.code == 0 for run in runs), '\n'.join(run.said for run in runs)
    assert not any('Traceback' in run.said for run in runs)
    fleet.converge()


def test_a_connection_that_is_lost_in_the_middle_of_a_transaction(fleet):
    """The module goes on without anybody who listens; the next run waits for it."""
    fleet.be(running=False)
    process = fleet.start_site()

    def cut(host):
        fleet.shell(host, 'until ls /usr/bin | grep -qE "^(docker|containerd)"; do sleep 0.1; done')
        subprocess.run(['pkill', '--full', 'docker exec .*-i %s-%s ' % (PREFIX, host)], check=True)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(cut, HOSTS))
    run = fleet.end_of(process)
    assert run.code != 0
    assert 'Traceback' not in run.said
    fleet.converge()
