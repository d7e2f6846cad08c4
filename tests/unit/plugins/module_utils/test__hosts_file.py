# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._hosts_file import HostsFile, decode

PLAIN = u'127.0.0.1\tlocalhost\n192.0.2.10 registry-1.docker.io # docker fix 2019\n'
PAIRS = [(u'198.51.100.1', u'registry-1.docker.io'), (u'198.51.100.2', u'registry-1.docker.io'), (u'198.51.100.3', u'auth.docker.io')]
PURPOSE = u'For pulling images from registry-1.docker.io.'

# What people have in such files.
TEXTS = [
    PLAIN,
    u'',
    u'\n',
    u'127.0.0.1 localhost',
    u'127.0.0.1 localhost\r\n::1 localhost\r\n',
    u'# caf\u00e9 \u6e05\u534e\n\n\n127.0.0.1 a\x0bb\x1cc\x85d\u2028e\n\t\n',
    u'\ufeff127.0.0.1 localhost\n',
]


@pytest.mark.parametrize('text', TEXTS)
def test_B66_taking_the_block_away_gives_the_same_bytes_back(text):
    written = HostsFile(text).with_block(PAIRS, u'2026-11-25', PURPOSE)
    assert written.text != text and written.text.endswith(text)
    again = HostsFile(written.text)
    assert (again.block(), again.date, again.has_block) == (PAIRS, u'2026-11-25', True)
    assert again.with_block([], u'', u'').text == text


def test_block_reads_like_this():
    text = HostsFile(u'127.0.0.1 localhost\n').with_block(PAIRS, u'2026-11-25', PURPOSE).text
    assert text == (
        u'# BEGIN dockfleet.host docker_dns, 2026-11-25\n'
        u'# For pulling images from registry-1.docker.io.\n'
        u'# The name servers of this host failed or lied about these names; each address has proven by TLS to be the name\'s own.\n'
        u'# docker_dns takes this block away when the name servers are right again. Changes between the marks are lost.\n'
        u'198.51.100.1 registry-1.docker.io\n198.51.100.2 registry-1.docker.io\n198.51.100.3 auth.docker.io\n'
        u'# END dockfleet.host docker_dns\n'
        u'127.0.0.1 localhost\n'
    )


def test_the_same_block_keeps_its_date():
    first = HostsFile(PLAIN).with_block(PAIRS, u'2026-11-25', PURPOSE)
    assert first.with_block(PAIRS, u'2026-12-24', PURPOSE).text == first.text
    other = first.with_block(PAIRS[:1], u'2026-12-24', PURPOSE)
    assert (other.block(), other.date) == (PAIRS[:1], u'2026-12-24')


def test_block_that_was_moved_stays_where_it_is():
    moved = HostsFile(PLAIN + HostsFile(u'').with_block(PAIRS, u'2026-11-25', PURPOSE).text + u'::1 six\n')
    changed = moved.with_block(PAIRS[2:], u'2026-11-26', PURPOSE)
    assert changed.text.startswith(PLAIN + u'# BEGIN') and changed.text.endswith(u'# END dockfleet.host docker_dns\n::1 six\n')
    assert changed.with_block([], u'', u'').text == PLAIN + u'::1 six\n'


def test_empty_block_is_taken_away():
    empty = u'# BEGIN dockfleet.host docker_dns, 2026-11-25\n# END dockfleet.host docker_dns\n' + PLAIN
    assert HostsFile(empty).with_block([], u'', u'').text == PLAIN


def test_pins_are_what_others_wrote():
    hosts = HostsFile(HostsFile(PLAIN).with_block(PAIRS, u'2026-11-25', PURPOSE).text)
    assert [(pin.line, pin.address, pin.names) for pin in hosts.pins()] == [(9, u'127.0.0.1', [u'localhost']), (10, u'192.0.2.10', [u'registry-1.docker.io'])]


@pytest.mark.parametrize('before, after', [
    (u'192.0.2.10 registry-1.docker.io # docker fix 2019\n127.0.0.1 a\n', u'127.0.0.1 a\n'),
    (u'192.0.2.10\tother.example  Registry-1.Docker.IO auth.docker.io.example # registry-1.docker.io\n',
     u'192.0.2.10\tother.example auth.docker.io.example # registry-1.docker.io\n'),
    (u'192.0.2.10 registry-1.docker.io other.example\r\n', u'192.0.2.10 other.example\r\n'),
    (u'# 192.0.2.10 registry-1.docker.io\n', u'# 192.0.2.10 registry-1.docker.io\n'),
    (u'192.0.2.10 registry-1.docker.io', u''),
])  # fmt: skip
def test_without_pins(before, after):
    assert HostsFile(before).without_pins([u'registry-1.docker.io', u'auth.docker.io']).text == after


@pytest.mark.parametrize('text, words', [
    (u'a\n# BEGIN dockfleet.host docker_dns, 2026-11-25\n', u'/etc/hosts line 2 begins a block of docker_dns that does not end'),
    (u'# END dockfleet.host docker_dns\n', u'line 1 ends a block of docker_dns that does not begin'),
    (u'# BEGIN dockfleet.host docker_dns\n# END dockfleet.host docker_dns\n' * 2, u'line 3 begins a second block'),
])  # fmt: skip
def test_marks_that_somebody_edited_are_refused(text, words):
    with pytest.raises(DockfleetError) as caught:
        HostsFile(text)
    assert words in caught.value.message and u'The file was left as it is.' in caught.value.message


@pytest.mark.parametrize('content', [b'', b'127.0.0.1 \xe6\xb8\x85\n', b'127.0.0.1 caf\xe9\n', bytes(bytearray(range(256)))])
def test_decode_keeps_every_byte(content):
    text, encoding = decode(content)
    assert text.encode(encoding) == content
