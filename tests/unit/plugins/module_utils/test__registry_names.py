# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
import socket
from collections import namedtuple

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _dig, _registry_hosts, _registry_names, _trust
from ansible_collections.dockfleet.host.plugins.module_utils import _registry_hosts_rules as rules
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._hosts_file import HostsFile
from ansible_collections.dockfleet.host.plugins.module_utils._url import is_address
from ansible_collections.dockfleet.host.tests.unit.asking import PATIENCE
from ansible_collections.dockfleet.host.tests.unit.registries import CONFIG, Registry, digest_of, tokens
from ansible_collections.dockfleet.host.tests.unit.servers import Authority, Server, answer, closed_port
from recordings import RecordedHost

HUB, AUTH, BLOBS, OLD = u'registry-1.docker.io', u'auth.docker.io', u'blobs.docker.example', u'old.docker.example'
# Where these really are; where somebody else is; and where nobody is.
TRUE = {HUB: u'127.0.0.11', AUTH: u'127.0.0.12', BLOBS: u'127.0.0.13'}
LIE, DEAD, DEAD_TOO = u'127.0.0.66', u'127.0.0.77', u'127.0.0.78'
# Name servers.
GOOD, SECOND, STUB, UPSTREAM = u'192.0.2.53', u'192.0.2.54', u'127.0.0.53', u'192.0.2.1'
FILE = u'127.0.0.1 localhost\n'
PAGE = b'<!DOCTYPE html><title>Welcome</title><p>This domain is for sale'
GLOBAL_IPV6 = {'/proc/net/if_inet6': u'20010db8000000000000000000000005 26 40 00 80     eth0\n'}

World = namedtuple('World', ('authority', 'pull', 'stranger', 'address'))


@pytest.fixture(scope='module')
def world(tmpdir_factory):
    authority = Authority(str(tmpdir_factory.mktemp('authorities')), 'lab')
    return World(
        authority, authority.issue(HUB, ['DNS:' + name for name in (HUB, AUTH, BLOBS)]), authority.issue('stranger.example'),
        authority.issue('private', ['IP:' + TRUE[HUB]]),
    )  # fmt: skip


class Network(object):
    """What stands in for the C library's look-up: names have the addresses of a table, and port 443 of an address is the real server behind it.

    Attributes:
        names (dict): Addresses (list of str) by name; other names do not exist.
        servers (dict): Server by address; at other addresses port 443 is closed.
        asked (list of str): The names that were looked up.
        tried (list of str): The addresses of which port 443 was wanted.
    """

    def __init__(self):
        self.names = dict((name, [address]) for name, address in TRUE.items())
        self.servers = {}
        self.asked = []
        self.tried = []
        self._closed = closed_port()
        self._real = socket.getaddrinfo

    def getaddrinfo(self, host, port, *more):
        if is_address(host):
            return self._real(host, self._behind(host, port), *more)
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, 'no such name')
        return [info for address in self.names[host] for info in self._real(address, self._behind(address, port), *more)]

    def _behind(self, address, port):
        if port != 443:
            return port
        self.tried.append(address)
        return self.servers[address].port if address in self.servers else self._closed

    def serve(self, address, reply, certificate, **options):
        """Put a server behind port 443 of an address, instead of the one that was there."""
        if address in self.servers:
            self.servers[address].__exit__()
        self.servers[address] = Server(reply, certificate, address, **options)
        self.servers[address].__enter__()


@pytest.fixture
def net(world, monkeypatch):
    """A network in which all is well: a registry, its token server, its blob store, and a stranger."""
    network = Network()
    blob = '/v2/library/hello-world/blobs/' + digest_of(CONFIG)
    moved = answer(status='307 Temporary Redirect', Location='https://%s/b?sig=1' % BLOBS)
    network.serve(TRUE[HUB], Registry(realm=lambda: 'https://%s/token' % AUTH, replies={blob: moved}), world.pull)
    network.serve(TRUE[AUTH], tokens, world.pull)
    network.serve(TRUE[BLOBS], lambda request: answer(CONFIG), world.pull)
    network.serve(LIE, lambda request: answer(PAGE), world.stranger)
    monkeypatch.setattr(socket, 'getaddrinfo', network.getaddrinfo)
    # The lab's authority is the system's: what is proven, is proven by the trust that the module really uses.
    monkeypatch.setenv('SSL_CERT_FILE', world.authority.certificate)
    monkeypatch.setattr(_trust, '_contexts', {})
    yield network
    for server in network.servers.values():
        server.__exit__()


