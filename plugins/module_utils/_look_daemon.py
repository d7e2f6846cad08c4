# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "daemon": daemon.json as it lies there, what we once put into it, and what the running daemon says of itself."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import re
import socket
import time

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._json_text import read_json

try:
    from urllib.parse import quote
except ImportError:  # Python 2.7
    from urllib import quote

DEFAULT_PATH = '/etc/docker/daemon.json'
DEFAULT_DATA_ROOT = '/var/lib/docker'

# What the collection remembers between runs: for each daemon.json the keys that are ours, and an action that is still owed.
MEMORY = '/var/lib/dockfleet/daemon_json.json'

PID_FILE = '/run/docker.pid'
SOCKET = '/run/docker.sock'
# Seconds; a daemon that is busy starting hundreds of containers answers late.
ANSWER_TIMEOUT = 30

# Keys that name files with certificates.
TLS_KEYS = ('tlscacert', 'tlscert', 'tlskey')

SECRET_NAME = re.compile(r'(token|password|passwd|secret|credential)', re.I)
SECRET_URL = re.compile(r'://[^/@]*@')

# The fields of GET /info that are compared with a wish or shown.
INFO_FIELDS = (
    'CgroupDriver',
    'CgroupVersion',
    'Containers',
    'ContainersRunning',
    'Debug',
    'DefaultRuntime',
    'DockerRootDir',
    'Driver',
    'DriverStatus',
    'ExperimentalBuild',
    'Images',
    'Labels',
    'LiveRestoreEnabled',
    'LoggingDriver',
    'SecurityOptions',
    'ServerVersion',
)


def look(host, wish):
    """Return the section.

    Returns:
        dict: path; exists; mode; options (dict, secrets concealed; None where the file is broken); problem and notes as read_json()
            gives them; ours (list of key paths); owed ("none", "reload" or "restart"); holds_data (bool); running (bool); info (dict,
            None where no daemon runs); tls_files (dict: path to whether it is there).
    """
    path = to_text(wish.get('path') or DEFAULT_PATH)
    data = host.read(path)
    options, problem, notes = read_json(data or b'')
    status = host.status(path)
    memory = read_memory(host).get(path) or {}
    running = daemon_identity(host)
    info = ask_daemon('/info') if running else None
    data_root = (options or {}).get('data-root') or DEFAULT_DATA_ROOT
    return {
        'path': path,
        'exists': data is not None,
        'mode': status['mode'] if status else None,
        'options': None if options is None else conceal_options(options, host.conceal),
        'problem': problem,
        'notes': notes if data else [],
        'ours': memory.get('ours', []),
        # A daemon that was started anew has read the file anyway.
        'owed': memory.get('owed', 'none') if running and memory.get('daemon') == running else 'none',
        'holds_data': holds_data(data_root) or bool(info and (info.get('Images') or info.get('Containers'))),
        'running': bool(running),
        'info': info and excerpt(info),
        'tls_files': tls_files(host, [options or {}, wish.get('options') or {}]),
    }


def tls_files(host, several):
    """Which of the certificate files that these options name are there, by path."""
    paths = [options.get(key) for options in several for key in TLS_KEYS]
    return dict((to_text(path), host.status(path) is not None) for path in paths if path and isinstance(path, (bytes, type(u''))))


def read_memory(host):
    """What the collection remembers, by the path of the daemon.json; {} where there is nothing, or nothing that can be read."""
    try:
        memory = json.loads(host.read_text(MEMORY) or '{}')
    except ValueError:
        return {}
    return dict((path, entry) for path, entry in memory.items() if isinstance(entry, dict)) if isinstance(memory, dict) else {}


def conceal_options(options, conceal):
    """Options with their secrets replaced: passwords in addresses, and values whose name says that they are one.

    Args:
        options (dict): Any part of daemon.json.
        conceal (callable): Makes of a secret (str) what stands for it.
    """
    concealed = options.__class__()
    for name, value in options.items():
        if isinstance(value, dict):
            value = conceal_options(value, conceal)
        elif isinstance(value, list):
            value = [conceal_text(name, each, conceal) for each in value]
        concealed[name] = conceal_text(name, value, conceal)
    return concealed


