# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of an engine runs on a host, and what it leaves in the kernel: both are brought to an end without touching what others set up."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import grp
import os
import pwd
import re
import signal
import time

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _look_client
from ansible_collections.dockfleet.host.plugins.module_utils._engine_data_look import NAMESPACES
from ansible_collections.dockfleet.host.plugins.module_utils._engine_firewall import RESTORE, SAVE, cleaning, foreign_rules, forward_policy, is_bridge
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import ENGINE
from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import UNIT, command
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look import look_at
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import ask_daemon, daemon_identity
from ansible_collections.dockfleet.host.plugins.module_utils._look_packages import GROUP
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import read_mountinfo
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan
from ansible_collections.dockfleet.host.plugins.module_utils._processes import children_of, process_ids, read_process

ARGUMENT_SPEC = {
    'stop_containers': {'type': 'bool', 'default': False},
    'remove_group': {'type': 'bool', 'default': False},
}
CONSTRAINTS = {}
NEEDS = ('daemon', 'packages', 'service')

# The socket first: with it open, the next "docker ps" would start the service again.
UNITS = ('docker.socket', UNIT, 'containerd.service')
ACTIVE = ('active', 'activating', 'reloading', 'deactivating')
# What lies in /run for as long as the host is up, and what is remembered of the client.
FILES = ('/run/docker.sock', '/run/docker.pid', _look_client.MEMORY)
# Folders that packages and daemons make and that no package takes away; each goes when nothing is in it and nothing installed uses it.
FOLDERS = (
    '/etc/containerd', '/etc/docker', '/opt/containerd/bin', '/opt/containerd/lib', '/opt/containerd', '/usr/libexec/docker/cli-plugins', '/usr/libexec/docker',
    '/var/lib/dockfleet',
)  # fmt: skip
USERS_OF_FOLDERS = ENGINE + ('containerd.io', 'docker-buildx-plugin', 'docker-compose-plugin', 'containerd', 'docker.io', 'docker-common', 'docker-engine')
OWN_MOUNTS = re.compile(r'/run/(docker|containerd/io\.containerd\.runtime\.v2\.task/(moby|plugins\.moby))/')
NFT_TABLES = ('docker-bridges',)
# Seconds that a container without its daemon has to end by itself.
PATIENCE = 10
ZONE = '/etc/firewalld/zones/docker.xml'


def plan(look, wish):
    """Decide what is stopped and what is cleaned up.

    Args:
        look (dict): The sections of NEEDS, and "traces" from inquire().
        wish (dict): The parameters.

    Raises:
        DockfleetError: Containers run and nobody said that they may be stopped, or systemd does not run the daemon.
    """
    if 'traces' not in look:
        raise NotInLook('what runs')
    traces = look['traces']
    containers = traces['containers']
    if containers and not wish['stop_containers']:
        raise DockfleetError(
            u'%d container%s on this host: %s. Nothing was touched. If they may be stopped: docker_uninstall_stop_containers: true.'
            % (len(containers), u' runs' if len(containers) == 1 else u's run', u', '.join(in_words(container) for container in containers)),
            stage='containers',
            containers=[container['name'] for container in containers],
        )
    refuse_unmanaged(look)
    refuse_shared_containerd(look)
    units = units_to_stop(look)
    steps = [{'do': 'stop', 'what': u'container %s' % in_words(container)} for container in containers]
    steps += [{'do': 'stop', 'what': unit} for unit in units]
    steps += trace_steps(look)
    if wish['remove_group'] and look['packages']['group'] == [] and not traces['group_users']:
        steps.append({'do': 'group', 'what': u'group %s' % GROUP})
    listed = [step['what'] for step in steps]
    return Plan(
        steps,
        before=u''.join(u'%s\n' % what for what in listed),
        after=u'',
        result={'plan': listed, 'kept': [dict(entry, text=u'%(what)s: %(why)s. "%(remedy)s" takes it away' % entry) for entry in kept(look, wish)]},
    )


def in_words(container):
    return u'%(name)s (%(image)s)' % container


def refuse_unmanaged(look):
    """A daemon that somebody started by hand is theirs to stop."""
    managed = look['service']['systemd'] and look['service']['units'].get(UNIT, {}).get('ActiveState') in ACTIVE
    if look['daemon']['running'] and not managed:
        raise DockfleetError(
            u'dockerd runs on this host and systemd does not run it (docker.service is not active). Nothing was touched. Stop it as it was started, '
            u'and run again.',
            stage='service',
        )


def refuse_shared_containerd(look):
    """Docker's containerd may run the containers of Kubernetes as well, and then it is not Docker's alone to take."""
    others = look['traces']['others']
    if others and 'containerd.io' in look['packages']['installed']:
        raise DockfleetError(
            u'The containerd of the package containerd.io also runs containers that are not Docker\'s (namespace %s). Nothing was touched. Move them to '
            u'another host or runtime first.' % u', '.join(others),
            stage='containers',
        )


