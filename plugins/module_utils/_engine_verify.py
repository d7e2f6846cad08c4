# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does the engine run, and run as wished? The daemon's own words against the wish, its endpoints, and an image pulled, run and limited."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import check_value
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import KEYS
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_running import differences
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_types import coerce
from ansible_collections.dockfleet.host.plugins.module_utils._engine_version import numbers_of, shown
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._image import HUB, Image, image_name, is_hub, parse_image
from ansible_collections.dockfleet.host.plugins.module_utils._storage_driver import AUTO, is_containerd_store
from ansible_collections.dockfleet.host.plugins.module_utils._url import host_and_port, split_url

ARGUMENT_SPEC = {
    'version': {'type': 'str', 'default': 'present'},
    'options': {'type': 'dict', 'default': {}},
    'storage_driver': {'type': 'str', 'default': AUTO},
    'registry_mirrors': {'type': 'list', 'elements': 'str', 'default': []},
    'images': {'type': 'list', 'elements': 'str', 'default': ['hello-world']},
    'limits': {'type': 'bool', 'default': True},
    'run': {'type': 'str', 'choices': ['auto', 'always', 'never'], 'default': 'auto'},
}
NEEDS = ('client', 'daemon', 'endpoints', 'system')

# What the container of the proof is given.
MEMORY_MIB = 64
CPUS = '0.5'

# Where a container of cgroup v1 and of v2 finds its own limits.
LIMIT_FILES = {
    '1': ('memory/memory.limit_in_bytes', 'cpu/cpu.cfs_quota_us', 'cpu/cpu.cfs_period_us'),
    '2': ('memory.max', 'cpu.max'),
}
# What "cat" of this host needs to run in a container whose image holds nothing but its own program.
PROGRAM_FOLDERS = ('/bin', '/lib', '/lib64', '/usr')


# The return values where no image is run.
NOTHING_RUN = {'outputs': {}, 'pulled_through': {}, 'limits': None}


def examine(look, wish):
    """Compare the running daemon with the wish.

    Args:
        look (dict): The sections client, daemon, endpoints and system.
        wish (dict): The parameters.

    Returns:
        tuple: engine (dict, what runs; None where nothing does) and findings (list of {what, wished, found, remedy}).
    """
    info = look['daemon']['info']
    if info is None:
        return None, [finding('daemon', 'running', 'not running', 'See "systemctl status docker" and "journalctl -u docker" on the host.')]
    engine = {
        'version': info['ServerVersion'],
        'client_version': look['client']['version'],
        'storage_driver': info['Driver'],
        'containerd_image_store': is_containerd_store(info),
        'registry_mirrors': info['Mirrors'],
        'insecure_registries': info['InsecureRegistries'],
        'cgroup_version': info.get('CgroupVersion', '1'),
        'data_root': info['DockerRootDir'],
        'live_restore': info['LiveRestoreEnabled'],
        'logging_driver': info['LoggingDriver'],
        'endpoints': [each['endpoint'] for each in look['endpoints'] if not each['fault']],
    }
    return engine, version_findings(engine, wish) + option_findings(look, wish) + endpoint_findings(look['endpoints'])


def warnings_of(engine, wish):
    """What the user should know although it works."""
    if engine and engine['storage_driver'] == 'vfs' and 'vfs' not in (wish['storage_driver'], wish['options'].get('storage-driver')):
        return ['The engine runs with the storage driver vfs, which copies every layer whole. host_facts tells what is in the way of the others.']
    return []


def version_findings(engine, wish):
    """Engine and client against the wished version and against each other."""
    found = []
    wanted = numbers_of(wish['version'])
    versions = {'engine': numbers_of(engine['version']), 'client': numbers_of(engine['client_version'])}
    for what in ('engine', 'client'):
        if wanted and versions[what][: len(wanted)] != wanted:
            found.append(finding(what, shown(wanted), shown(versions[what]) or 'none', 'Run the role docker_engine; it brings both to docker_engine_version.'))
    if not found and versions['client'] and versions['engine'] != versions['client']:
        found.append(finding('client', shown(versions['engine']), shown(versions['client']), 'Set docker_engine_version, and run the role docker_engine.'))
    return found


