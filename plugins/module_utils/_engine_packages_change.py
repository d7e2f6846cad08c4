# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be done to the packages for a wish, by what is installed and what is published; without what the package manager would add."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _engine_packages_also
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import COMPANIONS, DEFAULT, DOCKER, ENGINE, OBSOLETE
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_refusals import (
    refuse_barred,
    refuse_downgrade,
    refuse_unpublished,
    uncovered,
    unknown_version,
)
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager import no_change
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook
from ansible_collections.dockfleet.host.plugins.module_utils._versions import COMPARE, nearest, parse_wish, resolve, upstream


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


def lock_plugin(look, wish):
    """The package of the plugin that a hold needs and that the host lacks, as a list."""
    missing = look['packages']['holds']['missing']
    return [missing] if wish['hold'] and missing and wish['state'] != 'absent' else []


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
