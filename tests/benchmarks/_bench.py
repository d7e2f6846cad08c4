# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the benchmarks share: runs in turn, medians, one table and one JSON file.

Ratios are reported, and seconds only against a time-out: others belong to a machine.
"""

from __future__ import annotations

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / '.cache/bench'


def in_turn(runs, variants, before=None):
    """Time each variant once per round, so that a machine that gets slower meanwhile slows down all of them.

    Args:
        runs (int): The number of rounds.
        variants (dict): Names, and functions without arguments; what one returns is not looked at.
        before (callable): Called before each run, not timed; gets the variant's name.

    Returns:
        dict: Per name the seconds of each round.
    """
    seconds = {name: [] for name in variants}
    for number in range(runs):
        # every other round the other way round, so that nobody is always the one who runs after the slowest
        for name in sorted(variants, reverse=bool(number % 2)):
            if before:
                before(name)
            start = time.monotonic()
            variants[name]()
            seconds[name].append(time.monotonic() - start)
            sys.stderr.write('.')
            sys.stderr.flush()
    sys.stderr.write('\n')
    return seconds


def ratio(seconds, name, base):
    """Median of one variant by the median of another."""
    return statistics.median(seconds[name]) / statistics.median(seconds[base])


def figure(text, value, goal=None):
    """One row of the report; value and goal are numbers, and the goal is the most that the value may be."""
    return {'figure': text, 'value': round(value, 2), 'goal': goal, 'met': None if goal is None else bool(value <= goal)}


def report(name, figures, runs=None):
    """Print the figures as a table, write them with the single runs to .cache/bench/<name>.json, and end with 1 where a goal is missed."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / (name + '.json')).write_text(json.dumps({'name': name, 'figures': figures, 'runs': runs or {}}, indent=2) + '\n')
    width = max(len(row['figure']) for row in figures)
    for row in figures:
        verdict = {None: '', True: 'reached', False: 'MISSED'}[row['met']]
        wish = '' if row['goal'] is None else '<= %g' % row['goal']
        sys.stdout.write(('%-*s  %8.2f  %-8s %s' % (width, row['figure'], row['value'], wish, verdict)).rstrip() + '\n')
    sys.exit(any(row['met'] is False for row in figures))


def run(*command, **env):
    """Run a command to its end, show what it said where it fails, and return its standard output."""
    words = [str(word) for word in command]
    done = subprocess.run(words, env=dict(os.environ, **env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit('%s\n%s: exit status %d' % (done.stdout, ' '.join(words), done.returncode))
    return done.stdout
