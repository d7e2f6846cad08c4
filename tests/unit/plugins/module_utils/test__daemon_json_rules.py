# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an engine of each version takes for daemon.json."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from daemon_values import ALL, ITEMS, LAST, MIDDLE, MIRRORS, NEWEST, OLD, VALUES, WRONG_TYPES

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import check
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import DANGEROUS, FLAGS_ONLY, KEYS, RESETS, SINGULAR
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_types import TYPES, coerce, plain_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_values import RULES


def problems_of(options, version):
    # What is checked is always text; the literals here are bytes under Python 2.7.
    return check(plain_text(options), version)


def found(options, version):
    return [(problem['code'], problem['key']) for problem in problems_of(options, version)]


def words(options, version):
    return u'; '.join(problem['message'] for problem in problems_of(options, version))


# --- names ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('version', ALL)
@pytest.mark.parametrize('singular, plural', sorted(SINGULAR.items()))
def test_B42_singular_key(singular, plural, version):
    assert found({singular: []}, version) == [('singular', singular)]
    assert 'Write "%s"' % plural in words({singular: []}, version)
    assert plural in KEYS and singular not in KEYS


@pytest.mark.parametrize('key, nearest', [
    ('registry-mirors', 'registry-mirrors'),
    ('Registry-Mirrors', 'registry-mirrors'),
    ('registry_mirrors', 'registry-mirrors'),
    ('insecure-registeries', 'insecure-registries'),
    ('log-option', 'log-opts'),
    ('liverestore', 'live-restore'),
    ('dataroot', 'data-root'),
])
def test_B43_misspelt_key(key, nearest):
    assert found({key: []}, MIDDLE) == [('unknown', key)]
    assert words({key: []}, MIDDLE).endswith('Did you mean "%s"?' % nearest)


def test_a_key_like_no_other_has_no_hint():
    assert words({'xyzzy': 1}, MIDDLE) == 'no engine knows this key'


@pytest.mark.parametrize('key', FLAGS_ONLY)
def test_a_flag_is_no_key(key):
    assert found({key: True}, MIDDLE) == [('flag', key)]


@pytest.mark.parametrize('options, version, expected', [
    ({'proxies': {}}, OLD, ['too_new']),
    ({'proxies': {}}, (23, 0, 0), []),
    ({'min-api-version': '1.40'}, LAST, ['too_new']),
    ({'min-api-version': '1.40'}, NEWEST, []),
    ({'firewall-backend': 'nftables'}, LAST, ['too_new']),
    ({'default-address-pools': [{'base': '10.1.0.0/16', 'size': 24}]}, (18, 3, 1), ['too_new']),
    ({'graph': '/data'}, OLD, []),
    ({'graph': '/data'}, (23, 0, 0), ['gone']),
    ({'cluster-store': 'consul://x'}, MIDDLE, ['gone']),
    ({'oom-score-adjust': -500}, (24, 0, 9), []),
    ({'oom-score-adjust': -500}, MIDDLE, ['gone']),
    ({'api-cors-header': '*'}, MIDDLE, []),
    ({'api-cors-header': '*'}, LAST, ['gone']),
    ({'deprecated-key-path': '/x', 'allow-nondistributable-artifacts': ['r.example']}, NEWEST, []),
    ({'storage-driver': 'devicemapper'}, (24, 0, 9), []),
    ({'storage-driver': 'devicemapper'}, MIDDLE, ['value']),
    ({'storage-driver': 'aufs'}, OLD, []),
    ({'storage-driver': 'aufs'}, MIDDLE, ['value']),
    ({'storage-driver': 'overlay'}, MIDDLE, ['value']),
    ({'storage-driver': 'overlay2'}, NEWEST, []),
    ({'storage-driver': 'overlay2', 'storage-opts': ['overlay2.override_kernel_check=true']}, OLD, []),
    ({'storage-driver': 'overlay2', 'storage-opts': ['overlay2.override_kernel_check=true']}, NEWEST, ['value']),
    # Where the version is not known yet, only what no engine takes is wrong.
    ({'proxies': {}, 'graph': '/data', 'min-api-version': '1.40', 'storage-driver': 'aufs'}, (), []),
])
def test_B57_keys_and_values_that_came_or_went_with_a_version(options, version, expected):
    assert [code for code, key in found(options, version)] == expected


def test_a_version_problem_names_both_versions():
    assert words({'proxies': {}}, OLD) == 'engine 20.10.24 does not know it yet (from 23.0 on)'
    assert words({'graph': '/x'}, MIDDLE) == 'engine 26.1.5 does not start with it (gone since 23.0). Write "data-root"'


# --- types and values ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('key', sorted(KEYS))
def test_B51_each_key_has_a_type(key):
    version = KEYS[key].since or OLD
    for value in WRONG_TYPES[KEYS[key].type]:
        assert found({key: value}, version) == [('type', key)]
    # An engine takes null for "not there".
    assert found({key: None}, version) == []