class NamingHost(RecordedHost):
    """A host with dig and getent.

    Args:
        dig (dict): By name server and name, or name server, name and '+tcp' or '+notcp': addresses (list of str), or the status; else silence.
        getent (dict): Addresses by name.
    """

    def __init__(self, dig=None, getent=None, programs=('dig',), files=None, answers=()):
        super(NamingHost, self).__init__(answers, programs, files)
        self._dig = dig or {}
        self._getent = getent or {}
        self.commands = []
        self.environments = []

    def run_together(self, commands, seconds, environment=None):
        self.commands += commands
        self.environments.append(environment)
        return [self._answer(argv) for argv in commands]

    def run(self, argv, data=None, environment=None):
        outcome = super(NamingHost, self).run(argv, data, environment)
        if 'install' in argv and outcome[0] == 0:
            self.programs += ('dig',)
        return outcome

    def _answer(self, argv):
        if argv[0] not in self.programs + ('getent',):
            return 127, u''
        if argv[0] == 'getent':
            addresses = self._getent.get(argv[-1], [])
            return (0 if addresses else 2), u''.join(u'%s STREAM %s\n%s DGRAM  \n' % (address, argv[-1], address) for address in addresses)
        resolver, name, kind = argv[-3].lstrip('@'), argv[-2], argv[-1]
        way = [word for word in argv if word in ('+tcp', '+notcp')][0]
        told = self._dig.get((resolver, name, way), self._dig.get((resolver, name)))
        if told is None:
            return 9, u';; communications error to %s#53: timed out\n;; no servers could be reached\n' % resolver
        addresses = [] if hasattr(told, 'encode') else [address for address in told if (kind == u'AAAA') == (u':' in address)]
        status = told if hasattr(told, 'encode') else u'NOERROR'
        lines = u''.join(u'%s.\t\t60\tIN\t%s\t%s\n' % (name, kind, address) for address in addresses)
        return 0, u';; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: %s, id: 41722\n\n;; ANSWER SECTION:\n%s' % (status, lines)

    def dug(self):
        """What dig was asked: name server, name, kind and way."""
        return [
            (argv[-3].lstrip('@'), argv[-2], argv[-1], [word for word in argv if word in ('+tcp', '+notcp')][0])
            for argv in self.commands if argv[0] == 'dig'
        ]  # fmt: skip


def knowing(resolver, others=None):
    """What dig is told where a name server knows all the names of a pull; others are further answers, or other ones."""
    answers = dict(((resolver, name), [address]) for name, address in TRUE.items())
    answers.update(others or {})
    return answers


def wish(**changes):
    options = dict((name, option.get('default')) for name, option in _registry_hosts.ARGUMENT_SPEC.items())
    return dict(options, **dict({'resolvers': [GOOD], 'timeout': PATIENCE}, **changes))


def find(host, text=FILE, read_only=False, **changes):
    return _registry_names.find_out(host, HostsFile(text), wish(**changes), read_only)


def by_name(found):
    return dict((finding['name'], finding) for finding in found['findings'])


def with_block(*pairs):
    return HostsFile(FILE).with_block(list(pairs), u'2026-11-01', u'x').text


def state(finding):
    return rules.judge_system(finding)[0]


def offer(resolver, addresses=(), cause=u''):
    return {'resolver': resolver, 'addresses': list(addresses), 'cause': cause}


# The way of a pull.


def test_names_are_found_by_the_way_of_a_pull_and_those_that_are_right_are_asked_nowhere_else(net):
    host = NamingHost(programs=())
    found = find(host)
    assert [finding['name'] for finding in found['findings']] == [HUB, AUTH, BLOBS]
    for finding in found['findings']:
        address = TRUE[finding['name']]
        assert finding['system'] == {'addresses': [address], 'cause': u''}
        assert (list(finding['proofs']), list(finding['proofs'][address])) == ([address], ['ms'])
        assert (finding['port'], finding['needed'], finding['offers'], finding['pins'], finding['block']) == (443, True, [], [], [])
        assert state(finding) == rules.RIGHT
    assert (host.commands, host.asked) == ([], [])
    assert (found['unseen'], found['installed'], found['lacking']) == ([], u'', u'')
    assert re.match('^20[0-9]{2}-[0-9]{2}-[0-9]{2}$', found['today'])
    assert [request.path for request in net.servers[TRUE[BLOBS]].requests] == ['/b']


