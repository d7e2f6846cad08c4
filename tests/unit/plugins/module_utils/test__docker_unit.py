# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docker.service as systemd reads it. That systemd itself reads our drop-ins so is shown by the Molecule scenario "daemon"."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._docker_unit import (
    HOSTS_DROP_IN,
    STOCK_COMMAND,
    assignments,
    expanded,
    file_assignments,
    hosts_drop_in,
    proxy_drop_in,
    quoted,
    service_lines,
    split_words,
    start_command,
    unit_flags,
    values_of,
    variables_in,
)
from ansible_collections.dockfleet.host.plugins.module_utils._look_unit import look


def unit(*commands, **variables):
    return {'exec_start': [['/x/%d' % number, command] for number, command in enumerate(commands)], 'variables': variables, 'files': {}}


@pytest.mark.parametrize('text, expected', [
    ('[Service]\nExecStart=/a b\n', [('ExecStart', '/a b')]),
    ('[Unit]\nExecStart=/a\n[Service]\n# ExecStart=/b\n;x\nExecStart = /c\n', [('ExecStart', '/c')]),
    ('[Service]\r\nExecStart=/a \\\r\n  --b\r\n', [('ExecStart', '/a    --b')]),
    ('[Service]\nExecStart=/a \\\n# in between\n  --b\n', [('ExecStart', '/a    --b')]),
    ('[Service]\nExecStart=\nExecStart=/a\n[Install]\nExecStart=/b', [('ExecStart', ''), ('ExecStart', '/a')]),
    (u'[Service]\nEnvironment="ORT=K\u00f6ln"', [('Environment', u'"ORT=K\u00f6ln"')]),
    ('', []),
])
def test_service_lines(text, expected):
    assert service_lines(text) == expected


@pytest.mark.parametrize('text, expected', [
    ('a  b\tc', ['a', 'b', 'c']),
    ('"a b" \'c "d"\' e"f g"', ['a b', 'c "d"', 'ef g']),
    ('a\\x20b \\\\ "\\"" \\s', ['a b', '\\', '"', ' ']),
    ('  ', []),
    ('"open end', ['open end']),
])
def test_split_words(text, expected):
    words = split_words(text)
    assert [word.text for word in words] == expected
    assert all(word.raw in text for word in words)


def test_variables():
    assert variables_in('/x $A ${B_2} $$C') == ['A', 'B_2']
    assert expanded(split_words('/x $A ${B} $NONE a$$b %%'), {'A': '-H "fd:// x"', 'B': 'b c'}) == [['/x'], ['-H', 'fd:// x'], ['b c'], [], ['a$b'], ['%']]
    assert assignments('"A=b c" D=e\'f g\' h') == {'A': 'b c', 'D': 'ef g'}
    assert file_assignments('# x\nA="b c"\nB=d e\n;C=f\nG=h\\\ni\n') == {'A': 'b c', 'B': 'd e', 'G': 'hi'}


@pytest.mark.parametrize('commands, expected', [
    ((), (None, STOCK_COMMAND)),
    (('/a',), ('/x/0', '/a')),
    (('/a', '', '/b'), ('/x/2', '/b')),
    (('/a', ''), (None, STOCK_COMMAND)),
])
def test_start_command(commands, expected):
    assert start_command(unit(*commands)) == expected


def test_our_own_say_can_be_left_out():
    found = {'exec_start': [['/x', '/a'], [HOSTS_DROP_IN, ''], [HOSTS_DROP_IN, '/b']]}
    assert start_command(found) == (HOSTS_DROP_IN, '/b') and start_command(found, without=[HOSTS_DROP_IN]) == ('/x', '/a')


@pytest.mark.parametrize('command, expected', [
    (STOCK_COMMAND, {'hosts': ['fd://'], 'containerd': '/run/containerd/containerd.sock'}),
    ('/x -H fd:// --data-root /data -s overlay2', {'hosts': ['fd://'], 'data-root': '/data', 'storage-driver': 'overlay2'}),
    ('/x --registry-mirror=https://m.example --bip 10.0.0.1/24', {'registry-mirrors': ['https://m.example'], 'bip': '10.0.0.1/24'}),
    ('/x --host=fd:// -H=tcp://10.0.0.1:2376 -Htcp://10.0.0.2:2376', {'hosts': ['fd://', 'tcp://10.0.0.1:2376', 'tcp://10.0.0.2:2376']}),
    ('/x -D --tlsverify -H fd:// --icc=false', {'debug': True, 'tlsverify': True, 'hosts': ['fd://'], 'icc': False}),
    ('/x --config-file /y.json --validate --tls', {'config-file': '/y.json', 'validate': '', 'tls': True}),
    ('/x $OPTIONS', {'hosts': ['tcp://0.0.0.0:2375'], 'label': None}),
    ('', {}),
])
def test_B41_flags_of_every_spelling(command, expected):
    found = unit(command, OPTIONS=u'-H tcp://0.0.0.0:2375 --label "ort=K\u00f6ln"') if command else {'exec_start': [['/x', 'dockerd']], 'variables': {}}
    keys = [flag.key for flag in unit_flags(found)]
    assert set(keys) == set('labels' if key == 'label' else key for key in expected)
    assert all(values_of(unit_flags(found))[key] == value for key, value in expected.items() if value is not None)


