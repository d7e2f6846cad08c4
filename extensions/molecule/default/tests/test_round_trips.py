# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often site.yml goes to hosts on which nothing is to do."""

from __future__ import annotations

import json

from playing import ROOT, play


def test_a_converged_host_costs_one_round_trip(monkeypatch, tmp_path):
    # With mirrors that are proven, as the inventory has them, and with users of the group.
    assert play('dockfleet.host.site', docker_engine_users=['admin']).code == 0
    monkeypatch.setenv('ANSIBLE_CALLBACK_PLUGINS', str(ROOT / 'tests/plugins/callback'))
    monkeypatch.setenv('ANSIBLE_CALLBACKS_ENABLED', 'round_trips')
    monkeypatch.setenv('ROUND_TRIPS_JSON', str(tmp_path / 'trips.json'))
    outcome = play('dockfleet.host.site', docker_engine_users=['admin'])
    assert outcome.code == 0 and 'changed=1' not in outcome.text
    counts = json.loads((tmp_path / 'trips.json').read_text())
    assert len(counts) == 2 and {count['modules'] for count in counts.values()} == {1}
    # It asked the mirrors, too.
    for host in counts:
        probed = [result for result in outcome.results[host] if 'table' in result]
        assert probed and probed[-1]['mirrors'] and probed[-1]['healthy']
