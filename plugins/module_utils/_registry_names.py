# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names a pull needs, what name servers say about them, and which of the addresses prove to be theirs: looked at from the host, here and now."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from datetime import date
from functools import partial

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _dig, _package_manager_rpm, _registry_hosts_rules, _registry_probe
from ansible_collections.dockfleet.host.plugins.module_utils._connection import handshake, look_up
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager_apt import Apt
from ansible_collections.dockfleet.host.plugins.module_utils._side_by_side import side_by_side
from ansible_collections.dockfleet.host.plugins.module_utils._url import host_and_port, is_address, split_url
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline

# A name server that gives hundreds of addresses is not to make us connect to all of them.
_MOST_ADDRESSES = 16

# Registry, token server, blob store, and what these redirect to. Who leads to yet another name each time is not followed for ever.
_MOST_ROUNDS = 8

# A name server that has not answered by then will not; it would hold up all the rest.
_PATIENCE = 3

# What to install for dig; of several, the first that there is.
PACKAGES = {'rpm': (u'bind-utils',), 'deb': (u'bind9-dnsutils', u'dnsutils')}


def find_out(host, hosts, wish, read_only):
    """Look the names up, prove the addresses, and find the further names that the registries lead to.

    Args:
        host (Host): The host.
        hosts (HostsFile): Its hosts file.
        wish (dict): Parameters of registry_hosts.
        read_only (bool): Install nothing.

    Returns:
        dict: today (str); findings (list of dict, see _registry_hosts_rules.py); unseen (list of str): the registries that could not be followed
            to their blobs, and why; installed (str): the package that was installed for dig, empty if none was; lacking (str): the one that would have to be.
    """
    return _Search(host, hosts, wish, read_only).run()


