# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What site.yml promises of a host, asked of the host itself."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[4]
PREFIX = os.environ['MOLECULE_SCENARIO_NAME']
MIRROR = 'docker.1ms.run'
HUB = 'registry-1.docker.io'


def engine(host, template):
    return json.loads(host.check_output("docker info --format '{{json %s}}'", template))


def test_modules_ran_under_the_python_that_the_host_has(host):
    look = host.ansible('dockfleet.host.host_facts', check=False)['ansible_facts']['dockfleet_host']
    python = look['system']['python'], look['system']['python_path']
    if host.ansible.get_variables()['inventory_hostname'] == 'el7':
        assert python[0].startswith('2.7.') and python[1] == '/usr/bin/python2.7'
    else:
        assert python[0].startswith('3.')


def test_engine_runs_and_starts_at_boot(host):
    for unit in ('docker.service', 'containerd.service'):
        assert host.check_output('systemctl is-active %s', unit) == 'active'
    assert host.check_output('systemctl is-enabled docker.service') == 'enabled'


def test_engine_and_client_have_one_version(host, lab):
    newest = lab['engines'][-1]['version']
    for side in ('Client', 'Server'):
        assert host.check_output("docker version --format '{{.%s.Version}}'", side).startswith(newest)


def test_storage_driver_and_mirrors_are_those_wished(host):
    wish = host.ansible.get_variables()['docker_daemon_registry_mirrors']
    assert engine(host, '.Driver') == 'overlay2'
    assert engine(host, '.RegistryConfig.Mirrors') == ['%s/' % url.rstrip('/') for url in wish]


def test_hello_world_runs_with_docker_hub_dead(host):
    assert host.run('python3 -c "import socket; socket.create_connection((\'registry-1.docker.io\', 443), 5)"').rc != 0
    assert 'Hello from' in host.check_output('docker run --rm hello-world')


def verify(run_module, **wish):
    """The module as docker_verify calls it."""
    answer = run_module('engine_verify', **wish)
    assert 'Traceback' not in json.dumps(answer)
    return answer


@contextlib.contextmanager
def fault(name, how, after='heal'):
    """A name of the lab has this fault meanwhile."""
    subprocess.run([ROOT / 'tests/lab/fault', PREFIX, name, how], check=True)
    try:
        yield
    finally:
        subprocess.run([ROOT / 'tests/lab/fault', PREFIX, name, after], check=True)


def asked(host, name):
    """What this host has asked of a registry, by the registry's own log."""
    mine = host.check_output('hostname -I').split()
    log = subprocess.run(['docker', 'exec', PREFIX + '-network', 'cat', '/var/log/nginx/access.log'], capture_output=True, text=True, check=True).stdout
    return [line.split('"')[1] for line in log.splitlines() if line.split()[0] == name and line.split()[1] in mine]


@contextlib.contextmanager
def nothing_pulled(host):
    before = asked(host, MIRROR), asked(host, HUB), host.check_output('docker image ls --all --quiet; docker ps --all --quiet')
    yield
    assert (asked(host, MIRROR), asked(host, HUB), host.check_output('docker image ls --all --quiet; docker ps --all --quiet')) == before


@pytest.fixture
def no_hello_world(host):
    host.run('docker image rm --force hello-world')


@pytest.mark.usefixtures('no_hello_world')
def test_the_image_came_through_the_mirror_and_the_limits_of_a_container_are_in_effect(host, run_module):
    wish = host.ansible.get_variables()['docker_daemon_registry_mirrors']
    with fault(HUB, 'heal', after='dead'):
        mirror, hub = len(asked(host, MIRROR)), asked(host, HUB)
        answer = verify(run_module, run='always', registry_mirrors=wish)
        # Docker Hub lives, and was not asked.
        assert asked(host, HUB) == hub
    assert answer['pulled_through'] == {'hello-world': '%s/' % wish[0].rstrip('/')}
    assert any('/blobs/' in line for line in asked(host, MIRROR)[mirror:])
    assert answer['limits'] == {'memory': 64 * 1024 ** 2, 'cpus': 0.5}
    assert 'Hello from' in answer['outputs']['hello-world']
    assert answer['engine']['endpoints'] == ['fd://']
    assert host.run('docker image inspect hello-world').rc != 0
    assert MIRROR not in host.check_output('docker image ls --all')


