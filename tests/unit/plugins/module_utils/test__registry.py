# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _registry
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._hosts_file import Entry
from ansible_collections.dockfleet.host.plugins.module_utils._net import Headers, Response

PAGE = b'<!DOCTYPE html><html><title>Welcome</title><body>This domain is for sale</body></html>'


def response(status, body=b'', url=u'https://m.example/v2/', hops=(), **headers):
    found = Response(status, u'', Headers((name.replace('_', '-'), value) for name, value in headers.items()))
    found.body, found.url, found.hops = body, url, list(hops)
    return found


# Challenges in the shapes that registries send: the header, the scheme that is chosen, its parameters.
CHALLENGES = {
    'Docker Hub': (
        u'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
        u'bearer', {u'realm': u'https://auth.docker.io/token', u'service': u'registry.docker.io'},
    ),
    'Docker Hub, for a manifest': (
        u'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/hello-world:pull",error="invalid_token"',
        u'bearer', {
            u'realm': u'https://auth.docker.io/token', u'service': u'registry.docker.io',
            u'scope': u'repository:library/hello-world:pull', u'error': u'invalid_token',
        },
    ),
    'Harbor': (
        u'Bearer realm="https://harbor.example/service/token",service="harbor-registry"',
        u'bearer', {u'realm': u'https://harbor.example/service/token', u'service': u'harbor-registry'},
    ),
    'Harbor, for a manifest': (
        u'Bearer realm="https://harbor.example/service/token",service="harbor-registry",scope="repository:library/hello-world:pull"',
        u'bearer', {
            u'realm': u'https://harbor.example/service/token', u'service': u'harbor-registry', u'scope': u'repository:library/hello-world:pull',
        },
    ),
    'Nexus': (u'BASIC realm="Sonatype Nexus Repository Manager"', u'basic', {u'realm': u'Sonatype Nexus Repository Manager'}),
    'Nexus, with tokens': (
        u'Bearer realm="https://nexus.example/repository/docker/v2/token",service="https://nexus.example/repository/docker/v2/token"',
        u'bearer', {
            u'realm': u'https://nexus.example/repository/docker/v2/token', u'service': u'https://nexus.example/repository/docker/v2/token',
        },
    ),
    'GitLab': (
        u'Bearer realm="https://gitlab.example/jwt/auth",service="container_registry",error="invalid_token"',
        u'bearer', {u'realm': u'https://gitlab.example/jwt/auth', u'service': u'container_registry', u'error': u'invalid_token'},
    ),
    'ACR': (
        u'Bearer realm="https://acr.example/oauth2/token",service="acr.example"',
        u'bearer', {u'realm': u'https://acr.example/oauth2/token', u'service': u'acr.example'},
    ),
    'ACR, both': (
        u'Bearer realm="https://acr.example/oauth2/token",service="acr.example", Basic realm="Azure container registry"',
        u'bearer', {u'realm': u'https://acr.example/oauth2/token', u'service': u'acr.example'},
    ),
    'Basic before Bearer': (u'Basic realm="x", Bearer realm="https://a.example/t"', u'bearer', {u'realm': u'https://a.example/t'}),
    'blanks, no quotes, other case': (u' bEaReR  ReAlM = "https://a.example/t" , Service=r ', u'bearer', {u'realm': u'https://a.example/t', u'service': u'r'}),
    'quotes within, commas within': (
        u'Bearer realm="https://a.example/t?a=b,c",service="say \\"x\\", y"', u'bearer', {u'realm': u'https://a.example/t?a=b,c', u'service': u'say "x", y'},
    ),
    'others around it': (u'Negotiate, NTLM TlRMTVNTUAAB==, Bearer realm="https://a.example/t"', u'bearer', {u'realm': u'https://a.example/t'}),
    'Bearer without a realm': (u'Bearer service="r", Basic realm="x"', u'basic', {u'realm': u'x'}),
}  # fmt: skip


@pytest.mark.parametrize('shape', sorted(CHALLENGES))
def test_challenges(shape):
    header, scheme, parameters = CHALLENGES[shape]
    chosen = _registry.choose_challenge(header)
    assert (chosen.scheme, chosen.parameters) == (scheme, parameters)
    assert _registry.fault_of_ping(response(401, WWW_Authenticate=header)) is None


