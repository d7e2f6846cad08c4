# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the findings about names mean: which names need repair, with which addresses, and what has to be said about it. Nothing here does I/O.

A finding is a dict: name, port; pins and block (the addresses that others and docker_dns wrote into the hosts file); system (addresses, or the cause of
there being none); offers (one dict for each given resolver: resolver, addresses, cause); proofs (by address: ms where it proved to be the name's
own, else stage and cause); needed (whether a pull needs it).
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

RIGHT, FAILS, LIES = u'right', u'fails', u'lies'

# More of them do not help: those who look a name up try them one after the other.
MOST_PINNED = 2


def judge_system(finding):
    """What the host's name servers are worth for a name.

    Returns:
        tuple: right, fails or lies; and why (empty if right).
    """
    addresses = finding['system']['addresses']
    if not addresses:
        return FAILS, finding['system']['cause']
    faults = [(address, finding['proofs'][address]) for address in addresses if 'cause' in finding['proofs'].get(address, {})]
    for address, proof in faults:
        if proof['stage'] == u'tls' and proof['cause'].startswith(u'certificate') or proof['cause'].startswith(u'self-signed'):
            return LIES, fault(address, proof)
    if len(faults) < len(addresses):
        # Of several addresses one may be down; who looks the name up goes on to the next.
        return RIGHT, u''
    return FAILS, u'; '.join(fault(address, proof) for address, proof in faults)


def fault(address, proof):
    return u'%s: %s: %s' % (address, proof['stage'], proof['cause'])


def is_proven(finding, address):
    return 'ms' in finding['proofs'].get(address, {})


def needs_repair(finding, wish):
    """Whether a name is to be in the block."""
    if wish['mode'] == 'force':
        return True
    if judge_system(finding)[0] == RIGHT:
        return False
    pinned_well = finding['pins'] and all(is_proven(finding, address) for address in finding['pins'])
    return not pinned_well or wish['adopt']


def block_holds(finding):
    """Whether the block has addresses for a name, and all of them proved to be its own."""
    return bool(finding['block']) and all(is_proven(finding, address) for address in finding['block'])


def proven(finding):
    """The addresses that are best for a name: those of the block while all of them hold, else the fastest."""
    if block_holds(finding):
        return finding['block'][:MOST_PINNED]
    fastest = sorted((proof['ms'], address) for address, proof in finding['proofs'].items() if 'ms' in proof)
    return [address for dummy, address in fastest[:MOST_PINNED]]


def pairs(findings, complete, wish):
    """The pairs of address and name that the block is to have.

    Args:
        findings (list of dict): All of them.
        complete (bool): Whether all names that a pull needs have been seen; else a name that is in the block is taken for needed.
        wish (dict): Parameters of registry_hosts.
    """
    wanted = [finding for finding in findings if (finding['needed'] or not complete) and needs_repair(finding, wish)]
    return [(address, finding['name']) for finding in wanted for address in proven(finding)]


def is_cut_off(findings):
    """Whether no address of any name proved anything: then it is not the names that are broken."""
    return bool(findings) and not any('ms' in proof for finding in findings for proof in finding['proofs'].values())


def rejected(finding):
    """The addresses that did not prove to be the name's own: who gave them, and what was wrong.

    Returns:
        list of dict: name, address, source, stage, cause.
    """
    found = []
    for address in sorted(finding['proofs']):
        proof = finding['proofs'][address]
        if 'cause' in proof:
            found.append({'name': finding['name'], 'address': address, 'source': _source(finding, address), 'stage': proof['stage'], 'cause': proof['cause']})
    return found


def _source(finding, address):
    sources = [u'the host\'s name servers'] if address in finding['system']['addresses'] else []
    sources += [offer['resolver'] for offer in finding['offers'] if address in offer['addresses']]
    sources += [u'the hosts file'] if address in finding['pins'] + finding['block'] else []
    return u', '.join(sources)


def complaint(finding, wish):
    """Why a name that needs repair cannot be repaired, and what would help."""
    state, why = judge_system(finding)
    text = u'%s cannot be repaired: this host\'s name servers %s' % (
        finding['name'], u'are right, and still no address is proven' if state == RIGHT else u'%s (%s)' % (u'lie' if state == LIES else u'fail', why)
    )  # fmt: skip
    if not wish['resolvers']:
        return text + u'. Set docker_dns_resolvers to name servers that know better.'
    told = []
    for offer in finding['offers']:
        faults = [fault(address, finding['proofs'][address]) for address in offer['addresses'] if not is_proven(finding, address)]
        told.append(u'%s %s' % (offer['resolver'], offer['cause'] or u'gives %s' % u', '.join(faults)))
    return text + u', and of docker_dns_resolvers none knows an address that proves to be its own: %s. Name others, or a mirror.' % u'; '.join(told)


def opinion_of_pin(entry, name, finding, path):
    """What to say about an entry that somebody else wrote about a name that a pull needs."""
    text = u'%s line %d pins %s to %s by hand' % (path, entry.line, name, entry.address)
    system = finding['system']['addresses']
    others = [address for address in system if is_proven(finding, address)]
    if not is_proven(finding, entry.address):
        proof = finding['proofs'].get(entry.address)
        text += u', which does not prove to be it (%s)' % (u'%s: %s' % (proof['stage'], proof['cause']) if proof else u'not tried')
    elif entry.address in system:
        text += u', as the name servers say by themselves'
    elif others:
        text += u', while the name servers say %s' % u', '.join(others)
    else:
        text += u', which still proves to be it, but will not tell when it moves'
    return text + u'. Take the line out, or set docker_dns_adopt to true.'
