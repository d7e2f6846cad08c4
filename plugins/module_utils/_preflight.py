# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is this host fit for Docker? One rule a function; only what is certain to break stops the run."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible_collections.dockfleet.host.plugins.module_utils import _look_system
from ansible_collections.dockfleet.host.plugins.module_utils._address_pools import contains, free_pools, overlaps, parse_network
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import check, numbers_of, shown
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import REMOVED_DRIVERS
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import OBSOLETE, RIVALS
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._release import map_release

ARGUMENT_SPEC = {
    'data_root': {'type': 'path', 'default': _look_system.DEFAULT_DATA_ROOT},
    'engine_version': {'type': 'str', 'default': 'present'},
    'address_pools': {
        'type': 'list',
        'elements': 'dict',
        'default': [],
        'options': {'base': {'type': 'str', 'required': True}, 'size': {'type': 'int'}},
    },
    'release': {'type': 'str', 'default': ''},
    'storage_driver': {'type': 'str', 'default': 'auto'},
    'enforce': {'type': 'bool', 'default': False},
}

# overlay cannot keep its upper layers on these (kernel: Documentation/filesystems/overlayfs.rst, "upper filesystem").
NO_UPPER_LAYER = ('overlay', 'aufs', 'ecryptfs', 'nfs', 'nfs4', 'cifs', 'smb3', 'vfat', 'exfat', '9p', 'fuse.sshfs', 'fuseblk')

DOCKER0_NETWORK = '172.17.0.0/16'
LEAST_FREE_BYTES = 2 * 1024 ** 3


def judge(look, wish):
    """Judge a host.

    Args:
        look (dict): The sections daemon, packages, service and system.
        wish (dict): engine_version (str), address_pools (list of {base, size}), release (str), storage_driver (str).

    Returns:
        dict: fit (bool), problems (list of {code, severity, message, remedy}), storage_driver (str or None), release (dict or None).
    """
    release, problems = release_of(look, wish)
    target = target_version(look, wish)
    for rule in RULES:
        problems.extend(rule(look, wish, target))
    return {
        'fit': not any(problem['severity'] == 'stop' for problem in problems),
        'problems': problems,
        'storage_driver': choose_storage_driver(look, wish),
        'release': release,
    }


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


def stop(code, message, remedy):
    return {'code': code, 'severity': 'stop', 'message': message, 'remedy': remedy}


def warn(code, message, remedy):
    return {'code': code, 'severity': 'warning', 'message': message, 'remedy': remedy}


def release_of(look, wish):
    """Docker's path for this distribution, and the problem where there is none."""
    system = look['system']
    try:
        release = map_release(system['os_release'], system['machine'], wish=wish.get('release') or None)
    except DockfleetError as error:
        return None, [stop('distribution', error.message, error.details.get('remedy', 'See docker_repo_release.'))]
    return release, []


def target_version(look, wish):
    """The engine version that will run here, as far as it is known: the wish's own numbers, else what is installed.

    Returns:
        tuple of int: At least major and minor number; () where it is not known yet.
    """
    version = numbers_of(wish.get('engine_version')) or numbers_of((look['packages']['installed'].get('docker-ce') or {}).get('version', ''))
    return version + (0,) if len(version) == 1 else version


def kernel_version(text):
    """The numbers of a kernel release: "3.10.0-1160.el7.x86_64" is (3, 10, 0, 1160)."""
    return tuple(int(part) for part in re.findall(r'\d+', text)[:4])


def kernel_has_overlay2(system):
    """overlay2 needs kernel 4.0, or EL7's 3.10.0-514 and newer, into which Red Hat ported it (docs: overlayfs-driver, Prerequisites)."""
    version = kernel_version(system['kernel'])
    return version >= (4, 0) or ('.el7' in system['kernel'] and version >= (3, 10, 0, 514))


