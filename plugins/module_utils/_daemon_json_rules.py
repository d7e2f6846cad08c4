# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an engine of a given version takes for daemon.json: keys, types, values, and values that do not go together."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import FLAGS_ONLY, KEYS, SINGULAR
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_types import TYPES
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_values import RULES, hint
from ansible_collections.dockfleet.host.plugins.module_utils._engine_version import shown
from ansible_collections.dockfleet.host.plugins.module_utils._url import is_address


# Of values that do not go together: the keys, that which is at fault first, and what is wrong with it.


def open_api(options, version):
    """tcp without client certificates makes everyone who reaches the port root on the host."""
    if options.get('tlsverify'):
        return None
    for endpoint in options.get('hosts') or ():
        if endpoint.startswith('tcp://') and not is_loopback(endpoint):
            return ('hosts',), (
                '"%s" opens the API without TLS, and everyone who reaches it is root on this host. Use port 2376 with docker_daemon_tls, or with tlsverify, '
                'tlscacert, tlscert and tlskey, or reach the daemon by ssh (DOCKER_HOST=ssh://...)' % endpoint
            )
    return None


def is_loopback(endpoint):
    name = re.sub(r':[0-9]*$', '', endpoint.partition('://')[2].rstrip('/')).strip('[]')
    return name in ('localhost', '::1') or (name.startswith('127.') and is_address(name))


def same_port(options, version):
    """The address of all hosts in IPv4 stands for IPv6 as well, so that both of them are one endpoint too many."""
    seen = {}
    for endpoint in options.get('hosts') or ():
        match = re.match(r'tcp://(?:0\.0\.0\.0|\[::\]|)(:[0-9]*)?/?$', endpoint)
        if match and seen.setdefault(match.group(1), endpoint) != endpoint:
            return ('hosts',), '"%s" and "%s" are the same port: each of them listens to IPv4 and IPv6. Keep one' % (seen[match.group(1)], endpoint)
    return None


def tls_without_certificates(options, version):
    """tlsverify turns TLS on by being there, even where it says false."""
    key = 'tlsverify' if options.get('tlsverify') is not None else 'tls' if options.get('tls') else None
    needed = ('tlscacert', 'tlscert', 'tlskey') if options.get('tlsverify') else ('tlscert', 'tlskey')
    missing = [name for name in needed if not options.get(name)]
    if key and missing:
        also = ', even by being false,' if options[key] is False else ''
        return (key,), 'turns TLS on%s and without %s the daemon does not start, or lets in clients of any public authority' % (also, ' and '.join(missing))
    return None


def two_gateways(options, version):
    if options.get('host-gateway-ip') is not None and options.get('host-gateway-ips') is not None:
        return ('host-gateway-ip', 'host-gateway-ips'), 'stands beside host-gateway-ips. Keep only the latter'
    return None


def two_bridges(options, version):
    if options.get('bridge') and options.get('bip'):
        return ('bip', 'bridge'), 'stands beside "bridge". An address is given only to the bridge that the daemon makes itself; keep one of the two'
    return None


def no_isolation(options, version):
    if options.get('icc') is False and options.get('iptables') is False:
        return ('icc', 'iptables'), 'false needs the rules that "iptables": false forbids'
    return None


def unknown_runtime(options, version):
    name = options.get('default-runtime')
    if name and name != 'runc' and version and version < (23, 0) and name not in (options.get('runtimes') or {}) and not name.startswith('io.containerd.'):
        return ('default-runtime',), '"%s" is not among the runtimes' % name
    return None


COMBINATIONS = (open_api, same_port, tls_without_certificates, two_gateways, two_bridges, no_isolation, unknown_runtime)


def check(options, version, flags=None):
    """Check the options of daemon.json for an engine.

    Args:
        options (dict): The whole file.
        version (tuple of int): The engine's; () where it is not known, so that only what no engine takes is found.
        flags (dict): What the daemon is told by flags, as options.

    Returns:
        list of dict: code, key, message (without a full stop), beside (list of str: the other keys that it is about); empty where all is well.
    """
    problems = []
    for key in sorted(options):
        problem = check_name(key, version) or check_value(key, options[key], version)
        if problem:
            problems.append(dict(problem, key=key, beside=[]))
    if not problems:
        for combination in COMBINATIONS:
            found = combination(dict(flags or {}, **options), version)
            if found:
                keys, message = found
                problems.append({'code': 'combination', 'key': keys[0], 'message': message, 'beside': list(keys[1:])})
    return problems


def check_name(key, version):
    """What is wrong with a key itself, or None."""
    if key in SINGULAR:
        return {'code': 'singular', 'message': 'the engine takes the name of a flag and ignores it. Write "%s"' % SINGULAR[key]}
    if key in FLAGS_ONLY:
        return {'code': 'flag', 'message': 'a flag that has no place in the file'}
    if key not in KEYS:
        return {'code': 'unknown', 'message': 'no engine knows this key%s' % hint(key, KEYS)}
    since, gone = KEYS[key].since, KEYS[key].gone
    if version and since and version < since:
        return {'code': 'too_new', 'message': 'engine %s does not know it yet (from %s on)' % (shown(version), shown(since))}
    if version and gone and version >= gone:
        return {'code': 'gone', 'message': 'engine %s does not start with it (gone since %s)%s' % (shown(version), shown(gone), ADVICE.get(key, ''))}
    return None


ADVICE = {
    'graph': '. Write "data-root"',
    'oom-score-adjust': '. Write OOMScoreAdjust= in a drop-in of docker.service',
}


def check_value(key, value, version):
    """What is wrong with the value of a known key, or None."""
    test, name, example = TYPES[KEYS[key].type]
    if value is None:
        return None
    if not test(value):
        return {'code': 'type', 'message': 'it takes %s, such as %s' % (name, example)}
    wrong = RULES[key](value, version) if key in RULES else None
    return {'code': 'value', 'message': wrong} if wrong else None
