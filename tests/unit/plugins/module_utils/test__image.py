# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._image import image_name, is_hub, parse_image

DIGEST = u'sha256:' + 64 * u'a'


@pytest.mark.parametrize('text, image, name', [
    ('hello-world', (u'docker.io', u'library/hello-world', u'latest'), u'library/hello-world:latest'),
    (' alpine:3.20 ', (u'docker.io', u'library/alpine', u'3.20'), u'library/alpine:3.20'),
    ('library/alpine', (u'docker.io', u'library/alpine', u'latest'), u'library/alpine:latest'),
    ('docker.io/alpine', (u'docker.io', u'library/alpine', u'latest'), u'library/alpine:latest'),
    ('index.docker.io/team/app:1', (u'docker.io', u'team/app', u'1'), u'team/app:1'),
    ('localhost/app', (u'localhost', u'app', u'latest'), u'localhost/app:latest'),
    ('r.example:5000/a/b-c__d.e:V1', (u'r.example:5000', u'a/b-c__d.e', u'V1'), u'r.example:5000/a/b-c__d.e:V1'),
    ('r.example/app@' + DIGEST, (u'r.example', u'app', DIGEST), u'r.example/app@' + DIGEST),
    ('app:1@' + DIGEST, (u'docker.io', u'library/app', DIGEST), u'library/app@' + DIGEST),
    ('[2001:db8::1]:5000/app', (u'[2001:db8::1]:5000', u'app', u'latest'), u'[2001:db8::1]:5000/app:latest'),
])  # fmt: skip
def test_parse_image(text, image, name):
    assert parse_image(text) == image
    assert image_name(parse_image(text)) == name


@pytest.mark.parametrize('text, why', [
    ('', u'"" cannot be part of'),
    ('https://r.example/app', u'it is a URL'),
    ('Team/app', u'no capital letters'),
    ('-app', u'"-app" cannot be part of'),
    ('a//b', u'"" cannot be part of'),
    ('app:', u'"" is no tag'),
    ('app:a b', u'"a b" is no tag'),
    ('app:1:2', u'"1:2" is no tag'),
    ('app@sha256:12', u'"sha256:12" is no digest'),
    ('r_x.example/app', u'"r_x.example" is no host'),
    (u'caf\u00e9', u'cannot be part of'),
])  # fmt: skip
def test_no_image(text, why):
    with pytest.raises(DockfleetError) as caught:
        parse_image(text)
    assert caught.value.message.startswith(u'"%s" is no image reference: ' % text) and why in caught.value.message


def test_is_hub():
    assert [is_hub(host) for host in (u'docker.io', u'registry-1.docker.io', u'auth.docker.io', u'm.example')] == [True, True, False, False]
