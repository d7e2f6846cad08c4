# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which mirror can serve an installation: the index of the release and the package list that it names, asked of all candidates at once."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import calendar
import hashlib
import re
import time
from functools import partial

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._mirrors import MIRRORS, mirror_name, mirror_root
from ansible_collections.dockfleet.host.plugins.module_utils._net import refused
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.plugins.module_utils._package_source import Asker, index_fault, index_url, release_url
from ansible_collections.dockfleet.host.plugins.module_utils._page import looks_like_html
from ansible_collections.dockfleet.host.plugins.module_utils._release import describe, map_release
from ansible_collections.dockfleet.host.plugins.module_utils._table import table
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline

ARGUMENT_SPEC = {
    'candidates': {'type': 'list', 'elements': 'str', 'default': []},
    'current': {'type': 'str', 'default': ''},
    'release': {'type': 'str', 'default': ''},
    'channel': {'type': 'str', 'choices': ['stable', 'test'], 'default': 'stable'},
    'timeout': {'type': 'float', 'default': 10},
    'proxy': {'type': 'str', 'no_log': True},
}
NEEDS = ('repositories', 'system')

HEALTHY, DEGRADED, UNUSABLE = u'healthy', u'degraded', u'unusable'

# Package lists up to this size are read as a whole, and their checksum is computed; of larger ones only the beginning is read.
WHOLE_BYTES = 512 << 10
PART_BYTES = 64 << 10

# yum gives up below 1000 bytes/s. Packages of an engine are about 100 MB: at 20 kB/s they take more than an hour.
TOO_SLOW, SLOW = 1000, 20000

# Mirrors copy once or several times a day. One that misses a publication which is older than STALE_AFTER_DAYS does not copy any more. Of a younger
# publication that cannot be said, but a mirror that is STALE_BEHIND_DAYS behind is not just late.
STALE_AFTER_DAYS = 3
STALE_BEHIND_DAYS = 60

_HASHES = {'sha': hashlib.sha1, 'sha1': hashlib.sha1, 'sha256': hashlib.sha256, 'sha512': hashlib.sha512}
_MONTHS = ('jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec')


def probe(look, wish):
    """Probe mirrors side by side.

    Args:
        look (dict): The sections of NEEDS, which tell what release is needed.
        wish (dict): Parameters as ARGUMENT_SPEC has them.

    Returns:
        dict: mirrors (list of dict, in the order of the candidates), chosen (name; empty for none), reason, release, table (list of str).
    """
    try:
        release = map_release(look['system']['os_release'], look['system']['machine'], look['repositories']['releasever'], wish['release'])
    except DockfleetError as error:
        raise DockfleetError(u'%s %s' % (error.message, error.details['remedy']), **error.details)
    found = probe_roots(candidate_roots(wish['candidates'], wish['current']), release, wish['channel'], wish['timeout'], wish['proxy'])
    mark_stale(found, time.time())
    chosen, reason = choose(found, mirror_name(mirror_root(wish['current'])) if wish['current'] else u'')
    return {'mirrors': found, 'chosen': chosen, 'reason': reason, 'release': describe(release), 'table': table_of(found)}


def candidate_roots(wished, current):
    """The roots to ask, in order and each once: those wished, or all public ones that are known; and the one in use."""
    roots = [mirror_root(text) for text in wished] or [mirror.root for mirror in MIRRORS]
    if current:
        roots.append(mirror_root(current))
    return [root for index, root in enumerate(roots) if root not in roots[:index]]


def probe_roots(roots, release, channel, timeout, proxy=None):
    """Probe each root; the entries of the module's result."""
    asker = Asker(timeout, proxy, Deadline(timeout))
    outcomes = asker.all([partial(probe_root, root, release, channel, asker) for root in roots])
    return [entry_of(root, outcome) for root, outcome in zip(roots, outcomes)]


def entry_of(root, outcome):
    """The entry of one mirror.

    Args:
        root (str): The mirror.
        outcome (dict or NetError): From probe_root().
    """
    entry = {'name': mirror_name(root), 'url': root, 'verdict': HEALTHY, 'stage': u'', 'cause': u'',
             'latency_ms': None, 'total_ms': None, 'bytes_per_s': None, 'revision': None}  # fmt: skip
    if isinstance(outcome, NetError):
        entry.update(verdict=UNUSABLE, stage=outcome.stage, cause=outcome.cause, bytes_per_s=outcome.bytes_per_s)
        if outcome.bytes_per_s and outcome.bytes_per_s >= TOO_SLOW:
            entry['verdict'] = DEGRADED
        return entry
    if isinstance(outcome, DockfleetError):
        # Not the mirror's fault: a proxy that cannot be used.
        raise outcome
    entry.update(outcome)
    # A list of a few bytes tells nothing of the speed.
    if entry['bytes_per_s'] is not None and entry['bytes_per_s'] < SLOW and entry['total_ms'] >= 1000:
        entry.update(verdict=DEGRADED, stage=u'http', cause=u'slow: %d bytes/s' % entry['bytes_per_s'])
    return entry


