# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Docker packages come, go up, go down and go away, and how that is carried out as one transaction."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import fnmatch
import shutil
import tempfile

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _engine_packages_also, _package_manager_rpm
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import COMPANIONS, DEFAULT, DOCKER, ENGINE, OBSOLETE, RUNNING, VERSIONED
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_refusals import (
    come,
    explained,
    refuse_barred,
    refuse_downgrade,
    refuse_surprises,
    refuse_unpublished,
    refused_restart,
    uncovered,
    unknown_version,
)
from ansible_collections.dockfleet.host.plugins.module_utils._engine_restart import fate_of_containers
from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import refuse_masked
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look import look_at
from ansible_collections.dockfleet.host.plugins.module_utils._look_packages import look_at_installed
from ansible_collections.dockfleet.host.plugins.module_utils._look_service import is_copy
from ansible_collections.dockfleet.host.plugins.module_utils._package_holds import ours, set_ours
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager import LOCK_PATIENCE, no_change, telling_lines
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager_apt import Apt
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan
from ansible_collections.dockfleet.host.plugins.module_utils._versions import COMPARE, nearest, parse_wish, resolve, upstream

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
}
CONSTRAINTS = {}
NEEDS = ('packages', 'service')


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
    if wish['state'] == 'absent' and not (unfinished(look) or _engine_packages_also.is_known(look, wish)):
        raise NotInLook('what came along')
    change = change_of(look, wish)
    if 'docker-ce' in come(change):
        refuse_masked(look['service'])
    if any(change.values()) and not ('effects' in look or 'unresolved' in look or unfinished(look)):
        raise NotInLook('the package manager')
    return as_plan(look, wish, change)


def change_of(look, wish):
    """What has to be done to the packages, without what the package manager would add."""
    if wish['restore'] is not None:
        change = change_to_restored(look, wish)
    elif wish['state'] == 'absent':
        change = change_to_absent(look, wish)
    else:
        change = change_to_present(look, wish)
    refuse_barred(look, change)
    return change


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


def lock_plugin(look, wish):
    """The package of the plugin that a hold needs and that the host lacks, as a list."""
    missing = look['packages']['holds']['missing']
    return [missing] if wish['hold'] and missing and wish['state'] != 'absent' else []


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


def wanted_names(wish):
    """The packages that the wish is about."""
    names = [to_text(name) for name in (DOCKER if wish['state'] == 'absent' and wish['packages'] is None else wish['packages'] or DEFAULT)]
    unknown = sorted(set(to_text(name) for name in wish['package_versions']) - set(names) - set(DOCKER))
    if unknown:
        raise DockfleetError(
            'docker_engine_package_versions names %s, which docker_engine_packages does not.' % ', '.join(unknown), stage='version'
        )
    return names


def change_to_absent(look, wish):
    """Everything wanted that is installed goes."""
    installed = look['packages']['installed']
    names = wanted_names(wish) + _engine_packages_also.names_going(look, wish)
    return dict(no_change(), remove=dict((name, installed[name]['full']) for name in names if name in installed))


def change_to_restored(look, wish):
    """Docker's packages as an earlier run found them: in those versions, and no others."""
    installed = look['packages']['installed']
    change = no_change()
    for name in DOCKER:
        version = wish['restore'].get(name)
        if version is not None and (name not in installed or installed[name]['broken'] or to_text(version) != installed[name]['full']):
            change[direction(look, name, to_text(version))][name] = to_text(version)
        elif version is None and name in installed:
            change['remove'][name] = installed[name]['full']
    return change


def direction(look, name, version):
    """The kind of change that brings a package to a version. One that is broken comes anew, which is a way down too where it was a newer one."""
    packages = look['packages']
    there = packages['installed'].get(name)
    if there is None or there['full'] == version:
        return 'install'
    return 'downgrade' if COMPARE[packages['kind']](version, there['full']) < 0 else 'upgrade'


def healthy(look):
    """The installed packages but those that nothing helps but installing them anew."""
    return dict((name, package) for name, package in look['packages']['installed'].items() if not package['broken'])


def scope(look, wish):
    """The packages that the wish is about: those of the engine, and those that go their own way."""
    there = look['packages']['installed']
    names = wanted_names(wish)
    # A package of the engine that is there, or that was seen to come along as a dependency, follows the engine's version too.
    engine = [name for name in ENGINE if name in names or name in there or name in look.get('followers', ())]
    companions = [name for name in names if name not in ENGINE]
    # One that an interrupted run broke has to come anew, whoever wished for it.
    others = [to_text(name) for name in wish['package_versions']] + [name for name in COMPANIONS if name in there and there[name]['broken']]
    companions += [name for name in sorted(set(others)) if name not in names and name in there]
    return engine, companions + lock_plugin(look, wish)


def change_to_present(look, wish):
    """What has to come and to change for the wish, with what has to make room for it."""
    packages = look['packages']
    installed = healthy(look)
    engine_wish, others = parse_wishes(wish)
    engine, companions = scope(look, wish)

    if is_satisfied(installed, engine, engine_wish, companions, others):
        return no_change()
    if 'available' not in look:
        raise NotInLook('the repositories')
    if look['available'] is None:
        return unresolved_change(installed, engine, engine_wish, companions, others)

    available = look['available']
    try:
        targets = engine_targets(installed, available, engine, engine_wish, packages['kind'])
        for name in companions:
            targets[name] = companion_target(installed, available, name, others.get(name, keyword_of(engine_wish)))
    except DockfleetError as error:
        raise uncovered(error, look)
    change = no_change()
    for name, version in targets.items():
        if name not in installed or version != installed[name]['full']:
            change[direction(look, name, version)][name] = version
    refuse_downgrade(installed, change, wish)
    if 'docker-ce' in change['install']:
        leaving = set(OBSOLETE[packages['kind']]) | set(to_text(name) for name in wish['replace'])
        change['remove'] = dict((name, packages['installed'][name]['full']) for name in leaving if name in packages['installed'])
    return change


