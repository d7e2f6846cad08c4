# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as its users get it: built, installed offline, by the commands of the documentation, in an execution environment, under ansible-runner.

One story on one lab host, in the order of this file; see tests/run-ecosystem.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess

import ansible_runner
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = os.environ['LAB_PREFIX']
HOST = os.environ['LAB_HOSTS']
HOME = ROOT / '.cache/ecosystem'
COLLECTIONS = HOME / 'collections'
INVENTORY = 'inventory.yml'
DOCUMENTS = ['README.md', 'README.zh-CN.md', 'docs/slow-links.md', 'docs/slow-links.zh-CN.md']
# What is run by `make test`.
RUN_BY_THEMSELVES = ('make test', 'make molecule SCENARIO=default', 'molecule test')
WITHOUT_HUB = {'docker_repo_mirror': 'tsinghua', 'docker_daemon_registry_mirrors': ['https://docker.1ms.run']}


def commands():
    """Each command in a shell block of the documents, once, without the remark behind it."""
    found = []
    for document in DOCUMENTS:
        for block in re.findall(r'^```shell\n(.*?)^```', (ROOT / document).read_text(encoding='utf-8'), re.M | re.S):
            found.extend(re.sub(r'\s+#.*', '', line) for line in block.replace('\\\n', ' ').splitlines())
    return list(dict.fromkeys(found))


def run(command, check=True, **env):
    """What a command of the shell prints, run where a user would: with an inventory.yml beside and the installed collection."""
    env = dict(os.environ, ANSIBLE_HOME=str(HOME / 'home'), ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS), ANSIBLE_FORCE_COLOR='0', **env)
    done = subprocess.run(['bash', '-c', command], cwd=HOME, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0 or not check, done.stdout
    return done.stdout


def recap(said, host):
    return {name: int(number) for name, number in re.findall(r'(\w+)=(\d+)', re.findall(r'^%s .*ok=.*' % host, said, re.M)[-1])}


@pytest.fixture(scope='module', autouse=True)
def home():
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)


def test_the_tarball_installs_offline_from_nothing():
    subprocess.run(['make', 'build'], cwd=ROOT, env={**os.environ, 'MAKEFLAGS': ''}, check=True, stdout=subprocess.DEVNULL)
    tarball = max(ROOT.glob('dockfleet-host-*.tar.gz'), key=lambda path: path.stat().st_mtime)
    assert 'ansible-galaxy collection install dockfleet.host' in commands()
    run('ansible-galaxy collection install --offline %s' % tarball)
    installed = COLLECTIONS / 'ansible_collections/dockfleet/host'
    assert 'dockfleet.host' in run('ansible-galaxy collection verify --offline dockfleet.host')
    assert {path.name for path in installed.iterdir()} & {'tests', 'extensions', '.cache', 'Makefile'} == set()
    assert sorted(path.name for path in (installed / 'roles').iterdir()) == sorted(path.name for path in (ROOT / 'roles').iterdir())
    # the lab's hosts are reached by a connection of another collection
    (COLLECTIONS / 'ansible_collections/community').symlink_to(ROOT / '.cache/collections/ansible_collections/community')


def test_an_execution_environment_can_be_made_with_it():
    definition = {
        'version': 3,
        'images': {'base_image': {'name': 'registry.example/base:1'}},
        'dependencies': {'galaxy': {'collections': [{'name': 'dockfleet.host'}]}, 'ansible_core': {'package_pip': 'ansible-core'}},
    }
    (HOME / 'execution-environment.yml').write_text(json.dumps(definition))
    run('ansible-builder create --file execution-environment.yml --context context --output-filename Containerfile')
    assert 'registry.example/base:1' in (HOME / 'context/Containerfile').read_text()
    # and by the collection's own definition, for what the environment needs beside it
    own = COLLECTIONS / 'ansible_collections/dockfleet/host/meta/execution-environment.yml'
    run('ansible-builder create --file %s --context own' % own)
    said = run('ansible-builder introspect %s' % COLLECTIONS)
    assert 'dockfleet' not in said and 'ERROR' not in said, said


