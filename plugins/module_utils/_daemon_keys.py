# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one table of what may stand in daemon.json.

Read from moby: daemon/config/config.go and config_linux.go (keys, types, what is validated), cmd/dockerd/config.go, config_unix.go and
options.go (flags; since engine 29 in daemon/command), daemon/reload.go and reload_unix.go (what a reload takes over); engines 20.10.24,
26.1.5 and 28.5.2 whole, newer ones at the revision of 2026-08-23. First and last versions from the release notes (docs.docker.com/engine/release-notes)
and docker/cli docs/deprecated.md. A key without a first version is older than 17.06, the oldest engine that Docker's repositories hold.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from collections import namedtuple

# type: a name out of _daemon_json_rules.TYPES.
# since, gone: the first engine that has the key, and the first that does not start with it any more.
# reload: how the key follows a reload. None: not at all, it takes a restart. KEPT: a new value is taken over, but when the key is taken out of
#   the file the daemon keeps the old value until a restart. RESETS: also taking it out counts. Any other value: as KEPT, but this value
#   stands for the default, so that a reload with it undoes the key.
Key = namedtuple('Key', ('type', 'since', 'gone', 'reload'))

KEPT = 'kept'
RESETS = 'resets'


def _key(kind, since=None, gone=None, reload=None):
    return Key(kind, since, gone, reload)


KEYS = {
    'allow-direct-routing': _key('bool', since=(28, 2)),
    'allow-nondistributable-artifacts': _key('texts', reload=[]),
    'api-cors-header': _key('text', gone=(28, 0)),
    'authorization-plugins': _key('texts', reload=RESETS),
    'bip': _key('text'),
    'bip6': _key('text', since=(28, 0)),
    'bridge': _key('text'),
    'bridge-accept-fwmark': _key('text', since=(29, 0)),
    'builder': _key('builder', since=(18, 9)),
    'cdi-spec-dirs': _key('texts', since=(25, 0)),
    'cgroup-parent': _key('text'),
    'cluster-advertise': _key('text', gone=(23, 0)),
    'cluster-store': _key('text', gone=(23, 0)),
    'cluster-store-opts': _key('text_map', gone=(23, 0)),
    'containerd': _key('text'),
    'containerd-namespace': _key('text', since=(19, 3)),
    'cpu-rt-period': _key('number'),
    'cpu-rt-runtime': _key('number'),
    'cri-containerd': _key('bool', since=(18, 9)),
    'data-root': _key('text'),
    'debug': _key('bool', reload=False),
    'default-address-pools': _key('pools', since=(18, 6)),
    'default-cgroupns-mode': _key('text', since=(20, 10), reload=KEPT),
    'default-gateway': _key('text'),
    'default-gateway-v6': _key('text'),
    'default-ipc-mode': _key('text', since=(17, 12), reload=KEPT),
    'default-network-opts': _key('text_map_map', since=(24, 0)),
    'default-runtime': _key('text', reload='runc'),
    'default-shm-size': _key('text', reload='64M'),
    'default-ulimits': _key('ulimits'),
    # Still taken by engines that know nothing of it any more; like allow-nondistributable-artifacts from engine 28 on.
    'deprecated-key-path': _key('text'),
    'dns': _key('texts'),
    'dns-opts': _key('texts'),
    'dns-search': _key('texts'),
    'exec-opts': _key('texts'),
    'exec-root': _key('text'),
    'experimental': _key('bool'),
    'features': _key('bool_map', since=(18, 9), reload=RESETS),
    'firewall-backend': _key('text', since=(29, 0)),
    'fixed-cidr': _key('text'),
    'fixed-cidr-v6': _key('text'),
    'graph': _key('text', gone=(23, 0)),
    'group': _key('text'),
    'host-gateway-ip': _key('text', since=(20, 10)),
    'host-gateway-ips': _key('texts', since=(28, 0)),
    'hosts': _key('texts'),
    'icc': _key('bool'),
    'init': _key('bool'),
    'init-path': _key('text'),
    'insecure-registries': _key('texts', reload=[]),
    'ip': _key('text'),
    'ip-forward': _key('bool'),
    'ip-forward-no-drop': _key('bool', since=(28, 0)),
    'ip-masq': _key('bool'),
    'ip6tables': _key('bool', since=(20, 10)),
    'iptables': _key('bool'),
    'ipv6': _key('bool'),
    'labels': _key('texts', reload=[]),
    'live-restore': _key('bool', reload=False),
    'log-driver': _key('text'),
    'log-format': _key('text', since=(25, 0)),
    'log-level': _key('text'),
    'log-opts': _key('text_map'),
    'max-concurrent-downloads': _key('number', reload=RESETS),
    'max-concurrent-uploads': _key('number', reload=RESETS),
    'max-download-attempts': _key('number', since=(20, 10), reload=RESETS),
    'metrics-addr': _key('text'),
    'min-api-version': _key('text', since=(29, 0)),
    'mtu': _key('number'),
    'network-control-plane-mtu': _key('number', since=(17, 12)),
    'network-diagnostic-port': _key('number', since=(18, 6), reload=RESETS),
    'no-new-privileges': _key('bool'),
    'node-generic-resources': _key('texts', since=(17, 12)),
    'nri-opts': _key('any_map', since=(29, 0)),
    'oom-score-adjust': _key('number', gone=(25, 0)),
    'pidfile': _key('text'),
    'proxies': _key('proxies', since=(23, 0)),
    'raw-logs': _key('bool'),
    'registry-mirrors': _key('texts', reload=[]),
    'rootless': _key('bool', since=(20, 10)),
    'runtimes': _key('runtimes', reload={}),
    'seccomp-profile': _key('text'),
    'selinux-enabled': _key('bool'),
    'shutdown-timeout': _key('number', reload=15),
    'storage-driver': _key('text'),
    'storage-opts': _key('texts'),
    'swarm-default-advertise-addr': _key('text'),
    'tls': _key('bool'),
    'tlscacert': _key('text'),
    'tlscert': _key('text'),
    'tlskey': _key('text'),
    'tlsverify': _key('bool'),
    'userland-proxy': _key('bool'),
    'userland-proxy-path': _key('text'),
    'userns-remap': _key('text'),
}

