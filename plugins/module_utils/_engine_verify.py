# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does the engine run, and run as wished? The daemon's own words against the wish, and an image pulled and run."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import check_value, coerce, numbers_of, shown
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import KEYS
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_running import differences
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

ARGUMENT_SPEC = {
    'version': {'type': 'str', 'default': 'present'},
    'options': {'type': 'dict', 'default': {}},
    'registry_mirrors': {'type': 'list', 'elements': 'str', 'default': []},
    'images': {'type': 'list', 'elements': 'str', 'default': ['hello-world']},
    'run': {'type': 'str', 'choices': ['auto', 'always', 'never'], 'default': 'auto'},
}
NEEDS = ('daemon',)


def examine(look, wish):
    """Compare the running daemon with the wish.

    Args:
        look (dict): The section daemon.
        wish (dict): The parameters.

    Returns:
        tuple: engine (dict, what runs; None where nothing does) and findings (list of {what, wished, found, remedy}).
    """
    info = look['daemon']['info']
    if info is None:
        return None, [finding('daemon', 'running', 'not running', 'See "systemctl status docker" and "journalctl -u docker" on the host.')]
    engine = {
        'version': info['ServerVersion'],
        'client_version': look['daemon']['client_version'],
        'storage_driver': info['Driver'],
        'registry_mirrors': info['Mirrors'],
        'insecure_registries': info['InsecureRegistries'],
        'cgroup_version': info.get('CgroupVersion', '1'),
        'data_root': info['DockerRootDir'],
        'live_restore': info['LiveRestoreEnabled'],
        'logging_driver': info['LoggingDriver'],
    }
    return engine, version_findings(engine, wish) + option_findings(info, wish)


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


def option_findings(info, wish):
    """The options whose effect the daemon shows."""
    options = dict(wish['options'])
    if wish['registry_mirrors']:
        options['registry-mirrors'] = wish['registry_mirrors']
    options = coerce(options)
    options = dict((key, options[key]) for key in options if key in KEYS and not check_value(key, options[key], ()))
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
    return value if isinstance(value, type(u'')) else to_text(json.dumps(value))


def run_image(host, image, mirrors):
    """Pull and run an image, and take away again what was pulled for it.

    Args:
        host (Host): The host.
        image (str): The image.
        mirrors (list of str): The daemon's mirrors, for the words of an error.

    Returns:
        str: What the container printed.
    """
    was_there = host.run(['docker', 'image', 'inspect', image])[0] == 0
    if not was_there:
        code, out, err = host.run(['docker', 'pull', '--quiet', image])
        if code:
            raise DockfleetError(pull_message(image, err.strip() or out.strip(), mirrors), stage='pull', image=to_text(image))
    code, out, err = host.run(['docker', 'run', '--rm', image])
    if not was_there:
        host.run(['docker', 'image', 'rm', image])
    if code:
        raise DockfleetError(
            u'The image %s was pulled but does not run (exit status %d): %s' % (image, code, last_line(err) or last_line(out)),
            stage='run',
            image=to_text(image),
        )
    return out


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
