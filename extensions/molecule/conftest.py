# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of all scenarios share."""

from __future__ import annotations

import functools
import json
import os
import pathlib

import direct
import pytest

# Plays may go over ssh, as a user without rights; tests look at the hosts as root, past it.
os.environ.pop('LAB_CONNECTION', None)


@pytest.fixture(scope='session')
def lab():
    """What the lab holds: engines (oldest first), fingerprints, names, resolvers. No test names a version by itself."""
    return json.loads((pathlib.Path(__file__).resolve().parents[2] / '.cache/lab/manifest.json').read_text())


@pytest.fixture(scope='module')
def run_module(host):
    """direct.run_module on this host."""
    return functools.partial(direct.run_module, host.ansible.get_variables()['ansible_host'])
