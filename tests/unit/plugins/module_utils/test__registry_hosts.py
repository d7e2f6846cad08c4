# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _registry_hosts
from ansible_collections.dockfleet.host.plugins.module_utils import _registry_hosts_rules as rules
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._hosts_file import HostsFile
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook

HUB, AUTH, BLOBS = u'registry-1.docker.io', u'auth.docker.io', u'blobs.docker.example'
TRUE, TRUE_TOO, TRUE_THREE, LIE, DEAD, OLD = (u'198.51.100.%d' % number for number in (1, 2, 3, 66, 77, 88))
TODAY = u'2026-11-25'
FILE = u'127.0.0.1 localhost\n'

PROOFS = {
    TRUE: {'ms': 20},
    TRUE_TOO: {'ms': 10},
    TRUE_THREE: {'ms': 30},
    LIE: {'stage': u'tls', 'cause': u'certificate is for another name (stranger.example)'},
    DEAD: {'stage': u'tcp', 'cause': u'no answer within 5 s'},
    OLD: {'stage': u'tcp', 'cause': u'connection refused'},
}


def finding(name=HUB, system=(TRUE,), offers=(), pins=(), block=(), needed=True, cause=u''):
    """What was found about a name; offers are pairs of a resolver and the addresses, or the cause of there being none."""
    offered = [address for dummy, answer in offers if not isinstance(answer, str) and not hasattr(answer, 'encode') for address in answer]
    addresses = list(system) + offered + list(pins) + list(block)
    return {
        'name': name, 'port': 443, 'pins': list(pins), 'block': list(block), 'needed': needed,
        'system': {'addresses': list(system), 'cause': cause or (u'' if system else u'the name does not exist (%s)' % name)},
        'offers': [
            {'resolver': who, 'addresses': [] if hasattr(answer, 'encode') else list(answer), 'cause': answer if hasattr(answer, 'encode') else u''}
            for who, answer in offers
        ],
        'proofs': dict((address, PROOFS[address]) for address in addresses),
    }  # fmt: skip


def wish(**changes):
    options = dict((name, option.get('default')) for name, option in _registry_hosts.ARGUMENT_SPEC.items())
    return dict(options, **dict({'resolvers': [u'192.0.2.53']}, **changes))


def look(findings, text=FILE, unseen=(), installed=u'', lacking=u'', **more):
    names = {'today': TODAY, 'findings': findings, 'unseen': list(unseen), 'installed': installed, 'lacking': lacking}
    return dict({'hosts': {'path': u'/etc/hosts', 'text': text, 'encoding': 'utf-8'}, 'names': names}, **more)


def with_block(pairs, text=FILE, date=u'2026-11-01'):
    return HostsFile(text).with_block(pairs, date, u'x').text


def block_after(plan, before=FILE):
    written = [step['write'] for step in plan.steps if 'write' in step]
    return HostsFile(written[0] if written else before).block()


@pytest.mark.parametrize('addresses, state, why', [
    ((TRUE,), rules.RIGHT, u''),
    ((DEAD, TRUE), rules.RIGHT, u''),
    ((LIE,), rules.LIES, u'198.51.100.66: tls: certificate is for another name (stranger.example)'),
    ((TRUE, LIE), rules.LIES, u'198.51.100.66: tls: certificate is for another name (stranger.example)'),
    ((DEAD, OLD), rules.FAILS, u'198.51.100.77: tcp: no answer within 5 s; 198.51.100.88: tcp: connection refused'),
    ((), rules.FAILS, u'the name does not exist (registry-1.docker.io)'),
])  # fmt: skip
def test_judge_system(addresses, state, why):
    assert rules.judge_system(finding(system=addresses)) == (state, why)


