# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What site.yml promises of a host, asked of the host itself."""

from __future__ import annotations

import json


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


def test_packages_are_checked_by_the_proven_key_only(host, lab):
    if host.ansible.get_variables()['inventory_hostname'] == 'el7':
        text = host.file('/etc/yum.repos.d/docker-ce.repo').content_string
        assert 'gpgcheck=1' in text and 'gpgcheck=0' not in text
        assert '$releasever' not in text and '/linux/centos/7/' in text
        key = host.file('/etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce')
    else:
        text = host.file('/etc/apt/sources.list.d/docker.sources').content_string
        assert 'Signed-By: /etc/apt/keyrings/docker.asc' in text
        assert 'rusted: yes' not in text
        key = host.file('/etc/apt/keyrings/docker.asc')
    assert 'mirrors.tuna.tsinghua.edu.cn/docker-ce' in text
    assert key.mode == 0o644 and key.user == 'root'
