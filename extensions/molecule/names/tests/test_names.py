# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resolver of the hosts gives a stranger's address, who has a valid certificate of his own name. The play has repaired the names; see converge.yml."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import time

import direct
import pytest
import testinfra

FAULT = pathlib.Path(__file__).resolve().parents[4] / 'tests/lab/fault'
HUB, AUTH, BLOBS = NAMES = ('registry-1.docker.io', 'auth.docker.io', 'production.cloudfront.docker.com')
# What prepare.yml appended to the file that the host had.
OTHERS = b'10.9.8.7\tcaf\xe9.example # caf\xe9\r\n\n# registry-1.docker.io\n10.9.8.6 last'
BLOCK = re.compile(b'^# BEGIN dockfleet.host docker_dns, [0-9]{4}-[0-9]{2}-[0-9]{2}\n.*?\n# END dockfleet.host docker_dns\n', re.DOTALL)


def fault(name, *faults):
    subprocess.run([FAULT, os.environ['MOLECULE_SCENARIO_NAME'], name, *faults], check=True)


# What the hosts' resolver says about each name, as prepare.yml left it.
STATE = dict.fromkeys(NAMES, 'poisoned')


def name_servers(what, names=NAMES):
    for name in names:
        if STATE[name] != what:
            fault(name, what)
            STATE[name] = what


class Machine:
    """One host, asked without Ansible in between."""

    def __init__(self, host, lab):
        self.container = host.ansible.get_variables()['ansible_host']
        self.direct = testinfra.get_host('docker://' + self.container)
        self.resolvers = lab['resolvers']
        self.run, self.check_output = self.direct.run, self.direct.check_output

    @property
    def content(self):
        return self.direct.file('/etc/hosts').content

    @property
    def block(self):
        """Name and address of each line between the marks."""
        text = BLOCK.match(self.content)
        lines = text.group().decode().splitlines() if text else []
        return [tuple(reversed(line.split())) for line in lines if not line.startswith('#')]

    def names(self, check=False, **options):
        """Run the module as the role does."""
        wish = {'resolvers': [self.resolvers[kind] for kind in ('lying', 'dead', 'honest')], 'timeout': 10, **options}
        return direct.run_module(self.container, 'registry_hosts', check, diff=True, **wish)

    def both(self, **options):
        """Check mode, which changes nothing, then the run itself, which does exactly what that said; returns the run's result."""
        before = self.content
        said = self.names(check=True, **options)
        assert self.content == before
        done = self.names(**options)
        assert (said['changed'], said['diff']) == (done['changed'], done['diff'])
        assert (self.content != before) is done['changed']
        return done

    def pull(self):
        """A real pull: nothing of the image is there."""
        self.run('docker rmi --force hello-world')
        return self.run('docker pull --quiet hello-world')


@pytest.fixture(scope='module')
def machine(host, lab):
    return Machine(host, lab)


@pytest.fixture
def original(machine):
    """The file without the block."""
    return BLOCK.sub(b'', machine.content)


@pytest.fixture
def truth(lab):
    return {name: lab['names'][name]['address'] for name in NAMES}


@pytest.fixture
def broken(machine, truth):
    """The resolver lies, and the block is there."""
    name_servers('poisoned')
    if machine.block != sorted(truth.items(), key=lambda pair: NAMES.index(pair[0])):
        machine.names()


@pytest.fixture
def healed(broken, machine):
    """The resolver is right again, and the block has gone."""
    name_servers('heal')
    machine.names()


def test_the_block_holds_only_proven_addresses(machine, truth, lab):
    """As converge left it. The wished name led to the two others by itself."""
    assert machine.block == [(name, truth[name]) for name in NAMES]
    assert lab['names']['stranger.lab.invalid']['address'] not in machine.content.decode('latin-1')


def test_nothing_else_in_the_file_has_changed(machine, original):
    assert original.endswith(OTHERS) and original.startswith(b'127.0.0.1\tlocalhost\n')
    file = machine.direct.file('/etc/hosts')
    assert (file.mode, file.user) == (0o640, 'admin')
    assert machine.run('ls -A /etc | grep dockfleet').stdout == ''


def test_a_daemon_that_ran_before_pulls_through_it(machine):
    """New lookups need no restart: the daemon is older than the block."""
    started = int(machine.check_output('date --date "$(systemctl show --property ActiveEnterTimestamp --value docker)" +%s'))
    assert started < int(machine.check_output('stat --format %Y /etc/hosts'))
    pulled = machine.pull()
    assert pulled.rc == 0, pulled.stderr


