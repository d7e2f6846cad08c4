# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Docker packages come, go up, go down and go away, and how that is carried out as one transaction."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import fnmatch
import shutil
import tempfile

from ansible_collections.dockfleet.host.plugins.module_utils import _engine_packages_also, _package_manager_rpm
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_change import change_of, lock_plugin, scope, wanted_names
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import DOCKER, ENGINE, OBSOLETE, RUNNING, VERSIONED
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_refusals import (
    come,
    explained,
    refuse_surprises,
    refused_restart,
)
from ansible_collections.dockfleet.host.plugins.module_utils._engine_restart import fate_of_containers
from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import newcomers, refuse_masked
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look import look_at
from ansible_collections.dockfleet.host.plugins.module_utils._look_packages import look_at_installed
from ansible_collections.dockfleet.host.plugins.module_utils._look_service import is_copy
from ansible_collections.dockfleet.host.plugins.module_utils._package_holds import ours, set_ours
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager import LOCK_PATIENCE, telling_lines
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager_apt import Apt
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan

ARGUMENT_SPEC = {
    'state': {'type': 'str', 'choices': ['present', 'latest', 'absent'], 'default': 'present'},
    'version': {'type': 'raw', 'default': 'present'},
    'packages': {'type': 'list', 'elements': 'str'},
    'package_versions': {'type': 'dict', 'default': {}},
    'allow_downgrade': {'type': 'bool', 'default': False},
    'replace': {'type': 'list', 'elements': 'str', 'default': []},
    'also': {'type': 'list', 'elements': 'str', 'choices': _engine_packages_also.ALSO, 'default': []},
    'restore': {'type': 'dict'},
    'hold': {'type': 'bool', 'default': False},
    'restart': {'type': 'str', 'choices': ['auto', 'never'], 'default': 'auto'},
    'lock_timeout': {'type': 'int', 'default': LOCK_PATIENCE},
    'users': {'type': 'list', 'elements': 'str', 'default': []},
}
CONSTRAINTS = {}
NEEDS = ('packages', 'service')

# How often the package manager is asked where others change the packages meanwhile.
TRIALS = 3


# --- the plan ------------------------------------------------------------------------------------------------------------------


def plan(look, wish):
    """Decide what has to happen to Docker's packages.

    Args:
        look (dict): The sections packages and service. Where something is to be done also what inquire() adds: available (name to
            published versions, newest first; None where the repositories could not be asked, and unresolved says why),
            effects (what the package manager says the change would do in all), followers (packages of the engine that come along),
            excludes (settings that hide packages), pins (name to {allows, where}) and the section daemon.
        wish (dict): The parameters.

    Raises:
        NotInLook: Only the repositories can tell, or the look does not know a package of the wish.
        DockfleetError: Refused.
    """
    packages = look['packages']
    if packages['kind'] is None:
        raise DockfleetError('This host has neither an rpm nor a dpkg package database.', stage='packages')
    if not set(wanted_names(wish)) | set(wish['replace']) <= set(packages['asked']):
        raise NotInLook('the package database')
    # They are added to the group after the packages, and an unknown one is to be refused before.
    newcomers(packages, wish)
    if wish['state'] == 'absent' and not (unfinished(look) or _engine_packages_also.is_known(look, wish)):
        raise NotInLook('what came along')
    change = change_of(look, wish)
    if 'docker-ce' in come(change):
        refuse_masked(look['service'])
    if any(change.values()) and not ('effects' in look or 'unresolved' in look or unfinished(look)):
        raise NotInLook('the package manager')
    return as_plan(look, wish, change)


