# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _engine_packages, _package_manager_rpm
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages import (
    ARGUMENT_SPEC,
    apply,
    differences,
    inquire,
    plan,
    rehearse,
    rehearse_unheld,
)
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import DOCKER, OBSOLETE, RIVALS
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook
from ansible_collections.dockfleet.host.plugins.module_utils._versions import upstream
from recordings import RecordedHost, play

RPM_AVAILABLE = {
    'docker-ce': ['3:26.1.4-1.el7', '3:26.1.3-1.el7', '3:20.10.24-3.el7', '3:20.10.9-3.el7'],
    'docker-ce-cli': ['1:26.1.4-1.el7', '1:26.1.3-1.el7', '1:20.10.24-3.el7', '1:20.10.9-3.el7'],
    'docker-ce-rootless-extras': ['26.1.4-1.el7', '26.1.3-1.el7', '20.10.24-3.el7', '20.10.9-3.el7'],
    'containerd.io': ['1.6.33-3.1.el7', '1.6.20-3.1.el7'],
    'docker-buildx-plugin': ['0.14.1-1.el7'],
    'docker-compose-plugin': ['2.27.1-1.el7', '2.26.1-1.el7'],
}
DEB_AVAILABLE = {
    'docker-ce': ['5:26.1.4-1~debian.12~bookworm', '5:26.1.3-1~debian.12~bookworm', '5:20.10.24~3-0~debian-bookworm'],
    'docker-ce-cli': ['5:26.1.4-1~debian.12~bookworm', '5:26.1.3-1~debian.12~bookworm', '5:20.10.24~3-0~debian-bookworm'],
    'docker-ce-rootless-extras': ['5:26.1.4-1~debian.12~bookworm', '5:26.1.3-1~debian.12~bookworm', '5:20.10.24~3-0~debian-bookworm'],
    'containerd.io': ['1.6.33-1', '1.6.20-1'],
    'docker-buildx-plugin': ['0.14.1-1~debian.12~bookworm'],
    'docker-compose-plugin': ['2.27.1-1~debian.12~bookworm'],
}
OLD = {
    'docker-ce': '3:26.1.3-1.el7',
    'docker-ce-cli': '1:26.1.3-1.el7',
    'containerd.io': '1.6.20-3.1.el7',
    'docker-buildx-plugin': '0.14.1-1.el7',
    'docker-compose-plugin': '2.26.1-1.el7',
}
EXTRAS = {'docker-ce-rootless-extras': '26.1.3-1.el7'}


def wish(**values):
    defaults = dict((name, option.get('default')) for name, option in ARGUMENT_SPEC.items())
    return dict(defaults, **values)


def package(full, **more):
    return dict({'full': full, 'version': upstream(full), 'unfinished': '', 'broken': False}, **more)


NO_HOLDS = {'tool': 'dnf', 'missing': '', 'off': '', 'entries': []}
IDLE = {'running': False, 'info': None}


def look(installed=None, available=None, kind='rpm', effects='as planned', units=None, holds=None, daemon=None, users=None, **more):
    packages = dict((name, package(full)) for name, full in (installed or {}).items())
    found = {
        'packages': {'kind': kind, 'asked': sorted(DOCKER + OBSOLETE[kind] + RIVALS), 'installed': packages, 'holds': holds or NO_HOLDS, 'group': [],
                     'users': users or {}},
        'service': {'systemd': True, 'units': units or {}},
        'daemon': daemon or IDLE,
    }
    if available is not None:
        found['available'] = available
        found['effects'] = effects
    return dict(found, **more)


def change(**kinds):
    return dict({'install': {}, 'upgrade': {}, 'downgrade': {}, 'remove': {}}, **kinds)


def shown(**kinds):
    """A plan as it is returned."""
    return dict(change(hold={}, unhold={}), **kinds)


class Obedient(object):
    """A package manager that does what it is told, and brings along what a table says."""

    name = 'obedient'
    is_stopped_by_own_holds = False

    def __init__(self, brings=None, takes=None):
        self.brings = brings or {}
        self.takes = takes or {}
        self.rehearsed = []

    def rehearse(self, wanted):
        self.rehearsed.append(wanted)
        come = dict(self.brings, **wanted['install'])
        for kind in ('upgrade', 'downgrade'):
            come = dict((name, version) for name, version in come.items() if name not in wanted[kind])
        return dict(wanted, install=come, remove=dict(self.takes, **wanted['remove']))


def planned(installed, available, wished, kind='rpm', manager=None, **more):
    """The plan as the host makes it, with everything inquired."""
    found = look(installed, available, kind, **more)
    found.pop('effects')
    return plan(rehearse(manager or Obedient(), found, wished), wished)


def versions(changes):
    return dict((kind, dict((name, upstream(version)) for name, version in packages.items())) for kind, packages in changes.items() if packages)


# --- from the package database alone ---


@pytest.mark.parametrize(
    'wished',
    [
        {},
        {'version': 'present'},
        {'version': '26.1'},
        {'version': 26},
        {'version': '26.1.3'},
        {'version': 'v26.1.3'},
        {'version': '3:26.1.3-1.el7'},
        {'version': '5:26.1.3-1~debian.12~bookworm'},
        {'version': '26.1', 'package_versions': {'containerd.io': '1.6'}},
        {'packages': ['docker-ce', 'docker-ce-cli']},
        {'packages': [b'docker-ce', b'docker-ce-cli'], 'version': b'26.1'},
    ],
)
def test_a_converged_host_is_known_without_its_repositories(wished):
    found = plan(look(dict(OLD, **EXTRAS)), wish(**wished))
    assert not found.changed
    assert found.before == found.after
    assert found.result['available'] == {}
    assert not any(found.result['plan'].values())


@pytest.mark.parametrize(
    'installed, wished',
    [
        ({}, {}),
        (OLD, {'version': 'latest'}),
        (OLD, {'state': 'latest'}),
        (OLD, {'version': '26.1.4'}),
        (OLD, {'version': '26.1.3-2'}),
        (OLD, {'package_versions': {'containerd.io': '1.6.33'}}),
        (OLD, {'packages': ['docker-ce', 'docker-model-plugin']}),
        # B30: both fit the prefix, but they are two versions
        (dict(OLD, **{'docker-ce-cli': '1:26.1.4-1.el7'}), {'version': '26.1'}),
        (dict(OLD, **{'docker-ce-rootless-extras': '26.1.4-1.el7'}), {'version': '26.1.3'}),
        (dict((name, version) for name, version in OLD.items() if name != 'docker-ce-cli'), {}),
    ],
)
def test_only_the_repositories_can_tell(installed, wished):
    with pytest.raises(NotInLook):
        plan(look(installed), wish(**wished))


