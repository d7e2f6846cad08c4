# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "client": the version of the docker client. To start it costs as much as half of the look, so its answer is kept."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import re

from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

# The file that was asked, as identity() has it, and its answer. A look only reads this.
MEMORY = '/var/lib/dockfleet/docker_client.json'
ELF = b'\x7fELF'


def look(host, wish):
    """Return {version: str, such as "26.1.5", "" where there is no client; file: see identity()}."""
    path = host.which('docker')
    file = identity(path) if path else None
    memory = recall(host) if file else {}
    if memory.get('file') == file and memory.get('version'):
        return {'version': to_text(memory['version']), 'file': file}
    return {'version': ask(host) if path else u'', 'file': file}


def identity(path):
    """A text that is another one as soon as the program at this path is; None for a script, which may start any other program, or what cannot be read.

    The time is that of the last change of the file's status: no package manager and no "touch" sets it back.
    """
    try:
        with open(to_bytes(path), 'rb') as stream:
            if stream.read(len(ELF)) != ELF:
                return None
            status = os.fstat(stream.fileno())
    except (IOError, OSError):
        return None
    return u'%s %d %d %.6f' % (to_text(path), status.st_ino, status.st_size, status.st_ctime)


def ask(host):
    """The version as the client says it."""
    match = re.match(r'Docker version ([^,\s]+)', host.run(['docker', '--version'])[1])
    return match.group(1) if match else u''


def recall(host):
    """What is remembered; {} where there is nothing, or nothing that can be read."""
    try:
        memory = json.loads(host.read_text(MEMORY) or '{}')
    except ValueError:
        return {}
    return memory if isinstance(memory, dict) else {}


def remember(host, client):
    """Write down what the client (dict, as look() returns it) has said; a module that may change the host calls it."""
    if client['file'] and client['version'] and recall(host) != client:
        try:
            host.make_folder(os.path.dirname(MEMORY), 0o700)
            host.write(MEMORY, to_bytes(json.dumps(client, sort_keys=True)) + b'\n', mode=0o600)
        except DockfleetError:
            # Without it the next look takes a moment longer, and that is all.
            pass
