# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _package_manager
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager_apt import Apt, read_madison, read_simulation
from recordings import RecordedHost, play

LATEST = {'docker-ce': '5:26.1.5-1~debian.12~bookworm', 'docker-ce-cli': '5:26.1.5-1~debian.12~bookworm'}
OLDEST = {'docker-ce': '5:20.10.24-1~debian.12~bookworm', 'docker-ce-cli': '5:20.10.24-1~debian.12~bookworm'}


def change(**kinds):
    return dict({'install': {}, 'upgrade': {}, 'downgrade': {}, 'remove': {}}, **kinds)


def test_read_madison():
    versions = ['5:26.1.5-1~debian.12~bookworm', '5:26.1.4-1~debian.12~bookworm', '5:20.10.24-1~debian.12~bookworm']
    assert read_madison(play('apt', 'madison')[1]) == {
        'docker-ce': versions,
        'docker-ce-cli': versions,
        'containerd.io': ['1.6.33-1', '1.6.20-1'],
        'docker.io': ['20.10.24+dfsg1-1+deb12u1+b6'],
    }


def test_read_madison_passes_over_sources():
    assert read_madison(' docker.io | 20.10.24+dfsg1-1 | http://deb.debian.org/debian bookworm/main Sources\n') == {}


@pytest.mark.parametrize(
    'name, expected',
    [
        ('upgrade', change(upgrade=LATEST)),
        ('downgrade', change(downgrade=OLDEST)),
        ('install', change(install={'docker-compose-plugin': '2.27.1-1~debian.12~bookworm'})),
        (
            'remove',
            change(remove={'docker-ce': '5:26.1.4-1~debian.12~bookworm', 'docker-ce-cli': '5:26.1.4-1~debian.12~bookworm'}),
        ),
        (
            'replace',
            change(
                install={
                    'containerd.io': '1.6.33-1',
                    'docker-ce': '5:26.1.4-1~debian.12~bookworm',
                    'docker-ce-cli': '5:26.1.4-1~debian.12~bookworm',
                    'docker-ce-rootless-extras': '5:26.1.5-1~debian.12~bookworm',
                },
                remove={
                    'containerd': '1.6.20~ds1-1+deb12u3',
                    'docker.io': '20.10.24+dfsg1-1+deb12u1+b6',
                    'runc': '1.1.5+ds1-1+deb12u1',
                },
            ),
        ),
    ],
)
def test_read_simulation(name, expected):
    assert read_simulation(play('apt', name)[1]) == expected


@pytest.mark.parametrize(
    'wanted, guards, arguments',
    [
        (change(upgrade=LATEST), ['--no-remove'], ['install'] + ['%s=%s' % item for item in sorted(LATEST.items())]),
        (change(downgrade=OLDEST), ['--no-remove', '--allow-downgrades'], ['install'] + ['%s=%s' % item for item in sorted(OLDEST.items())]),
        (
            change(install={'docker-ce': '5:1-1'}, remove={'docker.io': '1', 'runc': '1'}),
            [],
            ['install', 'docker-ce=5:1-1', 'docker.io-', 'runc-'],
        ),
        (change(remove={'docker-ce': '1', 'docker-ce-cli': '1'}), [], ['remove', 'docker-ce', 'docker-ce-cli']),
    ],
)
def test_guards_stay_up_where_the_plan_does_not_need_them_down(wanted, guards, arguments):
    host = RecordedHost([(0, u'', u'')])
    Apt(host).transact(wanted)
    argv = host.asked[0][0]
    assert argv[-len(arguments):] == arguments
    assert [word for word in argv if word in ('--no-remove', '--allow-downgrades')] == guards
    assert not [word for word in argv if 'unauthenticated' in word or 'held' in word or 'force-yes' in word]


@pytest.mark.parametrize(
    'name, words',
    [('broken', 'Depends: nosuch (>= 2)'), ('unknown', "Version '5:99-1~debian.12~bookworm' for 'docker-ce' was not found")],
)
def test_what_cannot_be_done(name, words):
    with pytest.raises(DockfleetError) as caught:
        Apt(RecordedHost([play('apt', name)])).rehearse(change(install=LATEST))
    assert words in caught.value.message


def test_lock_is_waited_for_and_its_holder_named(monkeypatch):
    waits = []
    monkeypatch.setattr(_package_manager.time, 'sleep', waits.append)
    host = RecordedHost([play('apt', 'locked')] * 1000, files={'/proc/1755/cmdline': 'unattended-upgrade\0'})
    with pytest.raises(DockfleetError) as caught:
        Apt(host).transact(change(install=LATEST))
    assert 'process 1755 (unattended-upgrade)' in caught.value.message
    assert sum(waits) == _package_manager.LOCK_PATIENCE


OWN_LIST = '/etc/apt/sources.list.d/docker.sources'
DISTRIBUTION = '/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages'
DOCKER_LISTS = '/var/lib/apt/lists/download.docker.com_linux_debian_dists_bookworm_stable_binary-amd64_Packages'