def units_to_stop(look):
    """Docker's units that are active; containerd's only where it came from Docker's package."""
    units = look['service']['units']
    return [
        unit
        for unit in UNITS
        if units.get(unit, {}).get('ActiveState') in ACTIVE and (unit != 'containerd.service' or 'containerd.io' in look['packages']['installed'])
    ]


def trace_steps(look):
    """What an engine that is stopped leaves behind."""
    traces = look['traces']
    steps = []
    for tool in sorted(traces['firewall']):
        for entry in cleaning(traces['firewall'][tool]):
            steps.append({'do': 'firewall', 'tool': tool, 'script': entry['script'], 'what': u'%s, table %s: %s' % (tool, entry['table'], entry['what'])})
    steps += [{'do': 'nft', 'table': table, 'what': u'nft table %s' % table} for table in traces['nft']]
    steps += [{'do': 'link', 'link': link, 'what': u'network interface %s' % link} for link in traces['bridges']]
    steps += [{'do': 'unmount', 'path': path, 'what': u'mount %s' % path} for path in traces['mounts']]
    steps += [{'do': 'file', 'path': path, 'what': path} for path in traces['files']]
    if not set(USERS_OF_FOLDERS) & set(look['packages']['installed']):
        steps += [{'do': 'folder', 'path': path, 'what': u'empty folder %s' % path} for path in traces['folders']]
    failed = [unit for unit in UNITS if look['service']['units'].get(unit, {}).get('ActiveState') == 'failed']
    return steps + [{'do': 'reset', 'unit': unit, 'what': u'the failed state of %s' % unit} for unit in failed]


def kept(look, wish):
    """What stays, why, and what would take it away."""
    traces, found = look['traces'], []
    members = sorted(set(look['packages']['group'] or []) | set(traces['group_users']))
    if look['packages']['group'] is not None and (members or not wish['remove_group']):
        why = u'it has members: %s' % u', '.join(members) if members else u'docker_uninstall_group is false'
        found.append({'what': u'group %s' % GROUP, 'why': why, 'remedy': u'groupdel %s' % GROUP})
    for tool in sorted(traces['firewall']):
        rules = foreign_rules(traces['firewall'][tool])
        if rules:
            found.append({
                'what': u'%s, chain DOCKER-USER' % tool,
                'why': u'it holds rules of this host\'s administrators: %s' % u'; '.join(rules),
                'remedy': u'%s -D FORWARD -j DOCKER-USER, then -F and -X DOCKER-USER' % tool,
            })
        if forward_policy(traces['firewall'][tool]) == 'DROP' and (cleaning(traces['firewall'][tool]) or rules):
            found.append({
                'what': u'%s, policy DROP of the chain FORWARD' % tool,
                'why': u'Docker sets it, and so do administrators',
                'remedy': u'%s -P FORWARD ACCEPT' % tool,
            })
    if traces['zone']:
        found.append({
            'what': u'firewalld zone docker',
            'why': u'firewalld keeps it in its own files',
            'remedy': u'firewall-cmd --permanent --delete-zone=docker',
        })
    return found


# --- on the host ---------------------------------------------------------------------------------------------------------------


def inquire(host, look, wish, read_only):
    """Add "traces" to the look."""
    return dict(look, traces=look_at_traces(host, look))


def look_at_traces(host, look):
    """Look at what runs and at what an engine leaves behind.

    Returns:
        dict: containers (list of dict with id, name and image) of Docker that run; others: namespaces of containerd in which more run;
            bridges: Docker's network interfaces; firewall: tool (such as "iptables") to its rules as it prints them; nft: Docker's tables;
            mounts: of Docker in /run; files; folders: empty ones; zone (bool); group_users: users whose own group is Docker's.
    """
    mounts = [mount['point'] for mount in read_mountinfo(host.read_text('/proc/self/mountinfo') or '')]
    found = {
        'containers': running_containers(look),
        'others': sorted(set(shim['namespace'] for shim in shims() if shim['namespace'] not in NAMESPACES)),
        'bridges': [to_text(name) for name in sorted(folder('/sys/class/net')) if is_bridge(to_text(name), folder('/sys/class/net/%s/brif' % name))],
        'firewall': {},
        'nft': [],
        'mounts': sorted((point for point in mounts if OWN_MOUNTS.match(point)), reverse=True),
        'files': [path for path in FILES if os.path.exists(path)],
        'folders': empty_folders(),
        'zone': os.path.exists(ZONE),
        'group_users': group_users(),
    }
    for tool in sorted(SAVE):
        if host.which(SAVE[tool]):
            code, out, dummy = host.run([SAVE[tool]])
            if code == 0:
                found['firewall'][tool] = out
    if host.which('nft'):
        rows = [line.split() for line in host.run(['nft', 'list', 'tables'])[1].splitlines()]
        found['nft'] = [' '.join(row[1:]) for row in rows if len(row) == 3 and row[2] in NFT_TABLES]
    return found