def test_a_package_that_was_not_looked_for():
    with pytest.raises(NotInLook):
        plan(look(OLD), wish(packages=['docker-ce', 'docker-new-plugin']))
    with pytest.raises(NotInLook):
        plan(look(OLD), wish(replace=['cockpit-podman']))


def test_B30_a_difference_that_nobody_wished_away_is_told():
    found = plan(look(dict(OLD, **{'docker-ce-cli': '1:26.1.4-1.el7'})), wish())
    assert not found.changed
    assert 'docker-ce 26.1.3, docker-ce-cli 26.1.4' in found.warnings[0]


# --- resolved against the repositories ---

NEW = {
    'docker-ce': '26.1.4',
    'docker-ce-cli': '26.1.4',
    'containerd.io': '1.6.33',
    'docker-buildx-plugin': '0.14.1',
    'docker-compose-plugin': '2.27.1',
}


@pytest.mark.parametrize('kind, available', [('rpm', RPM_AVAILABLE), ('deb', DEB_AVAILABLE)])
@pytest.mark.parametrize(
    'wished, expected',
    [
        ({}, NEW),
        ({'version': 'latest'}, NEW),
        ({'version': '26'}, NEW),
        ({'version': '26.1.3'}, dict(NEW, **{'docker-ce': '26.1.3', 'docker-ce-cli': '26.1.3'})),
        ({'version': '20.10'}, dict(NEW, **{'docker-ce': '20.10.24', 'docker-ce-cli': '20.10.24'})),
        ({'version': '3:20.10.24-3.el7'}, dict(NEW, **{'docker-ce': '20.10.24', 'docker-ce-cli': '20.10.24'})),
        ({'version': '5:26.1.3-1~debian.12~bookworm'}, dict(NEW, **{'docker-ce': '26.1.3', 'docker-ce-cli': '26.1.3'})),
        ({'package_versions': {'containerd.io': '1.6.20'}}, dict(NEW, **{'containerd.io': '1.6.20'})),
        ({'packages': ['docker-ce-cli'], 'version': '26.1.3'}, {'docker-ce-cli': '26.1.3'}),
    ],
)
def test_the_same_wish_means_the_same_on_every_distribution(kind, available, wished, expected):
    found = planned({}, available, wish(**wished), kind)
    assert versions(found.result['plan']) == {'install': expected}
    assert [step['do'] for step in found.steps] == ['transact']
    assert found.after == found.steps[0]['change']['install']
    assert found.result['available'] == available


def test_B29_one_string_for_packages_of_different_epochs():
    found = planned({}, RPM_AVAILABLE, wish(version='3:26.1.3-1.el7', packages=['docker-ce', 'docker-ce-cli']))
    assert found.result['plan']['install'] == {'docker-ce': '3:26.1.3-1.el7', 'docker-ce-cli': '1:26.1.3-1.el7'}


def test_B28_the_epoch_counts():
    found = planned(
        {'docker-ce': '3:18.09.7-3.el7', 'docker-ce-cli': '1:18.09.7-3.el7'},
        {'docker-ce': ['3:19.03.2-3.el7', '3:18.09.7-3.el7'], 'docker-ce-cli': ['1:19.03.2-3.el7', '1:18.09.7-3.el7']},
        wish(version='19.03.2', packages=['docker-ce', 'docker-ce-cli']),
    )
    assert found.result['plan'] == shown(upgrade={'docker-ce': '3:19.03.2-3.el7', 'docker-ce-cli': '1:19.03.2-3.el7'})


@pytest.mark.parametrize(
    'installed, wished, expected',
    [
        # What is installed stays, unless the newest of everything is wished.
        (OLD, {'version': '26.1.4'}, {'upgrade': {'docker-ce': '26.1.4', 'docker-ce-cli': '26.1.4'}}),
        (
            OLD,
            {'version': 'latest'},
            {'upgrade': {'docker-ce': '26.1.4', 'docker-ce-cli': '26.1.4', 'containerd.io': '1.6.33', 'docker-compose-plugin': '2.27.1'}},
        ),
        (OLD, {'package_versions': {'containerd.io': '1.6.33-3.1.el7'}}, {'upgrade': {'containerd.io': '1.6.33'}}),
        # Rootless extras follow though nobody lists them.
        (
            dict(OLD, **EXTRAS),
            {'version': '26.1.4'},
            {'upgrade': {'docker-ce': '26.1.4', 'docker-ce-cli': '26.1.4', 'docker-ce-rootless-extras': '26.1.4'}},
        ),
        # What is missing comes in the version of what is there.
        ({'docker-ce': '3:26.1.3-1.el7'}, {'packages': ['docker-ce', 'docker-ce-cli']}, {'install': {'docker-ce-cli': '26.1.3'}}),
        ({'docker-ce': '3:26.1.3-1.el7'}, {'packages': ['docker-ce', 'docker-ce-cli'], 'version': '26.1'}, {'install': {'docker-ce-cli': '26.1.3'}}),
        # B30: two versions become one.
        (
            {'docker-ce': '3:26.1.3-1.el7', 'docker-ce-cli': '1:26.1.4-1.el7'},
            {'packages': ['docker-ce', 'docker-ce-cli'], 'version': '26.1'},
            {'upgrade': {'docker-ce': '26.1.4'}},
        ),
        (
            {'docker-ce': '3:26.1.3-1.el7', 'docker-ce-cli': '1:20.10.9-3.el7'},
            {'packages': ['docker-ce', 'docker-ce-cli'], 'version': '26.1.3'},
            {'upgrade': {'docker-ce-cli': '26.1.3'}},
        ),
    ],
)
def test_changes_of_an_installed_engine(installed, wished, expected):
    assert versions(planned(installed, RPM_AVAILABLE, wish(**wished)).result['plan']) == expected


