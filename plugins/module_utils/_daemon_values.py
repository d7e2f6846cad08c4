# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an engine of a given version takes as the value of a key of daemon.json: each rule returns what is wrong, or None."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import difflib
import re

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import REMOVED_DRIVERS
from ansible_collections.dockfleet.host.plugins.module_utils._engine_version import shown
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._url import check_url, is_address, packed_address

STORAGE_DRIVERS = ('btrfs', 'fuse-overlayfs', 'overlay2', 'overlayfs', 'vfs', 'zfs') + tuple(sorted(REMOVED_DRIVERS))
LOG_LEVELS = ('panic', 'fatal', 'error', 'warn', 'info', 'debug', 'trace')


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


def hint(word, known):
    """The nearest known name, as the end of a sentence."""
    near = difflib.get_close_matches(word.lower().replace('_', '-'), sorted(known), 1, 0.75)
    return '. Did you mean "%s"?' % near[0] if near else ''
