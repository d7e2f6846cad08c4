# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A data-root with 200,000 files, deleted by engine_data and by "rm -rf": beyond what Ansible itself costs, 1.3 times as long at most."""

from __future__ import annotations

import argparse
import json
import os
import statistics

from _bench import ROOT, figure, in_turn, report, run

PREFIX = os.environ['LAB_PREFIX']
HOST = 'el7'
CONTAINER = '%s-%s' % (PREFIX, HOST)
# On a volume, as many data-roots are; 1,000 layers with 200 files of up to 4 kB each.
DATA = '/var/lib/docker'
FILES = 200000
TREE = '''
import os
for layer in range(%d // 200):
    folder = os.path.join('%s', 'overlay2', '%%064x' %% layer, 'diff', 'usr')
    os.makedirs(folder)
    for number in range(200):
        with open(os.path.join(folder, 'file-%%d' %% number), 'wb') as stream:
            stream.write(b'x' * (number * 20))
''' % (FILES, DATA)


def make_tree(variant):
    if variant != 'nothing':
        run('docker', 'exec', CONTAINER, 'python2.7', '-c', TREE)
        run('docker', 'exec', CONTAINER, 'sync')


def delete():
    wish = {'level': 'data', 'confirm': [DATA]}
    said = run('ansible', HOST, '-m', 'dockfleet.host.engine_data', '-a', json.dumps(wish))
    if '"changed": true' not in said:
        raise SystemExit('nothing was deleted: %s' % said)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--runs', type=int, default=5)
    wish = parser.parse_known_args()[0]
    run(ROOT / 'tests/lab/up', PREFIX, HOST)
    variants = {
        'engine_data': delete,
        'rm -rf': lambda: run('docker', 'exec', CONTAINER, 'rm', '-rf', DATA + '/overlay2'),
        'nothing': lambda: run('ansible', HOST, '-m', 'ansible.builtin.ping'),
    }
    seconds = in_turn(wish.runs, variants, make_tree)
    spent = statistics.median(seconds['engine_data']) - statistics.median(seconds['nothing'])
    report('deletion', [figure('%d files, as a multiple of "rm -rf"' % FILES, spent / statistics.median(seconds['rm -rf']), 1.3)], seconds)


if __name__ == '__main__':
    main()
