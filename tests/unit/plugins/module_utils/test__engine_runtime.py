# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import copy

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._engine_runtime import plan
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook

ACTIVE, DEAD, FAILED = ({'LoadState': 'loaded', 'ActiveState': state} for state in ('active', 'inactive', 'failed'))
CONTAINER = {'id': u'0123456789abcdef', 'name': u'web', 'image': u'nginx:1'}
RULES = u'*nat\n:PREROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\nCOMMIT\n'
LOOK = {
    'daemon': {'running': True},
    'packages': {'installed': {'docker-ce': {}, 'containerd.io': {}}, 'group': []},
    'service': {'systemd': True, 'units': {'docker.service': ACTIVE, 'docker.socket': ACTIVE, 'containerd.service': ACTIVE, 'firewalld.service': ACTIVE}},
    'traces': {
        'containers': [], 'others': [], 'bridges': [], 'firewall': {}, 'nft': [], 'mounts': [], 'files': [], 'folders': [], 'zone': False, 'group_users': [],
    },
}
BARE = {
    'daemon': {'running': False},
    'packages': {'installed': {}, 'group': None},
    'service': {'systemd': True, 'units': {'docker.service': {'LoadState': 'not-found', 'ActiveState': 'inactive'}}},
}


def look(traces=None, **sections):
    found = copy.deepcopy(LOOK)
    found['traces'].update(traces or {})
    for name, section in sections.items():
        found[name].update(section)
    return found


def bare(**sections):
    """The sections of a host without Docker, with what differs."""
    found = copy.deepcopy(BARE)
    found.update(sections)
    return found


def listed(found, stop_containers=False, remove_group=False):
    return plan(found, {'stop_containers': stop_containers, 'remove_group': remove_group}).result['plan']


def test_without_a_look_at_what_runs_nothing_is_planned():
    with pytest.raises(NotInLook):
        plan({}, {})


def test_B84_the_socket_is_stopped_with_the_service_and_before_it():
    assert listed(look()) == ['docker.socket', 'docker.service', 'containerd.service']


def test_a_containerd_of_others_goes_on():
    assert listed(look(packages={'installed': {'docker.io': {}, 'containerd': {}}})) == ['docker.socket', 'docker.service']


def test_a_host_without_docker_has_nothing_to_do():
    assert listed(look(**BARE)) == [] and listed(look(**BARE), remove_group=True) == []


def test_running_containers_are_named_and_refused():
    with pytest.raises(DockfleetError) as refused:
        listed(look({'containers': [CONTAINER]}))
    assert '1 container runs on this host: web (nginx:1)' in refused.value.message
    assert 'docker_uninstall_stop_containers: true' in refused.value.message and refused.value.details['containers'] == ['web']
    assert listed(look({'containers': [CONTAINER]}), stop_containers=True)[0] == 'container web (nginx:1)'


def test_a_containerd_that_runs_more_than_docker_is_not_taken():
    with pytest.raises(DockfleetError) as refused:
        listed(look({'others': ['k8s.io']}), stop_containers=True)
    assert 'namespace k8s.io' in refused.value.message
    assert listed(look({'others': ['k8s.io']}, packages={'installed': {'docker.io': {}, 'containerd': {}}})) == ['docker.socket', 'docker.service']


def test_a_daemon_that_systemd_does_not_run_is_refused():
    with pytest.raises(DockfleetError) as refused:
        listed(look(service={'units': {'docker.service': DEAD}}))
    assert 'systemd does not run it' in refused.value.message


def test_B83_what_an_engine_leaves_in_the_kernel_goes():
    traces = {
        'bridges': [u'docker0'], 'firewall': {'iptables': RULES}, 'nft': [u'ip docker-bridges'],
        'mounts': [u'/run/docker/netns/x'], 'files': ['/run/docker.sock'],
    }  # fmt: skip
    assert listed(look(traces, **BARE)) == [
        u'iptables, table nat: chain DOCKER, rule "PREROUTING -m addrtype --dst-type LOCAL -j DOCKER"',
        u'nft table ip docker-bridges',
        u'network interface docker0',
        u'mount /run/docker/netns/x',
        '/run/docker.sock',
    ]


def test_empty_folders_go_when_nothing_installed_uses_them():
    assert listed(look({'folders': ['/etc/docker']}, **BARE)) == ['empty folder /etc/docker']
    assert listed(look({'folders': ['/etc/docker']}, **bare(packages={'installed': {'containerd': {}}, 'group': None}))) == []


def test_a_failed_unit_is_reset():
    found = bare(service={'systemd': True, 'units': {'docker.service': FAILED}})
    assert listed(look(**found)) == ['the failed state of docker.service']


@pytest.mark.parametrize('members, users, asked, goes, why', [
    ([], [], True, True, None),
    ([], [], False, False, 'docker_uninstall_group is false'),
    (['alice'], [], True, False, 'it has members: alice'),
    ([], ['bob'], True, False, 'it has members: bob'),
])  # fmt: skip
def test_the_group_goes_only_when_it_is_empty_and_asked_for(members, users, asked, goes, why):
    found = plan(look({'group_users': users}, packages={'group': members}), {'stop_containers': False, 'remove_group': asked})
    assert ('group docker' in found.result['plan']) is goes
    assert [entry['why'] for entry in found.result['kept']] == ([why] if why else [])


def test_what_stays_is_told_with_what_takes_it_away():
    rules = u'*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -s 192.0.2.1/32 -j DROP\nCOMMIT\n'
    kept = plan(look({'firewall': {'iptables': rules}, 'zone': True}, **BARE), {'stop_containers': False, 'remove_group': False}).result['kept']
    assert [entry['what'] for entry in kept] == ['iptables, chain DOCKER-USER', 'iptables, policy DROP of the chain FORWARD', 'firewalld zone docker']
    assert '-A DOCKER-USER -s 192.0.2.1/32 -j DROP' in kept[0]['why'] and all(entry['remedy'] for entry in kept)
