# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each refusal says why and what to do, and the host is as it was. In the end, after a transfer that was cut off, Docker is installed."""

from __future__ import annotations

import contextlib
import subprocess

import playing
import pytest
from playing import LAB, MIRROR, PREFIX, VERSIONS, engine, shell

HOSTS = ('el7', 'debian12')
ON_HOSTS = ('--limit', ','.join(HOSTS))
BUILDS = ('el7-build', 'debian12-build')
DATABASE = {'el7': 'rpm -qa | sort', 'debian12': 'dpkg-query --show --showformat \'${Package} ${Version} ${db:Status-Abbrev}\\n\''}


def state():
    """Packages, settings and units."""
    units = "systemctl list-units --no-legend --plain --state=active 'docker*' 'containerd*'"
    return {host: shell(host, '%s; find /etc -xdev -type f | sort | xargs sha256sum; %s' % (query, units)) for host, query in DATABASE.items()}


def refused(words, **wish):
    """The wish is refused on these hosts with these words, and nothing has changed on any."""
    before = state()
    outcome = engine('--limit', ','.join(words), **wish)
    for host in words:
        message = outcome.failure(host)
        for word in words[host]:
            assert word in message, message
    assert state() == before


@contextlib.contextmanager
def meanwhile(host, do, undo):
    shell(host, do)
    try:
        yield
    finally:
        shell(host, undo)


def test_an_unknown_version_lists_the_nearest_newest_first():
    middle = VERSIONS[1]
    wish = '%s.99' % middle.split('.')[0]
    words = ['No version %s of docker-ce' % wish, 'Nearest: %s' % middle]
    refused({host: words for host in HOSTS}, docker_engine_version=wish)
    refused({host: ['Nearest: %s.' % ', '.join(reversed(VERSIONS))] for host in HOSTS}, docker_engine_version='1.2')


def test_B85_a_masked_unit_is_found_before_anything_is_installed():
    with contextlib.ExitStack() as stack:
        for host in HOSTS:
            stack.enter_context(meanwhile(host, 'systemctl mask --quiet docker.service', 'systemctl unmask --quiet docker.service'))
        refused({host: ['docker.service is masked', 'systemctl unmask docker.service'] for host in HOSTS})


def test_B37_a_missing_dependency_says_which_repository_has_it():
    with meanwhile('el7', 'cp -a /etc/yum.repos.d/CentOS-Base.repo /root/', 'mv /root/CentOS-Base.repo /etc/yum.repos.d/'):
        shell('el7', "sed -i '/^\\[extras\\]/a enabled=0' /etc/yum.repos.d/CentOS-Base.repo")
        refused({'el7': ['container-selinux', 'usually comes from the repository "extras" of CentOS 7', 'docker_repo_base']})


def test_a_setting_of_somebody_else_that_hides_packages_is_named():
    pin = 'Package: containerd.io\\nPin: version *\\nPin-Priority: -1\\n'
    with contextlib.ExitStack() as stack:
        stack.enter_context(meanwhile('el7', 'cp /etc/dnf/dnf.conf /root/ && echo exclude=docker-ce-cli >> /etc/dnf/dnf.conf', 'mv /root/dnf.conf /etc/dnf/'))
        stack.enter_context(meanwhile('debian12', "printf '%s' > /etc/apt/preferences.d/site" % pin, 'rm /etc/apt/preferences.d/site'))
        refused({
            'el7': ['has docker-ce-cli', 'exclude=docker-ce-cli in /etc/dnf/dnf.conf', 'not overridden'],
            'debian12': ['containerd.io is held by /etc/apt/preferences.d/site (Package: containerd.io', 'not overridden'],
        })


LOCKS = {'el7': '/var/lib/rpm/.rpm.lock', 'debian12': '/var/lib/dpkg/lock-frontend'}
HOLD = "import fcntl, sys; held = open(sys.argv[1], 'r+'); fcntl.lockf(held, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"


