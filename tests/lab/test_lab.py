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
    (MIRROR, 'unrouted', '/', 7, 0, ''),
    (MIRROR, 'dead', '/', 7, 0, ''),
    (MIRROR, 'behind-proxy', '/', 7, 0, ''),
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
    (REGISTRY, 'wants-token', MANIFEST, 0, 401, 'realm="https://auth.docker.io/token"'),
    (REGISTRY, 'credentials', MANIFEST, 0, 401, 'Basic realm="lab"'),
    (REGISTRY, 'some-images', '/v2/library/busybox/manifests/latest', 0, 404, 'not in the list'),
    (REGISTRY, 'some-images', MANIFEST, 0, 200, 'Docker-Content-Digest'),
    (REGISTRY, 'old-images', MANIFEST, 0, 200, 'Docker-Content-Digest'),
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


def digest(name):
    return re.search('Docker-Content-Digest: (.*)', curl(name, MANIFEST)[2]).group(1)


def test_old_images_are_others(fault):
    fault(REGISTRY, 'old-images')
    assert digest(REGISTRY) != digest('docker.m.daocloud.io')
    fault(REGISTRY, 'heal')
    assert digest(REGISTRY) == digest('docker.m.daocloud.io')


def test_credentials_that_are_right(fault, lab_manifest):
    fault(REGISTRY, 'credentials')
    login = '%(username)s:%(password)s' % lab_manifest['login']
    assert on_host("curl --silent --user '%s' https://%s/v2/" % (login, REGISTRY)).stdout == '{}'
    assert 'Authorization Required' in on_host("curl --silent --user 'puller:wrong' https://%s/v2/" % REGISTRY).stdout


def test_proxy_reaches_what_hosts_cannot(fault, lab_manifest):
    fault(REGISTRY, 'behind-proxy')
    through = on_host('curl --silent --proxy %s https://%s/v2/' % (lab_manifest['proxy'], REGISTRY))
    assert (through.returncode, through.stdout) == (0, '{}')


def test_ipv6_only(fault):
    name = 'ipv6.lab.invalid'
    assert on_host("curl --silent --write-out ' %%{remote_ip}' https://%s/v2/" % name).stdout.startswith('{} 2001:db8::1:')
    fault(name, 'dead')
    assert curl(name)[0] == 7


def test_blobs_of_docker_hub_are_elsewhere():
    """As a pull gets them: the token, the manifest, the redirect."""
    answer = on_host("""
        token=$(curl --silent https://auth.docker.io/token | sed 's/.*"token": "\\([^"]*\\)".*/\\1/')
        hub=https://registry-1.docker.io/v2/library/hello-world
        blob=$(curl --silent --header "Authorization: Bearer $token" --header 'Accept: application/vnd.docker.distribution.manifest.v2+json' \\
            $hub/manifests/latest | grep --only-matching 'sha256:[0-9a-f]*' | head -n 1)
        curl --silent --output /dev/null --write-out '%{http_code} ' $hub/blobs/$blob
        curl --silent --header "Authorization: Bearer $token" --location --write-out ' %{http_code} %{url_effective}' $hub/blobs/$blob
    """)
    assert answer.stdout.startswith('401 {')
    assert ' 200 https://production.cloudfront.docker.com/v2/' in answer.stdout


def test_slow_link_answers_at_once_and_then_drips(fault):
    fault(MIRROR, 'slow')
    code, status, body = curl(MIRROR, '/docker-ce/linux/centos/gpg')
    assert (code, status) == (28, 200)
    assert 'BEGIN PGP' in body and 'END PGP' not in body


def test_trickle_stops_in_the_middle_of_a_large_package_and_lets_small_files_pass(fault, lab_manifest):
    version = lab_manifest['engines'][-1]['rpm']['docker-ce'].rpartition(':')[2]
    package = '%sPackages/docker-ce-%s.%s.rpm' % (REPOSITORY, version, platform.machine())
    fault(MIRROR, 'trickle')
    answer = on_host("curl --silent --max-time 3 --output /dev/null --write-out '%%{size_download} %%{http_code}' https://%s%s" % (MIRROR, package))
    size, status = answer.stdout.split()
    assert (answer.returncode, status) == (28, '200')
    assert 2 * 1024 ** 2 <= int(size) < 3 * 1024 ** 2
    assert curl(MIRROR, REPOSITORY + 'repodata/repomd.xml')[:2] == (0, 200)


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


def test_B97_the_systemd_of_centos_7_is_not_started_where_it_cannot_boot():
    """An image whose systemd says that it is CentOS 7's, on a machine that shows cgroup v2 only, and on one that also has the hierarchy it needs."""
    image = 'old-systemd-%s' % PREFIX
    dockerfile = 'FROM dockfleet-lab/el7\nRUN printf "#!/bin/sh\\necho systemd 219\\n" > /usr/bin/systemctl && chmod 755 /usr/bin/systemctl\n'
    subprocess.run(['docker', 'build', '--quiet', '--tag', image, '-'], input=dockerfile, text=True, check=True, stdout=subprocess.DEVNULL)
    try:
        without = 'awk "/ - cgroup .*name=systemd/ { print \\$5 }" /proc/self/mountinfo | xargs --no-run-if-empty umount --lazy; '
        start = 'EL7_IMAGE=%s %s/up %s old=el7' % (image, LAB, PREFIX)
        done = run('unshare', '--mount', 'bash', '-c', without + start, check=False)
        assert done.returncode == 1
        assert 'lab: not run: the systemd 219 of %s cannot start here, since this machine has cgroup v2 only.' % image in done.stderr
        assert 'name=systemd cgroup /sys/fs/cgroup/systemd' in done.stderr
        assert run('docker', 'ps', '--all', '--quiet', '--filter', 'name=%s-old' % PREFIX).stdout == ''

        mount = 'mkdir /run/$$ && mount -t cgroup -o none,name=systemd cgroup /run/$$; '
        having = without + mount + '. %s/lib.sh; boots_here %s; rc=$?; umount /run/$$; rmdir /run/$$; exit $rc'
        assert run('unshare', '--mount', 'bash', '-c', having % (LAB, image), check=False).returncode == 0
    finally:
        run('docker', 'rmi', '--force', image)


def test_readme_names_every_fault():
    listed = run(LAB / 'fault', PREFIX, '--list').stdout.split()
    table = (LAB / 'README.md').read_text().partition('## Faults')[2]
    rows = [cell for line in table.splitlines() if line.startswith('| `') for cell in re.findall('`([a-z0-9-]+)`', line.split('|')[1])]
    assert sorted(rows) == sorted(listed)
