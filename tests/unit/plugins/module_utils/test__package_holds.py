# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._package_holds import (
    COMMENT,
    MEMORY,
    PLUGINS,
    TOML,
    barring,
    find_excludes,
    hider,
    look_at_holds,
    ours,
    read_memory,
    set_ours,
)
from recordings import RecordedHost, play

YUM_CONF, YUM_LIST = PLUGINS['yum'][:2]
DNF_CONF, DNF_LIST = PLUGINS['dnf'][:2]
ON = u'[main]\nenabled = 1\nlocklist = %s\n'
# As the tools write it: yum 3 (recorded), dnf 4, dnf 5.
YUM_TEXT = u'\n' + play('yum3', 'a3-versionlock-add-not-installed')[1].partition(u'versionlock added: 1\n')[2]
DNF_TEXT = u'\n# Added lock on Wed Nov 25 20:53:52 2026\ndocker-ce-3:26.1.4-1.el7.*\n'
TOML_TEXT = u"""version = "1.0"

[[packages]]
name = "docker-ce"
comment = "Added by 'versionlock add' command on 2026-11-25 20:53:52"

[[packages.conditions]]
key = "evr"
comparator = "="
value = "3:26.1.4-1.el7"

[[packages]]
name = "kernel*"

[[packages.conditions]]
key = "evr"
comparator = "<"
value = "6.13"
"""
OLD, NEW = '3:26.1.4-1.el7', '3:28.5.2-1.el7'


def host(tool, text=u'', held=None, answers=()):
    """A host with a list, and with what the collection remembers."""
    files = {}
    if tool in PLUGINS:
        files = {PLUGINS[tool][0]: ON % PLUGINS[tool][1], PLUGINS[tool][1]: text}
    elif tool == 'dnf5':
        files = {TOML: text}
    if held is not None:
        files[MEMORY] = json.dumps({'held': held})
    return RecordedHost(answers, files=files)


def names(found):
    return [(entry['name'], entry['ours']) for entry in found['entries']]


@pytest.mark.parametrize(
    'tool, text, expected',
    [
        ('yum', YUM_TEXT, ['docker-ce', 'docker-ce-cli']),
        ('dnf', DNF_TEXT, ['docker-ce']),
        ('dnf5', TOML_TEXT, ['docker-ce', 'kernel*']),
        ('yum', u'0:docker*\n!3:docker-ce-28.5.2-1.el7.*\n', ['docker*', 'docker-ce']),
        ('dnf', u'docker-ce\ndocker-ce.x86_64\ndocker-ce-26.1*\ncontainerd.io-0:1.6.33-3.1.el7.*\n', ['docker-ce', 'docker-ce', 'docker-ce', 'containerd.io']),
        ('dnf5', u'', []),
    ],
)
def test_locks_as_the_tools_write_them(tool, text, expected):
    found = look_at_holds(host(tool, text), tool, [])
    assert names(found) == [(name, False) for name in expected]


def test_apt_holds_by_names_alone():
    found = look_at_holds(host('apt', held={'docker-ce': 'hold'}), 'apt', ['docker-ce', 'nginx'])
    assert names(found) == [('docker-ce', True), ('nginx', False)]


@pytest.mark.parametrize(
    'files, missing, off',
    [
        ({}, 'yum-plugin-versionlock', ''),
        ({YUM_CONF: u'[main]\nenabled = 1\n', YUM_LIST: u'3:a-1-1.*\n'}, '', ''),
        ({YUM_CONF: u'[main]\nEnabled=0\n', YUM_LIST: u'3:a-1-1.*\n'}, '', YUM_CONF),
    ],
)
def test_a_list_counts_only_where_its_plugin_works(files, missing, off):
    found = look_at_holds(RecordedHost([], files=files), 'yum', [])
    assert (found['missing'], found['off']) == (missing, off)
    assert bool(found['entries']) is not bool(missing or off)


def test_the_list_is_where_the_configuration_says():
    files = {DNF_CONF: u'[main]\nenabled = 1\nlocklist = /srv/locks\n', u'/srv/locks': DNF_TEXT}
    assert '/srv/locks line 3 ("docker-ce-3:26.1.4-1.el7.*")' == look_at_holds(RecordedHost([], files=files), 'dnf', [])['entries'][0]['where']


