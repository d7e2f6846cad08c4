# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _package_manager
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager_rpm import (
    Dnf4,
    Dnf5,
    Yum3,
    choose,
    read_list,
    read_query,
    read_table,
)
from recordings import RecordedHost, play

ENGINE_OLD = {'docker-ce': '3:26.1.4-1.el7', 'docker-ce-cli': '1:26.1.4-1.el7'}
ENGINE_NEW = {'docker-ce': '3:26.1.5-1.el7', 'docker-ce-cli': '1:26.1.5-1.el7'}
LONG = 'lab-very-long-package-name-for-wrapping-tests-of-yum-list'
LONG_VERSION = '1:2024.10.11.12-20241011.1234.el7.centos.plus'


def change(**kinds):
    return dict({'install': {}, 'upgrade': {}, 'downgrade': {}, 'remove': {}}, **kinds)


@pytest.mark.parametrize(
    'program, name, expected',
    [
        ('yum3', '07f-repoquery-nvr', {'docker-ce': ['3:26.1.5-1.el7', '3:26.1.4-1.el7']}),
        (
            'dnf4',
            'query',
            {
                'containerd.io': ['1.6.33-3.1.el7', '1.6.20-3.1.el7'],
                'docker-ce': ['3:26.1.5-1.el7', '3:26.1.4-1.el7', '3:20.10.24-1.el7'],
                'docker-ce-cli': ['1:26.1.5-1.el7', '1:26.1.4-1.el7', '1:20.10.24-1.el7'],
            },
        ),
        ('dnf4', 'query-nothing', {}),
        ('dnf5', 'query-nothing', {}),
    ],
)
def test_read_query(program, name, expected):
    assert read_query(play(program, name)[1]) == expected


def test_dnf_5_answers_a_query_as_dnf_4_does():
    assert read_query(play('dnf5', 'query')[1]) == read_query(play('dnf4', 'query')[1])


def test_read_query_passes_over_what_plugins_say():
    assert read_query('Loaded plugins: fastestmirror, ovl\nThis system is not registered with an\ndocker-ce 3 26.1.4 1.el7 src\n') == {}


@pytest.mark.parametrize(
    'name, expected',
    [
        # Only what a repository has counts, and a package of two repositories is one.
        ('30-list-installed-and-available', {'docker-ce': ['3:26.1.5-1.el7', '3:26.1.4-1.el7']}),
        (
            '08c-list-many-mixed',
            {
                'docker-buildx-plugin': ['0.14.1-1.el7'],
                'docker-ce': ['3:26.1.5-1.el7', '3:26.1.4-1.el7'],
                'docker-ce-cli': ['1:26.1.5-1.el7', '1:26.1.4-1.el7'],
                'docker-ce-rootless-extras': ['26.1.5-1.el7'],
                'docker-compose-plugin': ['2.27.1-1.el7'],
            },
        ),
        ('09b-list-wrapped-one', {LONG: [LONG_VERSION]}),
        ('05-list-available-unknown', {}),
    ],
)
def test_B33_read_list(name, expected):
    assert read_list(play('yum3', name)[1]) == expected


def test_B33_read_list_folded_in_three():
    found = read_list(play('yum3', '09-list-wrapped-notty')[1])
    assert found[LONG] == [LONG_VERSION]
    assert found['docker-ce'] == ['3:26.1.5-1.el7', '3:26.1.4-1.el7']
    assert found['lab-broken'] == ['1.0-1.el7']


def test_B33_the_example_of_the_case():
    text = (
        'Installed Packages\n'
        'docker-ce.x86_64   3:26.1.4-1.el7\n'
        '                                   @docker-ce-stable\n'
        'Available Packages\n'
        'docker-ce.x86_64   3:26.1.3-1.el7  docker-ce-stable\n'
    )
    assert read_list(text) == {'docker-ce': ['3:26.1.3-1.el7']}


