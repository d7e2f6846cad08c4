# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preflight rules for storage: file systems, drivers, what older engines left, and SELinux labels."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import REMOVED_DRIVERS
from ansible_collections.dockfleet.host.plugins.module_utils._docker_unit import unit_flags, values_of
from ansible_collections.dockfleet.host.plugins.module_utils._engine_version import shown
from ansible_collections.dockfleet.host.plugins.module_utils._finding import finding, stop, warn
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import DEFAULT_DATA_ROOT
from ansible_collections.dockfleet.host.plugins.module_utils._storage_driver import (
    AUTO,
    choose,
    driver_in_use,
    is_containerd_store,
    obstacle,
    overlay_obstacle,
)

LEAST_FREE_BYTES = 2 * 1024 ** 3

# The first engine whose fresh installations keep images by containerd's snapshotters, and the first that can be told to.
CONTAINERD_STORE_IS_DEFAULT = (29, 0)
CONTAINERD_STORE = (23, 0)
# The first engine that also refuses a host of its own that lacks d_type; new ones are refused since 17.12.
D_TYPE_IS_DEMANDED = (24, 0)

# What container-selinux calls the engine's data; docker_var_lib_t is an older name of it.
DATA_TYPES = ('container_var_lib_t', 'docker_var_lib_t')


def place_of(look):
    return look['system']['paths'][look['system']['data_root']]


def uses_containerd_store(look, options, target):
    """Whether the engine will keep images by a snapshotter of containerd; None where that depends on a version not known yet."""
    asked = (options.get('features') or {}).get('containerd-snapshotter')
    if asked is not None:
        return asked and target.reaches(CONTAINERD_STORE)
    info = look['daemon']['info']
    if info and look['daemon']['holds_data']:
        return is_containerd_store(info)
    if options.get('storage-driver') or options.get('userns-remap') or place_of(look)['drivers']:
        return False
    return target.reaches(CONTAINERD_STORE_IS_DEFAULT)


def rule_read_only(look, options, target):
    place = place_of(look)
    if 'ro' in place['options']:
        yield stop(
            'read_only',
            '%s cannot be written to: %s is mounted read-only.' % (look['system']['data_root'], place['nearest']),
            'Mount it for writing (after a fault of the disk the kernel takes that away: see "dmesg"), or set data-root in docker_daemon_options.',
        )


def rule_storage_driver(look, options, target):
    system = look['system']
    driver = choose(look, options.get('storage-driver') or AUTO)
    if driver in REMOVED_DRIVERS:
        return
    found = obstacle(driver or 'overlay2', system)
    store = uses_containerd_store(look, options, target)
    if not found or store:
        return
    certain = store is False or overlay_obstacle(system, system['containerd_root']) is not None
    if found[0] == 'd_type' and 'overlay2' in place_of(look)['drivers'] and target.reaches(D_TYPE_IS_DEMANDED) is False:
        # Engines before 24 go on with what they have once begun, and lose data quietly.
        certain = False
    yield finding(certain, *found)


def rule_containerd_store(look, options, target):
    """The image store of engine 29 has the same demands, of another folder."""
    system = look['system']
    store = uses_containerd_store(look, options, target)
    if store is False:
        return
    root = system['containerd_root']
    found = overlay_obstacle(system, root, '"root" in /etc/containerd/config.toml')
    if found and found[0] in ('d_type', 'backing_filesystem'):
        yield finding(
            store is True,
            found[0] + '_containerd',
            'Engine 29 keeps images in %s. %s' % (root, found[1]),
            found[2] + ' Or set features.containerd-snapshotter to false in docker_daemon_options.',
        )
    elif found and store:
        # Where the store is not certain, rule_storage_driver has said it.
        yield stop(*found)
    if store and not look['daemon']['running'] and system['data_root'] != DEFAULT_DATA_ROOT and not root.startswith(system['data_root']):
        yield warn(
            'images_outside_data_root',
            'Engine 29 keeps images in %s and not in the data-root %s, so the disk of %s can still fill.' % (root, system['data_root'], root),
            'Set "root" in /etc/containerd/config.toml, or features.containerd-snapshotter to false in docker_daemon_options.',
        )


def rule_leftovers(look, options, target):
    """Data of a driver that the engine dropped: nothing is lost, but nothing of it would be seen any more."""
    system = look['system']
    place = place_of(look)
    for driver in place['drivers']:
        gone = target.reaches(REMOVED_DRIVERS[driver]) if driver in REMOVED_DRIVERS else False
        if gone is False:
            continue
        others = driver_in_use(look) not in (None, driver)
        yield finding(
            gone and not others,
            'driver_leftovers',
            '%s/%s holds layers of the storage driver "%s", which Docker Engine %s removed; %s cannot read them.'
            % (system['data_root'], driver, driver, shown(REMOVED_DRIVERS[driver]), target.text),
            'They only take room if nobody misses them: move the folder away, or remove it while the daemon is stopped.'
            if others
            else 'Under the old engine, save what is needed with "docker save", set docker_daemon_storage_driver to overlay2 (docker_daemon_confirm: '
            '[storage-driver]) and load it again; or set docker_engine_version to an engine that still has the driver; or move the folder away.',
        )


def rule_several_drivers(look, options, target):
    """An engine that finds the layers of several drivers and is not told which to use does not start (moby daemon/graphdriver/driver.go)."""
    found = [name for name in place_of(look)['drivers'] if name != 'vfs' and not (name in REMOVED_DRIVERS and target.reaches(REMOVED_DRIVERS[name]))]
    told = options.get('storage-driver') or values_of(unit_flags(look['unit'])).get('storage-driver')
    if len(found) > 1 and not told and not look['daemon']['running'] and not uses_containerd_store(look, options, target):
        yield finding(
            not any(name in REMOVED_DRIVERS for name in found),
            'several_drivers',
            '%s holds layers of several storage drivers (%s), and an engine that is not told which to use does not start.'
            % (look['system']['data_root'], ', '.join(found)),
            'Set storage-driver in /etc/docker/daemon.json to the one whose images are wanted, or move the folders of the others away.',
        )


def rule_space(look, options, target):
    place = place_of(look)
    if place['free_bytes'] < LEAST_FREE_BYTES:
        yield warn(
            'space',
            'Only %d MiB are free where %s lies (%s).' % (place['free_bytes'] // 1024 ** 2, look['system']['data_root'], place['nearest']),
            'Make room, or set data-root in docker_daemon_options to a larger file system.',
        )


def rule_selinux(look, options, target):
    system = look['system']
    place = place_of(look)
    labelled = place['exists'] and place['label'] in DATA_TYPES
    to_be_labelled = not place['exists'] and system['selinux_equivalences'].get(place['real']) == DEFAULT_DATA_ROOT
    if system['selinux'] == 'enforcing' and place['real'] != DEFAULT_DATA_ROOT and not labelled and not to_be_labelled:
        yield warn(
            'selinux_label',
            'SELinux is enforcing, and %s %s.'
            % (place['real'], 'is labelled %s and not %s' % (place['label'] or 'with nothing', DATA_TYPES[0]) if place['exists']
               else 'would take the label of the folder above it'),
            'mkdir -p %s && semanage fcontext -a -e %s %s && restorecon -R %s' % (place['real'], DEFAULT_DATA_ROOT, place['real'], place['real']),
        )


RULES = (
    rule_read_only,
    rule_storage_driver,
    rule_containerd_store,
    rule_leftovers,
    rule_several_drivers,
    rule_space,
    rule_selinux,
)