@pytest.mark.parametrize(
    'tool, text, name, version, barred',
    [
        ('yum', YUM_TEXT, 'docker-ce', NEW, True),
        ('yum', YUM_TEXT, 'docker-ce', OLD, False),
        ('yum', YUM_TEXT, 'containerd.io', '1.6.33-3.1.el7', False),
        ('dnf', DNF_TEXT, 'docker-ce', NEW, True),
        ('dnf', DNF_TEXT, 'docker-ce', OLD, False),
        ('dnf', DNF_TEXT, 'docker-ce', None, False),
        ('dnf', DNF_TEXT, 'docker-ce-cli', NEW, False),
        ('dnf', u'docker-ce-26.1*\n', 'docker-ce', NEW, True),
        ('dnf', u'docker-ce-26.1*\n', 'docker-ce', OLD, False),
        # A name without a version locks nothing in.
        ('dnf', u'docker-ce\n', 'docker-ce', NEW, False),
        ('dnf', u'!docker-ce-3:28.5.2-1.el7.*\n', 'docker-ce', NEW, True),
        ('dnf', u'!docker-ce-3:28.5.2-1.el7.*\n', 'docker-ce', OLD, False),
        # Any of several locks will do.
        ('dnf', DNF_TEXT + u'docker-ce-3:28.5.2-1.el7.*\n', 'docker-ce', NEW, False),
        ('dnf5', TOML_TEXT, 'docker-ce', NEW, True),
        ('dnf5', TOML_TEXT, 'docker-ce', OLD, False),
        ('dnf5', TOML_TEXT, 'kernel-core', '6.14-1', True),
        ('dnf5', TOML_TEXT, 'kernel-core', '6.12-1', False),
    ],
)
def test_what_a_lock_of_somebody_else_forbids(tool, text, name, version, barred):
    entry = barring(look_at_holds(host(tool, text), tool, []), name, version)
    assert (entry is not None) is barred
    if barred:
        assert ('versionlock.list line' in entry['where'] or 'versionlock.toml line 3' in entry['where'] or name.startswith('kernel')) and entry['undo']


@pytest.mark.parametrize('version', [NEW, None])
def test_apt_holds_against_everything(version):
    found = look_at_holds(host('apt'), 'apt', ['docker-ce'])
    assert barring(found, 'docker-ce', version)['undo'] == 'apt-mark unhold docker-ce'
    assert barring(found, 'docker-ce-cli', version) is None


@pytest.mark.parametrize('tool, text', [('yum', YUM_TEXT), ('dnf', DNF_TEXT), ('dnf5', TOML_TEXT)])
def test_what_is_ours_is_known_again_and_leaves_no_trace(tool, text):
    theirs = text.replace('docker-ce', 'nginx')
    one = host(tool, theirs)
    set_ours(one, None, tool, {'docker-ce': OLD, 'containerd.io': '1.6.33-3.1.el7'})
    found = look_at_holds(one, tool, [])
    installed = {'docker-ce': {'full': OLD}, 'containerd.io': {'full': '1.6.33-3.1.el7'}}
    assert ours(found, installed) == {'docker-ce': OLD, 'containerd.io': '1.6.33-3.1.el7'}
    assert barring(found, 'docker-ce', NEW) is None
    assert ('nginx' in dict(names(found))) and not dict(names(found))['nginx']

    set_ours(one, None, tool, {'docker-ce': NEW})
    assert ours(look_at_holds(one, tool, []), {'docker-ce': {'full': NEW}}) == {'docker-ce': NEW}
    # A lock that no longer is for what is installed shows.
    assert ours(look_at_holds(one, tool, []), {'docker-ce': {'full': OLD}}) != {'docker-ce': OLD}

    set_ours(one, None, tool, {})
    assert one.files[TOML if tool == 'dnf5' else PLUGINS[tool][1]] == theirs
    assert MEMORY not in one.files


