# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What daemon.json becomes, what the daemon needs for it, and what is refused. The real daemon is in the Molecule scenario "daemon"."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import copy
import json
from collections import OrderedDict

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json import flags_of, plan, render
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_merge import merge, owned, without
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import plain_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import conceal
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import conceal_options
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook

PATH = '/etc/docker/daemon.json'
STOCK = '{ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock ; ignore_errors=no ; pid=1 }'
INFO = {
    'ContainersRunning': 0, 'Debug': False, 'DefaultRuntime': 'runc', 'DockerRootDir': '/var/lib/docker', 'Driver': 'overlay2', 'DriverStatus': [],
    'InsecureRegistries': ['127.0.0.0/8'], 'Labels': [], 'LiveRestoreEnabled': False, 'LoggingDriver': 'json-file', 'Mirrors': [], 'ExperimentalBuild': False,
    'ServerVersion': '26.1.5',
}
WISH = {'path': PATH, 'options': {}, 'registry_mirrors': [], 'engine_version': 'present', 'confirm': [], 'restart': 'auto'}


def look(options=None, info=None, version='26.1.5', exec_start=STOCK, state='active', salt=None, **daemon):
    """A host with a running engine, with what differs."""
    return {
        'salt': salt,
        'daemon': dict({
            'path': PATH, 'exists': options is not None, 'mode': '0644', 'options': plain_text(options or {}), 'problem': None, 'notes': [], 'ours': [],
            'owed': 'none', 'holds_data': False, 'running': state == 'active', 'info': dict(INFO, **(info or {})) if state == 'active' else None,
            'client_version': '26.1.5',
        }, **daemon),
        'packages': {'installed': {'docker-ce': {'version': version}} if version else {}},
        'service': {'systemd': True, 'units': {'docker.service': {'LoadState': 'loaded', 'ActiveState': state, 'ExecStart': exec_start}}},
    }


def wish(options=None, **others):
    return dict(WISH, options=options or {}, **others)


def does(plan):
    return [step['do'] for step in plan.steps]


def written(plan):
    """The options that the plan writes."""
    return [step for step in plan.steps if step['do'] == 'write'][0]['options']


def refusal(look, wish):
    with pytest.raises(DockfleetError) as refused:
        plan(look, wish)
    return refused.value


# --- merging ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('current, wished, expected', [
    ({}, {}, {}),
    ({'a': 1}, {}, {'a': 1}),
    ({'a': 1}, {'b': 2}, {'a': 1, 'b': 2}),
    ({'a': {'x': 1, 'y': 2}}, {'a': {'y': 3, 'z': 4}}, {'a': {'x': 1, 'y': 3, 'z': 4}}),
    ({'a': [1, 2]}, {'a': [3]}, {'a': [3]}),
    ({'a': {'x': 1}}, {'a': 1}, {'a': 1}),
    ({'a': 1}, {'a': {'x': 1}}, {'a': {'x': 1}}),
    ({'a': 1, 'b': 2}, {'a': None}, {'b': 2}),
    ({'a': {'x': 1, 'y': 2}}, {'a': {'x': None}}, {'a': {'y': 2}}),
    ({}, {'a': None, 'b': {'x': None}}, {'b': {}}),
])
def test_merge(current, wished, expected):
    before = copy.deepcopy(current)
    assert merge(current, wished) == expected
    assert merge(merge(current, wished), wished) == expected
    assert current == before


def test_merge_keeps_the_order_of_the_file():
    assert list(merge(OrderedDict([('z', 1), ('a', 2)]), {'m': 3})) == ['z', 'a', 'm']


@pytest.mark.parametrize('options, paths, expected', [
    ({'a': 1, 'b': 2}, [['a']], {'b': 2}),
    ({'a': {'x': 1, 'y': 2}}, [['a', 'x']], {'a': {'y': 2}}),
    ({'a': {'x': 1}}, [['a', 'x']], {}),
    ({'a': 1}, [['a', 'x'], ['b']], {'a': 1}),
])
def test_without(options, paths, expected):
    assert without(options, paths) == expected


@pytest.mark.parametrize('ours, current, wished, expected', [
    ([], {}, {'a': 1}, [['a']]),
    ([], {'a': 1}, {'a': 1}, []),
    ([], {'a': 2}, {'a': 1}, [['a']]),
    ([['a']], {'a': 1}, {'a': 1}, [['a']]),
    ([['a']], {'a': 1}, {}, []),
    ([['a']], {'a': 1}, {'a': None}, []),
    ([], {'l': {'x': 1}}, {'l': {'x': 1, 'y': 2}}, [['l', 'y']]),
    ([['l', 'y']], {'l': {'x': 1, 'y': 2}}, {'l': {'x': 1}}, []),
])
def test_owned(ours, current, wished, expected):
    assert owned(ours, current, wished) == expected