def test_B30_a_dependency_of_the_engine_follows_its_version():
    manager = Obedient(brings={'docker-ce-rootless-extras': '26.1.4-1.el7', 'iptables': '1.4.21-35.el7'})
    found = planned({}, RPM_AVAILABLE, wish(version='20.10'), manager=manager)
    assert found.steps[0]['change']['install']['docker-ce-rootless-extras'] == '20.10.24-3.el7'
    assert found.result['plan']['install']['iptables'] == '1.4.21-35.el7'
    assert 'iptables' not in found.steps[0]['change']['install']
    assert len(manager.rehearsed) == 2


def test_a_mirror_that_lags_behind_is_no_reason_to_go_back():
    newer = {'docker-ce': '3:26.1.5-1.el7', 'docker-ce-cli': '1:26.1.5-1.el7'}
    assert not planned(newer, RPM_AVAILABLE, wish(version='latest', packages=['docker-ce', 'docker-ce-cli'])).changed


def test_a_published_release_is_taken_by_its_full_name():
    available = {'docker-ce': ['3:26.1.4-2.el7', '3:26.1.4-1.el7']}
    wished = wish(version='26.1.4-2', packages=['docker-ce'])
    assert planned({'docker-ce': '3:26.1.4-1.el7'}, available, wished).result['plan']['upgrade'] == {'docker-ce': '3:26.1.4-2.el7'}


def test_an_installed_version_that_is_no_longer_published_stays():
    available = dict(RPM_AVAILABLE, **{'docker-ce': ['3:26.1.4-1.el7'], 'docker-ce-cli': ['1:26.1.4-1.el7']})
    wished = wish(version='26.1.3', packages=['docker-ce', 'docker-ce-cli', 'docker-buildx-plugin'])
    found = planned({'docker-ce': '3:26.1.3-1.el7', 'docker-ce-cli': '1:26.1.3-1.el7'}, available, wished)
    assert versions(found.result['plan']) == {'install': {'docker-buildx-plugin': '0.14.1'}}


# --- refusals ---


def refusal(*arguments, **more):
    with pytest.raises(DockfleetError) as caught:
        planned(*arguments, **more)
    return caught.value


def test_B34_a_downgrade_is_refused():
    error = refusal(OLD, RPM_AVAILABLE, wish(version='20.10.9'))
    assert 'docker-ce, docker-ce-cli from 26.1.3 to 20.10.9' in error.message
    assert 'docker_engine_allow_downgrade' in error.message


def test_B34_a_downgrade_is_done_where_it_is_wished():
    found = planned(OLD, RPM_AVAILABLE, wish(version='20.10.9', allow_downgrade=True))
    assert versions(found.result['plan']) == {'downgrade': {'docker-ce': '20.10.9', 'docker-ce-cli': '20.10.9'}}
    assert 'data-root' in found.warnings[0]


def test_B34_a_package_of_its_own_is_not_downgraded_either():
    installed = dict(OLD, **{'containerd.io': '1.6.33-3.1.el7'})
    assert 'containerd.io from 1.6.33 to 1.6.20' in refusal(installed, RPM_AVAILABLE, wish(package_versions={'containerd.io': '1.6.20'})).message


@pytest.mark.parametrize(
    'wished, words',
    [
        ({'version': '20.10.1'}, 'No version 20.10.1 of docker-ce is in the repositories of this host. Nearest: 20.10.24, 20.10.9.'),
        ({'version': '20.1'}, 'Nearest: 20.10.24, 20.10.9.'),
        ({'package_versions': {'containerd.io': '1.7'}}, 'No version 1.7 of containerd.io'),
        ({'packages': ['docker-ce', 'docker-model-plugin']}, 'has docker-model-plugin. Take it out of docker_engine_packages'),
        ({'version': 20.10}, 'docker_engine_version: 20.1 is a number'),
        ({'version': 'newest'}, 'docker_engine_version: "newest" is not a version'),
        ({'version': '26.1', 'state': 'latest'}, 'while the state is "latest"'),
        ({'package_versions': {'docker-ce-cli': '26.1'}}, 'go by one version'),
        ({'package_versions': {'nginx': '1'}}, 'docker_engine_package_versions names nginx'),
        ({'package_versions': {'containerd.io': '>1'}}, 'docker_engine_package_versions["containerd.io"]: ">1" is not a version'),
    ],
)
def test_what_cannot_be(wished, words):
    assert words in refusal({}, RPM_AVAILABLE, wish(**wished)).message


def test_a_version_that_only_the_engine_has():
    available = dict(RPM_AVAILABLE, **{'docker-ce-cli': ['1:26.1.3-1.el7']})
    message = refusal({}, available, wish(version='26.1.4')).message
    assert 'docker-ce-cli 26.1.4 is not in the repositories of this host, though docker-ce is. They have: 26.1.3.' in message
    # A prefix takes the newest that all of them have.
    assert planned({}, available, wish(version='26.1')).result['plan']['install']['docker-ce'] == '3:26.1.3-1.el7'


def test_no_repository_of_docker():
    error = refusal({}, {}, wish())
    assert 'docker_repo' in error.message and error.details['stage'] == 'repository'


def test_host_without_a_package_database():
    found = look()
    found['packages']['kind'] = None
    with pytest.raises(DockfleetError):
        plan(found, wish())


@pytest.mark.parametrize('users', [{'alice': False, 'mallory': None}, {'mallory': None}])
def test_B95_an_unknown_user_is_found_before_anything_is_installed(users):
    with pytest.raises(DockfleetError) as caught:
        plan(look({}, RPM_AVAILABLE, users=users), wish(users=sorted(users)))
    assert 'docker_engine_users names mallory, and this host has no such user' in caught.value.message and caught.value.details['stage'] == 'users'


def test_B95_users_whom_the_look_does_not_know_are_looked_at():
    with pytest.raises(NotInLook):
        plan(look({}, RPM_AVAILABLE), wish(users=['alice']))


def test_known_users_are_no_matter_of_the_packages():
    assert plan(look(OLD, users={'alice': False, 'bob': True}), wish(users=['alice', 'bob'])).steps == []


def test_B85_a_masked_unit_is_found_before_anything_is_installed():
    with pytest.raises(DockfleetError) as caught:
        plan(look({}, RPM_AVAILABLE, units={'docker.service': {'LoadState': 'masked'}}), wish())
    assert 'systemctl unmask docker.service' in caught.value.message


# --- what has to make room ---


