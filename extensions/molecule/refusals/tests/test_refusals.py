# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input and bad luck: site.yml stops with a message that helps, and the host is as it was. Check mode leaves it so, too."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[4]
PREFIX = os.environ['MOLECULE_SCENARIO_NAME']
TUNA = 'mirrors.tuna.tsinghua.edu.cn'

# Files whose bytes must not change, the packages, the keys that rpm trusts, and the units that run.
SNAPSHOT = (
    'find /etc -xdev -type f | sort | xargs sha256sum;'
    'rpm -qa 2>/dev/null | sort; dpkg-query --show 2>/dev/null;'
    'systemctl list-units --no-legend --plain --state=active --type=service,socket docker* containerd*;'
    'getent group docker; ls -a /var/lib/docker /var/lib/dockfleet 2>/dev/null; true'
)


@pytest.fixture
def name(host):
    return host.ansible.get_variables()['inventory_hostname']


@contextlib.contextmanager
def fault(how):
    """The mirror has this fault meanwhile."""
    subprocess.run([ROOT / 'tests/lab/fault', PREFIX, TUNA, how], check=True)
    try:
        yield
    finally:
        subprocess.run([ROOT / 'tests/lab/fault', PREFIX, TUNA, 'heal'], check=True)


def site(name, *more, program='ansible-playbook', **wish):
    """Run site.yml on one host, and return its exit status and what it printed, without line breaks inside messages."""
    command = [str(program), 'dockfleet.host.site', '-i', str(ROOT / 'tests/lab/inventory'), '--limit', name]
    done = subprocess.run(
        command + ['--extra-vars', json.dumps(wish)] + list(more),
        env=dict(os.environ, ANSIBLE_FORCE_COLOR='0', LAB_PREFIX=PREFIX),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, ' '.join(done.stdout.replace('\\n', ' ').replace('\\"', '"').split())


def refused(host, name, words, *more, **wish):
    """The wish is refused with these words, and nothing has changed on the host."""
    before = host.check_output(SNAPSHOT)
    code, said = site(name, *more, **wish)
    assert code != 0, said
    for word in words:
        assert word in said
    assert 'Traceback' not in said
    assert host.check_output(SNAPSHOT) == before


def test_an_unknown_mirror_lists_the_known_ones(host, name):
    refused(host, name, ['tsingua', 'tsinghua', 'aliyun'], docker_repo_mirror='tsingua')


def test_a_url_without_scheme(host, name):
    refused(host, name, ['mirror.example/docker-ce', 'https://mirror.example/docker-ce'], docker_repo_mirror='mirror.example/docker-ce')


def test_a_version_that_is_not_published_lists_the_nearest(host, name, lab):
    # On a bare host the versions are known only once the repository is there: it stays, and nothing is installed.
    code, said = site(name, docker_engine_version='26.99')
    assert code != 0
    assert '26.99' in said and 'earest' in said
    assert any(engine['version'].split('+')[0] in said for engine in lab['engines'])
    assert host.run('command -v dockerd').rc != 0
    site_absent(name)


def site_absent(name):
    """Take the repository away again, so that the host is bare for the next test."""
    playbook = ROOT / '.cache' / ('absent-%s.yml' % PREFIX)
    playbook.write_text(json.dumps([{
        'hosts': name,
        'become': True,
        'gather_facts': False,
        'roles': [{'role': 'dockfleet.host.docker_repo', 'docker_repo_state': 'absent'}],
    }]))
    subprocess.run(
        ['ansible-playbook', str(playbook), '-i', str(ROOT / 'tests/lab/inventory')], env=dict(os.environ, LAB_PREFIX=PREFIX), check=True
    )


def test_amazon_linux_is_refused_and_not_guessed(host, name):
    kept = host.check_output('cat /etc/os-release')
    try:
        host.check_output('printf \'ID="amzn"\\nVERSION_ID="2"\\nID_LIKE="centos rhel fedora"\\n\' > /etc/os-release')
        refused(host, name, ['Amazon Linux', 'nothing was changed'])
    finally:
        host.run("cat > /etc/os-release <<'E'\n%s\nE" % kept)


def test_a_key_file_with_a_second_key_smuggled_in_names_both_fingerprints(host, name, lab):
    right = lab['fingerprints']['docker-rpm' if name == 'el7' else 'docker-deb']
    with fault('two-keys'):
        refused(host, name, [right, lab['fingerprints']['stranger']])


def test_a_truncated_key(host, name):
    with fault('truncated-key'):
        refused(host, name, ['/gpg', 'key'])


@pytest.mark.parametrize(
    'how, words',
    [
        ('dead', ['tcp', 'connection refused']),
        ('forbidden', ['http 403']),
    ],
)
def test_an_unreachable_mirror_says_the_stage_and_what_to_try(host, name, how, words):
    with fault(how):
        refused(host, name, words + ['Healthy from here', 'docker_repo_mirror'])


def test_B44_a_broken_daemon_json_is_named_by_line_and_column(host, name):
    host.check_output('mkdir -p /etc/docker && printf \'{\\n  "registry-mirrors": ["https://m.example",],\\n}\\n\' > /etc/docker/daemon.json')
    try:
        refused(host, name, ['/etc/docker/daemon.json line 2, column 43', 'a comma before'])
    finally:
        host.check_output('rm -r /etc/docker')


def test_without_root_it_says_become(host, name):
    refused(host, name, ['become'], ansible_become=False, ansible_user='admin')


def test_check_mode_shows_what_would_come_and_changes_nothing(host, name):
    before = host.check_output(SNAPSHOT)
    code, said = site(name, '--check', '--diff')
    assert code == 0, said
    assert 'docker-ce' in said and TUNA in said and 'registry-mirrors' in said
    assert host.check_output(SNAPSHOT) == before


def test_B89_an_ansible_core_that_is_too_new_for_the_python_of_the_host_names_the_last_one():
    code, said = site('el7', program=ROOT / '.cache/venv/core-newest/bin/ansible-playbook')
    assert code != 0
    assert 'this host has Python 2.7' in said and 'Run this play with ansible-core 2.16' in said