ALL_NEW = {'docker-ce': '3:26.1.4-1.el7', 'docker-ce-cli': '1:26.1.4-1.el7', 'containerd.io': '1.6.33-3.1.el7', 'docker-ce-rootless-extras': '26.1.5-1.el7'}
OLD_DOCKER = {'docker': '2:1.13.1-209.el7', 'docker-common': '2:1.13.1-209.el7', 'podman': '1.1-1.el7', 'runc': '1.1-1.el7', 'containerd': '1.0-1.el7'}
TABLES = [
    ('install-dependencies', change(install=ALL_NEW)),
    ('replace', change(install=ALL_NEW, remove=OLD_DOCKER)),
    ('remove', change(remove=ENGINE_OLD)),
    (
        'downgrade',
        change(
            downgrade={
                'docker-ce': '3:20.10.24-1.el7',
                'docker-ce-cli': '1:20.10.24-1.el7',
                'docker-ce-rootless-extras': '20.10.24-1.el7',
            }
        ),
    ),
    (
        'upgrade-and-install',
        change(upgrade=dict(ENGINE_NEW, **{'docker-ce-rootless-extras': '26.1.5-1.el7'}), install={'docker-compose-plugin': '2.27.1-1.el7'}),
    ),
    ('nothing', None),
    ('broken', None),
    ('unknown', None),
    ('conflict', None),
]


@pytest.mark.parametrize('program', ['dnf4', 'dnf5'])
@pytest.mark.parametrize('name, expected', TABLES)
def test_read_table_of_dnf(program, name, expected):
    found = read_table(play(program, name)[1])
    # dnf 4 shows no table of what it cannot do, or shows it as skipped.
    assert found == expected or (expected is None and not any(found.values()))


def test_B39_packages_that_dnf_shell_would_erase_are_seen():
    found = read_table(play('dnf4', 'replace-dependents')[1])
    assert found['remove'] == OLD_DOCKER
    assert 'containerd.io' in found['install']


@pytest.mark.parametrize(
    'name, expected',
    [
        ('44-install-assumeno', change(install={'docker-ce': '3:26.1.5-1.el7'})),
        ('35-update-named', change(upgrade={'docker-ce-cli': '1:26.1.5-1.el7'})),
        ('37-downgrade-two', change(downgrade=ENGINE_OLD)),
        ('40-remove', change(remove={'docker-ce': '3:26.1.5-1.el7'})),
        (
            '81-swap-with-multi',
            change(
                install={'docker-buildx-plugin': '0.14.1-1.el7', 'docker-ce-cli': '1:26.1.5-1.el7'},
                remove={'docker-ce': '3:26.1.5-1.el7', 'docker-compose-plugin': '2.27.1-1.el7'},
            ),
        ),
        ('82-shell', change(install={'docker-ce': '3:26.1.4-1.el7'}, remove={'docker-ce-cli': '1:26.1.5-1.el7'})),
        ('09c-install-long-summary', change(install={'lab-obs': '2.0-1.el7', LONG: LONG_VERSION})),
        ('96-install-older-mixed', change(install={'docker-ce-cli': '1:26.1.4-1.el7'})),
        ('31-install-already-same', None),
        ('90-broken-dep', None),
        ('91-conflict', None),
    ],
)
def test_read_table_of_yum(name, expected):
    assert read_table(play('yum3', name)[1]) == expected


TABLE = play('yum3', '44-install-assumeno')


@pytest.mark.parametrize(
    'wanted, arguments, script',
    [
        (change(install=ENGINE_OLD), ['install', 'docker-ce-26.1.4-1.el7', 'docker-ce-cli-26.1.4-1.el7'], None),
        (change(upgrade=ENGINE_OLD), ['update', 'docker-ce-26.1.4-1.el7', 'docker-ce-cli-26.1.4-1.el7'], None),
        (change(downgrade=ENGINE_OLD), ['downgrade', 'docker-ce-26.1.4-1.el7', 'docker-ce-cli-26.1.4-1.el7'], None),
        (change(remove=OLD_DOCKER), ['remove', 'containerd', 'docker', 'docker-common', 'podman', 'runc'], None),
        (
            change(install={'docker-compose-plugin': '2.27.1-1.el7'}, downgrade=ENGINE_OLD, remove={'docker': '2:1.13.1-209.el7'}),
            ['shell'],
            b'remove docker\ninstall docker-compose-plugin-2.27.1-1.el7\ndowngrade docker-ce-26.1.4-1.el7 docker-ce-cli-26.1.4-1.el7\nrun\n',
        ),
    ],
)
def test_B27_yum_gets_names_without_epoch_and_one_command(wanted, arguments, script):
    host = RecordedHost([TABLE])
    Yum3(host).rehearse(wanted)
    argv, data = host.asked[0]
    assert argv[0] == 'yum'
    assert argv[argv.index('--assumeno') + 1:] == arguments
    assert data == script


def test_B27_the_spelling_is_one_that_yum_takes():
    assert play('yum3', '10-install-docker-ce-26.1.4-1.el7')[0] == 0
    assert play('yum3', '11-install-docker-ce-3_26.1.4-1.el7')[0] == 1


