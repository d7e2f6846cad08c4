# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet, and the count at the end."""

from __future__ import annotations

import pytest
from fleet import Fleet


def pytest_addoption(parser):
    parser.addoption('--quick', action='store_true', help='only the faults that are marked as quick, one of each kind')


def pytest_configure(config):
    config.addinivalue_line('markers', 'quick: also part of make test')


def pytest_collection_modifyitems(config, items):
    if config.getoption('--quick'):
        left = [item for item in items if not item.get_closest_marker('quick')]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item.get_closest_marker('quick')]


def pytest_terminal_summary(terminalreporter):
    survived, lost = (len(terminalreporter.stats.get(outcome, [])) for outcome in ('passed', 'failed'))
    terminalreporter.write_line('survived: %d of %d faults' % (survived, survived + lost))


@pytest.fixture(scope='session')
def fleet():
    fleet = Fleet()
    fleet.lab('down')
    yield fleet
    fleet.lab('down')
