# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _registry_probe
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.plugins.module_utils._url import split_url
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline
from ansible_collections.dockfleet.host.tests.unit import servers
from ansible_collections.dockfleet.host.tests.unit.asking import PATIENCE
from ansible_collections.dockfleet.host.tests.unit.registries import CONFIG, INDEX, LIST, MANIFEST, SINGLE, Registry, digest_of, tokens
from ansible_collections.dockfleet.host.tests.unit.servers import Authority, Server, Tunnel, answer, closed_port

HELLO, ALPINE = u'library/hello-world:latest', u'library/alpine:latest'
PAGE = b'<!DOCTYPE html><title>Welcome</title><p>This domain is for sale'
ELSEWHERE = '127.0.0.2'


def probe(urls, timeout=PATIENCE, **options):
    wish = dict((name, option.get('default')) for name, option in _registry_probe.ARGUMENT_SPEC.items())
    wish.update(options, registries=urls if isinstance(urls, list) else [urls], timeout=timeout)
    return _registry_probe.probe(wish)


def probe_one(url, **options):
    return probe(url, **options)['registries'][0]


def summary(entry):
    return (entry['verdict'], entry['stage'], entry['cause'])


HEALTHY = (u'healthy', u'', u'')


# What a pull through a mirror does.


def test_mirror_with_its_tokens_on_another_host():
    with Server(tokens, address=ELSEWHERE) as realm, Server(Registry(realm=lambda: realm.url('/token'))) as mirror:
        found = probe_one(mirror.url('').rstrip('/'))
    assert summary(found) == HEALTHY
    assert found['digests'] == {HELLO: digest_of(LIST)}
    assert (found['addresses'], found['hosts']) == ([u'127.0.0.1'], [u'127.0.0.1', u'127.0.0.2'])
    assert found['latency_ms'] >= 0
    assert [(request.method, request.target) for request in mirror.requests] == [
        ('GET', '/v2/'), ('HEAD', '/v2/library/hello-world/manifests/latest?ns=docker.io'),
    ]  # fmt: skip
    assert [request.target for request in realm.requests] == ['/token?service=lab&scope=repository:library/hello-world:pull']
    accepted = mirror.requests[1].headers['accept']
    assert INDEX in accepted and MANIFEST in accepted and 'manifest.list.v2' in accepted and 'distribution.manifest.v2' in accepted


def test_mirror_below_a_path():
    with Server(lambda request: answer(b'{}') if request.path == '/docker/v2/' else answer(status='404 Not Found')) as mirror:
        assert probe_one(mirror.url('/docker/'))['stage'] == u'manifest'
    assert mirror.requests[1].path == '/docker/v2/library/hello-world/manifests/latest'


def test_no_images_is_a_question_of_tokens():
    with Server(tokens) as realm, Server(Registry(realm=lambda: realm.url('/token'))) as mirror:
        found = probe_one(mirror.url(), images=[])
    assert (summary(found), found['digests'], len(mirror.requests)) == (HEALTHY, {}, 1)
    assert realm.requests[0].target == '/token?service=lab'


def test_mirror_that_asks_for_a_token_only_for_the_manifest():
    with Server(tokens) as realm, Server(Registry(realm=lambda: realm.url('/token'), challenge_ping=False)) as mirror:
        assert summary(probe_one(mirror.url())) == HEALTHY


def test_mirror_that_wants_another_scope():
    with Server(tokens) as realm, Server(Registry(realm=lambda: realm.url('/token'), scope='repository:hub/library/hello-world:pull')) as mirror:
        assert summary(probe_one(mirror.url())) == HEALTHY


def test_mirror_that_never_is_content_with_a_token():
    with Server(lambda request: answer(b'{"token":"useless"}')) as realm, Server(Registry(realm=lambda: realm.url('/token'))) as mirror:
        found = probe_one(mirror.url())
    assert summary(found) == (u'unusable', u'manifest', u'does not accept the credentials or the token (http 401)')
    assert len(realm.requests) == 1


@pytest.mark.parametrize('traits', [{'header': False}, {'methods': ('GET',)}, {'header': False, 'methods': ('GET',)}])
def test_digest_where_head_does_not_tell(traits):
    with Server(Registry(**traits)) as mirror:
        assert probe_one(mirror.url())['digests'] == {HELLO: digest_of(LIST)}