def test_lying_name_servers_are_found_out_and_the_others_asked(net):
    for name in (HUB, AUTH, BLOBS):
        net.names[name] = [LIE]
    host = NamingHost(knowing(GOOD, {(SECOND, HUB): [LIE, DEAD], (SECOND, AUTH): u'NXDOMAIN', (SECOND, BLOBS): []}))
    found = find(host, resolvers=[GOOD, SECOND])
    hub, auth, blobs = found['findings']
    assert [state(finding) for finding in (hub, auth, blobs)] == 3 * [rules.LIES]
    assert hub['proofs'][LIE] == {'stage': u'tls', 'cause': u'certificate is for another name (stranger.example)'}
    assert hub['proofs'][DEAD] == {'stage': u'tcp', 'cause': u'connection refused'}
    assert [rules.proven(finding) for finding in (hub, auth, blobs)] == [[TRUE[HUB]], [TRUE[AUTH]], [TRUE[BLOBS]]]
    assert hub['offers'] == [offer(GOOD, [TRUE[HUB]]), offer(SECOND, [LIE, DEAD])]
    assert auth['offers'][1] == offer(SECOND, cause=u'says that the name does not exist')
    assert blobs['offers'][1] == offer(SECOND, cause=u'has no address for it')
    assert found['unseen'] == []
    # Nothing was said to the stranger, and each of its addresses was tried once for a name.
    assert net.servers[LIE].requests == []
    assert net.tried.count(DEAD) == 1


def test_names_that_do_not_exist_for_the_system(net):
    net.names = {}
    found = find(NamingHost(knowing(GOOD)))
    assert [finding['name'] for finding in found['findings']] == [HUB, AUTH, BLOBS]
    assert [finding['system'] for finding in found['findings'][:1]] == [{'addresses': [], 'cause': u'the name does not exist (%s)' % HUB}]
    assert [rules.proven(finding) for finding in found['findings']] == [[TRUE[HUB]], [TRUE[AUTH]], [TRUE[BLOBS]]]


def test_one_address_that_is_down_is_no_reason_to_ask(net):
    net.names[HUB] = [DEAD, TRUE[HUB]]
    host = NamingHost(programs=())
    hub = by_name(find(host))[HUB]
    assert (state(hub), sorted(hub['proofs']), host.commands) == (rules.RIGHT, [TRUE[HUB], DEAD], [])


def test_force_asks_for_names_that_are_right_too(net):
    host = NamingHost(knowing(GOOD))
    found = find(host, mode='force')
    assert [finding['offers'] for finding in found['findings']] == [[offer(GOOD, [TRUE[name]])] for name in (HUB, AUTH, BLOBS)]
    assert host.dug() == [(GOOD, name, u'A', way) for name in (HUB, AUTH, BLOBS) for way in ('+notcp', '+tcp')]


def test_nobody_is_asked_where_no_name_servers_are_given(net):
    net.names[HUB] = [LIE]
    host = NamingHost(programs=())
    hub = find(host, resolvers=[])['findings'][0]
    assert (state(hub), hub['offers'], host.commands, host.asked) == (rules.LIES, [], [], [])


def test_registry_on_a_port_of_its_own(net, world):
    with Server(Registry(), world.pull, TRUE[HUB]) as registry:
        found = find(NamingHost(), names=['%s:%d' % (HUB.upper(), registry.port)])
    assert [(finding['name'], finding['port']) for finding in found['findings']] == [(HUB, registry.port)]
    assert (rules.proven(found['findings'][0]), found['unseen'], net.servers[TRUE[HUB]].requests) == ([TRUE[HUB]], [], [])