@pytest.mark.parametrize('one, changes, needed', [
    (finding(), {}, False),
    (finding(), {'mode': 'force'}, True),
    (finding(system=(LIE,)), {}, True),
    (finding(system=()), {}, True),
    (finding(system=(LIE,), pins=(TRUE,)), {}, False),
    (finding(system=(LIE,), pins=(TRUE,)), {'adopt': True}, True),
    (finding(system=(LIE,), pins=(TRUE, OLD)), {}, True),
    (finding(system=(TRUE,), pins=(OLD,)), {}, False),
])  # fmt: skip
def test_needs_repair(one, changes, needed):
    assert rules.needs_repair(one, wish(**changes)) is needed


@pytest.mark.parametrize('offered, block, best', [
    # the fastest first, and two are enough
    ((TRUE, TRUE_TOO, TRUE_THREE), (), [TRUE_TOO, TRUE]),
    ((LIE, TRUE, DEAD), (), [TRUE]),
    # what is there and holds is not exchanged for a few milliseconds, nor is anything added
    ((TRUE, TRUE_TOO), (TRUE_THREE,), [TRUE_THREE]),
    ((TRUE, TRUE_TOO), (TRUE, TRUE_TOO), [TRUE, TRUE_TOO]),
    ((TRUE, TRUE_TOO), (TRUE_THREE, DEAD), [TRUE_TOO, TRUE]),
    ((LIE, DEAD), (), []),
])  # fmt: skip
def test_proven(offered, block, best):
    assert rules.proven(finding(system=(), offers=[(u'192.0.2.53', offered)], block=block)) == best


def test_names_that_are_right_are_left_alone():
    plan = _registry_hosts.plan(look([finding(), finding(AUTH)]), wish())
    assert (plan.steps, plan.warnings, plan.result['proven']) == ([], [], {})
    assert [entry['state'] for entry in plan.result['system']] == [rules.RIGHT, rules.RIGHT]


def test_names_that_lie_get_proven_addresses_only():
    offers = [(u'192.0.2.53', (TRUE, LIE)), (u'192.0.2.54', (LIE,)), (u'192.0.2.55', u'does not answer')]
    found = [finding(system=(LIE,), offers=offers), finding(AUTH), finding(BLOBS, system=(), offers=[(u'192.0.2.53', (TRUE_TOO,))])]
    plan = _registry_hosts.plan(look(found), wish())
    assert block_after(plan) == [(TRUE, HUB), (TRUE_TOO, BLOBS)]
    assert plan.steps == [{'write': plan.after, 'encoding': 'utf-8'}] and plan.before == FILE and plan.after.endswith(FILE)
    assert (plan.result['date'], plan.warnings) == (TODAY, [])
    assert plan.result['rejected'] == [
        {'name': HUB, 'address': LIE, 'source': u"the host's name servers, 192.0.2.53, 192.0.2.54", 'stage': u'tls', 'cause': PROOFS[LIE]['cause']},
    ]
    # And again, with what was written.
    found[0]['block'], found[2]['block'] = [TRUE], [TRUE_TOO]
    again = _registry_hosts.plan(look(found, plan.after), wish())
    assert (again.steps, again.result['date']) == ([], TODAY)


def test_healed_names_take_the_block_away():
    text = with_block([(TRUE, HUB), (TRUE_TOO, AUTH)])
    half = _registry_hosts.plan(look([finding(block=(TRUE,)), finding(AUTH, system=(LIE,), block=(TRUE_TOO,))], text), wish())
    assert block_after(half) == [(TRUE_TOO, AUTH)] and half.result['date'] == TODAY
    healed = _registry_hosts.plan(look([finding(block=(TRUE,)), finding(AUTH, block=(TRUE_TOO,))], text), wish())
    assert healed.after == FILE and healed.result['date'] == u''