def test_ipv6():
    with Server(Registry(), address='::1') as mirror:
        found = probe_one(mirror.url())
    assert (summary(found), found['addresses'], found['hosts']) == (HEALTHY, [u'::1'], [u'::1'])


def test_through_a_proxy(tmpdir, monkeypatch):
    authority = Authority(str(tmpdir), 'lab')
    with Server(Registry(), authority.issue('mirror.example')) as mirror:
        with Server(greet=Tunnel({'mirror.example': ('127.0.0.1', mirror.port)})) as proxy:
            monkeypatch.setenv('https_proxy', 'http://127.0.0.1:%d' % proxy.port)
            monkeypatch.delenv('no_proxy', raising=False)
            monkeypatch.delenv('NO_PROXY', raising=False)
            found = probe_one(mirror.url(host='mirror.example'), ca_file=authority.certificate)
    assert (summary(found), found['hosts']) == (HEALTHY, [u'mirror.example'])


@pytest.mark.parametrize('path, stage', [('/v2/', u'http'), ('/v2/library/hello-world/manifests/latest', u'manifest')])
def test_limits_are_told(path, stage):
    reply = answer(status='429 Too Many Requests', RateLimit_Limit='100;w=21600', RateLimit_Remaining='0;w=21600')
    with Server(Registry(replies={path: reply})) as mirror:
        found = probe_one(mirror.url())
    assert summary(found) == (u'unusable', stage, u'allows no more pulls for now (http 429, limit 100 in 6 h, 0 left)')
    assert found['rate_limit'] == {u'limit': 100, u'remaining': 0, u'window_s': 21600}


# The cases that people reported.


@pytest.mark.parametrize('url, words', [
    ('m.example', u'has no scheme. Write https://m.example or http://m.example.'),
    ('m.example:5000', u'has no scheme. Write https://m.example:5000 or http://m.example:5000.'),
    ('eg:https://m.example', u'has more in it than a URL (eg:). Write https://m.example.'),
    ('https://u:s3cret@m.example', u'holds a user name or a password'),
    ('https://m.example?ns=docker.io', u'has a query or a fragment. Write https://m.example.'),
])  # fmt: skip
def test_B59_no_url(url, words):
    found = probe_one(url)
    assert (found['verdict'], found['stage']) == (u'unusable', u'url')
    assert words in found['cause'] and u's3cret' not in json.dumps(found)


def test_B59_blank_in_front_is_dropped():
    with Server(Registry()) as mirror:
        found = probe_one(' ' + mirror.url())
    assert (summary(found), found['url']) == (HEALTHY, mirror.url())


def test_B61_known_dead_mirrors_are_called_out():
    found = probe(['https://registry.docker-cn.com', 'https://docker.mirrors.ustc.edu.cn', 'https://hub-mirror.c.163.com'], timeout=0.01)
    assert [entry['verdict'] for entry in found['registries']] == 3 * [u'unusable']
    assert all(u'is known to be dead' in entry['notes'][0] for entry in found['registries'])
    assert found['healthy'] == []


def test_B62_token_is_refused():
    with Server(lambda request: answer(status='403 Forbidden'), address=ELSEWHERE) as realm, Server(Registry(realm=lambda: realm.url('/auth'))) as mirror:
        found = probe_one(mirror.url())
    assert summary(found) == (u'unusable', u'token', u'answers, but gives no pull token: 127.0.0.2 refuses this client (http 403)')
    assert found['hosts'] == [u'127.0.0.1', u'127.0.0.2']


def test_B64_missing_images():
    with Server(Registry()) as mirror:
        found = probe_one(mirror.url(), images=[HELLO, 'alpine'])
    assert summary(found) == (u'degraded', u'manifest', u'library/alpine:latest: does not have it (http 404)')
    assert (found['missing'], found['digests']) == ([ALPINE], {HELLO: digest_of(LIST)})


def test_token_server_is_dead():
    port = closed_port()
    with Server(Registry(realm=lambda: 'http://127.0.0.2:%d/' % port)) as mirror:
        found = probe_one(mirror.url())
    assert summary(found) == (u'unusable', u'token', u'answers, but no pull token can be had from 127.0.0.2 (tcp: connection refused)')
    assert found['hosts'] == [u'127.0.0.1', u'127.0.0.2']


