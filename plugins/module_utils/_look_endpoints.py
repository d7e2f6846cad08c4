# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "endpoints": where the running daemon is to answer, and whether it does."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import re
import socket
import ssl

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._json_text import read_json
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import DEFAULT_PATH, PID_FILE, SOCKET, daemon_identity, exchange

DEFAULT = 'unix:///var/run/docker.sock'
# Seconds; all endpoints are on this host.
TIMEOUT = 10

# How TLS 1.2 says in the handshake that a client without a certificate is turned away.
TURNED_AWAY = re.compile(r'certificate[ _]required|bad[ _]certificate|handshake[ _]failure', re.I)


def look(host, wish):
    """Return the section.

    Returns:
        list of dict: endpoint (str), fault (str; "" where the API answers, or turns a client without a certificate away). Empty where no daemon runs.
    """
    if not daemon_identity(host):
        return []
    command = (host.read_text('/proc/%s/cmdline' % host.read_text(PID_FILE).strip()) or u'').split(u'\0')
    options = dict(read_json(host.read(to_text(wish.get('path') or DEFAULT_PATH)) or b'')[0] or {}, **(wish.get('options') or {}))
    with_tls = any(options.get(key) for key in ('tls', 'tlsverify')) or any(re.match(r'--tls(verify)?(=true)?$', word) for word in command)
    return [{'endpoint': endpoint, 'fault': ask(endpoint, with_tls)} for endpoint in endpoints_of(command, options)]


def endpoints_of(command, options):
    """The endpoints that a daemon is told of.

    Args:
        command (list of str): The words of its command line.
        options (dict): What daemon.json holds, or is to hold.

    Returns:
        list of str: As Docker writes them, in order.
    """
    found = []
    for index, word in enumerate(command):
        flag = re.match(r'(?:-H|--host)(?:=(.+))?$|-H(.+)$', word)
        if flag:
            found.append(flag.group(1) or flag.group(2) or u''.join(command[index + 1:index + 2]))
    hosts = options.get('hosts')
    found += [to_text(each) for each in hosts] if isinstance(hosts, list) else []
    return [each for index, each in enumerate(found) if each not in found[:index]] or [to_text(DEFAULT)]


def ask(endpoint, with_tls):
    """Why the API does not answer at an endpoint; "" where it does."""
    scheme, dummy, rest = endpoint.partition('://')
    if scheme in ('unix', 'fd'):
        # systemd listens at the usual path for the daemon that is given "fd://".
        family, place = socket.AF_UNIX, rest if scheme == 'unix' and rest else SOCKET
    elif scheme == 'tcp':
        family, place = address_of(rest, with_tls)
    else:
        return u'its scheme is unknown'
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.settimeout(TIMEOUT)
    try:
        connection.connect(place)
        if scheme == 'tcp' and with_tls:
            connection = probing_context().wrap_socket(connection)
        status, body = exchange(connection, '/_ping')
        return u'' if status == 200 and body.strip() == b'OK' else u'it answers, but not as the API of an engine (status %s)' % status
    except ssl.SSLError as error:
        return u'' if TURNED_AWAY.search(str(error)) else u'TLS fails: %s' % to_text(str(error))
    except (IOError, OSError) as error:
        return to_text(os.strerror(error.errno)).lower() if error.errno else u'no answer within %d s' % TIMEOUT
    finally:
        connection.close()


def address_of(rest, with_tls):
    """Family and address to reach "0.0.0.0:2376" at, from this host."""
    name, colon, port = rest.rstrip('/').rpartition(':') if re.search(r':\d+/?$', rest) else (rest.rstrip('/'), '', '')
    name = name.strip('[]')
    name = {'': '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1'}.get(name, name)
    return (socket.AF_INET6 if ':' in name else socket.AF_INET), (name, int(port or (2376 if with_tls else 2375)))


def probing_context():
    """For the question whether somebody answers, in which no secret is sent: whose certificate it is matters to clients, who know the authority."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # In TLS 1.3 a client without a certificate is turned away after the handshake, and the alert may be lost to what it has sent meanwhile.
    if hasattr(ssl, 'TLSVersion'):
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    else:
        context.options |= getattr(ssl, 'OP_NO_TLSv1_3', 0)
    return context
