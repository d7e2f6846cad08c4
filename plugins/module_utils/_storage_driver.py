# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which storage driver fits a host, and what stands in the way of the others.

Sources: docs.docker.com, "OverlayFS storage driver" and "Select a storage driver" (kernels, file systems); moby daemon/graphdriver: driver_linux.go
(the order in which an engine tries its drivers), overlayutils (d_type), overlay2, fuse-overlayfs, btrfs and zfs (what each asks for).
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import REMOVED_DRIVERS

AUTO = 'auto'

# The order of choice. vfs, which copies every layer whole, is never chosen.
PREFERENCE = ('overlay2', 'fuse-overlayfs', 'btrfs', 'zfs')

# Drivers of graphs, and the same file system as a snapshotter of containerd, by which engine 29 keeps its images.
SNAPSHOTTERS = {'overlay2': 'overlayfs'}

# overlay cannot keep its upper layers on these (kernel: Documentation/filesystems/overlayfs.rst, "upper filesystem"), or the engine does not try.
NO_UPPER_LAYER = ('overlay', 'aufs', 'ecryptfs', 'nfs', 'nfs4', 'cifs', 'smb3', 'vfat', 'exfat', '9p', 'fuse.sshfs', 'fuseblk', 'zfs')

FUSE_OVERLAYFS_KERNEL = (4, 18)


def kernel_version(text):
    """The numbers of a kernel release: "3.10.0-1160.el7.x86_64" is (3, 10, 0, 1160)."""
    return tuple(int(part) for part in re.findall(r'\d+', text)[:4])


def kernel_has_overlay2(kernel):
    """overlay2 needs kernel 4.0, or EL7's 3.10.0-514 and newer, into which Red Hat ported it."""
    version = kernel_version(kernel)
    return version >= (4, 0) or ('.el7' in kernel and version >= (3, 10, 0, 514))


def choose(look, wished):
    """The storage driver of a host.

    Args:
        look (dict): The sections daemon and system.
        wished (str): A driver; "auto" keeps the one of a host that holds data, else takes the first that the host can run.

    Returns:
        str: The driver; None where only vfs would work.
    """
    if wished != AUTO:
        return wished
    kept = driver_in_use(look)
    if kept:
        return kept
    able = [driver for driver in PREFERENCE if not obstacle(driver, look['system'])]
    return able[0] if able else None


def driver_in_use(look):
    """The driver that the data of this host were written by: the running daemon's, else that whose folder is there; None without data."""
    info = look['daemon']['info']
    if info and look['daemon']['holds_data']:
        return info['Driver']
    system = look['system']
    left = [name for name in system['paths'][system['data_root']]['drivers'] if name not in REMOVED_DRIVERS]
    # An engine passes vfs over where there is another one.
    left = [name for name in left if name != 'vfs'] or left
    return left[0] if len(left) == 1 else None


def option_for(look, wished, options):
    """What has to stand as storage-driver in daemon.json for a wish.

    Args:
        look (dict): The sections daemon and system.
        wished (str): A driver, or "auto".
        options (dict): What the file holds.

    Returns:
        str: The value; None where the key is not needed. With "auto" an engine finds overlay2 by itself, and is told only of another driver, before
        its first start: without, it would take vfs, or a containerd image store that does not work.
    """
    if wished != AUTO:
        return wished
    choice = choose(look, AUTO)
    if choice not in PREFERENCE[1:]:
        return None
    return choice if options.get('storage-driver') == choice or not look['daemon']['running'] else None


def is_containerd_store(info):
    """Whether a daemon keeps its images by a snapshotter of containerd.

    Args:
        info (dict): The field "info" of the look's section daemon.
    """
    return any('io.containerd.snapshotter' in pair[1] for pair in info.get('DriverStatus') or [])


def same_driver(wished, running):
    """Whether a running driver is the wished one, which the containerd image store calls by its snapshotter's name."""
    return wished == running or SNAPSHOTTERS.get(wished) == running


def obstacle(driver, system):
    """Why a driver cannot work under the data-root: code, message and remedy; None where nothing is known to be in its way."""
    if driver == 'overlay2':
        return overlay_obstacle(system, system['data_root'])
    place = system['paths'][system['data_root']]
    where = '%s is on %s (%s)' % (system['data_root'], place['filesystem'], place['nearest'])
    if driver in ('btrfs', 'zfs') and place['filesystem'] != driver:
        return (
            'storage_driver',
            'The storage driver "%s" works on a file system of its own kind only, and %s.' % (driver, where),
            'Set docker_daemon_storage_driver to "auto", or put the data-root on %s.' % driver,
        )
    if driver == 'zfs' and not system['programs']['zfs']:
        return 'storage_driver', 'The storage driver "zfs" calls the program zfs, which is not installed.', 'Install zfsutils-linux or zfs.'
    if driver == 'fuse-overlayfs' and not (system['programs']['fuse-overlayfs'] and system['fuse']):
        return (
            'storage_driver',
            'The storage driver "fuse-overlayfs" needs the program of that name and /dev/fuse, and this host lacks %s.'
            % ('/dev/fuse' if system['programs']['fuse-overlayfs'] else 'the program'),
            'Install the package fuse-overlayfs, or load the kernel module fuse.',
        )
    if driver == 'fuse-overlayfs' and kernel_version(system['kernel']) < FUSE_OVERLAYFS_KERNEL:
        return 'storage_driver', 'The storage driver "fuse-overlayfs" needs kernel 4.18, and this is %s.' % system['kernel'], 'Update the kernel.'
    return None


def overlay_obstacle(system, path, names='data-root in docker_daemon_options'):
    """Why overlay cannot keep layers in a folder.

    Args:
        system (dict): The look's section.
        path (str): The folder, one of those looked at.
        names (str): How the user moves it, for the remedy.

    Returns:
        tuple: code, message, remedy; None where nothing is in its way.
    """
    place = system['paths'][path]
    where = 'the file system of %s (%s on %s)' % (path, place['filesystem'], place['nearest'])
    if not kernel_has_overlay2(system['kernel']):
        return (
            'kernel_overlay2',
            'Kernel %s cannot run the storage driver overlay2, which needs 4.0 or, on EL7, 3.10.0-514.' % system['kernel'],
            'Update the kernel ("yum update kernel" brings 3.10.0-1160 on CentOS 7) and reboot.',
        )
    if system['modules']['overlay'] == 'missing':
        return (
            'module_overlay',
            'The kernel %s has no module "overlay", which the storage driver overlay2 needs.' % system['kernel'],
            'Install the kernel package of the distribution, or build the kernel with CONFIG_OVERLAY_FS.',
        )
    if place['filesystem'] in NO_UPPER_LAYER:
        return (
            'backing_filesystem',
            'overlay2 cannot work on %s: %s does not do for an upper layer.' % (where, place['filesystem']),
            'Set %s to a folder on ext4 or xfs.' % names,
        )
    if place['d_type'] is False:
        return (
            'd_type',
            'overlay2 cannot work on %s: it does not tell the type of directory entries (d_type; on xfs: ftype=0).' % where,
            'Set %s to another file system, or make this one anew with "mkfs.xfs -n ftype=1" (ext4: feature filetype). It cannot be switched on in place.'
            % names,
        )
    return None