def option_findings(look, wish):
    """The options whose effect the daemon shows."""
    info = look['daemon']['info']
    options = dict(wish['options'])
    if wish['registry_mirrors']:
        options['registry-mirrors'] = wish['registry_mirrors']
    if wish['storage_driver'] != AUTO:
        options['storage-driver'] = wish['storage_driver']
    options = coerce(options)
    options = dict((key, options[key]) for key in options if key in KEYS and not check_value(key, options[key], ()))
    # The daemon shows the folder that a symbolic link leads to.
    place = look['system']['paths'].get(options.get('data-root'))
    if place and place['real'] == info['DockerRootDir']:
        del options['data-root']
    return [
        finding(
            key,
            wished,
            running,
            'Run the role docker_daemon.' if KEYS[key].reload is not None
            else 'Run the role docker_daemon; where it has nothing to do, the daemon needs a restart ("systemctl restart docker").',
        )
        for key, wished, running in differences(options, info)
    ]


def endpoint_findings(endpoints):
    """Where the API is to answer, and does not."""
    return [
        finding(
            'API at %s' % each['endpoint'],
            'an answer',
            each['fault'],
            'See "systemctl status docker docker.socket", and "journalctl -u docker" for where the daemon listens. After a change of its hosts it needs '
            'a restart.',
        )
        for each in endpoints if each['fault']
    ]


def finding(what, wished, found, remedy):
    return {'what': what, 'wished': wished, 'found': found, 'remedy': remedy}


def refuse_findings(findings):
    """Fail on what differs from the wish."""
    if findings:
        said = u'; '.join(u'%s: wished %s, found %s' % (each['what'], text(each['wished']), text(each['found'])) for each in findings)
        remedies = []
        for each in findings:
            if each['remedy'] not in remedies:
                remedies.append(each['remedy'])
        raise DockfleetError(u'The engine is not as wished. %s. %s' % (said, u' '.join(remedies)), stage='compare', findings=findings)


def text(value):
    return to_text(value) if isinstance(value, (bytes, type(u''))) else to_text(json.dumps(value))


def prove(host, engine, wish):
    """Pull and run the images, and limit a container of the first one. What was pulled only for that is taken away again.

    Args:
        host (Host): The host.
        engine (dict): What examine() found.
        wish (dict): The parameters.

    Returns:
        dict: outputs (dict), pulled_through (dict), limits (dict or None).
    """
    outputs, pulled_through, limits = {}, {}, None
    for image in [to_text(each) for each in wish['images']]:
        was_there = host.run(['docker', 'image', 'inspect', image])[0] == 0
        try:
            pulled_through[image] = None if was_there else pull(host, image, engine)
            outputs[image] = run_image(host, image)
            if wish['limits'] and limits is None:
                limits = prove_limits(host, image, engine['cgroup_version'])
        finally:
            if not was_there:
                host.run(['docker', 'image', 'rm', image])
    return {'outputs': outputs, 'pulled_through': pulled_through, 'limits': limits}


def pull(host, image, engine):
    """Pull an image through the first mirror that gives it.

    No engine tells where it has an image from: where a mirror fails, it turns to Docker Hub without a word. So the image is first pulled from the
    mirrors by their own names, where nobody else can answer, and then by the name that users write, which is how the daemon asks its mirrors.

    Args:
        host (Host): The host.
        image (str): The image.
        engine (dict): What examine() found.

    Returns:
        str: The mirror; None where there is none, or none that could be asked by its name.
    """
    mirrors, through, causes = engine['registry_mirrors'], None, []
    # What is there by such a name already was not pulled now, and is the user's.
    names = [each for each in mirror_names(image, mirrors) if host.run(['docker', 'image', 'inspect', each[1]])[0]]
    for mirror, name in names:
        code, out, err = host.run(['docker', 'pull', '--quiet', name])
        if not code:
            through = mirror
            break
        causes.append(u'%s: %s' % (mirror, last_line(err.strip() or out)))
    try:
        code, out, err = host.run(['docker', 'pull', '--quiet', image])
    finally:
        if through:
            host.run(['docker', 'image', 'rm', dict(names)[through]])
    if code:
        raise DockfleetError(pull_message(image, err.strip() or out.strip(), mirrors), stage='pull', image=image)
    # Some mirrors of several registries give an image only to containerd, which says for whom they are to stand.
    if causes and not through and len(names) == len(mirrors) and not engine['containerd_image_store']:
        raise DockfleetError(
            u'%s was pulled, but through none of the mirrors; it came from Docker Hub. %s. "ansible -m dockfleet.host.registry_reachability_info" tells '
            u'which mirrors serve it; set docker_daemon_registry_mirrors to them.' % (image, u'; '.join(cause.rstrip(u'.') for cause in causes)),
            stage='mirror',
            image=image,
        )
    return through


