# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A story on two distributions, told with the same variables on both. Each test goes on where the one before has left the hosts."""

from __future__ import annotations

import subprocess

import playing
import pytest
from playing import LAB, VERSIONS, engine, shell, versions

HOSTS = ('el7', 'debian12')
OLDEST, MIDDLE, NEWEST = VERSIONS[0], VERSIONS[1], VERSIONS[-1]

# Lines of the package manager's own words, by host.
HELD = {'el7': 'dnf -q versionlock list', 'debian12': 'apt-mark showhold'}
BLANKET = {'el7': 'dnf -y upgrade', 'debian12': 'apt-get -y upgrade'}
DATABASE = {'el7': 'rpm -qa | sort; cat /etc/dnf/plugins/versionlock.list', 'debian12': 'dpkg-query --show; apt-mark showhold'}
KIND = {'el7': 'rpm', 'debian12': 'deb'}


def two_fields(version):
    return '.'.join(version.split('.')[:2])


def run_as(version):
    for host in HOSTS:
        assert versions(host) == [version, version]


def held(host):
    """The packages that are held, with the version where the tool tells."""
    return shell(host, HELD[host])


def container(host):
    """Whether it runs, and since when."""
    return shell(host, "docker inspect --format '{{.State.Running}} {{.State.StartedAt}}' lives")


def database():
    return {host: shell(host, DATABASE[host]) for host in HOSTS}


@pytest.fixture(scope='module', autouse=True)
def lives():
    """A container on each host, which is to outlive all engines; what it says of itself in the beginning."""
    for host in HOSTS:
        shell(host, 'docker run --detach --name lives --stop-signal KILL busybox sleep 1000000')
    return {host: container(host) for host in HOSTS}


def test_two_fields_mean_the_newest_of_them_on_both():
    run_as(OLDEST)
    for host in HOSTS:
        assert 'docker-ce' in held(host) and 'containerd.io' in held(host)


def test_a_converged_host_needs_no_network():
    with playing.faulty('resolver', 'silent'):
        outcome = engine(docker_engine_version=two_fields(OLDEST), docker_engine_hold=True)
    assert outcome.code == 0, outcome.text
    for host in HOSTS:
        assert not outcome.packages(host)['changed'] and outcome.packages(host)['available'] == {}


def test_B36_a_hold_survives_a_blanket_upgrade():
    for host in HOSTS:
        shell(host, BLANKET[host])
    run_as(OLDEST)


def test_never_refuses_what_would_restart_the_daemon():
    before = database()
    outcome = engine(docker_engine_version=two_fields(MIDDLE), docker_engine_hold=True, docker_engine_restart='never')
    for host in HOSTS:
        assert 'running containers (1) stay up (live-restore)' in outcome.failure(host)
        assert 'docker_engine_restart is "never"' in outcome.failure(host)
    assert database() == before


def test_check_mode_shows_the_plan_and_leaves_hosts_and_holds_alone():
    before = database()
    outcome = engine('--check', '--diff', docker_engine_version=two_fields(MIDDLE), docker_engine_hold=True)
    assert outcome.code == 0, outcome.text
    for host in HOSTS:
        plan = outcome.packages(host)['plan']
        target = LAB['engines'][1][KIND[host]]
        assert plan['upgrade']['docker-ce'] == target['docker-ce'] and plan['hold']['docker-ce'] == target['docker-ce']
        assert '%s (held)' % target['docker-ce'] in outcome.text
    assert database() == before


def test_an_upgrade_moves_the_hold_along_and_the_container_runs_on(lives):
    outcome = engine(docker_engine_version=two_fields(MIDDLE), docker_engine_hold=True)
    assert outcome.code == 0, outcome.text
    run_as(MIDDLE)
    for host in HOSTS:
        assert container(host) == lives[host]
        assert 'running containers (1) stay up (live-restore)' in outcome.said
        shell(host, BLANKET[host])
    run_as(MIDDLE)


def test_B34_a_downgrade_is_refused_and_nothing_has_changed():
    before = database()
    outcome = engine(docker_engine_version=OLDEST, docker_engine_hold=True)
    for host in HOSTS:
        assert 'from %s to %s' % (MIDDLE, OLDEST) in outcome.failure(host) and 'docker_engine_allow_downgrade' in outcome.failure(host)
    assert database() == before


