# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils import _registry_probe_ahead
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._registry_probe import ARGUMENT_SPEC

ASKED = {'registries': ['https://user:s3cret@m.example'], 'images': ['alpine'], 'timeout': 15.0, 'order': 'given'}


@pytest.fixture
def wishes(monkeypatch):
    """Those that the probe is called with."""
    found = []
    monkeypatch.setattr(_registry_probe_ahead._registry_probe, 'probe', lambda wish: found.append(wish) or {'healthy': []})
    return found


@pytest.mark.parametrize('options', [None, {}])
def test_nothing_is_asked_without_a_wish(wishes, options):
    assert _registry_probe_ahead.ask_ahead(options, 'salt') == {} and wishes == []


def test_the_probe_gets_all_of_its_parameters(wishes):
    probed = _registry_probe_ahead.ask_ahead(ASKED, 'salt')
    assert set(wishes[0]) == set(ARGUMENT_SPEC) and dict(wishes[0], **ASKED) == wishes[0] and wishes[0]['credentials'] == []
    assert probed == {'salt': 'salt', 'asked': _registry_probe_ahead.digest_of(wishes[0], 'salt'), 'result': {'healthy': []}}


def test_a_refusal_is_left_to_the_task_that_asks(monkeypatch):
    def refuse(wish):
        raise DockfleetError('None is healthy.')

    monkeypatch.setattr(_registry_probe_ahead._registry_probe, 'probe', refuse)
    assert _registry_probe_ahead.ask_ahead(ASKED, 'salt') == {}


def test_secrets_in_addresses_do_not_travel(wishes):
    assert 's3cret' not in json.dumps(_registry_probe_ahead.ask_ahead(ASKED, 'salt'))


def test_another_salt_or_wish_is_another_digest():
    digests = [_registry_probe_ahead.digest_of(wish, salt) for wish in (ASKED, dict(ASKED, images=['busybox'])) for salt in ('1', '2')]
    assert len(set(digests)) == 4
