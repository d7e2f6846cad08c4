# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab keeps its promises: each fault does what its name says, and to nobody else. Run by `pytest tests/lab` after `make lab`."""

from __future__ import annotations

import json
import os
import pathlib
import platform
import re
import subprocess

import pytest

LAB = pathlib.Path(__file__).parent
PREFIX = 'selftest-%d' % os.getpid()
MIRROR = 'mirrors.aliyun.com'
REPOSITORY = '/docker-ce/linux/centos/7/%s/stable/' % platform.machine()
DEBIAN = '/docker-ce/linux/debian/dists/bookworm/'
ARCHITECTURE = {'x86_64': 'amd64', 'aarch64': 'arm64'}[platform.machine()]
REGISTRY = 'docker.1ms.run'
MANIFEST = '/v2/library/hello-world/manifests/latest'

# name, fault, path, curl's exit code, HTTP status, something in the body or the headers
TABLE = [
    (MIRROR, 'nxdomain', '/', 6, 0, ''),
    (MIRROR, 'poisoned', '/', 60, 0, ''),
    (MIRROR, 'dead', '/', 7, 0, ''),
    (MIRROR, 'silent', '/', 28, 0, ''),
    (MIRROR, 'reset', '/', 35, 0, ''),
    (MIRROR, 'wrong-name', '/', 60, 0, ''),
    (MIRROR, 'expired', '/', 60, 0, ''),
    (MIRROR, 'self-signed', '/', 60, 0, ''),
    (MIRROR, 'unknown-authority', '/', 60, 0, ''),
    (MIRROR, 'forbidden', REPOSITORY, 0, 403, '<html>'),
    (MIRROR, 'not-found', REPOSITORY, 0, 404, '<html>'),
    (MIRROR, 'html', REPOSITORY + 'repodata/repomd.xml', 0, 200, '<html>'),
    (MIRROR, 'unavailable', REPOSITORY, 0, 503, '<html>'),
    (MIRROR, 'empty', REPOSITORY + 'repodata/repomd.xml', 0, 200, 'Content-Length: 0'),
    (MIRROR, 'no-key', '/docker-ce/linux/centos/gpg', 0, 404, ''),
    (MIRROR, 'empty-key', '/docker-ce/linux/debian/gpg', 0, 200, 'Content-Length: 0'),
    (MIRROR, 'truncated-key', '/docker-ce/linux/centos/gpg', 0, 200, 'Content-Length: 700'),
    (MIRROR, 'no-el7', REPOSITORY + 'repodata/repomd.xml', 0, 404, ''),
    (MIRROR, 'no-el7', DEBIAN + 'InRelease', 0, 200, 'Origin: Docker'),
    (MIRROR, 'no-primary', DEBIAN + 'stable/binary-%s/Packages.gz' % ARCHITECTURE, 0, 404, ''),
    (MIRROR, 'no-primary', REPOSITORY + 'repodata/repomd.xml', 0, 200, '-primary.xml.gz'),
    (MIRROR, 'stale', REPOSITORY + 'repodata/repomd.xml', 0, 200, '<revision>1577836800</revision>'),
    (MIRROR, 'stale', DEBIAN + 'InRelease', 0, 200, 'Date: Wed, 01 Jan 2020'),
    ('auth.docker.io', 'token-refused', '/token', 0, 401, 'unauthorized'),
    (REGISTRY, 'login', '/v2/', 0, 302, '/login'),
    (REGISTRY, 'payment', '/v2/', 0, 402, 'payment'),
    (REGISTRY, 'limited', MANIFEST, 0, 429, 'ratelimit-remaining: 0'),
    (REGISTRY, 'no-challenge', '/v2/', 0, 401, 'UNAUTHORIZED'),
    (REGISTRY, 'no-manifest', MANIFEST, 0, 404, 'MANIFEST_UNKNOWN'),
    (REGISTRY, 'no-blob', '/v2/library/hello-world/blobs/sha256:00', 0, 404, 'BLOB_UNKNOWN'),
]


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True, errors='replace')


def on_host(command):
    return run('docker', 'exec', PREFIX + '-el7', 'bash', '-c', command, check=False)


def curl(name, path='/'):
    """curl's exit code, the HTTP status, headers with body."""
    answer = on_host("curl --silent --include --max-time 2 --write-out '\n%%{http_code}' https://%s%s" % (name, path))
    body, _newline, status = answer.stdout.rpartition('\n')
    return answer.returncode, int(status or 0), body