def test_B34_yum_is_not_asked_to_install_an_older_version():
    # It would answer 0 and leave the newer one.
    code, out, err = play('yum3', '96-install-older-mixed')
    assert code == 0 and read_table(out)['install'] == {'docker-ce-cli': '1:26.1.4-1.el7'}
    host = RecordedHost([play('yum3', '37-downgrade-two')])
    assert Yum3(host).rehearse(change(downgrade=ENGINE_OLD)) == change(downgrade=ENGINE_OLD)
    assert 'downgrade' in host.asked[0][0] and 'install' not in host.asked[0][0]


def test_signatures_are_always_checked():
    for manager in (Yum3, Dnf4, Dnf5):
        host = RecordedHost([play('yum3', '82-shell')])
        manager(host).transact(change(install=ENGINE_OLD, remove={'docker': '1'}))
        line = ' '.join(host.asked[0][0])
        assert 'gpg' not in line and 'allowerasing' not in line and 'nodeps' not in line and 'skip' not in line.replace('skip_missing', '')


@pytest.mark.parametrize(
    'programs, expected',
    [
        (['repoquery', 'yum'], 'repoquery'),
        (['yum'], 'yum'),
    ],
)
def test_yum_is_asked_by_repoquery_where_there_is_one(programs, expected):
    answer = play('yum3', '07f-repoquery-nvr' if expected == 'repoquery' else '30-list-installed-and-available')
    host = RecordedHost([answer], programs)
    assert Yum3(host).published(['docker-ce']) == {'docker-ce': ['3:26.1.5-1.el7', '3:26.1.4-1.el7']}
    assert host.asked[0][0][0] == expected


REPOSITORY_FILES = {
    '/etc/yum.repos.d/docker-ce.repo': u'[docker-ce-stable]\nbaseurl=https://x/stable\n[docker-ce-test]\nenabled=0\nbaseurl=https://x/test\n',
    '/etc/yum.repos.d/other.repo': u'[other]\nbaseurl=https://x/other\n',
}


@pytest.mark.parametrize('manager, name', [(Dnf4, 'dnf4'), (Dnf5, 'dnf5')])
def test_dnf_asks_dockers_repository_for_what_is_new(manager, name):
    host = RecordedHost([play(name, 'query')], files=REPOSITORY_FILES)
    assert manager(host).published(['docker-ce'])
    assert [word for word in host.asked[0][0] if 'metadata_expire' in word] == ['--setopt=docker-ce-stable.metadata_expire=0']


@pytest.mark.parametrize('files, asked', [(REPOSITORY_FILES, [['--disablerepo=*', '--enablerepo=docker-ce-stable', 'makecache', 'fast']]), ({}, [])])
def test_yum_asks_dockers_repository_for_what_is_new(files, asked):
    host = RecordedHost([(0, u'', u'')], files=files)
    Yum3(host).refresh()
    assert [argv[-4:] for argv, dummy_data in host.asked] == asked


def test_yum_list_without_a_match_is_no_failure():
    assert Yum3(RecordedHost([play('yum3', '05-list-available-unknown')])).published(['nosuchpkg']) == {}


@pytest.mark.parametrize(
    'manager, recording, words',
    [
        (Yum3, ('yum3', '60-unreachable-refused'), ['yum failed to read the repositories', 'curl#7', 'docker-ce-stable']),
        (Yum3, ('yum3', '61-unreachable-dns'), ['yum failed to read the repositories', 'curl#6']),
        (Dnf5, ('dnf5', 'unreachable'), ['dnf5 failed to read the repositories', 'docker-ce-stable']),
        (Dnf4, ('dnf4', 'unreachable'), ['dnf failed to read the repositories', 'docker-ce-stable']),
    ],
)
def test_unreachable_repository(manager, recording, words):
    with pytest.raises(DockfleetError) as caught:
        manager(RecordedHost([play(*recording)])).published(['docker-ce'])
    assert caught.value.details['stage'] == 'repository'
    assert all(word in caught.value.message for word in words)
    assert '\n' not in caught.value.message and len(caught.value.message) < 900


