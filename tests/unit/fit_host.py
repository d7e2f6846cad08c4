# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The look at a host that nothing speaks against, for tests that change one thing about it."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import copy

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_types import plain_text
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import MODULES
from ansible_collections.dockfleet.host.plugins.module_utils._preflight import judge

ROOT = '/var/lib/docker'
CONTAINERD = '/var/lib/containerd'
PLACE = {
    'real': ROOT,
    'nearest': '/var/lib',
    'exists': False,
    'drivers': [],
    'filesystem': 'ext4',
    'options': ['relatime', 'rw'],
    'd_type': True,
    'label': '',
    'free_bytes': 50 * 1024**3,
}
FIT = {
    'system': {
        'os_release': {'ID': 'centos', 'VERSION_ID': '7', 'ID_LIKE': 'rhel fedora'},
        'release_files': {},
        'machine': 'x86_64',
        'kernel': '3.10.0-1160.el7.x86_64',
        'cgroup': {'version': 1, 'controllers': ['cpu', 'memory', 'pids']},
        'data_root': ROOT,
        'containerd_root': CONTAINERD,
        'paths': {ROOT: PLACE, CONTAINERD: dict(PLACE, real=CONTAINERD)},
        'modules': dict.fromkeys(MODULES, 'available'),
        'programs': {'fuse-overlayfs': False, 'zfs': False},
        'fuse': True,
        'selinux': 'disabled',
        'selinux_equivalences': {},
    },
    'network': {
        'ip_forward': True,
        'iptables': {'variant': 'legacy', 'legacy_tables': [], 'nft_tables': []},
        'zones': {},
        'routes': [{'network': '192.0.2.0', 'prefix': 24, 'interface': 'eth0'}],
        'client_address': '198.51.100.7',
    },
    'packages': {'kind': 'rpm', 'installed': {}},
    'proxies': dict.fromkeys(('package_manager', 'daemon', 'containers'), {'proxy': '', 'path': ''}),
    'service': {'systemd': True, 'units': {}},
    'daemon': {
        'path': '/etc/docker/daemon.json', 'problem': None, 'options': {}, 'ours': [], 'running': False, 'info': None, 'holds_data': False,
        'tls_files': {},
    },
    'unit': {'exec_start': [], 'variables': {}, 'files': {}},
}
WISH = {
    'engine_version': '26.1', 'data_root': '', 'options': {}, 'address_pools': [], 'release': '', 'storage_driver': 'auto', 'tls': False, 'enforce': False,
}


def host(**changes):
    """The look at a host that differs.

    Args:
        changes: Places in the look, with "__" between the names, and their values; ROOT and CONTAINERD stand for the data folders.
    """
    look = copy.deepcopy(FIT)
    for path, value in changes.items():
        place = look
        names = [{'ROOT': ROOT, 'CONTAINERD': CONTAINERD}.get(name, name) for name in path.split('__')]
        for name in names[:-1]:
            place = place[name]
        place[names[-1]] = value
    # as a look is: in Python 2.7, too
    return plain_text(look)


def runs(driver='overlay2', **more):
    """The changes of a host whose daemon runs and holds data."""
    info = {'Driver': driver, 'DriverStatus': [['driver-type', 'io.containerd.snapshotter.v1']] if driver == 'overlayfs' else []}
    return dict({'daemon__running': True, 'daemon__holds_data': True, 'daemon__info': info}, **more)


def problems(changes=None, **wish):
    """What is found about a host that differs, as (severity, code); every finding has its words."""
    found = judge(host(**(changes or {})), dict(WISH, **wish))['problems']
    for each in found:
        assert sorted(each) == ['code', 'message', 'remedy', 'severity']
        assert each['message'].endswith('.') and each['remedy'], each
    return [(each['severity'], each['code']) for each in found]


def words(changes=None, **wish):
    """All that is said about a host that differs."""
    return ' '.join('%(message)s %(remedy)s' % each for each in judge(host(**(changes or {})), dict(WISH, **wish))['problems'])
