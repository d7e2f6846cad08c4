# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import (
    is_on,
    parse_list,
    parse_repo,
    parse_sources,
    render_repo,
    render_sources,
    without,
)

REPO = u'''# a comment
[docker-ce-stable]
name=Docker CE Stable - $basearch 稳定
baseurl=https://download.docker.com/linux/centos/$releasever/$basearch/stable
        https://mirror.example/docker-ce/linux/centos/$releasever/$basearch/stable
enabled=1
GPGCheck = 1

; another one
[docker-ce-test]
enabled : 0
enabled=0
# the end
'''


def test_parse_repo():
    stable, test = parse_repo(REPO)
    assert (stable['name'], stable['first'], stable['last']) == ('docker-ce-stable', 1, 6)
    assert stable['options']['name'] == u'Docker CE Stable - $basearch 稳定'
    assert stable['options']['baseurl'].split() == [
        'https://download.docker.com/linux/centos/$releasever/$basearch/stable',
        'https://mirror.example/docker-ce/linux/centos/$releasever/$basearch/stable',
    ]
    assert stable['options']['gpgcheck'] == '1'
    assert (test['name'], test['first'], test['last']) == ('docker-ce-test', 9, 11)
    assert is_on(stable) and not is_on(test)


def test_parse_repo_of_anything():
    assert parse_repo(u'') == []
    assert parse_repo(u'<!doctype html>\n<title>404</title>\n') == []
    assert parse_repo(u'[x]\nno option\n = \n') == [{'name': 'x', 'options': {'': ''}, 'first': 0, 'last': 2}]


def test_parse_list():
    first, second = parse_list(
        u'# deb https://commented.example/debian bookworm main\n'
        u'deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/debian bookworm stable test # Docker\n'
        u'\tdeb-src http://deb.debian.org/debian bookworm main\n'
        u'deb broken\n'
    )
    assert first == {
        'types': ['deb'],
        'uris': ['https://download.docker.com/linux/debian'],
        'suites': ['bookworm'],
        'components': ['stable', 'test'],
        'options': {'arch': 'amd64', 'signed-by': '/etc/apt/keyrings/docker.asc'},
        'enabled': True,
        'first': 1,
        'last': 1,
    }
    assert (second['types'], second['options'], second['first']) == (['deb-src'], {}, 2)


def test_parse_sources():
    first, second = parse_sources(
        u'# managed\n'
        u'Types: deb deb-src\n'
        u'URIs: https://download.docker.com/linux/debian\n'
        u'Suites: bookworm\n'
        u'Components: stable\n'
        u'Signed-By:\n'
        u' -----BEGIN PGP PUBLIC KEY BLOCK-----\n'
        u' .\n'
        u'# between\n'
        u' mQINBF\n'
        u'\n'
        u'\n'
        u'Enabled: no\n'
        u'Types: deb\n'
        u'URIs: http://deb.debian.org/debian\n'
        u' http://deb.debian.org/debian2\n'
    )
    assert (first['types'], first['suites'], first['components'], first['enabled']) == (['deb', 'deb-src'], ['bookworm'], ['stable'], True)
    assert first['options']['signed-by'] == '\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n.\nmQINBF'
    assert (first['first'], first['last']) == (0, 9)
    assert (second['enabled'], second['uris'], second['suites']) == (False, ['http://deb.debian.org/debian', 'http://deb.debian.org/debian2'], [])
    assert (second['first'], second['last']) == (12, 15)


def test_without_leaves_every_other_byte():
    content = b'a\r\n[x]\nb=\xff\n\n[y]\nc=1'
    assert without(content, [(1, 2)]) == b'a\r\n\n[y]\nc=1'
    assert without(content, []) == content


def test_without_of_all_is_nothing():
    assert without(b'# comment\n\n[x]\nb=1\n; end\n', [(2, 3)]) == b''


def test_render_repo_reads_back():
    content = render_repo([('one', [('name', u'é'), ('enabled', '1')]), ('two', [('enabled', '0')])])
    assert content.startswith(b'# Managed by dockfleet.host')
    assert content == render_repo([('one', [('name', u'é'), ('enabled', '1')]), ('two', [('enabled', '0')])])
    assert [(section['name'], section['options']) for section in parse_repo(content.decode('utf-8'))] == [
        ('one', {'name': u'é', 'enabled': '1'}),
        ('two', {'enabled': '0'}),
    ]


def test_render_sources_reads_back():
    (entry,) = parse_sources(render_sources([('Types', 'deb'), ('URIs', 'https://m.example'), ('Suites', 'trixie'), ('Components', 'stable')]).decode('utf-8'))
    assert (entry['types'], entry['uris'], entry['suites'], entry['components']) == (['deb'], ['https://m.example'], ['trixie'], ['stable'])
