# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry's answers mean: challenges, refusals, limits, and the verdict that follows from all of them. Nothing here does I/O."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import re
from collections import namedtuple

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._image import is_hub
from ansible_collections.dockfleet.host.plugins.module_utils._page import first_words, looks_like_html
from ansible_collections.dockfleet.host.plugins.module_utils._table import table
from ansible_collections.dockfleet.host.plugins.module_utils._url import split_url

HEALTHY, DEGRADED, UNUSABLE = u'healthy', u'degraded', u'unusable'

# What a pull accepts: images for several platforms, and for one.
INDEX_TYPES = (u'application/vnd.oci.image.index.v1+json', u'application/vnd.docker.distribution.manifest.list.v2+json')
MANIFEST_TYPES = INDEX_TYPES + (u'application/vnd.oci.image.manifest.v1+json', u'application/vnd.docker.distribution.manifest.v2+json')

# Names that people still copy out of old pages. host: with a dot in front: all names below it. kind: dead, restricted or other-registry.
# Sources: tables of dongyubin/DockerHub (2026-06-13) and LinuxMirrors (2026-05-16), the operators' own notices, DaoCloud's README (2026-08-21).
Remark = namedtuple('Remark', ('host', 'kind', 'checked', 'words'))
REMARKS = (
    Remark(u'registry.docker-cn.com', u'dead', u'2026-06-13', u'shut down'),
    Remark(u'docker.mirrors.ustc.edu.cn', u'dead', u'2026-06-13', u'closed to the public on 2024-06-06, answers 403 outside of USTC'),
    Remark(u'hub-mirror.c.163.com', u'dead', u'2026-06-13', u'shut down'),
    Remark(u'reg-mirror.qiniu.com', u'dead', u'2026-06-13', u'shut down'),
    Remark(u'docker.mirrors.sjtug.sjtu.edu.cn', u'dead', u'2026-06-13', u'shut down on 2024-06-06'),
    Remark(u'docker.nju.edu.cn', u'dead', u'2026-06-13', u'closed to the public in 2024'),
    Remark(u'dockerproxy.com', u'dead', u'2026-06-13', u'shut down'),
    Remark(u'mirror.baidubce.com', u'dead', u'2026-06-13', u'shut down'),
    Remark(u'dockerhub.azk8s.cn', u'restricted', u'2026-06-13', u'only for hosts inside of Azure China'),
    Remark(u'mirror.iscas.ac.cn', u'dead', u'2026-06-13', u'no longer serves images'),
    Remark(u'atomhub.openatom.cn', u'dead', u'2026-06-13', u'shut down on 2024-12-30'),
    Remark(u'docker.1panel.dev', u'dead', u'2026-06-13', u'shut down'),
    Remark(u'hub.rat.dev', u'dead', u'2026-06-13', u'shut down'),
    Remark(u'dockerpull.org', u'dead', u'2026-06-13', u'shut down'),
    Remark(u'.mirror.aliyuncs.com', u'restricted', u'2026-06-13', u'wants a login and has only old images since 2024'),
    Remark(u'mirror.ccs.tencentyun.com', u'restricted', u'2026-06-13', u'only for hosts inside of Tencent Cloud'),
    Remark(u'docker.1panel.live', u'restricted', u'2026-06-13', u'only for addresses in China'),
    Remark(u'docker.m.daocloud.io', u'restricted', u'2026-08-21', u'serves a list of images only, and limits the rate'),
    Remark(u'.m.daocloud.io', u'other-registry', u'2026-08-21', u'it mirrors another registry'),
    Remark(u'quay.io', u'other-registry', u'2026-08-21', u'it is a registry of its own'),
    Remark(u'ghcr.io', u'other-registry', u'2026-08-21', u'it is a registry of its own'),
    Remark(u'gcr.io', u'other-registry', u'2026-08-21', u'it is a registry of its own'),
    Remark(u'registry.k8s.io', u'other-registry', u'2026-08-21', u'it is a registry of its own'),
    Remark(u'mcr.microsoft.com', u'other-registry', u'2026-08-21', u'it is a registry of its own'),
)


_KINDS = {u'dead': u'dead', u'restricted': u'restricted', u'other-registry': u'no mirror of docker.io'}


def remark_on(host):
    """What is known about a host that is used as a mirror, as a sentence; empty for most."""
    for remark in REMARKS:
        if host == remark.host or (remark.host.startswith(u'.') and host.endswith(remark.host)):
            return u'%s is known to be %s: %s (as of %s).' % (host, _KINDS[remark.kind], remark.words, remark.checked)
    return u''