def empty_folders():
    """Those of FOLDERS in which there is nothing, or nothing but others of them."""
    found = []
    for path in FOLDERS:
        names = folder(path)
        if names is not None and not os.path.islink(path) and all(os.path.join(path, name) in found for name in names):
            found.append(path)
    return found


def folder(path):
    """Names in a folder; None where there is no such folder."""
    try:
        return os.listdir(path)
    except OSError:
        return None


def group_users():
    """The users whose primary group is Docker's."""
    try:
        number = grp.getgrnam(GROUP).gr_gid
    except KeyError:
        return []
    return sorted(to_text(user.pw_name) for user in pwd.getpwall() if user.pw_gid == number)


def running_containers(look):
    """What runs: as the daemon tells, and whatever a containerd has kept running without it."""
    found = []
    if look['daemon']['running']:
        for container in ask_daemon('/containers/json') or []:
            found.append({'id': container['Id'], 'name': (container['Names'] or [container['Id'][:12]])[0].lstrip(u'/'), 'image': container['Image']})
    known = [container['id'] for container in found]
    for shim in shims():
        if shim['id'] not in known and shim['namespace'] in NAMESPACES:
            found.append({'id': shim['id'], 'name': shim['id'][:12], 'image': u'namespace %s of containerd' % shim['namespace']})
    return found


def shims():
    """The processes that hold a container each: pid, id of the container, and its namespace in containerd."""
    found = []
    for pid in process_ids():
        words = read_process(pid, 'cmdline').split(u'\0')
        if os.path.basename(words[0]).startswith('containerd-shim') and '-id' in words and '-namespace' in words:
            found.append({'pid': pid, 'id': words[words.index('-id') + 1], 'namespace': words[words.index('-namespace') + 1]})
    return found


def apply(host, plan, wish):
    """Carry out the plan. What an engine leaves behind is looked at again once it is stopped."""
    units = [step['what'] for step in plan.steps if step['do'] == 'stop' and step['what'] in UNITS]
    end_containers(host)
    if units:
        command(host, ['systemctl', 'stop'] + units, 'stop %s' % ' and '.join(units))
    end_left()
    for step in plan.steps:
        if step['do'] == 'group':
            command(host, ['groupdel', GROUP], 'remove the group %s' % GROUP)
    look = look_at(host, NEEDS, wish)
    for step in trace_steps(inquire(host, look, wish, False)):
        clean(host, step)


def end_containers(host):
    """Stop containers as "docker stop" does, as long as there is a daemon that can."""
    # With no daemon behind it, the socket is systemd's, and asking would start one.
    for container in ask_daemon('/containers/json') or [] if daemon_identity(host) else []:
        command(host, ['docker', 'stop', container['Id']], 'stop the container %s' % container['Id'][:12])


def end_left():
    """End what goes on without its daemon: the containers of a daemon with live-restore, or of one that was killed."""
    left = [shim for shim in shims() if shim['namespace'] in NAMESPACES]
    for sent in (signal.SIGTERM, signal.SIGKILL):
        for shim in left:
            for pid in children_of(shim['pid']):
                kill(pid, sent)
        deadline = time.time() + PATIENCE
        while any(children_of(shim['pid']) for shim in left) and time.time() < deadline:
            time.sleep(0.1)
    for shim in left:
        kill(shim['pid'], signal.SIGTERM)


def kill(pid, sent):
    try:
        os.kill(pid, sent)
    except OSError:
        pass


def clean(host, step):
    """Take one thing away that an engine left."""
    if step['do'] == 'firewall':
        code, dummy, err = host.run([RESTORE[step['tool']], '--noflush'], data=step['script'].encode('utf-8'))
        if code:
            raise DockfleetError(
                u'%s refuses to take Docker\'s rules away: %s. They do no harm; a restart of the host ends them.' % (step['what'], err.strip().rstrip('.')),
                stage='firewall',
            )
    elif step['do'] == 'nft':
        command(host, ['nft', 'delete', 'table'] + step['table'].split(), 'delete the %s' % step['what'])
    elif step['do'] == 'link':
        command(host, ['ip', 'link', 'delete', 'dev', step['link']], 'remove the %s' % step['what'])
    elif step['do'] == 'unmount':
        command(host, ['umount', step['path']], 'unmount %s' % step['path'])
    elif step['do'] == 'file':
        host.remove(step['path'])
    elif step['do'] == 'folder':
        host.remove_folder_if_empty(step['path'])
    else:
        host.run(['systemctl', 'reset-failed', step['unit']])
