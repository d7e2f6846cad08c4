# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an engine of a given version takes for daemon.json: keys, types, values, and values that do not go together."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import difflib
import numbers
import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import FLAGS_ONLY, KEYS, REMOVED_DRIVERS, SINGULAR
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._url import check_url, is_address, packed_address

TRUE = ('true', 'yes', 'on', '1')
FALSE = ('false', 'no', 'off', '0')

STORAGE_DRIVERS = ('btrfs', 'fuse-overlayfs', 'overlay2', 'overlayfs', 'vfs', 'zfs') + tuple(sorted(REMOVED_DRIVERS))
LOG_LEVELS = ('panic', 'fatal', 'error', 'warn', 'info', 'debug', 'trace')


def numbers_of(version):
    """A version as numbers: "26.1.5+dfsg1" is (26, 1, 5); () for what is no version, such as "present"."""
    match = re.match(r'(?:\d+:)?v?(\d+(?:\.\d+)*)', to_text(version or ''))
    return tuple(int(part) for part in match.group(1).split('.')[:3]) if match else ()


def shown(version):
    """Numbers as people write them: (20, 10) is "20.10", (19, 3) is "19.03"."""
    return '.'.join('%02d' % part if index == 1 and version[0] in (17, 18, 19) else '%d' % part for index, part in enumerate(version))


# --- Types -------------------------------------------------------------------------------------------------------------------------------


def is_text(value):
    return isinstance(value, type(u''))


def is_number(value):
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def is_bool(value):
    return isinstance(value, bool)


def is_list(item):
    return lambda value: isinstance(value, list) and all(item(each) for each in value)


def is_map(item):
    return lambda value: isinstance(value, dict) and all(item(each) for each in value.values())


def has_members(required, optional=None):
    """A test for an object with these members, each of its own type, and no others."""
    known = dict(required, **(optional or {}))
    return lambda value: (
        isinstance(value, dict)
        and set(required) <= set(value) <= set(known)
        and all(known[name](each) for name, each in value.items())
    )


# Name of the type: test, what it is called, and how it looks.
TYPES = {
    'bool': (is_bool, 'true or false, without quotes', 'true'),
    'number': (is_number, 'a whole number, without quotes', '3'),
    'text': (is_text, 'a text in quotes', '"..."'),
    'texts': (is_list(is_text), 'a list of texts', '["..."]'),
    'text_map': (is_map(is_text), 'an object whose values are texts in quotes', '{"max-file": "3"}'),
    'bool_map': (is_map(is_bool), 'an object whose values are true or false', '{"buildkit": true}'),
    'any_map': (is_map(lambda value: True), 'an object', '{}'),
    'text_map_map': (is_map(is_map(is_text)), 'an object of objects whose values are texts', '{"bridge": {"com.docker.network.driver.mtu": "1400"}}'),
    'builder': (is_map(lambda value: True), 'an object', '{"gc": {"enabled": true}}'),
    'pools': (is_list(has_members({'base': is_text, 'size': is_number})), 'a list of objects with base and size', '[{"base": "10.200.0.0/16", "size": 24}]'),
    'proxies': (
        has_members({}, {'http-proxy': is_text, 'https-proxy': is_text, 'no-proxy': is_text}),
        'an object with http-proxy, https-proxy and no-proxy',
        '{"http-proxy": "http://proxy.example:3128"}',
    ),
    'runtimes': (
        is_map(has_members({}, {'path': is_text, 'runtimeType': is_text, 'runtimeArgs': is_list(is_text), 'options': is_map(lambda value: True)})),
        'an object of objects with path or runtimeType',
        '{"crun": {"path": "/usr/bin/crun"}}',
    ),
    'ulimits': (
        is_map(has_members({'Name': is_text, 'Hard': is_number, 'Soft': is_number})),
        'an object of objects with Name, Hard and Soft',
        '{"nofile": {"Name": "nofile", "Hard": 65536, "Soft": 1024}}',
    ),
}


