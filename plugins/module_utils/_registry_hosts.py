# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The topic of registry_hosts: names that a pull needs are repaired in the hosts file while name servers fail or lie, with proven addresses only."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _registry_hosts_rules as rules
from ansible_collections.dockfleet.host.plugins.module_utils import _registry_names
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._hosts_file import HostsFile, decode
from ansible_collections.dockfleet.host.plugins.module_utils._image import parse_image
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan
from ansible_collections.dockfleet.host.plugins.module_utils._url import check_url, is_address

ARGUMENT_SPEC = {
    'mode': {'type': 'str', 'choices': ['auto', 'force', 'absent'], 'default': 'auto'},
    'names': {'type': 'list', 'elements': 'str', 'default': ['registry-1.docker.io']},
    'resolvers': {'type': 'list', 'elements': 'str', 'default': []},
    'images': {'type': 'list', 'elements': 'str', 'default': ['library/hello-world:latest']},
    'adopt': {'type': 'bool', 'default': False},
    'path': {'type': 'path', 'default': '/etc/hosts'},
    'timeout': {'type': 'float', 'default': 5},
}
CONSTRAINTS = {}

# The file and the names are looked at by inquire(): no look that travels holds them.
NEEDS = ()


def plan(look, wish):
    """Plan the block.

    Args:
        look (dict): hosts (path, text, encoding) and names (see _registry_names.find_out), both added by inquire().
        wish (dict): Parameters of registry_hosts.

    Returns:
        Plan: Its steps are dicts: {'write': text, 'encoding': how} and {'installed': package}.
    """
    _refuse_bad_wish(wish)
    if 'hosts' not in look:
        raise NotInLook()
    hosts = HostsFile(look['hosts']['text'], look['hosts']['path'])
    if wish['mode'] == 'absent':
        return _plan(look, hosts, hosts.with_block([], u'', u''), {'system': [], 'proven': {}, 'rejected': [], 'pins': []}, [])
    names = look['names']
    findings = names['findings']
    if rules.is_cut_off(findings) and not names['lacking']:
        return _cut_off(look, hosts, findings, wish)
    wanted = rules.pairs(findings, not names['unseen'], wish)
    purpose = u'For pulling images from %s.' % u', '.join(to_text(name) for name in wish['names'])
    new = hosts
    pins = [(entry, name) for entry in hosts.pins() for name in entry.names if name in [finding['name'] for finding in findings]]
    if wish['adopt']:
        new = new.without_pins([name for dummy, name in pins])
    new = new.with_block(wanted, names['today'], purpose)
    repaired = set(name for dummy, name in wanted)
    complaints = [
        rules.complaint(finding, wish)
        for finding in findings
        if finding['needed'] and finding['name'] not in repaired and rules.needs_repair(finding, wish)
    ]
    if names['lacking']:
        complaints = [
            u'dig is not there to ask docker_dns_resolvers with. The run itself installs %s first; what the block will hold shows only then.' % names['lacking']
        ]
    elif complaints and wish['mode'] == 'force':
        raise DockfleetError(u'registry_hosts: %s Nothing was changed in %s.' % (u' '.join(complaints), look['hosts']['path']), stage='dns')
    else:
        complaints += [u'Names may be missing: what is behind a registry could not be seen to its end. %s.' % words for words in names['unseen']]
    by_name = dict((finding['name'], finding) for finding in findings)
    opinions = [] if wish['adopt'] else [rules.opinion_of_pin(entry, name, by_name[name], look['hosts']['path']) for entry, name in pins]
    result = _result(findings, wanted)
    result['pins'] = [
        {'line': entry.line, 'name': name, 'address': entry.address, 'proven': rules.is_proven(by_name[name], entry.address)} for entry, name in pins
    ]
    return _plan(look, hosts, new, result, complaints + opinions)


def _refuse_bad_wish(wish):
    for name in wish['names']:
        if u'/' in to_text(name):
            raise DockfleetError(u'docker_dns: "%s" is no host name. Write only the host, and a port where it is not 443.' % to_text(name), stage='names')
        check_url(u'https://' + to_text(name), what=u'docker_dns: the registry behind', query=False)
    for resolver in wish['resolvers']:
        if not is_address(to_text(resolver)):
            raise DockfleetError(
                u'docker_dns: the name server "%s" is no IPv4 or IPv6 address. By a name it could not be found where names are broken.' % to_text(resolver),
                stage='resolvers',
            )
    for image in wish['images']:
        parse_image(image)


def _result(findings, wanted):
    block = {}
    for address, name in wanted:
        block.setdefault(name, []).append(address)
    system = []
    for finding in findings:
        state, why = rules.judge_system(finding)
        system.append({'name': finding['name'], 'addresses': finding['system']['addresses'], 'state': state, 'cause': why, 'needed': finding['needed']})
    return {'system': system, 'proven': block, 'rejected': [entry for finding in findings for entry in rules.rejected(finding)], 'pins': []}


def _cut_off(look, hosts, findings, wish):
    """Nothing answers at all: that says nothing about the names, so what is there stays."""
    causes = u' '.join(rules.complaint(finding, wish) for finding in findings if finding['needed'])
    text = u'No registry, token server or blob store can be reached from here under any address, so %s was left as it was. %s'
    words = text % (look['hosts']['path'], causes)
    if wish['mode'] == 'force':
        raise DockfleetError(u'registry_hosts: ' + words, stage='tcp')
    return _plan(look, hosts, hosts, _result(findings, hosts.block()), [words])


def _plan(look, hosts, new, result, warnings):
    names = look.get('names', {})
    package = names.get('installed') or names.get('lacking') or u''
    steps = [{'installed': package}] if package else []
    before, after = hosts.text, new.text
    if after != before:
        steps.append({'write': after, 'encoding': look['hosts']['encoding']})
    if package:
        before, after = (text + u'# (package %s: %s)\n' % (package, state) for text, state in ((before, u'absent'), (after, u'installed')))
    result.update(path=look['hosts']['path'], date=new.date or u'', installed=package)
    return Plan(steps, before, after, result, warnings)


def inquire(host, look, wish, read_only):
    """Read the file and find out about the names."""
    path = to_text(wish['path'])
    text, encoding = decode(host.read(path) or b'')
    look = dict(look, hosts={'path': path, 'text': text, 'encoding': encoding})
    if wish['mode'] != 'absent':
        look['names'] = _registry_names.find_out(host, HostsFile(text, path), wish, read_only)
    return look


def apply(host, plan, wish):
    """Write the file."""
    for step in plan.steps:
        if 'write' in step:
            host.write(to_text(wish['path']), step['write'].encode(step['encoding']))
    return {}
