# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import copy

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import apply, last_words, plan
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan
from recordings import RecordedHost

RUNNING = {'LoadState': 'loaded', 'ActiveState': 'active', 'UnitFileState': 'enabled', 'FragmentPath': '/usr/lib/systemd/system/docker.service'}
LOOK = {
    'packages': {'group': ['alice'], 'users': {}, 'installed': {'docker-ce': {'version': '26.1.4'}}},
    'service': {'systemd': True, 'units': {'docker.service': RUNNING}},
}


def look(unit=None, **packages):
    changed = copy.deepcopy(LOOK)
    changed['service']['units']['docker.service'].update(unit or {})
    changed['packages'].update(packages)
    return changed


def steps(found):
    return [(step['do'], step.get('unit') or step.get('user')) for step in found.steps]


START, ENABLE = ('start', 'docker.service'), ('enable', 'docker.service')


@pytest.mark.parametrize(
    'unit, expected',
    [
        ({}, []),
        ({'ActiveState': 'inactive'}, [START]),
        ({'ActiveState': 'failed'}, [START]),
        ({'UnitFileState': 'disabled'}, [ENABLE]),
        ({'UnitFileState': 'disabled', 'ActiveState': 'inactive'}, [ENABLE, START]),
        ({'UnitFileState': 'static'}, []),
    ],
)
def test_service(unit, expected):
    found = plan(look(unit), {'users': []})
    assert steps(found) == expected
    assert found.after['active'] and found.after['enabled']
    assert found.changed is bool(expected)


def test_service_that_is_still_to_be_installed():
    # Check mode on a bare host comes here with the packages only planned.
    found = plan(look({'LoadState': 'not-found', 'ActiveState': 'inactive', 'UnitFileState': ''}, installed={}), {'users': []})
    assert steps(found) == [ENABLE, START]


def test_package_without_its_unit():
    with pytest.raises(DockfleetError) as caught:
        plan(look({'LoadState': 'not-found'}), {'users': []})
    assert 'docker.service' in caught.value.message


def test_host_without_systemd():
    changed = look(users={'bob': False})
    changed['service'] = {'systemd': False, 'units': {}}
    found = plan(changed, {'users': ['alice', 'bob']})
    assert steps(found) == [('add', 'bob')]
    assert found.result == {'systemd': False, 'members': ['alice', 'bob']}
    assert 'systemd does not run here' in found.warnings[0]


@pytest.mark.parametrize('masked', [['docker.service'], ['docker.socket'], ['docker.service', 'docker.socket', 'containerd.service']])
def test_B85_masked_unit(masked):
    changed = look()
    for name in masked:
        changed['service']['units'][name] = {'LoadState': 'masked', 'ActiveState': 'inactive', 'UnitFileState': 'masked'}
    with pytest.raises(DockfleetError) as caught:
        plan(changed, {'users': []})
    assert 'systemctl unmask %s' % ' '.join(sorted(masked)) in caught.value.message
    assert caught.value.details['masked'] == sorted(masked)


@pytest.mark.parametrize(
    'wished, users, expected',
    [
        (['alice'], {}, []),
        (['alice', 'bob'], {'bob': False}, [('add', 'bob')]),
        # a member by its primary group
        (['carol'], {'carol': True}, []),
        ([u'zo\xeb'], {u'zo\xeb': False}, [('add', u'zo\xeb')]),
        ([u'zo\xeb'.encode('utf-8')], {u'zo\xeb': False}, [('add', u'zo\xeb')]),
    ],
)
def test_B95_users(wished, users, expected):
    assert steps(plan(look(users=users), {'users': wished})) == expected


def test_B95_group_that_is_still_to_come():
    assert steps(plan(look(group=None, users={'bob': False}, installed={}), {'users': ['bob']}))[0] == ('add', 'bob')


def test_a_group_that_the_package_failed_to_make_is_made():
    found = plan(look({'ActiveState': 'failed'}, group=None, users={'bob': False}), {'users': ['bob']})
    assert [step['do'] for step in found.steps] == ['make', 'add', 'start']
    assert (found.before['group'], found.after['group'], found.after['members']) == (False, True, ['bob'])
    host = RecordedHost([(0, u'', u'')] * 4)
    apply(host, found, {})
    assert host.asked[0][0] == ['groupadd', '--system', 'docker']


def test_B95_unknown_user_is_an_error():
    with pytest.raises(DockfleetError) as caught:
        plan(look(users={'bob': False, 'mallory': None}), {'users': ['bob', 'mallory']})
    assert 'mallory' in caught.value.message and 'bob' not in caught.value.message
    assert 'docker_engine_users' in caught.value.message


