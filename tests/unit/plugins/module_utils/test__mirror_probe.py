# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _mirror_probe
from ansible_collections.dockfleet.host.plugins.module_utils._net import Headers, Response
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.tests.unit import servers
from ansible_collections.dockfleet.host.tests.unit.asking import PATIENCE
from ansible_collections.dockfleet.host.tests.unit.servers import DeafPort, Server, answer, closed_port

EL7 = {'family': 'rpm', 'distribution': u'centos', 'value': u'7', 'architecture': u'x86_64'}
BOOKWORM = {'family': 'deb', 'distribution': u'debian', 'value': u'bookworm', 'architecture': u'amd64'}
DAY = 86400
JUNE_5, JUNE_4 = 1717607461, 1717521061
PRIMARY = b'\x1f\x8b the list of packages'
PACKAGES = b'Package: docker-ce\n' * 20
PACKAGES_GZ = b'\x1f\x8b the list of packages, smaller'
PAGE = b'<!DOCTYPE html><title>Login</title>'


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def repomd(content=PRIMARY, revision=JUNE_5, path='repodata/abc-primary.xml.gz', size=None):
    return (u"""<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">
  <revision>%s</revision>
  <data type="filelists"><checksum type="sha256">00</checksum><location href="repodata/filelists.xml.gz"/><size>5</size></data>
  <data type="primary">
    <checksum type="sha256">%s</checksum>
    <open-checksum type="sha256">11</open-checksum>
    <location href="%s"/>
    <timestamp>1717607461</timestamp>
    <size>%d</size>
    <open-size>99</open-size>
  </data>
</repomd>
""" % (revision, sha256(content), path, len(content) if size is None else size)).encode('utf-8')


def in_release(date=u'Wed, 05 Jun 2024 17:11:01 UTC'):
    lists = [(PACKAGES, 'stable/binary-amd64/Packages'), (PACKAGES_GZ, 'stable/binary-amd64/Packages.gz'), (b'x', 'stable/binary-arm64/Packages'),
             (b'', 'test/binary-amd64/Packages')]  # fmt: skip
    lines = u''.join(u' %s %16d %s\n' % (sha256(content), len(content), path) for content, path in lists)
    return (
        u'-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOrigin: Docker\nDate: %s\nArchitectures: amd64 arm64\nComponents: stable test\n'
        u'MD5Sum:\n d41d8cd98f00b204e9800998ecf8427e 0 stable/binary-amd64/Packages\nSHA256:\n%s-----BEGIN PGP SIGNATURE-----\n' % (date, lines)
    ).encode('utf-8')


BASE7, DISTS = '/linux/centos/7/x86_64/stable/', '/linux/debian/dists/bookworm/'


def mirror(**changes):
    """The replies of a mirror; changes by what is changed: index, primary, key, packages (an answer, or None for 404)."""
    pages = {
        BASE7 + 'repodata/repomd.xml': changes.get('index', answer(repomd())),
        BASE7 + 'repodata/abc-primary.xml.gz': changes.get('primary', answer(PRIMARY)),
        '/linux/centos/gpg': changes.get('key'),
        DISTS + 'InRelease': changes.get('index', answer(in_release())),
        DISTS + 'stable/binary-amd64/Packages.gz': changes.get('packages', answer(PACKAGES_GZ)),
    }
    return lambda request: pages.get(request.path) or answer(PAGE, '404 Not Found')


def probe(roots, release=None, timeout=PATIENCE):
    return _mirror_probe.probe_roots(roots, release or EL7, u'stable', timeout)


def probe_one(reply, release=None):
    with Server(reply) as server:
        return probe([server.url('')], release)[0]


@pytest.mark.parametrize('release, asked', [
    (EL7, [BASE7 + 'repodata/repomd.xml', BASE7 + 'repodata/abc-primary.xml.gz']),
    (BOOKWORM, [DISTS + 'InRelease', DISTS + 'stable/binary-amd64/Packages.gz']),
])  # fmt: skip
def test_healthy_mirror(release, asked):
    with Server(mirror()) as server:
        entry = probe([server.url('')], release)[0]
    assert (entry['verdict'], entry['stage'], entry['cause'], entry['url']) == (u'healthy', u'', u'', server.url(''))
    assert entry['revision'] == JUNE_5
    assert entry['bytes_per_s'] > 0 and entry['total_ms'] >= entry['latency_ms'] >= 0
    assert [request.path for request in server.requests] == asked


