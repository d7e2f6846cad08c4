# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._page import first_words, looks_like_html


@pytest.mark.parametrize('body, html', [
    (b'<!DOCTYPE html><p>', True),
    (b'\xef\xbb\xbf\n<HTML lang="en">', True),
    (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC>', True),
    (b'<?xml version="1.0"?><repomd xmlns="http://linux.duke.edu/metadata/repo">', False),
    (b'-----BEGIN PGP PUBLIC KEY BLOCK-----', False),
    (b'{"errors":[]}', False),
    (b'<htmlx>', False),
    (b'', False),
])  # fmt: skip
def test_looks_like_html(body, html):
    assert looks_like_html(body) is html


@pytest.mark.parametrize('body, words', [
    (b'', u''),
    (b'plain  \r\n text\x00\x1b[31m', u'plain text [31m'),
    (b'<html><head><title>403 Forbidden</title><style>b{}</style></head><body><b>Access</b> denied by policy</body></html>',
     u'403 Forbidden Access denied by policy'),
    (b'<script>alert("x")</script><!-- c --><p title=">">A &amp; B&nbsp;&lt;C&gt;', u'">A & B <C>'),
    (b'<script>never closed', u''),
    (u'<h1>\u8bbf\u95ee\u88ab\u62d2\u7edd</h1>'.encode('utf-8'), u'\u8bbf\u95ee\u88ab\u62d2\u7edd'),
    (b'\xff\xfe broken', u'broken'),
    (b'word ' * 30, u'word ' * 14 + u'word\u2026'),
    (b'x' * 200, u'x' * 79 + u'\u2026'),
])  # fmt: skip
def test_first_words(body, words):
    assert first_words(body) == words
    assert len(first_words(body)) <= 80