@pytest.mark.parametrize('header', [
    None, u'', u'Negotiate', u'Bearer', u'Bearer service="x"', u'Digest realm="x", nonce="y"', u',,,', u'"', u'=', u'Bearer realm=',
])  # fmt: skip
def test_no_challenge(header):
    assert _registry.choose_challenge(header) is None


PINGS = [
    # answer, what is wrong with it
    (response(200, b'{}', Content_Type='application/json', Docker_Distribution_Api_Version='registry/2.0'), None),
    (response(200, b''), None),
    (response(200, b'{}', url=u'https://m.example/v2/', hops=[u'http://m.example/v2/']), None),
    (response(200, PAGE), u'shows a web page ("Welcome This domain is for sale"): no registry, but a login or parking page'),
    (response(200, b'parked', Content_Type='text/html; charset=utf-8'), u'shows a web page ("parked"): no registry, but a login or parking page'),
    (
        response(200, PAGE, url=u'https://login.example/sign-in?next=/v2/', hops=[u'https://m.example/v2/']),
        u'redirects to login.example/sign-in, which shows a web page ("Welcome This domain is for sale"): no registry, but a login or parking page',
    ),
    (response(401), u'answers http 401 without saying how to log in'),
    (response(401, PAGE, WWW_Authenticate='Negotiate'), u'answers http 401 without saying how to log in'),
    (response(402), u'wants to be paid (http 402)'),
    (response(403, PAGE), u'refuses this client (http 403) ("Welcome This domain is for sale")'),
    (response(403, b'{"errors":[{"code":"DENIED","message":"USTCnet only"}]}'), u'refuses this client (http 403) ("USTCnet only")'),
    (response(404), u'does not have it (http 404)'),
    (response(418), u'gives an answer that no registry gives (http 418)'),
    (response(204), u'gives an answer that no registry gives (http 204)'),
    (response(302), u'gives an answer that no registry gives (http 302)'),
    (
        response(429, b'{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}', RateLimit_Limit='100;w=21600',
                 RateLimit_Remaining='0;w=21600', Retry_After='90', Docker_RateLimit_Source='192.0.2.1'),
        u'allows no more pulls for now (http 429, limit 100 in 6 h, 0 left, again in 90 s, counted for 192.0.2.1) ("You have reached your pull rate limit.")',
    ),
    (response(429), u'allows no more pulls for now (http 429)'),
    (response(451), u'is not allowed to serve it here (http 451)'),
    (response(502, b'Bad Gateway'), u'is out of order (http 502) ("Bad Gateway")'),
]  # fmt: skip


@pytest.mark.parametrize('answer, fault', PINGS)
def test_fault_of_ping(answer, fault):
    assert _registry.fault_of_ping(answer) == fault


@pytest.mark.parametrize('body, text', [
    (b'{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}', b'authentication required'),
    (b'{"errors":[{"code":"UNAUTHORIZED"}]}', b'UNAUTHORIZED'),
    (u'{"errors":[{"message":"\u62d2\u7edd"}]}'.encode('utf-8'), u'\u62d2\u7edd'.encode('utf-8')),
    (b'{"errors":[]}', b'{"errors":[]}'),
    (b'{"errors":["x"]}', b'{"errors":["x"]}'),
    (b'[]', b'[]'),
    (b'\xff', b'\xff'),
])  # fmt: skip
def test_error_text(body, text):
    assert _registry.error_text(body) == text


@pytest.mark.parametrize('headers, limit', [
    ({}, {}),
    ({'RateLimit-Limit': u'100;w=21600', 'RateLimit-Remaining': u'98;w=21600', 'Docker-RateLimit-Source': u'192.0.2.1'},
     {u'limit': 100, u'remaining': 98, u'window_s': 21600, u'source': u'192.0.2.1'}),
    ({'ratelimit-limit': u'100, 100;window=60', 'ratelimit-remaining': u'3'}, {u'limit': 100, u'remaining': 3}),
    ({'Retry-After': u'Wed, 25 Nov 2026 12:00:00 GMT'}, {}),
    ({'Retry-After': u'60'}, {u'retry_after_s': 60}),
    ({'RateLimit-Limit': u'many'}, {}),
    ({'Docker-RateLimit-Source': u'192.0.2.1'}, {}),
])  # fmt: skip
def test_rate_limit(headers, limit):
    assert _registry.rate_limit(Headers(headers.items())) == limit