def mirror_names(image, mirrors):
    """How an image of Docker Hub is called at each mirror; mirrors with a path, or without TLS, have no name in references.

    Args:
        image (str): As users write it.
        mirrors (list of str): URLs.

    Returns:
        list of tuple: Mirror and name.
    """
    parsed = parse_image(image)
    if parsed.registry != HUB:
        return []
    found = []
    for mirror in mirrors:
        parts = split_url(mirror)
        name = host_and_port(parts)
        if parts.scheme == 'https' and parts.target == '/' and not is_hub(parts.host):
            # Without a dot or a port, it would be read as a user of Docker Hub.
            registry = name if re.search(r'[.:]', name) else name + ':443'
            found.append((mirror, image_name(Image(registry, parsed.repository, parsed.reference))))
    return found


def run_image(host, image):
    """Run an image that is there.

    Returns:
        str: What the container printed.
    """
    code, out, err = host.run(['docker', 'run', '--rm', image])
    if code:
        raise DockfleetError(
            u'The image %s is there but does not run (exit status %d): %s' % (image, code, last_line(err) or last_line(out)),
            stage='run',
            image=image,
        )
    return out


def prove_limits(host, image, cgroup_version):
    """Limit a container, and read in its own cgroup what came of it.

    Returns:
        dict: memory (bytes, int) and cpus (float).
    """
    version = to_text(cgroup_version)
    argv = ['docker', 'run', '--rm', '--network', 'none', '--memory', '%dm' % MEMORY_MIB, '--cpus', CPUS]
    # Older engines, which know no cgroup v2, do not know the option either. Of v1 every container sees its own groups only.
    argv += ['--cgroupns', 'private'] if version == '2' else []
    for folder in PROGRAM_FOLDERS:
        if os.path.isdir(folder):
            argv += ['--mount', 'type=bind,source=%s,target=%s,readonly' % (folder, folder)]
    argv += ['--entrypoint', '/bin/cat', image] + ['/sys/fs/cgroup/' + name for name in LIMIT_FILES[version]]
    code, out, err = host.run(argv)
    shown = None if code else read_limits(out)
    if shown != {'memory': MEMORY_MIB * 1024 ** 2, 'cpus': float(CPUS)}:
        raise DockfleetError(
            u'A container run with --memory %dm --cpus %s does not show these limits in its own cgroup (v%s): %s. See "docker info" for warnings, and '
            u'whether the kernel has the controllers memory and cpu on.'
            % (MEMORY_MIB, CPUS, version, u', '.join(out.split()) or last_line(err)),
            stage='limits',
            limits=shown,
        )
    return shown


def read_limits(text):
    """What the files of LIMIT_FILES hold, one after the other; None where that are no limits.

    Returns:
        dict: memory (bytes) and cpus.
    """
    numbers = [int(word) for word in text.split() if word.isdigit()]
    if len(numbers) != 3 or not numbers[2]:
        return None
    return {'memory': numbers[0], 'cpus': float(numbers[1]) / numbers[2]}


def pull_message(image, said, mirrors):
    message = u'%s cannot be pulled: %s.' % (image, last_line(said).rstrip('.'))
    if mirrors:
        return message + (
            u' The daemon asked its mirrors first (%s) and Docker Hub last, so that the message is about the Hub even where it is a mirror that failed. '
            u'"ansible -m dockfleet.host.registry_reachability_info" tells which mirror serves it.' % u', '.join(mirrors)
        )
    return message + u' Where Docker Hub is blocked, set docker_daemon_registry_mirrors to a mirror that works from here.'


def last_line(said):
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else u'no message'
