# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all package managers have in common here: they are driven by their command lines, rehearse before they act, and wait for locks."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
import time

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

# How long another process may hold the package manager's lock, in seconds, and how often we look.
LOCK_PATIENCE = 120
LOCK_PAUSE = 3

# Lines of a failed run that say why; the rest is progress, advice and tables.
TELLING = re.compile(
    r'^(?:E:|W: Failed|Error|error:|failure:|Problem|Public key|GPG|No package|Unable to (?!detect release)|Failed|Cannot|Could not|\[MIRROR\])'
    r'|\[Errno|Curl error|curl#|Status code|Cannot download|nothing provides|conflicts|Requires:|requires|Depends:|Conflicts:|held|unmet'
    r'|dpkg: error|scriptlet|is not (?:installed|signed|available)|No space'
)
TELLING_LINES = 4
# Downloads are tried again and again, and one trial tells enough.
TRIAL = re.compile(r'\[MIRROR\]|[EW]: Failed to fetch')

# How a failed download shows.
DOWNLOAD = re.compile(r'(?i)Errno 14|Errno 256|Curl error|Failed to fetch|Cannot download|Error downloading|Usable URL|download metadata')
OTHER_MIRROR = ' Docker\'s repository is the one of docker_repo_mirror; "auto" takes one that works from here.'

# How a full disk shows.
NO_ROOM = re.compile(r'(?i)No space left|Failed writing received data to disk|enough (?:free )?space|more space|insufficient space|Disk quota exceeded')
MAKE_ROOM = ' There is no space left on a disk of this host, "df -h" shows which. Make room there, and run again.'


class PackageManager(object):
    """One package manager, by its command line.

    Args:
        host (Host): Runs the commands.
        scratch (str): A folder of our own. Given one, metadata and logs go there, and the host's stay as they are.
        patience (int): How many seconds another process may hold the lock.
        past_holds (bool): Look past locks of versions, as whoever plans has to: what they forbid is for the planner to judge.
    """

    # Its program, as errors call it.
    name = None
    # The versions' order: "rpm" or "deb".
    kind = None
    # What its output says while another process holds its lock, with the process id as the group "pid" where it tells.
    locked = None
    # What its output says where there is no such package.
    unknown = re.compile(r'Unable to locate package|has no installation candidate|No match for argument|No package \S+ available')
    # Folder and endings of its repository files.
    source_folder = None
    source_endings = ()
    environment = {}
    # Whether it cannot be told to look past holds.
    is_stopped_by_own_holds = False

    def __init__(self, host, scratch=None, patience=LOCK_PATIENCE, past_holds=False):
        self.host = host
        self.scratch = scratch
        self.patience = patience
        self.past_holds = past_holds

    # Where it keeps the metadata it has, and the folder of scratch that stands for it.
    metadata = None
    scratch_metadata = None

    def fill_scratch(self):
        """Start with the metadata that the host has, so that only what is newer has to be fetched."""
        if self.scratch_metadata:
            self.host.run(['cp', '-a', '--reflink=auto', self.metadata, self.scratch + '/' + self.scratch_metadata])

    def docker_sources(self):
        """The repository files that speak of Docker."""
        return [
            path
            for ending in self.source_endings
            for path in self.host.list_folder(self.source_folder, ending)
            if 'docker' in (path + (self.host.read_text(path) or '')).lower()
        ]

    def refresh(self):
        """Bring the metadata of Docker's repository up to date, where the package manager does not do so by itself."""

    def finish(self, names):
        """Complete what an interrupted run of the package manager left undone with these packages."""
        raise NotImplementedError

    def published(self, names):
        """Ask the repositories.

        Returns:
            dict: For each name that is published, its versions, newest first.
        """
        raise NotImplementedError

    def excludes(self):
        """The settings that hide packages, as find_excludes() of _package_holds.py returns them."""
        return []

    def pins(self, names):
        """Where the administrator prefers or forbids versions: name to {allows (list of versions), where (in words)}."""
        return {}

    def rehearse(self, change):
        """What a change would really do, dependencies and all.

        Args:
            change (dict): install, upgrade, downgrade: dicts of name to version; remove: list of names.

        Returns:
            dict: install, upgrade, downgrade, remove: dicts of name to version.
        """
        raise NotImplementedError

    def transact(self, change):
        """Carry out a change as one transaction. Whether it came out as planned is for the package database to say.

        Returns:
            tuple: Standard output and standard error, for the error where it did not.
        """
        raise NotImplementedError

    def install_one_of(self, names):
        """Install a tool out of the repositories of the distribution, in whatever version they have.

        Args:
            names (sequence of str): What its package is called, here or elsewhere; the first that there is gets installed.

        Returns:
            str: The name of the package.
        """
        for name in names:
            code, out, err = self.install_by_name(name)
            if code == 0 and not self.unknown.search(out + err):
                return name
        raise DockfleetError(u'%s failed to install %s: %s' % (self.name, u' or '.join(names), telling_lines(out, err)), stage='repository')

    def install_by_name(self, name):
        """Install one package.

        Returns:
            tuple: Exit status, standard output, standard error.
        """
        raise NotImplementedError

    def purge(self, names):
        """Take away the configuration files that removed packages have left; only dpkg leaves any."""

    def run(self, argv, data=None):
        """Run the package manager and wait while another process holds its lock.

        Returns:
            tuple: Exit status, standard output, standard error.

        Raises:
            DockfleetError: The lock was not let go in time.
        """
        for dummy in range(max(1, self.patience // LOCK_PAUSE)):
            code, out, err = self.host.run(argv, data=data, environment=self.environment)
            lock = self.locked.search(out + err)
            if code == 0 or not lock:
                return code, out, err
            time.sleep(LOCK_PAUSE)
        raise DockfleetError(
            '%s: another process holds the lock of the package manager and did not let go of it in %d seconds: %s. '
            'Nothing was changed. Wait for it or stop it, then run again; docker_engine_lock_timeout is how long to wait.'
            % (self.name, self.patience, self.lock_holder(lock)),
            stage='lock',
        )

    def lock_holder(self, lock):
        """Name the process that a lock message tells of."""
        pid = lock.group('pid')
        return describe_process(self.host, pid) if pid else lock.group().strip()

    def failure(self, doing, out, err, stage):
        """The error for a run that failed."""
        advice = MAKE_ROOM if NO_ROOM.search(out + err) else OTHER_MIRROR if DOWNLOAD.search(out + err) else ''
        error = DockfleetError('%s failed to %s: %s%s' % (self.name, doing, telling_lines(out, err), advice), stage=stage)
        # For whoever can explain it better.
        error.output = out + '\n' + err
        return error


def describe_process(host, pid):
    """A process that holds a lock, for messages."""
    command = (host.read_text('/proc/%s/cmdline' % pid) or u'').replace(u'\0', u' ').strip()
    return u'process %s (%s)' % (pid, command or u'ended since')


def telling_lines(out, err):
    """The lines of a failed run that say why, on one line."""
    lines = []
    for line in (err + '\n' + out).splitlines():
        line = re.sub(r'^[ >-]+', '', line).rstrip(' .')
        trial = TRIAL.match(line)
        again = trial and any(other.startswith(trial.group()) for other in lines)
        if TELLING.search(line) and line not in lines and not again and not line.endswith(':'):
            lines.append(line)
    if not lines:
        lines = [line.strip() for line in (err.strip() or out.strip()).splitlines()][-2:]
    return '; '.join(lines[:TELLING_LINES]) + '.'


def no_change():
    """An empty change."""
    return {'install': {}, 'upgrade': {}, 'downgrade': {}, 'remove': {}}