@pytest.mark.parametrize('kind, available', [('rpm', RPM_AVAILABLE), ('deb', DEB_AVAILABLE)])
def test_B40_the_full_list_of_old_packages_goes_when_docker_newly_comes(kind, available):
    installed = dict((name, '1.13.1-1') for name in OBSOLETE[kind])
    found = planned(installed, available, wish(), kind)
    assert sorted(found.result['plan']['remove']) == sorted(OBSOLETE[kind])
    assert any('/var/lib/docker' in text for text in found.warnings)


@pytest.mark.parametrize(
    'installed, available, kind',
    [
        (dict(OLD, **{'docker-common': '1.13.1-1', 'podman': '4.0-1'}), RPM_AVAILABLE, 'rpm'),
        (
            {'docker-ce': '5:26.1.3-1~debian.12~bookworm', 'docker-ce-cli': '5:26.1.3-1~debian.12~bookworm', 'docker-compose': '1.29.2-3', 'runc': '1.1-1'},
            DEB_AVAILABLE,
            'deb',
        ),
    ],
)
def test_B40_nothing_is_removed_from_a_host_that_has_docker(installed, available, kind):
    wished = wish(version='26.1.4', packages=['docker-ce', 'docker-ce-cli'], replace=['podman', 'runc'])
    assert planned(installed, available, wished, kind).result['plan']['remove'] == {}


def test_B40_a_runtime_of_other_tools_stays():
    found = planned({'containerd': '1.6.20~ds1-1', 'runc': '1.1-1'}, DEB_AVAILABLE, wish(), 'deb')
    assert found.result['plan']['remove'] == {}


def test_B39_what_nobody_named_is_not_taken_away():
    error = refusal({'podman': '4.0-1', 'runc': '1.1-1'}, RPM_AVAILABLE, wish(replace=['runc']), manager=Obedient(takes={'podman': '4.0-1'}))
    assert 'podman 4.0-1, which nobody named' in error.message
    assert 'docker_engine_replace' in error.message and error.details['would_remove'] == ['podman']


def test_B39_what_was_named_goes_in_the_same_transaction():
    wished = wish(replace=['podman', 'runc', 'buildah'], packages=['docker-ce'])
    found = planned({'podman': '4.0-1', 'runc': '1.1-1'}, RPM_AVAILABLE, wished)
    assert len(found.steps) == 1
    assert found.steps[0]['change'] == change(install={'docker-ce': '3:26.1.4-1.el7'}, remove={'podman': '4.0-1', 'runc': '1.1-1'})


@pytest.mark.parametrize('manager, program', [(_package_manager_rpm.Dnf4, 'dnf4'), (_package_manager_rpm.Dnf5, 'dnf5')])
def test_B39_a_conflict_says_what_to_set(monkeypatch, manager, program):
    # As if docker were a tool that is not replaced unasked: dnf's words are the same for all of them.
    monkeypatch.setitem(_engine_packages.OBSOLETE, 'rpm', ())
    found = look({'docker': '2:1.13.1-209.el7'}, RPM_AVAILABLE)
    with pytest.raises(DockfleetError) as caught:
        rehearse(manager(RecordedHost([play(program, 'conflict')])), found, wish(packages=['docker-ce', 'docker-ce-cli']))
    assert 'beside docker 1.13.1' in caught.value.message
    assert caught.value.details['would_remove'] == ['docker']


def test_a_package_manager_that_would_do_less_is_stopped():
    class Lazy(Obedient):
        def rehearse(self, wanted):
            return change()

    assert 'it passes over docker-ce 3:26.1.4-1.el7' in refusal({}, RPM_AVAILABLE, wish(packages=['docker-ce']), manager=Lazy()).message


# --- removal ---


def test_absent_takes_all_of_docker_that_is_there():
    found = planned(dict(OLD, podman='4.0-1', **EXTRAS), {}, wish(state='absent'))
    assert sorted(found.result['plan']['remove']) == sorted(list(OLD) + list(EXTRAS))
    assert found.after == {'podman': '4.0-1'}


def test_absent_takes_only_what_is_named():
    assert list(planned(OLD, {}, wish(state='absent', packages=['docker-compose-plugin'])).result['plan']['remove']) == ['docker-compose-plugin']


def test_absent_where_nothing_is_there_needs_no_rehearsal():
    assert not plan(look({'podman': '4.0-1'}), wish(state='absent')).changed


def test_absent_is_rehearsed_first():
    with pytest.raises(NotInLook):
        plan(look(OLD), wish(state='absent'))
    error = refusal(OLD, {}, wish(state='absent'), manager=Obedient(takes={'portainer': '2.0-1'}))
    assert 'portainer 2.0-1' in error.message and 'docker_engine_packages' in error.message


# --- check mode where the repository is still to come ---


def test_a_host_whose_repository_is_still_to_come():
    found = plan(dict(look(), available=None, unresolved='Docker\'s repository is not set up.'), wish(version='26.1'))
    assert found.result['plan']['install'] == {
        'docker-ce': '26.1',
        'docker-ce-cli': '26.1',
        'containerd.io': 'newest',
        'docker-buildx-plugin': 'newest',
        'docker-compose-plugin': 'newest',
    }
    assert found.changed
    assert 'not set up' in found.warnings[0]


def test_an_upgrade_that_is_still_to_be_resolved():
    found = plan(dict(look(OLD), available=None, unresolved='The mirror is down.'), wish(version='28'))
    assert found.result['plan'] == shown(upgrade={'docker-ce': '28', 'docker-ce-cli': '28'})


# --- on the host ---

SOURCE = {'/etc/yum.repos.d/docker-ce.repo': u'[docker-ce-stable]\n'}
# What the package database says where nothing of Docker is there.
NONE_YET = (1, u'', u'')


def test_inquire_in_check_mode_asks_nobody_where_docker_has_no_repository():
    host = RecordedHost([NONE_YET], ['yum', 'repoquery'])
    found = inquire(host, look(), wish(), True)
    assert found['available'] is None and 'not set up' in found['unresolved']
    assert [argv[:2] for argv, _data in host.asked] == [['rpm', '--query']]


def test_inquire_in_check_mode_survives_a_repository_that_does_not_answer():
    host = RecordedHost([play('yum3', '60-unreachable-refused'), NONE_YET], ['yum', 'repoquery'], SOURCE)
    found = inquire(host, look(), wish(), True)
    assert 'curl#7' in found['unresolved']
    assert plan(found, wish()).changed


