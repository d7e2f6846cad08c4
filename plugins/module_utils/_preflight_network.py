# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preflight rules for networks: kernel modules, packet filters, firewalld, forwarding, and Docker's addresses against those of the host."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import itertools
import re

from ansible_collections.dockfleet.host.plugins.module_utils._address_pools import contains, free_pools, overlaps, parse_network
from ansible_collections.dockfleet.host.plugins.module_utils._finding import stop, warn

# The networks that an engine takes for its bridges, in its order: moby daemon/libnetwork/ipamutils, "local scope" (the last is cut into /20).
DEFAULT_POOLS = ['172.%d.0.0/16' % number for number in range(17, 32)] + ['192.168.0.0/16']

RAW_TABLE = (28, 0)
FIREWALLD_ZONES = (20, 10)
NO_DROP = (28, 0)
NFTABLES = (29, 0)

# Interfaces that Docker itself makes.
DOCKERS = re.compile(r'(docker0|docker_gwbridge|br-[0-9a-f]{12}|veth[0-9a-f]+)$')


def filters_packets(options):
    return options.get('iptables') is not False


def uses_nftables(options, target):
    return options.get('firewall-backend') == 'nftables' and target.reaches(NFTABLES) is not False


def rule_modules(look, options, target):
    modules = look['system']['modules']
    wanted = ['bridge', 'veth']
    if filters_packets(options):
        wanted += ['br_netfilter', 'nf_conntrack', 'nf_nat', 'xt_addrtype', 'xt_conntrack']
        # Distributions that moved to nf_tables ship the iptables command on top of it, and need none of the old tables.
        if look['network']['iptables']['variant'] == 'nf_tables' or (
            not look['network']['iptables']['variant'] and modules['nf_tables'] in ('loaded', 'available')
        ):
            wanted += ['nf_tables', 'nft_compat']
        else:
            wanted += ['ip_tables', 'iptable_filter', 'iptable_nat'] + (['iptable_raw'] if target.reaches(RAW_TABLE) else [])
    missing = sorted(name for name in wanted if modules[name] == 'missing')
    if missing:
        yield warn(
            'modules',
            'The kernel %s lacks modules that the networks of %s use: %s.' % (look['system']['kernel'], target.text, ', '.join(missing)),
            'Install the full kernel package of the distribution (on some: kernel-modules, linux-modules-extra).',
        )


def rule_iptables(look, options, target):
    iptables = look['network']['iptables']
    if not filters_packets(options) or uses_nftables(options, target):
        return
    if not iptables['variant']:
        if 'docker-ce' in look['packages']['installed']:
            yield stop('iptables', 'There is no program iptables, without which the daemon does not start.', 'Install the package iptables.')
        return
    mine, others = ('legacy', 'nft_tables') if iptables['variant'] == 'legacy' else ('nf_tables', 'legacy_tables')
    if iptables[others]:
        yield warn(
            'iptables_mix',
            'iptables writes rules of the kind %s, while the kernel also holds tables of the other kind (%s): packets have to pass both, and '
            'Docker sees only its own.' % (mine, ', '.join(iptables[others])),
            'Keep one kind: move those rules over, or choose the other iptables (update-alternatives --config iptables) before Docker first runs.',
        )


def rule_nftables(look, options, target):
    if uses_nftables(options, target) and not look['network']['ip_forward']:
        yield stop(
            'nftables_forwarding',
            'With firewall-backend nftables the daemon does not switch IP forwarding on by itself, and does not start while it is off.',
            'Set sysctl net.ipv4.ip_forward=1 beforehand (and net.ipv6.conf.all.forwarding=1 for IPv6).',
        )


def rule_firewalld(look, options, target):
    running = look['service']['units'].get('firewalld.service', {}).get('ActiveState') == 'active'
    bridge = options.get('bridge') or 'docker0'
    if not running or not filters_packets(options) or target.reaches(FIREWALLD_ZONES) is False:
        return
    for zone in look['network']['zones'].get(bridge, []):
        if zone != 'docker':
            yield stop(
                'zone_conflict',
                'firewalld binds the interface %s to zone "%s", and Docker Engine 20.10 and newer refuses to start with ZONE_CONFLICT.' % (bridge, zone),
                'firewall-cmd --permanent --zone=%s --remove-interface=%s && firewall-cmd --reload. Docker then puts it into its own zone "docker"; '
                'firewalld can stay on.' % (zone, bridge),
            )


