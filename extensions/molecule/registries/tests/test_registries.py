# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What registry_reachability_info said to all endpoints at once (converge.yml), and what it says to single ones."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import subprocess

import pytest
import yaml

HERE = pathlib.Path(__file__).resolve().parents[1]
ROOT = HERE.parents[2]
PREFIX = os.environ['MOLECULE_SCENARIO_NAME']
ENDPOINTS = {entry['name']: entry for entry in yaml.safe_load((HERE / 'vars/endpoints.yml').read_text())['endpoints']}
HUB, AUTH, BLOBS = 'registry-1.docker.io', 'auth.docker.io', 'production.cloudfront.docker.com'
HELLO = 'library/hello-world:latest'
GOOD, OLD = 'docker.1ms.run', 'docker.1panel.live'


@contextlib.contextmanager
def fault(name, how):
    """A name has another fault meanwhile."""
    subprocess.run([ROOT / 'tests/lab/fault', PREFIX, name, how], check=True)
    try:
        yield
    finally:
        subprocess.run([ROOT / 'tests/lab/fault', PREFIX, name, ENDPOINTS.get(name, {}).get('fault', 'heal')], check=True)


@pytest.fixture(scope='module')
def name(host):
    return host.ansible.get_variables()['inventory_hostname']


@pytest.fixture(scope='module')
def probed(name):
    """What converge found on this host."""
    return json.loads((pathlib.Path(os.environ['MOLECULE_EPHEMERAL_DIRECTORY']) / (name + '.json')).read_text())


@pytest.fixture(scope='module')
def found(probed):
    return {entry['url'].partition('://')[2]: entry for entry in probed['registries']}


@pytest.fixture
def probe(run_module):
    """Asks from this host."""

    def run(*registries, **options):
        wish = {'registries': ['https://' + registry for registry in registries], 'timeout': 30, **options}
        return run_module('registry_reachability_info', **wish)

    return run


def summary(entry):
    return entry['verdict'], entry['stage'], entry['cause']


# All at once.


@pytest.mark.parametrize('endpoint', ENDPOINTS.values(), ids=['%(name)s-%(fault)s' % entry for entry in ENDPOINTS.values()])
def test_verdict(found, endpoint):
    verdict, stage, cause = summary(found[endpoint['name']])
    assert (verdict, stage) == (endpoint['verdict'], endpoint['stage']), cause
    assert re.fullmatch(endpoint['cause'], cause), cause


def test_four_bad_certificates_have_four_causes(found):
    causes = {summary(found[name])[2].partition(' on ')[0] for name, entry in ENDPOINTS.items() if entry['stage'] == 'tls' and entry['fault'] != 'reset'}
    assert len(causes) == 4


def test_addresses_and_names(found, lab):
    address = {name: entry['address'] for name, entry in lab['names'].items()}
    assert found['ipv6.lab.invalid']['addresses'] == [address['ipv6.lab.invalid']] and ':' in address['ipv6.lab.invalid']
    assert found['dockerproxy.net']['addresses'] == [address['proxy.lab.invalid']]
    assert found[GOOD]['addresses'] == [address[GOOD]]
    # The realm is on another host, the mirror's as well as Docker Hub's.
    assert (found[GOOD]['hosts'], found[HUB]['hosts']) == ([GOOD, AUTH], [HUB, AUTH])
    assert all(entry['latency_ms'] is not None for entry in found.values() if entry['verdict'] != 'unusable')


def test_limits_and_what_is_known(found):
    assert found['docker.nju.edu.cn']['rate_limit'] == {'limit': 100, 'window_s': 21600, 'remaining': 0, 'retry_after_s': 60}
    assert 'is known to be dead: shut down (as of ' in found['registry.docker-cn.com']['notes'][0]
    assert 'is known to be restricted: wants a login' in found['a1b2c3d4.mirror.aliyuncs.com']['notes'][0]
    assert 'docker_dns_mode "auto" repairs the name' in found['docker.mirrors.sjtug.sjtu.edu.cn']['notes'][-1]


def test_the_password_is_nowhere(probed, lab):
    assert lab['login']['password'] not in json.dumps(probed)


def test_healthy_ones_are_listed_in_the_given_order(probed):
    assert probed['healthy'] == ['https://' + name for name, entry in ENDPOINTS.items() if entry['verdict'] == 'healthy']


# Single ones.


def test_B59_what_is_no_url_is_said_for_each(run_module):
    wish = ['m.example', 'm.example:5000', 'eg:https://m.example', ' https://' + GOOD]
    entries = run_module('registry_reachability_info', registries=wish)['registries']
    assert [entry['stage'] for entry in entries] == ['url', 'url', 'url', '']
    assert 'Write https://m.example:5000' in entries[1]['cause'] and 'eg:' in entries[2]['cause']