@pytest.mark.parametrize('reply, cause', [
    (mirror(index=answer(PAGE, '403 Forbidden')), u'http 403 ("Login")'),
    (mirror(index=None), u'http 404: it does not have centos/7 x86_64, nor the key beside it: perhaps the folder is empty or the URL another'),
    (mirror(index=None, key=answer(b'')), u'http 404: it has linux/centos, but not centos/7 x86_64'),
    (mirror(index=answer(PAGE)), u'a web page instead of the file ("Login")'),
    (mirror(index=answer(b'')), u'an empty file'),
    (mirror(index=answer(b'nonsense')), u'something that is no repomd.xml'),
    (mirror(index=answer(repomd(path='../../x'))), u'the index names no package list'),
    (mirror(primary=None), u'mid-sync: the index names repodata/abc-primary.xml.gz, which is not there (http 404)'),
    (mirror(primary=answer(b'\x1f\x8b another list')), u'mid-sync: repodata/abc-primary.xml.gz has 15 bytes, but 23 by the index'),
    (mirror(primary=answer(PRIMARY[:-1] + b'!')), u'mid-sync: repodata/abc-primary.xml.gz does not have the checksum that the index names'),
    (mirror(primary=answer(PAGE)), u'a web page instead of repodata/abc-primary.xml.gz'),
    (mirror(primary=answer(b'')), u'repodata/abc-primary.xml.gz is empty'),
    (mirror(primary=answer(b'x', length=23)), u'the body ends early, after 1 of 23 bytes'),
    (mirror(primary=answer(b'', '503 Service Unavailable')), u'http 503'),
])  # fmt: skip
def test_unusable_mirror(reply, cause):
    entry = probe_one(reply)
    assert (entry['verdict'], entry['stage'], entry['cause']) == (u'unusable', u'http', cause)


def test_deb_mirror_that_is_mid_sync():
    entry = probe_one(mirror(packages=answer(PACKAGES)), BOOKWORM)
    assert entry['cause'] == u'mid-sync: stable/binary-amd64/Packages.gz has 380 bytes, but %d by the index' % len(PACKAGES_GZ)


def test_large_list_is_read_in_part():
    large = b'x' * (_mirror_probe.WHOLE_BYTES + 1)
    part = answer(large[:_mirror_probe.PART_BYTES], '206 Partial Content', Content_Range='bytes 0-65535/%d' % len(large))
    torn = answer(large[:_mirror_probe.PART_BYTES], '206 Partial Content', Content_Range='bytes 0-65535/7')
    with Server(mirror(index=answer(repomd(large)), primary=part)) as server:
        assert probe([server.url('')])[0]['verdict'] == u'healthy'
    assert server.requests[1].headers['range'] == 'bytes=0-65535'
    assert probe_one(mirror(index=answer(repomd(large)), primary=torn))['cause'].startswith(u'mid-sync: repodata/abc-primary.xml.gz has 7 bytes')
    assert probe_one(mirror(index=answer(repomd(large)), primary=answer(large)))['verdict'] == u'healthy'


def test_slow_mirror():
    def trickle(request):
        if not request.path.endswith('primary.xml.gz'):
            return mirror()(request)
        return drip()

    def drip():
        yield answer(b'', length=len(PRIMARY))
        yield PRIMARY[:10]
        server.stopped.wait(PATIENCE)

    with Server(trickle) as server:
        entry = probe([server.url('')], timeout=1)[0]
    assert entry['verdict'] == u'unusable'
    assert entry['cause'].startswith(u'too slow: only 10 bytes of the body in ')
    assert 0 < entry['bytes_per_s'] <= 50


def outcome(**values):
    return dict({'latency_ms': 10, 'total_ms': 20, 'bytes_per_s': 10 ** 6, 'revision': JUNE_5}, **values)


@pytest.mark.parametrize('found, verdict, cause', [
    (outcome(), u'healthy', u''),
    (outcome(bytes_per_s=19999, total_ms=1000), u'degraded', u'slow: 19999 bytes/s'),
    (outcome(bytes_per_s=19999, total_ms=20), u'healthy', u''),
    (outcome(bytes_per_s=None), u'healthy', u''),
    (NetError('http', 'too slow', bytes_per_s=999), u'unusable', u'too slow'),
    (NetError('http', 'too slow', bytes_per_s=1000), u'degraded', u'too slow'),
    (NetError('dns', 'the name does not exist'), u'unusable', u'the name does not exist'),
])  # fmt: skip
def test_entry_of(found, verdict, cause):
    entry = _mirror_probe.entry_of(u'https://mirrors.aliyun.com/docker-ce', found)
    assert (entry['name'], entry['verdict'], entry['cause']) == (u'aliyun', verdict, cause)