def rule_forwarding(look, options, target):
    daemon_runs = look['service']['units'].get('docker.service', {}).get('ActiveState') == 'active'
    if look['network']['ip_forward'] or daemon_runs or uses_nftables(options, target):
        return
    if options.get('ip-forward') is False:
        yield warn(
            'no_forwarding',
            'IP forwarding is off, and "ip-forward": false keeps Docker from switching it on: containers cannot reach other hosts.',
            'Set sysctl net.ipv4.ip_forward=1, if that is not meant.',
        )
    elif filters_packets(options) and not options.get('ip-forward-no-drop'):
        yield warn(
            'forward_policy',
            'IP forwarding is off. Docker switches it on and then sets the policy of the FORWARD chain to DROP, which cuts other traffic that '
            'this host forwards.',
            'If it is a router or a Kubernetes node: set sysctl net.ipv4.ip_forward=1 beforehand%s.'
            % ('' if target.reaches(NO_DROP) is False else ', or "ip-forward-no-drop" (engine 28) in docker_daemon_options'),
        )


def rule_addresses(look, options, target):
    """Docker's networks against the routes of this host and the connection that Ansible came in by.

    An engine that chooses by itself avoids what the host has routes to, but knows nothing of what lies behind the default route.
    """
    network = look['network']
    routes = [
        (route, parse_network('%(network)s/%(prefix)d' % route)) for route in network['routes']
        if not DOCKERS.match(route['interface']) and route['interface'] != options.get('bridge')
    ]
    taken = [parsed for dummy, parsed in routes]
    client = parse_network(network['client_address'] + '/32') if re.match(r'[0-9.]+$', network['client_address']) else None
    free = (free_pools(taken + ([client] if client else [])) or [None])[0]
    return itertools.chain(bridge_findings(routes, client, free, options), pool_findings(routes, client, free, options))


def bridge_findings(routes, client, free, options):
    """docker0, which is made as soon as the daemon starts."""
    bip = options.get('bip')
    if options.get('bridge') or (bip and ':' in bip):
        return
    mine = parse_network(bip) if bip else parse_network(bases(options)[0])
    clashes = [route for route, parsed in routes if overlaps(parsed, mine)]
    if not bip and clashes:
        # The engine takes the next one.
        return
    remedy = 'Set bip in docker_daemon_options, for example to %s.' % (free.replace('.0.0/16', '.0.1/24') if free else 'a free network')
    # The route that says the most of an address wins.
    if client and contains(mine, client) and not any(contains(parsed, client) and parsed[1] > mine[1] for dummy, parsed in routes):
        yield stop(
            'client_address',
            'Ansible comes in from %s, which lies in the network that docker0 would take (%s): the connection would be lost.'
            % (address_of(client), bip or bases(options)[0]),
            remedy,
        )
    elif clashes:
        yield warn('bridge_address', 'The wished bip %s overlaps routes of this host: %s.' % (bip, named(clashes)), remedy)


def pool_findings(routes, client, free, options):
    """The pools, from which further networks are taken as they are made."""
    pools = bases(options)
    remedy = 'Set default-address-pools in docker_daemon_options, for example to base %s, size 24.' % (free or 'a free /16')
    if options.get('default-address-pools'):
        clashes = [route for route, parsed in routes if any(overlaps(parsed, parse_network(base)) for base in pools)]
        if clashes:
            yield warn('address_pools', 'The wished address pools overlap routes of this host: %s.' % named(clashes), remedy)
    first = pools[0] if not options.get('bip') and not options.get('bridge') else None
    for base in pools:
        if client and base != first and contains(parse_network(base), client) and not any(contains(parsed, client) for dummy, parsed in routes):
            yield warn(
                'client_in_pool',
                'Ansible comes in from %s, which lies in %s, one of the networks that Docker takes as further ones are made: the connection would be '
                'lost then.' % (address_of(client), base),
                remedy,
            )


def bases(options):
    """The IPv4 pools that networks are taken from."""
    return [pool['base'] for pool in options.get('default-address-pools') or () if ':' not in pool['base']] or DEFAULT_POOLS


def named(routes):
    return ', '.join('%(network)s/%(prefix)d on %(interface)s' % route for route in routes)


def address_of(network):
    return '.'.join(str(network[0] >> shift & 255) for shift in (24, 16, 8, 0))


RULES = (
    rule_modules,
    rule_iptables,
    rule_nftables,
    rule_firewalld,
    rule_forwarding,
    rule_addresses,
)