# --- plans ---------------------------------------------------------------------------------------------------------------------


def test_nothing_wished_and_no_file_is_nothing_to_do():
    found = plan(look(), wish())
    assert does(found) == [] and found.result == {'action': 'none', 'changed_keys': [], 'problems': [], 'path': PATH} and found.warnings == []
    assert (found.before, found.after) == ('', '')


def test_a_file_as_wished_is_nothing_to_do():
    found = plan(look({'log-driver': 'local'}, {'LoggingDriver': 'local'}), wish({'log-driver': 'local'}))
    assert does(found) == [] and not found.changed


def test_B53_foreign_keys_stay():
    found = plan(look({'data-root': '/vol1/docker', 'log-driver': 'local'}), wish(registry_mirrors=[' https://m.example']))
    assert written(found) == {'data-root': '/vol1/docker', 'log-driver': 'local', 'registry-mirrors': ['https://m.example']}
    assert found.result['changed_keys'] == ['registry-mirrors'] and found.result['action'] == 'reload'
    assert '"data-root": "/vol1/docker"' in found.before and '"https://m.example"' in found.after


def test_a_key_we_set_goes_with_the_wish_and_one_of_others_stays():
    options = {'log-driver': 'local', 'debug': True, 'log-opts': {'max-size': '1m', 'max-file': '2'}}
    found = plan(look(options, ours=[['debug'], ['log-opts', 'max-size']]), wish())
    assert written(found) == {'log-driver': 'local', 'log-opts': {'max-file': '2'}}
    assert found.steps[0]['ours'] == []


def test_a_key_that_stood_there_as_wished_stays_when_the_wish_goes():
    # It never became ours, because we never changed it.
    first = plan(look({'debug': True}, {'Debug': True}), wish({'debug': True, 'mtu': 1400}))
    assert first.steps[0]['ours'] == [['mtu']]
    second = plan(look({'debug': True, 'mtu': 1400}, {'Debug': True}, ours=[['mtu']]), wish())
    assert written(second) == {'debug': True}


def test_null_takes_a_key_of_others_out():
    found = plan(look({'log-driver': 'local', 'registry-mirror': ['x']}), wish({'registry-mirror': None}))
    assert written(found) == {'log-driver': 'local'}


def test_a_key_of_ours_that_somebody_took_out_is_forgotten():
    found = plan(look({'mtu': 1400}, ours=[['mtu'], ['debug']]), wish({'mtu': 1400}))
    assert found.steps == [{'do': 'remember', 'ours': [['mtu']], 'action': 'none'}]


@pytest.mark.parametrize('before, options, expected', [
    ({}, {'registry-mirrors': ['https://m.example']}, 'reload'),
    ({}, {'bip': '192.168.5.1/24'}, 'restart'),
    ({}, {'registry-mirrors': ['https://m.example'], 'bip': '192.168.5.1/24'}, 'restart'),
    ({}, {'insecure-registries': ['r.example'], 'debug': True, 'labels': ['a=b'], 'live-restore': True, 'max-concurrent-downloads': 5}, 'reload'),
    ({}, {'log-driver': 'local'}, 'restart'),
    ({}, {'log-opts': {'max-size': '1m'}}, 'restart'),
    ({}, {'features': {'buildkit': True}}, 'reload'),
    ({}, {'features': {'containerd-snapshotter': True}}, 'restart'),
    ({'default-ipc-mode': 'shareable'}, {'default-ipc-mode': 'private'}, 'reload'),
    ({'default-ipc-mode': 'shareable'}, {'default-ipc-mode': None}, 'restart'),
    ({'debug': True}, {'debug': None}, 'reload'),
    ({'mtu': 1400}, {'mtu': None}, 'restart'),
])
def test_B54_reload_where_it_is_enough_and_restart_where_it_must_be(before, options, expected):
    found = plan(look(before), wish(options))
    assert found.result['action'] == expected
    assert does(found) == ['write', expected]


def test_a_reload_undoes_keys_that_were_taken_out():
    before = {'registry-mirrors': ['https://m.example'], 'debug': True, 'max-concurrent-uploads': 3, 'insecure-registries': ['r.example']}
    gone = dict.fromkeys(before)
    assert plan(look(before), wish(gone)).steps[1] == {
        'do': 'reload', 'defaults': {'registry-mirrors': [], 'debug': False, 'insecure-registries': []},
    }
    # From 29.10 on an empty list would forbid loopback too (B56).
    defaults = plan(look(before, version='29.10.0'), wish(gone)).steps[1]['defaults']
    assert defaults['insecure-registries'] == ['127.0.0.0/8', '::1/128']


