# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every rule of networks: what is certain to break stops, what may break warns, and the row beside it passes."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from fit_host import problems, words

ZONED = {'service__units': {'firewalld.service': {'ActiveState': 'active'}}}
RUNS = {'service__units': {'docker.service': {'ActiveState': 'active'}}}
NFT = {'variant': 'nf_tables', 'legacy_tables': [], 'nft_tables': ['ip filter']}
INSTALLED = {'docker-ce': {'version': '26.1.4'}}
TUNNEL = {'network': '10.200.1.0', 'prefix': 24, 'interface': 'tun0'}
DOCKER0 = {'network': '172.17.0.0', 'prefix': 16, 'interface': 'docker0'}
V1 = ('warning', 'cgroup_v1')


def table(rows):
    return pytest.mark.parametrize('changes, wish, expected', rows)


def of_networks(changes, wish):
    return [each for each in problems(changes, **wish) if each != V1]


@table([
    ({'system__modules__bridge': 'missing'}, {}, [('warning', 'modules')]),
    ({'system__modules__veth': 'missing'}, {'options': {'iptables': False}}, [('warning', 'modules')]),
    ({'system__modules__br_netfilter': 'missing'}, {}, [('warning', 'modules')]),
    ({'system__modules__br_netfilter': 'missing'}, {'options': {'iptables': False}}, []),
    ({'system__modules__br_netfilter': 'unknown'}, {}, []),
    ({'system__modules__xt_addrtype': 'missing'}, {}, [('warning', 'modules')]),
    # by the variant of iptables
    ({'system__modules__iptable_nat': 'missing'}, {}, [('warning', 'modules')]),
    ({'system__modules__iptable_nat': 'missing', 'network__iptables': NFT}, {}, []),
    ({'system__modules__nft_compat': 'missing', 'network__iptables': NFT}, {}, [('warning', 'modules')]),
    ({'system__modules__nft_compat': 'missing'}, {}, []),
    # without iptables the kernel tells which kind will come
    ({'system__modules__iptable_nat': 'missing', 'network__iptables__variant': ''}, {}, []),
    ({'system__modules__iptable_nat': 'missing', 'system__modules__nf_tables': 'missing', 'network__iptables__variant': ''}, {}, [('warning', 'modules')]),
])
def test_kernel_modules(changes, wish, expected):
    assert of_networks(changes, wish) == expected


def test_B75_missing_raw_table_matters_from_engine_28():
    changes = {'system__modules__iptable_raw': 'missing'}
    assert of_networks(changes, {'engine_version': '28.5.2'}) == [('warning', 'modules')]
    assert 'engine 28.5.2 use: iptable_raw.' in words(changes, engine_version='28.5.2')
    assert of_networks(changes, {'engine_version': '26.1'}) == []


@table([
    ({'network__iptables': {'variant': 'legacy', 'legacy_tables': [], 'nft_tables': ['ip filter', 'inet firewalld']}}, {}, [('warning', 'iptables_mix')]),
    ({'network__iptables': {'variant': 'nf_tables', 'legacy_tables': ['filter'], 'nft_tables': []}}, {}, [('warning', 'iptables_mix')]),
    ({'network__iptables': {'variant': 'legacy', 'legacy_tables': ['filter', 'nat'], 'nft_tables': []}}, {}, []),
    ({'network__iptables': NFT}, {}, []),
    ({'network__iptables': {'variant': 'nf_tables', 'legacy_tables': ['filter'], 'nft_tables': []}}, {'options': {'iptables': False}}, []),
    # the package brings it along
    ({'network__iptables__variant': ''}, {}, []),
    ({'network__iptables__variant': '', 'packages__installed': INSTALLED}, {}, [('stop', 'iptables')]),
    ({'network__iptables__variant': '', 'packages__installed': INSTALLED}, {'options': {'iptables': False}}, []),
    ({'network__iptables__variant': '', 'packages__installed': INSTALLED},
     {'engine_version': '29.1', 'options': {'firewall-backend': 'nftables'}}, []),
])
def test_B75_legacy_and_nft_rules_side_by_side(changes, wish, expected):
    assert of_networks(changes, wish) == expected