def as_plan(look, wish, change):
    """The plan for a change, after what it would really do was judged."""
    packages = look['packages']
    effects = look.get('effects') or change
    refuse_surprises(look, wish, change, effects)
    restart = restart_of(look, effects)
    if restart['needed'] and wish['restart'] == 'never':
        raise refused_restart(look, restart, effects)
    before = dict((name, package['full']) for name, package in packages['installed'].items())
    after = dict((name, version) for name, version in before.items() if name not in effects['remove'])
    for kind in VERSIONED:
        after.update(effects[kind])
    had, holds = ours(packages['holds'], packages['installed']), wished_holds(look, wish, after)
    step = {'kind': packages['kind'], 'tool': packages['holds']['tool'], 'had': sorted(had), 'holds': holds}
    steps = []
    if unfinished(look):
        # All else is planned anew afterwards: no package manager can tell what it would do before.
        steps.append({'do': 'finish', 'packages': unfinished(look), 'kind': packages['kind']})
    elif any(change.values()):
        brought, gone = brought_along(wish, effects), _engine_packages_also.departing(look, change)
        steps.append(dict(step, do='transact', change=change, brought=brought, gone=gone))
    elif holds != had:
        steps.append(dict(step, do='hold'))
    if wish['state'] == 'absent':
        steps += _engine_packages_also.further_steps(look, wish, change)
    moved = {
        'hold': dict((name, version) for name, version in holds.items() if had.get(name) != version),
        'unhold': dict((name, version) for name, version in had.items() if name not in holds),
    }
    return Plan(
        steps,
        before=shown(before, had),
        after=shown(after, holds),
        result={
            'plan': dict(effects, **moved),
            'purge': [name for step in steps if step['do'] == 'purge' for name in step['packages']],
            'kept': _engine_packages_also.kept(look, wish, change) if wish['state'] == 'absent' else [],
            'before': before,
            'after': after,
            'held': holds,
            'held_by_others': holds_of_others(packages),
            'restart': restart,
            'available': look.get('available') or {},
        },
        warnings=warnings(look, wish, change, restart),
    )


def brought_along(wish, effects):
    """The packages that nobody named and that come for those that are named."""
    return [] if wish['state'] == 'absent' else sorted(set(effects['install']) - set(wanted_names(wish)) - set(DOCKER))


def shown(versions, held):
    """Versions for the diff."""
    return dict((name, version + ' (held)' if name in held else version) for name, version in versions.items())


def wished_holds(look, wish, after):
    """What we are to hold: the packages of the wish in the versions they will have, but for those that somebody else holds."""
    packages = look['packages']
    if not wish['hold'] or wish['state'] == 'absent':
        return {}
    if packages['holds']['off']:
        raise DockfleetError(
            'docker_engine_hold is true, but %s switches the plugin versionlock off (enabled = 0), so that a hold would hold nothing. '
            'Nothing was changed. Switch it on, or set docker_engine_hold to false.' % packages['holds']['off'],
            stage='hold',
        )
    names = set(DOCKER) if wish['restore'] is not None else set(sum(scope(look, wish), [])) - set(lock_plugin(look, wish))
    return dict((name, after[name]) for name in names if name in after and name not in holds_of_others(packages))


def holds_of_others(packages):
    """The installed packages that somebody else holds, by name, with where that is set."""
    entries = [entry for entry in packages['holds']['entries'] if not entry['ours'] and not entry['entry'].startswith('!')]
    return dict((name, entry['where']) for name in packages['installed'] for entry in entries if fnmatch.fnmatchcase(name, entry['name']))


def restart_of(look, effects):
    """What the change does to the daemon that runs: needed (bool), containers (int, that run now) and live_restore (bool)."""
    daemon = look.get('daemon') or {}
    info = daemon.get('info') or {}
    installed = look['packages']['installed']
    moves = [name for name in RUNNING for kind in effects if name in effects[kind] and name in installed]
    return {
        'needed': bool(moves and daemon.get('running')),
        'containers': info.get('ContainersRunning') or 0,
        'live_restore': bool(info.get('LiveRestoreEnabled')),
    }


def unfinished(look):
    """Docker's packages with which an interrupted run of the package manager was not done, unless that was seen to just now."""
    installed = look['packages']['installed']
    return [] if look.get('finished') else sorted(name for name in installed if installed[name]['unfinished'] and name in DOCKER)


