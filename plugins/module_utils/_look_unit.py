# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "unit": how docker.service starts the daemon, as it lies on the disk, and the files that we put beside daemon.json."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_files import MANAGED
from ansible_collections.dockfleet.host.plugins.module_utils._docker_unit import assignments, file_assignments, service_lines, variables_in
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import SECRET_URL

# Where systemd looks, the first having its way over files of the same name (systemd.unit(5)).
FOLDERS = ('/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system')
UNIT = 'docker.service'


def look(host, wish):
    """Return the section.

    Returns:
        dict: exec_start (list of [path, command], in the order in which systemd reads them; an empty command takes back those before it),
            variables (those that the commands take in, with their values), files (dict: path to {content, mode} of our further files that are
            there). Contents are concealed, and so is what holds credentials.
    """
    exec_start, variables = [], {}
    for path in unit_files(host):
        for name, value in service_lines(host.read_text(path) or u''):
            if name == u'ExecStart':
                exec_start.append([path, conceal_secret(host, value)])
            elif name == u'Environment':
                variables = dict(variables, **assignments(value)) if value else {}
            elif name == u'EnvironmentFile' and value:
                variables.update(file_assignments(host.read_text(value.lstrip(u'-')) or u''))
    used = set(name for dummy, command in exec_start for name in variables_in(command))
    return {
        'exec_start': exec_start,
        'variables': dict((name, conceal_secret(host, variables[name])) for name in sorted(used & set(variables))),
        'files': dict((path, managed_file(host, path)) for path in sorted(MANAGED) if host.status(path)),
    }


def unit_files(host):
    """The unit and its drop-ins, in the order in which systemd reads them."""
    units = [path for path in (os.path.join(folder, UNIT) for folder in FOLDERS) if host.status(path)]
    drop_ins = {}
    for folder in reversed(FOLDERS):
        for kind in ('service.d', UNIT + '.d'):
            for path in host.list_folder(os.path.join(folder, kind), '.conf'):
                drop_ins[os.path.basename(path)] = path
    return units[:1] + [drop_ins[name] for name in sorted(drop_ins)]


def conceal_secret(host, text):
    return host.conceal(text) if SECRET_URL.search(text) else text


def managed_file(host, path):
    return {'content': host.conceal(to_text(host.read(path) or b'', errors='surrogate_or_replace')), 'mode': host.status(path)['mode']}
