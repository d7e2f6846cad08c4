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


class Key(object):
    """What may be said of a key.

    Args:
        kind (str): Its type, a name out of _daemon_types.TYPES.
        since, gone (tuple of int): The first engine that has the key, and the first that does not start with it any more.
        reload: How the key follows a reload. None: not at all, it takes a restart. KEPT: a new value is taken over, but when the key is taken
            out of the file the daemon keeps the old value until a restart. RESETS: also taking it out counts. Any other value: as KEPT, but
            this value stands for the default, so that a reload with it undoes the key.
    """

    def __init__(self, kind, since=None, gone=None, reload=None):
        self.type = kind
        self.since = since
        self.gone = gone
        self.reload = reload


# The first engine for which an explicit list of insecure registries does not imply loopback (moby/moby#53868).
LOOPBACK_IS_SAID = (29, 10)
# The first engine that has "dockerd --validate", and reads an empty file.
HAS_VALIDATE = (23, 0)

KEPT = 'kept'
RESETS = 'resets'


KEYS = {
    'allow-direct-routing': Key('bool', since=(28, 2)),
    'allow-nondistributable-artifacts': Key('texts', reload=[]),
    'api-cors-header': Key('text', gone=(28, 0)),
    'authorization-plugins': Key('texts', reload=RESETS),
    'bip': Key('text'),
    'bip6': Key('text', since=(28, 0)),
    'bridge': Key('text'),
    'bridge-accept-fwmark': Key('text', since=(29, 0)),
    'builder': Key('builder', since=(18, 9)),
    'cdi-spec-dirs': Key('texts', since=(25, 0)),
    'cgroup-parent': Key('text'),
    'cluster-advertise': Key('text', gone=(23, 0)),
    'cluster-store': Key('text', gone=(23, 0)),
    'cluster-store-opts': Key('text_map', gone=(23, 0)),
    'containerd': Key('text'),
    'containerd-namespace': Key('text', since=(19, 3)),
    'cpu-rt-period': Key('number'),
    'cpu-rt-runtime': Key('number'),
    'cri-containerd': Key('bool', since=(18, 9)),
    'data-root': Key('text'),
    'debug': Key('bool', reload=False),
    'default-address-pools': Key('pools', since=(18, 6)),
    'default-cgroupns-mode': Key('text', since=(20, 10), reload=KEPT),
    'default-gateway': Key('text'),
    'default-gateway-v6': Key('text'),
    'default-ipc-mode': Key('text', since=(17, 12), reload=KEPT),
    'default-network-opts': Key('text_map_map', since=(24, 0)),
    'default-runtime': Key('text', reload='runc'),
    'default-shm-size': Key('text', reload='64M'),
    'default-ulimits': Key('ulimits'),
    # Still taken by engines that know nothing of it any more; like allow-nondistributable-artifacts from engine 28 on.
    'deprecated-key-path': Key('text'),
    'dns': Key('texts'),
    'dns-opts': Key('texts'),
    'dns-search': Key('texts'),
    'exec-opts': Key('texts'),
    'exec-root': Key('text'),
    'experimental': Key('bool'),
    'features': Key('bool_map', since=(18, 9), reload=RESETS),
    'firewall-backend': Key('text', since=(29, 0)),
    'fixed-cidr': Key('text'),
    'fixed-cidr-v6': Key('text'),
    'graph': Key('text', gone=(23, 0)),
    'group': Key('text'),
    'host-gateway-ip': Key('text', since=(20, 10)),
    'host-gateway-ips': Key('texts', since=(28, 0)),
    'hosts': Key('texts'),
    'icc': Key('bool'),
    'init': Key('bool'),
    'init-path': Key('text'),
    'insecure-registries': Key('texts', reload=[]),
    'ip': Key('text'),
    'ip-forward': Key('bool'),
    'ip-forward-no-drop': Key('bool', since=(28, 0)),
    'ip-masq': Key('bool'),
    'ip6tables': Key('bool', since=(20, 10)),
    'iptables': Key('bool'),
    'ipv6': Key('bool'),
    'labels': Key('texts', reload=[]),
    'live-restore': Key('bool', reload=False),
    'log-driver': Key('text'),
    'log-format': Key('text', since=(25, 0)),
    'log-level': Key('text'),
    'log-opts': Key('text_map'),
    'max-concurrent-downloads': Key('number', reload=RESETS),
    'max-concurrent-uploads': Key('number', reload=RESETS),
    'max-download-attempts': Key('number', since=(20, 10), reload=RESETS),
    'metrics-addr': Key('text'),
    'min-api-version': Key('text', since=(29, 0)),
    'mtu': Key('number'),
    'network-control-plane-mtu': Key('number', since=(17, 12)),
    'network-diagnostic-port': Key('number', since=(18, 6), reload=RESETS),
    'no-new-privileges': Key('bool'),
    'node-generic-resources': Key('texts', since=(17, 12)),
    'nri-opts': Key('any_map', since=(29, 0)),
    'oom-score-adjust': Key('number', gone=(25, 0)),
    'pidfile': Key('text'),
    'proxies': Key('proxies', since=(23, 0)),
    'raw-logs': Key('bool'),
    'registry-mirrors': Key('texts', reload=[]),
    'rootless': Key('bool', since=(20, 10)),
    'runtimes': Key('runtimes', reload={}),
    'seccomp-profile': Key('text'),
    'selinux-enabled': Key('bool'),
    'shutdown-timeout': Key('number', reload=15),
    'storage-driver': Key('text'),
    'storage-opts': Key('texts'),
    'swarm-default-advertise-addr': Key('text'),
    'tls': Key('bool'),
    'tlscacert': Key('text'),
    'tlscert': Key('text'),
    'tlskey': Key('text'),
    'tlsverify': Key('bool'),
    'userland-proxy': Key('bool'),
    'userland-proxy-path': Key('text'),
    'userns-remap': Key('text'),
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

# Flags that take no value, besides those that set a truth value in the file too.
BARE_FLAGS = ('help', 'validate', 'version')

# Changing one of these on a host that holds data hides or moves images, containers and volumes. containerd-snapshotter is one of the features.
DANGEROUS = ('containerd-snapshotter', 'data-root', 'storage-driver', 'userns-remap')
# What their absence stands for, where it is the same on every host.
DANGEROUS_DEFAULTS = {'data-root': '/var/lib/docker', 'userns-remap': ''}

# Storage drivers by the first engine that does not start with them any more (docker/cli docs/deprecated.md).
REMOVED_DRIVERS = {'aufs': (24, 0), 'overlay': (24, 0), 'devicemapper': (25, 0)}