@pytest.mark.parametrize('command, kept', [
    (STOCK_COMMAND, '/usr/bin/dockerd --containerd=/run/containerd/containerd.sock'),
    ('/x --host=fd:// --label "a=b c" %i -H fd://', '/x --label "a=b c" %i'),
    ('/x $OPTIONS $OTHER', '/x "--label" "a=50%%$$" $OTHER'),
    ('@/x y', '@/x y'),
])
def test_B41_the_drop_in_takes_out_the_endpoints_and_nothing_else(command, kept):
    text = hosts_drop_in(unit(command, OPTIONS='-H fd:// --label a=50%$', OTHER='--tls'))
    assert text.endswith('\n[Service]\nExecStart=\nExecStart=%s\n' % kept)
    assert 'hosts' not in [flag.key for flag in unit_flags(unit(kept, OTHER='--tls'))]


@pytest.mark.parametrize('text', ['a', 'a b', 'p%40ss', '100%', 'a"b', "it's", 'back\\slash', '$HOME', u'K\u00f6ln', ''])
def test_B77_what_is_quoted_is_read_as_it_was(text):
    (word,) = split_words(quoted(text))
    assert word.text.replace('%%', '%') == text and '%' not in word.text.replace('%%', '')
    assert expanded(split_words('/x ' + quoted(text, command=True)), {'HOME': 'no'})[1] == [text]


def test_B77_the_drop_in_of_the_proxies():
    text = proxy_drop_in([(u'HTTP_PROXY', u'http://u:p%40ss@proxy.example:3128'), (u'NO_PROXY', u'a,b')])
    lines = service_lines(text)
    assert lines == [('Environment', '"HTTP_PROXY=http://u:p%%40ss@proxy.example:3128"'), ('Environment', '"NO_PROXY=a,b"')]


# --- the look --------------------------------------------------------------------------------------------------------------------


class Files(object):
    """A host that has only files."""

    def __init__(self, files):
        self.files = files

    def status(self, path):
        return {'mode': '0644', 'uid': 0, 'gid': 0} if path in self.files else None

    def read(self, path):
        return self.files[path].encode('utf-8') if path in self.files else None

    def read_text(self, path):
        return self.files.get(path)

    def list_folder(self, folder, suffix=''):
        return sorted(path for path in self.files if path.rpartition('/')[0] == folder and path.endswith(suffix))

    def conceal(self, secret):
        return u'digest'


def test_the_look_reads_the_unit_and_its_drop_ins_as_systemd_does():
    found = look(Files({
        '/usr/lib/systemd/system/docker.service': u'[Service]\nExecStart=/usr/bin/dockerd -H fd://\nEnvironmentFile=-/etc/sysconfig/docker\n',
        # a copy in /etc counts before the package's
        '/etc/systemd/system/docker.service': u'[Service]\nExecStart=/copy $OPTIONS $UNSET\nEnvironmentFile=-/etc/sysconfig/docker\nEnvironmentFile=-/nosuch\n',
        '/etc/systemd/system/docker.service.d/b.conf': u'[Service]\nExecStart=\nExecStart=/b ${PROXY} $OPTIONS\nEnvironment=PROXY=http://u:p@proxy OTHER=x\n',
        '/usr/lib/systemd/system/docker.service.d/b.conf': u'[Service]\nExecStart=/never\n',
        '/run/systemd/system/docker.service.d/a.conf': u'[Service]\nExecStart=\n',
        '/etc/systemd/system/service.d/c.txt': u'[Service]\nExecStart=/never\n',
        '/etc/sysconfig/docker': u'OPTIONS="--icc=false --tls"\n',
        HOSTS_DROP_IN: u'[Service]\n',
    }), {})
    folder = '/etc/systemd/system/docker.service'
    assert found['exec_start'] == [
        [folder, '/copy $OPTIONS $UNSET'], ['/run/systemd/system/docker.service.d/a.conf', ''],
        [folder + '.d/b.conf', ''], [folder + '.d/b.conf', '/b ${PROXY} $OPTIONS'],
    ]
    assert found['variables'] == {'OPTIONS': '--icc=false --tls', 'PROXY': 'digest'}
    assert found['files'] == {HOSTS_DROP_IN: {'content': 'digest', 'mode': '0644'}}


def test_the_look_at_a_host_without_docker():
    assert look(Files({}), {}) == {'exec_start': [], 'variables': {}, 'files': {}}