def test_inquire_stops_where_a_repository_does_not_answer():
    with pytest.raises(DockfleetError) as caught:
        inquire(RecordedHost([play('yum3', '60-unreachable-refused')] * 2 + [NONE_YET], ['yum', 'repoquery'], SOURCE), look(), wish(), False)
    assert caught.value.details['stage'] == 'repository'


@pytest.mark.parametrize('read_only', [True, False])
def test_inquire_writes_metadata_elsewhere_in_check_mode(read_only):
    fill = [(0, u'', u'')] if read_only else []
    query = (0, play('dnf4', 'query')[1] + u'docker-ce-rootless-extras 0 26.1.4 1.el7 noarch\n', u'')
    host = RecordedHost(fill + [query] + [play('dnf4', 'install-dependencies')] * 2 + [NONE_YET], ['dnf'], SOURCE)
    inquire(host, look(), wish(version='26.1.4', packages=['docker-ce', 'docker-ce-cli', 'containerd.io']), read_only)
    assert len(host.asked) == len(fill) + 4
    for argv, _data in host.asked[len(fill):-1]:
        assert any(word.startswith('--setopt=cachedir=/') for word in argv) is read_only
        assert '-y' not in argv


BEHIND = u'docker-ce\t3:26.1.5-1.el7\t1\ndocker-ce-cli\t1:26.1.4-1.el7\t1\n'
DONE = u'docker-ce\t3:26.1.4-1.el7\t1\ndocker-ce-cli\t1:26.1.4-1.el7\t1\n'
NOTHING_TO_DO = (0, u'Package docker-ce is already installed.\nNothing to do.\nComplete!\n', u'')


@pytest.fixture
def engine_comes_meanwhile(monkeypatch):
    """Looks of a host on which another run has just installed the engine."""
    later = look({'docker-ce': '3:26.1.4-1.el7', 'docker-ce-cli': '1:26.1.4-1.el7'})
    monkeypatch.setattr(_engine_packages, 'look_at', lambda host, needs, wish: later)
    return later


def test_what_another_run_has_done_while_it_held_the_lock_is_seen(engine_comes_meanwhile):
    wished = wish(packages=['docker-ce', 'docker-ce-cli'])
    query = (0, play('dnf4', 'query')[1], u'')
    host = RecordedHost([query, NOTHING_TO_DO, (0, DONE, u''), query, (0, DONE, u'')], ['dnf'], SOURCE)
    found = inquire(host, look(), wished, False)
    assert host.answers == [] and found['packages'] == engine_comes_meanwhile['packages']
    assert not plan(found, wished).changed


def test_a_refusal_stands_where_nobody_has_changed_anything_meanwhile():
    host = RecordedHost([(0, play('dnf4', 'query')[1], u''), NOTHING_TO_DO, NONE_YET], ['dnf'], SOURCE)
    with pytest.raises(DockfleetError) as caught:
        inquire(host, look(), wish(packages=['docker-ce', 'docker-ce-cli']), False)
    assert host.answers == [] and 'Nothing to do' in caught.value.message


def test_packages_that_never_rest_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(_engine_packages, 'look_at', lambda host, needs, wish: look())
    round_of_questions = [(0, play('dnf4', 'query')[1], u''), NOTHING_TO_DO, (0, DONE, u'')]
    host = RecordedHost(round_of_questions * _engine_packages.TRIALS, ['dnf'], SOURCE)
    with pytest.raises(DockfleetError) as caught:
        inquire(host, look(), wish(packages=['docker-ce', 'docker-ce-cli']), False)
    assert host.answers == [(0, DONE, u'')] and 'Nothing to do' in caught.value.message


def a_downgrade():
    return planned(
        {'docker-ce': '3:26.1.5-1.el7'}, RPM_AVAILABLE, wish(version='26.1.4', packages=['docker-ce', 'docker-ce-cli'], allow_downgrade=True)
    )


def test_B34_the_package_database_has_the_last_word():
    # yum says 0 and "Complete!", and has left the newer engine as it was.
    said = play('yum3', '96-install-older-mixed')
    assert said[0] == 0 and u'Complete!' in said[1]
    with pytest.raises(DockfleetError) as caught:
        apply(RecordedHost([said, (0, BEHIND, u'')], ['yum']), a_downgrade(), wish())
    assert 'docker-ce should be 3:26.1.4-1.el7 and is 3:26.1.5-1.el7' in caught.value.message
    assert caught.value.details['stage'] == 'transaction'


def test_a_download_that_fails_leaves_everything_and_says_so():
    host = RecordedHost([play('dnf4', 'download-fails'), (0, u'docker-ce\t3:26.1.5-1.el7\t1\n', u'')], ['dnf'])
    with pytest.raises(DockfleetError) as caught:
        apply(host, a_downgrade(), wish())
    assert 'nothing was changed' in caught.value.message and 'Cannot download' in caught.value.message
    assert 'docker_repo_mirror' in caught.value.message
    assert caught.value.message.count('[MIRROR]') == 1


def test_apply_returns_what_the_package_database_has():
    host = RecordedHost([play('yum3', '37-downgrade-two'), (0, DONE, u'')], ['yum'])
    assert apply(host, a_downgrade(), wish()) == {'after': {'docker-ce': '3:26.1.4-1.el7', 'docker-ce-cli': '1:26.1.4-1.el7'}}


TWICE = u'docker-ce\t3:26.1.4-1.el7\t1\ndocker-ce\t3:26.1.5-1.el7\t2\n'
INSTANCES = u'1 docker-ce docker-ce-26.1.4-1.el7.x86_64\n2 docker-ce docker-ce-26.1.5-1.el7.x86_64\n'


def interrupted(full, **state):
    found = look(OLD)
    found['packages']['installed']['docker-ce'] = package(full, unfinished='installed by half', **state)
    return found


def test_what_an_interrupted_run_left_is_seen_to_before_all_else():
    found = plan(interrupted('3:26.1.3-1.el7'), wish())
    assert [step['do'] for step in found.steps] == ['finish'] and found.steps[0]['packages'] == ['docker-ce']


def test_nothing_is_rehearsed_in_the_middle_of_an_interrupted_run():
    state = dict(interrupted('3:26.1.3-1.el7'), available=RPM_AVAILABLE)
    assert [step['do'] for step in plan(state, wish(version='26.1.4')).steps] == ['finish']