@table([
    ({'network__ip_forward': False}, {'engine_version': '29.1', 'options': {'firewall-backend': 'nftables'}}, [('stop', 'nftables_forwarding')]),
    ({}, {'engine_version': '29.1', 'options': {'firewall-backend': 'nftables'}}, []),
    ({'network__ip_forward': False}, {'engine_version': '29.1', 'options': {'firewall-backend': 'iptables'}}, [('warning', 'forward_policy')]),
])
def test_nftables_leaves_forwarding_to_the_host(changes, wish, expected):
    assert of_networks(changes, wish) == expected


@table([
    (dict(ZONED, network__zones={'docker0': ['trusted']}), {}, [('stop', 'zone_conflict')]),
    (dict(ZONED, network__zones={'docker0': ['docker']}), {}, []),
    (dict(ZONED, network__zones={'eth0': ['public']}), {}, []),
    ({'network__zones': {'docker0': ['trusted']}}, {}, []),
    # it knows nothing of zones
    (dict(ZONED, network__zones={'docker0': ['trusted']}), {'engine_version': '19.03.15'}, []),
    (dict(ZONED, network__zones={'docker0': ['trusted']}), {'options': {'iptables': False}}, []),
    # another bridge
    (dict(ZONED, network__zones={'docker0': ['trusted'], 'br0': ['public']}), {'options': {'bridge': 'br0'}}, [('stop', 'zone_conflict')]),
    (dict(ZONED, network__zones={'docker0': ['trusted']}), {'options': {'bridge': 'none'}}, []),
])
def test_B72_zone_conflict(changes, wish, expected):
    assert of_networks(changes, wish) == expected
    if expected and 'bridge' not in wish.get('options', {}):
        said = words(changes, **wish)
        assert 'zone "trusted"' in said and 'firewall-cmd --permanent --zone=trusted --remove-interface=docker0' in said and 'firewalld can stay on' in said


@table([
    ({'network__ip_forward': False}, {}, [('warning', 'forward_policy')]),
    (dict(RUNS, network__ip_forward=False), {}, []),
    ({'network__ip_forward': False}, {'engine_version': '28.5', 'options': {'ip-forward-no-drop': True}}, []),
    ({'network__ip_forward': False}, {'options': {'iptables': False}}, []),
    ({'network__ip_forward': False}, {'options': {'ip-forward': False}}, [('warning', 'no_forwarding')]),
])
def test_B74_forward_policy_is_said_before_the_daemon_first_runs(changes, wish, expected):
    assert of_networks(changes, wish) == expected


def test_B74_a_way_out_is_offered_that_the_engine_has():
    assert 'ip-forward-no-drop' in words({'network__ip_forward': False}, engine_version='28.5')
    assert 'ip-forward-no-drop' not in words({'network__ip_forward': False}, engine_version='26.1')
    assert 'net.ipv4.ip_forward=1' in words({'network__ip_forward': False}, engine_version='26.1')


def pools(*networks):
    return {'options': {'default-address-pools': [{'base': base, 'size': 24} for base in networks]}}