def test_B61_dead_mirrors_are_named_and_nothing_is_chosen(probe):
    refused = probe('registry.docker-cn.com', 'docker.mirrors.ustc.edu.cn', 'hub-mirror.c.163.com', order='given')
    assert refused['msg'].startswith('None of the mirrors can be pulled through from here, so nothing was changed. ')
    assert refused['msg'].count('is known to be dead') == 3 and 'docker_daemon_mirror_policy' in refused['msg']
    chosen = probe('registry.docker-cn.com', GOOD, 'ipv6.lab.invalid', order='given')
    assert chosen['mirrors'] == ['https://' + GOOD, 'https://ipv6.lab.invalid']
    assert chosen['warnings'][0].startswith('https://registry.docker-cn.com is left out: unusable, tcp: connection refused.')


def test_B62_a_token_that_is_refused(probe):
    with fault(AUTH, 'token-refused'):
        entry = probe(GOOD)['registries'][0]
    assert summary(entry) == ('unusable', 'token', 'answers, but auth.docker.io gives no pull token without a user name and password (http 401)')
    with fault(AUTH, 'forbidden'):
        entry = probe(GOOD)['registries'][0]
    assert summary(entry)[:2] == ('unusable', 'token')
    assert entry['cause'].startswith('answers, but gives no pull token: auth.docker.io refuses this client (http 403)')


def test_B64_stale_only_where_both_digests_are_known(probe):
    alone = probe(OLD)['registries'][0]
    assert summary(alone) == ('healthy', '', '') and alone['stale'] == []
    beside = probe(OLD, HUB)['registries'][0]
    assert (beside['verdict'], beside['stale'], beside['digests']) == ('degraded', [HELLO], alone['digests'])
    with fault(HUB, 'dead'):
        assert probe(OLD, HUB)['registries'][0]['verdict'] == 'healthy'


def test_blobs_are_followed_to_where_they_are(probe):
    entry = probe(HUB, read_blob=True)['registries'][0]
    assert (summary(entry), entry['hosts']) == (('healthy', '', ''), [HUB, AUTH, BLOBS])
    with fault(BLOBS, 'dead'):
        assert summary(probe(HUB, read_blob=True)['registries'][0]) == ('unusable', 'blob', 'tcp: connection refused')
        assert probe(HUB)['registries'][0]['verdict'] == 'healthy'
    with fault(BLOBS, 'no-blob'):
        assert summary(probe(HUB, read_blob=True)['registries'][0])[:2] == ('unusable', 'blob')


@pytest.mark.parametrize('how, stage, words', [
    ('unavailable', 'http', 'is out of order (http 503)'),
    ('html', 'http', 'no registry, but a login or parking page'),
    ('no-manifest', 'manifest', 'does not have it (http 404)'),
    ('poisoned', 'tls', 'certificate is for another name (stranger.lab.invalid)'),
])
def test_other_faults(probe, how, stage, words):
    with fault('dockerproxy.net', how):
        entry = probe('dockerproxy.net')['registries'][0]
    assert summary(entry)[:2] == ('unusable', stage) and words in entry['cause']


def test_wrong_credentials(probe, lab):
    login = {'registry': 'registry.lab.invalid', 'username': lab['login']['username'], 'password': 'another'}
    entry = probe('registry.lab.invalid', images=['registry.lab.invalid/library/busybox'], credentials=[login])['registries'][0]
    assert summary(entry) == ('unusable', 'token', 'does not accept the user name and password (http 401)')


# What people see.


def playbook(name, book, **wish):
    command = ['ansible-playbook', str(book), '-i', str(ROOT / 'tests/lab/inventory'), '--limit', name, '--extra-vars', json.dumps(wish)]
    env = dict(os.environ, ANSIBLE_FORCE_COLOR='0', LAB_PREFIX=PREFIX)
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def test_mirrors_playbook_fits_a_terminal_and_writes_json(name, tmp_path):
    registries = ['https://' + endpoint for endpoint in ENDPOINTS]
    wish = {'mirrors_registries': registries, 'mirrors_json': str(tmp_path / 'found.json'), 'docker_repo_candidates': ['aliyun']}
    code, said = playbook(name, 'dockfleet.host.mirrors', **wish)
    assert code == 0, said
    shown = said.partition('TASK [Show what the registries said]')[2].partition('TASK [')[0]
    lines = [line for line in shown.splitlines() if line.startswith('        "')]
    assert len(lines) > len(ENDPOINTS) and max(len(line) for line in lines) <= 100
    written = json.loads((tmp_path / 'found.json').read_text())
    assert [entry['url'] for entry in written['registries'][name]['registries']] == registries
    assert written['package_mirrors'][name]['mirrors'][0]['name'] == 'aliyun'


def test_role_leaves_the_daemon_alone_where_no_mirror_is_healthy(host, name, tmp_path):
    book = tmp_path / 'play.yml'
    book.write_text('- hosts: lab\n  gather_facts: false\n  roles: [dockfleet.host.docker_daemon]\n')
    code, said = playbook(name, book, docker_daemon_registry_mirrors=['https://registry.docker-cn.com', 'https://docker.nju.edu.cn'])
    assert code == 2 and 'None of the mirrors can be pulled through from here, so nothing was changed.' in said.replace('\n', ' ')
    assert not host.file('/etc/docker/daemon.json').exists
