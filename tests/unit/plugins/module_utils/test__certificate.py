# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import ssl
from datetime import datetime

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _certificate
from ansible_collections.dockfleet.host.tests.unit.servers import FUTURE, LONG_AGO, PAST, Authority

NOW = datetime(2026, 11, 25, 12, 0, 0)


@pytest.fixture(scope='module')
def authority(tmpdir_factory):
    return Authority(str(tmpdir_factory.mktemp('authority')), 'Lab Authority')


def read(path):
    with open(path) as stream:
        text = stream.read()
    return _certificate.read_certificate(ssl.PEM_cert_to_DER_cert(text[text.index('-----BEGIN CERTIFICATE'):].strip()))


def test_reads_what_openssl_wrote(authority):
    names = ['DNS:m.example', 'DNS:*.m.example', 'IP:192.0.2.1', 'IP:2001:db8::1', 'email:a@m.example']
    found = read(authority.issue('m.example', names, start='20240601000000Z', end='20760102030405Z'))
    assert found.common_name == u'm.example'
    assert found.names == [u'm.example', u'*.m.example', u'192.0.2.1', u'2001:db8::1']
    assert (found.not_before, found.not_after) == (datetime(2024, 6, 1), datetime(2076, 1, 2, 3, 4, 5))
    assert found.issuer == read(authority.certificate).subject != found.subject


def test_certificate_without_extension_for_names(authority):
    found = read(authority.issue('m.example', names=[]))
    assert (found.common_name, found.names) == (u'm.example', [])


@pytest.mark.parametrize('der', [
    b'', b'\x30', b'\x30\x03\x02\x01\x00', b'\x30\x82\xff\xff\x00', b'\x30\x84\xff\xff\xff\xff', b'GET / HTTP/1.1', b'\x30\x89' + 9 * b'\x01',
])  # fmt: skip
def test_no_certificate(der):
    assert _certificate.read_certificate(der) is None


def test_certificate_cut_anywhere(authority):
    with open(authority.certificate) as stream:
        der = ssl.PEM_cert_to_DER_cert(stream.read().strip())
    assert _certificate.read_certificate(der) is not None
    assert [length for length in range(len(der)) if _certificate.read_certificate(der[:length]) is not None] == []


@pytest.mark.parametrize('names, host, covered', [
    ([u'm.example'], u'M.Example', True),
    ([u'm.example'], u'm.example.', True),
    ([u'm.example'], u'x.m.example', False),
    ([u'*.m.example'], u'x.m.example', True),
    ([u'*.m.example'], u'm.example', False),
    ([u'*.m.example'], u'y.x.m.example', False),
    ([u'*'], u'localhost', False),
    ([u'192.0.2.1'], u'192.0.2.1', True),
    ([u'2001:db8:0::1'], u'2001:db8::1', True),
    ([u'192.0.2.1'], u'192.0.2.2', False),
    ([], u'm.example', False),
])  # fmt: skip
def test_covers(names, host, covered):
    assert _certificate.covers(names, host) is covered


@pytest.mark.parametrize('names, start, end, cause', [
    (['DNS:x.example'], '20240601000000Z', FUTURE, u'certificate is for another name (x.example)'),
    (['DNS:x.example'], LONG_AGO, PAST, u'certificate is for another name (x.example)'),
    (['DNS:%s.example' % name for name in 'abcde'], LONG_AGO, FUTURE, u'certificate is for another name (a.example, b.example, c.example and 2 more)'),
    (['DNS:m.example'], LONG_AGO, PAST, u'certificate expired on 2024-01-01'),
    (['DNS:m.example'], LONG_AGO, '20160101000000Z', u'certificate expired on 2016-01-01: check the clock, which says 2026-11-25'),
    (['DNS:m.example'], FUTURE, '20500101000000Z',
     u'certificate is not yet valid (only from 2049-01-01): check the clock, which says 2026-11-25'),
    (['DNS:m.example'], LONG_AGO, FUTURE, u'certificate is signed by an unknown authority'),
])  # fmt: skip
def test_fault(authority, names, start, end, cause):
    assert _certificate.fault(read(authority.issue('m.example', names, start, end)), u'm.example', NOW) == cause


def test_fault_self_signed(authority):
    assert _certificate.fault(read(authority.issue_self_signed('m.example')), u'm.example', NOW) == u'self-signed certificate'


def test_fault_common_name_only(authority):
    found = read(authority.issue('m.example', names=[]))
    words = u'certificate is for another name (only the common name "m.example", no subjectAltName)'
    assert _certificate.fault(found, u'm.example', NOW, wrong_name=True) == words
