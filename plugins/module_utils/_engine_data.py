# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an engine keeps images, containers and volumes, and how that goes away without taking anything else along."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import re

from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._engine_data_look import CONTAINERD, look_at_data, measure
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import failed
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import DRIVER_FOLDERS
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan
from ansible_collections.dockfleet.host.plugins.module_utils._processes import process_ids, read_process
from ansible_collections.dockfleet.host.plugins.module_utils._tree import MountTable, delete_tree

ARGUMENT_SPEC = {
    'level': {'type': 'str', 'choices': ['packages', 'config', 'data'], 'default': 'packages'},
    'confirm': {'type': 'list', 'elements': 'str'},
    'data_roots': {'type': 'list', 'elements': 'str', 'default': []},
    'foreign_mounts': {'type': 'str', 'choices': ['refuse', 'leave'], 'default': 'refuse'},
}
CONSTRAINTS = {}
NEEDS = ('daemon', 'packages', 'service')

# What lies at the top of a data-root, whatever the engine's age. What is in the first tuple is found nowhere else, and goes last, so
# that a data-root of which only a part was deleted is still known for one.
TELLING = DRIVER_FOLDERS + ('buildkit', 'containers', 'engine-id', 'image')
KNOWN = TELLING + (
    'builder', 'containerd', 'execdriver', 'graph', 'init', 'linkgraph.db', 'lost+found', 'network', 'nuke-graph-directory.sh', 'plugins', 'rootfs',
    'runtimes', 'swarm', 'tmp', 'tmp-old', 'trust', 'volumes',
)  # fmt: skip
TELLING_CONTAINERD = re.compile(r'io\.containerd\.')
KNOWN_CONTAINERD = re.compile(r'io\.containerd\.|tmpmounts$|lost\+found$|opt$')
# Data of a user namespace has a folder of its own in the data-root, named after the first ids.
NAMESPACE = re.compile(r'\d+\.\d+$')

# No engine keeps its data right there, nor anywhere below those of the second kind.
SYSTEM = (
    '/', '/home', '/media', '/mnt', '/opt', '/root', '/srv', '/tmp', '/var', '/var/cache', '/var/lib', '/var/local', '/var/log', '/var/mail', '/var/opt',
    '/var/spool', '/var/tmp', '/usr/local',
)  # fmt: skip
SYSTEM_TREES = ('/bin', '/boot', '/dev', '/etc', '/lib', '/lib32', '/lib64', '/libx32', '/proc', '/run', '/sbin', '/sys', '/usr')

# The mounts of an engine, as paths in its data-root (or in the folder of a user namespace in it) with the types of file systems.
OWN_MOUNTS = (
    (re.compile(r'(%s|rootfs)/.+' % '|'.join(DRIVER_FOLDERS)), ('aufs', 'fuse.fuse-overlayfs', 'overlay', 'zfs')),
    (re.compile(r'devicemapper/mnt/[^/]+$'), None),
    (re.compile(r'containers/[0-9a-f]{64}/mounts/[^/]+$'), ('tmpfs',)),
    (re.compile(r'plugins/.+/(rootfs|propagated-mount)$'), None),
    (re.compile(r'(io\.containerd\.|tmpmounts/|containerd/).+'), ('overlay', 'tmpfs', 'nsfs')),
)

UNTOUCHED = u'Nothing was touched.'


# --- the plan ------------------------------------------------------------------------------------------------------------------


