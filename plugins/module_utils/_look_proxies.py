# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "proxies": the three proxies of a Docker host, each with a setting of its own, that people take for one."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._docker_unit import assignments, service_lines
from ansible_collections.dockfleet.host.plugins.module_utils._look_unit import unit_files
from ansible_collections.dockfleet.host.plugins.module_utils._url import without_secrets

# [main] of yum's and dnf's configuration, and the files of repositories; apt's own configuration.
RPM_FILES = ('/etc/yum.conf', '/etc/dnf/dnf.conf')
RPM_FOLDER, APT_FILE, APT_FOLDER = '/etc/yum.repos.d', '/etc/apt/apt.conf', '/etc/apt/apt.conf.d'
CLIENT_FILE = '/root/.docker/config.json'

RPM_PROXY = re.compile(u'^proxy[ \t]*=[ \t]*(\\S+)', re.M)
APT_PROXY = re.compile(u'^[^#/\n]*Acquire::https?::Proxy(?:::\\S+)?\\s+"([^"]+)"', re.M | re.I)


def look(host, wish):
    """Return the section.

    Returns:
        dict: package_manager, daemon (what its unit says) and containers, each {proxy, path}: a URL without credentials and the file that
            says so, "" where nothing does.
    """
    rpm = [(path, RPM_PROXY) for path in list(RPM_FILES) + host.list_folder(RPM_FOLDER, '.repo')]
    apt = [(path, APT_PROXY) for path in [APT_FILE] + host.list_folder(APT_FOLDER)]
    return {
        'package_manager': first((path, match.group(1)) for path, pattern in rpm + apt for match in pattern.finditer(host.read_text(path) or u'')),
        'daemon': first((path, value) for path in reversed(unit_files(host)) for value in proxies_of_unit(host.read_text(path) or u'')),
        'containers': first((CLIENT_FILE, value) for value in proxies_of_client(host.read_text(CLIENT_FILE))),
    }


def first(found):
    for path, proxy in found:
        if proxy and proxy != u'_none_':
            return {'proxy': without_secrets(proxy), 'path': path}
    return {'proxy': u'', 'path': u''}


def proxies_of_unit(text):
    variables = {}
    for name, value in service_lines(text):
        if name == u'Environment':
            variables.update(assignments(value))
    return [variables[name].replace(u'%%', u'%') for name in (u'HTTPS_PROXY', u'https_proxy', u'HTTP_PROXY', u'http_proxy') if name in variables]


def proxies_of_client(text):
    """Those that the docker client gives to the containers that it starts; whatever else the file is, it is not ours to judge."""
    try:
        settings = json.loads(text or u'{}')['proxies']['default']
        return [to_text(settings[name]) for name in ('httpsProxy', 'httpProxy') if name in settings]
    except (ValueError, KeyError, TypeError):
        return []
