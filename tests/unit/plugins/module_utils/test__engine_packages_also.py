# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_also import (
    further_steps,
    kept,
    names_going,
    read_conffiles,
    to_purge,
    without_needed,
)
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_change import change_to_absent
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager import no_change

CONFFILES = '''\
containerd.io\tii~
 /etc/containerd/config.toml 11111111111111111111111111111111
docker-ce\trc~
 /etc/default/docker 22222222222222222222222222222222
 /etc/init.d/docker 33333333333333333333333333333333 obsolete
docker.io\trc~
 /etc/init.d/docker 44444444444444444444444444444444
docker-ce-cli\tun~
'''.replace('~', ' ')


def look(installed, configuration=None, brought=(), kind='deb'):
    packages = {'kind': kind, 'installed': dict((name, {'full': '1'}) for name in installed)}
    return {'packages': packages, 'brought': list(brought), 'gone': ['libold'], 'remembered': True, 'configuration': configuration or {}}


def removal(*names):
    return dict(no_change(), remove=dict.fromkeys(names, '1'))


def test_configuration_files_are_told_from_changed_ones():
    digests = {'/etc/containerd/config.toml': 'f' * 32, '/etc/default/docker': '2' * 32}
    assert read_conffiles(CONFFILES, digests.get) == {
        'containerd.io': {'left': False, 'changed': ['/etc/containerd/config.toml']},
        'docker-ce': {'left': True, 'changed': []},
        'docker.io': {'left': True, 'changed': []},
    }


@pytest.mark.parametrize('name, left, changed, removed, purged', [
    ('docker-ce', True, [], False, True),
    ('docker-ce', False, [], True, True),
    ('docker-ce', False, [], False, False),
    ('docker-ce', True, ['/etc/default/docker'], False, False),
    ('docker.io', True, [], True, False),
    ('libold', True, [], False, True),
    ('libother', True, [], False, False),
])  # fmt: skip
def test_only_unchanged_files_of_dockers_own_packages_are_purged(name, left, changed, removed, purged):
    found = look([], {name: {'left': left, 'changed': changed}})
    assert to_purge(found, removal(*([name] if removed else []))) == ([name] if purged else [])


def test_purging_docker_io_would_delete_data_and_that_is_told():
    found = look(['docker.io', 'containerd'], {'docker.io': {'left': False, 'changed': []}})
    told = kept(found, {}, removal('docker.io'))
    assert [entry['package'] for entry in told] == ['containerd', 'docker.io'] and '/var/lib/docker' in told[1]['why']


def test_what_came_along_is_forgotten_only_with_the_configuration():
    assert further_steps(look([]), {'also': ['dependencies']}, removal()) == []
    assert further_steps(look([]), {'also': ['dependencies', 'configuration']}, removal()) == [{'do': 'forget', 'kind': 'deb'}]


@pytest.mark.parametrize('kind, there, absent', [('deb', 'docker.io', 'podman-docker'), ('rpm', 'docker-common', 'podman-docker')])
def test_old_editions_go_and_podman_stays(kind, there, absent):
    names = names_going(look([], kind=kind), {'also': ['obsolete']})
    assert there in names and absent not in names and names_going(look([]), {'also': []}) == []


class Manager(object):
    """Removes what is named with all that needs it."""

    def __init__(self, **needs):
        self.needs = needs

    def rehearse(self, change):
        gone = set(change['remove'])
        while True:
            more = set(name for name in self.needs if set(self.needs[name]) & gone) - gone
            if not more:
                return dict(no_change(), remove=dict.fromkeys(gone, '1'))
            gone |= more


@pytest.mark.parametrize('needs, going, needed', [
    ({}, ['liba', 'libb'], None),
    ({'liba': ['libb']}, ['liba', 'libb'], None),
    ({'web': ['liba']}, ['libb'], ['liba']),
    ({'liba': ['libb'], 'web': ['liba']}, [], ['liba', 'libb']),
])  # fmt: skip
def test_dependencies_go_unless_others_need_them_now(needs, going, needed):
    wish = {'state': 'absent', 'also': ['dependencies'], 'packages': None, 'package_versions': {}}
    found = without_needed(Manager(**needs), look(['docker-ce', 'liba', 'libb'], brought=['liba', 'libb']), wish, change_to_absent)
    assert found['brought'] == going and found.get('needed') == needed