def parse_wishes(wish):
    """The wish for the engine and the wishes for single packages; a refusal where they make no sense."""
    engine = parse_wish(wish['version'], 'docker_engine_version')
    if wish['state'] == 'latest':
        if engine.keyword is None:
            raise DockfleetError(
                'docker_engine_version is "%s" while the state is "latest". Give one of them.' % engine.text, stage='version'
            )
        engine = parse_wish('latest', 'state')
    others = {}
    for name, value in wish['package_versions'].items():
        name = to_text(name)
        if name in ENGINE:
            raise DockfleetError(
                'docker_engine_package_versions names %s, but the engine, its client and its rootless extras go by one version: '
                'set docker_engine_version.' % name,
                stage='version',
            )
        others[name] = parse_wish(value, 'docker_engine_package_versions["%s"]' % name)
    return engine, others


def keyword_of(engine_wish):
    """What the wish for the engine means for the other packages: the newest only where the newest engine is wished too."""
    return parse_wish('latest' if engine_wish.keyword == 'latest' else 'present', 'docker_engine_version')


def is_satisfied(installed, engine, engine_wish, companions, others):
    """Whether the package database alone shows that nothing is to be done."""
    for name in engine + companions:
        own = engine_wish if name in engine else others.get(name, keyword_of(engine_wish))
        if name not in installed or own.keyword == 'latest' or not own.is_met_by(installed[name]['full']):
            return False
    return engine_wish.keyword == 'present' or len(set(installed[name]['version'] for name in engine)) <= 1


def engine_targets(installed, available, engine, wish, kind):
    """One version for all packages of the engine, as a dict of name to the version as the package manager spells it."""
    for name in engine:
        refuse_unpublished(available, name, installed)
    lead = engine[0] if engine else None
    there = [name for name in engine if name in installed]
    if wish.keyword == 'present' and there:
        targets = dict((name, installed[name]['full']) for name in there)
        for name in engine:
            if name not in targets:
                targets[name] = in_version(available, name, installed[there[0]]['version'], wish, 'beside the installed ' + there[0])
        return targets
    targets = {}
    if lead:
        number = engine_number(installed, available, engine, wish, kind)
        for name in engine:
            if name in installed and installed[name]['version'] == number and not spelled_out_elsewhere(wish, available, name, installed):
                targets[name] = installed[name]['full']
            else:
                targets[name] = in_version(available, name, number, wish, 'though %s is' % lead)
    return targets


def engine_number(installed, available, engine, wish, kind):
    """The upstream version that the wish means for the whole engine."""
    lead = engine[0]
    there = set(installed[name]['version'] for name in engine if name in installed)
    shared = there.pop() if len(there) == 1 else None
    matching = [version for version in available.get(lead, []) if wish.matches(version)]
    if wish.keyword is None and shared and any(wish.matches(installed[name]['full']) for name in engine if name in installed):
        if all(name in installed or shared in numbers(available, name) for name in engine):
            return shared
    if not matching:
        raise unknown_version(wish, lead, available.get(lead, []))
    everywhere = [version for version in matching if all(upstream(version) in numbers(available, name) for name in engine)]
    chosen = upstream(resolve(wish, everywhere or matching))
    # A mirror that lags behind is no reason to go back.
    if wish.keyword == 'latest' and shared and COMPARE[kind](chosen, shared) < 0:
        return shared
    return chosen


def spelled_out_elsewhere(wish, available, name, installed):
    """Whether the wish names a release that is published and is not the one installed."""
    return any(wish.spelled_out(version) for version in available.get(name, [])) and not wish.spelled_out(installed[name]['full'])


def in_version(available, name, number, wish, why):
    """The published package of an upstream version."""
    same = [version for version in available.get(name, []) if upstream(version) == number]
    if not available.get(name):
        raise DockfleetError('No enabled repository of this host has %s, %s.' % (name, why), stage='version', package=name)
    if not same:
        raise DockfleetError(
            'docker_engine_version: %s %s is not in the repositories of this host, %s. They have: %s.'
            % (name, number, why, ', '.join(nearest(parse_wish(number, name), available.get(name, [])))),
            stage='version',
            package=name,
        )
    return ([version for version in same if wish.spelled_out(version)] or same)[0]


def companion_target(installed, available, name, wish):
    """The version of a package that goes its own way."""
    if name in installed and wish.keyword == 'present':
        return installed[name]['full']
    refuse_unpublished(available, name, installed)
    if name in installed and wish.matches(installed[name]['full']) and wish.keyword is None:
        if not spelled_out_elsewhere(wish, available, name, installed):
            return installed[name]['full']
    chosen = resolve(wish, available.get(name, []))
    if chosen is None:
        raise unknown_version(wish, name, available.get(name, []))
    return chosen


def numbers(available, name):
    return [upstream(version) for version in available.get(name, [])]


def unresolved_change(installed, engine, engine_wish, companions, others):
    """The change as far as it can be told without the repositories: the wish stands for the version."""
    change = no_change()
    for name in engine + companions:
        own = engine_wish if name in engine else others.get(name, keyword_of(engine_wish))
        if name not in installed:
            change['install'][name] = 'newest' if own.keyword else own.text
        elif own.keyword is None and not own.matches(installed[name]['full']):
            change['upgrade'][name] = own.text
    return change


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
    """
    if 'daemon' not in look:
        look = dict(look_at(host, ('daemon',), {}), **look)
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