@pytest.mark.parametrize('seconds, words', [(0, u'0 s'), (59, u'59 s'), (60, u'1 min'), (90, u'90 s'), (21600, u'6 h')])
def test_duration(seconds, words):
    assert _registry.duration(seconds) == words


@pytest.mark.parametrize('body, token', [
    (b'{"token":"abc.def"}', u'abc.def'),
    (b'{"access_token":"abc"}', u'abc'),
    (b'{"token":"","access_token":"abc"}', u'abc'),
    (b'{"token":"a\\r\\nX: y"}', None),
    (b'{"token":null}', None),
    (b'{}', None),
    (b'[]', None),
    (PAGE, None),
    (b'', None),
])  # fmt: skip
def test_token_of(body, token):
    assert _registry.token_of(response(200, body)) == token


@pytest.mark.parametrize('answer, with_credentials, fault', [
    (response(200, PAGE, u'https://auth.example/t'), False, u'answers, but auth.example gives no token but something else ("Welcome This domain is for sale")'),
    (response(401, b'', u'https://auth.example/t'), False, u'answers, but auth.example gives no pull token without a user name and password (http 401)'),
    (response(401, b'', u'https://auth.example/t'), True, u'answers, but auth.example does not accept the user name and password (http 401)'),
    (response(403, b'', u'https://auth.example/t'), False, u'answers, but gives no pull token: auth.example refuses this client (http 403)'),
    (response(503, b'', u'https://auth.example/t'), True, u'answers, but gives no pull token: auth.example is out of order (http 503)'),
])  # fmt: skip
def test_fault_of_token(answer, with_credentials, fault):
    assert _registry.fault_of_token(answer, with_credentials) == fault


