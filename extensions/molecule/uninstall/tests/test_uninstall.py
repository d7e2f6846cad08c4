# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker is taken away level by level, and comes again after each. The tests are one story, told in their order, on both hosts at once."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import time

import direct
import pytest

SCENARIO = pathlib.Path(__file__).resolve().parents[1]
ROOT = SCENARIO.parents[2]
PREFIX = os.environ['MOLECULE_SCENARIO_NAME']
HOSTS = ('debian12', 'el7')
DATA, CONTAINERD = '/mnt/disk/docker', '/var/lib/containerd'
REAL = [DATA, CONTAINERD]
VOLUME = DATA + '/volumes/files/_data'
# Enough for a run to be caught while it deletes.
MANY = 60000

RUNTIME = (
    'systemctl list-units --no-legend --plain --state=active --type=service,socket "docker*" "containerd*";'
    'for tool in iptables ip6tables; do "$tool-save" 2>/dev/null | sed "s/ *\\[.*//; /^#/d"; done;'
    'ls /sys/class/net; getent group docker; ls /run/docker.sock 2>/dev/null; mount | sort'
)
STATE = '/etc/hosts /etc/docker /etc/yum.repos.d /etc/apt /etc/pki/rpm-gpg /etc/systemd/system'
SNAPSHOT = RUNTIME + '; find %s -type f 2>/dev/null | sort | xargs sha256sum; rpm -qa 2>/dev/null | sort; dpkg-query --show 2>/dev/null; true' % STATE


def sh(name, command, check=True):
    """What a command prints on a host."""
    done = subprocess.run(['docker', 'exec', '%s-%s' % (PREFIX, name), 'sh', '-c', command], stdout=subprocess.PIPE, text=True, check=check)
    return done.stdout


def everywhere(command):
    return {name: sh(name, command) for name in HOSTS}