def choose_storage_driver(look, wish):
    """The storage driver for this host, or None where none fits.

    A wish is granted, a host that holds data keeps its driver, else overlay2 where the host can do it, else the file system's own.
    vfs is never chosen: it copies every layer whole.
    """
    system = look['system']
    place = system['paths'][system['data_root']]
    wished = wish.get('storage_driver') or 'auto'
    if wished != 'auto':
        return wished
    kept = [name for name in place['drivers'] if name not in REMOVED_DRIVERS]
    if len(kept) == 1:
        return kept[0]
    if not overlay2_obstacle(system):
        return 'overlay2'
    return place['filesystem'] if place['filesystem'] in ('btrfs', 'zfs') else None


def overlay2_obstacle(system):
    """Why overlay2 cannot work under this data-root: a problem, or None."""
    place = system['paths'][system['data_root']]
    where = 'the file system of %s (%s on %s)' % (system['data_root'], place['filesystem'], place['nearest'])
    if not kernel_has_overlay2(system):
        return stop(
            'kernel_overlay2',
            'Kernel %s cannot run the storage driver overlay2, which needs 4.0 or, on EL7, 3.10.0-514.' % system['kernel'],
            'Update the kernel ("yum update kernel" brings 3.10.0-1160 on CentOS 7) and reboot.',
        )
    if system['modules']['overlay'] == 'missing':
        return stop(
            'module_overlay',
            'The kernel %s has no module "overlay", which the storage driver overlay2 needs.' % system['kernel'],
            'Install the kernel package of the distribution, or build the kernel with CONFIG_OVERLAY_FS.',
        )
    if place['filesystem'] in NO_UPPER_LAYER or place['filesystem'] == 'zfs':
        return stop(
            'backing_filesystem',
            'overlay2 cannot work on %s: the kernel does not take %s as an upper layer.' % (where, place['filesystem']),
            'Set data-root in docker_daemon_options to a folder on ext4 or xfs.',
        )
    if place['d_type'] is False:
        return stop(
            'd_type',
            'overlay2 cannot work on %s: it does not tell the type of directory entries (d_type; on xfs: ftype=0).' % where,
            'Set data-root in docker_daemon_options to another file system, or make this one anew with "mkfs.xfs -n ftype=1" '
            '(ext4: feature filetype). It cannot be switched on in place.',
        )
    return None


def rule_kernel(look, wish, target):
    if kernel_version(look['system']['kernel']) < (3, 10):
        yield stop(
            'kernel',
            'Kernel %s is too old for Docker, which needs 3.10.' % look['system']['kernel'],
            'Update the kernel or the distribution.',
        )


def rule_storage_driver(look, wish, target):
    driver = choose_storage_driver(look, wish)
    obstacle = overlay2_obstacle(look['system'])
    if obstacle and driver in (None, 'overlay2'):
        yield obstacle
    if target and driver in REMOVED_DRIVERS and target >= REMOVED_DRIVERS[driver]:
        yield stop(
            'removed_driver',
            'The storage driver "%s" was removed in Docker Engine %s, and %s is to run here.' % (driver, shown(REMOVED_DRIVERS[driver]), shown(target)),
            'Take storage-driver out of docker_daemon_options; overlay2 is used then.',
        )


def rule_containerd_store(look, wish, target):
    system = look['system']
    if target < (29, 0):
        return
    place = system['paths'][_look_system.CONTAINERD_ROOT]
    if place['d_type'] is False:
        yield stop(
            'd_type_containerd',
            'Engine 29 keeps images in %s, and its file system (%s on %s) does not tell the type of directory entries (d_type; on xfs: ftype=0).'
            % (_look_system.CONTAINERD_ROOT, place['filesystem'], place['nearest']),
            'Put %s on another file system, or set features.containerd-snapshotter to false in docker_daemon_options.' % _look_system.CONTAINERD_ROOT,
        )
    if system['data_root'] != _look_system.DEFAULT_DATA_ROOT and not system['paths'][system['data_root']]['drivers']:
        yield warn(
            'images_outside_data_root',
            'Engine 29 keeps images in %s and not in the data-root %s, so the disk of /var can still fill.'
            % (_look_system.CONTAINERD_ROOT, system['data_root']),
            'Set "root" in /etc/containerd/config.toml, or features.containerd-snapshotter to false in docker_daemon_options.',
        )


