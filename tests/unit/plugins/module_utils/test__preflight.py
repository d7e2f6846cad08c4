# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from fit_host import FIT, PLACE, WISH, host, problems, words

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._preflight import judge, options_to_be, verdict


def test_a_fit_host_has_no_problem():
    result = judge(FIT, WISH)
    assert result['problems'] == []
    assert result['fit'] is True
    assert result['storage_driver'] == 'overlay2'
    assert (result['release']['family'], result['release']['distribution'], result['release']['value']) == ('rpm', 'centos', '7')


@pytest.mark.parametrize('os_release, said', [
    ({'ID': 'amzn', 'VERSION_ID': '2'}, 'Amazon'),
    ({'ID': 'slackware', 'VERSION_ID': '15.0'}, 'docker_repo_release'),
])
def test_a_distribution_without_packages_stops(os_release, said):
    changes = {'system__os_release': os_release}
    assert problems(changes) == [('stop', 'distribution')]
    assert said in words(changes)
    result = judge(host(**changes), WISH)
    assert result['fit'] is False and result['release'] is None


@pytest.mark.parametrize('current, ours, wish, expected', [
    ({'bip': '10.1.0.1/24', 'debug': True}, [], {}, {'bip': '10.1.0.1/24', 'debug': True}),
    ({'bip': '10.1.0.1/24', 'debug': True}, [], {'options': {'bip': None, 'live-restore': 'true'}}, {'debug': True, 'live-restore': True}),
    # What was ours and is wished no more goes; without any wish nobody knows.
    ({'debug': True}, [['debug']], {'options': {'icc': False}}, {'icc': False}),
    ({'debug': True}, [['debug']], {}, {'debug': True}),
    ({}, [], {'storage_driver': 'vfs', 'address_pools': [{'base': '10.9.0.0/16', 'size': 24}]},
     {'storage-driver': 'vfs', 'default-address-pools': [{'base': '10.9.0.0/16', 'size': 24}]}),
    (None, [], {}, {}),
])
def test_options_to_be_are_what_daemon_json_will_make_of_the_file(current, ours, wish, expected):
    assert options_to_be(host(daemon__options=current, daemon__ours=ours), dict(WISH, **wish)) == expected


@pytest.mark.parametrize('options', [
    {'features': ['x']}, {'storage-driver': ['x']}, {'bip': 3}, {'default-address-pools': [{'base': 'x'}]}, {'insecure-registries': 'x'},
    {'insecure-registries': None}, {'nonsense': {}},
])
def test_options_of_a_wrong_shape_end_in_a_finding_and_not_in_a_traceback(options):
    found = problems({'daemon__options': options}, engine_version='29.11')
    expected = [] if options == {'insecure-registries': None} else [('stop', 'daemon_json_key')]
    assert [each for each in found if each[1] != 'cgroup_v1'] == expected


def test_enforce_names_every_reason_and_remedy_at_once():
    look = host(system__kernel='3.10.0-327.el7.x86_64', service__units={'docker.socket': {'LoadState': 'masked'}})
    with pytest.raises(DockfleetError) as caught:
        verdict(look, dict(WISH, enforce=True))
    for said in ('nothing was changed', '3.10.0-514', 'systemctl unmask docker.socket'):
        assert said in caught.value.message
    assert caught.value.details['stage'] == 'preflight'
    assert caught.value.details['fit'] is False


def test_without_enforce_an_unfit_host_is_only_described():
    result, warnings = verdict(host(network__ip_forward=False, system__kernel='2.6.32-754.el6.x86_64'), WISH)
    assert result['fit'] is False
    assert len(warnings) == 1 and 'FORWARD' in warnings[0]


def test_one_look_at_another_data_root():
    look = host(system__data_root='/srv/docker')
    look['system']['paths']['/srv/docker'] = dict(PLACE, filesystem='nfs4', nearest='/srv')
    assert [each['code'] for each in judge(look, WISH)['problems']] == ['backing_filesystem']
