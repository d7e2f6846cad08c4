# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _url
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

GOOD = [
    # as written, as taken
    ('https://m.example', u'https://m.example'),
    ('https://m.example/', u'https://m.example/'),
    (' https://m.example\n', u'https://m.example'),
    ('HTTPS://m.example/x', u'https://m.example/x'),
    ('http://m.example:5000/docker-ce/', u'http://m.example:5000/docker-ce/'),
    ('https://m.example./', u'https://m.example./'),
    ('https://192.0.2.1:5000', u'https://192.0.2.1:5000'),
    ('https://[2001:db8::1]:5000/v2/', u'https://[2001:db8::1]:5000/v2/'),
    ('https://my_registry/a%20b?x=1#y', u'https://my_registry/a%20b?x=1#y'),
    (u'https://xn--fiq228c.example/', u'https://xn--fiq228c.example/'),
]

BAD = [
    # as written, words of the refusal, the spelling it suggests
    ('', u'is empty', None),
    ('  ', u'is empty', None),
    ('m.example', u'has no scheme', u'https://m.example or http://m.example'),
    ('m.example:5000', u'has no scheme', u'https://m.example:5000 or http://m.example:5000'),
    ('//m.example', u'has no scheme', u'https://m.example or http://m.example'),
    ('eg:https://m.example', u'has more in it than a URL (eg:)', u'https://m.example'),
    ('mirror https://m.example', u'has more in it than a URL (mirror)', u'https://m.example'),
    (u'\u201chttps://m.example\u201d', u'has more in it than a URL', u'https://m.example'),
    ('<https://m.example>', u'has more in it than a URL', u'https://m.example'),
    ('"https://m.example",', u'has more in it than a URL', u'https://m.example'),
    ('https:/m.example', u'does not have "://" after "https"', u'https://m.example'),
    ('https:m.example', u'does not have "://"', u'https://m.example'),
    ('https//m.example', u'does not have "://"', u'https://m.example'),
    (u'https\uff1a//m.example', u'does not have "://"', u'https://m.example'),
    ('ftp://m.example/x', u'has the scheme "ftp"', u'https:// or http://m.example/x'),
    ('https://m.example /x', u'has a blank in it (after "https://m.example")', None),
    (u'https://m.example\u3000x', u'has a blank in it', None),
    ('https://m.example"', u'has the character "', u'https://m.example'),
    ('https://m.example\\x', u'has the character \\', None),
    ('https://user:s3cret@m.example/x', u'holds a user name or a password', u'https://m.example/x'),
    ('https:///x', u'has no host', None),
    ('https://:5000', u'has no host', None),
    ('https://?ns=docker.io', u'has no host', None),
    ('https://m.example:', u'has no port number', None),
    ('https://m.example:0', u'has no port number', None),
    ('https://m.example:65536', u'has no port number', None),
    ('https://m.example:http', u'has no port number', None),
    ('https://2001:db8::1/', u'has an IPv6 address without brackets', u'https://[2001:db8::1]/'),
    ('https://a:b:c/', u'more than one colon', None),
    ('https://[m.example]/', u'no IPv6 address in its brackets', None),
    ('https://[::1', u'no IPv6 address in its brackets', None),
    ('https://[::1]x/', u'has "x" after its host', None),
    (u'https://\u955c\u50cf.example/x', u'not ASCII', u'https://xn--o1q148n.example/x'),
    ('https://m..example', u'has "m..example" as its host', None),
    ('https://-m.example', u'has "-m.example" as its host', None),
    ('https://256.1.1.1/', u'which is no IPv4 address', None),
    ('https://1.2.3/', u'which is no IPv4 address', None),
    (u'https://m.example/\u955c', u'characters in its path that are not ASCII', None),
]


@pytest.mark.parametrize('written, taken', GOOD)
def test_good_url(written, taken):
    assert _url.check_url(written) == taken


@pytest.mark.parametrize('written, why, right', BAD)
def test_bad_url(written, why, right):
    with pytest.raises(DockfleetError) as caught:
        _url.check_url(written, what=u'The mirror')
    message = caught.value.message
    assert message.startswith(u'The mirror "') and why in message
    assert message.endswith(u' Write %s.' % right) if right else u' Write ' not in message
    assert caught.value.details.get('suggestion') == right
    assert u's3cret' not in message


def test_scheme_of_the_users_choice():
    assert _url.check_url('https://m.example', schemes=('https',)) == u'https://m.example'
    with pytest.raises(DockfleetError) as caught:
        _url.check_url('http://m.example', schemes=('https',))
    assert caught.value.message == u'The URL "http://m.example" has the scheme "http". Write https://m.example.'


def test_query_where_there_must_be_none():
    with pytest.raises(DockfleetError) as caught:
        _url.check_url('https://m.example?ns=docker.io', query=False)
    assert caught.value.message.endswith(u'has a query or a fragment. Write https://m.example.')


@pytest.mark.parametrize('url, parts', [
    (u'https://M.example', (u'https', u'm.example', 443, u'/')),
    (u'http://m.example:5000/v2/?a=b#c', (u'http', u'm.example', 5000, u'/v2/?a=b')),
    (u'https://[::1]:5000', (u'https', u'::1', 5000, u'/')),
    (u'https://[2001:db8::1]/x', (u'https', u'2001:db8::1', 443, u'/x')),
    (u'https://m.example?a=b', (u'https', u'm.example', 443, u'/?a=b')),
])  # fmt: skip
def test_split_url(url, parts):
    assert _url.split_url(url) == parts


@pytest.mark.parametrize('url, written', [
    (u'https://m.example:443/', u'm.example'),
    (u'http://m.example:443/', u'm.example:443'),
    (u'https://[::1]/', u'[::1]'),
    (u'https://[::1]:5000/', u'[::1]:5000'),
])  # fmt: skip
def test_host_and_port(url, written):
    assert _url.host_and_port(_url.split_url(url)) == written


@pytest.mark.parametrize('url, shown', [
    (u'https://m.example/x', u'https://m.example/x'),
    (u'https://u:p@m.example/x', u'https://m.example/x'),
    (u'u:p@m.example:3128', u'm.example:3128'),
    (u'https://m.example/@x', u'https://m.example/@x'),
    (u'https://cdn.example/blob?Signature=abc', u'https://cdn.example/blob?\u2026'),
])  # fmt: skip
def test_without_secrets(url, shown):
    assert _url.without_secrets(url) == shown