def rule_leftovers(look, wish, target):
    system = look['system']
    place = system['paths'][system['data_root']]
    for driver in place['drivers']:
        if target and driver in REMOVED_DRIVERS and target >= REMOVED_DRIVERS[driver]:
            yield stop(
                'driver_leftovers',
                '%s holds images and containers of the storage driver "%s", which Docker Engine %s removed; engine %s could not read them.'
                % (system['data_root'], driver, shown(REMOVED_DRIVERS[driver]), shown(target)),
                'Save what is needed with "docker save", set docker_engine_version to an engine that still has the driver, or move %s/%s away.'
                % (system['data_root'], driver),
            )


def rule_space(look, wish, target):
    system = look['system']
    place = system['paths'][system['data_root']]
    if place['free_bytes'] < LEAST_FREE_BYTES:
        yield warn(
            'space',
            'Only %d MiB are free where %s lies (%s).' % (place['free_bytes'] // 1024 ** 2, system['data_root'], place['nearest']),
            'Make room, or set data-root in docker_daemon_options to a larger file system.',
        )


def rule_netfilter(look, wish, target):
    modules = look['system']['modules']
    wanted = ['br_netfilter', 'ip_tables', 'iptable_filter', 'iptable_nat', 'veth'] + (['iptable_raw'] if target >= (28, 0) else [])
    missing = [name for name in wanted if modules[name] == 'missing']
    # Distributions that moved to nf_tables ship the iptables command on top of it, and need none of the old tables.
    if modules['nf_tables'] in ('loaded', 'available'):
        missing = [name for name in missing if not name.startswith('ip')]
    if missing:
        yield warn(
            'modules',
            'The kernel %s lacks modules that Docker networks use: %s.' % (look['system']['kernel'], ', '.join(missing)),
            'Install the full kernel package of the distribution (on some: kernel-modules, linux-modules-extra).',
        )


def rule_cgroup(look, wish, target):
    if target >= (29, 0) and look['system']['cgroup_version'] == 1:
        yield warn('cgroup_v1', 'The host runs cgroup v1, which Docker Engine 29 deprecates.', 'Boot with systemd.unified_cgroup_hierarchy=1 when convenient.')


def rule_units(look, wish, target):
    units = look['service']['units']
    for name in sorted(units):
        unit = units[name]
        if name == 'firewalld.service':
            continue
        if unit.get('LoadState') == 'masked':
            yield stop(
                'masked_unit',
                '%s is masked (%s), so it can neither start now nor at boot.' % (name, unit.get('FragmentPath') or 'a link to /dev/null'),
                'If nobody wants it that way any more: systemctl unmask %s' % name,
            )
        elif unit.get('FragmentPath', '').startswith('/etc/systemd/system/'):
            yield warn(
                'unit_copy',
                '%s is a copy in /etc that hides the one of the package, also after upgrades.' % unit['FragmentPath'],
                'Move what you changed into a drop-in (systemctl edit %s) and remove the copy.' % name,
            )


def rule_firewalld(look, wish, target):
    if look['service']['units'].get('firewalld.service', {}).get('ActiveState') != 'active':
        return
    for zone in look['system']['docker0_zones']:
        if zone != 'docker':
            yield stop(
                'zone_conflict',
                'firewalld binds the interface docker0 to zone "%s", and Docker Engine 20.10 and newer refuses to start with ZONE_CONFLICT.' % zone,
                'firewall-cmd --permanent --zone=%s --remove-interface=docker0 && firewall-cmd --reload' % zone,
            )


def rule_forwarding(look, wish, target):
    daemon_runs = look['service']['units'].get('docker.service', {}).get('ActiveState') == 'active'
    if not look['system']['ip_forward'] and not daemon_runs:
        yield warn(
            'forward_policy',
            'IP forwarding is off. Docker switches it on and then sets the policy of the FORWARD chain to DROP, which cuts other traffic that '
            'this host forwards.',
            'If it is a router or a Kubernetes node: set sysctl net.ipv4.ip_forward=1 beforehand, or "ip-forward-no-drop" (engine 28) in '
            'docker_daemon_options.',
        )


def rule_selinux(look, wish, target):
    system = look['system']
    if system['selinux'] == 'enforcing' and system['data_root'] != _look_system.DEFAULT_DATA_ROOT:
        yield warn(
            'selinux_label',
            'SELinux is enforcing and data-root is %s, which does not carry the label that containers need.' % system['data_root'],
            'semanage fcontext -a -e %s %s && restorecon -R %s' % (_look_system.DEFAULT_DATA_ROOT, system['data_root'], system['data_root']),
        )


def rule_addresses(look, wish, target):
    """Docker's networks against the routes of this host and the connection that Ansible came in by."""
    system = look['system']
    if any(route['interface'] == 'docker0' for route in system['routes']):
        return
    pools = wish.get('address_pools') or []
    taken = [parse_network('%s/%d' % (route['network'], route['prefix'])) for route in system['routes']]
    own = [parse_network(pool['base']) for pool in pools] or [parse_network(DOCKER0_NETWORK)]
    suggestion = 'Set default-address-pools in docker_daemon_options, for example to base %s, size 24.' % (free_pools(taken) or ['a free /16'])[0]
    if system['client_address'] and '.' in system['client_address']:
        client = parse_network(system['client_address'] + '/32')
        if any(contains(network, client) for network in own) and not any(contains(network, client) for network in taken):
            yield stop(
                'client_address',
                'Ansible comes in from %s, which lies in a network that Docker would take (%s): the connection would be lost.'
                % (system['client_address'], ', '.join(pool['base'] for pool in pools) or DOCKER0_NETWORK),
                suggestion,
            )
    clashes = [route for route, network in zip(system['routes'], taken) if any(overlaps(network, mine) for mine in own)]
    if clashes and pools:
        yield warn(
            'address_pools',
            'The wished address pools overlap routes of this host: %s.'
            % ', '.join('%(network)s/%(prefix)d on %(interface)s' % route for route in clashes),
            suggestion,
        )


def rule_other_engines(look, wish, target):
    """Engines and container tools of others, where docker-ce is still to come."""
    packages = look['packages']
    installed = packages['installed']
    if 'docker-ce' in installed:
        return
    old = sorted(set(installed) & set(OBSOLETE.get(packages['kind'], ())))
    if old:
        yield warn(
            'old_engine',
            'An older edition of Docker is installed (%s). docker-ce takes its place in one transaction; %s with its images and containers is kept.'
            % (', '.join(old), look['system']['data_root']),
            'Nothing, if that is meant.',
        )
    rivals = sorted(set(installed) & set(RIVALS))
    if rivals:
        yield warn(
            'other_tools',
            'Other container tools are installed (%s). Where one conflicts with docker-ce, docker_engine stops before any package is changed.'
            % ', '.join(rivals),
            'Name those in docker_engine_replace that may be removed.',
        )


def rule_daemon_json(look, wish, target):
    """A daemon.json that the engine could not read would leave a host without its daemon after the next restart."""
    daemon = look['daemon']
    problem = daemon['problem']
    if problem:
        where = '' if problem['line'] is None else ' line %d, column %d' % (problem['line'], problem['column'])
        yield stop('daemon_json', '%s%s: %s.' % (daemon['path'], where, problem['message']), 'Mend the file by hand; it was left as it was.')
        return
    for found in check(daemon['options'], target):
        yield warn(
            'daemon_json_key',
            '%s, "%s": %s.' % (daemon['path'], found['key'], found['message']),
            'Set it in docker_daemon_options, or mend the file before the engine is changed.',
        )


RULES = (
    rule_kernel,
    rule_storage_driver,
    rule_containerd_store,
    rule_leftovers,
    rule_space,
    rule_netfilter,
    rule_cgroup,
    rule_units,
    rule_firewalld,
    rule_forwarding,
    rule_selinux,
    rule_addresses,
    rule_other_engines,
    rule_daemon_json,
)
