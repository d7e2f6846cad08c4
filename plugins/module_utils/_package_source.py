# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a mirror of Docker's repository really has: the release that a host needs, and the key."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
from functools import partial

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._centos_base import NEEDED, vault_order, vault_root
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._mirrors import MIRRORS, mirror_name
from ansible_collections.dockfleet.host.plugins.module_utils._net import download, fetch
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_armor import MAX_BYTES
from ansible_collections.dockfleet.host.plugins.module_utils._side_by_side import side_by_side
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline


class Asker(object):
    """Asks the network, in the way that the user wishes.

    Args:
        timeout (float): Seconds that one question may take, redirects and body included, and many that are asked side by side.
        proxy (str): See _net.fetch().
        deadline (Deadline): When all of its questions have to be answered; None: each has its time.
    """

    def __init__(self, timeout, proxy=None, deadline=None):
        self.timeout = timeout
        self.proxy = proxy
        self._deadline = deadline

    def fetch(self, url, **options):
        return fetch(url, timeout=self.timeout, deadline=self._deadline, proxy=self.proxy, **options)

    def download(self, url, **options):
        return download(url, timeout=self.timeout, deadline=self._deadline, proxy=self.proxy, **options)

    def all(self, questions):
        """The answers to questions (callables without arguments) that are asked side by side; a failure is the DockfleetError that tells of it."""
        return side_by_side(questions, self._deadline or Deadline(self.timeout))


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


def index_fault(body, release, channel):
    """What is wrong with the first file of a repository, in words; None for nothing."""
    if release['family'] == 'rpm':
        return repomd_fault(body)
    if not body.strip():
        return u'an empty file'
    fields = dict(re.findall(u'(?m)^([A-Za-z-]+): *(.*)$', to_text(body, errors='replace')))
    if 'Components' not in fields:
        return u'something that is no InRelease file'
    for name, wanted in (('Components', channel), ('Architectures', release['architecture'])):
        if wanted not in fields.get(name, u'').split():
            return u'an InRelease file that does not name %s among its %s (%s)' % (wanted, name, fields.get(name, u'').strip())
    return None


def repomd_fault(body):
    """What is wrong with a repomd.xml, in words; None for nothing."""
    if not body.strip():
        return u'an empty file'
    if not re.search(br'<repomd[\s>]', body):
        return u'something that is no repomd.xml'
    return None if re.search(br'<data\s+type="primary"\s*>', body) else u'a repomd.xml that names no primary file'


def find_key(root, release, asker):
    """Fetch Docker's key: from the mirror, or where that has none, from the origin or another known mirror.

    It is still to be proven by its fingerprint, which is why its source does not matter.

    Args:
        root (str): The mirror in use.
        release (dict): From map_release().
        asker (Asker): Asks.

    Returns:
        tuple: The key file (bytes) and the URL that it came from.
    """
    path = u'/linux/%s/gpg' % release['distribution']
    try:
        return fetch_key(root + path, asker)
    except NetError as error:
        failure = error
    others = [mirror.root for mirror in MIRRORS if mirror.root != root]
    for answer in asker.all([partial(fetch_key, other + path, asker) for other in others]):
        if not isinstance(answer, DockfleetError):
            return answer
    raise DockfleetError(
        u'Docker\'s key could not be fetched from mirror "%s": %s; and from none of the other %d known mirrors either. Set docker_repo_key to a file of '
        u'the controller that holds it (where it comes from does not matter, its fingerprint proves it). Nothing was changed.'
        % (mirror_name(root), failure.message, len(others)),
        **failure.details
    )


def fetch_key(url, asker):
    """Fetch a key file.

    Returns:
        tuple: The file (bytes) and its URL.
    """
    # One byte more than is allowed, so that a file that is too long is refused for its length.
    answer = asker.download(url, max_bytes=MAX_BYTES + 1)
    if not answer.body.strip():
        raise NetError(u'http', u'an empty file', answer.url, answer.address, answer.seconds)
    return answer.body, answer.url


def choose_vault(base, root, machine, asker):
    """Find a vault that has CentOS 7's own repositories.

    Args:
        base (str): The wished vault, or "auto" for any that has them.
        root (str): The mirror in use; a vault of the same people comes first.
        machine (str): The architecture.
        asker (Asker): Asks.

    Returns:
        str: Its root URL.
    """
    names = vault_order(mirror_name(root), machine)
    if base != 'auto' and base not in names:
        raise DockfleetError(
            u'Where the vault "%s" has CentOS 7 for %s is not known. Set docker_repo_base to one of: %s.' % (base, machine, u', '.join(['auto'] + names)),
            stage='vault',
        )
    answers = dict(zip(names, asker.all([partial(require_vault, vault_root(name, machine), machine, asker) for name in names])))
    healthy = [name for name in names if not isinstance(answers[name], DockfleetError)]
    if base in healthy or base == 'auto' and healthy:
        return vault_root(base if base != 'auto' else healthy[0], machine)
    failed = base if base != 'auto' else names[0]
    hint = u'Healthy from here: %s. Set docker_repo_base to one of them.' % u', '.join(healthy) if healthy else u'Neither can any other vault from here.'
    raise DockfleetError(
        u'The vault "%s" cannot serve CentOS 7 for %s: %s. %s Nothing was changed.' % (failed, machine, answers[failed].message, hint),
        **answers[failed].details
    )


def require_vault(root, machine, asker):
    """Prove that a vault serves what Docker needs of CentOS 7."""
    for repository in NEEDED:
        answer = asker.download(u'%s/%s/%s/repodata/repomd.xml' % (root, repository, machine))
        fault = repomd_fault(answer.body)
        if fault:
            raise NetError(u'http', fault, answer.url, answer.address, answer.seconds)