@pytest.mark.parametrize('realm, words', [('/token', u'The token realm "/token" has no scheme'), ('ftp://x.example/', u'has the scheme "ftp"')])
def test_unusable_realm(realm, words):
    with Server(Registry(realm=lambda: realm)) as mirror:
        found = probe_one(mirror.url())
    assert found['stage'] == u'token' and words in found['cause']


# Credentials.

BASIC = 'Basic dTpww6k='
CREDENTIALS = {'username': 'u', 'password': u'p\u00e9'}


def test_basic_credentials():
    with Server(Registry(basic=BASIC)) as mirror:
        place = '127.0.0.1:%d' % mirror.port
        assert summary(probe_one(mirror.url(), credentials=[dict(CREDENTIALS, registry=place)])) == HEALTHY
        assert summary(probe_one(mirror.url(), credentials=[dict(CREDENTIALS, registry='http://%s/' % place)])) == HEALTHY
        wrong = probe_one(mirror.url(), credentials=[dict(CREDENTIALS, registry=place, password='x')])
        none = probe_one(mirror.url(), credentials=[dict(CREDENTIALS, registry='other.example')])
    assert summary(wrong) == (u'unusable', u'token', u'does not accept the user name and password (http 401)')
    assert summary(none) == (u'unusable', u'token', u'wants a user name and a password')


def test_credentials_for_a_token():
    def checked(request):
        return tokens(request) if request.headers.get('authorization') == BASIC else answer(status='401 Unauthorized')

    with Server(checked) as realm, Server(Registry(realm=lambda: realm.url('/token'))) as mirror:
        place = '127.0.0.1:%d' % mirror.port
        found = probe_one(mirror.url(), credentials=[dict(CREDENTIALS, registry=place)])
        none = probe_one(mirror.url())
        wrong = probe_one(mirror.url(), credentials=[dict(CREDENTIALS, registry=place, username='v')])
    assert summary(found) == HEALTHY
    assert realm.requests[0].target == '/token?account=u&service=lab&scope=repository:library/hello-world:pull'
    assert summary(none)[1:] == (u'token', u'answers, but 127.0.0.1 gives no pull token without a user name and password (http 401)')
    assert summary(wrong)[1:] == (u'token', u'answers, but 127.0.0.1 does not accept the user name and password (http 401)')
    assert 'authorization' not in mirror.requests[0].headers


# Private registries.


def test_private_registry_is_asked_for_its_own_images_only():
    images = {'team/app/manifests/1': SINGLE}
    with Server(Registry(images)) as registry:
        name = u'127.0.0.1:%d/team/app:1' % registry.port
        found = probe_one(registry.url(), images=[HELLO, name])
    assert (summary(found), found['digests']) == (HEALTHY, {name: digest_of(SINGLE)})
    assert [request.target for request in registry.requests] == ['/v2/', '/v2/team/app/manifests/1']


def test_plain_http_only_where_listed():
    options = {'images': ['r.invalid:5000/app'], 'timeout': 5}
    refused = probe_one('http://r.invalid:5000', **options)
    listed = probe_one('http://r.invalid:5000', insecure_registries=['r.invalid:5000'], **options)
    assert (refused['stage'], u'List "r.invalid:5000" in insecure_registries' in refused['cause']) == (u'url', True)
    assert listed['stage'] == u'dns'
    assert listed['notes'][:1] == [u'r.invalid is asked by plain http: whoever is on the way can put other images in the place of these.']


def test_insecure_registry_that_speaks_http_only():
    with Server(Registry()) as registry:
        found = probe_one(registry.url().replace('http:', 'https:'))
    assert summary(found) == HEALTHY
    assert found['notes'][0].startswith(u'https fails (tls: connection ') and found['notes'][0].endswith(u'so it is asked by plain http.')


@pytest.mark.parametrize('entry, listed', [
    ('r.example', True), ('r.example:5000', True), ('http://r.example:5000/', True), ('R.example', True), ('r.example:5001', False), ('example', False),
    ('192.0.2.0/24', False), ('', False),
])  # fmt: skip
def test_is_listed(entry, listed):
    assert _registry_probe.is_listed(split_url(u'https://r.example:5000'), [entry]) is listed


def test_is_listed_by_network():
    assert _registry_probe.is_listed(split_url(u'https://192.0.2.7'), ['198.51.100.0/24', '192.0.2.0/24'])


