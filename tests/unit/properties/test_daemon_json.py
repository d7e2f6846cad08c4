# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every wish and every file: no traceback, no invalid JSON, nothing of others lost, and a second run with nothing to do.

That real engines agree with the check is shown by tests/lab/test_daemon_json_against_dockerd.py.
"""

from __future__ import annotations

import copy
import json

from fit_host import FIT, PLACE
from hypothesis import HealthCheck, given, settings, strategies as st

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json import ARGUMENT_SPEC, plan
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_apply import render
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_merge import leaves, merge, value_at
from ansible_collections.dockfleet.host.plugins.module_utils._docker_unit import STOCK_COMMAND, expanded, quoted, split_words
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._json_text import read_json
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import data_root_of
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook
from strategies import ANYTHING, FOREIGN, TEXT, VERSIONS, WISHES, damaged_files, options

PATH = '/etc/docker/daemon.json'
FILES = {name: '/x/%s.pem' % name for name in ('tlscacert', 'tlscert', 'tlskey')}

# The same examples at each run: a test that fails now and then helps nobody.
settings.register_profile('dockfleet', derandomize=True, database=None, deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile('dockfleet')


def look(data, version, wished=None, ours=(), files=None):
    """A host whose daemon.json has these bytes, as a module with this wish sees it."""
    read, problem, notes = read_json(data or b'')
    root = data_root_of({'options': wished or {}}, read)
    return {
        'salt': None,
        'daemon': {
            'path': PATH, 'exists': data is not None, 'mode': '0644', 'options': read, 'problem': problem, 'notes': notes if data else [],
            'ours': list(ours), 'owed': 'none', 'holds_data': False, 'running': False, 'info': None, 'tls_files': {},
        },
        'proxies': FIT['proxies'],
        'system': dict(FIT['system'], data_root=root, paths={**FIT['system']['paths'], root: PLACE}),
        'packages': {'installed': {'docker-ce': {'version': version}} if version else {}},
        'service': {'systemd': True, 'units': {'docker.service': {'LoadState': 'loaded', 'ActiveState': 'inactive'}}},
        'unit': {'exec_start': [['/usr/lib/systemd/system/docker.service', STOCK_COMMAND]], 'variables': {}, 'files': files or {}},
    }


def wish(wished):
    return dict({name: option.get('default') for name, option in ARGUMENT_SPEC.items()}, options=wished)


def planned(*arguments):
    """The plan; None where it is refused in words."""
    try:
        return plan(*arguments)
    except DockfleetError as error:
        assert error.message.strip() and error.details['stage'] in ('daemon.json', 'options', 'flags', 'confirm', 'tls')
        return None
    except NotInLook:
        # It is about certificate files that the options name; a module looks for those.
        return None


def outcome(found, data):
    """The bytes of the file after a plan, what is ours then, and the further files."""
    ours, files = None, {}
    for step in found.steps:
        ours = step.get('ours', ours)
        if step['do'] == 'write':
            data = render(step['options'])
        elif step['do'] == 'files':
            files.update({each['path']: {'content': each['content'], 'mode': each['mode']} for each in step['files']})
    return data, ours, files


@given(damaged_files(), WISHES, VERSIONS)
def test_no_file_and_no_wish_ends_in_a_traceback_or_in_a_broken_file(data, wished, version):
    found = planned(look(data, version, wished), wish(wished))
    if found is not None:
        written = outcome(found, data)[0]
        again, problem, dummy = read_json(written)
        assert problem is None and isinstance(again, dict)
        if written != data:
            assert json.loads(written.decode('utf-8')) == again


@given(st.binary(max_size=40) | damaged_files())
def test_every_fault_has_a_place_and_words(data):
    read, problem, notes = read_json(data)
    assert (read is None) is (problem is not None)
    if problem:
        assert problem['message'] and problem['code'] and (problem['line'] is None or (problem['line'] >= 1 and problem['column'] >= 1))


@given(WISHES, VERSIONS, FOREIGN)
def test_keys_of_others_are_kept_and_a_second_run_has_nothing_to_do(wished, version, foreign):
    data = render(foreign) if foreign else None
    before = copy.deepcopy(wished)
    found = planned(look(data, version, wished), wish(wished))
    assert wished == before
    if found is None:
        return
    written, ours, files = outcome(found, data)
    after = json.loads(written) if written else {}
    assert {key: after.get(key) for key in foreign if key not in wished} == {key: foreign[key] for key in foreign if key not in wished}
    again = plan(look(written, version, wished, ours or (), files), wish(wished))
    assert [step['do'] for step in again.steps] == []
    # Without the wish, what was ours goes and what others had comes out as it was, where the wish did not take it.
    undone = plan(look(written, version, None, ours or (), files), wish({}))
    left = json.loads(outcome(undone, written)[0] or '{}')
    untouched = {key: value for key, value in foreign.items() if key not in wished}
    assert {key: left.get(key) for key in untouched} == untouched and set(left) <= set(foreign) | {key for key in after if after[key] == {}}


@given(st.dictionaries(TEXT, ANYTHING, max_size=4), st.dictionaries(TEXT, ANYTHING, max_size=4))
def test_merging_twice_is_merging_once(current, wished):
    once = merge(current, wished)
    assert merge(once, wished) == once
    assert {key: once[key] for key in current if key not in wished} == {key: current[key] for key in current if key not in wished}
    assert all(value_at(once, path) == value_at(wished, path) for path in leaves(wished))


@given(options(), VERSIONS)
def test_what_is_written_is_read_as_it_was(wished, version):
    found = planned(look(None, version, wished), wish(wished))
    for step in found.steps if found else []:
        if step['do'] == 'write':
            assert json.loads(render(step['options'])) == step['options'] == read_json(render(step['options']))[0]


@given(st.text(st.characters(exclude_categories=('Cs', 'Cc')), max_size=20))
def test_B77_systemd_reads_back_every_text_that_we_quote(text):
    (arguments,) = expanded(split_words(quoted(text, command=True)), {'HOME': 'no'})
    assert arguments == [text]