def test_everything_is_asked_through_the_proxy():
    reply = mirror()

    def relay(request):
        scheme, dummy, rest = request.path.partition('://')
        assert (scheme, rest.partition('/')[0]) == ('http', 'mirror.invalid')
        request.path = '/' + rest.partition('/')[2]
        return reply(request)

    look = {'system': {'os_release': {'ID': 'centos', 'VERSION_ID': '7'}, 'machine': 'x86_64'}, 'repositories': {'releasever': None}}
    with Server(relay) as server:
        wish = {'candidates': [u'http://mirror.invalid'], 'current': u'', 'release': u'', 'channel': u'stable', 'timeout': PATIENCE,
                'proxy': u'http://127.0.0.1:%d' % server.port}  # fmt: skip
        found = _mirror_probe.probe(look, wish)
    assert (found['chosen'], found['release']) == (u'http://mirror.invalid', u'centos/7 x86_64')


def test_sixteen_candidates_of_which_eight_are_dead():
    with Server(mirror()) as good, DeafPort() as deaf, Server(greet=servers.reset) as resetting:
        dead = [u'http://127.0.0.1:%d' % deaf.port] * 6 + [u'http://127.0.0.1:%d' % closed_port(), resetting.url('')]
        found = probe([good.url('')] * 8 + dead, timeout=6)
    assert [entry['verdict'] for entry in found] == [u'healthy'] * 8 + [u'unusable'] * 8
    assert [entry['stage'] for entry in found[8:]] == [u'tcp'] * 7 + [u'http']
    assert found[8]['cause'] == u'no answer within 6 s'


# The pure parts.


@pytest.mark.parametrize('change, found', [
    (lambda text: text, {'path': u'repodata/abc-primary.xml.gz', 'size': 23, 'algorithm': u'sha256', 'checksum': sha256(PRIMARY), 'revision': JUNE_5}),
    (lambda text: text.replace(u'<size>23</size>', u''), {
        'path': u'repodata/abc-primary.xml.gz', 'size': None, 'algorithm': u'sha256', 'checksum': sha256(PRIMARY), 'revision': JUNE_5,
    }),
    (lambda text: text.replace(u'<revision>%d</revision>' % JUNE_5, u'<revision>r7</revision>'), {
        'path': u'repodata/abc-primary.xml.gz', 'size': 23, 'algorithm': u'sha256', 'checksum': sha256(PRIMARY), 'revision': None,
    }),
    (lambda text: text.replace(u'sha256', u'whirlpool'), None),
    (lambda text: text.replace(u'"primary"', u'"primary_db"'), None),
    (lambda text: text.replace(u'repodata/abc', u'/etc/abc'), None),
    (lambda text: text.replace(u'repodata/abc', u'https://x.example/abc'), None),
    (lambda text: text.partition(u'<location href="repodata/abc')[0], None),
])  # fmt: skip
def test_read_repomd(change, found):
    assert _mirror_probe.read_repomd(change(repomd().decode('utf-8')).encode('utf-8')) == found


@pytest.mark.parametrize('channel, architecture, path', [
    (u'stable', u'amd64', u'stable/binary-amd64/Packages.gz'),
    (u'stable', u'arm64', u'stable/binary-arm64/Packages'),
    (u'test', u'amd64', u'test/binary-amd64/Packages'),
    (u'stable', u's390x', None),
    (u'edge', u'amd64', None),
])  # fmt: skip
def test_read_in_release(channel, architecture, path):
    for body in (in_release(), in_release().replace(b'\n', b'\r\n')):
        found = _mirror_probe.read_inrelease(body, dict(BOOKWORM, architecture=architecture), channel)
        assert (found and found['path']) == path


@pytest.mark.parametrize('text, seconds', [
    (u'Wed, 05 Jun 2024 17:11:01 UTC', JUNE_5),
    (u'Wed, 5 Jun 2024 17:11:01 +0000', JUNE_5),
    (u'Wed, 05 Jun 2024 17:11:01 CST', None),
    (u'Wed, 05 Foo 2024 17:11:01 UTC', None),
    (u'2024-06-05', None),
])  # fmt: skip
def test_read_date(text, seconds):
    assert _mirror_probe.read_date(text) == seconds


def response(status, body=b'', truncated=False, **headers):
    found = Response(status, u'', Headers((name.replace('_', '-'), value) for name, value in headers.items()))
    found.body, found.truncated = body, truncated
    return found


@pytest.mark.parametrize('found, size', [
    (response(206, b'x', Content_Range=u'bytes 0-0/12'), 12),
    (response(206, b'x', Content_Range=u'bytes 0-0/*'), None),
    (response(200, b'x', Content_Length=u'12'), 12),
    (response(200, b'xyz'), 3),
    (response(200, b'xyz', truncated=True), None),
])  # fmt: skip
def test_size_of(found, size):
    assert _mirror_probe._size_of(found) == size