def test_the_entries_are_those_of_the_tools():
    for tool, entry in (('yum', u'3:docker-ce-26.1.4-1.el7.*'), ('dnf', u'docker-ce-3:26.1.4-1.el7.*')):
        one = host(tool)
        set_ours(one, None, tool, {'docker-ce': OLD})
        assert one.files[PLUGINS[tool][1]].splitlines() == [COMMENT, entry]
    one = host('yum')
    set_ours(one, None, 'yum', {'containerd.io': '1.6.33-3.1.el7'})
    assert one.files[YUM_LIST].splitlines()[1] == u'0:containerd.io-1.6.33-3.1.el7.*'


def test_a_lock_that_somebody_wrote_in_our_words_after_we_took_ours_away_is_theirs():
    one = host('dnf')
    set_ours(one, None, 'dnf', {'docker-ce': OLD})
    text = one.files[DNF_LIST]
    set_ours(one, None, 'dnf', {})
    one.files[DNF_LIST] = text
    assert names(look_at_holds(one, 'dnf', [])) == [('docker-ce', False)]


def test_a_list_rewritten_by_its_tool_keeps_ours():
    # "versionlock delete" of another package drops all comments.
    one = host('dnf')
    set_ours(one, None, 'dnf', {'docker-ce': OLD})
    one.files[DNF_LIST] = one.files[DNF_LIST].replace(COMMENT + '\n', '')
    assert names(look_at_holds(one, 'dnf', [])) == [('docker-ce', True)]


def test_a_list_without_holds_is_not_created():
    one = RecordedHost([], files={DNF_CONF: ON % DNF_LIST})
    set_ours(one, None, 'dnf', {})
    assert sorted(one.files) == [DNF_CONF]


class Manager(object):
    def __init__(self, code=0):
        self.code = code
        self.asked = []

    def run(self, argv):
        self.asked.append(argv)
        return self.code, u'', u'E: Could not open lock file\n' if self.code else u''


def test_apt_mark_is_told_the_difference():
    one, manager = host('apt', held={'docker-ce': 'hold', 'docker-ce-cli': 'hold'}), Manager()
    set_ours(one, manager, 'apt', {'docker-ce': '5:26.1.4-1', 'containerd.io': '1.6.33-1'})
    assert manager.asked == [['apt-mark', 'unhold', 'docker-ce-cli'], ['apt-mark', 'hold', 'containerd.io', 'docker-ce']]
    assert read_memory(one) == {'docker-ce': 'hold', 'containerd.io': 'hold'}


def test_what_could_not_be_unheld_is_still_known_to_be_ours():
    one = host('apt', held={'docker-ce': 'hold'})
    with pytest.raises(DockfleetError) as caught:
        set_ours(one, Manager(100), 'apt', {})
    assert 'Could not open lock file' in caught.value.message
    assert read_memory(one) == {'docker-ce': 'hold'}


@pytest.mark.parametrize('text', [u'', u'{', u'[]', u'{"held": 1}', u'null'])
def test_a_memory_that_cannot_be_read_makes_nothing_ours(text):
    assert read_memory(RecordedHost([], files={MEMORY: text})) == {}


REPO = '/etc/yum.repos.d/docker-ce.repo'


@pytest.mark.parametrize(
    'path, text, name, hidden',
    [
        ('/etc/dnf/dnf.conf', u'[main]\nexclude=docker* kernel*\n', 'docker-ce', True),
        ('/etc/dnf/dnf.conf', u'[main]\nexcludepkgs = kernel*,\n  docker-ce-28*\n', 'docker-ce', True),
        ('/etc/dnf/dnf.conf', u'[main]\nexclude=kernel*\n', 'docker-ce', False),
        ('/etc/dnf/dnf.conf', u'[main]\n#exclude=docker*\n', 'docker-ce', False),
        (REPO, u'[docker-ce-stable]\nexclude = docker-ce-cli\n', 'docker-ce-cli', True),
        (REPO, u'[docker-ce-stable]\nincludepkgs=docker-ce docker-ce-cli\n', 'docker-ce', False),
        (REPO, u'[docker-ce-stable]\nincludepkgs=docker-ce docker-ce-cli\n', 'containerd.io', True),
    ],
)
def test_settings_that_hide_packages(path, text, name, hidden):
    where = hider(find_excludes(RecordedHost([], files={path: text}), 'dnf', '/etc/yum.repos.d'), name)
    assert (where is not None) is hidden
    if hidden:
        assert where.endswith('in ' + path)