# Names of flags. In a file the daemon takes them for known and does nothing with them, without a word (daemon/config/config.go,
# findConfigurationConflicts), and "dockerd --validate" does not find them either. http-proxy and its kin count only inside "proxies".
SINGULAR = {
    'add-runtime': 'runtimes',
    'authorization-plugin': 'authorization-plugins',
    'cdi-spec-dir': 'cdi-spec-dirs',
    'cluster-store-opt': 'cluster-store-opts',
    'default-address-pool': 'default-address-pools',
    'default-network-opt': 'default-network-opts',
    'default-ulimit': 'default-ulimits',
    'dns-opt': 'dns-opts',
    'exec-opt': 'exec-opts',
    'feature': 'features',
    'host': 'hosts',
    'http-proxy': 'proxies',
    'https-proxy': 'proxies',
    'insecure-registry': 'insecure-registries',
    'label': 'labels',
    'log-opt': 'log-opts',
    'no-proxy': 'proxies',
    'node-generic-resource': 'node-generic-resources',
    'registry-mirror': 'registry-mirrors',
    'storage-opt': 'storage-opts',
}

# Flags that have no place in a file at all, and are ignored there or stop the daemon.
FLAGS_ONLY = ('config-file', 'containerd-plugins-namespace', 'help', 'restart', 'validate', 'version')

# Short flags (cmd/dockerd/config.go, config_unix.go, options.go).
SHORT_FLAGS = {
    'b': 'bridge',
    'D': 'debug',
    'g': 'graph',
    'G': 'group',
    'H': 'host',
    'l': 'log-level',
    'p': 'pidfile',
    's': 'storage-driver',
}

# Changing one of these on a host that holds data hides or moves images, containers and volumes. containerd-snapshotter is one of the features.
DANGEROUS = ('containerd-snapshotter', 'data-root', 'storage-driver', 'userns-remap')
# What their absence stands for, where it is the same on every host.
DANGEROUS_DEFAULTS = {'data-root': '/var/lib/docker', 'userns-remap': ''}

# Storage drivers by the first engine that does not start with them any more (docker/cli docs/deprecated.md).
REMOVED_DRIVERS = {'aufs': (24, 0), 'overlay': (24, 0), 'devicemapper': (25, 0)}
