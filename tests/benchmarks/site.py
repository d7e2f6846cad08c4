# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""site.yml on el7 hosts: what a run costs that has nothing to do, and what a first one costs, against the least that Ansible and yum cost."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import threading

from _bench import ROOT, figure, in_turn, ratio, report, run

PREFIX = os.environ['LAB_PREFIX']
REPOSITORY = """[docker-ce-stable]
name=Docker CE Stable
baseurl=https://mirrors.tuna.tsinghua.edu.cn/docker-ce/linux/centos/7/$basearch/stable
gpgcheck=1
gpgkey=https://mirrors.tuna.tsinghua.edu.cn/docker-ce/linux/centos/gpg
"""
PACKAGES = 'docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin docker-ce-rootless-extras'
FACTS = """---
- name: The least that a play asks of its hosts
  hosts: all
  become: true
  gather_facts: true
  gather_subset: [min]
  tasks: []
"""
# The images are pulled by docker_verify, which the bare command has no counterpart for.
WITHOUT_PULL = ('--extra-vars', json.dumps({'docker_verify_images': []}))


def names(count):
    return ['el7-%02d' % number for number in range(count)]


def containers(count):
    return ['%s-%s' % (PREFIX, name) for name in names(count)]


def bare_hosts(count):
    """Hosts that never had an engine, with the repository file at hand that the bare command needs."""
    subprocess.run(['docker', 'rm', '--force', '--volumes'] + containers(count), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run(ROOT / 'tests/lab/up', PREFIX, *[name + '=el7' for name in names(count)])
    for container in containers(count):
        subprocess.run(['docker', 'exec', '--interactive', container, 'sh', '-c', 'cat > /root/docker-ce.repo'], input=REPOSITORY, text=True, check=True)


def site(count, *more, **env):
    return run('ansible-playbook', 'dockfleet.host.site', '--limit', ','.join(names(count)), *more, **env)


def bare_command(count):
    """What a person would type, on as many hosts at a time as Ansible works on."""
    command = 'cp /root/docker-ce.repo /etc/yum.repos.d/ && dnf -q -y install %s && systemctl enable -q --now docker' % PACKAGES
    run('sh', '-c', 'printf "%%s\\n" "$@" | xargs -P%s -I@ docker exec @ sh -c "$BARE"' % os.environ['ANSIBLE_FORKS'], 'sh', *containers(count), BARE=command)


def counted(count, *more):
    """One run that is not timed: what the callback counted for each host."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, 'trips.json')
        site(
            count,
            *more,
            ANSIBLE_CALLBACK_PLUGINS=str(ROOT / 'tests/plugins/callback'),
            ANSIBLE_CALLBACKS_ENABLED='round_trips',
            ROUND_TRIPS_JSON=str(path),
        )
        return json.loads(path.read_text())


def tree(root):
    """The process and all below it that are alive."""
    parents = {}
    for entry in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            parents[int(entry.name)] = int((entry / 'stat').read_text().rpartition(')')[2].split()[1])
        except OSError:
            continue
    found = [root]
    for process in found:
        found.extend(child for child, parent in parents.items() if parent == process)
    return found


def share_of_memory(process):
    try:
        text = pathlib.Path('/proc/%d/smaps_rollup' % process).read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith('Pss:'))


def controller(count):
    """MB at the peak, pages that processes share being counted once, and seconds of CPU of one converged run on the controller."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ['ansible-playbook', 'dockfleet.host.site', '--limit', ','.join(names(count))]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    ended, peak = threading.Event(), 0
    threading.Thread(target=lambda: (running.wait(), ended.set()), daemon=True).start()
    while not ended.wait(0.2):
        peak = max(peak, sum(share_of_memory(process) for process in tree(running.pid)))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if running.returncode:
        raise SystemExit('%s: exit status %d' % (' '.join(command), running.returncode))
    return peak / 1024.0, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def most(counts, what):
    return max(count[what] for count in counts.values())


def first_run(count, runs):
    """(b), and (c) of the first run; leaves converged hosts behind."""
    seconds = in_turn(
        runs,
        {'bare command': lambda: bare_command(count), 'site.yml without pull': lambda: site(count, *WITHOUT_PULL)},
        before=lambda name: bare_hosts(count),
    )
    bare_hosts(count)
    trips = counted(count)
    figures = [
        figure('(b) first run without pull / bare command, hosts: %d' % count, ratio(seconds, 'site.yml without pull', 'bare command'), 2.2),
        figure('(c) module round trips, first run, hosts: %d' % count, most(trips, 'modules')),
    ]
    return figures, {'first': seconds}


def converged_run(count, runs, facts):
    """(a), (c) of the converged run, and (d)."""
    run(ROOT / 'tests/lab/up', PREFIX, *[name + '=el7' for name in names(count)])
    site(count)
    trips = counted(count)
    seconds = in_turn(
        runs,
        {
            'minimal facts': lambda: run('ansible-playbook', facts, '--limit', ','.join(names(count))),
            'site.yml converged': lambda: site(count),
        },
    )
    memory, cpu = controller(count)
    figures = [
        figure('(a) converged site.yml / minimal facts, hosts: %d' % count, ratio(seconds, 'site.yml converged', 'minimal facts'), 2.3 if count == 8 else None),
        figure('(a) task results per host, hosts: %d' % count, most(trips, 'results'), 20),
        figure('(c) module round trips, converged, hosts: %d' % count, most(trips, 'modules'), 3),
        figure('(d) controller, MB at the peak per host, hosts: %d' % count, memory / count),
        figure('(d) controller, CPU by that of one host, per host, hosts: %d' % count, cpu / count),
    ]
    return figures, {'converged': seconds, 'cpu': cpu}


def growth(figures, runs):
    """Tell the CPU per host as a ratio to that of the smallest fleet, and return how the time of the converged run grows up to the largest."""
    smallest, largest = min(runs), max(runs)
    for row in figures:
        if row['figure'].startswith('(d) controller, CPU'):
            row['value'] = round(row['value'] * smallest / runs[smallest]['cpu'], 2)
    if largest == smallest:
        return []
    ends = [statistics.median(runs[count]['converged']['site.yml converged']) for count in (smallest, largest)]
    return [figure('(c) growth of the converged run from %d to %d hosts, by the hosts' % (smallest, largest), ends[1] / ends[0] * smallest / largest, 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--hosts', default='1,8,24', help='numbers of hosts, separated by commas')
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--parts', default='first,converged', help='"first" makes bare hosts for each run and so takes longest')
    parser.add_argument('--forks', type=int, default=5, help="Ansible's forks; 5 is its default")
    wish = parser.parse_args()
    os.environ['ANSIBLE_FORKS'] = str(wish.forks)

    figures, runs = [], {}
    with tempfile.TemporaryDirectory() as folder:
        facts = pathlib.Path(folder, 'facts.yml')
        facts.write_text(FACTS)
        parts = {'first': lambda count: first_run(count, wish.runs), 'converged': lambda count: converged_run(count, wish.runs, facts)}
        for count in sorted(int(number) for number in wish.hosts.split(',')):
            runs[count] = {}
            for part, measure in parts.items():
                if part in wish.parts.split(','):
                    rows, measured = measure(count)
                    figures.extend(rows)
                    runs[count].update(measured)
    if 'converged' in wish.parts:
        figures.extend(growth(figures, runs))
    report('site', figures, runs)


if __name__ == '__main__':
    main()