@pytest.mark.parametrize('answer, fault', [
    (response(200, Content_Type='application/vnd.oci.image.index.v1+json'), None),
    (response(200, Content_Type='application/vnd.docker.distribution.manifest.v2+json; charset=utf-8'), None),
    (response(200), None),
    (response(200, Content_Type='text/html; charset=utf-8'), u'shows a web page instead of the manifest'),
    (response(200, PAGE), u'shows a web page instead of the manifest'),
    (response(200, Content_Type='application/vnd.docker.distribution.manifest.v1+prettyjws'),
     u'has it in the old schema 1 only, which Docker no longer pulls'),
    (response(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'), u'does not have it (http 404) ("manifest unknown")'),
    (response(401), u'does not accept the credentials or the token (http 401)'),
])  # fmt: skip
def test_fault_of_manifest(answer, fault):
    assert _registry.fault_of_manifest(answer) == fault


def entry(digest, os, architecture):
    return {'digest': digest, 'platform': {'os': os, 'architecture': architecture}}


@pytest.mark.parametrize('index, digest', [
    ({'manifests': [entry('a', 'linux', 'arm64'), entry('b', 'linux', 'amd64')]}, 'b'),
    ({'manifests': [entry('w', 'windows', 'amd64'), entry('x', 'linux', 's390x')]}, 'w'),
    ({'manifests': [entry('u', 'unknown', 'unknown'), entry('x', 'linux', 's390x')]}, 'x'),
    ({'manifests': [{'digest': 'n'}]}, 'n'),
    ({'manifests': [None, {}, {'platform': None}]}, None),
    ({'manifests': []}, None),
    ({}, None),
])  # fmt: skip
def test_pick_manifest(index, digest):
    assert _registry.pick_manifest(index, 'amd64') == digest


def image(name, digest=u'sha256:1', stage=u'', cause=u''):
    return {'image': name, 'digest': digest, 'stage': stage, 'cause': cause}


GONE = (u'manifest', u'does not have it (http 404)')


@pytest.mark.parametrize('findings, found', [
    ({}, (u'healthy', u'', u'', [])),
    ({'images': [image(u'a'), image(u'b')]}, (u'healthy', u'', u'', [])),
    ({'error': (u'dns', u'the name does not exist')}, (u'unusable', u'dns', u'the name does not exist', [])),
    ({'images': [image(u'a'), image(u'b', u'', *GONE)]}, (u'degraded', u'manifest', u'b: does not have it (http 404)', [u'b'])),
    ({'images': [image(u'a', u'', *GONE)]}, (u'unusable', u'manifest', u'does not have it (http 404)', [u'a'])),
    ({'images': [image(u'a', u'', *GONE), image(u'b', u'', u'token', u'no')]},
     (u'unusable', u'manifest', u'a: does not have it (http 404); b: no', [u'a', u'b'])),
    ({'images': [image(u'a')], 'blob_fault': u'no'}, (u'unusable', u'blob', u'no', [])),
    ({'images': [image(u'a', u'', *GONE)], 'blob_fault': u'no'}, (u'unusable', u'manifest', u'does not have it (http 404)', [u'a'])),
])  # fmt: skip
def test_verdict(findings, found):
    result = _registry.verdict(**findings)
    assert (result['verdict'], result['stage'], result['cause'], result['missing']) == found


def test_stale_only_where_both_digests_are_known():
    def probed(host, **digests):
        return dict(_registry.verdict(), hosts=[host] if host else [], digests=dict((name, u'sha256:' + 64 * digit) for name, digit in digests.items()))

    found = [
        probed(u'old.example', a=u'1', b=u'2'), probed(u'same.example', a=u'3'), probed(u'more.example', c=u'1'),
        probed(u'registry-1.docker.io', a=u'3', b=u'2'), probed(None),
    ]  # fmt: skip
    _registry.mark_stale(found)
    assert [entry['stale'] for entry in found] == [[u'a'], [], [], [], []]
    assert [entry['verdict'] for entry in found] == [u'degraded'] + 4 * [u'healthy']
    assert found[0]['cause'] == u'a: serves sha256:111111111111, Docker Hub sha256:333333333333'


def test_nothing_is_stale_without_docker_hub():
    found = [dict(_registry.verdict(), hosts=[u'%s.example' % name], digests={u'a': name}) for name in u'xy']
    _registry.mark_stale(found)
    assert [entry['verdict'] for entry in found] == [u'healthy', u'healthy']


def mirror(name, latency=100, verdict=u'healthy', **more):
    return dict({'url': u'https://%s.example' % name, 'verdict': verdict, 'stage': u'', 'cause': u'', 'latency_ms': latency, 'notes': []}, **more)


def names(urls):
    return u''.join(url[len(u'https://'):-len(u'.example')] for url in urls)


@pytest.mark.parametrize('latencies, configured, order, chosen', [
    # the user's order, whatever the clock says
    ({u'a': 300, u'b': 20, u'c': 100}, u'cb', 'given', u'abc'),
    ({u'a': 300, u'b': 20, u'c': 100}, u'', 'latency', u'bca'),
    # a few milliseconds are no reason to move
    ({u'a': 120, u'b': 100, u'c': 110}, u'acb', 'latency', u'acb'),
    ({u'a': 140, u'b': 100}, u'ab', 'latency', u'ab'),
    ({u'a': 1040, u'b': 900}, u'ab', 'latency', u'ab'),
    # these are
    ({u'a': 400, u'b': 100}, u'ab', 'latency', u'ba'),
    # one that is new goes behind those that are about as fast
    ({u'a': 130, u'b': 100, u'c': 500}, u'ac', 'latency', u'abc'),
    # and what is configured but not wished any more plays no part
    ({u'a': 130, u'b': 100}, u'xba', 'latency', u'ba'),
])  # fmt: skip
def test_choose_mirrors(latencies, configured, order, chosen):
    entries = [mirror(name, latencies[name]) for name in sorted(latencies)]
    now = [u'https://%s.example/' % name for name in configured]
    urls, left_out = _registry.choose_mirrors(entries, order, now)
    assert (names(urls), left_out) == (chosen, [])
    # And what was chosen is chosen again, though all clocks jitter.
    again = [mirror(name, latencies[name] + jitter) for name, jitter in zip(sorted(latencies), (4, -5, 3))]
    assert names(_registry.choose_mirrors(again, order, urls)[0]) == chosen


def test_B61_mirrors_that_are_not_healthy_are_left_out():
    entries = [
        mirror(u'a', None, u'unusable', stage=u'dns', cause=u'the name does not exist', notes=[u'Known to be dead: shut down (as of 2026-06-13).']),
        mirror(u'b'),
        mirror(u'c', 80, u'degraded', stage=u'manifest', cause=u'library/alpine:latest: does not have it (http 404)'),
    ]
    urls, left_out = _registry.choose_mirrors(entries, 'latency', [])
    assert names(urls) == u'b'
    assert left_out == [
        u'https://a.example is left out: unusable, dns: the name does not exist. Known to be dead: shut down (as of 2026-06-13).',
        u'https://c.example is left out: degraded, manifest: library/alpine:latest: does not have it (http 404).',
    ]
    with pytest.raises(DockfleetError) as caught:
        _registry.choose_mirrors([entries[0]], 'given', [])
    assert u'so nothing was changed. https://a.example is left out: unusable, dns' in caught.value.message


@pytest.mark.parametrize('stage, cause, hosts, words', [
    (u'tcp', u'no answer within 5 s', [u'registry-1.docker.io'], u'/etc/hosts line 7 pins registry-1.docker.io to 192.0.2.10: if that is not where it is now'),
    (u'token', u'answers, but no pull token can be had from auth.docker.io (tls: certificate is for another name (x))', [u'm.example', u'auth.docker.io'],
     u'If the name servers fail or lie, docker_dns_mode "auto" repairs the name.'),
    (u'dns', u'the name does not exist (m.example)', [u'm.example'], u'docker_dns_mode'),
    (u'tcp', u'connection refused', [u'm.example'], u''),
    (u'manifest', u'does not have it (http 404)', [u'registry-1.docker.io'], u''),
    (u'', u'', [u'registry-1.docker.io'], u''),
])  # fmt: skip
def test_B66_advice(stage, cause, hosts, words):
    said = u' '.join(_registry.advice({'stage': stage, 'cause': cause, 'hosts': hosts}, [Entry(7, u'192.0.2.10', [u'registry-1.docker.io'])]))
    assert words in said and bool(words) is bool(said)


def test_table_fits_a_terminal():
    entries = [
        mirror(u'a'),
        mirror(u'a-mirror-with-a-long-name', None, u'unusable', stage=u'token', cause=u'answers, but gives no pull token: auth.a-mirror.example refuses this '
               u'client (http 403)', notes=[u'It is known to be restricted: wants a login (as of 2026-06-13).']),
    ]  # fmt: skip
    lines = _registry.table_of(entries)
    assert lines[0] == u'a.example                          healthy     100 ms'
    assert len(lines) > 2 and max(len(line) for line in lines) <= 88
    assert u' '.join(u' '.join(lines[1:]).split()) == (
        u'a-mirror-with-a-long-name.example unusable token: answers, but gives no pull token: auth.a-mirror.example refuses this client (http 403). '
        u'It is known to be restricted: wants a login (as of 2026-06-13).'
    )


@pytest.mark.parametrize('host, words', [
    (u'registry.docker-cn.com', u'registry.docker-cn.com is known to be dead: shut down (as of 2026-06-13).'),
    (u'abc123.mirror.aliyuncs.com', u'wants a login'),
    (u'quay.m.daocloud.io', u'is known to be no mirror of docker.io: it mirrors another registry (as of'),
    (u'docker.m.daocloud.io', u'serves a list of images only'),
    (u'mirror.aliyuncs.com.example', u''),
    (u'm.example', u''),
])  # fmt: skip
def test_remarks(host, words):
    assert words in _registry.remark_on(host) and bool(words) is bool(_registry.remark_on(host))


def test_table_of_remarks_is_sound():
    hosts = [remark.host for remark in _registry.REMARKS]
    assert len(set(hosts)) == len(hosts)
    assert all(re.match('^20[0-9]{2}-[0-9]{2}-[0-9]{2}$', remark.checked) and remark.words for remark in _registry.REMARKS)
    assert set(remark.kind for remark in _registry.REMARKS) == set(_registry._KINDS)
