# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_reachability_info with 20 endpoints, of which 10 are dead in four ways: beyond what Ansible itself costs, the time-out plus 2 s."""

from __future__ import annotations

import argparse
import json
import os
import statistics

from _bench import ROOT, figure, in_turn, report, run

PREFIX = os.environ['LAB_PREFIX']
HOST = 'el7'
TIMEOUT = 5
MARGIN = 2
DEAD = {
    'registry.docker-cn.com': 'silent',
    'hub-mirror.c.163.com': 'silent',
    'docker.mirrors.ustc.edu.cn': 'silent',
    'mirror.baidubce.com': 'silent',
    'dockerhub.azk8s.cn': 'dead',
    'docker.nju.edu.cn': 'dead',
    'reg-mirror.qiniu.com': 'reset',
    'atomhub.openatom.cn': 'reset',
    'hub.rat.dev': 'nxdomain',
    'dockerpull.org': 'nxdomain',
}
ALIVE = (
    'registry-1.docker.io', 'docker.1ms.run', 'docker.m.daocloud.io', 'docker.1panel.live', 'dockerproxy.net', 'mirror.ccs.tencentyun.com',
    'docker.mirrors.sjtug.sjtu.edu.cn', 'docker.1panel.dev', 'registry.lab.invalid', 'ipv6.lab.invalid',
)  # fmt: skip


def probe():
    wish = {'registries': ['https://' + name for name in [*DEAD, *ALIVE]], 'timeout': TIMEOUT}
    said = run('ansible', HOST, '-m', 'dockfleet.host.registry_reachability_info', '-a', json.dumps(wish))
    verdicts = [entry['verdict'] for entry in json.loads(said.partition('=>')[2])['registries']]
    if (len(verdicts), verdicts.count('healthy')) != (20, 10):
        raise SystemExit('the lab is not as it should be: %s' % said)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--runs', type=int, default=5)
    wish = parser.parse_known_args()[0]
    run(ROOT / 'tests/lab/up', PREFIX, HOST)
    for name, fault in DEAD.items():
        run(ROOT / 'tests/lab/fault', PREFIX, name, fault)
    seconds = in_turn(wish.runs, {'20 endpoints, 10 dead': probe, 'a module that does nothing': lambda: run('ansible', HOST, '-m', 'ansible.builtin.ping')})
    spent = statistics.median(seconds['20 endpoints, 10 dead']) - statistics.median(seconds['a module that does nothing'])
    report('registries', [figure('20 endpoints of which 10 are dead, seconds at a time-out of %d s' % TIMEOUT, spent, TIMEOUT + MARGIN)], seconds)


if __name__ == '__main__':
    main()