def test_B88_what_a_killed_run_owed_is_made_up_for():
    found = plan(look({'bip': '192.168.5.1/24'}, owed='restart'), wish({'bip': '192.168.5.1/24'}))
    assert does(found) == ['restart'] and found.result['changed_keys'] == []
    found = plan(look({'bip': '192.168.5.1/24'}, owed='restart'), wish({'bip': '192.168.5.1/24', 'debug': True}))
    assert does(found) == ['write', 'restart']


def test_B88_a_daemon_older_than_its_file_is_reloaded():
    found = plan(look({'registry-mirrors': ['https://m.example']}), wish(registry_mirrors=['https://m.example']))
    assert does(found) == ['reload']
    found = plan(look({'registry-mirrors': ['https://m.example']}, {'Mirrors': ['https://m.example/']}), wish(registry_mirrors=['https://m.example']))
    assert does(found) == []
    # A restart hits containers; docker_verify reports this one.
    assert does(plan(look({'log-driver': 'local'}), wish({'log-driver': 'local'}))) == []


def test_never_restart_writes_only_and_says_so():
    found = plan(look(), wish({'bip': '192.168.5.1/24'}, restart='never'))
    assert does(found) == ['write'] and found.steps[0]['action'] == 'restart' and found.result['action'] == 'restart'
    assert 'still has to restart' in found.warnings[0]


def test_a_restart_says_whom_it_hits():
    assert 'running containers (2) stop, and start again' in plan(look({}, {'ContainersRunning': 2}), wish({'mtu': 1400})).warnings[0]
    kept = plan(look({}, {'ContainersRunning': 1, 'LiveRestoreEnabled': True}), wish({'mtu': 1400})).warnings
    assert kept == ['With the restart of the daemon, running containers (1) stay up (live-restore).']
    assert plan(look({}, {'ContainersRunning': 2}), wish({'debug': True})).warnings == []


def test_without_a_daemon_only_the_file_is_written():
    found = plan(look(state='inactive', version=''), wish({'bip': '192.168.5.1/24'}))
    assert does(found) == ['write'] and found.result['action'] == 'none'
    image = look(state='inactive', version='')
    image['service'] = {'systemd': False, 'units': {}}
    assert does(plan(image, wish({'bip': '192.168.5.1/24'}))) == ['write']


def test_B86_a_daemon_that_failed_is_started_with_the_mended_file():
    found = plan(look({'graph': '/data'}, state='failed'), wish({'graph': None, 'data-root': '/data'}))
    assert does(found) == ['write', 'restart']
    assert does(plan(look({}, state='failed'), wish())) == []


def test_a_daemon_without_systemd_is_left_alone():
    found = look()
    found['service'] = {'systemd': False, 'units': {}}
    found = plan(found, wish({'debug': True}))
    assert does(found) == ['write'] and found.result['action'] == 'reload' and 'by other means' in found.warnings[0]


@pytest.mark.parametrize('notes, version, expected', [
    (['bom'], '26.1.5', ['write']),
    (['utf-16'], '20.10.24', ['write']),
    (['empty'], '20.10.24', ['write']),
    (['empty'], '26.1.5', []),
    (['empty'], '', []),
])
def test_B47_a_badly_saved_file_is_written_anew_once(notes, version, expected):
    found = plan(look({}, notes=notes, version=version), wish())
    assert does(found) == expected
    assert bool(found.warnings) is (notes != ['empty'])


def test_the_look_has_to_be_at_the_same_file():
    with pytest.raises(NotInLook):
        plan(look(), wish(path='/etc/docker/other.json'))


# --- refusals --------------------------------------------------------------------------------------------------------------------


def test_B44_a_broken_file_is_refused_by_line_and_column():
    problem = {'code': 'trailing_comma', 'message': u'a comma before "]"', 'line': 3, 'column': 41}
    refused = refusal(look(options=None, exists=True, problem=problem), wish({'debug': True}))
    assert refused.message == u'/etc/docker/daemon.json line 3, column 41: a comma before "]". The file was left as it was and the daemon was not touched.'
    assert refused.details['problems'] == [dict(problem, key=None)]


def test_B42_a_singular_key_of_others_is_refused_with_the_way_out():
    refused = refusal(look({'registry-mirror': ['https://m.example']}), wish({'debug': True}))
    assert '"registry-mirror": the engine takes the name of a flag and ignores it. Write "registry-mirrors"' in refused.message
    assert 'taken out by null in docker_daemon_options' in refused.message
    assert refused.details['problems'][0]['key'] == 'registry-mirror'


def test_B57_the_wished_version_counts_before_the_installed_one():
    # In check mode the new engine is only planned.
    assert plan(look(version='20.10.24'), wish({'proxies': {}}, engine_version='26.1')).changed
    assert 'engine 20.10.24' in refusal(look(version='20.10.24'), wish({'proxies': {}}, engine_version='present')).message
    assert 'engine 26.1.5' in refusal(look(), wish({'graph': '/x'}, engine_version='26.1')).message
    assert plan(look(version=''), wish({'proxies': {}})).changed