def test_make_demo_sets_up_a_host():
    assert 'make demo' in commands()
    assert recap(run('make -C %s demo' % ROOT), HOST)['changed'] > 0
    assert recap(run('make -C %s demo' % ROOT), HOST)['changed'] == 0
    run('LAB_PREFIX=%s ansible-inventory -i %s/tests/lab/inventory --list --yaml --output %s' % (PREFIX, ROOT, INVENTORY))


@pytest.mark.parametrize('command', [text for text in commands() if text not in RUN_BY_THEMSELVES])
def test_the_commands_of_the_documents(command):
    if command.startswith('ansible-playbook -i %s ' % INVENTORY):
        done = recap(run(command), HOST)
        assert done['ok'] > 0 and done['changed'] == done['failed'] == 0
    elif command == 'ansible-playbook dockfleet.host.site -i localhost, -c local':
        assert 'Hello from' in on_the_host_itself(command)
    elif command.startswith('. '):
        run('cd %s && %s && molecule --version' % (ROOT, command))
    else:
        # both have a test of their own above
        assert command in ('ansible-galaxy collection install dockfleet.host', 'make demo')


def on_the_host_itself(command):
    """The command on a bare host that manages itself: what a Python with nothing of its own needs of ansible-core is copied there."""
    host = PREFIX + '-alone'
    subprocess.run([ROOT / 'tests/lab/up', PREFIX, 'alone=debian12'], check=True, stdout=subprocess.DEVNULL)
    # ansible-core 2.16 runs on the Python of the host
    packages = next((ROOT / '.cache/venv/core-2.16/lib').glob('python3.*/site-packages'))
    wanted = ['ansible', 'jinja2', 'markupsafe', 'yaml', 'packaging', 'resolvelib']
    wanted += [path.name for path in packages.glob('*.dist-info') if path.name.lower().startswith('jinja2-')]
    copy = 'tar -C %s -ch --exclude __pycache__ --exclude "*.so" %s | docker exec -i %s tar -xC /opt' % (packages, ' '.join(wanted), host)
    unpack = 'docker exec -i %s sh -c "mkdir -p /opt/collections && tar -xC /opt/collections"' % host
    run('%s && tar -C %s -ch ansible_collections/dockfleet | %s' % (copy, COLLECTIONS, unpack))
    words = command.split()
    assert words.pop(0) == 'ansible-playbook'
    program = 'import sys; from ansible.cli.playbook import main; sys.exit(main())'
    wish = dict(WITHOUT_HUB, docker_repo_key_fingerprints=[json.loads((ROOT / '.cache/lab/manifest.json').read_text())['fingerprints']['docker-deb']])
    environment = ['--env', 'PYTHONPATH=/opt', '--env', 'ANSIBLE_COLLECTIONS_PATH=/opt/collections', '--env', 'LC_ALL=C.UTF-8']
    done = subprocess.run(
        ['docker', 'exec', *environment, host, 'python3', '-c', program, *words, '--extra-vars', json.dumps(wish)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def runner(**wish):
    """One job as AWX runs it: a project with a playbook, inventory and variables in files, the results as events."""
    data = HOME / 'runner'
    for name in ('project', 'inventory', 'env'):
        (data / name).mkdir(parents=True, exist_ok=True)
    (data / 'project/site.yml').write_text('---\n- name: Docker\n  ansible.builtin.import_playbook: dockfleet.host.site\n')
    shutil.copy(HOME / INVENTORY, data / 'inventory/hosts.yml')
    (data / 'env/extravars').write_text(json.dumps(wish))
    (data / 'env/envvars').write_text(json.dumps({'ANSIBLE_COLLECTIONS_PATH': str(COLLECTIONS), 'ANSIBLE_INJECT_FACT_VARS': 'false'}))
    job = ansible_runner.run(private_data_dir=str(data), playbook='site.yml', quiet=True, limit=HOST)
    assert job.status == 'successful', job.stdout.read()
    return job


def test_ansible_runner_reports_a_change_once():
    wish = {'docker_daemon_options': {'log-opts': {'max-size': '7m'}}}
    job = runner(**wish)
    assert job.stats['changed'] == {HOST: job.stats['changed'][HOST]} and not job.stats['failures']
    changed = {event['event_data']['task'] for event in job.events if event['event'] == 'runner_on_ok' and event['event_data']['res'].get('changed')}
    assert changed == {'Bring daemon.json to the wish, and the daemon with it'}
    assert runner(**wish).stats['changed'] == {}