def plan(look, wish):
    """Decide what of the engine's data goes.

    Args:
        look (dict): The sections of NEEDS, and "data" from inquire().
        wish (dict): The parameters. Without "confirm" this is a preview, which apply() does not carry out.

    Raises:
        DockfleetError: A folder is none that may be deleted, something foreign is mounted in it, or it was not confirmed.
    """
    if 'data' not in look:
        raise NotInLook('the data')
    data = look['data']
    gone, kept = [], [stays(**other) for other in data['others']]
    if wish['level'] == 'data':
        refuse_unknown_place(look['daemon'])
    for root in data['roots']:
        why = reason_to_keep(look, root, wish)
        if why:
            kept.append(stays(root['path'], why, root['bytes']))
        else:
            gone.append(root)
    for root in gone:
        refuse_folder(root, data['homes'])
        refuse_stranger(root)
    if wish['foreign_mounts'] == 'refuse':
        refuse_mounts(gone)
    if wish['confirm'] is not None and wish['level'] == 'data':
        refuse_unconfirmed(gone, data, wish['confirm'])
    for root in gone:
        kept.extend(stays(mount['point'], u'a mount of somebody else (%s)' % in_words(mount)) for mount in foreign(root))
    kept += [stays(path, u'settings; "rm -r %s" takes them away where nobody needs them' % path) for path in data['settings']]
    steps = steps_for(gone)
    if wish['level'] == 'data':
        steps += [{'do': 'unlink', 'path': link} for link in sorted(data['links']) if link_goes(data['links'][link], data['roots'], gone, wish)]
    listed = [listed_step(step) for step in steps]
    return Plan(
        steps,
        before=u''.join(u'%(kind)s %(path)s\n' % entry for entry in listed),
        after=u'',
        result={
            'plan': listed,
            'kept': kept,
            'roots': [root['path'] for root in data['roots']],
            'to_confirm': [root['path'] for root in gone],
            'bytes': total(listed),
        },
    )


def reason_to_keep(look, root, wish):
    """Why a data-root is not deleted; '' for one that goes."""
    if wish['level'] != 'data':
        return u'data stays at the level "%s"' % wish['level']
    if root['kind'] == CONTAINERD and 'containerd' in look['packages']['installed']:
        return u'it belongs to the package containerd, which is installed'
    if root['namespaces']:
        return u'containerd keeps data of others in it (%s)' % u', '.join(root['namespaces'])
    if not root['rest'] and foreign(root):
        return u'it leads to what somebody else has mounted (%s)' % u', '.join(mount['point'] for mount in foreign(root))
    return u'' if root['rest'] or not root['mountpoint'] else u'it is empty, and a mount point'


def refuse_unknown_place(daemon):
    """A broken daemon.json might name a data-root."""
    if daemon['problem']:
        raise DockfleetError(
            u'%s cannot be read (%s), so nobody knows where the data is. %s Mend the file or take it away, and run again.'
            % (daemon['path'], daemon['problem']['message'], UNTOUCHED),
            stage='daemon.json',
        )


def refuse_folder(root, homes):
    """Folders that no confirmation makes an engine's."""
    path = root['path']
    what = None
    if path in SYSTEM or any(path == tree or path.startswith(tree + u'/') for tree in SYSTEM_TREES):
        what = u'a folder of the system'
    elif path in homes or re.match(u'/home/[^/]+$', path):
        what = u'a home folder'
    if what:
        raise DockfleetError(
            u'%s (%s) is %s and is not deleted, whatever is in it. %s Move the engine\'s data out of it, and name its new place in '
            u'docker_uninstall_data_roots.' % (path, root['origin'], what, UNTOUCHED),
            stage='data',
            path=path,
        )


def refuse_stranger(root):
    """A folder has to look like an engine's, and hold nothing else."""
    names = root['entries']
    if root['kind'] == CONTAINERD:
        strange = [name for name in names if not KNOWN_CONTAINERD.match(name)]
        telling = any(TELLING_CONTAINERD.match(name) for name in names)
    else:
        strange = [name for name in names if name not in KNOWN and not NAMESPACE.match(name)]
        telling = any(name in TELLING or NAMESPACE.match(name) for name in names)
    if names and (strange or not (telling or root['hollow'])):
        found = u'it holds %s' % u', '.join(strange[:5] + ([u'and %d more' % (len(strange) - 5)] if len(strange) > 5 else []))
        raise DockfleetError(
            u'%s (%s) does not look like a data-root of %s: %s. %s Move away what is not the engine\'s, or delete the folder by hand.'
            % (root['path'], root['origin'], root['kind'], found if strange else u'it holds nothing that only an engine has', UNTOUCHED),
            stage='data',
            path=root['path'],
            strange=strange,
        )