def test_a_lock_that_another_process_holds_is_waited_for_and_its_holder_named():
    holders = [
        subprocess.Popen(
            ['docker', 'exec', '--interactive', '%s-%s' % (PREFIX, host), 'python3', '-c', HOLD, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for host, path in LOCKS.items()
    ]
    try:
        for holder in holders:
            assert holder.stdout.readline() == 'held\n'
        words = ['another process holds the lock', '(python3 -c import fcntl', 'docker_engine_lock_timeout']
        refused({host: words for host in HOSTS}, docker_engine_lock_timeout=3)
    finally:
        for holder in holders:
            holder.communicate('')


@pytest.fixture(scope='module')
def others():
    """Somebody else's containers: podman with one that runs, and a runtime by itself."""
    # Alone, podman would bring containerd.io: that provides runc, too.
    shell('el7', 'dnf -q -y install podman runc')
    shell('debian12', 'apt-get -qq update; apt-get -qq -y install runc')
    image = subprocess.Popen(['docker', 'save', 'dockfleet-lab/busybox:latest'], stdout=subprocess.PIPE)
    subprocess.run(['docker', 'exec', '--interactive', PREFIX + '-el7', 'podman', 'load', '--quiet'], stdin=image.stdout, check=True)
    assert image.wait() == 0
    shell('el7', 'podman run --detach --name web --network none dockfleet-lab/busybox sleep 1000000')


def web():
    """Whether podman's container runs, and since when."""
    return shell('el7', "podman inspect --format '{{.State.Running}} {{.State.StartedAt}}' web")


def test_B39_podman_and_its_container_stay(others):
    running = web()
    refused({
        'el7': ['runc', 'which nobody named', 'docker_engine_replace'],
        'debian12': ['runc', 'which nobody named', 'docker_engine_replace'],
    })
    assert running.startswith('true') and web() == running


# Where the large packages arrive.
ARRIVING = {'el7': '/var/cache/dnf/docker-ce-stable-*/packages/', 'debian12': '/var/cache/apt/archives/partial/'}


def test_a_transfer_that_is_cut_off_leaves_all_as_it_was_and_the_next_run_completes(others):
    wish = {'docker_engine_version': VERSIONS[-1], 'docker_engine_replace': ['runc']}
    running = web()
    shell('el7', 'dnf -q clean packages')
    shell('debian12', 'apt-get clean')
    before = state()
    with playing.faulty(MIRROR, 'trickle'):
        run = playing.start({'roles': ['dockfleet.host.docker_engine']}, *ON_HOSTS, **wish)
        for host, folder in ARRIVING.items():
            shell(host, "timeout 300 bash -c 'until find %s -type f -size +1M 2>&1 | grep -v No.such | grep -q /; do sleep 0.1; done'" % folder)
        playing.fault(MIRROR, 'dead')
        outcome = playing.finish(run)
    for host in HOSTS:
        assert 'nothing was changed' in outcome.failure(host) and 'docker_repo_mirror' in outcome.failure(host)
    assert state() == before

    outcome = engine(*ON_HOSTS, **wish)
    assert outcome.code == 0, outcome.text
    for host in HOSTS:
        assert playing.versions(host) == [VERSIONS[-1]] * 2
        assert list(outcome.packages(host)['plan']['remove']) == ['runc']
    # What podman needs of it, containerd.io brings.
    assert web() == running
    assert shell('el7', 'dnf -q check') == ''
    assert shell('debian12', 'dpkg --audit && apt-get -qq check') == ''


def test_a_host_without_systemd_gets_packages_and_users_only():
    for change in (True, False):
        outcome = engine('--limit', ','.join(BUILDS), docker_engine_users=['admin'])
        assert outcome.code == 0, outcome.text
        for host in BUILDS:
            assert outcome.packages(host)['changed'] is change
        assert 'systemd does not run here' in outcome.said
    for host in BUILDS:
        assert LAB['engines'][-1]['version'] in shell(host, 'dockerd --version')
        assert 'admin' in shell(host, 'getent group docker')
        assert shell(host, 'pgrep dockerd', check=False).returncode != 0