@pytest.mark.parametrize(
    'files, only',
    [
        ({OWN_LIST: '', DISTRIBUTION: ''}, True),
        ({OWN_LIST: '', DISTRIBUTION: '', DOCKER_LISTS: ''}, True),
        ({OWN_LIST: '', DOCKER_LISTS: ''}, False),
        ({OWN_LIST: ''}, False),
    ],
)
def test_only_dockers_lists_are_fetched_where_the_host_has_those_of_the_distribution(files, only):
    host = RecordedHost([(0, u'', u'')], files=files)
    Apt(host).refresh()
    (argv, data), = host.asked
    assert argv[-1] == 'update'
    assert ('Dir::Etc::sourcelist=' + OWN_LIST in argv) is only
    assert ('APT::Get::List-Cleanup=0' in argv) is only


def test_a_list_that_could_not_be_fetched_is_a_failure_though_apt_says_0():
    warning = u'W: Failed to fetch https://download.docker.com/linux/debian/dists/bookworm/InRelease  Temporary failure resolving\n'
    warning += u'W: Some index files failed to download. They have been ignored, or old ones used instead.\n'
    output = u'Err:1 https://download.docker.com/linux/debian bookworm InRelease\n  Temporary failure resolving\n'
    with pytest.raises(DockfleetError) as caught:
        Apt(RecordedHost([(0, output, warning)], files={OWN_LIST: '', DISTRIBUTION: ''})).refresh()
    assert caught.value.details['stage'] == 'repository'
    assert 'InRelease  Temporary failure resolving. ' in caught.value.message


def test_of_several_downloads_that_fail_the_first_tells_enough():
    lines = u''.join(u'E: Failed to fetch https://x/%s.deb  File has unexpected size (10 != 20). Mirror sync in progress?\n' % name for name in 'abc')
    message = Apt(RecordedHost([])).failure('do it', u'', lines, 'transaction').message
    assert message.count('Failed to fetch') == 1 and 'a.deb' in message
    assert 'docker_repo_mirror' in message


@pytest.mark.parametrize('line', [
    'E: You don\'t have enough free space in /var/cache/apt/archives/.',
    'Curl error (23): Failed writing received data to disk/application for https://x/a.rpm [Failure writing output to destination]',
    'Error: Transaction test error:\n  installing package docker-ce-3:26.1.4-1.el7.x86_64 needs 12MB more space on the / filesystem',
    'dpkg-deb: error: paste subprocess was killed by signal (Broken pipe)\n cannot copy extracted data: failed to write (No space left on device)',
])
def test_a_full_disk_is_not_the_fault_of_the_mirror(line):
    message = Apt(RecordedHost([])).failure('do it', u'', line, 'transaction').message
    assert message.endswith('"df -h" shows which. Make room there, and run again.') and 'docker_repo_mirror' not in message


def test_the_same_version_comes_again_where_it_was_broken():
    version = '5:26.1.4-1~debian.12~bookworm'
    assert read_simulation('Inst docker-ce [%s] (%s Docker CE:bookworm [amd64])\n' % (version, version))['install'] == {'docker-ce': version}
    host = RecordedHost([(0, u'', u'')])
    Apt(host).transact(change(install={'docker-ce': version}))
    assert '--reinstall' in host.asked[0][0]


# What dpkg 1.21 says.
BROKEN = u'''dpkg: error processing package docker-ce-cli (--configure):
 package is in a very bad inconsistent state; you should
 reinstall it before attempting configuration
'''
DEPENDS = u'''dpkg: dependency problems prevent configuration of docker-ce:
 docker-ce depends on docker-ce-cli; however:
  Package docker-ce-cli is not configured yet.

dpkg: error processing package docker-ce (--configure):
 dependency problems - leaving unconfigured
'''
SCRIPT = u'''dpkg: error processing package docker-ce (--configure):
 installed docker-ce package post-installation script subprocess returned error exit status 1
'''


@pytest.mark.parametrize('err, goes_on', [(BROKEN, True), (BROKEN + DEPENDS, True), (SCRIPT, False), (BROKEN + SCRIPT, False), (DEPENDS + SCRIPT, False)])
def test_what_has_to_come_anew_is_no_failure_to_configure_it(err, goes_on):
    host = RecordedHost([(1, u'', err + u'Errors were encountered while processing:\n docker-ce-cli\n')])
    if goes_on:
        Apt(host).finish(['docker-ce-cli'])
    else:
        with pytest.raises(DockfleetError) as caught:
            Apt(host).finish(['docker-ce-cli'])
        assert caught.value.details['stage'] == 'transaction'