def test_what_an_interrupted_run_broke_comes_anew_in_the_version_of_the_rest():
    state = dict(interrupted('3:26.1.3-1.el7', broken=True), available=RPM_AVAILABLE, finished=True)
    expected = change(install={'docker-ce': '3:26.1.3-1.el7'})
    found = plan(dict(state, effects=expected), wish())
    assert [step['do'] for step in found.steps] == ['transact'] and found.steps[0]['change'] == expected


@pytest.mark.parametrize('name, version', [('docker-ce-rootless-extras', '26.1.3-1.el7'), ('docker-model-plugin', '1.0-1.el7')])
def test_what_an_interrupted_run_broke_comes_anew_though_nobody_names_it(name, version):
    state = dict(interrupted('3:26.1.3-1.el7'), available=dict(RPM_AVAILABLE, **{name: [version]}), finished=True)
    state['packages']['installed']['docker-ce'] = package('3:26.1.3-1.el7')
    state['packages']['installed'][name] = package(version, unfinished='installed by half', broken=True)
    state['effects'] = change(install={name: version})
    assert plan(state, wish()).steps[0]['change'] == change(install={name: version})


def test_what_an_interrupted_downgrade_broke_still_is_a_downgrade_for_the_package_manager():
    state = dict(interrupted('3:26.1.3-1.el7'), available=RPM_AVAILABLE, finished=True)
    state['packages']['installed']['docker-ce'] = package('3:26.1.3-1.el7')
    state['packages']['installed']['docker-ce-rootless-extras'] = package('26.1.4-1.el7', unfinished='installed by half', broken=True)
    expected = change(downgrade={'docker-ce-rootless-extras': '26.1.3-1.el7'})
    # The one that is there whole tells the version, and nothing goes back that is whole.
    assert plan(dict(state, effects=expected), wish()).steps[0]['change'] == expected


def test_apply_finishes_an_interrupted_run_and_plans_the_rest_anew(monkeypatch):
    looks = [look({'docker-ce': '3:26.1.5-1.el7'})]
    monkeypatch.setattr(_engine_packages, 'look_at', lambda host, needs, wish: looks.pop())
    state = look({})
    state['packages']['installed']['docker-ce'] = package('3:26.1.5-1.el7', unfinished='installed in 2 versions')
    only = wish(packages=['docker-ce'])
    host = RecordedHost([(0, INSTANCES, u''), (0, u'', u''), (0, u'docker-ce\t3:26.1.5-1.el7\t2\n', u'')], ['dnf'])
    assert apply(host, plan(state, only), only) == {'after': {'docker-ce': '3:26.1.5-1.el7'}}
    assert host.asked[1][0] == ['rpm', '--erase', '--nodeps', '--', 'docker-ce-26.1.4-1.el7.x86_64']


@pytest.mark.parametrize('still_there', [True, False])
def test_what_only_looked_interrupted_may_be_gone_meanwhile(still_there):
    gone = (1, u'', u'error: package docker-ce-26.1.4-1.el7.x86_64 is not installed\n')
    manager = _package_manager_rpm.Dnf4(RecordedHost([(0, INSTANCES, u''), gone, (0 if still_there else 1, u'', u'')]))
    if still_there:
        with pytest.raises(DockfleetError) as caught:
            manager.finish(['docker-ce'])
        assert 'failed to take away docker-ce-26.1.4-1.el7.x86_64' in caught.value.message
    else:
        manager.finish(['docker-ce'])
    assert manager.host.asked[-1][0] == ['rpm', '--query', '--', 'docker-ce-26.1.4-1.el7.x86_64']


def test_apply_does_not_call_a_run_finished_that_is_not(monkeypatch):
    state = look({})
    state['packages']['installed']['docker-ce'] = package('3:26.1.5-1.el7', unfinished='installed in 2 versions')
    monkeypatch.setattr(_engine_packages, 'look_at', lambda host, needs, wish: state)
    only = wish(packages=['docker-ce'])
    with pytest.raises(DockfleetError) as caught:
        apply(RecordedHost([(0, INSTANCES, u''), (0, u'', u''), (0, TWICE, u'')], ['dnf']), plan(state, only), only)
    assert 'docker-ce is installed in 2 versions' in caught.value.message


# --- holds ---

def holds(tool, *names, **more):
    """Holds of the collection, or with ours=False of somebody else, at the versions of OLD."""
    entries = []
    for name in names:
        epoch, dummy, rest = OLD[name].rpartition(':')
        entry = 'hold' if tool == 'apt' else '%s-%s:%s.*' % (name, epoch or '0', rest)
        entries.append({'name': name, 'entry': entry, 'ours': more.get('ours', True), 'where': 'the list line 7', 'undo': 'unlock %s' % name})
    return dict(NO_HOLDS, tool=tool, entries=entries)


def test_B36_a_hold_is_set_without_asking_a_repository():
    found = plan(look(OLD), wish(hold=True))
    assert [step['do'] for step in found.steps] == ['hold']
    assert found.result['plan'] == shown(hold=OLD)
    assert found.result['held'] == OLD
    assert found.after['docker-ce'] == '3:26.1.3-1.el7 (held)' and found.before['docker-ce'] == '3:26.1.3-1.el7'


def test_B36_a_held_host_is_converged():
    found = plan(look(OLD, holds=holds('dnf', *OLD)), wish(hold=True))
    assert not found.changed and found.before == found.after and found.result['held'] == OLD


def test_B36_the_way_back():
    found = plan(look(OLD, holds=holds('dnf', *OLD)), wish())
    assert [step['do'] for step in found.steps] == ['hold'] and found.steps[0]['holds'] == {}
    assert found.result['plan'] == shown(unhold=OLD)


@pytest.mark.parametrize('wished', [{}, {'hold': True}])
def test_B36_a_hold_of_somebody_else_is_neither_taken_over_nor_away(wished):
    found = plan(look(OLD, holds=holds('apt', 'docker-ce', ours=False)), wish(**wished))
    assert 'docker-ce' not in found.result['plan']['hold'] and found.result['plan']['unhold'] == {}
    assert bool(found.result['plan']['hold']) is bool(wished)
    assert found.result['held_by_others'] == {'docker-ce': 'the list line 7'}


