# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _dig

HEAD = u';; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: %s, id: 41722\n;; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1\n\n'
OPT = u';; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n'
ANSWER = u';; ANSWER SECTION:\n'


@pytest.mark.parametrize('text, found', [
    (HEAD % u'NOERROR' + OPT + ANSWER + u'auth.docker.io.\t\t0\tIN\tA\t198.18.1.48\n', ([u'198.18.1.48'], u'')),
    (
        HEAD % u'NOERROR' + ANSWER + u'a.example.\t60\tIN\tCNAME\tb.example.\nb.example.\t60\tIN\tA\t192.0.2.1\nb.example.\t60\tIN\tA\t192.0.2.2\n',
        ([u'192.0.2.1', u'192.0.2.2'], u''),
    ),
    (HEAD % u'NOERROR' + ANSWER + u'a.example. 60 IN AAAA 2001:db8::1\n', ([u'2001:db8::1'], u'')),
    (HEAD % u'NOERROR' + OPT, ([], u'')),
    (HEAD % u'NXDOMAIN' + OPT, ([], u'says that the name does not exist')),
    (HEAD % u'REFUSED' + OPT, ([], u'refuses to answer')),
    (HEAD % u'SERVFAIL', ([], u'failed')),
    (HEAD % u'NOTIMP', ([], u'answers NOTIMP')),
    (u';; communications error to 198.18.0.55#53: timed out\n;; no servers could be reached\n', ([], u'does not answer')),
    (u';; connection timed out; no servers could be reached\n', ([], u'does not answer')),
    (u'', ([], u'does not answer')),
])  # fmt: skip
def test_read_dig(text, found):
    assert _dig.read_dig(text) == found


def test_dig_is_asked_with_a_limit_and_once():
    command = _dig.dig(u'192.0.2.53', u'auth.docker.io', u'A', 2.9, tcp=True)
    assert command[0] == 'dig' and command[-3:] == [u'@192.0.2.53', u'auth.docker.io', u'A']
    assert set(['+time=2', '+tries=1', '+tcp']) <= set(command)
    assert '+time=1' in _dig.dig(u'192.0.2.53', u'auth.docker.io', u'A', 0.2)


def test_read_getent():
    text = u'198.18.1.23     STREAM registry-1.docker.io\n198.18.1.23     DGRAM  \n198.18.1.23     RAW    \n2001:db8::1  STREAM\n\n'
    assert _dig.read_getent(text) == [u'198.18.1.23', u'2001:db8::1']
    assert _dig.read_getent(u'') == []


def test_name_servers():
    text = u'# nameserver 192.0.2.1\nsearch example\nnameserver 127.0.0.53\nnameserver\t2001:db8::53\noptions edns0\nnameserver\n'
    assert _dig.name_servers(text) == [u'127.0.0.53', u'2001:db8::53']


@pytest.mark.parametrize('text, has', [
    (u'', False),
    (u'00000000000000000000000000000001 01 80 10 80       lo\nfe80000000000000004207fffe150002 26 40 20 80     eth0\n', False),
    (u'20010db8000000000000000000000005 26 40 00 80     eth0\n', True),
])  # fmt: skip
def test_has_ipv6(text, has):
    assert _dig.has_ipv6(text) is has