def test_each_lie_is_named_and_nothing_changes_when_all_is_repaired(machine, broken, lab):
    again = machine.both()
    assert not again['changed']
    stranger = lab['names']['stranger.lab.invalid']['address']
    assert [(entry['name'], entry['state']) for entry in again['system']] == [(name, 'lies') for name in NAMES]
    assert all(entry['address'] == stranger and entry['stage'] == 'tls' for entry in again['rejected'])
    assert {entry['cause'] for entry in again['rejected']} == {'certificate is for another name (stranger.lab.invalid)'}


def test_healed_names_give_the_file_back(machine, broken, original):
    name_servers('heal')
    done = machine.both()
    assert done['changed'] and machine.content == original
    assert {entry['state'] for entry in done['system']} == {'right'}
    assert machine.pull().rc == 0
    assert not machine.names()['changed']
    # And once more: check mode foretells what is written, down to the byte.
    name_servers('poisoned')
    # What Go has read of /etc/hosts it believes for five seconds; the pull of the test before found the block there.
    deadline = time.monotonic() + 60
    while machine.pull().rc == 0:
        assert time.monotonic() < deadline
    repaired = machine.both()
    assert repaired['changed'] and len(machine.block) == 3
    assert repaired['diff']['after'].encode('latin-1') == machine.content


def test_one_name_that_heals_leaves_the_block(machine, broken, truth):
    name_servers('heal', [AUTH])
    assert machine.both()['changed'] and machine.block == [(name, truth[name]) for name in (HUB, BLOBS)]


def test_absent(machine, broken, original):
    assert machine.both(mode='absent')['changed'] and machine.content == original
    assert not machine.names(mode='absent')['changed']


def test_force_pins_what_is_right_too(machine, healed, truth):
    assert machine.both(mode='force')['changed'] and dict(machine.block) == truth
    assert not machine.names(mode='force')['changed']


def test_without_a_name_server_that_knows_better_the_run_says_so(machine, broken, original):
    machine.names(mode='absent')
    done = machine.both(resolvers=[machine.resolvers['lying']])
    assert not done['changed'] and machine.content == original
    words = ' '.join(done['warnings'])
    assert 'registry-1.docker.io cannot be repaired: this host\'s name servers lie' in words and 'Name others, or a mirror.' in words
    none = machine.names(resolvers=[], mode='force')
    assert 'Set docker_dns_resolvers to name servers that know better.' in none['msg'] and machine.content == original


def test_B66_old_pins_are_reported_and_taken_over_only_when_asked(machine, healed, original):
    pin = '192.0.2.10 registry-1.docker.io # docker fix 2019'
    machine.check_output("{ echo %s; cat /etc/hosts; } > /tmp/hosts; cat /tmp/hosts > /etc/hosts", pin)
    assert machine.content == pin.encode() + b'\n' + original
    try:
        reported = machine.both()
        assert not reported['changed']
        assert '/etc/hosts line 1 pins registry-1.docker.io to 192.0.2.10 by hand, which does not prove to be it (tcp: ' in reported['warnings'][0]
        probe = direct.run_module(machine.container, 'registry_reachability_info', registries=['https://' + HUB], timeout=5)
        assert '/etc/hosts line 1 pins registry-1.docker.io to 192.0.2.10: ' in ' '.join(probe['registries'][0]['notes'])
        taken = machine.both(adopt=True)
        assert taken['changed'] and machine.content == original
    finally:
        if machine.content != original:
            machine.check_output("sed '1d' /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts")


def test_dig_that_is_not_there_is_installed_or_missed_aloud(machine, broken, original):
    """dig came with the play. Where no repository answers, the error says what to do, and the file stays."""
    machine.names(mode='absent')
    rpm = machine.run('which apt-get').rc != 0
    archive = 'vault.centos.org' if rpm else 'deb.debian.org'
    machine.check_output('rpm --erase bind-utils && dnf -q clean all' if rpm else 'dpkg --purge bind9-dnsutils && rm -rf /var/lib/apt/lists/*')
    fault(archive, 'dead')
    try:
        refused = machine.names()
        assert refused['msg'].startswith('registry_hosts: dig is needed to ask %s' % machine.resolvers['lying'])
        assert 'and cannot be installed. ' in refused['msg'] and 'docker_repo_base' in refused['msg'] and machine.content == original
    finally:
        fault(archive, 'heal')
    said = machine.names(check=True)
    assert said['changed'] and 'dig is not there' in said['warnings'][0] and machine.content == original and machine.run('which dig').rc != 0
    done = machine.names()
    assert (done['changed'], done['installed']) == (True, said['installed']) and len(machine.block) == 3
    assert machine.run('which dig').rc == 0


def test_marks_that_somebody_edited_are_refused(machine, broken):
    machine.check_output("sed '/END dockfleet/d' /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts")
    before = machine.content
    refused = machine.names()
    assert 'begins a block of docker_dns that does not end' in refused['msg'] and machine.content == before
    machine.check_output("sed '1,/^[0-9].*cloudfront/d' /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts")