def warnings(look, wish, change, restart):
    """What the user should know although nothing failed."""
    found = []
    installed = look['packages']['installed']
    if 'unresolved' in look:
        found.append('The versions are resolved in the real run, since in check mode they are not known yet: ' + look['unresolved'])
    engine = sorted((name, installed[name]['version']) for name in ENGINE if name in installed)
    if not any(change.values()) and wish['state'] != 'absent' and len(set(version for dummy, version in engine)) > 1:
        found.append(
            'The engine and its client differ: %s. With docker_engine_version set to a version they are brought together.'
            % ', '.join('%s %s' % pair for pair in engine)
        )
    if change['downgrade']:
        found.append('Downgrading: what a newer engine wrote to its data-root may not be readable by an older one.')
    if restart['needed'] and restart['containers']:
        fate = fate_of_containers(restart['containers'], restart['live_restore'])
        found.append('The packages %s the Docker daemon: %s.' % ('stop' if 'docker-ce' in change['remove'] else 'restart', fate))
    units = look['service']['units']
    copies = sorted(units[name]['FragmentPath'] for name in units if is_copy(units[name]) and name != 'firewalld.service')
    if copies and 'docker-ce' in come(change):
        found.append(
            '%s: a copy that hides the unit of the package, so that what the new package changes in its unit is not used. Move what was changed '
            'into a drop-in ("systemctl edit"), and remove the copy.' % ', '.join(copies)
        )
    if look.get('unrehearsed'):
        found.append('dnf 5 cannot rehearse this in check mode while our own holds are in place, so that dependencies are not shown.')
    old = sorted(name for name in change['remove'] if name in OBSOLETE[look['packages']['kind']])
    if old and wish['state'] != 'absent':
        found.append('%s: removed for docker-ce. /var/lib/docker with its images and containers is kept.' % ', '.join(old))
    return found


# --- on the host ---------------------------------------------------------------------------------------------------------------


def inquire(host, look, wish, read_only):
    """Ask the repositories, and have the package manager rehearse what would be done.

    Args:
        host (Host): The host.
        look (dict): What plan() found wanting.
        wish (dict): The parameters.
        read_only (bool): Leave even the package manager's metadata as it is.

    Returns:
        dict: The look with available, effects and, where nothing could be asked, unresolved.

    Raises:
        DockfleetError: Refused by the package manager.
    """
    if 'daemon' not in look:
        look = dict(look, **look_at(host, ('daemon',), wish))
    for trials_left in reversed(range(TRIALS)):
        try:
            answer, refusal = ask(host, look, wish, read_only), None
        except DockfleetError as error:
            answer, refusal = None, error
        packages = look['packages']
        # The package manager waits for others, such as a run that has lost its controller: what they did meanwhile is not in the look.
        if not trials_left or look_at_installed(host, packages['kind'], packages['asked']) == packages['installed']:
            break
        look = dict(look, **look_at(host, NEEDS + ('daemon',), wish))
    if refusal:
        raise refusal
    return answer


def ask(host, look, wish, read_only):
    """What inquire() does with one state of the packages."""
    scratch = tempfile.mkdtemp(prefix='dockfleet-') if read_only else None
    manager = manager_of(host, look['packages']['kind'], wish, scratch, bool(look['packages']['holds']['entries']))
    try:
        if read_only:
            manager.fill_scratch()
        if wish['state'] != 'absent' and wish['restore'] is None:
            look = with_available(manager, look, wish, read_only)
        elif wish['state'] == 'absent' and not unfinished(look):
            look = _engine_packages_also.without_needed(manager, _engine_packages_also.look_further(host, look, wish), wish, change_of)
        return look if 'unresolved' in look or unfinished(look) else rehearse_unheld(host, manager, look, wish, read_only)
    finally:
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)


def rehearse_unheld(host, manager, look, wish, read_only):
    """Rehearse as it will be done, which is without our own holds. dnf 5 cannot be told to look past them, so that they are lifted meanwhile."""
    had = ours(look['packages']['holds'], look['packages']['installed'])
    if not had or not manager.is_stopped_by_own_holds:
        return rehearse(manager, look, wish)
    if read_only:
        return dict(look, followers=[], effects=change_of(look, wish), unrehearsed=True)
    set_ours(host, manager, look['packages']['holds']['tool'], {})
    try:
        return rehearse(manager, look, wish)
    finally:
        hold_installed(host, manager, look['packages']['kind'], look['packages']['holds']['tool'], sorted(had))