def refuse_mounts(roots):
    """What others have mounted below is not the engine's."""
    mounts = [mount for root in roots for mount in foreign(root)]
    if mounts:
        raise DockfleetError(
            u'In the data to be deleted something is mounted that is not the engine\'s own: %s. %s Unmount it, or go around it with '
            u'docker_uninstall_foreign_mounts: leave.' % (u'; '.join(u'%s (%s)' % (mount['point'], in_words(mount)) for mount in mounts), UNTOUCHED),
            stage='mounts',
            mounts=[mount['point'] for mount in mounts],
        )


def refuse_unconfirmed(gone, data, confirm):
    """The confirmation has to name what goes, and nothing else that is there."""
    wanted = [root['path'] for root in gone]
    named = [to_text(path) for path in confirm]
    missing = [path for path in wanted if path not in named]
    known = [root['path'] for root in data['roots']]
    wrong = [path for path in named if path not in known and path in data['existing']]
    if missing or wrong:
        sentences = []
        if missing:
            sentences.append(u'%s would be deleted and %s not confirmed.' % (u' and '.join(missing), u'is' if len(missing) == 1 else u'are'))
        if wrong:
            sentences.append(
                u'%s is confirmed and is no data-root that was found: name it in docker_uninstall_data_roots too if it is one.' % u' and '.join(wrong)
            )
        raise DockfleetError(
            u'%s %s docker_uninstall_confirm has to be exactly: [%s].' % (u' '.join(sentences), UNTOUCHED, u', '.join(wanted)),
            stage='confirm',
            would_delete=wanted,
        )


def foreign(root):
    """The mounts below a root that are not the engine's own."""
    return [mount for mount in root['mounts'] if not is_own(root['path'], mount)]


def is_own(root, mount):
    """Whether an engine has mounted this itself: the file systems of its containers, and folders that are bound to themselves."""
    if mount['itself'] or mount['filesystem'] == 'nsfs':
        return True
    inner = re.sub(r'^\d+\.\d+/', '', mount['point'][len(root) + 1:])
    return any(pattern.match(inner) and (types is None or mount['filesystem'] in types) for pattern, types in OWN_MOUNTS)


def in_words(mount):
    return u'%(filesystem)s from %(source)s' % mount


def steps_for(roots):
    """Unmount the engine's own mounts, the deepest first, then delete."""
    steps = []
    for root in roots:
        own = [mount['point'] for mount in root['mounts'] if is_own(root['path'], mount)]
        steps += [{'do': 'unmount', 'path': point} for point in sorted(own, key=lambda point: (-point.count(u'/'), point))]
    for root in roots:
        strange = [mount['point'] for mount in foreign(root)]
        steps.append({
            'do': 'delete',
            'path': root['path'],
            'kind': root['kind'],
            'bytes': root['bytes'],
            'foreign': strange,
            'mountpoint': root['mountpoint'],
        })
    return steps


def link_goes(target, roots, gone, wish):
    """Whether a link to a data-root has nothing to lead to in the end; one whose target is not there now goes only where that is confirmed."""
    if target in [root['path'] for root in gone]:
        return not any(root['mountpoint'] or foreign(root) for root in gone if root['path'] == target)
    if target in [root['path'] for root in roots]:
        return False
    return wish['confirm'] is None or target in [to_text(path) for path in wish['confirm']]


def listed_step(step):
    return shown(step['path'], {'unmount': u'mount', 'unlink': u'link'}.get(step['do'], step.get('kind')), step.get('bytes'))


def shown(path, kind, size):
    """One thing that goes."""
    return {'path': path, 'kind': kind, 'bytes': size, 'text': u'%s %s%s' % (kind, path, sized(size))}


