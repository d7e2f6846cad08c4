# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which mirror a host uses: the wished one if it can serve the release, else a refusal that names those that can; or the best one, by proof."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import time

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._mirror_probe import (
    HEALTHY,
    TOO_SLOW,
    candidate_roots,
    cause_of,
    choose,
    entry_of,
    mark_stale,
    probe_root,
    probe_roots,
)
from ansible_collections.dockfleet.host.plugins.module_utils._mirrors import mirror_name
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.plugins.module_utils._release import describe

# How many healthy mirrors a refusal names, the fastest first.
SHOWN = 5


def require_mirror(root, release, channels, asker):
    """Prove that a mirror serves a release in all channels.

    Args:
        root (str): The mirror.
        release (dict): From map_release().
        channels (list of str): The channels.
        asker (Asker): Asks.

    Returns:
        list of str: Warnings.

    Raises:
        NetError: It does not, or not from here.
    """
    warnings = []
    for channel in channels:
        try:
            speed = probe_root(root, release, channel, asker)['bytes_per_s']
        except NetError as error:
            if (error.bytes_per_s or 0) < TOO_SLOW:
                raise
            speed = error.bytes_per_s
            warnings.append(
                u'Mirror "%s" is slow from here (%d bytes/s). Set docker_repo_yum_timeout and docker_repo_yum_minrate where downloads break off, or '
                u'docker_repo_mirror to "auto".' % (mirror_name(root), speed)
            )
    return warnings


def refuse_mirror(root, release, channels, candidates, asker, error):
    """Refuse a mirror that cannot serve a release, and say what the others can.

    Args:
        root, release, channels, asker: As for require_mirror().
        candidates (list of str): Names or URLs of the others; empty: all that are known.
        error (NetError): From require_mirror().

    Raises:
        NotPublished: It is nowhere.
        DockfleetError: Another has it.
    """
    others = survey([other for other in candidate_roots(candidates, '') if other != root], release, channels, asker)
    entries = [entry_of(root, error)] + others
    message = u'Mirror "%s" cannot serve %s %s: %s. ' % (mirror_name(root), describe(release), u' and '.join(channels), error.message)
    healthy = sorted((entry for entry in others if entry['verdict'] == HEALTHY), key=lambda entry: entry['total_ms'])
    if healthy:
        names = u', '.join(u'%s (%.1f s)' % (entry['name'], entry['total_ms'] / 1000.0) for entry in healthy[:SHOWN])
        message += u'Healthy from here: %s. Set docker_repo_mirror to one of them, or to "auto".%s' % (names, _failures(others))
    elif _origin_lacks_it(entries):
        message += u'Docker itself does not publish it. Set docker_repo_release or docker_repo_fallback_release to a release that it publishes.'
    else:
        message += u'No other known mirror can from here either. Set docker_repo_mirror to the URL of a mirror that this host can reach.%s' % _failures(others)
    kind = NotPublished if _is_nowhere(entries) else DockfleetError
    raise kind(message + u' Nothing was changed.', mirrors=entries, **error.details)


def survey(roots, release, channels, asker):
    """The entries of mirrors (see _mirror_probe.py), asked side by side for all channels; of each the worst."""
    entries = probe_roots(roots, release, channels[0], asker.timeout, asker.proxy)
    for channel in channels[1:]:
        more = probe_roots(roots, release, channel, asker.timeout, asker.proxy)
        entries = [entry if entry['verdict'] != HEALTHY else other for entry, other in zip(entries, more)]
    mark_stale(entries, time.time())
    return entries


def choose_mirror(current, keep, release, channels, candidates, asker):
    """Find the best mirror; the one in use stays while it can serve the release.

    Args:
        current (str): Root of the one in use; None for none.
        keep (bool): It is set up for this very release, so that it may stay even where none is healthy.
        release, channels, candidates, asker: As for refuse_mirror().

    Returns:
        dict: root, reason, mirrors (entries; only that of the one in use where it is healthy), warnings.
    """
    entries = survey([current], release, channels, asker) if current else []
    if not (entries and entries[0]['verdict'] == HEALTHY):
        known = dict((entry['url'], entry) for entry in entries)
        roots = candidate_roots(candidates, current or '')
        more = iter(survey([root for root in roots if root not in known], release, channels, asker))
        entries = [known.get(root) or next(more) for root in roots]
        mark_stale(entries, time.time())
    name, reason = choose(entries, mirror_name(current) if current else u'')
    chosen = [entry['url'] for entry in entries if entry['name'] == name]
    if chosen:
        return {'root': chosen[0], 'reason': reason, 'mirrors': entries, 'warnings': []}
    if keep:
        warning = u'No mirror is healthy from here, so the one in use (%s) stays.%s' % (mirror_name(current), _failures(entries))
        return {'root': current, 'reason': reason, 'mirrors': entries, 'warnings': [warning]}
    if _origin_lacks_it(entries):
        advice = u'Docker itself does not publish it. Set docker_repo_release or docker_repo_fallback_release to a release that it publishes.'
    else:
        advice = u'Set docker_repo_mirror to the URL of a mirror that this host can reach, or docker_repo_candidates to several.'
    kind = NotPublished if _is_nowhere(entries) else DockfleetError
    raise kind(
        u'No mirror can serve %s %s from here. %s%s Nothing was changed.' % (describe(release), u' and '.join(channels), advice, _failures(entries)),
        stage='mirror',
        mirrors=entries,
    )


class NotPublished(DockfleetError):
    """No mirror has this release, and at least one has said so."""


def _origin_lacks_it(entries):
    return any(entry['name'] == u'official' and _is_missing(entry) for entry in entries)


def _is_nowhere(entries):
    """Whether the origin, or where that cannot be reached another mirror, says that there is no such release, and none has it."""
    origin_answers = any(entry['name'] == u'official' and entry['stage'] in (u'', u'http') for entry in entries)
    return not any(entry['verdict'] == HEALTHY for entry in entries) and (
        _origin_lacks_it(entries) if origin_answers else any(_is_missing(entry) for entry in entries)
    )


def _is_missing(entry):
    return entry['cause'].startswith(u'http 404')


def _failures(entries):
    """What is wrong with each mirror that is not healthy, as a sentence."""
    failed = [u'%s (%s)' % (entry['name'], cause_of(entry)) for entry in entries if entry['verdict'] != HEALTHY]
    return u' Not so: %s.' % u', '.join(failed) if failed else u''