def test_name_that_a_pull_needs_no_more_goes_once_all_was_seen():
    text = with_block([(TRUE, HUB), (TRUE_TOO, AUTH)])
    found = [finding(system=(LIE,), block=(TRUE,)), finding(AUTH, system=(LIE,), block=(TRUE_TOO,), needed=False)]
    cut_short = _registry_hosts.plan(look(found, text, unseen=[u'registry-1.docker.io: token: no answer']), wish())
    assert block_after(cut_short, text) == [(TRUE, HUB), (TRUE_TOO, AUTH)]
    assert cut_short.warnings == [u'Names may be missing: what is behind a registry could not be seen to its end. registry-1.docker.io: token: no answer.']
    assert block_after(_registry_hosts.plan(look(found, text), wish()), text) == [(TRUE, HUB)]


def test_force_pins_what_is_right_too_and_fails_where_nothing_is_proven():
    assert block_after(_registry_hosts.plan(look([finding(), finding(AUTH, system=(TRUE_TOO,))]), wish(mode='force'))) == [(TRUE, HUB), (TRUE_TOO, AUTH)]
    with pytest.raises(DockfleetError) as caught:
        _registry_hosts.plan(look([finding(), finding(AUTH, system=(LIE,), offers=[(u'192.0.2.53', (DEAD,))])]), wish(mode='force'))
    assert caught.value.message == (
        u'registry_hosts: auth.docker.io cannot be repaired: this host\'s name servers lie (198.51.100.66: tls: certificate is for another name '
        u'(stranger.example)), and of docker_dns_resolvers none knows an address that proves to be its own: 192.0.2.53 gives 198.51.100.77: tcp: no answer '
        u'within 5 s. Name others, or a mirror. Nothing was changed in /etc/hosts.'
    )


def test_auto_warns_where_nothing_is_proven():
    found = [finding(), finding(AUTH, system=(), offers=[(u'192.0.2.53', u'does not answer')])]
    plan = _registry_hosts.plan(look(found), wish())
    assert plan.steps == []
    assert plan.warnings[0].endswith(u'none knows an address that proves to be its own: 192.0.2.53 does not answer. Name others, or a mirror.')
    plan = _registry_hosts.plan(look([finding(), finding(AUTH, system=())]), wish(resolvers=[]))
    assert plan.warnings == [(
        u'auth.docker.io cannot be repaired: this host\'s name servers fail (the name does not exist (auth.docker.io)). '
        u'Set docker_dns_resolvers to name servers that know better.'
    )]


def test_a_host_that_is_cut_off_keeps_its_block():
    text = with_block([(DEAD, HUB)])
    found = [finding(system=(), block=(DEAD,), offers=[(u'192.0.2.53', u'does not answer')])]
    plan = _registry_hosts.plan(look(found, text), wish())
    assert plan.steps == [] and u'can be reached from here under any address, so /etc/hosts was left as it was' in plan.warnings[0]
    assert plan.result['proven'] == {HUB: [DEAD]}
    with pytest.raises(DockfleetError):
        _registry_hosts.plan(look(found, text), wish(mode='force'))


def test_no_names_is_nothing_to_do():
    assert _registry_hosts.plan(look([]), wish(names=[])).steps == []


def test_absent():
    assert _registry_hosts.plan({'hosts': look([])['hosts']}, wish(mode='absent')).steps == []
    plan = _registry_hosts.plan({'hosts': look([], with_block([(TRUE, HUB)]))['hosts']}, wish(mode='absent'))
    assert (plan.after, plan.result['system'], plan.result['date']) == (FILE, [], u'')


# B66: what somebody wrote into the file years ago.

PINNED = FILE + u'%s registry-1.docker.io # docker fix 2019\n'


