# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running daemon against the options in daemon.json, and how it is made to take them up."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import time

from ansible_collections.dockfleet.host.plugins.module_utils._engine_service import SOCKET, UNIT, last_words, reset_failed
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look_daemon import ask_daemon, excerpt, reloads_since

# Seconds that a daemon may take to say that it has reloaded.
RELOAD_SECONDS = 30

# How the daemon's journal says that it keeps its old settings (daemon/config/config.go, Reload; cmd/dockerd/daemon.go, reloadConfig).
RELOAD_REFUSED = ('Error reconfiguring the daemon', 'unable to configure the Docker daemon', 'file configuration validation failed')

# Key of daemon.json: the field of the look at GET /info that shows what the daemon made of it.
SHOWN_BY = {
    'data-root': 'DockerRootDir',
    'debug': 'Debug',
    'default-runtime': 'DefaultRuntime',
    'experimental': 'ExperimentalBuild',
    'insecure-registries': 'InsecureRegistries',
    'labels': 'Labels',
    'live-restore': 'LiveRestoreEnabled',
    'log-driver': 'LoggingDriver',
    'registry-mirrors': 'Mirrors',
    'storage-driver': 'Driver',
}


def differences(options, info):
    """Where the running daemon differs from options, as far as it shows them.

    Args:
        options (dict): Options of daemon.json, in the types of their keys.
        info (dict): The field "info" of the look's section daemon.

    Returns:
        list of tuple: Key, its value in the options, and what the daemon shows.
    """
    return [
        (key, options[key], info.get(SHOWN_BY[key]))
        for key in sorted(set(options) & set(SHOWN_BY))
        if options[key] is not None and not same(key, options[key], info.get(SHOWN_BY[key]))
    ]


def same(key, wished, running):
    """Whether what the daemon shows is what the option says; it spells some things in its own way."""
    if key == 'registry-mirrors':
        return [url.rstrip('/') for url in running or []] == [url.rstrip('/') for url in wished]
    if key == 'insecure-registries':
        return set(entry.partition('://')[2] or entry for entry in wished) <= set(running or [])
    if key == 'labels':
        return sorted(set(wished)) == sorted(running or [])
    # The containerd image store calls overlay2 by its snapshotter's name (engine 29's default).
    return wished == running or (key == 'storage-driver' and (wished, running) == ('overlay2', 'overlayfs'))


def reload_daemon(host):
    """Reload, and wait for the daemon to report it: a reload that it refuses ends in its journal, and systemctl knows nothing of it."""
    mark, since = journal_mark(host), time.time()
    code, out, err = host.run(['systemctl', 'reload', UNIT])
    if code:
        raise DockfleetError('"systemctl reload %s" failed: %s.' % (UNIT, (err or out).strip().rstrip('.')), stage='reload')
    deadline = since + RELOAD_SECONDS
    while not reloads_since(since):
        if time.time() > deadline or any(words in log_since(host, mark) for words in RELOAD_REFUSED):
            raise failure(host, mark, 'It did not reload', 'reload')
        time.sleep(0.1)


def restart_daemon(host):
    """Restart, and have the daemon answer."""
    mark = journal_mark(host)
    # What was checked is the unit as it lies on the disk, which is not yet what systemd knows where somebody changed it without a word.
    reload_units(host)
    reset_failed(host)
    code = host.run(['systemctl', 'restart', UNIT])[0]
    # The unit counts as started when dockerd says that it is ready (Type=notify); the API has to answer as well.
    if code or ask_daemon('/info') is None:
        raise failure(host, mark, 'It does not start', 'restart')


def reload_units(host):
    """Let systemd read its units anew."""
    code, out, err = host.run(['systemctl', 'daemon-reload'])
    if code:
        raise DockfleetError('"systemctl daemon-reload" failed: %s.' % (err or out).strip().rstrip('.'), stage='service')


def read_back(host, options):
    """Compare the running daemon with the options that it was given."""
    info = ask_daemon('/info')
    found = differences(options, excerpt(info)) if info else []
    # The daemon shows the folder that a symbolic link leads to.
    found = [each for each in found if each[0] != 'data-root' or os.path.realpath(each[1]) != each[2]]
    if found:
        raise DockfleetError(
            u'daemon.json is as wished and the daemon runs, but it shows something else: %s. See "journalctl -u docker" on the host for why.'
            % u'; '.join(u'%s: wished %s, found %s' % (key, json.dumps(wished), json.dumps(shown)) for key, wished, shown in found),
            stage='compare',
        )


def journal_mark(host):
    """Where the journal ends now; "" on a host without one."""
    out = host.run(['journalctl', '--lines', '1', '--show-cursor', '--quiet', '--output', 'cat'])[1]
    cursor = out.rpartition('-- cursor: ')[2] if '-- cursor: ' in out else ''
    return cursor.strip()


def log_since(host, mark):
    """What the daemon wrote since the mark, and systemd about its socket."""
    since = ['--after-cursor', mark] if mark else ['--lines', '40']
    return host.run(['journalctl', '--unit', UNIT, '--unit', SOCKET, '--no-pager', '--output', 'cat'] + since)[1]


def failure(host, mark, what, stage):
    """The error that carries the daemon's own words."""
    log = log_since(host, mark)
    words = last_words(log).rstrip('.') or 'none; see "journalctl -u docker" on the host'
    return DockfleetError('%s; its last words: %s.' % (what, words), stage=stage, log=log.splitlines()[-40:])