def test_a_look_that_does_not_know_the_user_is_not_enough():
    with pytest.raises(NotInLook):
        plan(look(), {'users': ['bob']})


def test_apply():
    host = RecordedHost([(0, u'', u'')] * 4)
    apply(host, Plan([{'do': 'add', 'user': u'zo\xeb'}, {'do': 'enable', 'unit': 'docker.service'}, {'do': 'start', 'unit': 'docker.service'}]), {})
    assert [argv for argv, data in host.asked] == [
        ['gpasswd', '-a', u'zo\xeb', 'docker'],
        ['systemctl', 'enable', 'docker.service'],
        ['systemctl', 'reset-failed', 'docker.service', 'docker.socket'],
        ['systemctl', 'start', 'docker.service'],
    ]


def test_daemon_that_does_not_start_has_the_last_word():
    log = (
        u'Starting Docker Application Container Engine...\n'
        u'time="2026-11-25T03:00:00Z" level=info msg="Starting up"\n'
        u'failed to start daemon: error initializing graphdriver: the devicemapper storage-driver has been deprecated and removed\n'
        u'docker.service: Main process exited, code=exited, status=1/FAILURE\n'
    )
    host = RecordedHost([(0, u'', u''), (1, u'', u'Job for docker.service failed because the control process exited with error code.\n'), (0, log, u'')])
    with pytest.raises(DockfleetError) as caught:
        apply(host, Plan([{'do': 'start', 'unit': 'docker.service'}]), {})
    assert 'devicemapper storage-driver' in caught.value.message
    assert 'level=info' not in caught.value.message
    assert caught.value.details['log'] == log.splitlines()


# What systemd 252 and systemd 219 say of it.
SOCKET_252 = (
    u'Starting docker.socket - Docker Socket for the API...\n'
    u'docker.socket: Failed to create listening socket (/run/docker.sock): Address already in use\n'
    u"docker.socket: Failed with result 'resources'.\n"
    u'Failed to listen on docker.socket - Docker Socket for the API.\n'
)
SOCKET_219 = u'docker.socket failed to listen on sockets: Address already in use\nFailed to listen on Docker Socket for the API.\n'


@pytest.mark.parametrize('log, words', [
    (SOCKET_252, 'docker.socket: Failed to create listening socket (/run/docker.sock): Address already in use.'),
    (SOCKET_219, 'docker.socket failed to listen on sockets: Address already in use.'),
])
def test_a_socket_that_cannot_be_opened_has_the_last_word(log, words):
    said = u"A dependency job for docker.service failed. See 'journalctl -xe' for details.\n"
    host = RecordedHost([(0, u'', u''), (1, u'', said), (0, log, u'')])
    with pytest.raises(DockfleetError) as caught:
        apply(host, Plan([{'do': 'start', 'unit': 'docker.service'}]), {})
    assert 'The last words of docker.socket: %s More of it: "journalctl -u docker.socket"' % words in caught.value.message
    assert host.asked[2][0][:3] == ['journalctl', '--unit', 'docker.socket']


def test_last_words_of_a_daemon_that_gave_no_reason():
    assert last_words(u'a\n\nb\nc\nd\n') == 'b / c / d'


def test_last_words_of_a_daemon_that_was_started_again_and_again():
    once = (
        u'Starting docker.service - Docker Application Container Engine...\n'
        u'Status: unknown flag: --graph\n'
        u"See 'dockerd --help'., Code: 125\n"
        u'docker.service: Main process exited, code=exited, status=1/FAILURE\n'
        u"docker.service: Failed with result 'exit-code'.\n"
        u'Failed to start docker.service - Docker Application Container Engine.\n'
    )
    assert last_words(once * 3) == 'Status: unknown flag: --graph'
    assert last_words(u"docker.service: Failed with result 'exit-code'.\n") == "docker.service: Failed with result 'exit-code'."


def test_last_words_are_the_daemons_own_and_not_those_of_systemd():
    log = u'Starting docker.service - Docker...\ncannot go on\ndocker.service: Main process exited\nFailed to start docker.service - Docker.\n'
    assert last_words(log) == 'cannot go on'
    assert last_words(u'failed to load listeners: no\n' + log) == 'failed to load listeners: no'
    assert last_words(u'docker.service: Main process exited\n') == 'docker.service: Main process exited'


def test_a_command_that_fails_is_an_error():
    with pytest.raises(DockfleetError) as caught:
        apply(RecordedHost([(3, u'', u'gpasswd: cannot lock /etc/group; try again later.\n')]), Plan([{'do': 'add', 'user': 'bob'}]), {})
    assert 'cannot lock /etc/group' in caught.value.message