@pytest.mark.usefixtures('no_hello_world')
def test_an_image_that_docker_hub_gave_instead_is_no_proof_of_the_mirror(host, run_module):
    # It has the manifest, and no layer: the engine turns to Docker Hub without a word.
    with fault(HUB, 'heal', after='dead'), fault(MIRROR, 'no-blob'):
        hub = len(asked(host, HUB))
        answer = verify(run_module, run='always')
        assert any('/blobs/' in line for line in asked(host, HUB)[hub:])
    assert answer['stage'] == 'mirror'
    assert 'hello-world was pulled, but through none of the mirrors; it came from Docker Hub. https://%s/: ' % MIRROR in answer['msg']
    assert host.run('docker image inspect hello-world').rc != 0


def test_what_is_not_as_wished_is_named_and_nothing_is_pulled(host, run_module):
    with nothing_pulled(host):
        answer = verify(
            run_module,
            run='never',
            storage_driver='btrfs',
            registry_mirrors=['https://other.example'],
            options={'data-root': '/srv/elsewhere', 'hosts': ['tcp://127.0.0.1:2375']},
        )
    assert answer['stage'] == 'compare'
    for said in (
        'storage-driver: wished btrfs, found overlay2',
        'registry-mirrors: wished ["https://other.example"], found ["https://%s/"]' % MIRROR,
        'data-root: wished /srv/elsewhere, found /var/lib/docker',
        'API at tcp://127.0.0.1:2375: wished an answer, found connection refused',
    ):
        assert said in answer['msg']


def test_a_data_root_by_a_symbolic_link_is_as_wished_and_nothing_is_pulled(host, run_module):
    host.check_output('ln -sfn /var/lib/docker /srv/docker')
    with nothing_pulled(host):
        answer = verify(run_module, run='never', options={'data-root': '/srv/docker'})
    assert answer['findings'] == []
    assert answer['limits'] is None and answer['pulled_through'] == {} and answer['outputs'] == {}
    host.check_output('rm /srv/docker')


def test_preflight_finds_what_daemon_json_alone_says(host, run_module):
    """B53: a data-root that nobody wishes but the file."""
    kept = host.file('/etc/docker/daemon.json').content_string
    options = dict(json.loads(kept), **{'data-root': '/run/docker-data'})
    try:
        host.check_output("printf '%%s' %s > /etc/docker/daemon.json", json.dumps(options))
        answer = run_module('host_facts', options={'debug': False})
        assert answer['ansible_facts']['dockfleet_host']['system']['data_root'] == '/run/docker-data'
        assert answer['ansible_facts']['dockfleet_host']['system']['paths']['/run/docker-data']['filesystem'] == 'tmpfs'
        # A wish that the engine could not start with stops before anything is changed.
        answer = run_module('host_facts', options={'storage-driver': 'btrfs'}, enforce=True)
        assert answer['stage'] == 'preflight' and 'nothing was changed' in answer['msg'] and 'btrfs' in answer['msg']
    finally:
        host.check_output("printf '%%s' %s > /etc/docker/daemon.json", kept)


def test_packages_are_checked_by_the_proven_key_only(host, lab):
    variables = host.ansible.get_variables()
    if variables['lab_family'] == 'rpm':
        text = host.file('/etc/yum.repos.d/docker-ce.repo').content_string
        assert 'gpgcheck=1' in text and 'gpgcheck=0' not in text
        assert '$releasever' not in text and '/linux/centos/%s/' % variables['inventory_hostname'].replace('el', '') in text
        key = host.file('/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce')
    else:
        text = host.file('/etc/apt/sources.list.d/docker.sources').content_string
        assert 'Signed-By: /etc/apt/keyrings/docker.asc' in text
        assert 'rusted: yes' not in text
        key = host.file('/etc/apt/keyrings/docker.asc')
    assert 'mirrors.tuna.tsinghua.edu.cn/docker-ce' in text
    assert key.mode == 0o644 and key.user == 'root'