def test_registry_by_its_address_leads_to_names_all_the_same(net, world):
    net.serve(TRUE[HUB], Registry(realm=lambda: 'https://%s/token' % AUTH), world.address)
    found = find(NamingHost(), names=[TRUE[HUB]])
    assert [(finding['name'], finding['needed']) for finding in found['findings']] == [(AUTH, True)]
    assert found['unseen'] == []


def test_name_that_is_written_twice_is_one(net, world):
    net.names[HUB] = [LIE]
    with Server(Registry(), world.pull, TRUE[HUB]) as registry:
        host = NamingHost(knowing(GOOD))
        found = find(host, names=[HUB, HUB, HUB.upper(), '%s:%d' % (HUB, registry.port)])
    assert [(finding['name'], finding['port']) for finding in found['findings']] == [(HUB, 443), (AUTH, 443), (BLOBS, 443)]
    assert [name for dummy, name, dummy, dummy in host.dug()] == [HUB, HUB]
    # Both of the registries were followed.
    assert registry.requests and net.servers[TRUE[HUB]].requests


def test_no_names_and_no_block_is_nothing_to_do(net):
    found = find(NamingHost(), names=[])
    assert (found['findings'], found['unseen'], net.asked, net.tried) == ([], [], [], [])


def test_what_no_image_can_be_is_raised(net):
    with pytest.raises(DockfleetError):
        find(NamingHost(), images=['https://hub.docker.com/_/alpine'])


# What could not be seen.


def test_blob_store_that_is_dead_is_unseen(net):
    net.names[BLOBS] = [DEAD]
    found = find(NamingHost(knowing(SECOND)), resolvers=[GOOD])
    assert [finding['name'] for finding in found['findings']] == [HUB, AUTH, BLOBS]
    assert found['unseen'] == [u'registry-1.docker.io: blob: tcp: connection refused']


def test_registry_that_leads_to_another_name_each_time_is_not_followed_for_ever(net, world):
    numbers = iter(range(1000))
    net.serve(TRUE[HUB], Registry(realm=lambda: 'https://t%d.docker.example/token' % next(numbers)), world.pull)
    found = find(NamingHost(programs=()), resolvers=[])
    assert 2 < len(found['findings']) < 20
    assert u'no pull token can be had' in found['unseen'][0]


def test_registry_that_is_a_web_page_leads_to_nowhere(net, world):
    net.serve(TRUE[HUB], lambda request: answer(PAGE), world.pull)
    found = find(NamingHost())
    assert ([finding['name'] for finding in found['findings']], found['unseen']) == ([HUB], [])


def test_registry_that_does_not_answer_is_unseen(net, world):
    # Gives its proof, and not a word after that.
    net.serve(TRUE[HUB], lambda request: b'', world.pull)
    found = find(NamingHost())
    assert rules.proven(found['findings'][0]) == [TRUE[HUB]]
    assert found['unseen'] == [u'registry-1.docker.io: http: connection closed without an answer']


def test_registry_without_a_proven_address_is_unseen(net):
    net.names[HUB] = [LIE]
    found = find(NamingHost(knowing(GOOD, {(GOOD, HUB): [DEAD]})), with_block((TRUE[AUTH], AUTH)))
    assert found['unseen'] == [u'registry-1.docker.io: no address proves to be its own']
    # So the name that was put into the block for its sake does not count as one that no pull needs.
    assert rules.pairs(found['findings'], not found['unseen'], wish()) == [(TRUE[AUTH], AUTH)]


# Name servers that do not answer.


def test_silent_name_server_is_not_asked_again(net):
    net.names = {}
    host = NamingHost(knowing(SECOND))
    found = find(host, resolvers=[GOOD, SECOND])
    assert [finding['offers'] for finding in found['findings']] == [
        [offer(GOOD, cause=_dig.SILENT), offer(SECOND, [TRUE[name]])] for name in (HUB, AUTH, BLOBS)
    ]
    assert [name for resolver, name, dummy, dummy in host.dug() if resolver == GOOD] == [HUB, HUB]
    assert [name for resolver, name, dummy, dummy in host.dug() if resolver == SECOND] == [HUB, HUB, AUTH, AUTH, BLOBS, BLOBS]