def test_B51_boolean_as_text_is_an_error_in_the_file_and_coerced_in_the_wish():
    assert words({'live-restore': 'true'}, MIDDLE) == 'it takes true or false, without quotes, such as true'
    assert coerce({'live-restore': 'true'}) == {'live-restore': True}


def test_B52_one_text_is_an_error_in_the_file_and_a_list_in_the_wish():
    assert words({'registry-mirrors': 'https://m.example'}, MIDDLE) == 'it takes a list of texts, such as ["..."]'
    assert coerce({'registry-mirrors': ' https://m.example '}) == {'registry-mirrors': ['https://m.example']}


@pytest.mark.parametrize('url, versions, good, said', MIRRORS)
def test_B59_mirror_urls(url, versions, good, said):
    for version in versions:
        problems = problems_of({'registry-mirrors': [url]}, version)
        assert (problems == []) is good
        if not good:
            assert said in problems[0]['message'] and 'u:p' not in problems[0]['message']


def test_B99_a_mirror_that_an_old_engine_dropped_without_a_word():
    assert found({'registry-mirrors': ['m.example:5000']}, MIDDLE) == [('value', 'registry-mirrors')]


@pytest.mark.parametrize('key, good, bad', ITEMS)
def test_values_in_lists(key, good, bad):
    assert found({key: good}, LAST) == []
    for value in bad:
        assert found({key: good + [value]}, LAST) == [('value', key)]


@pytest.mark.parametrize('key, good, bad', VALUES)
def test_values(key, good, bad):
    for value in good:
        assert found({key: value}, LAST) == []
    for value in bad:
        assert found({key: value}, LAST) == [('value', key)]


def test_a_runtime_by_type_is_too_new_for_an_old_engine():
    assert 'from 23.0 on' in words({'runtimes': {'kata': {'runtimeType': 'io.containerd.kata.v2'}}}, OLD)


# --- what does not go together -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('endpoint', [
    'tcp://0.0.0.0:2375', 'tcp://:2375', 'tcp://192.0.2.7:2376', 'tcp://[::]:2375', 'tcp://docker.example:2375', 'tcp://127.example:2375',
])
def test_B80_open_api(endpoint):
    assert found({'hosts': ['unix:///run/docker.sock', endpoint]}, MIDDLE) == [('combination', 'hosts')]
    assert 'everyone who reaches it is root' in words({'hosts': [endpoint]}, MIDDLE)
    assert found({'hosts': [endpoint], 'tls': True, 'tlscert': '/d', 'tlskey': '/e'}, MIDDLE) == [('combination', 'hosts')]
    assert found({'hosts': [endpoint], 'tlsverify': True, 'tlscacert': '/c', 'tlscert': '/d', 'tlskey': '/e'}, MIDDLE) == []


@pytest.mark.parametrize('options, version, key', [
    ({'host-gateway-ip': '192.0.2.1', 'host-gateway-ips': ['192.0.2.1']}, LAST, 'host-gateway-ip'),
    ({'bridge': 'br0', 'bip': '192.168.5.1/24'}, MIDDLE, 'bip'),
    ({'icc': False, 'iptables': False}, MIDDLE, 'icc'),
    ({'default-runtime': 'crun'}, OLD, 'default-runtime'),
])
def test_values_that_do_not_go_together(options, version, key):
    assert found(options, version) == [('combination', key)]


def test_B80_tls_needs_its_certificates():
    certificate = {'tlscert': '/d', 'tlskey': '/e'}
    for options in ({'tls': True}, {'tlsverify': False}, {'tls': False, 'tlsverify': False}):
        assert found(options, LAST) == [('combination', sorted(options)[-1])] and 'without tlscert and tlskey' in words(options, LAST)
        assert found(dict(options, **certificate), LAST) == []
    # Without an authority of one's own, a client of any public one would do.
    assert 'without tlscacert the daemon' in words(dict(certificate, tlsverify=True), LAST)
    assert found(dict(certificate, tlsverify=True, tlscacert='/c'), LAST) == found({'tls': False}, LAST) == found({'tlsverify': None}, LAST) == []


def test_values_that_go_together():
    assert problems_of({'default-runtime': 'crun', 'runtimes': {'crun': {'path': '/usr/bin/crun'}}}, OLD) == []
    assert problems_of({'bridge': '', 'bip': '192.168.5.1/24', 'icc': False, 'iptables': True}, OLD) == []


# --- the table ---------------------------------------------------------------------------------------------------------------------


def test_the_table_holds_together():
    assert set(key.type for key in KEYS.values()) <= set(TYPES)
    assert set(RULES) <= set(KEYS)
    assert set(WRONG_TYPES) == set(TYPES)
    assert set(DANGEROUS) - set(['containerd-snapshotter']) <= set(KEYS)
    assert not set(FLAGS_ONLY) & (set(KEYS) | set(SINGULAR))
    for name, key in KEYS.items():
        if key.reload not in (None, 'kept', RESETS):
            assert TYPES[key.type][0](plain_text(key.reload)), name
        assert not key.gone or not key.since or key.since < key.gone, name