def play(playbook, *more, **wish):
    return subprocess.Popen(
        ['ansible-playbook', playbook, '-i', ROOT / 'tests/lab/inventory', '--extra-vars', json.dumps(wish), *more],
        env=dict(os.environ, ANSIBLE_FORCE_COLOR='0', LAB_PREFIX=PREFIX),
        cwd=SCENARIO,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(run, fine=True):
    """Wait for a run; what it said, without line breaks inside messages."""
    text = run.communicate()[0]
    assert (run.returncode == 0) is fine, text
    return ' '.join(text.replace('\\n', ' ').replace('\\"', '"').split())


def uninstall(level, fine=True, **wish):
    wish.setdefault('confirm', REAL if level == 'data' else [level])
    return finish(play('dockfleet.host.uninstall', docker_uninstall_level=level, **{'docker_uninstall_' + name: value for name, value in wish.items()}), fine)


def site():
    return finish(play('converge.yml'))


def module(name, check=False, **wish):
    """Run a module on both hosts; the results by host."""
    return {host: direct.run_module('%s-%s' % (PREFIX, host), name, check, **wish) for host in HOSTS}


def preview(said, key):
    """A line of the preview, by host; what stands first is what ran first."""
    blocks = dict((name, text) for name, text in re.findall(r'ok: \[(\w+)\] => \{ "msg": \[ ("level: .*?) \] \}', said))
    return {name: re.search(r'"%s: (.*?)"(?:,|$)' % key, block.strip() + ',').group(1) for name, block in blocks.items()}


def packages():
    """Names of what is installed, by host."""
    dpkg = "dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\\n' 2>/dev/null | sed -n 's/^ii  *//p'"
    listed = everywhere("rpm -qa --qf '%{NAME}\\n' 2>/dev/null; " + dpkg)
    return {name: set(text.split()) for name, text in listed.items()}


def images():
    return everywhere('docker image ls --quiet --no-trunc hello-world; docker run --rm --volume files:/files busybox cat /files/letter')


@pytest.fixture(scope='module')
def story():
    """Data that has to be there again after the levels packages and config."""
    everywhere('docker pull --quiet busybox && docker run --rm --volume files:/files busybox sh -c "echo Grüße > /files/letter"')
    return images()


def test_running_containers_are_refused_and_untouched(story):
    everywhere('docker run --detach --name web --publish 8080:80 --stop-signal KILL busybox sleep 1000000')
    before = everywhere(SNAPSHOT + '; docker inspect --format "{{.State.StartedAt}}" web')
    said = uninstall('data', fine=False)
    assert 'web (busybox)' in said and 'docker_uninstall_stop_containers: true' in said
    assert everywhere(SNAPSHOT + '; docker inspect --format "{{.State.StartedAt}}" web') == before


@pytest.mark.parametrize('confirm, words', [
    (['/var/lib/docker'], '%s and %s would be deleted and are not confirmed' % (DATA, CONTAINERD)),
    ([DATA], '%s would be deleted and is not confirmed' % CONTAINERD),
    (REAL + ['/srv'], '/srv is confirmed and is no data-root that was found'),
])  # fmt: skip
def test_a_wrong_confirmation_is_refused(confirm, words):
    before = everywhere(SNAPSHOT)
    results = module('engine_data', level='data', confirm=confirm)
    assert [words in results[name]['msg'] for name in HOSTS] == [True, True], results
    assert everywhere(SNAPSHOT) == before


def test_without_a_confirmation_the_playbook_ends_with_the_preview():
    before = everywhere(SNAPSHOT)
    said = uninstall('packages', fine=False, confirm=[], stop_containers=True)
    assert 'set docker_uninstall_confirm to [packages]' in said and 'docker-ce' in preview(said, 'packages')['el7']
    assert everywhere(SNAPSHOT) == before


def test_B83_B84_packages_go_and_nothing_of_them_runs_any_more():
    before, files = packages(), everywhere('find /etc/docker /etc/yum.repos.d /etc/apt -type f 2>/dev/null | sort | xargs sha256sum')
    said = uninstall('packages', stop_containers=True)
    listed = preview(said, 'packages')
    for name, after in packages().items():
        assert before[name] - after == set(listed[name].split(', ')) and not after - before[name]
        assert {'docker-ce', 'docker-ce-cli', 'containerd.io'} <= before[name] - after
    assert everywhere('find /etc/docker /etc/yum.repos.d /etc/apt -type f 2>/dev/null | sort | xargs sha256sum') == files
    for text in everywhere(RUNTIME).values():
        left = [line for line in text.splitlines() if re.search('(?i)docker', line) and not re.search(r'docker:x:|/mnt/disk|/var/lib', line)]
        assert left == []
    assert 'container web (busybox)' in preview(said, 'stopped and cleared')['el7']


def test_after_packages_docker_comes_back_to_its_data(story):
    site()
    assert images() == story


def test_B83_config_gives_the_host_back_as_it_was_before():
    hosts = everywhere('cat /etc/hosts')
    pinned = module('registry_hosts', mode='force', names=['docker.1ms.run'])
    assert [pinned[name]['changed'] for name in HOSTS] == [True, True], pinned
    said = uninstall('config', group=True)
    for name in HOSTS:
        assert 'docker.1ms.run' in preview(said, '/etc/hosts')[name]
        # docker cp would make a folder for each volume.
        with (SCENARIO.parent / 'resources/file-tree').open() as script:
            subprocess.run(['docker', 'exec', '--interactive', '%s-%s' % (PREFIX, name), 'bash', '-s', '/var/lib/lab-after'], stdin=script, check=True)
        # The folders of packages that list only their files are rpm's to leave.
        different = [line for line in sh(name, 'diff /var/lib/lab-before /var/lib/lab-after', check=False).splitlines() if line[0] in '<>']
        assert [line for line in different if not re.match(r'> /usr/share/doc/\S+\td ', line)] == []
    assert everywhere('test -d %s/image && echo there' % DATA) == dict.fromkeys(HOSTS, 'there\n')
    assert everywhere('cat /etc/hosts') == hosts


def test_after_config_docker_comes_back_to_its_data(story):
    site()
    assert images() == story


def mount_foreign():
    """A folder of others and a tmpfs, mounted where an engine has its volumes."""
    everywhere(
        'mkdir -p /srv/others %(volume)s/bound %(volume)s/memory && echo x > /srv/others/kept && mount --bind /srv/others %(volume)s/bound && '
        'mount -t tmpfs tmpfs %(volume)s/memory && echo x > %(volume)s/memory/kept' % {'volume': VOLUME}
    )


def test_B81_foreign_mounts_are_named_and_nothing_is_touched():
    mount_foreign()
    before = everywhere(SNAPSHOT)
    results = module('engine_data', check=True, level='data')
    for name in HOSTS:
        assert results[name]['mounts'] == [VOLUME + '/bound', VOLUME + '/memory'] and 'docker_uninstall_foreign_mounts: leave' in results[name]['msg']
    assert everywhere(SNAPSHOT) == before


def deleting(name):
    """Process ids of whoever stands in the data-root."""
    return sh(name, 'ls -l /proc/[0-9]*/cwd 2>/dev/null | sed -n "s,.*/proc/\\([0-9]*\\)/cwd -> %s/overlay2.*,\\1,p"' % DATA).split()


def test_B81_a_deletion_that_is_killed_is_completed_by_the_next_run():
    everywhere('mkdir -p %s/overlay2/many/diff && cd %s/overlay2/many/diff && seq %d | xargs touch' % (DATA, DATA, MANY))
    # What a daemon leaves that was killed: its folder bound to itself, and file systems of containers.
    everywhere('mount --bind %(data)s/overlay2 %(data)s/overlay2' % {'data': DATA})
    run = play(
        'dockfleet.host.uninstall', docker_uninstall_level='data', docker_uninstall_confirm=REAL, docker_uninstall_foreign_mounts='leave',
        docker_uninstall_stop_containers=True,
    )  # fmt: skip
    alive = set(HOSTS)
    while alive and run.poll() is None:
        for name in sorted(alive):
            pids = deleting(name)
            if pids:
                sh(name, 'kill -9 ' + ' '.join(pids))
                alive.discard(name)
        time.sleep(0.05)
    said = finish(run, fine=False)
    assert not alive, said
    assert everywhere('test -d %s && echo there' % DATA) == dict.fromkeys(HOSTS, 'there\n')
    assert everywhere('ls %s/overlay2 | wc -l' % DATA) != dict.fromkeys(HOSTS, '0\n')
    uninstall('data', foreign_mounts='leave', group=True)
    # All that is left leads to what others have mounted, and that is as it was.
    assert everywhere('find %s -type f | sort' % DATA) == dict.fromkeys(HOSTS, '%s/bound/kept\n%s/memory/kept\n' % (VOLUME, VOLUME))
    assert everywhere('cat /srv/others/kept') == dict.fromkeys(HOSTS, 'x\n')


def test_data_goes_with_the_link_that_leads_to_it():
    everywhere('umount %(volume)s/bound %(volume)s/memory' % {'volume': VOLUME})
    # No configuration names it any more.
    results = module('engine_data', level='data', confirm=REAL, data_roots=[DATA])
    assert [results[name]['changed'] for name in HOSTS] == [True, True], results
    assert everywhere('ls -d %s /var/lib/docker 2>/dev/null || true; ls -A %s' % (DATA, CONTAINERD)) == dict.fromkeys(HOSTS, '')
    assert everywhere('cat /srv/others/kept') == dict.fromkeys(HOSTS, 'x\n')


def test_a_host_without_docker_changes_at_no_level():
    for level in ('packages', 'config', 'data'):
        said = uninstall(level, group=True)
        assert set(re.findall(r'changed=(\d+)', said)) == {'0'} and len(re.findall(r'changed=0', said)) == len(HOSTS)


def test_after_data_docker_comes_to_a_bare_host():
    sh('el7', 'mkdir %s && ln -s %s /var/lib/docker' % (DATA, DATA))
    site()
    assert everywhere('docker run --rm hello-world | head -n 1') == dict.fromkeys(HOSTS, 'Hello from the dockfleet lab!\n')