@pytest.mark.parametrize(
    'manager, recording, words',
    [
        (Yum3, ('yum3', '90-broken-dep'), 'Requires: nosuch-lib >= 2'),
        (Yum3, ('yum3', '91-conflict'), 'lab-conflict conflicts with'),
        (Dnf4, ('dnf4', 'broken'), 'nothing provides nosuch >= 2'),
        (Dnf5, ('dnf5', 'broken'), 'nothing provides nosuch >= 2'),
        (Dnf4, ('dnf4', 'unknown'), 'Unable to find a match: docker-ce-99-1.el7'),
    ],
)
def test_broken_dependencies(manager, recording, words):
    with pytest.raises(DockfleetError) as caught:
        manager(RecordedHost([play(*recording)])).rehearse(change(install=ENGINE_OLD))
    assert caught.value.details['stage'] == 'dependencies'
    assert words in caught.value.message


@pytest.mark.parametrize(
    'manager, recording, words',
    [
        (Yum3, ('yum3', '73c-lock-exit_on_lock'), 'process 42 (yum -y update)'),
        (Dnf4, ('dnf4', 'locked'), 'process 24354 (ended since)'),
    ],
)
def test_lock_is_waited_for_and_its_holder_named(monkeypatch, manager, recording, words):
    waits = []
    monkeypatch.setattr(_package_manager.time, 'sleep', waits.append)
    answers = [play(*recording)] * 1000
    with pytest.raises(DockfleetError) as caught:
        manager(RecordedHost(answers, files={'/proc/42/cmdline': 'yum\0-y\0update\0'})).rehearse(change(install=ENGINE_OLD))
    assert caught.value.details['stage'] == 'lock'
    assert words in caught.value.message
    assert sum(waits) == _package_manager.LOCK_PATIENCE


def test_lock_that_is_let_go(monkeypatch):
    monkeypatch.setattr(_package_manager.time, 'sleep', lambda seconds: None)
    host = RecordedHost([play('dnf4', 'locked'), play('dnf4', 'install-dependencies')])
    assert Dnf4(host).rehearse(change(install=ENGINE_OLD)) == change(install=ALL_NEW)


@pytest.mark.parametrize('manager', [Yum3, Dnf4])
def test_who_plans_looks_past_the_locks_of_versions(manager):
    for past in (True, False):
        host = RecordedHost([TABLE])
        manager(host, past_holds=past).rehearse(change(install=ENGINE_OLD))
        assert ('--disableplugin=versionlock' in host.asked[0][0]) is past


def test_the_holder_of_the_lock_of_rpm_itself_is_looked_for(monkeypatch, tmpdir):
    monkeypatch.setattr(_package_manager.time, 'sleep', lambda seconds: None)
    lock = tmpdir.join('.rpm.lock')
    lock.write('')
    said = u"error: can't create transaction lock on %s (Resource temporarily unavailable)\nError: Could not run transaction.\n" % lock
    with pytest.raises(DockfleetError) as caught:
        Dnf4(RecordedHost([(1, u'', said)] * 3), patience=6).transact(change(install=ENGINE_OLD))
    assert caught.value.details['stage'] == 'lock' and 'a process that cannot be seen from here' in caught.value.message


def test_choose(tmpdir):
    assert choose(RecordedHost([], ['dnf5', 'dnf', 'yum'])) is Dnf5
    assert choose(RecordedHost([], ['dnf'])) is Dnf4
    real, alias = tmpdir.join('yum'), tmpdir.join('alias')
    real.write('#!/usr/bin/python\n')
    alias.mksymlinkto('dnf-3')
    tmpdir.join('dnf-3').write('#!/usr/libexec/platform-python\n')
    host = RecordedHost([], ['dnf', 'yum'])
    host.which = {'yum': str(real), 'dnf': '/usr/bin/dnf'}.get
    assert choose(host) is Yum3
    host.which = {'yum': str(alias), 'dnf': '/usr/bin/dnf'}.get
    assert choose(host) is Dnf4


@pytest.mark.parametrize('answer, cause', [
    ((1, '', 'No match for argument: bind-utils\nError: Unable to find a match: bind-utils\n'), 'Error: Unable to find a match: bind-utils'),
    # yum 3 says so with an exit status of 0, too
    ((0, 'No package bind-utils available.\n', ''), 'No package bind-utils available'),
])  # fmt: skip
def test_tool_that_cannot_be_installed(answer, cause):
    with pytest.raises(DockfleetError) as caught:
        Yum3(RecordedHost([answer])).install_one_of(['bind-utils'])
    assert caught.value.message.startswith('yum failed to install bind-utils: ') and cause in caught.value.message


def test_install_a_tool():
    host = RecordedHost([(0, 'Complete!', '')])
    assert Dnf4(host).install_one_of(['bind-utils']) == 'bind-utils'
    assert host.asked[0][0][0] == 'dnf' and host.asked[0][0][-3:] == ['-y', 'install', 'bind-utils']