def test_authorities_of_dockerd(tmpdir):
    folder = tmpdir.mkdir('r.example:5000')
    for name in ('ca.crt', 'client.cert', 'client.key', 'a.crt'):
        folder.join(name).write('')
    assert _registry_probe.authorities(u'r.example:5000', str(tmpdir)) == [str(folder.join('a.crt')), str(folder.join('ca.crt'))]
    assert _registry_probe.authorities(u'other.example', str(tmpdir)) == []


def test_file_of_authorities_that_is_none(tmpdir):
    with pytest.raises(DockfleetError) as caught:
        probe_one('https://127.0.0.1:%d' % closed_port(), ca_file=str(tmpdir.join('none.pem')))
    assert not isinstance(caught.value, NetError) and u'none.pem' in caught.value.message


def test_image_that_is_none():
    with pytest.raises(DockfleetError):
        probe_one('https://m.example', images=['https://hub.docker.com/_/alpine'])


# Blobs.


def blob_path(content=CONFIG):
    return '/v2/library/hello-world/blobs/' + digest_of(content)


def test_blob_on_another_host():
    with Server(tokens) as realm, Server(lambda request: answer(CONFIG), address=ELSEWHERE) as store:
        registry = Registry(realm=lambda: realm.url('/token'), replies={blob_path(): answer(status='307 Temporary Redirect', Location=store.url('/b?sig=1'))})
        with Server(registry) as mirror:
            found = probe_one(mirror.url(), read_blob=True)
    assert (summary(found), found['hosts']) == (HEALTHY, [u'127.0.0.1', u'127.0.0.2'])
    assert 'authorization' not in store.requests[0].headers
    assert [request.path.rpartition('/')[2] for request in mirror.requests][2:] == [digest_of(LIST), digest_of(SINGLE), digest_of(CONFIG)]


@pytest.mark.parametrize('reply, cause', [
    (answer(PAGE), u'127.0.0.1 shows a web page instead of the blob'),
    (answer(b'x'), u'127.0.0.1 sends something else than the blob ' + digest_of(CONFIG)),
    (answer(status='403 Forbidden'), u'refuses this client (http 403)'),
    (answer(b'x', length=100), u'http: the body ends early, after 1 of 100 bytes'),
])  # fmt: skip
def test_blob_that_cannot_be_had(reply, cause):
    with Server(Registry(replies={blob_path(): reply})) as mirror:
        found = probe_one(mirror.url(), read_blob=True)
    assert summary(found) == (u'unusable', u'blob', cause)
    assert found['digests'] == {HELLO: digest_of(LIST)}


@pytest.mark.parametrize('manifest', [b'[]', b'nonsense'])
def test_manifest_that_is_no_object(manifest):
    with Server(Registry({'library/hello-world/manifests/latest': manifest, 'library/hello-world/manifests/' + digest_of(manifest): manifest})) as mirror:
        found = probe_one(mirror.url(), read_blob=True)
    assert found['verdict'] == u'unusable' and u'is no JSON object' in found['cause']


def test_blob_store_that_is_dead_is_named():
    port = closed_port()
    registry = Registry(replies={blob_path(): answer(status='307 Temporary Redirect', Location='http://127.0.0.2:%d/b?sig=1' % port)})
    with Server(registry) as mirror:
        found = probe_one(mirror.url(), read_blob=True)
    assert summary(found) == (u'unusable', u'blob', u'tcp: connection refused')
    assert found['hosts'] == [u'127.0.0.1', u'127.0.0.2']


def test_nothing_is_taken_from_a_cache_on_the_way():
    with Server(tokens) as realm, Server(Registry(realm=lambda: realm.url('/token'))) as mirror:
        probe_one(mirror.url(), read_blob=True)
    assert len(mirror.requests) == 5
    assert [request.headers.get('cache-control') for request in mirror.requests + realm.requests] == 6 * ['no-cache']


def test_walk_goes_by_the_given_addresses(tmpdir):
    with Server(tokens, address=ELSEWHERE) as realm:
        with Server(Registry(realm=lambda: realm.url('/token', host='auth.example'))) as mirror:
            addresses = {u'hub.example': [u'127.0.0.1'], u'auth.example': [ELSEWHERE]}
            found = _registry_probe.walk(mirror.url(host='hub.example'), [HELLO], addresses, Deadline(PATIENCE))
    assert (summary(found), found['hosts'], found['addresses']) == (HEALTHY, [u'hub.example', u'auth.example'], [u'127.0.0.1'])


# Which mirrors to write.