@table([
    # the connection against docker0
    ({'network__client_address': '172.17.9.9'}, {}, [('stop', 'client_address')]),
    ({'network__client_address': '10.9.0.7'}, {'options': {'bip': '10.9.0.1/24'}}, [('stop', 'client_address')]),
    ({'network__client_address': '10.9.1.7'}, {'options': {'bip': '10.9.0.1/24'}}, []),
    ({'daemon__options': {'bip': '10.9.0.1/24'}, 'network__client_address': '10.9.0.7'}, {}, [('stop', 'client_address')]),
    ({'network__client_address': '172.17.9.9'}, {'options': {'bip': '10.9.0.1/24'}}, [('warning', 'client_in_pool')]),
    ({'network__client_address': '10.8.0.9'}, pools('10.8.0.0/16', '10.9.0.0/16'), [('stop', 'client_address')]),
    ({'network__client_address': '172.17.9.9'}, {'options': {'bridge': 'none'}}, [('warning', 'client_in_pool')]),
    # a route says where it is, and an engine that chooses by itself keeps off
    ({'network__client_address': '172.17.9.9', 'network__routes': [{'network': '172.16.0.0', 'prefix': 12, 'interface': 'tun0'}]}, {}, []),
    # but not from a wished address, unless the route says more of it
    ({'network__client_address': '10.9.0.7', 'network__routes': [{'network': '10.0.0.0', 'prefix': 8, 'interface': 'tun0'}]},
     {'options': {'bip': '10.9.0.1/24'}}, [('stop', 'client_address')]),
    ({'network__client_address': '10.9.0.7', 'network__routes': [{'network': '10.9.0.0', 'prefix': 28, 'interface': 'tun0'}]},
     {'options': {'bip': '10.9.0.1/24'}}, [('warning', 'bridge_address')]),
    # docker0 is there already: its own route is no clash, and the connection stands
    ({'network__client_address': '172.17.0.1', 'network__routes': [DOCKER0]}, {'options': {'bip': '10.9.0.1/24'}}, [('warning', 'client_in_pool')]),
    # the networks to come
    ({'network__client_address': '172.20.9.9'}, {}, [('warning', 'client_in_pool')]),
    ({'network__client_address': '192.168.7.7'}, {}, [('warning', 'client_in_pool')]),
    ({'network__client_address': '10.9.3.3'}, pools('10.8.0.0/16', '10.9.0.0/16'), [('warning', 'client_in_pool')]),
    ({'network__client_address': '172.20.9.9'}, pools('10.8.0.0/16'), []),
    # routes
    ({'network__routes': [TUNNEL]}, pools('10.200.0.0/16'), [('warning', 'address_pools')]),
    ({'network__routes': [TUNNEL]}, {'address_pools': [{'base': '10.200.0.0/16', 'size': 24}]}, [('warning', 'address_pools')]),
    ({'network__routes': [TUNNEL]}, pools('10.201.0.0/16'), []),
    ({'network__routes': [TUNNEL]}, {'options': {'bip': '10.200.1.1/25'}}, [('warning', 'bridge_address')]),
    ({'network__routes': [TUNNEL]}, {'options': {'bip': '10.200.2.1/24'}}, []),
    ({'network__routes': [dict(TUNNEL, interface='br-0123456789ab')]}, {'options': {'bip': '10.200.1.1/24'}}, []),
    ({'network__routes': [dict(TUNNEL, interface='br-lan')]}, {'options': {'bip': '10.200.1.1/24'}}, [('warning', 'bridge_address')]),
    # an engine that chooses by itself keeps off
    ({'network__routes': [dict(DOCKER0, interface='eth1')]}, {}, []),
    # IPv6 is not ours to judge
    ({'network__client_address': 'fd00::1'}, {}, []),
    ({}, {'engine_version': '28.5', 'options': {'bip': 'fd00::1/64'}}, []),
    ({'network__client_address': ''}, {}, []),
])
def test_routes_and_the_connection_against_bip_and_pools(changes, wish, expected):
    assert of_networks(changes, wish) == expected


@pytest.mark.parametrize('changes, wish, said', [
    ({'network__client_address': '172.17.9.9'}, {}, 'docker0 would take (172.17.0.0/16)'),
    ({'network__client_address': '172.17.9.9'}, {}, 'bip in docker_daemon_options, for example to 172.31.0.1/24.'),
    # what is suggested is free
    ({'network__client_address': '172.17.9.9', 'network__routes': [{'network': '172.31.8.0', 'prefix': 24, 'interface': 'tun0'}]}, {}, 'to 172.30.0.1/24.'),
    ({'network__client_address': '172.31.9.9'}, {}, 'to base 172.30.0.0/16, size 24.'),
    ({'network__routes': [TUNNEL]}, pools('10.200.0.0/16'), '10.200.1.0/24 on tun0'),
])
def test_a_free_network_is_suggested(changes, wish, said):
    assert said in words(changes, **wish)
