# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each engine: what is reloaded, what is restarted, what is undone, and what it does not know."""

from __future__ import annotations

import json

import pytest
from conftest import FILE, FOREIGN, MIRROR, OTHER_MIRROR, TOGETHER, WISHED


def test_options_of_others_stay(machine, docker):
    assert docker.options == TOGETHER
    assert docker.info('.Labels') == FOREIGN['labels'] and docker.mirrors == [MIRROR]
    assert machine.file(FILE).mode == 0o640


def test_B54_mirrors_are_reloaded_and_containers_run_on(docker, container):
    started, process = container(), docker.process
    assert started.startswith('true ')
    result = docker.json(mirrors=[OTHER_MIRROR, MIRROR])
    assert (result['action'], result['changed_keys']) == ('reload', ['registry-mirrors'])
    assert docker.mirrors == [OTHER_MIRROR, MIRROR]
    gone = docker.json(mirrors=[])
    assert gone['action'] == 'reload' and docker.mirrors == [] and 'registry-mirrors' not in docker.options
    assert (container(), docker.process) == (started, process)


def test_B54_a_bridge_address_takes_a_restart_and_says_whom_it_hits(machine, docker, container):
    process = docker.process
    result = docker.json({'bip': '198.51.100.1/25'})
    assert (result['action'], result['changed_keys']) == ('restart', ['bip'])
    assert 'running containers (1) stop' in ' '.join(result['warnings'])
    assert docker.process != process and container().startswith('false ')
    assert '198.51.100.1/25' in machine.check_output('ip -4 -o address show docker0')
    again = docker.json({'bip': '198.51.100.1/25'})
    assert not again['changed'] and again['action'] == 'none'


@pytest.mark.one_of_each_engine
def test_live_restore_is_reloaded_and_then_spares_containers(docker, container):
    assert docker.json({'live-restore': True})['action'] == 'reload'
    assert docker.info('.LiveRestoreEnabled')
    started = container()
    result = docker.json({'live-restore': True, 'max-concurrent-downloads': 5, 'shutdown-timeout': 20, 'mtu': 1400})
    assert result['action'] == 'restart' and 'stay up' in ' '.join(result['warnings'])
    assert container() == started


def test_what_dockerd_does_not_start_with_is_rolled_back(machine, docker):
    before = docker.text
    # With a secret in it the new file is only root's; the old one comes back with its own permissions.
    result = docker.json({'log-driver': 'nosuch', 'log-opts': {'splunk-token': 's3cret'}})
    assert machine.file(FILE).mode == 0o640
    assert result['stage'] == 'restart' and 'nosuch' in result['msg'] and 'the daemon runs with it again' in result['msg']
    assert any('nosuch' in line for line in result['log'])
    assert docker.text == before and docker.mirrors == [MIRROR]
    assert machine.check_output('systemctl is-active docker.service docker.socket').split() == ['active', 'active']
    # What was ours before is ours still.
    assert ['registry-mirrors'] in json.loads(machine.file('/var/lib/dockfleet/daemon_json.json').content_string)[FILE]['ours']


@pytest.mark.one_of_each_engine
def test_a_reload_that_dockerd_refuses_is_rolled_back(docker):
    before, process = docker.text, docker.process
    result = docker.json({'default-runtime': 'nosuch'})
    # Engine 20.10 would die of this one, so it is told by the table.
    assert 'nosuch' in result['msg'] and result['stage'] == ('options' if docker.engine < 23 else 'reload')
    assert docker.text == before and docker.process == process


@pytest.mark.one_of_each_engine
def test_what_dockerd_itself_refuses_is_not_written(docker):
    before, process = docker.text, docker.process
    if docker.engine < 23:
        # No "dockerd --validate" yet: it is tried, and undone.
        result = docker.json({'seccomp-profile': '/nosuch/profile.json'})
        assert result['stage'] == 'restart' and '/nosuch/profile.json' in result['msg']
    else:
        result = docker.json({'userland-proxy-path': '/nosuch/docker-proxy'})
        assert result['stage'] == 'validate' and '/nosuch/docker-proxy' in result['msg']
        assert docker.process == process
    assert docker.text == before and docker.mirrors == [MIRROR]


@pytest.mark.one_of_each_engine
def test_B57_each_engine_refuses_what_it_does_not_know(machine, docker):
    proxies = {'proxies': {'http-proxy': 'http://user:s3cret@proxy.example:3128', 'no-proxy': '198.18.0.0/15'}}
    if docker.engine < 23:
        assert 'does not know it yet (from 23.0 on)' in docker.json(proxies)['msg']
    else:
        planned = docker.json(proxies, check=True)
        assert planned['changed'] and 's3cret' not in json.dumps({key: value for key, value in planned.items() if key != 'invocation'})
        assert docker.json(proxies)['action'] == 'restart'
        assert 's3cret' in docker.text and machine.file(FILE).mode == 0o600
        assert 's3cret' not in json.dumps(docker.run('host_facts', False, data_root='/var/lib/docker'))
        assert docker.json()['action'] == 'restart'
    if docker.engine < 29:
        assert 'does not know it yet (from 29.0 on)' in docker.json({'firewall-backend': 'nftables'})['msg']


@pytest.mark.one_of_each_engine
def test_B86_a_daemon_that_gave_up_comes_back_with_the_mended_file(machine, docker):
    docker.write(json.dumps({**docker.options, 'nosuch-key': True}))
    # More starts in a minute than systemd allows.
    for command in ('restart', 'start', 'start', 'start', 'start'):
        machine.run('systemctl %s docker' % command)
    assert machine.run('systemctl is-active docker.service').rc != 0
    result = docker.json({'nosuch-key': None})
    assert result['action'] == 'restart' and docker.options == TOGETHER
    assert machine.check_output('systemctl is-active docker.service') == 'active' and docker.mirrors == [MIRROR]


@pytest.mark.one_of_each_engine
def test_verify_compares_the_daemon_and_runs_an_image(machine, docker, lab):
    result = docker.verify(options={**FOREIGN, **WISHED}, registry_mirrors=[MIRROR], run='always')
    assert not result['changed'] and result['findings'] == []
    assert 'Hello from' in result['outputs']['hello-world']
    assert result['engine']['version'].split('+')[0] in [each['version'] for each in lab['engines']]
    assert 'hello-world' not in machine.check_output('docker image ls')