@pytest.mark.parametrize('fixed', [True, False])
def test_what_never_came_is_fetched_before_the_rest_is_configured(fixed):
    failed = u'E: Unmet dependencies. Try \'apt --fix-broken install\' with no packages (or specify a solution).\n'
    host = RecordedHost([(1, u'', DEPENDS), (0, u'Setting up docker-ce\n', u'') if fixed else (100, u'', failed)])
    if fixed:
        Apt(host).finish(['docker-ce'])
    else:
        with pytest.raises(DockfleetError, match='Unmet dependencies'):
            Apt(host).finish(['docker-ce'])
    argv = host.asked[1][0]
    assert argv[0] == 'apt-get' and argv[-1] == 'install' and {'--fix-broken', '--no-remove', 'Dpkg::Options::=--force-confold'} <= set(argv)


POLICY = u"""docker-ce:
  Installed: 5:20.10.24~3-0~debian-bookworm
  Candidate: 5:26.1.5-1~debian.12~bookworm
  Version table:
     5:28.5.2-1~debian.12~bookworm %s
        500 https://download.docker.com/linux/debian bookworm/stable amd64 Packages
     5:26.1.5-1~debian.12~bookworm %s
        500 https://download.docker.com/linux/debian bookworm/stable amd64 Packages
 *** 5:20.10.24~3-0~debian-bookworm %s
        500 https://download.docker.com/linux/debian bookworm/stable amd64 Packages
        100 /var/lib/dpkg/status
"""
PIN = u'Explanation: ours\nPackage: docker-ce docker-ce-cli\nPin: version 5:26.1*\nPin-Priority: %s\n\nPackage: *\nPin: release a=stable\nPin-Priority: 700\n'


@pytest.mark.parametrize(
    'priorities, allowed',
    [
        (('500', '1001', '500'), ['5:26.1.5-1~debian.12~bookworm']),
        (('-1', '500', '500'), ['5:20.10.24~3-0~debian-bookworm', '5:26.1.5-1~debian.12~bookworm']),
        # A preference that apt would not go back for is no more than that.
        (('500', '990', '500'), None),
        # What holds for all versions chooses none.
        (('1001', '1001', '1001'), None),
    ],
)
def test_pins(priorities, allowed):
    host = RecordedHost([(0, POLICY % priorities, u'')], files={'/etc/apt/preferences.d/docker.pref': PIN % priorities[1]})
    found = Apt(host).pins(['docker-ce'])
    assert found.get('docker-ce', {}).get('allows') == allowed
    if allowed:
        assert found['docker-ce']['where'].startswith('/etc/apt/preferences.d/docker.pref (Package: docker-ce docker-ce-cli, Pin: version 5:26.1*')


def test_without_preferences_nobody_is_asked():
    host = RecordedHost([])
    assert Apt(host).pins(['docker-ce']) == {} and host.asked == []


@pytest.mark.parametrize(
    'line, words',
    [
        ('E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1755 (unattended-upgr)', 'process 1755 (unattended-upgrade)'),
        ('dpkg: error: dpkg frontend lock was locked by another process with pid 1755', 'process 1755 (unattended-upgrade)'),
        ('dpkg: error: dpkg status database is locked by another process', 'database is locked by another process'),
        ('E: Could not get lock /var/lib/apt/lists/lock - open (11: Resource temporarily unavailable)', '/var/lib/apt/lists/lock'),
    ],
)
def test_the_words_of_locks(monkeypatch, line, words):
    monkeypatch.setattr(_package_manager.time, 'sleep', lambda seconds: None)
    host = RecordedHost([(2, u'', line + u'\n')] * 5, files={'/proc/1755/cmdline': u'unattended-upgrade\0'})
    with pytest.raises(DockfleetError) as caught:
        Apt(host, patience=5).finish(['docker-ce'])
    assert words in caught.value.message and 'in 5 seconds' in caught.value.message and 'docker_engine_lock_timeout' in caught.value.message


UNKNOWN = (100, '', 'E: Unable to locate package bind9-dnsutils\n')
DONE = (0, 'Setting up\n', '')


@pytest.mark.parametrize('answers, commands', [
    ([DONE], ['install']),
    # lists that are missing or old
    ([UNKNOWN, DONE, DONE], ['install', 'update', 'install']),
])  # fmt: skip
def test_install_a_tool(answers, commands):
    host = RecordedHost(answers)
    assert Apt(host).install_one_of(['bind9-dnsutils', 'dnsutils']) == 'bind9-dnsutils'
    assert [next(word for word in argv if word in ('install', 'update')) for argv, dummy in host.asked] == commands
    assert '--no-remove' in host.asked[0][0] and host.asked[0][0][-1] == 'bind9-dnsutils'


def test_install_a_tool_by_its_older_name():
    host = RecordedHost([UNKNOWN, DONE, UNKNOWN, DONE])
    assert Apt(host).install_one_of(['bind9-dnsutils', 'dnsutils']) == 'dnsutils'


def test_tool_that_cannot_be_installed():
    host = RecordedHost([UNKNOWN, (100, '', 'E: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Connection refused\n')])
    with pytest.raises(DockfleetError) as caught:
        Apt(host).install_one_of(['bind9-dnsutils'])
    assert caught.value.message.startswith('apt-get failed to install bind9-dnsutils: E: Failed to fetch http://deb.debian.org')