@pytest.mark.parametrize('answers', [
    # for the other name of the first round
    {(GOOD, OLD): u'NXDOMAIN'},
    # by UDP only, and has no address to give
    {(GOOD, HUB, '+notcp'): []},
    {(GOOD, HUB, '+tcp'): []},
])  # fmt: skip
def test_name_server_that_has_answered_anything_is_asked_again(net, answers):
    net.names = {}
    answers = dict(answers)
    answers[GOOD, AUTH] = [TRUE[AUTH]]
    host = NamingHost(knowing(SECOND, answers))
    found = by_name(find(host, names=[HUB, OLD], resolvers=[GOOD, SECOND]))
    assert found[AUTH]['offers'] == [offer(GOOD, [TRUE[AUTH]]), offer(SECOND, [TRUE[AUTH]])]


def test_an_answer_by_tcp_counts_beside_one_that_was_slipped_in(net):
    net.names[HUB] = [LIE]
    hub = find(NamingHost({(GOOD, HUB, '+notcp'): [LIE], (GOOD, HUB, '+tcp'): [TRUE[HUB]]}))['findings'][0]
    assert (hub['offers'], rules.proven(hub)) == ([offer(GOOD, [LIE, TRUE[HUB]])], [TRUE[HUB]])


# The hosts file.


def test_block_that_holds_needs_no_dig(net):
    for name in TRUE:
        net.names[name] = [TRUE[name]]
    text = with_block(*[(TRUE[name], name) for name in (HUB, AUTH, BLOBS)])
    host = NamingHost(programs=(), getent=dict((name, [LIE]) for name in TRUE))
    found = find(host, text)
    assert [state(finding) for finding in found['findings']] == 3 * [rules.LIES]
    assert [finding['block'] for finding in by_name(found).values()] == [[TRUE[name]] for name in by_name(found)]
    assert all(rules.block_holds(finding) and not finding['offers'] and finding['needed'] for finding in found['findings'])
    assert (set(argv[0] for argv in host.commands), host.asked, found['installed'], net.asked) == (set(['getent']), [], u'', [])


def test_block_that_is_out_of_date_does(net):
    host = NamingHost(knowing(GOOD), getent={HUB: [LIE]})
    hub = by_name(find(host, with_block((TRUE[HUB], HUB), (DEAD, HUB))))[HUB]
    assert (hub['block'], hub['offers'], rules.proven(hub)) == ([TRUE[HUB], DEAD], [offer(GOOD, [TRUE[HUB]])], [TRUE[HUB]])
    assert hub['proofs'][DEAD]['stage'] == u'tcp'


def test_name_in_the_block_that_no_pull_needs(net):
    found = by_name(find(NamingHost(getent={HUB: [TRUE[HUB]], OLD: [DEAD]}), with_block((TRUE[HUB], HUB), (DEAD, OLD))))
    assert dict((name, finding['needed']) for name, finding in found.items()) == {HUB: True, AUTH: True, BLOBS: True, OLD: False}
    assert (found[OLD]['port'], found[OLD]['block']) == (443, [DEAD])


def test_pinned_names_are_asked_past_the_file(net):
    text = FILE + u'%s Registry-1.docker.io other.example # docker fix 2019\n%s auth.docker.io\n' % (DEAD, LIE)
    host = NamingHost(getent={HUB: [TRUE[HUB], TRUE[HUB]]}, files={'/etc/resolv.conf': u'nameserver 192.0.2.1\nnameserver 127.0.0.53\n'}, programs=())
    # What the C library says has the file in it.
    net.names.update({HUB: [DEAD], AUTH: [LIE]})
    found = by_name(find(host, text, resolvers=[]))
    assert found[HUB]['system'] == {'addresses': [TRUE[HUB]], 'cause': u''}
    assert found[AUTH]['system'] == {'addresses': [], 'cause': u'the name servers give no address (auth.docker.io)'}
    assert (found[HUB]['pins'], found[AUTH]['pins']) == ([DEAD], [LIE])
    assert found[HUB]['proofs'][DEAD]['stage'] == u'tcp' and rules.is_proven(found[HUB], TRUE[HUB])
    assert found[AUTH]['proofs'][LIE]['stage'] == u'tls'
    assert host.commands == [_dig.getent(HUB), _dig.getent(AUTH)]
    assert host.environments == 2 * [_dig.getent_environment(PATIENCE)]
    assert HUB not in net.asked


