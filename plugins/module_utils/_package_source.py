# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a mirror of Docker's repository really has: the release that a host needs, and the key."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._mirrors import MIRRORS, mirror_name
from ansible_collections.dockfleet.host.plugins.module_utils._net import NetError, download, side_by_side
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import MAX_BYTES
from ansible_collections.dockfleet.host.plugins.module_utils._release import describe
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline


def release_url(root, release):
    """What yum calls baseurl, without the channel, and apt a URI."""
    if release['family'] == 'rpm':
        return u'%s/linux/%s/%s/%s' % (root, release['distribution'], release['value'], release['architecture'])
    return u'%s/linux/%s' % (root, release['distribution'])


def index_url(root, release, channel):
    """The file that a package manager asks for first."""
    if release['family'] == 'rpm':
        return u'%s/%s/repodata/repomd.xml' % (release_url(root, release), channel)
    return u'%s/dists/%s/InRelease' % (release_url(root, release), release['value'])


def require_release(root, release, channels, timeout):
    """Prove that a mirror serves a release.

    Args:
        root (str): The mirror.
        release (dict): From map_release().
        channels (list of str): All of them have to be there.
        timeout (float): Seconds for it all.

    Returns:
        float: Seconds that the first answer took.

    Raises:
        NetError: It does not serve it, or not from here.
    """
    deadline = Deadline(timeout)
    seconds = None
    for channel in channels:
        answer = download(index_url(root, release, channel), deadline=deadline, timeout=timeout)
        fault = index_fault(answer.body, release, channel)
        if fault:
            raise NetError(u'http', fault, answer.url, answer.address, answer.seconds)
        seconds = answer.seconds if seconds is None else seconds
    return seconds


def index_fault(body, release, channel):
    """What is wrong with the first file of a repository, in words; None for nothing."""
    if not body.strip():
        return u'an empty file'
    if release['family'] == 'rpm':
        if not re.search(br'<repomd[\s>]', body):
            return u'something that is no repomd.xml'
        return None if re.search(br'<data\s+type="primary"\s*>', body) else u'a repomd.xml that names no primary file'
    fields = dict(re.findall(u'(?m)^([A-Za-z-]+): *(.*)$', to_text(body, errors='replace')))
    if 'Components' not in fields:
        return u'something that is no InRelease file'
    for name, wanted in (('Components', channel), ('Architectures', release['architecture'])):
        if wanted not in fields.get(name, u'').split():
            return u'an InRelease file that does not name %s among its %s (%s)' % (wanted, name, fields.get(name, u'').strip())
    return None


def refuse_mirror(root, release, channels, timeout, error):
    """Refuse a mirror that cannot serve a release, and say which of the known ones can.

    Args:
        root, release, channels: As for require_release().
        timeout (float): Seconds for asking all the others, side by side.
        error (NetError): From require_release().
    """
    others = [mirror for mirror in MIRRORS if mirror.root != root]
    deadline = Deadline(timeout)
    answers = side_by_side([_asker(mirror.root, release, channels, timeout) for mirror in others], deadline)
    healthy = sorted((seconds, mirror.name) for mirror, seconds in zip(others, answers) if not isinstance(seconds, DockfleetError))
    message = u'Mirror "%s" cannot serve %s %s: %s. ' % (mirror_name(root), describe(release), u' and '.join(channels), error.message)
    origin = [answer for mirror, answer in zip(others, answers) if mirror.name == 'official'] or [error]
    if healthy:
        message += u'Healthy from here: %s. Set docker_repo_mirror to one of them.' % u', '.join(u'%s (%.1f s)' % (name, seconds) for seconds, name in healthy)
    elif getattr(origin[0], 'status', None) == 404:
        message += u'Docker itself does not publish it (http 404 at the origin). Set docker_repo_release to a release that it publishes.'
    else:
        message += (
            u'None of the other known mirrors can from here either (the origin: %s). Set docker_repo_mirror to the URL of a mirror that this host '
            u'can reach.' % getattr(origin[0], 'cause', origin[0].message)
        )
    raise DockfleetError(message + u' Nothing was changed.', healthy=[name for dummy, name in healthy], **error.details)


def _asker(root, release, channels, timeout):
    return lambda: require_release(root, release, channels, timeout)


def find_key(root, release, timeout):
    """Fetch Docker's key: from the mirror, or where that has none, from the origin or another known mirror.

    It is still to be proven by its fingerprint, which is why its source does not matter.

    Args:
        root (str): The mirror in use.
        release (dict): From map_release().
        timeout (float): Seconds for the mirror, and as many for all others together.

    Returns:
        tuple: The key file (bytes) and the URL that it came from.
    """
    path = u'/linux/%s/gpg' % release['distribution']
    try:
        return fetch_key(root + path, timeout)
    except NetError as error:
        failure = error
    others = [mirror.root for mirror in MIRRORS if mirror.root != root]
    answers = side_by_side([_fetcher(other + path, timeout) for other in others], Deadline(timeout))
    for answer in answers:
        if not isinstance(answer, DockfleetError):
            return answer
    raise DockfleetError(
        u'Docker\'s key could not be fetched from mirror "%s": %s; and from none of the other %d known mirrors either. Set docker_repo_key to a file of '
        u'the controller that holds it (where it comes from does not matter, its fingerprint proves it). Nothing was changed.'
        % (mirror_name(root), failure.message, len(others)),
        **failure.details
    )


def fetch_key(url, timeout):
    """Fetch a key file.

    Returns:
        tuple: The file (bytes) and its URL.
    """
    # One byte more than is allowed, so that a file that is too long is refused for its length.
    answer = download(url, timeout=timeout, max_bytes=MAX_BYTES + 1)
    if not answer.body.strip():
        raise NetError(u'http', u'an empty file', answer.url, answer.address, answer.seconds)
    return answer.body, answer.url


def _fetcher(url, timeout):
    return lambda: fetch_key(url, timeout)
