# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openpgp_key from the playbook to the file: the real ansible-playbook, a real server, this machine as the host."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from servers import Server, answer

from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import dearmor
from ansible_collections.dockfleet.host.tests.unit.openpgp import EXPECTED, content

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
COLLECTIONS = os.path.join(TESTS, '..', '..', '.cache', 'collections')
RSA = EXPECTED['rsa.asc'][0]['fingerprint']
ECDSA = EXPECTED['ecdsa-ecdh.asc'][0]['fingerprint']


class Play:
    """Runs openpgp_key with each of the given parameters, one after another, in one play."""

    def __init__(self, folder):
        self.folder = folder
        (folder / 'files').mkdir()

    def run(self, *tasks):
        results = []
        steps = []
        for number, task in enumerate(tasks):
            keywords = {key: task.pop(key) for key in ('check_mode', 'diff') if key in task}
            steps.append({'dockfleet.host.openpgp_key': task, 'register': f'step{number}', 'ignore_errors': True, **keywords})
        names = ', '.join(f'step{number}' for number in range(len(tasks)))
        steps.append({'ansible.builtin.copy': {'content': '{{ [%s] | to_json }}' % names, 'dest': str(self.folder / 'results.json')}})
        play = {'hosts': 'localhost', 'connection': 'local', 'gather_facts': False, 'tasks': steps}
        play['vars'] = {'ansible_python_interpreter': sys.executable}
        (self.folder / 'play.yml').write_text(json.dumps([play]))
        done = subprocess.run(
            [os.path.join(os.path.dirname(sys.executable), 'ansible-playbook'), 'play.yml', '-i', 'localhost,'],
            cwd=self.folder,
            env={
                'PATH': os.environ['PATH'],
                'LC_ALL': 'C.UTF-8',
                'HOME': str(self.folder),
                'ANSIBLE_HOME': str(self.folder / 'ansible'),
                'ANSIBLE_LOCALHOST_WARNING': 'false',
                'ANSIBLE_PIPELINING': 'true',
                'ANSIBLE_COLLECTIONS_PATH': COLLECTIONS,
            },
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout.decode()
        results = json.loads((self.folder / 'results.json').read_text())
        assert len(results) == len(tasks)
        return results


@pytest.fixture
def play(tmp_path):
    return Play(tmp_path)


def test_a_file_of_the_controller_is_proven_and_kept(play):
    (play.folder / 'files' / 'schlüssel.asc').write_bytes(b'Our key\n' + content('rsa.asc'))
    kept = play.folder / 'keys' / 'apt' / 'schlüssel.asc'
    ring = play.folder / 'keys' / 'schlüssel.gpg'
    task = {'src': 'schlüssel.asc', 'fingerprints': [RSA.lower()], 'path': str(kept)}

    proven, checked, first, second, binary = play.run(
        {'src': 'schlüssel.asc', 'fingerprints': [RSA]},
        dict(task, check_mode=True, diff=True),
        dict(task, diff=True),
        dict(task, diff=True),
        dict(task, path=str(ring)),
    )
    assert checked['changed']
    assert checked['diff']['after']['keys'] == [RSA]
    # What check mode found is what the next task found: it had changed nothing.
    assert checked['diff']['before'] == first['diff']['before'] == {'path': str(kept), 'state': 'absent'}
    assert (proven['changed'], proven['path'], proven['primary_keys']) == (False, None, EXPECTED['rsa.asc'])
    assert (first['changed'], first['path'], first['primary_keys']) == (True, str(kept), EXPECTED['rsa.asc'])
    assert first['diff'] == checked['diff']
    assert (second['changed'], second['primary_keys']) == (False, EXPECTED['rsa.asc'])
    assert second['diff']['before'] == second['diff']['after'] == first['diff']['after']
    assert kept.read_bytes() == content('rsa.asc')
    assert ring.read_bytes() == dearmor(content('rsa.asc'))
    assert [oct(path.stat().st_mode & 0o7777) for path in (kept, ring, kept.parent)] == ['0o644', '0o644', '0o755']

    kept.chmod(0o600)
    (repaired,) = play.run(task)
    assert repaired['changed'] and oct(kept.stat().st_mode & 0o7777) == '0o644'
    assert sorted(path.name for path in kept.parent.iterdir()) == ['schlüssel.asc']


def test_a_key_that_the_host_fetches(play):
    kept = play.folder / 'docker.asc'
    pages = {
        '/gpg': answer(content('ecdsa-ecdh.asc')),
        '/two': answer(content('two-keys.asc')),
        '/denied': answer(b'<html><body><h1>Access denied</h1></body></html>', '403 Forbidden'),
        '/huge': answer(content('ecdsa-ecdh.asc') + b'\n' * (1 << 20)),
    }
    with Server(lambda request: pages[request.path]) as server:
        task = {'fingerprints': [ECDSA], 'path': str(kept), 'proxy': ''}
        first, second, two, denied, huge = play.run(*[dict(task, url=server.url(path)) for path in ('/gpg', '/gpg', '/two', '/denied', '/huge')])
    assert (first['changed'], second['changed']) == (True, False)
    assert kept.read_bytes() == content('ecdsa-ecdh.asc')
    assert all(result['failed'] and not result['changed'] for result in (two, denied, huge))
    assert [result['stage'] for result in (two, denied, huge)] == ['fingerprint', 'http', 'key']
    assert (two['expected'], two['found']) == ([ECDSA], sorted([RSA, ECDSA]))
    assert two['msg'].startswith(server.url('/two') + ' does not hold exactly the expected keys.')
    assert 'http 403 ("Access denied") for ' + server.url('/denied') in denied['msg'] and 'src' in denied['msg']
    assert 'no more than 1048576 are read' in huge['msg']


def test_a_wrong_file_of_the_controller_is_refused_there(play):
    for name in ('two-keys.asc', 'expired.asc', 'revoked.asc'):
        (play.folder / 'files' / name).write_bytes(content(name))
    (play.folder / 'files' / 'cut.asc').write_bytes(content('rsa.asc')[:400])
    kept = play.folder / 'kept.asc'
    task = {'path': str(kept), 'fingerprints': [RSA]}
    results = play.run(
        dict(task, src='two-keys.asc'),
        dict(task, src='cut.asc'),
        dict(task, src='expired.asc', fingerprints=[EXPECTED['expired.asc'][0]['fingerprint']]),
        dict(task, src='revoked.asc', fingerprints=[EXPECTED['revoked.asc'][0]['fingerprint']]),
        dict(task, src='absent.asc'),
        dict(task, src='two-keys.asc', content='x'),
        dict(task),
        dict(task, content=content('rsa.asc').decode(), path='kept.asc'),
        dict(task, content=content('rsa.asc').decode(), path=str(play.folder / 'files')),
    )
    assert all(result['failed'] and not result['changed'] for result in results)
    words = [
        'two-keys.asc does not hold exactly the expected keys',
        'cut.asc cannot be used as a key: it is truncated',
        'expired at 2025-03-01T12:00:00Z',
        'is revoked',
        'src "absent.asc" cannot be read on the controller',
        'mutually exclusive: src|url|content',
        'one of the following is required: src, url, content',
        'path "kept.asc" is not absolute',
        'cannot be read: Is a directory',
    ]
    for result, word in zip(results, words):
        assert word in result['msg']
        assert 'Traceback' not in result['msg']
    assert not kept.exists()