def with_available(manager, look, wish, read_only):
    """Add available to the look. What is not there yet in check mode may be the work of an earlier role in the real run."""
    try:
        if read_only and not manager.docker_sources():
            raise DockfleetError('Docker\'s repository is not set up on this host.', stage='repository')
        manager.refresh()
        names = sorted(set(DOCKER) | set(sum(scope(look, wish), [])))
        return dict(look, available=manager.published(names), excludes=manager.excludes(), pins=manager.pins(names))
    except DockfleetError as error:
        if not read_only:
            raise
        return dict(look, available=None, unresolved=error.message)


def rehearse(manager, look, wish):
    """Add effects and followers to the look: what comes along as a dependency is only known once it was seen to."""
    look = dict(look, followers=[])
    while True:
        change = change_of(look, wish)
        if not any(change.values()):
            return look
        try:
            look['effects'] = manager.rehearse(change)
        except DockfleetError as error:
            raise explained(error, look, change)
        more = [name for name in ENGINE if name in come(look['effects']) - come(change) and name not in look['followers']]
        if not more:
            return look
        look['followers'] = look['followers'] + more


def manager_of(host, kind, wish, scratch=None, past_holds=False):
    """The package manager of a host with this kind of package database."""
    program = Apt if kind == 'deb' else _package_manager_rpm.choose(host)
    return program(host, scratch, wish['lock_timeout'], past_holds)


def hold_installed(host, manager, kind, tool, names):
    """Hold these packages in whatever versions they have now."""
    installed = look_at_installed(host, kind, names)
    set_ours(host, manager, tool, dict((name, package['full']) for name, package in installed.items()))


def apply(host, plan, wish):
    """Carry out the plan and hold it against the package database.

    Returns:
        dict: after, as the package database has it.
    """
    kind = plan.steps[0]['kind']
    manager = manager_of(host, kind, wish)
    if plan.steps[0]['do'] == 'finish':
        manager.finish(plan.steps[0]['packages'])
        plan = plan_the_rest(host, wish)
    had = [name for step in plan.steps for name in step.get('had', ())]
    out = err = ''
    try:
        for step in plan.steps:
            if step['do'] == 'transact':
                if had:
                    set_ours(host, manager, step['tool'], {})
                out, err = manager.transact(step['change'])
        after = verified(host, manager, kind, plan, out, err)
    except DockfleetError:
        if had:
            hold_installed(host, manager, kind, plan.steps[0]['tool'], had)
        raise
    for step in plan.steps:
        if step['do'] == 'purge':
            manager.purge(step['packages'])
        elif step['do'] == 'forget':
            _engine_packages_also.forget(host)
        elif had or step['holds']:
            set_ours(host, manager, step['tool'], step['holds'])
        if step.get('brought') or step.get('gone'):
            _engine_packages_also.remember(host, step['brought'], step['gone'])
    return {'after': after}


def verified(host, manager, kind, plan, out, err):
    """The installed versions, which have to be those of the plan."""
    before, planned = plan.result['before'], plan.result['after']
    installed = look_at_installed(host, kind, sorted(set(before) | set(planned)))
    after = dict((name, package['full']) for name, package in installed.items())
    halves = ['%s is %s' % (name, package['unfinished']) for name, package in installed.items() if package['unfinished']]
    wrong = differences(planned, after) + halves
    if wrong and after == before and not halves:
        raise manager.failure('carry out the transaction, and nothing was changed', out, err, 'transaction')
    if wrong:
        raise DockfleetError(
            'The transaction did not come out as planned: %s. %s said: %s' % ('; '.join(sorted(wrong)), manager.name, telling_lines(out, err)),
            stage='transaction',
            before=before,
            after=after,
        )
    return after


def plan_the_rest(host, wish):
    """The plan for a host on which an interrupted run was just finished."""
    look = dict(look_at(host, NEEDS, wish), finished=True)
    try:
        return plan(look, wish)
    except NotInLook:
        return plan(inquire(host, look, wish, False), wish)


def differences(planned, found):
    """In words, where what is installed is not what was planned."""
    words = []
    for name in sorted(set(planned) | set(found)):
        if planned.get(name) != found.get(name):
            words.append(
                '%s should be %s and is %s' % (name, planned.get(name) or 'absent', found.get(name) or 'absent')
            )
    return words