def test_B34_a_downgrade_is_done_where_it_is_wished():
    outcome = engine(docker_engine_version=OLDEST, docker_engine_hold=True, docker_engine_allow_downgrade=True)
    assert outcome.code == 0, outcome.text
    assert 'data-root may not be readable' in outcome.said
    run_as(OLDEST)


def test_B29_a_string_pasted_from_yum_list_means_the_same_on_both():
    wish = LAB['engines'][-1]['rpm']['docker-ce']
    outcome = engine(docker_engine_version=wish, docker_engine_hold=True)
    assert outcome.code == 0, outcome.text
    run_as(NEWEST)
    for host in HOSTS:
        after = outcome.packages(host)['after']
        assert after['docker-ce'] == LAB['engines'][-1][KIND[host]]['docker-ce'] and after['docker-ce-rootless-extras']


def test_B36_the_way_back():
    outcome = engine(docker_engine_version=two_fields(NEWEST))
    assert outcome.code == 0, outcome.text
    for host in HOSTS:
        assert held(host) == '' and outcome.packages(host)['plan']['unhold']
        assert shell(host, 'ls /var/lib/dockfleet/engine_packages.json', check=False).returncode != 0


def test_a_hold_of_somebody_else_is_named_and_neither_overridden_nor_taken_away():
    shell('el7', "echo 'docker-ce-%s*' >> /etc/dnf/plugins/versionlock.list" % NEWEST)
    shell('debian12', 'apt-mark hold docker-ce')
    before = database()
    outcome = engine(docker_engine_version=OLDEST, docker_engine_allow_downgrade=True)
    for host, where in {'el7': '/etc/dnf/plugins/versionlock.list line', 'debian12': '"apt-mark hold"'}.items():
        assert 'docker-ce is held in version %s by %s' % (NEWEST, where) in outcome.failure(host)
    assert database() == before
    assert engine(docker_engine_version=NEWEST, docker_engine_hold=True).code == 0
    outcome = engine(docker_engine_version=NEWEST)
    assert outcome.code == 0 and database() == before, outcome.text
    for host in HOSTS:
        assert 'docker-ce' in outcome.packages(host)['held_by_others']
    shell('el7', 'dnf -q versionlock clear')
    shell('debian12', 'apt-mark unhold docker-ce')


def test_B95_an_unknown_user_is_an_error_before_anything_is_changed():
    before = database()
    outcome = engine(docker_engine_version=OLDEST, docker_engine_allow_downgrade=True, docker_engine_users=['mallory'])
    for host in HOSTS:
        assert 'docker_engine_users names mallory, and this host has no such user' in outcome.failure(host)
        assert 'mallory' not in shell(host, 'cat /etc/passwd')
    assert database() == before


def test_B95_a_session_that_is_open_gains_the_group(tmp_path):
    # As admin over a connection that stays open, as it does with ControlPersist: without a reset it would be one of before.
    key = tmp_path / 'key'
    subprocess.run([playing.ROOT / 'tests/need', 'ssh:openssh-client'], check=True)
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key], check=True)
    addresses = {}
    for host in HOSTS:
        shell(host, "mkdir -p ~admin/.ssh && echo '%s' > ~admin/.ssh/authorized_keys && chown -R admin ~admin/.ssh && systemctl start ssh"
              % key.with_suffix('.pub').read_text().strip())
        addresses[host] = shell(host, "getent ahostsv4 $(hostname) | awk 'NR == 1 { print $1 }'").strip()
    as_admin = {'ansible.builtin.command': 'docker ps --quiet', 'become': False, 'changed_when': False}
    outcome = playing.play(
        {
            'vars': {
                'ansible_connection': 'ssh',
                'ansible_host': '{{ addresses[inventory_hostname] }}',
                'ansible_user': 'admin',
                'ansible_ssh_private_key_file': str(key),
                'ansible_ssh_common_args': '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null',
            },
            'pre_tasks': [dict(as_admin, name='Before', register='before', failed_when='before.rc == 0')],
            'roles': ['dockfleet.host.docker_engine'],
            'post_tasks': [dict(as_admin, name='After')],
        },
        addresses=addresses,
        docker_engine_version=two_fields(NEWEST),
        docker_engine_users=['admin'],
    )
    assert outcome.code == 0, outcome.text
