# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of this scenario share: the module, run as the role runs it, and a daemon's own words."""

from __future__ import annotations

import json

import direct
import pytest
import testinfra

FILE = '/etc/docker/daemon.json'
MIRROR, OTHER_MIRROR = 'https://docker.1ms.run', 'https://docker.m.daocloud.io'
# What prepare.yml put there as somebody else would, and what converge.yml wishes.
FOREIGN = {'labels': ['ort=Köln'], 'log-opts': {'max-size': '5m'}}
WISHED = {'log-opts': {'max-file': '3'}}
TOGETHER = {'labels': ['ort=Köln'], 'log-opts': {'max-size': '5m', 'max-file': '3'}, 'registry-mirrors': [MIRROR]}


# What does not depend on the engine is asked of one host of each kind, what depends on nothing else of one host with each engine.
ONE_OF_EACH_KIND = ('el7-first', 'debian12-last')
ONE_OF_EACH_ENGINE = ('el7-first', 'debian12-middle', 'el7-last')
OF_ONE_OF_EACH_KIND = ('test_files.py', 'test_reach.py')


def pytest_configure(config):
    config.addinivalue_line('markers', 'one_of_each_engine: the kind of host does not matter')


def pytest_collection_modifyitems(items):
    def asked(item):
        host = item.callspec.params['_testinfra_host'].backend.host
        if item.path.name in OF_ONE_OF_EACH_KIND:
            return host in ONE_OF_EACH_KIND
        return host in ONE_OF_EACH_ENGINE or not item.get_closest_marker('one_of_each_engine')

    items[:] = [item for item in items if asked(item)]


class Docker:
    """One host's daemon and its file."""

    def __init__(self, host, machine):
        self.machine = machine
        self.ansible = host.ansible

    def info(self, template):
        return json.loads(self.machine.check_output("docker info --format '{{json %s}}'", template))

    @property
    def engine(self):
        return int(self.info('.ServerVersion').split('.')[0])

    @property
    def mirrors(self):
        return [url.rstrip('/') for url in self.info('.RegistryConfig.Mirrors') or []]

    @property
    def process(self):
        return self.machine.check_output('systemctl show --property MainPID docker')

    @property
    def text(self):
        return self.machine.file(FILE).content_string

    @property
    def options(self):
        return json.loads(self.text)

    def write(self, text):
        """Put a text or bytes into daemon.json as somebody else would."""
        data = text if isinstance(text, bytes) else text.encode()
        self.machine.check_output("printf '%%b' '%s' > %s" % (''.join('\\0%03o' % byte for byte in data), FILE))

    def json(self, options=None, mirrors=(MIRROR,), check=False, **others):
        """Run the module with the play's wish and more."""
        wish = {'options': {**WISHED, **(options or {})}, 'registry_mirrors': list(mirrors), **others}
        return self.run('daemon_json', check, **wish)

    def verify(self, **wish):
        return self.run('engine_verify', False, **wish)

    def run(self, module, check, **wish):
        if 'tls' not in wish:
            return direct.run_module(self.machine.backend.name, module, check, **wish)
        # Its files are read on the controller.
        try:
            return self.ansible('dockfleet.host.' + module, json.dumps(wish), check=check)
        except self.ansible.AnsibleException as failure:
            return failure.result


@pytest.fixture(scope='module')
def machine(host):
    """The host without Ansible in between."""
    return testinfra.get_host('docker://' + host.ansible.get_variables()['ansible_host'])


@pytest.fixture
def docker(host, machine):
    """The daemon, as the play left it."""
    docker = Docker(host, machine)
    if machine.run('systemctl is-active docker.service').rc or docker.options != TOGETHER or docker.mirrors != [MIRROR]:
        docker.json()
        assert docker.options == TOGETHER and docker.mirrors == [MIRROR]
    return docker


@pytest.fixture
def container(machine, docker):
    """A running container; the daemon has no live-restore, so a restart would stop it."""
    machine.check_output('docker run --detach --name lives --stop-signal KILL busybox sleep 1000000')
    yield lambda: machine.check_output("docker inspect --format '{{.State.Running}} {{.State.StartedAt}}' lives")
    machine.check_output('docker rm --force lives')
