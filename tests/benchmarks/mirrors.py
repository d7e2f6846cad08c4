# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""package_mirror_info with all known mirrors, of which half are dead, each in one of four ways: beyond what Ansible itself costs, the time-out plus 2 s."""

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
# two that swallow packets, and of each other kind two
DEAD = {
    'mirrors.tuna.tsinghua.edu.cn': 'silent',
    'mirrors.aliyun.com': 'silent',
    'mirrors.ustc.edu.cn': 'dead',
    'mirrors.tencent.com': 'dead',
    'mirrors.huaweicloud.com': 'reset',
    'mirrors.cmecloud.cn': 'reset',
    'mirrors.163.com': 'nxdomain',
    'mirrors.pku.edu.cn': 'nxdomain',
}


def probe():
    said = run('ansible', HOST, '-m', 'dockfleet.host.package_mirror_info', '-a', json.dumps({'timeout': TIMEOUT}))
    verdicts = [entry['verdict'] for entry in json.loads(said.partition('=>')[2])['mirrors']]
    if (len(verdicts), verdicts.count('healthy')) != (16, 8):
        raise SystemExit('the lab is not as it should be: %s' % said)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--runs', type=int, default=5)
    wish = parser.parse_known_args()[0]
    run(ROOT / 'tests/lab/up', PREFIX, HOST)
    for name, fault in DEAD.items():
        run(ROOT / 'tests/lab/fault', PREFIX, name, fault)
    seconds = in_turn(wish.runs, {'16 mirrors, 8 dead': probe, 'a module that does nothing': lambda: run('ansible', HOST, '-m', 'ansible.builtin.ping')})
    spent = statistics.median(seconds['16 mirrors, 8 dead']) - statistics.median(seconds['a module that does nothing'])
    report('mirrors', [figure('16 mirrors of which 8 are dead, seconds at a time-out of %d s' % TIMEOUT, spent, TIMEOUT + MARGIN)], seconds)


if __name__ == '__main__':
    main()
