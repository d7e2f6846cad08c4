# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prove a public key by its fingerprint, and keep it on the host if wished."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import base64
import binascii
import hashlib
import os
import re
import time

from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._net import download
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import dearmor, prove, read_keys
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_armor import MAX_BYTES, armor
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan
from ansible_collections.dockfleet.host.plugins.module_utils._url import without_secrets

SOURCES = ('src', 'url', 'content')

ARGUMENT_SPEC = {
    'src': {'type': 'path'},
    'url': {'type': 'str'},
    'content': {'type': 'str'},
    'fingerprints': {'type': 'list', 'elements': 'str', 'required': True},
    'path': {'type': 'path'},
    'proxy': {'type': 'str', 'no_log': True},
    'ca_file': {'type': 'path'},
    'timeout': {'type': 'int', 'default': 30},
}
CONSTRAINTS = {'mutually_exclusive': [SOURCES], 'required_one_of': [SOURCES]}
NEEDS = ()

# apt wants a binary keyring in a file of this name and an armored one in any other; rpm and yum want an armored one.
BINARY_SUFFIXES = (u'.gpg', u'.pgp')
# apt reads its keys as a user without rights, so everyone has to be able to.
MODE = '0644'


def look(host, wish):
    """What only the host can tell: the key that it fetched (bytes) and the file that it keeps (bytes and permission bits)."""
    found = {}
    if wish['url']:
        found['fetched'] = _fetch(wish)
    if wish['path']:
        found['kept'] = host.read(wish['path'])
        found['mode'] = (host.status(wish['path']) or {}).get('mode')
    return found


def _fetch(wish):
    try:
        # One byte more than is allowed, so that a file that is too long is refused for its length.
        return download(wish['url'], timeout=wish['timeout'], proxy=wish['proxy'], ca_file=wish['ca_file'], max_bytes=MAX_BYTES + 1).body
    except NetError as error:
        raise DockfleetError(
            u'The key could not be fetched: %s. Set url to another place (where the key comes from does not matter, its fingerprint proves it), '
            u'or give a file of the controller with src.' % error.message,
            **error.details
        )


def plan(look, wish, now=None):
    """Prove the key and compare it with the file that is kept.

    Args:
        look (dict): From look(); on the controller, that of the host, which tells nothing about keys.
        wish (dict): The module's parameters, with content in place of src.
        now (number): Seconds since the epoch; None for the time it is.
    """
    path = to_text(wish['path']) if wish['path'] else None
    if wish['url'] and 'fetched' not in look or path and 'kept' not in look:
        raise NotInLook()
    if path and not os.path.isabs(path):
        raise DockfleetError(u'path "%s" is not absolute. Write it from the root, such as /etc/apt/keyrings/docker.asc.' % path, stage='path')
    if wish['src']:
        raise DockfleetError(u'src is a file of the controller, which only the action plugin dockfleet.host.openpgp_key can read.', stage='src')
    source = without_secrets(wish['url']) if wish['url'] else u'The key'
    data = look['fetched'] if wish['url'] else decode_content(wish['content'])
    keys = prove(data, wish['fingerprints'], source, time.time() if now is None else now)
    result = {'primary_keys': keys, 'path': path}
    if not path:
        return Plan(result=result)
    wanted = as_kept(data, path)
    before, after = _shown(path, look['kept'], look['mode']), _shown(path, wanted, MODE)
    return Plan([{'path': path, 'content': wanted}] if before != after else [], before, after, result)


def apply(host, plan, wish):
    for step in plan.steps:
        try:
            host.make_folder(os.path.dirname(step['path']))
            host.write(step['path'], step['content'], mode=int(MODE, 8))
        except DockfleetError as error:
            if os.geteuid() == 0:
                raise
            raise DockfleetError(
                u'%s The module runs as uid %d: set "become: true" on the task.' % (error.message, os.geteuid()), **error.details
            )


def decode_content(content):
    """The bytes of a key that was given as text: the armored key itself, or base64 of any key file."""
    text = to_bytes(content)
    bare = re.sub(br'\s', b'', text)
    if len(bare) % 4 or not re.match(br'[A-Za-z0-9+/]+={0,2}$', bare):
        return text
    return binascii.a2b_base64(bare)


def encode_content(data):
    """The opposite of decode_content(), for any bytes."""
    return to_text(base64.b64encode(data))


def as_kept(data, path):
    """A key file (bytes) as it is kept at a path.

    It is made anew out of the packets that were read, so that nothing gets to the host that was not looked at, and in the form that
    apt and rpm want at this path.
    """
    packets = dearmor(data)
    return packets if to_text(path).endswith(BINARY_SUFFIXES) else armor(packets)


def _shown(path, content, mode):
    """A key file in a diff."""
    if content is None:
        return {'path': path, 'state': u'absent'}
    try:
        keys = [key['fingerprint'] for key in read_keys(content)]
    except DockfleetError:
        keys = []
    return {'path': path, 'keys': keys, 'mode': mode, 'sha256': to_text(hashlib.sha256(content).hexdigest())}
