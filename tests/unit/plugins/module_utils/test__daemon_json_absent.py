# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from collections import OrderedDict

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _daemon_json
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_absent import as_before, plan_absent
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook

PATH, COPY = u'/etc/docker/daemon.json', u'/etc/docker/daemon.json.dockfleet-20260101T000000Z'

DROP_IN, KEY = '/etc/systemd/system/docker.service.d/dockfleet.conf', '/etc/docker/dockfleet-tls/key.pem'


def plan(options, ours, original=None, copies=(), remembered=True, running=False, files=()):
    daemon = {'path': PATH, 'exists': options is not None, 'options': options or {}, 'ours': ours, 'running': running}
    found = {'copies': list(copies), 'remembered': remembered, 'original': COPY if original is not None else None, 'original_options': original}
    sections = {'daemon': daemon, 'copies': found, 'unit': {'files': dict.fromkeys(files)}, 'service': {'systemd': True}}
    return plan_absent(sections, str, (DROP_IN,))


def first(found):
    step = dict(found.steps[0])
    return step.pop('do'), step


MTU, SIZE, FILE = [u'mtu'], [u'log-opts', u'max-size'], [u'log-opts', u'max-file']


@pytest.mark.parametrize('options, ours, original, expected', [
    # We made the file.
    ({u'mtu': 1400}, [MTU], None, ('remove', {})),
    # It was there, and nobody else has changed it: byte by byte as it was.
    ({u'mtu': 1400, u'debug': True}, [MTU], {u'debug': True}, ('restore', {'copy': COPY})),
    ({u'mtu': 1400}, [MTU], {}, ('restore', {'copy': COPY})),
    # It has changed since: only what is ours goes.
    ({u'mtu': 1400, u'debug': True, u'ipv6': True}, [MTU], {u'debug': True}, ('rewrite', {'options': {u'debug': True, u'ipv6': True}})),
    ({u'mtu': 1400, u'debug': True}, [MTU], None, ('rewrite', {'options': {u'debug': True}})),
    # What we had put something else in the place of comes back.
    ({u'log-opts': {u'max-size': u'9m', u'max-file': u'3'}}, [SIZE, FILE], {u'log-opts': {u'max-size': u'5m'}}, ('restore', {'copy': COPY})),
])  # fmt: skip
def test_the_file_is_taken_back(options, ours, original, expected):
    assert first(plan(options, ours, original)) == expected


def test_the_order_of_keys_makes_no_other_file():
    current = OrderedDict([(u'ipv6', True), (u'mtu', 1400), (u'debug', True)])
    original = OrderedDict([(u'debug', True), (u'ipv6', True)])
    assert first(plan(current, [MTU], original)) == ('restore', {'copy': COPY})


def test_an_old_value_comes_back_beside_what_others_added():
    current = {u'log-opts': {u'max-size': u'9m', u'tag': u'x'}}
    assert as_before(current, [SIZE], {u'log-opts': {u'max-size': u'5m'}}) == {u'log-opts': {u'max-size': u'5m', u'tag': u'x'}}


def test_copies_and_memory_go_after_the_file():
    assert [step['do'] for step in plan({u'mtu': 1400}, [MTU], copies=[COPY]).steps] == ['remove', 'drop', 'forget']


def test_drop_ins_and_certificates_go_after_the_key_that_needs_them():
    found = plan({u'mtu': 1400}, [MTU], files=[KEY, DROP_IN])
    assert found.steps[:2] == [{'do': 'remove'}, {'do': 'drop', 'paths': [KEY, DROP_IN], 'reload_units': True}]
    assert plan(None, [], remembered=False, files=[KEY]).steps == [{'do': 'drop', 'paths': [KEY], 'reload_units': False}]


@pytest.mark.parametrize('options, remembered', [(None, False), ({u'debug': True}, False)])
def test_a_file_of_others_and_no_file_are_left_alone(options, remembered):
    found = plan(options, [], remembered=remembered)
    assert not found.changed and found.before == found.after


def test_what_others_have_taken_out_already_changes_nothing_but_the_memory():
    assert [step['do'] for step in plan({u'debug': True}, [MTU]).steps] == ['forget']


def test_a_daemon_that_runs_is_told_of():
    assert 'until it is restarted' in plan({u'mtu': 1400}, [MTU], running=True).warnings[0]


def test_a_broken_file_is_refused_where_something_in_it_is_ours():
    daemon = {'path': PATH, 'ours': [MTU], 'problem': {'line': 1, 'column': 2, 'message': u'a comma before "]"', 'code': 'x'}}
    with pytest.raises(DockfleetError):
        _daemon_json.plan({'daemon': daemon}, {'state': 'absent', 'path': PATH})
    with pytest.raises(NotInLook):
        _daemon_json.plan({'daemon': dict(daemon, ours=[])}, {'state': 'absent', 'path': PATH})