Challenge = namedtuple('Challenge', ('scheme', 'parameters'))

_PARAMETER = re.compile(u'\\s*,?\\s*([A-Za-z0-9_!#$%&\'*+.^`|~-]+)\\s*=\\s*("(?:[^"\\\\]|\\\\.)*"|[^\\s,"]+)\\s*(?=,|$|[A-Za-z])')
_SCHEME = re.compile(u'\\s*,*\\s*([A-Za-z0-9_!#$%&\'*+.^`|~-]+)(?:\\s+([A-Za-z0-9._~+/-]+=*)(?=\\s*(?:,|$)))?')


def parse_challenges(header):
    """The challenges of a WWW-Authenticate header.

    Args:
        header (str): The header's value; several such headers joined by commas.

    Returns:
        list of Challenge: scheme in lower case, parameters (dict of text, names in lower case).
    """
    found = []
    position = 0
    while position < len(header):
        parameter = _PARAMETER.match(header, position) if found else None
        if parameter:
            value = parameter.group(2)
            if value.startswith(u'"'):
                value = re.sub(u'\\\\(.)', u'\\1', value[1:-1])
            found[-1].parameters.setdefault(parameter.group(1).lower(), value)
            position = parameter.end()
            continue
        scheme = _SCHEME.match(header, position)
        if not scheme:
            break
        found.append(Challenge(scheme.group(1).lower(), {}))
        position = scheme.end()
    return found


def choose_challenge(header):
    """The challenge that a client answers: Bearer before Basic; None where there is neither."""
    challenges = parse_challenges(header or u'')
    for scheme in (u'bearer', u'basic'):
        for challenge in challenges:
            if challenge.scheme == scheme and (scheme == u'basic' or challenge.parameters.get(u'realm')):
                return challenge
    return None


def fault_of_ping(response):
    """Why an answer to GET /v2/ is not that of a registry.

    Args:
        response (Response): The answer, after redirects.

    Returns:
        str: None if it is fine: 200, or 401 with a challenge.
    """
    moved = u''
    if response.hops:
        there = split_url(response.url)
        moved = u'redirects to %s%s, which ' % (there.host, there.target.partition(u'?')[0])
    if response.status == 200:
        if looks_like_html(response.body) or u'html' in response.headers.get('Content-Type', u'').lower():
            return u'%sshows a web page ("%s"): no registry, but a login or parking page' % (moved, first_words(response.body))
        return None
    if response.status == 401 and choose_challenge(response.headers.get('WWW-Authenticate')):
        return None
    if response.status == 401:
        return u'%sanswers http 401 without saying how to log in' % moved
    return moved + fault_of_status(response)


def fault_of_status(response):
    """What a status means that is neither success nor a challenge."""
    words = first_words(error_text(response.body))
    said = u' ("%s")' % words if words else u''
    causes = {
        401: u'does not accept the credentials or the token (http 401)',
        402: u'wants to be paid (http 402)',
        403: u'refuses this client (http 403)',
        404: u'does not have it (http 404)',
        429: u'allows no more pulls for now (http 429%s)' % limit_in_words(rate_limit(response.headers)),
        451: u'is not allowed to serve it here (http 451)',
    }
    default = u'is out of order (http %d)' if response.status >= 500 else u'gives an answer that no registry gives (http %d)'
    return causes.get(response.status, default.replace(u'%d', u'%d' % response.status)) + said


def error_text(body):
    """The message inside a registry's JSON error; any other body as it is."""
    try:
        first = json.loads(to_text(body))['errors'][0]
        return (first.get('message') or first['code']).encode('utf-8')
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return body


def rate_limit(headers):
    """What a registry says about its limits.

    Returns:
        dict: limit, remaining (pulls), window_s, retry_after_s (int, each only where told), source (str); empty if it says nothing.
    """
    found = {}
    for name, header in ((u'limit', 'RateLimit-Limit'), (u'remaining', 'RateLimit-Remaining')):
        match = re.match(u'^\\s*([0-9]+)(?:\\s*,[^;]*)?(?:.*?;\\s*w=([0-9]+))?', headers.get(header, u''))
        if match:
            found[name] = int(match.group(1))
            if match.group(2):
                found[u'window_s'] = int(match.group(2))
    retry = headers.get('Retry-After', u'').strip()
    if retry.isdigit():
        found[u'retry_after_s'] = int(retry)
    if found and headers.get('Docker-RateLimit-Source'):
        found[u'source'] = headers.get('Docker-RateLimit-Source')
    return found