@pytest.fixture(scope='module', autouse=True)
def lab():
    run(LAB / 'down', PREFIX)
    run(LAB / 'up', PREFIX, 'el7')
    yield
    run(LAB / 'down', PREFIX)


@pytest.fixture
def fault():
    names = []

    def switch(name, *faults):
        names.append(name)
        run(LAB / 'fault', PREFIX, name, *faults)

    yield switch
    for name in names:
        run(LAB / 'fault', PREFIX, name, 'heal')


@pytest.mark.parametrize('name, what, path, code, status, text', TABLE, ids=['%s-%s' % (row[1], row[2]) for row in TABLE])
def test_fault(fault, name, what, path, code, status, text):
    fault(name, what)
    answered = curl(name, path)
    assert answered[:2] == (code, status)
    assert text in answered[2]
    assert curl('mirrors.tuna.tsinghua.edu.cn', REPOSITORY)[:2] == (0, 200)
    fault(name, 'heal')
    healed = curl(name, path)
    assert healed[:2] == (0, 200) if name == MIRROR and path != '/' else healed[0] == 0


def test_slow_link_answers_at_once_and_then_drips(fault):
    fault(MIRROR, 'slow')
    code, status, body = curl(MIRROR, '/docker-ce/linux/centos/gpg')
    assert (code, status) == (28, 200)
    assert 'BEGIN PGP' in body and 'END PGP' not in body


@pytest.mark.parametrize('what, expected', [('two-keys', ['docker-rpm', 'stranger']), ('wrong-key', ['stranger'])])
def test_fault_of_keys(fault, lab_manifest, what, expected):
    fault(MIRROR, what)
    listed = on_host('curl --silent https://%s/docker-ce/linux/centos/gpg | gpg --batch --with-colons --show-keys' % MIRROR).stdout
    primary = [line.split(':')[9] for line in listed.splitlines() if line.startswith('fpr')]
    assert primary == [lab_manifest['fingerprints'][name] for name in expected]


@pytest.mark.parametrize('what, says', [('bad-checksum', 'hecksum'), ('no-primary', '404'), ('truncated', 'all mirrors were already tried')])
def test_dnf_notices(fault, what, says):
    on_host('cat > /etc/yum.repos.d/docker-ce.repo <<E\n[docker]\nname=docker\nbaseurl=https://%s%s\ngpgcheck=1\n'
            'gpgkey=https://%s/docker-ce/linux/centos/gpg\nE'
            % (MIRROR, REPOSITORY, MIRROR))
    fault(MIRROR, what)
    answer = on_host('dnf clean all; dnf -y install docker-ce 2>&1')
    assert answer.returncode != 0
    assert says in answer.stdout
    assert on_host('rpm -q docker-ce').returncode != 0


def test_resolvers(lab_manifest):
    asked = json.dumps({kind: [address, 53] for kind, address in lab_manifest['resolvers'].items()})
    script = r'''
import json, socket, struct
answers = {}
for kind, resolver in json.loads(%r).items():
    query = struct.pack(">HHHHHH", 7, 256, 1, 0, 0, 0) + b"".join(bytes([len(p)]) + p.encode() for p in "auth.docker.io".split(".")) + b"\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        client.sendto(query, tuple(resolver))
        try:
            answers[kind] = socket.inet_ntoa(client.recv(512)[-4:])
        except socket.timeout:
            answers[kind] = None
print(json.dumps(answers))
''' % asked
    answers = json.loads(run('docker', 'exec', PREFIX + '-network', 'python3', '-c', script).stdout)
    truth = lab_manifest['names']['auth.docker.io']['address']
    assert answers == {'system': truth, 'honest': truth, 'lying': lab_manifest['names']['stranger.lab.invalid']['address'], 'dead': None}


@pytest.fixture(scope='module')
def lab_manifest():
    return json.loads((LAB.parent.parent / '.cache/lab/manifest.json').read_text())


def test_readme_names_every_fault():
    listed = run(LAB / 'fault', PREFIX, '--list').stdout.split()
    table = (LAB / 'README.md').read_text().partition('## Faults')[2]
    rows = [cell for line in table.splitlines() if line.startswith('| `') for cell in re.findall('`([a-z0-9-]+)`', line.split('|')[1])]
    assert sorted(rows) == sorted(listed)