def test_mirrors_are_given_once():
    assert 'is given twice' in refusal(look(), wish({'registry-mirrors': []}, registry_mirrors=['https://m.example'])).message


@pytest.mark.parametrize('exec_start, expected', [
    (STOCK, ['hosts', 'containerd']),
    ('{ path=/x ; argv[]=/x -H fd:// --data-root /data -s overlay2 ; ignore_errors=no }', ['hosts', 'data-root', 'storage-driver']),
    ('{ path=/x ; argv[]=/x --registry-mirror=https://m.example --bip 10.0.0.1/24 $OPTIONS ; x=y }', ['registry-mirrors', 'bip']),
    ('', []),
])
def test_flags_of(exec_start, expected):
    assert flags_of(exec_start) == expected


def test_B41_hosts_beside_the_flag_of_the_unit():
    refused = refusal(look(), wish({'hosts': ['unix:///var/run/docker.sock', 'tcp://127.0.0.1:2375']}))
    assert '"hosts" cannot stand in /etc/docker/daemon.json: the unit docker.service gives the same as a flag' in refused.message
    cleared = STOCK.replace('-H fd:// ', '')
    assert plan(look(exec_start=cleared), wish({'hosts': ['unix:///var/run/docker.sock']})).changed


@pytest.mark.parametrize('key, options', [
    ('data-root', {'data-root': '/srv/docker'}),
    ('storage-driver', {'storage-driver': 'vfs'}),
    ('userns-remap', {'userns-remap': 'default'}),
    ('containerd-snapshotter', {'features': {'containerd-snapshotter': True}}),
])
def test_B53_dangerous_keys_need_to_be_named(key, options):
    refused = refusal(look(holds_data=True), wish(options))
    assert 'name the key in docker_daemon_confirm' in refused.message and '"%s" from ' % key in refused.message
    assert refused.details['stage'] == 'confirm'
    assert plan(look(holds_data=True), wish(options, confirm=[key])).changed
    assert plan(look(holds_data=False), wish(options)).changed


@pytest.mark.parametrize('before, options', [
    ({}, {'data-root': '/var/lib/docker'}),
    ({}, {'storage-driver': 'overlay2'}),
    ({'storage-driver': 'overlay2'}, {'storage-driver': None}),
    ({}, {'features': {'containerd-snapshotter': False}}),
    ({'data-root': '/srv/docker'}, {'debug': True}),
])
def test_a_dangerous_key_that_says_what_is_so_anyway_is_none(before, options):
    assert plan(look(before, holds_data=True), wish(options)).changed


def test_B53_taking_out_a_foreign_data_root_needs_to_be_named():
    refused = refusal(look({'data-root': '/vol1/docker'}, holds_data=True), wish({'data-root': None}))
    assert 'from "/vol1/docker" to "/var/lib/docker"' in refused.message


# --- secrets ---------------------------------------------------------------------------------------------------------------------

PROXY = {'proxies': {'http-proxy': u'http://us\u00e9r:p%40ss@proxy.example:3128'}}


def test_secrets_do_not_travel_and_are_compared_by_digest():
    travelled = look(conceal_options(plain_text(PROXY), lambda secret: conceal(secret, 'salt')), salt='salt')
    assert u'p%40ss' not in json.dumps(travelled)
    assert not plan(travelled, wish(PROXY)).changed
    assert plan(travelled, wish({'proxies': {'http-proxy': u'http://us\u00e9r:other@proxy.example:3128'}})).changed


def test_secrets_are_hidden_in_the_diff_and_their_change_is_seen():
    found = plan(look({'proxies': {'http-proxy': 'http://u:old@p.example:3128'}}), wish(PROXY))
    assert 'old' not in found.before and 'p%40ss' not in found.after
    assert '"http-proxy": "********"' in found.before and '"http-proxy": "******** (changed)"' in found.after
    assert written(found) == plain_text(PROXY)


@pytest.mark.parametrize('options', [
    {'log-opts': {'splunk-token': 'abc'}},
    {'registry-mirrors': ['https://u:abc@m.example']},
    {'proxies': {'no-proxy': 'x', 'https-proxy': 'http://u:abc@p'}},
])
def test_what_counts_as_a_secret(options):
    assert 'abc' not in json.dumps(conceal_options(plain_text(options), lambda secret: '*'))
    assert conceal_options(plain_text(options), lambda secret: secret) == plain_text(options)


def test_render_writes_utf_8_as_people_read_it():
    assert render(OrderedDict([(u'labels', [u'ort=K\u00f6ln']), (u'a', 1)])) == u'{\n  "labels": [\n    "ort=K\u00f6ln"\n  ],\n  "a": 1\n}\n'.encode('utf-8')