class _Search(object):
    """One search on one host."""

    def __init__(self, host, hosts, wish, read_only):
        self._host = host
        self._wish = wish
        self._read_only = read_only
        self._seconds = wish['timeout']
        self._resolvers = [to_text(resolver) for resolver in wish['resolvers']]
        self._pins = {}
        for entry in hosts.pins():
            for name in entry.names:
                self._pins.setdefault(name, []).append(entry.address)
        self._block = {}
        for address, name in hosts.block():
            self._block.setdefault(name, []).append(address)
        self._registries = _unique(split_url(u'https://' + to_text(name)) for name in wish['names'])
        self._findings = {}
        self._order = []
        self._walks = {}
        self._silent = []
        self._ipv6 = _dig.has_ipv6(host.read_text('/proc/net/if_inet6') or u'')
        self._installed = self._lacking = u''

    def run(self):
        wished = _unique(parts.host for parts in self._registries if not is_address(parts.host))
        # Of several registries on one host the first one's port proves whose the address is.
        ports = dict((parts.host, parts.port) for parts in reversed(self._registries))
        self._check([(name, ports[name]) for name in wished] + [(name, 443) for name in sorted(self._block) if name not in wished])
        for dummy in range(_MOST_ROUNDS):
            met = self._walk()
            if not met:
                break
            self._check([(name, 443) for name in met])
        needed = set(wished).union(*[report['hosts'] for report in self._walks.values()])
        for name, finding in self._findings.items():
            finding['needed'] = name in needed
        return {
            'today': to_text(date.today().isoformat()),
            'findings': [self._findings[name] for name in self._order],
            'unseen': [u'%s: %s' % (host_and_port(parts), self._why_unseen(parts)) for parts in self._registries if self._why_unseen(parts)],
            'installed': self._installed,
            'lacking': self._lacking,
        }

    def _why_unseen(self, parts):
        """Why a registry could not be followed to its blobs; empty if it was, or leads to none."""
        if parts not in self._walks:
            return u'no address proves to be its own'
        report = self._walks[parts]
        # Whoever answers, but not as a registry does, leads to nowhere.
        leads_nowhere = report['stage'] == u'http' and report.get('latency_ms') is not None
        return u'%s: %s' % (report['stage'], report['cause']) if report['cause'] and not leads_nowhere else u''

    # One round: the names that are known by now.

    def _check(self, todo):
        for name, port in todo:
            self._order.append(name)
            self._findings[name] = {
                'name': name, 'port': port, 'pins': self._pins.get(name, []), 'block': self._block.get(name, []), 'system': {'addresses': [], 'cause': u''},
                'offers': [], 'proofs': {},
            }  # fmt: skip
        findings = [self._findings[name] for name, dummy in todo]
        self._ask_system(findings)
        self._prove(findings)
        # A block that still holds needs no better one.
        broken = [
            finding for finding in findings
            if _registry_hosts_rules.needs_repair(finding, self._wish) and not _registry_hosts_rules.block_holds(finding)
        ]  # fmt: skip
        if broken and self._resolvers and self._have_dig():
            self._ask_resolvers(broken)
            self._prove(broken)

    def _ask_system(self, findings):
        plain = [finding for finding in findings if not finding['pins'] and not finding['block']]
        deadline = Deadline(self._seconds)
        jobs = [partial(look_up, finding['name'], self._seconds, deadline) for finding in plain]
        for finding, outcome in zip(plain, side_by_side(jobs, deadline)):
            if isinstance(outcome, NetError):
                finding['system']['cause'] = outcome.cause
            else:
                finding['system']['addresses'] = _first(outcome)
        self._ask_past_the_file([finding for finding in findings if finding not in plain])

    def _ask_past_the_file(self, findings):
        """What the name servers say about names that the hosts file answers for."""
        if not findings:
            return
        servers = _dig.name_servers(self._host.read_text('/etc/resolv.conf') or u'')
        if servers and all(server in _dig.STUBS for server in servers) and self._have_dig():
            servers = _dig.name_servers(self._host.read_text('/run/systemd/resolve/resolv.conf') or u'')
            for finding in findings:
                answers = self._dig(finding['name'], servers, (False,))
                finding['system']['addresses'] = _first(address for dummy, found, dummy in answers for address in found)
        else:
            commands = [_dig.getent(finding['name']) for finding in findings]
            answers = self._host.run_together(commands, self._seconds, _dig.getent_environment(self._seconds))
            for finding, (dummy, out) in zip(findings, answers):
                finding['system']['addresses'] = _first(_dig.read_getent(out))
        for finding in findings:
            if not finding['system']['addresses']:
                finding['system']['cause'] = u'the name servers give no address (%s)' % finding['name']

    def _ask_resolvers(self, findings):
        for finding in findings:
            for resolver, addresses, cause in self._dig(finding['name'], self._resolvers, (False, True)):
                finding['offers'].append({'resolver': resolver, 'addresses': addresses, 'cause': cause})
        # Whoever has not answered for any name is not waited for again.
        for resolver in self._resolvers:
            if all(offer['cause'] == _dig.SILENT for finding in findings for offer in finding['offers'] if offer['resolver'] == resolver):
                self._silent.append(resolver)

    def _dig(self, name, resolvers, ways):
        """Ask name servers, each for every kind of address by UDP (False) and TCP (True), over which nobody can slip in an answer.

        Returns:
            list of tuple: resolver, addresses, why there are none.
        """
        kinds = _dig.TYPES if self._ipv6 else _dig.TYPES[:1]
        asked = [(resolver, kind, tcp) for resolver in resolvers if resolver not in self._silent for tcp in ways for kind in kinds]
        patience = min(self._seconds, _PATIENCE)
        outputs = self._host.run_together([_dig.dig(resolver, name, kind, patience, tcp) for resolver, kind, tcp in asked], patience + self._seconds)
        found = []
        for resolver in resolvers:
            answers = [_dig.read_dig(out) for (place, dummy, dummy), (dummy, out) in zip(asked, outputs) if place == resolver]
            addresses = _first(address for given, dummy in answers for address in given)
            # Silence by TCP alone, as behind many a firewall, is not that of the name server.
            told = [cause for dummy, cause in answers if cause != _dig.SILENT]
            cause = next((cause for cause in told if cause), u'has no address for it') if told else _dig.SILENT
            found.append((resolver, addresses, u'' if addresses else cause))
        return found

    def _prove(self, findings):
        """Connect to each address that nobody has tried yet, and verify the certificate for the name."""
        asked = []
        for finding in findings:
            offered = [address for offer in finding['offers'] for address in offer['addresses']]
            known = _unique(finding['system']['addresses'] + finding['pins'] + finding['block'] + offered)
            asked += [(finding, address) for address in known if address not in finding['proofs']]
        deadline = Deadline(self._seconds)
        jobs = [partial(handshake, one['name'], address, one['port'], self._seconds, deadline) for one, address in asked]
        for (finding, address), outcome in zip(asked, side_by_side(jobs, deadline)):
            if isinstance(outcome, NetError):
                finding['proofs'][address] = {'stage': outcome.stage, 'cause': outcome.cause}
            elif isinstance(outcome, DockfleetError):
                raise outcome
            else:
                finding['proofs'][address] = {'ms': outcome['tcp_ms'] + outcome['tls_ms']}

    # The way of a pull.

    def _walk(self):
        """Go from each registry to its token server and its blobs, with no other addresses than proven ones where there are some.

        Returns:
            list of str: The names that were met and not looked at yet.
        """
        proven = dict((name, _registry_hosts_rules.proven(finding)) for name, finding in self._findings.items())
        resolve = dict((name, addresses) for name, addresses in proven.items() if addresses)
        open_ones = [
            parts for parts in self._registries
            if self._walks.get(parts, {}).get('cause', u'new') and (parts.host in resolve or is_address(parts.host))
        ]  # fmt: skip
        # Six requests and more, one after the other.
        deadline = Deadline(3 * self._seconds)
        jobs = [partial(_registry_probe.walk, u'https://' + host_and_port(parts), self._wish['images'], resolve, deadline) for parts in open_ones]
        met = []
        for parts, outcome in zip(open_ones, side_by_side(jobs, deadline)):
            if isinstance(outcome, NetError):
                outcome = {'hosts': [], 'stage': outcome.stage, 'cause': outcome.cause}
            elif isinstance(outcome, DockfleetError):
                raise outcome
            self._walks[parts] = outcome
            met += outcome['hosts']
        return [name for name in _unique(met) if not is_address(name) and name not in self._findings]

    # The tool.

    def _have_dig(self):
        if self._lacking or self._host.which('dig'):
            return not self._lacking
        manager = Apt(self._host) if self._host.which('apt-get') else _package_manager_rpm.choose(self._host)(self._host)
        packages = PACKAGES[manager.kind]
        if self._read_only:
            self._lacking = packages[0]
            return False
        try:
            self._installed = manager.install_one_of(packages)
        except DockfleetError as error:
            raise DockfleetError(
                u'registry_hosts: dig is needed to ask %s, and cannot be installed. %s Nothing was changed in %s. Install %s yourself, or let '
                u'docker_repo repair the repositories of the distribution first (docker_repo_base), and run again.'
                % (u', '.join(self._resolvers) or u'the name servers', error.message, to_text(self._wish['path']), packages[0]),
                stage='dig',
            )
        return True


def _first(addresses):
    return _unique(addresses)[:_MOST_ADDRESSES]


def _unique(items):
    found = []
    for item in items:
        if item not in found:
            found.append(item)
    return found