def conceal_text(name, value, conceal):
    """A value with the key it stands under, concealed where it is a secret."""
    return conceal(value) if isinstance(value, type(u'')) and (SECRET_NAME.search(name) or SECRET_URL.search(value)) else value


def has_secrets(options):
    """Whether anything in these options has to be kept from other users."""
    return conceal_options(options, lambda secret: None) != options


def holds_data(data_root):
    """Whether images, containers or volumes lie under a data-root. A daemon that merely ran once leaves only empty folders."""
    contents = [os.path.join(data_root, 'containers')]
    contents += [os.path.join(data_root, 'image', driver, 'imagedb/content/sha256') for driver in entries(os.path.join(data_root, 'image'))]
    return any(entries(folder) for folder in contents) or bool(
        set(entries(os.path.join(data_root, 'volumes'))) - set(['backingFsBlockDev', 'metadata.db'])
    )


def entries(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []


def daemon_identity(host):
    """A text that is the same as long as one dockerd runs; "" where none does.

    Its socket is no proof: systemd listens there too, and asking would start the daemon.
    """
    pid = (host.read_text(PID_FILE) or '').strip()
    if not pid.isdigit() or (host.read_text('/proc/%s/comm' % pid) or '').strip() != 'dockerd':
        return ''
    # After the name in brackets, the 20th field is the time of its start (proc_pid_stat(5)).
    return '%s-%s' % (pid, host.read_text('/proc/%s/stat' % pid).rpartition(')')[2].split()[19])


def ask_daemon(path):
    """The answer (dict) to GET a path of the Engine API; None where there is none."""
    body = get(path)
    return None if body is None else json.loads(body)


def reloads_since(since):
    """How often the daemon has taken up its file anew since a time (seconds since 1970); it reports only reloads that succeeded."""
    filters = json.dumps({'type': ['daemon'], 'event': ['reload']})
    body = get('/events?since=%.6f&until=%.6f&filters=%s' % (since, time.time(), quote(filters)))
    return len((body or '').splitlines())


def get(path):
    """GET a path of the Engine API over its socket; None where there is no answer.

    HTTP 1.0, so that the answer comes in one piece and ends with the connection. The command "docker info" would first run every plugin
    of the client to ask its version.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(ANSWER_TIMEOUT)
    try:
        connection.connect(SOCKET)
        status, body = exchange(connection, path)
    except (IOError, OSError):
        return None
    finally:
        connection.close()
    return to_text(body) if status == 200 else None


def exchange(connection, path):
    """GET a path of the Engine API over a connection.

    Returns:
        tuple: HTTP status (int, 0 where the answer is no HTTP) and body (bytes).
    """
    connection.sendall(('GET %s HTTP/1.0\r\nHost: docker\r\n\r\n' % path).encode('ascii'))
    parts = []
    while True:
        part = connection.recv(65536)
        if not part:
            break
        parts.append(part)
    head, dummy, body = b''.join(parts).partition(b'\r\n\r\n')
    status = re.match(br'HTTP/1\.[01] (\d{3}) ', head)
    return int(status.group(1)) if status else 0, body


def excerpt(info):
    """The fields of an answer to GET /info that the collection uses."""
    found = dict((name, info[name]) for name in INFO_FIELDS if name in info)
    registries = info.get('RegistryConfig') or {}
    found['Mirrors'] = registries.get('Mirrors') or []
    found['InsecureRegistries'] = list(registries.get('InsecureRegistryCIDRs') or [])
    found['InsecureRegistries'] += [
        name for name, entry in sorted((registries.get('IndexConfigs') or {}).items()) if entry and not entry.get('Secure', True)
    ]
    return found