@pytest.mark.parametrize('pin, system, words', [
    (OLD, (TRUE,), u'which does not prove to be it (tcp: connection refused)'),
    (TRUE, (TRUE,), u'as the name servers say by themselves'),
    (TRUE_TOO, (TRUE,), u'while the name servers say 198.51.100.1'),
    (TRUE, (LIE,), u'which still proves to be it, but will not tell when it moves'),
])  # fmt: skip
def test_B66_old_pin_is_reported(pin, system, words):
    plan = _registry_hosts.plan(look([finding(system=system, pins=(pin,))], PINNED % pin), wish())
    assert plan.steps == []
    assert plan.warnings == [
        u'/etc/hosts line 2 pins registry-1.docker.io to %s by hand, %s. Take the line out, or set docker_dns_adopt to true.' % (pin, words)
    ]
    assert plan.result['pins'] == [{'line': 2, 'name': HUB, 'address': pin, 'proven': 'ms' in PROOFS[pin]}]


def test_B66_old_pin_is_taken_over_when_asked():
    right = _registry_hosts.plan(look([finding(pins=(OLD,))], PINNED % OLD), wish(adopt=True))
    assert (right.after, right.warnings) == (FILE, [])
    lying = _registry_hosts.plan(look([finding(system=(LIE,), pins=(TRUE,))], PINNED % TRUE), wish(adopt=True))
    assert block_after(lying) == [(TRUE, HUB)] and lying.after.endswith(u'END dockfleet.host docker_dns\n' + FILE)


def test_B66_dead_pin_and_lying_name_servers_get_a_block_before_the_pin():
    plan = _registry_hosts.plan(look([finding(system=(LIE,), pins=(OLD,), offers=[(u'192.0.2.53', (TRUE,))])], PINNED % OLD), wish())
    assert block_after(plan) == [(TRUE, HUB)] and plan.after.endswith(PINNED % OLD) and len(plan.warnings) == 1


# dig.


def test_check_mode_without_dig_tells_what_it_cannot_know():
    plan = _registry_hosts.plan(look([finding(system=(LIE,))], lacking=u'bind-utils'), wish())
    assert plan.steps == [{'installed': u'bind-utils'}] and plan.result['installed'] == u'bind-utils'
    assert plan.warnings == [
        u'dig is not there to ask docker_dns_resolvers with. The run itself installs bind-utils first; what the block will hold shows only then.'
    ]
    assert plan.after == plan.before.replace(u'absent', u'installed')


def test_dig_that_was_installed_is_a_change():
    plan = _registry_hosts.plan(look([finding(system=(LIE,), offers=[(u'192.0.2.53', (TRUE,))])], installed=u'bind-utils'), wish())
    assert [sorted(step) for step in plan.steps] == [['installed'], ['encoding', 'write']]


# What is refused.


@pytest.mark.parametrize('changes, words', [
    ({'names': ['https://registry-1.docker.io']}, u'is no host name'),
    ({'names': ['registry-1.docker.io/v2']}, u'is no host name'),
    ({'names': ['reg istry']}, u'has a blank in it'),
    ({'names': [u'b\xfccher.example']}, u'characters that are not ASCII'),
    ({'resolvers': ['dns.google']}, u'the name server "dns.google" is no IPv4 or IPv6 address'),
    ({'images': ['https://hub.docker.com/_/alpine']}, u'is no image reference'),
])  # fmt: skip
def test_bad_wish_is_refused_before_anything_is_looked_at(changes, words):
    with pytest.raises(DockfleetError) as caught:
        _registry_hosts.plan({}, wish(**changes))
    assert words in caught.value.message


def test_plan_wants_the_file_first():
    with pytest.raises(NotInLook):
        _registry_hosts.plan({}, wish())


class Host(object):
    """Keeps what is written."""

    def write(self, path, content):
        self.written = (path, content)


def test_apply_writes_the_same_encoding():
    host = Host()
    plan = _registry_hosts.plan(look([finding(system=(LIE,), offers=[(u'192.0.2.53', (TRUE,))])], u'# caf\xe9\n'), wish())
    plan.steps[0]['encoding'] = 'latin-1'
    _registry_hosts.apply(host, plan, wish())
    assert host.written[0] == u'/etc/hosts' and host.written[1].endswith(b'# caf\xe9\n')
