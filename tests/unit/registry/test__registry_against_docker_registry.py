# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe understands the registry that everyone runs. These tests need the real docker-registry (Debian's package), and fail without it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import ssl
import subprocess
import time
import urllib.parse
import urllib.request

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _registry_probe
from ansible_collections.dockfleet.host.tests.unit.servers import Authority, Server, answer

HELLO = 'library/hello-world:latest'
USER, PASSWORD = 'puller', 's3cret pass'
# The one line of an htpasswd file that says so.
HTPASSWD = 'puller:$2y$05$abcdefghijklmnopqrstuu1qdcFaS0PtqFUPzaCxLQ8/0lspH0ZEW'
LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
CONFIG = 'application/vnd.docker.container.image.v1+json'


class DockerRegistry:
    """A running docker-registry.

    Args:
        folder (py.path.local): Where its images are; several may share it.
        settings (dict): Further parts of its configuration.
    """

    def __init__(self, folder, http=None, **settings):
        config = {'version': 0.1, 'log': {'level': 'info'}, 'storage': {'filesystem': {'rootdirectory': str(folder)}},
                  'http': {'addr': '127.0.0.1:0', 'secret': 'lab', **(http or {})}, **settings}  # fmt: skip
        path = folder.join('config.yml')
        path.write(json.dumps(config))
        self._process = subprocess.Popen(['docker-registry', 'serve', str(path)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self._scheme = 'https' if http else 'http'

    def __enter__(self):
        log = []
        for line in self._process.stderr:
            log.append(line)
            listening = re.search(r'listening on 127\.0\.0\.1:([0-9]+)', line)
            if listening:
                self.place = '127.0.0.1:' + listening.group(1)
                self.url = '%s://%s' % (self._scheme, self.place)
                return self
        raise RuntimeError('docker-registry did not start:\n' + ''.join(log))

    def __exit__(self, *dummy):
        self._process.terminate()
        self._process.communicate()


def send(method, url, body=b'', kind='application/octet-stream'):
    request = urllib.request.Request(url, body, {'Content-Type': kind}, method=method)
    with urllib.request.urlopen(request) as response:
        return response.headers


def push(registry, repository, manifest, kind, reference=None):
    """Put a manifest into a registry, by the digest if no tag is given; returns the digest that the registry gives it."""
    body = json.dumps(manifest).encode()
    digest = 'sha256:' + hashlib.sha256(body).hexdigest()
    return send('PUT', '%s/v2/%s/manifests/%s' % (registry.url, repository, reference or digest), body, kind)['Docker-Content-Digest'], len(body)


def push_image(registry, repository, tag=None):
    config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
    digest = 'sha256:' + hashlib.sha256(config).hexdigest()
    place = send('POST', '%s/v2/%s/blobs/uploads/' % (registry.url, repository))['Location']
    send('PUT', '%s&digest=%s' % (place, digest), config)
    manifest = {'schemaVersion': 2, 'mediaType': MANIFEST, 'config': {'mediaType': CONFIG, 'digest': digest, 'size': len(config)}, 'layers': []}
    return push(registry, repository, manifest, MANIFEST, tag)


@pytest.fixture(scope='module')
def images(tmpdir_factory):
    """A folder with hello-world (an index, as on Docker Hub) and team/single (one manifest), and the digests of both."""
    folder = tmpdir_factory.mktemp('images')
    with DockerRegistry(folder) as registry:
        digest, size = push_image(registry, 'library/hello-world')
        entry = {'mediaType': MANIFEST, 'digest': digest, 'size': size, 'platform': {'os': 'linux', 'architecture': 'amd64'}}
        hello = push(registry, 'library/hello-world', {'schemaVersion': 2, 'mediaType': LIST, 'manifests': [entry]}, LIST, 'latest')[0]
        single = push_image(registry, 'team/single', '1')[0]
    return folder, hello, single


def probe(registry, **options):
    wish = {name: option.get('default') for name, option in _registry_probe.ARGUMENT_SPEC.items()}
    wish.update(registries=[registry.url], images=[HELLO], read_blob=True, timeout=30)
    return _registry_probe.probe(dict(wish, **options))['registries'][0]


def summary(entry):
    return entry['verdict'], entry['stage'], entry['cause']


HEALTHY = ('healthy', '', '')


def login(registry, **changes):
    return [dict({'registry': registry.place, 'username': USER, 'password': PASSWORD}, **changes)]


def test_without_login(images):
    folder, hello, single = images
    with DockerRegistry(folder) as registry:
        name = registry.place + '/team/single:1'
        public, private = probe(registry), probe(registry, images=[name])
        missing = probe(registry, images=[HELLO, 'alpine'])
    assert (summary(public), public['digests']) == (HEALTHY, {HELLO: hello})
    assert (summary(private), private['digests']) == (HEALTHY, {name: single})
    assert summary(missing) == ('degraded', 'manifest', 'library/alpine:latest: does not have it (http 404)')


def test_over_tls(images, tmpdir):
    known, unknown = (Authority(str(tmpdir), name) for name in ('known', 'unknown'))
    pem = known.issue('r', ['IP:127.0.0.1'])
    with DockerRegistry(images[0], http={'tls': {'certificate': pem, 'key': pem}}) as registry:
        trusted, untrusted = (probe(registry, ca_file=authority.certificate) for authority in (known, unknown))
    assert summary(trusted) == HEALTHY
    assert summary(untrusted) == ('unusable', 'tls', 'certificate is signed by an unknown authority')


def test_htpasswd(images, tmpdir):
    tmpdir.join('htpasswd').write(HTPASSWD + '\n')
    with DockerRegistry(images[0], auth={'htpasswd': {'realm': 'lab', 'path': str(tmpdir.join('htpasswd'))}}) as registry:
        right, wrong, none = (probe(registry, credentials=given) for given in (login(registry), login(registry, password='x'), []))
    assert summary(right) == HEALTHY
    assert summary(wrong) == ('unusable', 'token', 'does not accept the user name and password (http 401)')
    assert summary(none) == ('unusable', 'token', 'wants a user name and a password')


class TokenServer:
    """Gives signed tokens, as the registry's specification wants them, to anonymous users or to one with a password."""

    def __init__(self, authority, password=None):
        self._key = authority.issue('tokens')
        self._password = password

    def __call__(self, request):
        if self._password:
            wanted = 'Basic ' + base64.b64encode(('%s:%s' % (USER, self._password)).encode()).decode()
            if request.headers.get('authorization') != wanted:
                return answer(b'{"errors":[{"code":"UNAUTHORIZED"}]}', '401 Unauthorized')
        query = urllib.parse.parse_qs(request.query)
        kind, name, actions = query['scope'][0].split(':')
        now = int(time.time())
        claims = {'iss': 'lab', 'sub': '', 'aud': query['service'][0], 'exp': now + 300, 'nbf': now - 60, 'iat': now, 'jti': str(now),
                  'access': [{'type': kind, 'name': name, 'actions': actions.split(',')}]}  # fmt: skip
        return answer(json.dumps({'token': self._sign(claims)}).encode())

    def _sign(self, claims):
        with open(self._key) as stream:
            certificate = stream.read().partition('-----BEGIN CERTIFICATE-----')
        der = ssl.PEM_cert_to_DER_cert((certificate[1] + certificate[2]).strip())
        head = {'typ': 'JWT', 'alg': 'ES256', 'x5c': [base64.b64encode(der).decode()]}
        text = b'.'.join(url_safe(json.dumps(part).encode()) for part in (head, claims))
        done = subprocess.run(['openssl', 'dgst', '-sha256', '-sign', self._key], input=text, stdout=subprocess.PIPE, check=True)
        return (text + b'.' + url_safe(both_halves(done.stdout))).decode()


def url_safe(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=')


def both_halves(der):
    """The two numbers of an ECDSA signature, without the DER around them."""
    size = der[3]
    return b''.join(number.lstrip(b'\0').rjust(32, b'\0') for number in (der[4:4 + size], der[6 + size:]))


def test_tokens(images, tmpdir):
    known, unknown = (Authority(str(tmpdir), name) for name in ('known', 'unknown'))

    def with_tokens(reply, **options):
        with Server(reply, address='127.0.0.2') as realm:
            settings = {'realm': realm.url('/token'), 'service': 'lab registry', 'issuer': 'lab', 'rootcertbundle': known.certificate}
            with DockerRegistry(images[0], auth={'token': settings}) as registry:
                given = login(registry) if options.pop('log_in', False) else []
                return probe(registry, credentials=given, **options)

    right = with_tokens(TokenServer(known))
    assert (summary(right), right['hosts'], right['digests']) == (HEALTHY, ['127.0.0.1', '127.0.0.2'], {HELLO: images[1]})
    assert summary(with_tokens(TokenServer(known, PASSWORD), log_in=True)) == HEALTHY
    refusal = 'answers, but 127.0.0.2 gives no pull token without a user name and password (http 401)'
    assert summary(with_tokens(TokenServer(known, PASSWORD))) == ('unusable', 'token', refusal)
    refusal = 'answers, but 127.0.0.2 does not accept the user name and password (http 401)'
    assert summary(with_tokens(TokenServer(known, 'another'), log_in=True)) == ('unusable', 'token', refusal)
    forged = with_tokens(TokenServer(unknown))
    assert summary(forged) == ('unusable', 'manifest', 'does not accept the credentials or the token (http 401)')
