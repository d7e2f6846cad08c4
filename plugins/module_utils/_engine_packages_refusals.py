# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a change of Docker's packages is not made: the refusals, each with what to do about it."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import DOCKER, OBSOLETE, RUNNING, VERSIONED
from ansible_collections.dockfleet.host.plugins.module_utils._engine_restart import fate_of_containers
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._package_holds import PLUGIN_PACKAGES, barring, hider
from ansible_collections.dockfleet.host.plugins.module_utils._versions import nearest, upstream

# Which repository usually has what Docker's packages need, by the name of the dependency.
EXTRAS = '"extras" of CentOS 7 (RHEL 7: "rhel-7-server-extras-rpms", EL 8 and newer: "AppStream")'
BASE = '"base" of CentOS 7 (EL 8 and newer: "BaseOS")'
CARRIERS = {
    'container-selinux': EXTRAS,
    'fuse-overlayfs': EXTRAS,
    'slirp4netns': EXTRAS,
    'iptables': BASE,
    'libcgroup': BASE,
    'libseccomp': BASE,
}
MISSING = re.compile(r'(?:nothing provides|Requires:|Depends:) +(?:requested )?([A-Za-z0-9][\w.+-]*)')


def come(change):
    """The names of what a change brings to a version."""
    return set(name for kind in VERSIONED for name in change[kind])


def refuse_unpublished(available, name, installed):
    """A package that no repository has."""
    if available.get(name) or name in installed:
        return
    if not any(available.get(other) for other in DOCKER):
        raise DockfleetError(
            'No enabled repository of this host has %s. Set up Docker\'s repository first, with the role docker_repo.' % name,
            stage='repository',
            package=name,
        )
    if name in PLUGIN_PACKAGES:
        raise DockfleetError(
            'docker_engine_hold needs the package %s, and no enabled repository of this host has it. Nothing was changed. Enable the repository of the '
            'distribution that does, or set docker_engine_hold to false.' % name,
            stage='hold',
            package=name,
        )
    raise DockfleetError(
        'No enabled repository of this host has %s. Take it out of docker_engine_packages, or choose a mirror or a release that has it '
        '(docker_repo_mirror, docker_repo_release).' % name,
        stage='repository',
        package=name,
    )


def unknown_version(wish, name, versions):
    """The error for a version that nobody publishes."""
    return DockfleetError(
        'No version %s of %s is in the repositories of this host. Nearest: %s.' % (wish.text, name, ', '.join(nearest(wish, versions))),
        stage='version',
        nearest=nearest(wish, versions),
        package=name,
    )


def uncovered(error, look):
    """A version or a package that was not found because a setting of this host hides it: the setting is the cause."""
    name = error.details.get('package')
    setting = name and hider(look.get('excludes') or [], name)
    if not setting:
        return error
    return DockfleetError(
        '%s A setting of this host hides it, or some of its versions, from the package manager: %s. It is not overridden, and nothing was changed. '
        'Take %s out of it if that is no longer meant.' % (error.message, setting, name),
        **error.details
    )


def refuse_downgrade(installed, change, wish):
    """Going back needs consent."""
    # What is broken is not there to go back from.
    down = sorted(name for name in change['downgrade'] if name in installed)
    if not down or wish['allow_downgrade']:
        return
    steps = {}
    for name in down:
        steps.setdefault((installed[name]['version'], upstream(change['downgrade'][name])), []).append(name)
    raise DockfleetError(
        'This would be a downgrade: %s. It is refused, since what a newer engine wrote to its data-root may not be readable by an '
        'older one. Set docker_engine_allow_downgrade to true if you want it.'
        % '; '.join('%s from %s to %s' % (', '.join(names), old, new) for (old, new), names in sorted(steps.items())),
        stage='version',
    )


