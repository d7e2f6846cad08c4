# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Docker packages come, go up, go down and go away, and how that is carried out as one transaction."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
import shutil
import tempfile

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _package_manager_rpm
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import DEFAULT, DOCKER, ENGINE, OBSOLETE
from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import refuse_masked
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look import look_at
from ansible_collections.dockfleet.host.plugins.module_utils._look_packages import look_at_installed
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager import no_change, telling_lines
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
}
CONSTRAINTS = {}
NEEDS = ('packages', 'service')

# The kinds of a change that bring a package to a version.
VERSIONED = ('install', 'upgrade', 'downgrade')


# --- the plan ------------------------------------------------------------------------------------------------------------------


def plan(look, wish):
    """Decide what has to happen to Docker's packages.

    Args:
        look (dict): The sections packages and service. Where something is to be done also what inquire() adds: available (name to
            published versions, newest first; None where the repositories could not be asked, and unresolved says why),
            effects (what the package manager says the change would do in all) and followers (packages of the engine that come along).
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
    change = change_of(look, wish)
    if 'docker-ce' in change['install']:
        refuse_masked(look['service'])
    if any(change.values()) and not ('effects' in look or 'unresolved' in look or unfinished(look)):
        raise NotInLook('the package manager')
    return as_plan(look, wish, change)


def change_of(look, wish):
    """What has to be done to the packages, without what the package manager would add."""
    return change_to_absent(look, wish) if wish['state'] == 'absent' else change_to_present(look, wish)


def as_plan(look, wish, change):
    """The plan for a change, after what it would really do was judged."""
    packages = look['packages']
    effects = look.get('effects') or change
    refuse_surprises(look, wish, change, effects)
    before = dict((name, package['full']) for name, package in packages['installed'].items())
    after = dict((name, version) for name, version in before.items() if name not in effects['remove'])
    for kind in VERSIONED:
        after.update(effects[kind])
    steps = []
    if unfinished(look):
        # All else is planned anew afterwards: no package manager can tell what it would do before.
        steps.append({'do': 'finish', 'packages': unfinished(look), 'kind': packages['kind']})
    elif any(change.values()):
        steps.append({'do': 'transact', 'change': change, 'kind': packages['kind']})
    return Plan(
        steps,
        before=before,
        after=after,
        result={'plan': effects, 'before': before, 'after': after, 'available': look.get('available') or {}},
        warnings=warnings(look, wish, change),
    )


def unfinished(look):
    """Docker's packages with which an interrupted run of the package manager was not done, unless that was seen to just now."""
    installed = look['packages']['installed']
    return [] if look.get('finished') else sorted(name for name in installed if installed[name]['unfinished'] and name in DOCKER)


def warnings(look, wish, change):
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
    return dict(no_change(), remove=dict((name, installed[name]['full']) for name in wanted_names(wish) if name in installed))