@pytest.mark.parametrize('changes, asked', [({}, False), ({'adopt': True}, True)])
def test_good_pin_is_left_in_peace_unless_it_is_to_be_taken_over(net, changes, asked):
    host = NamingHost(knowing(GOOD), getent={HUB: [LIE]})
    hub = find(host, FILE + u'%s %s\n' % (TRUE[HUB], HUB), **changes)['findings'][0]
    assert (state(hub), bool(hub['offers']), bool(host.dug())) == (rules.LIES, asked, asked)


RESOLVED = {'/etc/resolv.conf': u'nameserver 127.0.0.53\n', '/run/systemd/resolve/resolv.conf': u'nameserver 192.0.2.1\n'}


def test_stub_that_answers_out_of_the_file_is_passed_by(net):
    host = NamingHost({(STUB, HUB): [DEAD], (UPSTREAM, HUB): [TRUE[HUB]]}, getent={HUB: [DEAD], OLD: [DEAD]}, files=RESOLVED)
    found = by_name(find(host, FILE + u'%s %s %s\n' % (DEAD, HUB, OLD), names=[HUB, OLD], resolvers=[]))
    assert found[HUB]['system'] == {'addresses': [TRUE[HUB]], 'cause': u''}
    assert found[OLD]['system'] == {'addresses': [], 'cause': u'the name servers give no address (old.docker.example)'}
    assert host.dug() == [(UPSTREAM, HUB, u'A', '+notcp'), (UPSTREAM, OLD, u'A', '+notcp')]
    assert len(host.commands) == 2


def test_stub_without_dig_is_asked_all_the_same_where_nothing_may_be_installed(net):
    host = NamingHost(getent={HUB: [TRUE[HUB]]}, files=RESOLVED, programs=('apt-get',))
    found = find(host, with_block((TRUE[HUB], HUB)), read_only=True)
    assert (found['lacking'], found['findings'][0]['system']['addresses']) == (u'bind9-dnsutils', [TRUE[HUB]])
    assert (host.commands, host.asked) == ([_dig.getent(HUB)], [])


# How many addresses, and of which kind.


def test_no_more_than_sixteen_addresses_of_a_name_server_are_tried(net):
    many = [u'127.0.1.%d' % number for number in range(1, 31)]
    net.names[HUB] = many
    more = [u'127.0.2.%d' % number for number in range(1, 31)]
    found = find(NamingHost({(GOOD, HUB): more, (SECOND, HUB): [DEAD]}), resolvers=[GOOD, SECOND])
    hub = found['findings'][0]
    assert sorted(hub['proofs']) == sorted(many[:16] + more[:16] + [DEAD])
    assert sorted(net.tried) == sorted(hub['proofs'])
    assert (hub['system']['addresses'], hub['offers']) == (many[:16], [offer(GOOD, more[:16]), offer(SECOND, [DEAD])])
    # Each can be told of.
    assert u'127.0.2.16: tcp: connection refused' in rules.complaint(hub, wish())


def test_many_lies_do_not_keep_the_truth_out(net):
    net.names[HUB] = [u'127.0.1.%d' % number for number in range(1, 31)]
    assert rules.proven(find(NamingHost(knowing(GOOD)))['findings'][0]) == [TRUE[HUB]]


def test_pins_are_asked_past_the_file_for_no_more_than_sixteen_either(net):
    many = [u'127.0.1.%d' % number for number in range(1, 31)]
    text = FILE + u'%s %s\n' % (TRUE[HUB], HUB)
    hub = find(NamingHost(getent={HUB: many}), text, resolvers=[])['findings'][0]
    stub = find(NamingHost({(UPSTREAM, HUB): many}, files=RESOLVED), text, resolvers=[])['findings'][0]
    assert hub['system']['addresses'] == stub['system']['addresses'] == many[:16]
    assert rules.is_proven(hub, TRUE[HUB]) and rules.is_proven(stub, TRUE[HUB])