def test_our_own_holds_move_with_the_engine():
    found = planned(OLD, RPM_AVAILABLE, wish(version='26.1.4', hold=True), holds=holds('dnf', *OLD))
    step, = found.steps
    assert step['do'] == 'transact' and step['had'] == sorted(OLD)
    assert step['holds'] == dict(OLD, **{'docker-ce': '3:26.1.4-1.el7', 'docker-ce-cli': '1:26.1.4-1.el7'})
    assert versions(found.result['plan'])['hold'] == {'docker-ce': '26.1.4', 'docker-ce-cli': '26.1.4'}


def test_what_comes_along_is_held_too():
    manager = Obedient(brings={'docker-ce-rootless-extras': '26.1.4-1.el7', 'iptables': '1.4.21-35.el7'})
    found = planned({}, RPM_AVAILABLE, wish(version='26.1.4', hold=True), manager=manager)
    assert 'docker-ce-rootless-extras' in found.steps[0]['holds'] and 'iptables' not in found.steps[0]['holds']


@pytest.mark.parametrize('tool', ['dnf', 'apt'])
@pytest.mark.parametrize('wished', [{'version': '26.1.4'}, {'version': 'latest'}, {'version': '20.10.9', 'allow_downgrade': True}])
def test_a_hold_of_somebody_else_is_named_and_not_overridden(tool, wished):
    error = refusal(OLD, RPM_AVAILABLE, wish(**wished), holds=holds(tool, 'docker-ce', ours=False))
    assert 'docker-ce is held in version 26.1.3 by the list line 7' in error.message and '"unlock docker-ce"' in error.message
    assert error.details['barred'] == [{'name': 'docker-ce', 'by': 'the list line 7'}]


def test_a_hold_of_somebody_else_on_a_dependency_counts():
    held = holds('apt')
    held['entries'] = [{'name': 'iptables', 'entry': 'hold', 'ours': False, 'where': 'a mark', 'undo': 'unmark iptables'}]
    assert 'iptables is held by a mark' in refusal({}, DEB_AVAILABLE, wish(), 'deb', Obedient(brings={'iptables': '1.8-1'}), holds=held).message


def test_a_hold_of_somebody_else_keeps_a_package_from_going():
    assert 'docker-ce is held' in refusal(OLD, {}, wish(state='absent'), holds=holds('apt', 'docker-ce', ours=False)).message
    # A lock of versions has nothing against that.
    assert planned(OLD, {}, wish(state='absent'), holds=holds('dnf', 'docker-ce', ours=False)).changed


def test_absent_takes_our_holds_along():
    found = planned(OLD, {}, wish(state='absent', hold=True), holds=holds('dnf', 'docker-ce'))
    assert found.steps[0]['had'] == ['docker-ce'] and found.steps[0]['holds'] == {}


def test_the_plugin_of_holds_comes_in_the_same_transaction():
    lacking = dict(NO_HOLDS, missing='python3-dnf-plugin-versionlock')
    available = dict(RPM_AVAILABLE, **{'python3-dnf-plugin-versionlock': ['4.0.21-1.el7']})
    found = planned({}, available, wish(hold=True), holds=lacking)
    assert found.steps[0]['change']['install']['python3-dnf-plugin-versionlock'] == '4.0.21-1.el7'
    assert 'python3-dnf-plugin-versionlock' not in found.steps[0]['holds']
    assert planned(OLD, RPM_AVAILABLE, wish(), holds=lacking).changed is False
    error = refusal(OLD, RPM_AVAILABLE, wish(hold=True), holds=lacking)
    assert 'docker_engine_hold needs the package python3-dnf-plugin-versionlock' in error.message


def test_a_plugin_that_is_switched_off_holds_nothing():
    with pytest.raises(DockfleetError) as caught:
        plan(look(OLD, holds=dict(NO_HOLDS, off='/etc/dnf/plugins/versionlock.conf')), wish(hold=True))
    assert '/etc/dnf/plugins/versionlock.conf switches the plugin versionlock off' in caught.value.message


def test_a_package_that_a_setting_hides_is_told_with_the_setting():
    hides = [{'where': 'exclude=docker* in /etc/dnf/dnf.conf', 'key': 'exclude', 'patterns': ['docker*']}]
    available = dict(RPM_AVAILABLE, **{'docker-ce-cli': []})
    with pytest.raises(DockfleetError) as caught:
        plan(look(OLD, available, excludes=hides), wish(version='26.1.4'))
    assert 'No enabled repository of this host has docker-ce-cli' in caught.value.message
    assert 'exclude=docker* in /etc/dnf/dnf.conf. It is not overridden' in caught.value.message
    with pytest.raises(DockfleetError) as caught:
        plan(look(OLD, available), wish(version='26.1.4'))
    assert 'exclude' not in caught.value.message


def test_a_pin_of_somebody_else_is_named_and_not_overridden():
    pins = {'docker-ce': {'allows': ['5:26.1.3-1~debian.12~bookworm'], 'where': '/etc/apt/preferences.d/docker (Package: docker-ce)'}}
    assert 'held by /etc/apt/preferences.d/docker' in refusal({}, DEB_AVAILABLE, wish(version='26.1.4'), 'deb', pins=pins).message
    assert planned({}, DEB_AVAILABLE, wish(version='26.1.3'), 'deb', pins=pins).changed


# --- the restart that packages bring ---

BUSY = {'running': True, 'info': {'ContainersRunning': 3, 'LiveRestoreEnabled': False}}
LIVE = {'running': True, 'info': {'ContainersRunning': 3, 'LiveRestoreEnabled': True}}


@pytest.mark.parametrize(
    'daemon, words',
    [(BUSY, 'running containers (3) stop, and start again only where'), (LIVE, 'running containers (3) stay up (live-restore)'), (IDLE, None)],
)
def test_the_plan_says_what_becomes_of_containers(daemon, words):
    found = planned(OLD, RPM_AVAILABLE, wish(version='26.1.4'), daemon=daemon)
    assert found.result['restart'] == {
        'needed': daemon['running'],
        'containers': 3 if daemon['running'] else 0,
        'live_restore': daemon is LIVE,
    }
    assert any(words in text for text in found.warnings) if words else not found.warnings