def test_mirrors_that_are_left_out_are_told_with_the_cause():
    with Server(Registry()) as good, Server(Registry(), address=ELSEWHERE) as another:
        dead = u'http://127.0.0.3:%d' % closed_port()
        found = probe([dead, good.url(''), another.url('')], order='given')
        nothing = pytest.raises(DockfleetError, probe, [dead], order='given').value
    assert found['mirrors'] == [good.url(''), another.url('')]
    assert found['left_out'] == [u'%s is left out: unusable, tcp: connection refused.' % dead]
    assert nothing.message.startswith(u'None of the mirrors can be pulled through from here, so nothing was changed. %s is left out: unusable, tcp:' % dead)
    assert nothing.details['registries'][0]['url'] == dead


@pytest.mark.parametrize('text, mirrors', [
    (b'{"registry-mirrors": ["https://m.example/"]}', [u'https://m.example/']),
    (b'{"registry-mirrors": "https://m.example/"}', []),
    (b'{"registry-mirrors"', []),
    (b'[]', []),
    (b'{}', []),
])  # fmt: skip
def test_configured_mirrors(tmpdir, text, mirrors):
    tmpdir.join('daemon.json').write_binary(text)
    assert _registry_probe.configured_mirrors(str(tmpdir.join('daemon.json'))) == mirrors
    assert _registry_probe.configured_mirrors(str(tmpdir.join('none.json'))) == []


def test_B66_pins_are_read_past_the_block(tmpdir):
    path = tmpdir.join('hosts')
    path.write('# BEGIN dockfleet.host docker_dns, 2026-11-25\n192.0.2.1 a.example\n# END dockfleet.host docker_dns\n192.0.2.10 registry-1.docker.io\n')
    assert [(pin.line, pin.address) for pin in _registry_probe.pinned(str(path))] == [(4, u'192.0.2.10')]
    path.write('# BEGIN dockfleet.host docker_dns, 2026-11-25\n')
    assert _registry_probe.pinned(str(path)) == [] and _registry_probe.pinned(str(tmpdir.join('none'))) == []


# All verdicts at once.


def test_twenty_endpoints_with_every_verdict(tmpdir):
    known, unknown = Authority(str(tmpdir), 'known'), Authority(str(tmpdir), 'unknown')

    def tls(certificate):
        return Server(Registry(), certificate)

    address = ['IP:127.0.0.1']
    running = [
        # server, the verdict to come
        (Server(Registry()), HEALTHY),
        (tls(known.issue('m', address)), HEALTHY),
        (Server(Registry(), address='::1'), HEALTHY),
        (tls(known.issue('m', ['IP:127.0.0.9'])), (u'unusable', u'tls', u'certificate is for another name (127.0.0.9)')),
        (tls(known.issue('m', address, servers.LONG_AGO, servers.PAST)), (u'unusable', u'tls', u'certificate expired on 2024-01-01')),
        (tls(known.issue_self_signed('m', address)), (u'unusable', u'tls', u'self-signed certificate')),
        (tls(unknown.issue('m', address)), (u'unusable', u'tls', u'certificate is signed by an unknown authority')),
        (Server(greet=servers.reset, certificate=known.issue('m', address)), (u'unusable', u'tls', u'connection reset during the TLS handshake')),
        (Server(lambda request: answer(PAGE)),
         (u'unusable', u'http', u'shows a web page ("Welcome This domain is for sale"): no registry, but a login or parking page')),
        (Server(lambda request: answer(status='402 Payment Required')), (u'unusable', u'http', u'wants to be paid (http 402)')),
        (Server(Registry(basic='x')), (u'unusable', u'token', u'wants a user name and a password')),
        (Server(Registry({})), (u'unusable', u'manifest', u'does not have it (http 404)')),
    ]  # fmt: skip
    dead = Server(greet=lambda dummy: dead.stopped.wait(PATIENCE))
    for server, dummy in running + [(dead, None)]:
        server.__enter__()
    urls = [server.url() for server, dummy in running] + 8 * [dead.url()]
    # On loopback https may fall back to http, as for every insecure registry: here each of these servers speaks one of them only.
    found = probe(urls, timeout=10, ca_file=known.certificate)
    for server, dummy in running + [(dead, None)]:
        server.__exit__()
    assert [summary(entry) for entry in found['registries']] == [wanted for dummy, wanted in running] + 8 * [(u'unusable', u'http', u'no answer within 10 s')]
    assert found['healthy'] == urls[:3]