def stays(path, why, size=None):
    """One thing that stays."""
    return {'path': path, 'why': why, 'bytes': size, 'text': u'%s%s: %s' % (path, sized(size), why)}


def sized(size):
    """Bytes for people; '' where they were not counted."""
    if size is None:
        return u''
    for unit in (u'bytes', u'kB', u'MB', u'GB'):
        if size < 1000:
            break
        size, unit = size / 1000.0, u'TB'
    return u' (%.0f %s)' % (size, unit) if unit == u'bytes' else u' (%.1f %s)' % (size, unit)


def total(listed):
    """The sum of what was measured; None where nothing was."""
    known = [entry['bytes'] for entry in listed if entry['bytes'] is not None]
    return sum(known) if known else None


# --- on the host ---------------------------------------------------------------------------------------------------------------


def inquire(host, look, wish, read_only):
    """Add "data" to the look; sizes only for a preview, since a deletion counts for itself."""
    data = look_at_data(host, look, wish['data_roots'], wish['confirm'] or [])
    if wish['confirm'] is None:
        measure(data)
    return dict(look, data=data)


def apply(host, plan, wish):
    """Carry out the plan. A run that is cut off is continued by the next, which finds what is left.

    Returns:
        dict: plan and bytes with what was really freed; kept.
    """
    if wish['confirm'] is None:
        raise DockfleetError(
            u'Without "confirm" this is a preview, to be run in check mode. %s To delete: confirm: [%s].'
            % (UNTOUCHED, u', '.join(step['path'] for step in plan.steps if step['do'] == 'delete')),
            stage='confirm',
        )
    refuse_running()
    freed = {}
    mounts = MountTable()
    try:
        for step in plan.steps:
            if step['do'] == 'unmount':
                unmount(host, step['path'])
            elif step['do'] == 'unlink':
                host.remove(step['path'])
            else:
                freed[step['path']] = delete(host, step, mounts)
    finally:
        mounts.close()
    listed = [shown(entry['path'], entry['kind'], freed.get(entry['path'])) for entry in plan.result['plan']]
    return {'plan': listed, 'bytes': total(listed) or 0}


def refuse_running():
    """An engine that runs would go on writing to what is deleted."""
    running = [pid for pid in process_ids() if read_process(pid, 'comm').strip() == 'dockerd']
    if running:
        raise DockfleetError(
            u'dockerd runs (process %d), so its data was not touched. Stop it: "systemctl stop docker.socket docker.service".' % running[0], stage='service'
        )


def unmount(host, point):
    code, out, err = host.run(['umount', point])
    if code and 'not mounted' not in err:
        raise DockfleetError(
            u'%s cannot be unmounted: %s. See with "fuser -vm %s" what uses it, and run again; nothing was deleted.' % (point, (err or out).strip(), point),
            stage='mounts',
        )


def delete(host, step, mounts):
    """Delete a data-root, what it is known by last. Returns the bytes that the disk has got back."""
    root, freed, left = step['path'], 0, []
    names = os.listdir(to_bytes(root))
    if step['mountpoint']:
        names = [name for name in names if name != b'lost+found']
    for name in sorted(names, key=lambda name: (to_text(name) in TELLING, name)):
        path = os.path.join(to_bytes(root), name)
        if mounts.has(path):
            left.append(to_text(path))
        elif os.path.isdir(path) and not os.path.islink(path):
            done = delete_tree(path, mounts)
            freed += done['bytes']
            left += done['left']
        else:
            freed += os.lstat(path).st_blocks * 512
            host.remove(path)
    unexpected = sorted(set(left) - set(step['foreign']))
    if unexpected:
        raise DockfleetError(
            u'%s was mounted while %s was deleted, and stays with what is in it. Unmount it and run again.' % (u' and '.join(unexpected), root), stage='mounts'
        )
    if not left and not step['mountpoint']:
        try:
            os.rmdir(to_bytes(root))
        except OSError as error:
            raise failed(u'The folder %s cannot be deleted' % root, root, error)
    return freed
