# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rules and chains of iptables are Docker's, as "iptables-save" prints them: those that Docker writes in these very words."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

SAVE = {'iptables': 'iptables-save', 'ip6tables': 'ip6tables-save'}
RESTORE = {'iptables': 'iptables-restore', 'ip6tables': 'ip6tables-restore'}

CHAIN = re.compile(r'DOCKER(-USER|-FORWARD|-BRIDGE|-CT|-INTERNAL|-INGRESS|-ISOLATION(-STAGE-[12])?|_OUTPUT|_POSTROUTING)?$')
# Administrators are told to put their own rules into this one.
USER_CHAIN = u'DOCKER-USER'

BRIDGE = r'(?:docker0|docker_gwbridge|br-[0-9a-f]{12})'
RULES = [
    re.compile(form.replace('BRIDGE', BRIDGE) + '$')
    for form in (
        r'-A FORWARD -o BRIDGE -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        r'-A FORWARD -i BRIDGE ! -o BRIDGE -j (ACCEPT|DROP)',
        r'-A FORWARD -i BRIDGE -o BRIDGE -j (ACCEPT|DROP)',
        r'-A POSTROUTING -s \S+ ! -o BRIDGE -j MASQUERADE',
        r'-A POSTROUTING -o BRIDGE -m addrtype --src-type LOCAL -j MASQUERADE',
        r'-A POSTROUTING -s (\S+) -d \1 -p (tcp|udp|sctp) -m \2 --dport \d+ -j MASQUERADE',
        r'-A PREROUTING -d \S+ ! -i BRIDGE -j DROP',
    )
]


def is_bridge(name, ports):
    """Whether a network interface is one of Docker's bridges with nothing on it.

    Args:
        name (str): Its name.
        ports (list): What is connected to it; None for an interface that is no bridge.
    """
    return ports == [] and bool(re.match(BRIDGE + '$', name))


def cleaning(text):
    """What takes Docker's rules and chains away.

    Args:
        text (str): What "iptables-save" prints.

    Returns:
        list of dict: For each table concerned its name (table), the input for "iptables-restore --noflush" (script), and what goes in words (what).
    """
    found = []
    for table, lines in tables(text):
        chains = [chain for chain in declared(lines) if CHAIN.match(chain) and not (chain == USER_CHAIN and foreign_rules(text))]
        rules = [line for line in lines if line.startswith('-A ') and line.split()[1] not in chains and (target(line) in chains or is_dockers(line))]
        if chains or rules:
            commands = ['-F ' + chain for chain in chains] + ['-D' + rule[2:] for rule in rules] + ['-X ' + chain for chain in chains]
            words = [u'chain %s' % chain for chain in chains] + [u'rule "%s"' % rule[3:] for rule in rules]
            found.append({'table': table, 'script': u'*%s\n%s\nCOMMIT\n' % (table, u'\n'.join(commands)), 'what': u', '.join(words)})
    return found


def tables(text):
    """(name, lines) of each table."""
    found = []
    for line in text.splitlines():
        if line.startswith('*'):
            found.append((line[1:].strip(), []))
        elif found:
            found[-1][1].append(line.strip())
    return found


def declared(lines):
    """The names of a table's chains."""
    return [line[1:].split()[0] for line in lines if line.startswith(':')]


def target(rule):
    """The chain that a rule leads to; None where it leads to none."""
    match = re.search(r' (?:-j|-g) (\S+)', rule)
    return match.group(1) if match else None


def is_dockers(rule):
    return any(form.match(rule) for form in RULES)


def foreign_rules(text):
    """The rules in DOCKER-USER that are not Docker's."""
    own = u'-A %s -j RETURN' % USER_CHAIN
    return [line for dummy, lines in tables(text) for line in lines if line.startswith('-A %s ' % USER_CHAIN) and line != own]


def forward_policy(text):
    """What becomes of forwarded packets that no rule names."""
    for table, lines in tables(text):
        for line in lines:
            if table == 'filter' and line.startswith(':FORWARD '):
                return line.split()[1]
    return None