def limit_in_words(limit):
    """The second half of a sentence: ', limit 100 in 6 h, 0 left, again in 60 s'."""
    words = u''
    if u'limit' in limit:
        window = limit.get(u'window_s')
        words += u', limit %d%s' % (limit[u'limit'], u' in %s' % duration(window) if window else u'')
    if u'remaining' in limit:
        words += u', %d left' % limit[u'remaining']
    if u'retry_after_s' in limit:
        words += u', again in %s' % duration(limit[u'retry_after_s'])
    if u'source' in limit:
        words += u', counted for %s' % limit[u'source']
    return words


def duration(seconds):
    for size, unit in ((3600, u'h'), (60, u'min')):
        if seconds >= size and seconds % size == 0:
            return u'%d %s' % (seconds // size, unit)
    return u'%d s' % seconds


def token_of(response):
    """The token in a token server's answer; None if there is none in it."""
    try:
        answer = json.loads(to_text(response.body))
        token = answer.get('token') or answer.get('access_token')
    except (ValueError, AttributeError):
        return None
    # It goes into a header: whatever could end one is no token.
    return token if token and re.match(u'^[\x21-\x7e]+$', to_text(token)) else None


def fault_of_token(response, with_credentials):
    """Why a token server's answer holds no token."""
    host = split_url(response.url).host
    if response.status == 200:
        return u'answers, but %s gives no token but something else ("%s")' % (host, first_words(response.body))
    if response.status == 401 and with_credentials:
        return u'answers, but %s does not accept the user name and password (http 401)' % host
    if response.status == 401:
        return u'answers, but %s gives no pull token without a user name and password (http 401)' % host
    return u'answers, but gives no pull token: %s %s' % (host, fault_of_status(response))


def fault_of_manifest(response):
    """Why an answer to HEAD or GET .../manifests/... is no manifest; None if it is one."""
    if response.status != 200:
        return fault_of_status(response)
    kind = response.headers.get('Content-Type', u'').partition(u';')[0].strip().lower()
    if u'html' in kind or looks_like_html(response.body):
        return u'shows a web page instead of the manifest'
    if kind == u'application/vnd.docker.distribution.manifest.v1+prettyjws':
        return u'has it in the old schema 1 only, which Docker no longer pulls'
    return None


def pick_manifest(index, architecture):
    """The digest of the manifest for one platform out of an index: Linux on this architecture, else the first that is for any platform."""
    entries = [entry for entry in index.get('manifests', ()) if isinstance(entry, dict) and entry.get('digest')]
    wished = [entry for entry in entries if (entry.get('platform') or {}).get('os') == 'linux'
              and entry['platform'].get('architecture') == architecture]  # fmt: skip
    known = [entry for entry in entries if (entry.get('platform') or {}).get('os') != 'unknown']
    return (wished or known or [{}])[0].get('digest')


def verdict(error=None, images=(), blob_fault=None):
    """The verdict on a registry.

    Args:
        error (tuple): (stage, cause) of what went wrong before any image was asked for.
        images (list of dict): image, digest, and stage and cause where it is not served.
        blob_fault (str): Why no part of a blob could be had.

    Returns:
        dict: verdict, stage, cause (empty if healthy), digests (by image), missing (list of images).
    """
    missing = [entry for entry in images if entry.get('cause')]
    result = {
        'verdict': HEALTHY,
        'stage': u'',
        'cause': u'',
        'digests': dict((entry['image'], entry['digest']) for entry in images if not entry.get('cause')),
        'missing': [entry['image'] for entry in missing],
    }
    if error:
        result.update(verdict=UNUSABLE, stage=error[0], cause=error[1])
    elif missing:
        none_left = len(missing) == len(images)
        if none_left and len(set(entry['cause'] for entry in missing)) == 1:
            words = missing[0]['cause']
        else:
            words = u'; '.join(u'%s: %s' % (entry['image'], entry['cause']) for entry in missing)
        result.update(verdict=UNUSABLE if none_left else DEGRADED, stage=missing[0]['stage'], cause=words)
    if blob_fault and result['verdict'] != UNUSABLE:
        result.update(verdict=UNUSABLE, stage=u'blob', cause=blob_fault)
    return result


def advice(entry, pins):
    """What to look at where a name rather than a registry may be at fault.

    Args:
        entry (dict): A verdict.
        pins (list of Entry): What others wrote into the hosts file.

    Returns:
        list of str: Sentences.
    """
    if not re.search(u'(^| |\\()(dns|tcp|tls): ', u'%s: %s' % (entry['stage'], entry['cause'])):
        return []
    words = [
        u'/etc/hosts line %d pins %s to %s: if that is not where it is now, take the line out.' % (pin.line, name, pin.address)
        for pin in pins
        for name in pin.names
        if name in entry['hosts']
    ]
    if not words and (u'dns: ' in u'%s: %s' % (entry['stage'], entry['cause']) or u'is for another name' in entry['cause']):
        words.append(u'If the name servers fail or lie, docker_dns_mode "auto" repairs the name.')
    return words


# A healthy mirror that is configured goes before a faster one, unless it is slower by this much, both in milliseconds and as a share.
CLEARLY_MS, CLEARLY_SHARE = 50, 0.3


def choose_mirrors(registries, order, configured):
    """Which mirrors to write, in which order.

    Args:
        registries (list of dict): The verdicts, in the order that the user gave.
        order (str): given or latency.
        configured (list of str): What daemon.json has now.

    Returns:
        tuple: The URLs of the healthy ones (list of str), and a sentence for each that is left out (list of str).

    Raises:
        DockfleetError: None is healthy.
    """
    healthy = [entry for entry in registries if entry['verdict'] == HEALTHY]
    reasons = [u'%s is left out: %s' % (entry['url'], reason(entry)) for entry in registries if entry['verdict'] != HEALTHY]
    if not healthy:
        raise DockfleetError(
            u'None of the mirrors can be pulled through from here, so nothing was changed. %s Name others (docs/which-mirror.md tells what to look for), '
            u'or set docker_daemon_mirror_policy to "all" to write them all the same.' % u' '.join(reasons),
            stage='mirrors', registries=registries, healthy=[],
        )  # fmt: skip
    if order == 'latency':
        healthy = _by_latency(healthy, [_bare(url) for url in configured])
    return [entry['url'] for entry in healthy], reasons


def reason(entry):
    """Why a mirror is not healthy, and what else is known about it, as one or more sentences."""
    return u' '.join([u'%s, %s: %s.' % (entry['verdict'], entry['stage'], entry['cause'].rstrip(u'.'))] + entry['notes'])


def table_of(registries):
    """The verdicts as lines for people, in columns."""
    rows = []
    for entry in registries:
        name = re.sub(u'^https://', u'', entry['url'])
        words = [u'%s: %s.' % (entry['stage'], entry['cause'].rstrip(u'.'))] if entry['cause'] else []
        rows.append((name, entry['verdict'], entry['latency_ms'], u' '.join(words + entry['notes'])))
    return table(rows)


def _by_latency(entries, configured):
    """The fastest first, but what is configured keeps its place among those that are about as fast."""
    kept = sorted((entry for entry in entries if _bare(entry['url']) in configured), key=lambda entry: configured.index(_bare(entry['url'])))
    ordered = []
    for entry in kept + sorted((entry for entry in entries if entry not in kept), key=lambda entry: entry['latency_ms']):
        place = len(ordered)
        while place and _is_clearly_faster(entry, ordered[place - 1]):
            place -= 1
        ordered.insert(place, entry)
    return ordered


def _is_clearly_faster(entry, other):
    gain = other['latency_ms'] - entry['latency_ms']
    return gain > CLEARLY_MS and gain > CLEARLY_SHARE * other['latency_ms']


def _bare(url):
    return to_text(url).strip().rstrip(u'/')


def mark_stale(registries):
    """Degrade mirrors whose images differ from Docker Hub's, where both digests are known.

    Args:
        registries (list of dict): Verdicts with hosts (the registry's own first) and digests; changed in place: stale (list of images) is added.
    """
    hub = {}
    for entry in registries:
        if _is_hub(entry):
            hub.update(entry['digests'])
    for entry in registries:
        entry['stale'] = []
        if not _is_hub(entry):
            entry['stale'] = sorted(image for image, digest in entry['digests'].items() if hub.get(image, digest) != digest)
        if entry['stale'] and entry['verdict'] == HEALTHY:
            words = u'; '.join(u'%s: serves %s, Docker Hub %s' % (image, _short(entry['digests'][image]), _short(hub[image])) for image in entry['stale'])
            entry.update(verdict=DEGRADED, stage=u'manifest', cause=words)


def _is_hub(entry):
    return any(is_hub(host) for host in entry['hosts'][:1])


def _short(digest):
    """A digest as people compare it: sha256:0123456789ab."""
    return digest[:digest.find(u':') + 13]
