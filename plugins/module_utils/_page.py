# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bodies that are not what was asked for: error pages, login pages, parking pages."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.module_utils.common.text.converters import to_text


def looks_like_html(body):
    """Whether a body is a web page, whatever its Content-Type says."""
    head = body[:1024].lower()
    return b'<!doctype html' in head or re.search(b'<(html|head|body)[\\s>]', head) is not None


def first_words(body, limit=80):
    """The beginning of a page as plain text on one line: no markup, no scripts, no control characters."""
    text = to_text(body[:8192], errors='replace')
    text = re.sub(u'(?is)<!--.*?(-->|$)|<(script|style)\\b.*?(</\\2\\s*>|$)', u' ', text)
    text = re.sub(u'<[^>]*(>|$)', u' ', text)
    for entity, char in ((u'&lt;', u'<'), (u'&gt;', u'>'), (u'&quot;', u'"'), (u'&#39;', u"'"), (u'&nbsp;', u' '), (u'&amp;', u'&')):
        text = text.replace(entity, char)
    text = re.sub(u'[\x00-\x20\x7f-\xa0\ufffd\u2028\u2029]+', u' ', text).strip()
    if len(text) <= limit:
        return text
    cut = text[:limit - 1]
    return (cut.rsplit(u' ', 1)[0] if u' ' in cut else cut) + u'\u2026'