def plain_text(value):
    """A value with all its byte strings (Python 2.7's parameters) as text."""
    if isinstance(value, dict):
        return dict((to_text(key), plain_text(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return [plain_text(each) for each in value]
    return to_text(value) if isinstance(value, (bytes, type(u''))) else value


def coerce(options):
    """Wished options in the types that their keys have: inventories and templates make texts of numbers and the other way round.

    What does not fit comes back as it was, for check() to refuse.
    """
    options = plain_text(options)
    return dict((key, coerced(value, KEYS[key].type) if key in KEYS else value) for key, value in options.items())


def coerced(value, kind):
    if kind == 'bool' and is_text(value):
        word = value.strip().lower()
        return True if word in TRUE else False if word in FALSE else value
    if kind == 'number' and is_text(value) and re.match(r'\s*-?[0-9]+\s*$', value):
        return int(value)
    if kind == 'texts':
        items = [value] if is_text(value) else value
        return [each.strip() if is_text(each) else each for each in items] if isinstance(items, list) else items
    if kind == 'in_map' and (is_bool(value) or is_number(value)):
        return u'%s' % value if is_number(value) else u'true' if value else u'false'
    inner = {'text_map': 'in_map', 'bool_map': 'bool', 'text_map_map': 'text_map', 'ulimits': 'limit'}.get(kind)
    if inner and isinstance(value, dict):
        return dict((name, coerced(each, inner)) for name, each in value.items())
    if kind == 'limit' and isinstance(value, dict):
        return dict((name, coerced(each, 'text' if name == 'Name' else 'number')) for name, each in value.items())
    if kind == 'pools' and isinstance(value, list):
        return [dict(each, size=coerced(each['size'], 'number')) if isinstance(each, dict) and 'size' in each else each for each in value]
    return value


# --- Values: each rule returns what is wrong, or None --------------------------------------------------------------------------------------


def each(rule):
    """A rule for the items of a list."""
    def check_all(values, version):
        for value in values:
            wrong = rule(value, version)
            if wrong:
                return wrong
        return None
    return check_all


def one_of(*names):
    def check_one(value, version):
        return None if value in names else '"%s" is none of %s' % (value, ', '.join(names))
    return check_one


def at_least(least, most=None):
    def check_range(value, version):
        if value < least:
            return '%d is less than %d' % (value, least)
        return '%d is more than %d' % (value, most) if most is not None and value > most else None
    return check_range


def absolute(value, version):
    return None if value.startswith('/') else '"%s" is no absolute path' % value


def mirror(value, version):
    if value != value.strip():
        return '"%s" has a blank before or after the URL' % value
    try:
        url = check_url(value, what='The mirror', query=False)
    except DockfleetError as error:
        return error.message.rstrip('.')
    path = url.split('/', 3)[3:]
    if path and path[0] and version and version < (24, 0):
        return (
            'The mirror "%s" has a path, and engine %s takes only scheme and host (a path: from 24.0 on). Use another mirror, or a newer engine'
            % (value, shown(version))
        )
    return None


def insecure_registry(value, version):
    bare = re.sub(r'^https?://', '', value)
    if is_network(bare):
        return None
    host, colon, port = bare.rpartition(':') if re.search(r':[0-9]*$', bare) and not is_address(bare) else (bare, '', '')
    host = host.strip('[]')
    if '/' in bare or not re.match(r'[A-Za-z0-9.:_-]+$', host) or host.startswith('-') or host.endswith('-'):
        return '"%s" is neither host, host:port nor a network such as 10.0.0.0/8' % value
    return '"%s" has no port number after the colon' % value if colon and not 0 < int(port or 0) < 65536 else None


def is_network(value):
    address, slash, prefix = value.partition('/')
    packed = packed_address(address)
    return bool(slash and packed and re.match(r'[0-9]{1,3}$', prefix) and int(prefix) <= len(packed) * 8)


def network(value, version):
    return None if is_network(value) else '"%s" is no network such as 10.1.0.0/16' % value


def bridge_address(value, version):
    """bip: an address of the bridge with the length of its network, and not the network's own address."""
    if not is_network(value):
        return '"%s" is no address with a prefix length, such as 192.168.5.1/24' % value
    address, slash, prefix = value.partition('/')
    packed = bytearray(packed_address(address))
    bits = int(prefix)
    host_bits = [packed[index // 8] >> (7 - index % 8) & 1 for index in range(bits, len(packed) * 8)]
    if host_bits and not any(host_bits):
        return '"%s" is the address of a network; the bridge needs one inside it, such as its first' % value
    return None


def address(value, version):
    return None if is_address(value) else '"%s" is no IP address' % value


def pool(value, version):
    if not is_network(value['base']):
        return 'the base "%s" is no network such as 10.200.0.0/16' % value['base']
    bits = 128 if ':' in value['base'] else 32
    prefix = int(value['base'].split('/')[1])
    if not prefix <= value['size'] <= bits:
        return 'size %d does not fit base %s: it is the prefix length of each network, %d to %d' % (value['size'], value['base'], prefix, bits)
    return None


def host(value, version):
    scheme, mark, rest = value.partition('://')
    if not mark:
        return '"%s" has no scheme: unix://, tcp:// or fd://' % value
    if scheme not in ('unix', 'tcp', 'fd'):
        return '"%s" has the scheme "%s"; an engine listens on unix://, tcp:// or fd://' % (value, scheme)
    if scheme == 'unix' and rest and not rest.startswith('/'):
        return '"%s" has no absolute path' % value
    return None


def key_value(value, version):
    name, mark, rest = value.partition('=')
    return None if mark and name.strip() and rest.strip() else '"%s" is not written as name=value' % value


def labels(values, version):
    wrong = each(key_value)(values, version)
    if wrong:
        return wrong
    known = {}
    for value in values:
        name = value.partition('=')[0]
        if known.setdefault(name, value) != value:
            return '"%s" and "%s" contradict each other' % (known[name], value)
    return None


def exec_option(value, version):
    wrong = key_value(value, version)
    if wrong:
        return wrong
    name, mark, rest = value.partition('=')
    if name.strip().lower() != 'native.cgroupdriver':
        return 'the option "%s" is unknown; there is native.cgroupdriver' % name
    return one_of('cgroupfs', 'systemd')(rest.strip(), version)


def storage_option(value, version):
    wrong = key_value(value, version)
    if wrong:
        return wrong
    if value.split('=')[0].strip().lower() == 'overlay2.override_kernel_check' and (not version or version >= (24, 0)):
        return 'overlay2.override_kernel_check is gone since engine 24.0 and stops the daemon. Take it out: a kernel that needs it is not supported any more'
    return None


def storage_driver(value, version):
    if value == '':
        return None
    gone = REMOVED_DRIVERS.get(value)
    if gone and version and version >= gone:
        return (
            'the storage driver "%s" is gone since engine %s, and the daemon does not start with it. Save the images with "docker save" under the '
            'old engine, take the key out, and load them again' % (value, shown(gone))
        )
    if value not in STORAGE_DRIVERS:
        return '"%s" is no storage driver%s' % (value, hint(value, STORAGE_DRIVERS))
    return None


def size(value, version):
    return None if re.match(r'[0-9]+(\.[0-9]+)?\s?[kmgtp]?(i?b)?$', value, re.I) else '"%s" is no size such as 64M' % value


def log_level(value, version):
    return one_of(*LOG_LEVELS)(value.lower(), version)


def search_domain(value, version):
    if value == '.' or re.match(r'(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$', value):
        return None
    return '"%s" is no domain' % value


def ulimits(value, version):
    for name, limit in sorted(value.items()):
        if limit['Soft'] > limit['Hard'] >= 0:
            return '%s: Soft (%d) is more than Hard (%d)' % (name, limit['Soft'], limit['Hard'])
    return None


def runtimes(value, version):
    for name, runtime in sorted(value.items()):
        if name == 'runc':
            return '"runc" is the name of the engine\'s own runtime. Choose another'
        if bool(runtime.get('path')) == bool(runtime.get('runtimeType')):
            return '"%s" needs either path or runtimeType' % name
        if version and version < (23, 0) and not set(runtime) <= set(('path', 'runtimeArgs')):
            return '"%s" has runtimeType or options, which engine %s does not know (from 23.0 on)' % (name, shown(version))
    return None


RULES = {
    'bip': bridge_address,
    'bip6': bridge_address,
    'data-root': absolute,
    'default-address-pools': each(pool),
    'default-cgroupns-mode': one_of('host', 'private'),
    'default-gateway': address,
    'default-gateway-v6': address,
    'default-ipc-mode': one_of('private', 'shareable'),
    'default-shm-size': size,
    'default-ulimits': ulimits,
    'dns': each(address),
    'dns-search': each(search_domain),
    'exec-opts': each(exec_option),
    'exec-root': absolute,
    'firewall-backend': one_of('iptables', 'nftables'),
    'fixed-cidr': network,
    'fixed-cidr-v6': network,
    'host-gateway-ip': address,
    'host-gateway-ips': each(address),
    'hosts': each(host),
    'insecure-registries': each(insecure_registry),
    'ip': address,
    'labels': labels,
    'log-format': one_of('text', 'json'),
    'log-level': log_level,
    'max-concurrent-downloads': at_least(1),
    'max-concurrent-uploads': at_least(1),
    'max-download-attempts': at_least(1),
    'mtu': at_least(0),
    'network-control-plane-mtu': at_least(500),
    'network-diagnostic-port': at_least(0, 65535),
    'node-generic-resources': each(key_value),
    'pidfile': absolute,
    'registry-mirrors': each(mirror),
    'runtimes': runtimes,
    'shutdown-timeout': at_least(-1),
    'storage-driver': storage_driver,
    'storage-opts': each(storage_option),
    'tlscacert': absolute,
    'tlscert': absolute,
    'tlskey': absolute,
    'userland-proxy-path': absolute,
}


# --- Values that do not go together: the keys, that which is at fault first, and what is wrong ------------------------------------------------


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


# --- The check -------------------------------------------------------------------------------------------------------------------------------


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


def only_in_file(problems, current, wished):
    """A sentence on those keys of the problems that others have set, or ''.

    Args:
        problems (list of dict): As of check().
        current (dict): What the file holds.
        wished (dict): What we are to set.
    """
    about = set(key for problem in problems for key in [problem['key']] + problem['beside'])
    keys = sorted(about & set(current) - set(wished))
    if not keys:
        return ''
    names, verb = ' and '.join('"%s"' % key for key in keys), 'are' if keys[1:] else 'is'
    return '%s %s set by the file alone, and taken out by null in docker_daemon_options.' % (names, verb)


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


def hint(word, known):
    """The nearest known name, as the end of a sentence."""
    near = difflib.get_close_matches(word.lower().replace('_', '-'), sorted(known), 1, 0.75)
    return '. Did you mean "%s"?' % near[0] if near else ''