def probe_root(root, release, channel, asker):
    """Ask one mirror for what an installation asks for first.

    Args:
        root (str): The mirror.
        release (dict): From map_release().
        channel (str): The channel.
        asker (Asker): Asks.

    Returns:
        dict: latency_ms, total_ms, bytes_per_s, revision.

    Raises:
        NetError: It cannot serve it.
    """
    answer = _index(root, release, channel, asker)
    package_list = (read_repomd if release['family'] == 'rpm' else read_inrelease)(answer.body, release, channel)
    if not package_list:
        raise NetError(u'http', u'the index names no package list', answer.url, answer.address, answer.seconds)
    base = release_url(root, release) + (u'/%s/' % channel if release['family'] == 'rpm' else u'/dists/%s/' % release['value'])
    listed = _package_list(base + package_list['path'], package_list, asker)
    return {
        'latency_ms': answer.timings['total_ms'],
        'total_ms': int(round((answer.seconds + listed.seconds) * 1000)),
        'bytes_per_s': listed.bytes_per_s,
        'revision': package_list['revision'],
    }


def _index(root, release, channel, asker):
    url = index_url(root, release, channel)
    try:
        answer = asker.download(url)
    except NetError as error:
        raise _reworded(error, _what_is_missing(root, release, asker)) if error.status == 404 else error
    fault = index_fault(answer.body, release, channel)
    if fault:
        raise NetError(u'http', fault, answer.url, answer.address, answer.seconds)
    return answer


def _reworded(error, cause):
    return NetError(error.stage, cause, error.url, error.address, error.seconds, status=error.status)


def _what_is_missing(root, release, asker):
    """Tell a mirror that lacks one release from one that lacks everything."""
    try:
        key = asker.fetch(u'%s/linux/%s/gpg' % (root, release['distribution']), method='HEAD')
    except NetError:
        key = None
    if key is not None and key.status == 200:
        return u'http 404: it has linux/%s, but not %s' % (release['distribution'], describe(release))
    return u'http 404: it does not have %s, nor the key beside it: perhaps the folder is empty or the URL another' % describe(release)


def _package_list(url, wished, asker):
    """Read the list, or its beginning, and hold it against what the index says of it."""
    whole = wished['size'] is not None and wished['size'] <= WHOLE_BYTES
    answer = asker.fetch(url, max_bytes=WHOLE_BYTES if whole else PART_BYTES, byte_range=None if whole else (0, PART_BYTES - 1))
    if answer.status not in (200, 206):
        error = refused(answer)
        gone = u'mid-sync: the index names %s, which is not there (http 404)' % wished['path']
        raise _reworded(error, gone) if answer.status == 404 else error
    fault = list_fault(answer, wished, whole)
    if fault:
        raise NetError(u'http', fault, answer.url, answer.address, answer.seconds)
    return answer


def list_fault(answer, wished, whole):
    """What is wrong with a package list; None for nothing.

    Args:
        answer (Response): The list, or a part of it.
        wished (dict): What the index says: path, size (None: nothing), algorithm, checksum.
        whole (bool): Whether it was asked for as a whole.
    """
    if looks_like_html(answer.body):
        return u'a web page instead of %s' % wished['path']
    if not answer.body:
        return u'%s is empty' % wished['path']
    size = _size_of(answer)
    if wished['size'] is not None and size is not None and size != wished['size']:
        return u'mid-sync: %s has %d bytes, but %d by the index' % (wished['path'], size, wished['size'])
    if whole and not answer.truncated and _HASHES[wished['algorithm']](answer.body).hexdigest() != wished['checksum']:
        return u'mid-sync: %s does not have the checksum that the index names' % wished['path']
    return None


def _size_of(answer):
    """The size of the whole file of which this is a part; None where the server does not tell."""
    if answer.status == 206:
        total = answer.headers.get('Content-Range', u'').rpartition(u'/')[2]
        return int(total) if total.isdigit() else None
    length = answer.headers.get('Content-Length', u'')
    return int(length) if length.isdigit() else len(answer.body) if not answer.truncated else None


def read_repomd(body, dummy_release=None, dummy_channel=None):
    """What repomd.xml says of the primary package list.

    Read by patterns: a parser of XML is a gate for entity bombs, and the file is made by one program.

    Returns:
        dict: path, size (int or None), algorithm, checksum, revision (int or None); None if it names none that can be checked.
    """
    text = to_text(body, errors='replace')
    primary = re.search(u'<data\\s+type="primary"\\s*>(.*?)</data>', text, re.S)
    if not primary:
        return None
    location = re.search(u'<location\\s+href="([^"<>\\s]+)"', primary.group(1))
    checksum = re.search(u'<checksum\\s+type="([a-z0-9]+)"\\s*>\\s*([0-9a-f]+)\\s*<', primary.group(1))
    size = re.search(u'<size>\\s*([0-9]+)\\s*<', primary.group(1))
    revision = re.search(u'<revision>\\s*([0-9]+)\\s*<', text)
    if not location or not checksum or checksum.group(1) not in _HASHES or not _is_below(location.group(1)):
        return None
    return {
        'path': location.group(1),
        'size': int(size.group(1)) if size else None,
        'algorithm': checksum.group(1),
        'checksum': checksum.group(2),
        'revision': int(revision.group(1)) if revision else None,
    }


