# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.dockfleet.host.plugins.module_utils import _openpgp_key
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import dearmor
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_armor import armor
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_key import as_kept, decode_content, encode_content, plan
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook
from ansible_collections.dockfleet.host.tests.unit.openpgp import EXPECTED, content

NOW = 1720000000
FINGERPRINT = EXPECTED['rsa.asc'][0]['fingerprint']
ARMORED = content('rsa.asc')
BINARY = dearmor(ARMORED)


def wish(**given):
    given.setdefault('fingerprints', [FINGERPRINT])
    checked = ArgumentSpecValidator(_openpgp_key.ARGUMENT_SPEC, **_openpgp_key.CONSTRAINTS).validate(given)
    assert not checked.error_messages
    return checked.validated_parameters


@pytest.mark.parametrize(
    'given',
    [
        {'content': ARMORED.decode('ascii')},
        {'content': ARMORED},
        {'content': encode_content(ARMORED)},
        {'content': encode_content(BINARY)},
        {'content': u'Zoës Schlüssel:\n' + ARMORED.decode('ascii')},
        {'content': (u'Zoës Schlüssel:\n' + ARMORED.decode('ascii')).encode('utf-8')},
    ],
)
def test_a_key_is_only_proven_where_no_path_is_given(given):
    made = plan({}, wish(**given), NOW)
    assert not made.changed
    assert [key['fingerprint'] for key in made.result['primary_keys']] == [FINGERPRINT]
    assert made.result['path'] is None


@pytest.mark.parametrize(
    'path, kept, mode, changed',
    [
        ('/k/docker.asc', None, None, True),
        ('/k/docker.asc', ARMORED, '0644', False),
        ('/k/docker.asc', ARMORED, '0600', True),
        ('/k/docker.asc', BINARY, '0644', True),
        ('/k/docker.asc', ARMORED + b'\n', '0644', True),
        ('/k/docker.asc', b'', '0644', True),
        ('/k/docker.asc', content('two-keys.asc'), '0644', True),
        ('/k/docker.gpg', BINARY, '0644', False),
        ('/k/docker.gpg', ARMORED, '0644', True),
        ('/k/RPM-GPG-KEY-docker', ARMORED, '0644', False),
        (u'/k/schlüssel.asc', ARMORED, '0644', False),
        (u'/k/schlüssel.gpg'.encode('utf-8'), BINARY, '0644', False),
    ],
)
def test_the_kept_file_is_compared_byte_by_byte(path, kept, mode, changed):
    for text in (ARMORED, encode_content(BINARY)):
        made = plan({'kept': kept, 'mode': mode}, wish(content=text, path=path), NOW)
        assert made.changed == changed
        assert (made.before != made.after) == changed
        assert made.after['mode'] == '0644'
        assert made.after['keys'] == [FINGERPRINT]
        if changed:
            assert made.steps == [{'path': made.result['path'], 'content': as_kept(ARMORED, path)}]


def test_only_what_was_read_is_kept():
    surrounded = b'text above\n' + ARMORED.replace(b'\n\n', b'\nComment: hello\n\n', 1).replace(b'\n', b'\r\n') + b'text below\n'
    assert as_kept(surrounded, '/k/docker.asc') == armor(BINARY) == ARMORED
    assert as_kept(surrounded, '/k/docker.gpg') == BINARY


def test_the_key_that_the_host_fetched():
    made = plan({'fetched': ARMORED, 'kept': None, 'mode': None}, wish(url='https://mirror.example/gpg', path='/k/docker.asc'), NOW)
    assert made.steps == [{'path': '/k/docker.asc', 'content': ARMORED}]
    assert made.before == {'path': '/k/docker.asc', 'state': 'absent'}


@pytest.mark.parametrize('given', [{'url': 'https://mirror.example/gpg'}, {'content': ARMORED, 'path': '/k/docker.asc'}])
def test_the_look_of_the_controller_does_not_tell_what_only_the_host_knows(given):
    with pytest.raises(NotInLook):
        plan({'system': {}}, wish(**given), NOW)


@pytest.mark.parametrize(
    'given, look, words',
    [
        ({'content': 'hello'}, {}, u'The key cannot be used as a key: it holds neither'),
        ({'content': ''}, {}, u'it is empty'),
        ({'content': encode_content(BINARY)[:-5]}, {}, u'The key cannot be used as a key'),
        ({'content': encode_content(content('two-keys.asc'))}, {}, u'does not hold exactly the expected keys'),
        ({'content': ARMORED, 'fingerprints': []}, {}, u'never trusted without'),
        ({'content': ARMORED, 'fingerprints': [FINGERPRINT[-16:]]}, {}, u'short key id'),
        ({'content': ARMORED, 'path': u'schlüssel.asc'}, {'kept': None, 'mode': None}, u'path "schlüssel.asc" is not absolute'),
        ({'url': 'https://mirror.example/gpg?token=secret'}, {'fetched': b'<html>'}, u'https://mirror.example/gpg'),
        ({'src': 'docker.asc'}, {}, u'only the action plugin'),
    ],
)
def test_refusals(given, look, words):
    with pytest.raises(DockfleetError) as refusal:
        plan(look, wish(**given), NOW)
    assert words in refusal.value.message
    assert 'secret' not in refusal.value.message


@pytest.mark.parametrize(
    'text, data',
    [
        (u'aGVsbG8=', b'hello'),
        (u'aGVs\nbG8=\n', b'hello'),
        (u'aGVsbG8', b'aGVsbG8'),
        (ARMORED.decode('ascii'), ARMORED),
        (u'schlüssel', u'schlüssel'.encode('utf-8')),
        (u'', b''),
    ],
)
def test_content_is_text_or_base64(text, data):
    assert decode_content(text) == data
    assert decode_content(encode_content(data)) == data
