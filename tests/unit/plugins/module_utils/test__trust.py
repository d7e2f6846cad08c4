# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.dockfleet.host.plugins.module_utils import _trust
from ansible_collections.dockfleet.host.plugins.module_utils._side_by_side import side_by_side
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline


def test_probes_that_begin_together_read_the_authorities_once(monkeypatch):
    made = []

    def new_context(ca_files):
        made.append(ca_files)
        return object()

    monkeypatch.setattr(_trust, '_contexts', {})
    monkeypatch.setattr(_trust, 'new_context', new_context)
    contexts = side_by_side(20 * [_trust.trusting_context], Deadline(60))
    assert made == [()] and len(set(map(id, contexts))) == 1
