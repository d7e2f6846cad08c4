# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preflight rules for the engine itself: kernel, control groups, units, engines of others, and a daemon.json that it could not read."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_refusals import origins
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import check
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import LOOPBACK_IS_SAID
from ansible_collections.dockfleet.host.plugins.module_utils._docker_unit import HOSTS_DROP_IN, start_command, unit_flags, values_of
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import OBSOLETE, RIVALS
from ansible_collections.dockfleet.host.plugins.module_utils._engine_version import numbers_of
from ansible_collections.dockfleet.host.plugins.module_utils._finding import finding, stop, warn
from ansible_collections.dockfleet.host.plugins.module_utils._look_service import is_copy
from ansible_collections.dockfleet.host.plugins.module_utils._storage_driver import kernel_version

OLDEST_KERNEL = (3, 10)
# The first engine that knows cgroup v2, and the first that calls v1 deprecated.
CGROUP_V2 = (20, 10)
CGROUP_V1_IS_OLD = (29, 0)
# Limits of containers that have no effect without these.
CONTROLLERS = {'memory': '--memory', 'cpu': '--cpus', 'pids': '--pids-limit'}

# What no engine starts with; the rest it takes and does not heed, or we are stricter than it.
NO_START = ('unknown', 'too_new', 'gone', 'type', 'value')


def rule_kernel(look, options, target):
    if kernel_version(look['system']['kernel']) < OLDEST_KERNEL:
        yield stop(
            'kernel',
            'Kernel %s is too old for Docker, which needs 3.10.' % look['system']['kernel'],
            'Update the kernel or the distribution.',
        )


def rule_cgroup(look, options, target):
    cgroup = look['system']['cgroup']
    if cgroup['version'] == 0:
        yield stop(
            'cgroup_missing',
            'No control groups are mounted below /sys/fs/cgroup, and no engine starts without.',
            'systemd mounts them; without it, install the package cgroupfs-mount.',
        )
        return
    if cgroup['version'] == 2 and target.reaches(CGROUP_V2) is False:
        yield stop(
            'cgroup_v2',
            'The host runs cgroup v2, which Docker knows from engine 20.10 on, and %s is to run here.' % target.text,
            'Set docker_engine_version to a newer one, or boot with systemd.unified_cgroup_hierarchy=0.',
        )
    if cgroup['version'] == 1 and target.reaches(CGROUP_V1_IS_OLD):
        yield warn('cgroup_v1', 'The host runs cgroup v1, which Docker Engine 29 deprecates.', 'Boot with systemd.unified_cgroup_hierarchy=1 when convenient.')
    missing = sorted(set(CONTROLLERS) - set(cgroup['controllers']))
    if missing:
        yield warn(
            'cgroup_controllers',
            'The kernel has these cgroup controllers off: %s. Docker passes over the limits that need them (%s).'
            % (', '.join(missing), ', '.join(CONTROLLERS[name] for name in missing)),
            'Switch them on in the boot options, such as cgroup_enable=memory.',
        )


def rule_units(look, options, target):
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
        elif is_copy(unit):
            yield warn(
                'unit_copy',
                '%s is a copy in /etc that hides the one of the package, also after upgrades.' % unit['FragmentPath'],
                'Move what you changed into a drop-in (systemctl edit %s) and remove the copy.' % name,
            )


def rule_other_engines(look, options, target):
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


def rule_daemon_json(look, options, target, wished, tls):
    """A daemon.json that the engine could not read would leave a host without its daemon as soon as the engine is installed or upgraded.

    What docker_daemon_tls brings (tls: it is going to) may be just what the options lack: then daemon_json judges whether they go together.
    """
    daemon = look['daemon']
    problem = daemon['problem']
    if problem:
        where = '' if problem['line'] is None else ' line %d, column %d' % (problem['line'], problem['column'])
        yield stop('daemon_json', '%s%s: %s.' % (daemon['path'], where, problem['message']), 'Mend the file by hand; it was left as it was.')
        return
    told = []
    for found in wrong_options(daemon['options'], target):
        told.append((found['key'], found['message']))
        yield finding(
            # The role docker_daemon comes after the engine: what its options take out is still there when the engine starts.
            found['code'] in NO_START or (found['code'] != 'combination' and found['key'] in options),
            'daemon_json_key',
            '%s, "%s": %s.' % (daemon['path'], found['key'], found['message']),
            'Mend the file before the engine is changed: by hand, or by the role docker_daemon alone, with null for the key in docker_daemon_options.',
        )
    flags = values_of(unit_flags(look['unit']))
    told.extend((found['key'], found['message']) for found in wrong_options(daemon['options'], target, flags))
    for found in wrong_options(options, target, flags):
        if not (tls and found['code'] == 'combination') and (found['key'], found['message']) not in told:
            where = 'docker_daemon_options' if found['key'] in wished else daemon['path']
            remedy = ' '.join(['Mend docker_daemon_options.'] + origins([found], options, wished, look['unit']))
            yield stop('daemon_option', '%s, "%s": %s.' % (where, found['key'], found['message']), remedy)


def rule_flags(look, options, target):
    """A key that stands in the file and as a flag. The stock unit has one, so that "hosts" keeps an engine that is just installed from starting."""
    unit, daemon = look['unit'], look['daemon']
    twice = set(daemon['options'] or ()) & set(flag.key for flag in unit_flags(unit))
    if HOSTS_DROP_IN in unit['files']:
        twice.discard('hosts')
    if twice and not daemon['running']:
        yield stop(
            'flag_and_key',
            '%s in %s cannot stand beside the same as a flag of dockerd (ExecStart in %s): the engine does not start when a setting comes from both.'
            % (' and '.join('"%s"' % key for key in sorted(twice)), daemon['path'], start_command(unit)[0] or 'docker.service of the package'),
            'Take it out of the file. What docker_daemon_options sets is written after the engine is installed, for "hosts" with the drop-in that it needs.',
        )


def wrong_options(options, target, flags=None):
    """What is wrong with options, beside flags of the daemon, for every version that the target may come to be."""
    numbers = target.numbers
    if not numbers:
        return check(options, (), flags)
    least = numbers + (0,) * (2 - len(numbers))
    most = (999, 0) if target.or_newer else numbers + (999,) * (2 - len(numbers))
    always = set(found['key'] for found in check(options, most, flags))
    return [found for found in check(options, least, flags) if found['key'] in always]


def rule_loopback_registries(look, options, target):
    """To be said once, when the engine that changes it comes."""
    registries = options.get('insecure-registries')
    there = numbers_of((look['packages']['installed'].get('docker-ce') or {}).get('version', ''))
    if not isinstance(registries, list) or there >= LOOPBACK_IS_SAID or not target.reaches(LOOPBACK_IS_SAID):
        return
    if not any(entry.partition('://')[2].startswith(('127.', '::1', 'localhost')) or entry.startswith(('127.', '::1', 'localhost')) for entry in registries):
        yield warn(
            'loopback_registries',
            'From engine 29.10 on, a list of insecure-registries does not imply the loopback any more: pulls from registries on localhost without TLS stop.',
            'If there is one, add 127.0.0.0/8 and ::1/128 to insecure-registries in docker_daemon_options.',
        )


RULES = (
    rule_kernel,
    rule_cgroup,
    rule_units,
    rule_other_engines,
    rule_flags,
    rule_loopback_registries,
)
