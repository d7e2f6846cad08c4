# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is this host fit for Docker? One rule a function, by subject in _preflight_*.py; only what is certain to break stops the run."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.dockfleet.host.plugins.module_utils import _preflight_engine, _preflight_network, _preflight_storage
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_merge import merge, no_longer_wished, without
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import check_value
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import KEYS
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_types import coerce
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._finding import stop, target_of
from ansible_collections.dockfleet.host.plugins.module_utils._registry_probe_ahead import OPTIONS
from ansible_collections.dockfleet.host.plugins.module_utils._release import map_release
from ansible_collections.dockfleet.host.plugins.module_utils._storage_driver import AUTO, choose

ARGUMENT_SPEC = {
    'data_root': {'type': 'path', 'default': ''},
    'engine_version': {'type': 'str', 'default': 'present'},
    'options': {'type': 'dict', 'default': {}},
    'address_pools': {
        'type': 'list',
        'elements': 'dict',
        'default': [],
        'options': {'base': {'type': 'str', 'required': True}, 'size': {'type': 'int', 'required': True}},
    },
    'release': {'type': 'str', 'default': ''},
    'storage_driver': {'type': 'str', 'default': AUTO},
    'tls': {'type': 'bool', 'default': False},
    'users': {'type': 'list', 'elements': 'str', 'default': []},
    'registry_probe': {'type': 'dict', 'options': OPTIONS},
    'check_roles': {'type': 'bool', 'default': False},
    'enforce': {'type': 'bool', 'default': False},
}

RULES = _preflight_engine.RULES + _preflight_storage.RULES + _preflight_network.RULES


def judge(look, wish):
    """Judge a host.

    Args:
        look (dict): The sections daemon, network, packages, service, system and unit.
        wish (dict): The parameters of host_facts.

    Returns:
        dict: fit (bool), problems (list of {code, severity, message, remedy}), storage_driver (str or None), release (dict or None).
    """
    release, problems = release_of(look, wish)
    target = target_of(wish['engine_version'], (look['packages']['installed'].get('docker-ce') or {}).get('version', ''))
    options = options_to_be(look, wish)
    problems.extend(_preflight_engine.rule_daemon_json(look, options, target, wished_options(wish), wish['tls']))
    # What no engine takes was told of; the other rules need not understand it.
    options = dict((key, value) for key, value in options.items() if key in KEYS and value is not None and not check_value(key, value, ()))
    for rule in RULES:
        problems.extend(rule(look, options, target))
    return {
        'fit': not any(problem['severity'] == 'stop' for problem in problems),
        'problems': problems,
        'storage_driver': choose(look, options.get('storage-driver') or AUTO),
        'release': release,
    }


def wished_options(wish):
    """The wished options in the types of their keys, with those that stand for other parameters."""
    wished = dict(wish['options'])
    if wish['address_pools']:
        wished['default-address-pools'] = wish['address_pools']
    if wish['storage_driver'] != AUTO:
        wished['storage-driver'] = wish['storage_driver']
    return coerce(wished)


def options_to_be(look, wish):
    """What daemon.json is going to hold: what stands there, with the wish laid over it as the module daemon_json does it."""
    daemon = look['daemon']
    current = daemon['options'] or {}
    wished = wished_options(wish)
    # Without options it is not known whether what is ours will stay.
    return merge(without(current, no_longer_wished(daemon['ours'], wished)) if wish['options'] else current, wished)


def verdict(look, wish):
    """The result of host_facts for a look: what judge() found and, with enforce, the refusal of an unfit host.

    Args:
        look (dict): As for judge().
        wish (dict): The parameters of host_facts.

    Returns:
        tuple: Return values (dict) and warnings (list of str).

    Raises:
        DockfleetError: The host is unfit, and enforce is set.
    """
    result = judge(look, wish)
    by_severity = {'stop': [], 'warning': []}
    for problem in result['problems']:
        by_severity[problem['severity']].append('%(message)s %(remedy)s' % problem)
    if wish['enforce'] and not result['fit']:
        raise DockfleetError('This host is not fit for Docker, and nothing was changed. ' + ' '.join(by_severity['stop']), stage='preflight', **result)
    return result, by_severity['warning']


def release_of(look, wish):
    """Docker's path for this distribution, and the problem where there is none."""
    system = look['system']
    try:
        release = map_release(system['os_release'], system['machine'], wish=wish['release'] or None)
    except DockfleetError as error:
        return None, [stop('distribution', error.message, error.details.get('remedy', 'See docker_repo_release.'))]
    return release, []