def read_inrelease(body, release, channel):
    """What InRelease says of the package list; of its compressed forms the smallest.

    Returns:
        dict: As for read_repomd().
    """
    text = to_text(body, errors='replace')
    section = re.search(u'(?m)^SHA256:[ \t]*\n((?:[ \t].*\n?)+)', text.replace(u'\r\n', u'\n'))
    prefix = u'%s/binary-%s/Packages' % (channel, release['architecture'])
    listed = []
    for line in (section.group(1) if section else u'').splitlines():
        words = line.split()
        if len(words) == 3 and words[1].isdigit() and words[2] in (prefix, prefix + u'.gz', prefix + u'.xz', prefix + u'.bz2'):
            listed.append((int(words[1]), words[2], words[0]))
    if not listed:
        return None
    size, path, checksum = min(listed)
    date = re.search(u'(?m)^Date: *(.*)$', text)
    return {'path': path, 'size': size, 'algorithm': 'sha256', 'checksum': checksum, 'revision': read_date(date.group(1)) if date else None}


def read_date(text):
    """Seconds since 1970 of a date such as "Wed, 05 Jun 2024 16:57:41 UTC" (without strptime, which follows the locale); None if it is none."""
    match = re.match(u'^\\w{3}, +(\\d{1,2}) (\\w{3}) (\\d{4}) +(\\d{1,2}):(\\d{2}):(\\d{2}) +(?:UTC|GMT|[+]0000)\\s*$', text)
    if not match or match.group(2).lower() not in _MONTHS:
        return None
    day, dummy, year, hour, minute, second = match.groups()
    month = _MONTHS.index(match.group(2).lower()) + 1
    return calendar.timegm((int(year), month, int(day), int(hour), int(minute), int(second)))


def _is_below(path):
    return u'://' not in path and not path.startswith(u'/') and u'..' not in path.split(u'/')


def cause_of(entry):
    """Stage and cause of an entry, the stage where the cause does not name it."""
    return entry['cause'] if entry['cause'].startswith(entry['stage']) else u'%s: %s' % (entry['stage'], entry['cause'])


def table_of(mirrors):
    """The entries as lines for people, in columns."""
    return table([(entry['name'], entry['verdict'], entry['total_ms'], cause_of(entry)) for entry in mirrors])


def mark_stale(mirrors, now):
    """Degrade mirrors that miss what another one has had for days, or that are far behind; the one that has the newest never is.

    Args:
        mirrors (list of dict): Entries with verdict and revision; changed in place.
        now (float): Seconds since 1970.
    """
    newest = max([entry['revision'] or 0 for entry in mirrors] or [0])
    oldest_excused = newest if now - newest >= STALE_AFTER_DAYS * 86400 else newest - STALE_BEHIND_DAYS * 86400
    for entry in mirrors:
        if entry['verdict'] == HEALTHY and entry['revision'] and entry['revision'] < oldest_excused:
            entry.update(verdict=DEGRADED, stage=u'http', cause=u'stale: its list is of %s, the newest seen of %s' % (_day(entry['revision']), _day(newest)))


def _day(seconds):
    return to_text(time.strftime('%Y-%m-%d', time.gmtime(seconds)))


def choose(mirrors, current):
    """Choose a mirror: the one in use while it is healthy, else the origin if it is, else the fastest healthy one.

    Args:
        mirrors (list of dict): Entries.
        current (str): Name of the one in use; empty for none.

    Returns:
        tuple: Its name (empty if none is healthy), and why it was chosen.
    """
    healthy = dict((entry['name'], entry) for entry in mirrors if entry['verdict'] == HEALTHY)
    if current in healthy:
        return current, u'it is in use and healthy'
    in_use = [entry for entry in mirrors if entry['name'] == current]
    why = u'%s, which is in use, is %s (%s: %s); ' % (current, in_use[0]['verdict'], in_use[0]['stage'], in_use[0]['cause']) if in_use else u''
    if u'official' in healthy:
        return u'official', why + u'the origin is healthy'
    if healthy:
        fastest = min(healthy.values(), key=lambda entry: (entry['total_ms'], entry['name']))
        return fastest['name'], why + u'it is the fastest healthy one (%d ms)' % fastest['total_ms']
    return u'', why + u'no candidate is healthy'