@pytest.mark.parametrize('files, kinds', [
    ({}, [u'A']),
    ({'/proc/net/if_inet6': u'fe80000000000000004207fffe150002 26 40 20 80     eth0\n'}, [u'A']),
    (GLOBAL_IPV6, [u'A', u'AAAA']),
])  # fmt: skip
def test_ipv6_is_asked_for_where_the_host_has_it(net, world, files, kinds):
    net.names[HUB] = [LIE]
    net.serve('::1', Registry(), world.pull)
    host = NamingHost({(GOOD, HUB): [TRUE[HUB], u'::1']}, files=files)
    hub = find(host)['findings'][0]
    assert host.dug() == [(GOOD, HUB, kind, way) for way in ('+notcp', '+tcp') for kind in kinds]
    assert hub['offers'] == [offer(GOOD, [TRUE[HUB], u'::1'][:len(kinds)])]
    assert all(rules.is_proven(hub, address) for address in hub['offers'][0]['addresses'])


# dig.

DONE = (0, u'', u'')
UNKNOWN = (100, u'', u'E: Unable to locate package bind9-dnsutils\n')
MANAGERS = [
    (('apt-get',), 'apt-get', u'bind9-dnsutils'),
    (('dnf5',), 'dnf5', u'bind-utils'),
    ((), 'dnf', u'bind-utils'),
]


@pytest.mark.parametrize('programs, manager, package', MANAGERS)
def test_dig_is_lacking_where_nothing_may_be_installed(net, programs, manager, package):
    net.names.update({HUB: [LIE], AUTH: [LIE]})
    host = NamingHost(knowing(GOOD), programs=programs)
    found = find(host, read_only=True)
    assert (found['lacking'], found['installed'], host.asked, host.commands) == (package, u'', [], [])
    assert [(finding['name'], finding['offers']) for finding in found['findings']] == [(HUB, [])]


@pytest.mark.parametrize('programs, manager, package', MANAGERS)
def test_dig_is_installed_once(net, programs, manager, package):
    net.names.update({HUB: [LIE], AUTH: [LIE]})
    host = NamingHost(knowing(GOOD), programs=programs, answers=[DONE])
    found = find(host)
    assert (found['lacking'], found['installed']) == (u'', package)
    assert [(argv[0], argv[-2:]) for argv, dummy in host.asked] == [(manager, ['install', package])]
    assert [rules.proven(finding) for finding in found['findings']] == [[TRUE[HUB]], [TRUE[AUTH]], [TRUE[BLOBS]]]


def test_dig_has_another_package_on_older_hosts(net):
    net.names[HUB] = [LIE]
    host = NamingHost(knowing(GOOD), programs=('apt-get',), answers=[UNKNOWN, DONE, UNKNOWN, DONE])
    assert find(host)['installed'] == u'dnsutils'
    assert [argv[-1] for argv, dummy in host.asked] == ['bind9-dnsutils', 'update', 'bind9-dnsutils', 'dnsutils']


def test_dig_that_is_there_is_not_installed(net):
    net.names[HUB] = [LIE]
    host = NamingHost(knowing(GOOD), programs=('dig', 'apt-get'))
    found = find(host, read_only=True)
    assert (found['lacking'], found['installed'], host.asked, bool(host.dug())) == (u'', u'', [], True)


@pytest.mark.parametrize('text, resolvers, whom', [
    (FILE, [GOOD, SECOND], u'192.0.2.53, 192.0.2.54'),
    # wanted only for looking past a stub
    (FILE + u'%s %s\n' % (TRUE[HUB], HUB), [], u'the name servers'),
])  # fmt: skip
def test_dig_that_cannot_be_installed(net, text, resolvers, whom):
    net.names[HUB] = [LIE]
    error = (1, u'', u'Error: Unable to find a match: bind-utils\n')
    with pytest.raises(DockfleetError) as caught:
        find(NamingHost(programs=('dnf5',), files=RESOLVED, answers=[error]), text, resolvers=resolvers, path='/etc/hosts.d')
    assert caught.value.details['stage'] == 'dig'
    assert caught.value.message == (
        u'registry_hosts: dig is needed to ask %s, and cannot be installed. dnf5 failed to install bind-utils: Error: Unable to find a match: bind-utils. '
        u'Nothing was changed in /etc/hosts.d. Install bind-utils yourself, or let docker_repo repair the repositories of the distribution first '
        u'(docker_repo_base), and run again.' % whom
    )
