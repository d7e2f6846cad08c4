# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._proxy import Proxy, find_proxy


@pytest.mark.parametrize('url, environment, proxy', [
    (u'https://m.example/', {}, u''),
    (u'https://m.example/', {'https_proxy': 'p:1'}, u'p:1'),
    (u'https://m.example/', {'HTTPS_PROXY': 'p:1', 'https_proxy': 'p:2'}, u'p:2'),
    (u'https://m.example/', {'http_proxy': 'p:1'}, u''),
    (u'http://m.example/', {'HTTP_PROXY': 'p:1'}, u'p:1'),
    (u'http://m.example/', {'ALL_PROXY': 'p:1'}, u'p:1'),
    (u'http://localhost/', {'http_proxy': 'p:1'}, u''),
    (u'http://127.0.0.9:5000/', {'http_proxy': 'p:1'}, u''),
    (u'http://[::1]/', {'http_proxy': 'p:1'}, u''),
])  # fmt: skip
def test_find_proxy(url, environment, proxy):
    assert find_proxy(url, environment) == proxy


@pytest.mark.parametrize('no_proxy, url, exempt', [
    ('*', u'http://m.example/', True),
    ('m.example', u'http://m.example/', True),
    ('M.example', u'http://m.example/', True),
    ('example', u'http://m.example/', True),
    ('.example', u'http://m.example/', True),
    ('*.example', u'http://m.example/', True),
    ('ample', u'http://m.example/', False),
    ('x.example, m.example', u'http://m.example/', True),
    ('m.example:5000', u'http://m.example/', False),
    ('m.example:80', u'http://m.example/', True),
    ('192.0.2.1', u'http://192.0.2.1/', True),
    ('192.0.2.0/24', u'http://192.0.2.77/', True),
    ('192.0.2.0/25', u'http://192.0.2.200/', False),
    ('192.0.2.0/25', u'http://192.0.2.100/', True),
    ('0.0.0.0/0', u'http://192.0.2.1/', True),
    ('192.0.2.0/33', u'http://192.0.2.1/', False),
    ('192.0.2.0/24', u'http://m.example/', False),
    ('2001:db8::/32', u'http://[2001:db8::5]/', True),
    ('[2001:db8::5]:80', u'http://[2001:db8::5]/', True),
    ('2001:db8::5', u'http://[2001:db8:0::5]/', True),
    ('', u'http://m.example/', False),
    (' , ', u'http://m.example/', False),
])  # fmt: skip
def test_no_proxy(no_proxy, url, exempt):
    assert (find_proxy(url, {'http_proxy': 'p:1', 'no_proxy': no_proxy}) == u'') is exempt


@pytest.mark.parametrize('text, name, authorization', [
    (u'http://p.example:3128', u'p.example:3128', None),
    ('http://p.example', u'p.example', None),
    (u'p.example:3128/', u'p.example:3128', None),
    ('http://[2001:db8::1]:3128', u'[2001:db8::1]:3128', None),
    ('http://user:pass@p.example:3128', u'p.example:3128', u'Basic dXNlcjpwYXNz'),
    ('user:p%40ss:word@p.example:3128', u'p.example:3128', u'Basic dXNlcjpwQHNzOndvcmQ='),
    (u'http://u:p\u00e9@p.example:3128', u'p.example:3128', u'Basic dTpww6k='),
    ('http://u:p%C3%A9@p.example:3128', u'p.example:3128', u'Basic dTpww6k='),
])  # fmt: skip
def test_proxy(text, name, authorization):
    proxy = Proxy(text)
    assert (proxy.name, proxy.authorization) == (name, authorization)


@pytest.mark.parametrize('text', ['socks5://u:s3cret@p.example:1080', 'https://u:s3cret@p.example', 'http://u:s3cret@p.example:x', 'http://u:s3cret@'])
def test_unusable_proxy(text):
    with pytest.raises(DockfleetError) as caught:
        Proxy(text)
    assert caught.value.message.startswith(u'The proxy "')
    assert u's3cret' not in caught.value.message