def refuse_barred(look, change):
    """A hold or a pin of somebody else was set for a reason."""
    packages = look['packages']
    found = []
    for kind in VERSIONED + ('remove',):
        for name, version in sorted(change[kind].items()):
            entry = barring(packages['holds'], name, None if kind == 'remove' else version)
            pin = (look.get('pins') or {}).get(name)
            if entry:
                found.append((name, entry['where'], 'If another may come: "%s".' % entry['undo']))
            elif pin and kind != 'remove' and version not in pin['allows']:
                found.append((name, pin['where'], 'Change that if another may come.'))
    if found:
        versions = dict((name, ' in version ' + package['version']) for name, package in packages['installed'].items())
        held = '; '.join('%s is held%s by %s' % (name, versions.get(name, ''), where) for name, where, undo in found)
        raise DockfleetError(
            '%s. Somebody else has set that on this host, so it is not overridden, and nothing was changed. %s' % (held, found[0][2]),
            stage='hold',
            barred=[{'name': name, 'by': where} for name, where, undo in found],
        )


def refused_restart(look, restart, effects):
    """The error for a plan that restarts the daemon where that must not be."""
    moves = sorted(name for name in RUNNING if any(name in effects[kind] for kind in effects))
    fate = fate_of_containers(restart['containers'], restart['live_restore']) or 'no container runs now'
    return DockfleetError(
        'A change of %s %s the Docker daemon: %s. docker_engine_restart is "never", so that nothing was changed. Set it to "auto" when this may be.'
        % (' and '.join(moves), 'stops' if 'docker-ce' in effects['remove'] else 'restarts', fate),
        stage='restart',
        restart=restart,
    )


def refuse_surprises(look, wish, change, effects):
    """What the package manager would really do has to be what was planned, and must take away nothing that nobody named."""
    if effects is change:
        return
    refuse_barred(look, effects)
    unnamed = sorted(set(effects['remove']) - set(change['remove']))
    if 'docker-ce' in change['install']:
        unnamed = [name for name in unnamed if name not in OBSOLETE[look['packages']['kind']]]
    if unnamed:
        names = ', '.join('%s %s' % (name, effects['remove'][name]) for name in unnamed)
        raise DockfleetError(
            'Removing Docker would take along %s, which nobody named. Nothing was changed. If they may go too, name them in '
            'docker_engine_packages.' % names
            if wish['state'] == 'absent'
            else 'Installing Docker would take away %s, which nobody named. Nothing was changed. If they may go, with the containers '
            'they run, name them in docker_engine_replace.' % names,
            stage='dependencies',
            would_remove=unnamed,
        )
    missing = sorted(
        '%s %s' % (name, version)
        for kind in VERSIONED
        for name, version in change[kind].items()
        if not any(effects[other].get(name) == version for other in VERSIONED)
    ) + sorted(name for name in change['remove'] if name not in effects['remove'])
    if missing:
        raise DockfleetError(
            'The package manager would not do all that is needed; it passes over %s. Nothing was changed.' % ', '.join(missing),
            stage='dependencies',
        )


def explained(error, look, change):
    """A rehearsal that failed because of installed packages that nobody allowed to go says what to set."""
    text = getattr(error, 'output', '')
    in_the_way = [
        name
        for name in sorted(look['packages']['installed'])
        if name not in DOCKER and name not in change['remove'] and re.search(r'(?<![\w.-])%s(?![\w.])' % re.escape(name), text)
    ]
    missing = sorted(set(MISSING.findall(text)) & set(CARRIERS))
    if missing and not in_the_way:
        return DockfleetError(
            '%s %s. Nothing was changed. Enable it; docker_repo_base "auto" repairs the repositories of CentOS 7, whose addresses are gone.'
            % (error.message, '; '.join('%s usually comes from the repository %s' % (name, CARRIERS[name]) for name in missing)),
            **dict(error.details, missing=missing)
        )
    if not in_the_way:
        return error
    return DockfleetError(
        'Docker cannot be installed beside %s, which nobody named. Nothing was changed. If they may go, with the containers they run, '
        'name them in docker_engine_replace.'
        % ', '.join('%s %s' % (name, look['packages']['installed'][name]['version']) for name in in_the_way),
        **dict(error.details, would_remove=in_the_way)
    )
