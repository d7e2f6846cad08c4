# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Image references, read as Docker reads them: "hello-world" is docker.io/library/hello-world:latest."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
from collections import namedtuple

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

HUB = u'docker.io'
_HUB_NAMES = (u'docker.io', u'index.docker.io', u'registry-1.docker.io')

# registry: host[:port]; reference: a tag or a digest.
Image = namedtuple('Image', ('registry', 'repository', 'reference'))

_COMPONENT = re.compile(r'^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$')
_TAG = re.compile(r'^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$')
_DIGEST = re.compile(r'^[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,}$')
_REGISTRY = re.compile(r'^([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]+)?$')


def parse_image(text):
    """Read an image reference.

    Args:
        text (str): Such as 'hello-world', 'team/app:1', 'registry.example:5000/app@sha256:...'.

    Returns:
        Image: With everything filled in that Docker would.

    Raises:
        DockfleetError: Docker would not take it.
    """
    text = to_text(text).strip()
    rest, at_sign, digest = text.partition(u'@')
    registry, slash, path = rest.partition(u'/')
    if not slash or not (re.search(u'[.:]', registry) or registry == u'localhost'):
        registry, path = HUB, rest
    repository, colon, tag = path.partition(u':')
    bad = [part for part in repository.split(u'/') if not _COMPONENT.match(part)]
    why = None
    if u'://' in text:
        why = u'it is a URL. Leave out what is before the registry\'s host'
    elif not _REGISTRY.match(registry):
        why = u'"%s" is no host of a registry' % registry
    elif bad and repository.lower() != repository:
        why = u'names of repositories have no capital letters'
    elif bad:
        why = u'"%s" cannot be part of a repository\'s name' % bad[0]
    elif colon and not _TAG.match(tag):
        why = u'"%s" is no tag' % tag
    elif at_sign and not _DIGEST.match(digest):
        why = u'"%s" is no digest' % digest
    if why:
        raise DockfleetError(u'"%s" is no image reference: %s.' % (text, why), stage='image')
    if registry in _HUB_NAMES:
        registry = HUB
        repository = repository if u'/' in repository else u'library/' + repository
    return Image(registry, repository, digest or tag or u'latest')


def image_name(image):
    """An image as it is written in results: library/hello-world:latest, registry.example/app:1; without docker.io."""
    separator = u'@' if u':' in image.reference else u':'
    name = u'%s%s%s' % (image.repository, separator, image.reference)
    return name if image.registry == HUB else u'%s/%s' % (image.registry, name)


def is_hub(host):
    """Whether a registry's host is Docker Hub itself."""
    return host in _HUB_NAMES