@pytest.mark.parametrize(
    'installed, wished, needed',
    [
        (OLD, {'version': '26.1.4'}, True),
        (OLD, {'package_versions': {'containerd.io': '1.6.33'}}, True),
        (OLD, {'state': 'absent'}, True),
        (OLD, {'package_versions': {'docker-compose-plugin': '2.27.1'}}, False),
        (OLD, {'hold': True}, False),
        (OLD, {}, False),
        ({}, {}, False),
    ],
)
def test_never_refuses_what_restarts_the_daemon_and_nothing_else(installed, wished, needed):
    if needed:
        error = refusal(installed, RPM_AVAILABLE, wish(restart='never', **wished), daemon=BUSY)
        assert 'docker_engine_restart is "never"' in error.message and 'running containers (3) stop' in error.message
        assert error.details['restart']['containers'] == 3
    else:
        assert planned(installed, RPM_AVAILABLE, wish(restart='never', **wished), daemon=BUSY).result['restart']['needed'] is False
    assert planned(installed, RPM_AVAILABLE, wish(restart='never', **wished), daemon=IDLE)


def test_a_copy_of_the_unit_is_told_when_the_engine_changes():
    units = {'docker.service': {'LoadState': 'loaded', 'FragmentPath': '/etc/systemd/system/docker.service'}}
    assert '/etc/systemd/system/docker.service: a copy that hides' in planned(OLD, RPM_AVAILABLE, wish(version='26.1.4'), units=units).warnings[0]
    assert plan(look(OLD, units=units), wish()).warnings == []


def test_B85_a_masked_unit_is_found_before_an_upgrade():
    assert 'systemctl unmask' in refusal(OLD, RPM_AVAILABLE, wish(version='26.1.4'), units={'docker.socket': {'LoadState': 'masked'}}).message


# --- back to what was ---


def test_restore_brings_back_what_was_there_and_takes_away_what_came():
    now = {'docker-ce': '3:26.1.4-1.el7', 'docker-ce-cli': '1:26.1.3-1.el7', 'containerd.io': '1.6.33-3.1.el7', 'docker-model-plugin': '1-1', 'podman': '4-1'}
    found = planned(now, {}, wish(restore=dict(OLD, podman='3-1')))
    assert found.result['plan'] == shown(
        downgrade={'docker-ce': '3:26.1.3-1.el7', 'containerd.io': '1.6.20-3.1.el7'},
        install={'docker-buildx-plugin': '0.14.1-1.el7', 'docker-compose-plugin': '2.26.1-1.el7'},
        remove={'docker-model-plugin': '1-1'},
    )
    assert not plan(look(OLD), wish(restore=OLD)).changed
    # There may have been nothing.
    assert planned(OLD, {}, wish(restore={})).result['plan'] == shown(remove=OLD)


def test_restore_brings_the_holds_back_too():
    assert plan(look(OLD), wish(restore=OLD, hold=True)).steps[0]['holds'] == OLD


# --- dependencies that no repository has ---


@pytest.mark.parametrize(
    'said, words',
    [
        (' - nothing provides container-selinux >= 2:2.74 needed by docker-ce-3:26.1.4-1.el7.x86_64\n', 'container-selinux usually comes from the '),
        ('           Requires: fuse-overlayfs >= 0.7\n           Requires: slirp4netns >= 0.4\n', 'slirp4netns usually comes from'),
        (' docker-ce : Depends: iptables but it is not installable\n', 'iptables usually comes from the repository "base"'),
    ],
)
def test_B37_a_missing_dependency_says_which_repository_has_it(said, words):
    class Lacking(Obedient):
        def rehearse(self, wanted):
            raise _package_manager_rpm.Dnf4(None).failure('prepare the transaction', u'', u'Error: \n' + said, 'dependencies')

    error = refusal({}, RPM_AVAILABLE, wish(), manager=Lacking())
    assert words in error.message and 'docker_repo_base' in error.message and error.details['missing']


# --- carried out ---


class Recorded(Obedient):
    """A package manager that notes the order of what happens."""

    def __init__(self, host, events, fails=False):
        Obedient.__init__(self)
        self.host, self.events, self.fails = host, events, fails

    def transact(self, wanted):
        self.events.append('transact')
        if self.fails:
            raise DockfleetError('no space', stage='transaction')
        return u'', u''


@pytest.mark.parametrize('fails', [False, True])
def test_our_holds_are_lifted_for_the_transaction_and_come_back_whatever_happens(monkeypatch, fails):
    events = []
    upgrade = planned(OLD, RPM_AVAILABLE, wish(version='26.1.4', hold=True, packages=['docker-ce']), holds=holds('dnf', 'docker-ce'))
    held = upgrade.result['after']
    monkeypatch.setattr(_engine_packages, 'manager_of', lambda host, kind, wish: Recorded(host, events, fails))
    monkeypatch.setattr(_engine_packages, 'set_ours', lambda host, manager, tool, wanted: events.append(sorted(wanted.items())))
    now = OLD if fails else held
    monkeypatch.setattr(_engine_packages, 'look_at_installed', lambda host, kind, names: dict((name, package(now[name])) for name in names if name in now))
    if fails:
        with pytest.raises(DockfleetError):
            apply(None, upgrade, wish())
        assert events == [[], 'transact', [('docker-ce', '3:26.1.3-1.el7')]]
    else:
        apply(None, upgrade, wish())
        assert events == [[], 'transact', sorted(upgrade.steps[0]['holds'].items())]


def test_dnf_5_is_shown_its_list_without_our_holds_but_not_in_check_mode(monkeypatch):
    events = []
    monkeypatch.setattr(_engine_packages, 'set_ours', lambda host, manager, tool, wanted: events.append(sorted(wanted)))
    monkeypatch.setattr(_engine_packages, 'look_at_installed', lambda host, kind, names: dict((name, package(OLD[name])) for name in names))
    manager = Obedient()
    manager.is_stopped_by_own_holds = True
    state = look(OLD, RPM_AVAILABLE, holds=holds('dnf5', 'docker-ce'))
    wished = wish(version='26.1.4', hold=True)
    assert rehearse_unheld(None, manager, state, wished, False)['effects'] and events == [[], ['docker-ce']]
    found = plan(rehearse_unheld(None, manager, state, wished, True), wished)
    assert len(events) == 2 and found.changed and 'cannot rehearse' in found.warnings[0]


@pytest.mark.parametrize(
    'before, after, expected',
    [
        ({'a': '1'}, {'a': '1'}, []),
        ({'a': '1'}, {'a': '2'}, ['a should be 1 and is 2']),
        ({}, {'a': '2'}, ['a should be absent and is 2']),
        ({'a': '1'}, {}, ['a should be 1 and is absent']),
    ],
)
def test_differences(before, after, expected):
    assert differences(before, after) == expected
