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

from fit_host import FIT, PLACE

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_files import MANAGED
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json import plan
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_apply import render
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_merge import merge, owned, without
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_types import plain_text
from ansible_collections.dockfleet.host.plugins.module_utils._docker_unit import FOLDER, HOSTS_DROP_IN, PROXY_DROP_IN
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import conceal
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import conceal_options
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook

PATH = '/etc/docker/daemon.json'
STOCK = '/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock'
STOCK_UNIT = '/usr/lib/systemd/system/docker.service'
INFO = {
    'ContainersRunning': 0, 'Debug': False, 'DefaultRuntime': 'runc', 'DockerRootDir': '/var/lib/docker', 'Driver': 'overlay2', 'DriverStatus': [],
    'InsecureRegistries': ['127.0.0.0/8'], 'Labels': [], 'LiveRestoreEnabled': False, 'LoggingDriver': 'json-file', 'Mirrors': [], 'ExperimentalBuild': False,
    'ServerVersion': '26.1.5',
}
WISH = {
    'state': 'present', 'path': PATH, 'options': {}, 'registry_mirrors': [], 'engine_version': 'present', 'storage_driver': 'auto',
    'confirm': [], 'restart': 'auto', 'proxy': None, 'tls': None,
}


def look(options=None, info=None, version='26.1.5', exec_start=STOCK, state='active', salt=None, files=None, **daemon):
    """A host with a running engine, with what differs."""
    return {
        'salt': salt,
        'daemon': dict({
            'path': PATH, 'exists': options is not None, 'mode': '0644', 'options': plain_text(options or {}), 'problem': None, 'notes': [], 'ours': [],
            'owed': 'none', 'holds_data': False, 'running': state == 'active', 'info': dict(INFO, **(info or {})) if state == 'active' else None,
            'tls_files': {},
        }, **daemon),
        'system': FIT['system'],
        'packages': {'installed': {'docker-ce': {'version': version}} if version else {}},
        'proxies': FIT['proxies'],
        'service': {'systemd': True, 'units': {'docker.service': {'LoadState': 'loaded', 'ActiveState': state}}},
        'unit': {
            'exec_start': [[STOCK_UNIT, exec_start]] if isinstance(exec_start, str) else exec_start, 'variables': {},
            'files': dict((path, {'content': conceal(text, salt), 'mode': MANAGED[path]}) for path, text in (files or {}).items()),
        },
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
    assert does(found) == [] and found.warnings == []
    assert found.result.pop('proxies') and found.result == {'action': 'none', 'changed_keys': [], 'changed_files': [], 'problems': [], 'path': PATH}
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
        'do': 'reload', 'defaults': {'registry-mirrors': [], 'debug': False, 'insecure-registries': []}, 'options': gone,
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
    failed = look({'graph': '/data'}, state='failed')
    failed['system'] = dict(FIT['system'], data_root='/data', paths={'/data': PLACE})
    found = plan(failed, wish({'graph': None, 'data-root': '/data'}))
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
    assert sorted(refused.details['problems'][0]) == ['code', 'column', 'key', 'line', 'message']
    assert refused.details['problems'][0]['key'] == 'registry-mirror'


BIP, BRIDGE = {'bip': '10.99.0.1/24'}, {'bridge': 'br0'}
FILE_ALONE = ' set by the file alone, and taken out by null in docker_daemon_options. '


@pytest.mark.parametrize('ours, others, said', [
    (BIP, BRIDGE, '"bridge" is' + FILE_ALONE),
    (BRIDGE, BIP, '"bip" is' + FILE_ALONE),
    ({'icc': False}, {'iptables': False}, '"iptables" is' + FILE_ALONE),
    ({'host-gateway-ip': '192.0.2.1'}, {'host-gateway-ips': ['192.0.2.1']}, '"host-gateway-ips" is' + FILE_ALONE),
    ({'debug': True}, dict(BIP, **BRIDGE), '"bip" and "bridge" are' + FILE_ALONE),
])
def test_keys_of_others_that_do_not_go_with_ours_are_named_with_the_way_out(ours, others, said):
    version = '29.0.0'
    assert said in refusal(look(others, version=version), wish(ours)).message
    assert plan(look(others, version=version), wish(dict(ours, **dict.fromkeys(others)))).changed


def test_keys_of_ours_that_do_not_go_together_are_not_said_to_be_those_of_others():
    refused = refusal(look(BRIDGE), wish(dict(BIP, bridge='br1')))
    assert '"bip": stands beside "bridge"' in refused.message and ' set by ' not in refused.message


def test_a_flag_that_does_not_go_with_ours_is_named_with_its_file():
    refused = refusal(look(exec_start=STOCK + ' -b br0'), wish(BIP))
    assert '"bridge" is set by the flags of the daemon, in %s. ' % STOCK_UNIT in refused.message


def test_B57_the_wished_version_counts_before_the_installed_one():
    # In check mode the new engine is only planned.
    assert plan(look(version='20.10.24'), wish({'proxies': {}}, engine_version='26.1')).changed
    assert 'engine 20.10.24' in refusal(look(version='20.10.24'), wish({'proxies': {}}, engine_version='present')).message
    assert 'engine 26.1.5' in refusal(look(), wish({'graph': '/x'}, engine_version='26.1')).message
    assert plan(look(version=''), wish({'proxies': {}})).changed


def test_mirrors_are_given_once():
    assert 'is given twice' in refusal(look(), wish({'registry-mirrors': []}, registry_mirrors=['https://m.example'])).message


# --- the unit: flags and further files ---------------------------------------------------------------------------------------------

CLEARED = '/usr/bin/dockerd --containerd=/run/containerd/containerd.sock'


def test_B41_endpoints_in_the_file_are_taken_out_of_the_unit_by_a_drop_in():
    options = {'hosts': ['unix:///var/run/docker.sock', 'tcp://127.0.0.1:2375']}
    found = plan(look(), wish(options))
    assert does(found) == ['files', 'write', 'restart'] and found.result['action'] == 'restart'
    (drop_in,) = found.steps[0]['files']
    assert drop_in['path'] == HOSTS_DROP_IN and drop_in['content'].endswith('[Service]\nExecStart=\nExecStart=%s\n' % CLEARED)
    assert found.steps[0]['daemon_reload'] and found.result['changed_files'] == [HOSTS_DROP_IN] and CLEARED in found.after
    # With it there, there is nothing to do, whatever systemd then says of ExecStart.
    units = [[STOCK_UNIT, STOCK], [HOSTS_DROP_IN, ''], [HOSTS_DROP_IN, CLEARED]]
    there = look(options, exec_start=units, files={HOSTS_DROP_IN: drop_in['content']}, ours=[['hosts']])
    assert does(plan(there, wish(options))) == []
    # The key goes before the drop-in: a run that is cut off in between leaves a daemon that can start.
    undone = plan(there, wish())
    assert does(undone) == ['write', 'files', 'restart'] and undone.steps[1]['files'][0]['content'] is None and CLEARED in undone.before
    # A package with another command gets another drop-in.
    assert does(plan(dict(there, unit=dict(there['unit'], exec_start=[[STOCK_UNIT, STOCK + ' --x']] + units[1:])), wish(options))) == ['files', 'restart']


def test_B41_a_unit_that_leaves_the_endpoints_to_the_file_needs_no_drop_in():
    assert does(plan(look(exec_start=CLEARED), wish({'hosts': ['unix:///var/run/docker.sock']}))) == ['write', 'restart']


def test_B41_endpoints_in_a_drop_in_of_others_that_comes_after_ours_are_refused():
    late = FOLDER + '/zzz.conf'
    refused = refusal(look(exec_start=[[STOCK_UNIT, STOCK], [late, ''], [late, STOCK]]), wish({'hosts': ['unix:///var/run/docker.sock']}))
    assert '"hosts" cannot stand in /etc/docker/daemon.json' in refused.message and late in refused.message


@pytest.mark.parametrize('flag, options', [
    ('--data-root /data', {'data-root': '/srv'}),
    ('--containerd=/x.sock', {'containerd': '/y.sock'}),
    ('-D', {'debug': True}),
    ('--registry-mirror=https://m.example', {'registry-mirrors': ['https://n.example']}),
    ('--log-opt max-size=1m', {'log-opts': {'max-file': '3'}}),
    ('-s overlay2', {'storage-driver': 'overlay2'}),
])
def test_B41_every_key_beside_its_flag_is_refused_and_the_file_named(flag, options):
    path = FOLDER + '/override.conf'
    refused = refusal(look(exec_start=[[STOCK_UNIT, STOCK], [path, ''], [path, '/usr/bin/dockerd ' + flag]]), wish(options))
    assert '"%s" cannot stand in /etc/docker/daemon.json' % list(options)[0] in refused.message
    assert 'ExecStart in %s' % path in refused.message and refused.details['stage'] == 'flags'
    assert does(plan(look(exec_start='/usr/bin/dockerd'), wish(options))) != []


def test_a_daemon_that_reads_another_file_is_told():
    refused = refusal(look(exec_start='/usr/bin/dockerd --config-file /srv/docker.json'), wish({'debug': True}))
    assert 'does not read /etc/docker/daemon.json but /srv/docker.json' in refused.message


@pytest.mark.parametrize('command', ['/usr/bin/dockerd -H tcp://0.0.0.0:2375', '/usr/bin/dockerd -H=tcp://10.0.0.1:2375 -H fd://'])
def test_B80_an_open_api_by_a_flag_is_refused_as_well(command):
    refused = refusal(look(exec_start=command), wish({'debug': True}))
    assert 'everyone who reaches it is root' in refused.message and 'in %s' % STOCK_UNIT in refused.message
    assert plan(look(exec_start=command + ' --tlsverify --tlscacert=/c --tlscert /d --tlskey /e'), wish({'debug': True})).changed


@pytest.mark.parametrize('options', [
    {'hosts': ['tcp://0.0.0.0:2375']},
    {'hosts': ['fd://', 'tcp://[::]:2376'], 'tls': True},
])
def test_B80_an_open_api_in_the_file_is_refused(options):
    assert 'everyone who reaches it is root' in refusal(look(), wish(options)).message


def test_B80_certificates_have_to_be_there():
    options = {'hosts': ['tcp://0.0.0.0:2376'], 'tlsverify': True, 'tlscacert': '/x/ca.pem', 'tlscert': '/x/cert.pem', 'tlskey': '/x/key.pem'}
    there = dict.fromkeys(['/x/ca.pem', '/x/cert.pem', '/x/key.pem'], True)
    assert plan(look(tls_files=there), wish(options)).changed
    assert '"tlskey" names /x/key.pem, and this host has no such file' in refusal(look(tls_files=dict(there, **{'/x/key.pem': False})), wish(options)).message
    with pytest.raises(NotInLook):
        plan(look(), wish(options))


TLS = {'ca': u'-- ca', 'cert': u'-- cert', 'key': u'-- key\n', 'addresses': ['0.0.0.0'], 'port': 2376}
TLS_OPTIONS = {
    'hosts': ['fd://', 'tcp://0.0.0.0:2376'], 'tlsverify': True, 'tlscacert': '/etc/docker/dockfleet-tls/ca.pem',
    'tlscert': '/etc/docker/dockfleet-tls/cert.pem', 'tlskey': '/etc/docker/dockfleet-tls/key.pem',
}


@pytest.mark.parametrize('salt', [None, 'salt'])
def test_tls_brings_its_files_and_keys_and_takes_them_away_again(salt):
    found = plan(look(), wish(tls=TLS))
    assert does(found) == ['files', 'write', 'restart'] and written(found) == TLS_OPTIONS
    files = dict((each['path'], each['content']) for each in found.steps[0]['files'])
    assert files['/etc/docker/dockfleet-tls/key.pem'] == '-- key\n' and set(files) == set(MANAGED) - set([PROXY_DROP_IN])
    assert '-- key' not in found.after and '-- cert' in found.after
    assert dict((each['path'], each['mode']) for each in found.steps[0]['files'])['/etc/docker/dockfleet-tls/key.pem'] == '0600'
    there = look(TLS_OPTIONS, files=files, ours=[[key] for key in TLS_OPTIONS], salt=salt)
    assert not plan(there, wish(tls=TLS)).changed
    renewed = plan(there, wish(tls=dict(TLS, key='-- new')))
    assert [each['path'] for each in renewed.steps[0]['files']] == ['/etc/docker/dockfleet-tls/key.pem'] and renewed.result['action'] == 'restart'
    gone = plan(there, wish())
    assert does(gone) == ['write', 'files', 'restart'] and written(gone) == {} and len(gone.steps[1]['files']) == 4


def test_tls_keeps_to_what_is_said_of_endpoints():
    found = plan(look(), wish({'hosts': ['tcp://10.0.0.1:1234']}, tls=TLS))
    assert written(found)['hosts'] == ['tcp://10.0.0.1:1234']
    found = plan(look(exec_start=CLEARED), wish(tls=dict(TLS, addresses=['10.0.0.1', 'fd00::1'], port=2377)))
    assert written(found)['hosts'] == ['unix:///var/run/docker.sock', 'tcp://10.0.0.1:2377', 'tcp://[fd00::1]:2377']
    assert 'no IP address' in refusal(look(), wish(tls=dict(TLS, addresses=['eth0']))).message
    assert 'the same port' in refusal(look(), wish(tls=dict(TLS, addresses=['0.0.0.0', '::']))).message
    assert 'key is missing' in refusal(look(), wish(tls=dict(TLS, key=None))).message
    assert 'is given twice' in refusal(look(), wish({'tlsverify': True}, tls=TLS)).message


B77 = {'http_proxy': u'http://u:p%40ss@proxy.example:3128', 'https_proxy': None, 'no_proxy': ['.corp.example, 10.0.0.0/8'], 'bypass_registries': True}
DIRECT = '.corp.example,10.0.0.0/8,m.example:5000,r.example:5001'


def proxied(version, **proxy):
    options = {'insecure-registries': ['http://r.example:5001']}
    return plan(look(version=version), wish(options, registry_mirrors=['https://m.example:5000/x'], proxy=dict(B77, **proxy)))


def test_B77_the_proxy_of_a_new_engine_stands_in_its_file():
    found = proxied('26.1.5')
    assert does(found) == ['write', 'restart'] and written(found)['proxies'] == {'http-proxy': B77['http_proxy'], 'no-proxy': DIRECT}
    assert 'p%40ss' not in found.after
    assert written(proxied('26.1.5', bypass_registries=False))['proxies']['no-proxy'] == '.corp.example,10.0.0.0/8'


def test_B77_the_proxy_of_an_old_engine_stands_in_a_drop_in_that_systemd_reads_rightly():
    options = {'log-driver': 'json-file'}
    found = plan(look(options, version='20.10.24'), wish(options, proxy=B77))
    assert does(found) == ['files', 'restart'] and found.result['changed_keys'] == []
    (drop_in,) = found.steps[0]['files']
    assert (drop_in['path'], drop_in['mode']) == (PROXY_DROP_IN, '0600')
    assert drop_in['content'].split('[Service]\n')[1] == (
        'Environment="HTTP_PROXY=http://u:p%%40ss@proxy.example:3128"\nEnvironment="NO_PROXY=.corp.example,10.0.0.0/8"\n'
    )
    assert 'p%%40ss' not in found.after and '********@proxy.example' in found.after
    there = look(options, version='20.10.24', files={PROXY_DROP_IN: drop_in['content']}, salt='salt')
    assert not plan(there, wish(options, proxy=B77)).changed
    assert plan(there, wish(options, proxy=dict(B77, http_proxy='http://u:other@proxy.example:3128'))).changed
    # The engine was upgraded since: from the drop-in into the file.
    moved = plan(dict(there, packages={'installed': {'docker-ce': {'version': '26.1.5'}}}), wish(options, proxy=B77))
    assert does(moved) == ['write', 'files', 'restart'] and moved.steps[1]['files'][0]['content'] is None


@pytest.mark.parametrize('proxy, said', [
    ({'http_proxy': 'proxy.example:3128'}, 'has to begin with http://'),
    ({'http_proxy': 'http://u:p%@proxy.example:3128'}, 'begins no percent-encoded character'),
    ({'http_proxy': 'http://u:a b@proxy.example:3128'}, 'has to be percent-encoded'),
    ({'http_proxy': 'http://proxy.example:99999'}, 'no port number'),
    ({'http_proxy': None}, 'neither http_proxy nor https_proxy'),
])
def test_B77_a_proxy_that_is_none_is_refused_without_its_password(proxy, said):
    refused = refusal(look(), wish(proxy=dict(B77, **proxy)))
    assert said in refused.message and 'u:' not in refused.message


def test_B78_three_proxies_are_shown_side_by_side():
    def shown(look, wish):
        return [(row['used_by'], row['proxy'], row['path']) for row in plan(look, wish).result['proxies']]

    none = [('package manager', '', ''), ('daemon', '', ''), ('containers', '', '')]
    assert shown(look(), wish()) == none
    said = {
        'package_manager': {'proxy': 'http://p.example:1', 'path': '/etc/dnf/dnf.conf'}, 'daemon': {'proxy': 'http://p.example:2', 'path': '/x.conf'},
        'containers': {'proxy': 'http://p.example:3', 'path': '/root/.docker/config.json'},
    }
    assert shown(dict(look(), proxies=said), wish()) == [
        ('package manager', 'http://p.example:1', '/etc/dnf/dnf.conf'), ('daemon', 'http://p.example:2', '/x.conf'),
        ('containers', 'http://p.example:3', '/root/.docker/config.json'),
    ]
    # What is wished, or stands in the file, comes before the unit, and no password is shown.
    assert shown(dict(look(), proxies=said), wish(proxy=B77))[1] == ('daemon', 'http://proxy.example:3128', PATH)
    assert shown(look(version='20.10.24'), wish(proxy=B77))[1] == ('daemon', 'http://proxy.example:3128', PROXY_DROP_IN)
    ours = dict(FIT['proxies'], daemon={'proxy': 'http://p.example:2', 'path': PROXY_DROP_IN})
    assert shown(dict(look(files={PROXY_DROP_IN: 'x'}), proxies=ours), wish()) == none


def test_a_proxy_is_given_once():
    assert 'proxies is given twice' in refusal(look(), wish({'proxies': {}}, proxy=B77)).message


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
