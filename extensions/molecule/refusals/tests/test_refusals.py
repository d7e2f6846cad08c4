# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input and bad luck: site.yml stops with a message that helps, and the host is as it was. Check mode leaves it so, too."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from playing import LAB, MIRROR, PREFIX, ROOT, VERSIONS, faulty, play, shell

HOSTS = ('el7', 'debian12')
KIND = {'el7': 'rpm', 'debian12': 'deb'}

# Files whose bytes must not change, the packages, the keys that rpm trusts, and the units that run.
SNAPSHOT = (
    'find /etc -xdev -type f | sort | xargs sha256sum;'
    'rpm -qa 2>/dev/null | sort; dpkg-query --show 2>/dev/null;'
    'systemctl list-units --no-legend --plain --state=active --type=service,socket docker* containerd*;'
    'getent group docker; ls -a /var/lib/docker /var/lib/dockfleet 2>/dev/null; true'
)


def everywhere(command):
    return {host: shell(host, command) for host in HOSTS}


def refused(words, **wish):
    """site.yml is refused on both hosts with these words, which may depend on the host, and nothing has changed."""
    before = everywhere(SNAPSHOT)
    outcome = play('dockfleet.host.site', **wish)
    for host in HOSTS:
        for word in words[host] if isinstance(words, dict) else words:
            assert word in outcome.failure(host)
    assert everywhere(SNAPSHOT) == before


def test_an_unknown_mirror_lists_the_known_ones():
    refused(['tsingua', 'tsinghua', 'aliyun'], docker_repo_mirror='tsingua')


def test_a_url_without_scheme():
    refused(['mirror.example/docker-ce', 'https://mirror.example/docker-ce'], docker_repo_mirror='mirror.example/docker-ce')


def test_a_version_that_is_not_published_lists_the_nearest():
    # On a bare host the versions are known only once the repository is there: it stays, and nothing is installed.
    outcome = play('dockfleet.host.site', docker_engine_version='26.99')
    for host in HOSTS:
        message = outcome.failure(host)
        assert '26.99' in message and 'Nearest: ' in message and any(version in message for version in VERSIONS)
        assert shell(host, 'command -v dockerd', check=False).returncode != 0
    # The next test finds bare hosts.
    assert play({'roles': [{'role': 'dockfleet.host.docker_repo', 'docker_repo_state': 'absent'}]}).code == 0


def test_amazon_linux_is_refused_and_not_guessed():
    everywhere('cp --preserve --dereference /etc/os-release /root/os-release')
    try:
        everywhere('printf \'ID="amzn"\\nVERSION_ID="2"\\nID_LIKE="centos rhel fedora"\\n\' > /etc/os-release')
        refused(['Amazon Linux', 'nothing was changed'])
    finally:
        everywhere('cat /root/os-release > /etc/os-release')


def test_a_key_file_with_a_second_key_smuggled_in_names_both_fingerprints():
    fingerprints = LAB['fingerprints']
    with faulty(MIRROR, 'two-keys'):
        refused({host: [fingerprints['docker-' + KIND[host]], fingerprints['stranger']] for host in HOSTS})


def test_a_truncated_key():
    with faulty(MIRROR, 'truncated-key'):
        refused(['/gpg', 'key'])


@pytest.mark.parametrize(
    'how, words',
    [
        ('dead', ['tcp', 'connection refused']),
        ('forbidden', ['http 403']),
    ],
)
def test_an_unreachable_mirror_says_the_stage_and_what_to_try(how, words):
    with faulty(MIRROR, how):
        refused(words + ['Healthy from here', 'docker_repo_mirror'])


def test_B44_a_broken_daemon_json_is_named_by_line_and_column():
    everywhere('mkdir -p /etc/docker && printf \'{\\n  "registry-mirrors": ["https://m.example",],\\n}\\n\' > /etc/docker/daemon.json')
    try:
        refused(['/etc/docker/daemon.json line 2, column 43', 'a comma before'])
    finally:
        everywhere('rm -r /etc/docker')


def test_B80_an_api_that_is_open_to_everyone():
    refused(['opens the API without TLS', 'nothing was changed'], docker_daemon_options={'hosts': ['fd://', 'tcp://0.0.0.0:2375']})


def test_without_root_it_says_become():
    refused(['become'], ansible_become=False, ansible_user='admin')


def test_check_mode_shows_what_would_come_and_changes_nothing():
    before = everywhere(SNAPSHOT)
    outcome = play('dockfleet.host.site', '--check', '--diff')
    assert outcome.code == 0, outcome.text
    for host in HOSTS:
        assert 'docker-ce' in json.dumps(outcome.packages(host)['plan'])
    for system in ('centos/7', 'debian'):
        assert 'https://%s/docker-ce/linux/%s' % (MIRROR, system) in outcome.text
    assert outcome.text.count('"registry-mirrors"') >= len(HOSTS)
    assert everywhere(SNAPSHOT) == before


def test_B89_an_ansible_core_that_is_too_new_for_the_python_of_the_host_names_the_last_one():
    done = subprocess.run(
        [ROOT / '.cache/venv/core-newest/bin/ansible-playbook', 'dockfleet.host.site', '-i', ROOT / 'tests/lab/inventory', '--limit', 'el7'],
        env=dict(os.environ, ANSIBLE_FORCE_COLOR='0', LAB_PREFIX=PREFIX),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert 'this host has Python 2.7' in done.stdout and 'Run this play with ansible-core 2.16' in done.stdout