def change_to_present(look, wish):
    """What has to come and to change for the wish, with what has to make room for it."""
    packages = look['packages']
    installed = dict((name, package) for name, package in packages['installed'].items() if not package['broken'])
    engine_wish, others = parse_wishes(wish)
    names = wanted_names(wish)
    # A package of the engine that is there, or that was seen to come along as a dependency, follows the engine's version too.
    engine = [name for name in ENGINE if name in names or name in installed or name in look.get('followers', ())]
    companions = [name for name in names if name not in ENGINE] + [name for name in others if name not in names and name in installed]

    if is_satisfied(installed, engine, engine_wish, companions, others):
        return no_change()
    if 'available' not in look:
        raise NotInLook('the repositories')
    if look['available'] is None:
        return unresolved_change(installed, engine, engine_wish, companions, others)

    available = look['available']
    targets = engine_targets(installed, available, engine, engine_wish, packages['kind'])
    for name in companions:
        targets[name] = companion_target(installed, available, name, others.get(name, keyword_of(engine_wish)))
    change = no_change()
    for name, version in targets.items():
        if name not in installed:
            change['install'][name] = version
        elif version != installed[name]['full']:
            down = COMPARE[packages['kind']](version, installed[name]['full']) < 0
            change['downgrade' if down else 'upgrade'][name] = version
    refuse_downgrade(installed, change, wish)
    if 'docker-ce' in change['install']:
        leaving = set(OBSOLETE[packages['kind']]) | set(to_text(name) for name in wish['replace'])
        change['remove'] = dict((name, packages['installed'][name]['full']) for name in leaving if name in packages['installed'])
    refuse_held(packages['installed'], change)
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
        raise DockfleetError(
            'No enabled repository of this host has %s, %s. Is it hidden by an exclude= or a versionlock of the package manager?' % (name, why),
            stage='version',
        )
    if not same:
        raise DockfleetError(
            'docker_engine_version: %s %s is not in the repositories of this host, %s. They have: %s.'
            % (name, number, why, ', '.join(nearest(parse_wish(number, name), available.get(name, [])))),
            stage='version',
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


# --- refusals ------------------------------------------------------------------------------------------------------------------


def refuse_unpublished(available, name, installed):
    """A package that no repository has."""
    if available.get(name) or name in installed:
        return
    if not any(available.get(other) for other in DOCKER):
        raise DockfleetError(
            'No enabled repository of this host has %s. Set up Docker\'s repository first, with the role docker_repo.' % name,
            stage='repository',
        )
    raise DockfleetError(
        'No enabled repository of this host has %s. Take it out of docker_engine_packages, or choose a mirror or a release that has it '
        '(docker_repo_mirror, docker_repo_release).' % name,
        stage='repository',
    )


def unknown_version(wish, name, versions):
    """The error for a version that nobody publishes."""
    return DockfleetError(
        'No version %s of %s is in the repositories of this host. Nearest: %s.' % (wish.text, name, ', '.join(nearest(wish, versions))),
        stage='version',
        nearest=nearest(wish, versions),
    )


def refuse_downgrade(installed, change, wish):
    """Going back needs consent."""
    if not change['downgrade'] or wish['allow_downgrade']:
        return
    steps = {}
    for name in sorted(change['downgrade']):
        steps.setdefault((installed[name]['version'], upstream(change['downgrade'][name])), []).append(name)
    raise DockfleetError(
        'This would be a downgrade: %s. It is refused, since what a newer engine wrote to its data-root may not be readable by an '
        'older one. Set docker_engine_allow_downgrade to true if you want it.'
        % '; '.join('%s from %s to %s' % (', '.join(names), old, new) for (old, new), names in sorted(steps.items())),
        stage='version',
    )


def refuse_held(installed, change):
    """A hold was set by somebody for a reason."""
    held = sorted(name for kind in ('upgrade', 'downgrade', 'remove') for name in change[kind] if installed[name]['held'])
    if held:
        raise DockfleetError(
            '%s: held on this host by "apt-mark hold", so that no version but the installed one may come. Nothing was changed. '
            'If another may come: "apt-mark unhold %s".' % (', '.join('%s %s' % (name, installed[name]['version']) for name in held), ' '.join(held)),
            stage='version',
            held=held,
        )


def refuse_surprises(look, wish, change, effects):
    """What the package manager would really do has to be what was planned, and must take away nothing that nobody named."""
    if effects is change:
        return
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
    scratch = tempfile.mkdtemp(prefix='dockfleet-') if read_only else None
    manager = manager_of(host, look['packages']['kind'], scratch)
    try:
        if read_only:
            manager.fill_scratch()
        if wish['state'] != 'absent':
            look = with_available(manager, look, wish, read_only)
        return look if 'unresolved' in look or unfinished(look) else rehearse(manager, look, wish)
    finally:
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)


def with_available(manager, look, wish, read_only):
    """Add available to the look. What is not there yet in check mode may be the work of an earlier role in the real run."""
    try:
        if read_only and not manager.docker_sources():
            raise DockfleetError('Docker\'s repository is not set up on this host.', stage='repository')
        manager.refresh()
        return dict(look, available=manager.published(sorted(set(DOCKER) | set(wanted_names(wish)))))
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


def explained(error, look, change):
    """A rehearsal that failed because of installed packages that nobody allowed to go says what to set."""
    text = getattr(error, 'output', '')
    in_the_way = [
        name
        for name in sorted(look['packages']['installed'])
        if name not in DOCKER and name not in change['remove'] and re.search(r'(?<![\w.-])%s(?![\w.])' % re.escape(name), text)
    ]
    if not in_the_way:
        return error
    return DockfleetError(
        'Docker cannot be installed beside %s, which nobody named. Nothing was changed. If they may go, with the containers they run, '
        'name them in docker_engine_replace.'
        % ', '.join('%s %s' % (name, look['packages']['installed'][name]['version']) for name in in_the_way),
        **dict(error.details, would_remove=in_the_way)
    )


def come(change):
    """The names of what a change brings to a version."""
    return set(name for kind in VERSIONED for name in change[kind])


def manager_of(host, kind, scratch=None):
    """The package manager of a host with this kind of package database."""
    return Apt(host, scratch) if kind == 'deb' else _package_manager_rpm.choose(host, scratch)


def apply(host, plan, wish):
    """Carry out the plan and hold it against the package database.

    Returns:
        dict: after, as the package database has it.
    """
    kind = plan.steps[0]['kind']
    manager = manager_of(host, kind)
    out = err = ''
    if plan.steps[0]['do'] == 'finish':
        manager.finish(plan.steps[0]['packages'])
        plan = plan_the_rest(host, wish)
    for step in plan.steps:
        out, err = manager.transact(step['change'])
    installed = look_at_installed(host, kind, sorted(set(plan.before) | set(plan.after)))
    after = dict((name, package['full']) for name, package in installed.items())
    halves = ['%s is %s' % (name, package['unfinished']) for name, package in installed.items() if package['unfinished']]
    wrong = differences(plan.after, after) + halves
    if wrong and after == plan.before and not halves:
        raise manager.failure('carry out the transaction, and nothing was changed', out, err, 'transaction')
    if wrong:
        raise DockfleetError(
            'The transaction did not come out as planned: %s. %s said: %s' % ('; '.join(sorted(wrong)), manager.name, telling_lines(out, err)),
            stage='transaction',
            before=plan.before,
            after=after,
        )
    return {'after': after}


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