def entries(**found):
    """Entries by name: (revision, total_ms), or a cause for an unusable one."""
    made = []
    for name in sorted(found):
        what = found[name]
        if isinstance(what, tuple):
            made.append({'name': name, 'verdict': u'healthy', 'stage': u'', 'cause': u'', 'revision': what[0], 'total_ms': what[1]})
        else:
            made.append({'name': name, 'verdict': u'unusable', 'stage': u'tcp', 'cause': what, 'revision': None, 'total_ms': None})
    return made


@pytest.mark.parametrize('days, stale', [(10, [u'a']), (3, [u'a']), (2.9, []), (-1, [])])
def test_stale_against_the_newest_seen(days, stale):
    found = entries(a=(JUNE_4, 1), b=(JUNE_5, 1), c=(None, 1), d=u'dead')
    _mirror_probe.mark_stale(found, JUNE_5 + days * DAY)
    assert [entry['name'] for entry in found if entry['verdict'] == u'degraded'] == stale
    if stale:
        assert found[0]['cause'] == u'stale: its list is of 2024-06-04, the newest seen of 2024-06-05'


@pytest.mark.parametrize('behind, stale', [(59, []), (61, [u'a'])])
def test_stale_is_who_is_far_behind_however_new_the_newest_is(behind, stale):
    found = entries(a=(JUNE_5 - behind * DAY, 1), b=(JUNE_5, 1), c=(JUNE_4, 1))
    _mirror_probe.mark_stale(found, JUNE_5)
    assert [entry['name'] for entry in found if entry['verdict'] == u'degraded'] == stale


def test_nothing_is_stale_where_nothing_was_seen():
    for found in ([], entries(a=u'dead')):
        before = [dict(entry) for entry in found]
        _mirror_probe.mark_stale(found, JUNE_5)
        assert found == before


@pytest.mark.parametrize('found, current, chosen, reason', [
    (entries(aliyun=(1, 10), official=(1, 99)), u'', u'official', u'the origin is healthy'),
    (entries(aliyun=(1, 20), official=u'reset', tsinghua=(1, 10)), u'', u'tsinghua', u'it is the fastest healthy one (10 ms)'),
    (entries(aliyun=(1, 20), official=(1, 10)), u'aliyun', u'aliyun', u'it is in use and healthy'),
    (entries(aliyun=u'reset', tsinghua=(1, 10)), u'aliyun', u'tsinghua',
     u'aliyun, which is in use, is unusable (tcp: reset); it is the fastest healthy one (10 ms)'),
    (entries(aliyun=u'reset'), u'aliyun', u'', u'aliyun, which is in use, is unusable (tcp: reset); no candidate is healthy'),
    (entries(b=(1, 10), a=(1, 10)), u'', u'a', u'it is the fastest healthy one (10 ms)'),
    ([], u'', u'', u'no candidate is healthy'),
])  # fmt: skip
def test_choose(found, current, chosen, reason):
    assert _mirror_probe.choose(found, current) == (chosen, reason)


def test_choice_does_not_flip_back():
    both = entries(aliyun=(1, 10), tsinghua=(1, 99))
    assert _mirror_probe.choose(both, u'')[0] == u'aliyun'
    without = entries(aliyun=u'reset', tsinghua=(1, 99))
    assert _mirror_probe.choose(without, u'aliyun')[0] == u'tsinghua'
    assert _mirror_probe.choose(both, u'tsinghua')[0] == u'tsinghua'


def test_candidates():
    assert len(_mirror_probe.candidate_roots([], u'')) == 16
    assert _mirror_probe.candidate_roots(['official', 'https://m.example/docker-ce/', 'official'], 'aliyun') == [
        u'https://download.docker.com', u'https://m.example/docker-ce', u'https://mirrors.aliyun.com/docker-ce',
    ]  # fmt: skip


def test_table_for_people():
    entries = [
        _mirror_probe.entry_of(u'https://mirrors.aliyun.com/docker-ce', outcome(total_ms=320)),
        _mirror_probe.entry_of(u'https://download.docker.com', NetError('tls', 'connection reset during the TLS handshake')),
        _mirror_probe.entry_of(u'https://mirrors.ustc.edu.cn/docker-ce', NetError('http', 'http 404: it has linux/centos, but not centos/7 x86_64')),
    ]
    assert _mirror_probe.table_of(entries) == [
        u'aliyun    healthy     320 ms',
        u'official  unusable            tls: connection reset during the TLS handshake',
        u'ustc      unusable            http 404: it has linux/centos, but not centos/7 x86_64',
    ]
