# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""apt-get and apt-cache."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import fnmatch
import re

from ansible_collections.dockfleet.host.plugins.module_utils._package_manager import PackageManager, no_change
from ansible_collections.dockfleet.host.plugins.module_utils._versions import COMPARE, newest_first

LISTS = '/var/lib/apt/lists'
PREFERENCES = '/etc/apt/preferences'
# From this priority on, apt goes back to a version for its sake (apt_preferences(5)).
FORCED = 1000

# Inst docker-ce [5:26.1.4-1~debian.12~bookworm] (5:26.1.5-1~debian.12~bookworm Docker CE:bookworm [amd64])
INST = re.compile(r'^Inst (?P<name>\S+)(?: \[(?P<old>[^\]]+)\])? \((?P<new>\S+)')
# Remv containerd [1.6.20~ds1-1+b1]
REMV = re.compile(r'^(?:Remv|Purg) (?P<name>\S+) \[(?P<old>[^\]]+)\]')

# Files of settings that the administrator changed stay, and nobody is asked.
KEEP_SETTINGS = ['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold']

# Why dpkg does not configure a package, in its own words.
BROKEN = re.compile(r'\(--configure\):\s+package is in a very bad inconsistent state')
DEPENDS = re.compile(r'\(--configure\):\s+dependency problems - leaving unconfigured')


def read_madison(text):
    """Read "apt-cache madison".

    Returns:
        dict: Name to versions, newest first.
    """
    found = {}
    for line in text.splitlines():
        fields = [field.strip() for field in line.split('|')]
        if len(fields) == 3 and fields[2].endswith('Packages'):
            found.setdefault(fields[0], []).append(fields[1])
    return dict((name, newest_first(versions, 'deb')) for name, versions in found.items())


def read_simulation(text):
    """Read "apt-get --simulate".

    Returns:
        dict: install, upgrade, downgrade and remove as dicts of name to version.
    """
    found = no_change()
    for line in text.splitlines():
        gone, come = REMV.match(line), INST.match(line)
        if gone:
            found['remove'][gone.group('name').partition(':')[0]] = gone.group('old')
        elif come:
            old, new = come.group('old'), come.group('new')
            direction = COMPARE['deb'](new, old) if old else 0
            # The same version comes again where dpkg was interrupted while it unpacked it.
            kind = 'downgrade' if direction < 0 else 'upgrade' if direction else 'install'
            found[kind][come.group('name').partition(':')[0]] = new
    return found


def read_policy(text):
    """Read "apt-cache policy".

    Returns:
        dict: Name to a dict of version to priority.
    """
    found, name = {}, None
    for line in text.splitlines():
        heading, version = re.match(r'^(\S+):$', line), re.match(r'^ (?:\*\*\*|   ) (\S+) (-?\d+)$', line)
        if heading:
            name = heading.group(1)
        elif version and name:
            found.setdefault(name, {})[version.group(1)] = int(version.group(2))
    return found


def read_preferences(host):
    """The stanzas of apt's preferences.

    Returns:
        list of tuple: File, patterns of packages (list of str), the stanza in one line.
    """
    found = []
    for path in [PREFERENCES] + host.list_folder(PREFERENCES + '.d'):
        for stanza in re.split(r'\n\s*\n', host.read_text(path) or ''):
            package = re.search(r'(?mi)^Package:\s*(.+)$', stanza)
            if package:
                lines = [line.strip() for line in stanza.splitlines() if line.strip() and not line.startswith(('#', 'Explanation'))]
                found.append((path, package.group(1).split(), ', '.join(lines)))
    return found


def pins_of(stanzas, policy):
    """For packages that a stanza names: the versions that the priorities leave.

    A negative priority forbids a version, and one of 1000 or more (so that apt would even downgrade for it) forbids all others.

    Returns:
        dict: As PackageManager.pins().
    """
    found = {}
    for name, versions in policy.items():
        naming = ['%s (%s)' % (path, text) for path, patterns, text in stanzas if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]
        top = max(versions.values())
        allows = [version for version, priority in versions.items() if priority >= 0 and (top < FORCED or priority == top)]
        if naming and len(allows) < len(versions):
            found[name] = {'allows': sorted(allows), 'where': naming[0]}
    return found


class Apt(PackageManager):
    """apt."""

    name = 'apt-get'
    kind = 'deb'
    locked = re.compile(
        r'(?:Could not get lock [^\n]*?held by process|lock was locked by another process with pid) (?P<pid>\d+)'
        r'|Could not get lock [^\n]*|dpkg[^\n]* (?:lock|database) is locked by another process'
    )
    source_folder = '/etc/apt/sources.list.d'
    source_endings = ('.list', '.sources')
    metadata, scratch_metadata = LISTS, 'lists'
    # No questions, and no restart of other people's services.
    environment = {'DEBIAN_FRONTEND': 'noninteractive', 'APT_LISTCHANGES_FRONTEND': 'none', 'NEEDRESTART_MODE': 'l'}

    def options(self):
        """The options of every run."""
        folders = (('Dir::State::lists', 'lists'), ('Dir::Cache', 'cache'), ('Dir::Log', 'log')) if self.scratch else ()
        # Not to be stopped by a server that is slow to answer, nor to wait for a dead one for minutes.
        settings = ['Acquire::Retries=3', 'Acquire::http::Timeout=30', 'Acquire::https::Timeout=30']
        settings += ['%s=%s/%s' % (option, self.scratch, name) for option, name in folders]
        return [word for setting in settings for word in ('-o', setting)]

    def refresh(self):
        """Fetch the lists of Docker's repository; those of the distribution only where the host has none."""
        have = [path for path in self.host.list_folder(LISTS) if '_Packages' in path and 'docker' not in path]
        sources = self.docker_sources() if have else [None]
        for path in sources:
            only = ['Dir::Etc::sourcelist=%s' % path, 'Dir::Etc::sourceparts=-', 'APT::Get::List-Cleanup=0'] if path else []
            argv = ['apt-get', '-q'] + self.options() + [word for setting in only for word in ('-o', setting)] + ['update']
            code, out, err = self.run(argv)
            if code or re.search(r'(?m)^(?:W|E): (?:Failed to fetch|Some index files failed)', err):
                raise self.failure('read the repositories', out, err, 'repository')

    def finish(self, names):
        code, out, err = self.run(['dpkg', '--configure', '-a', '--force-confdef', '--force-confold'])
        refused = len(re.findall(r'error processing package \S+ \(--configure\)', err))
        broken, waiting = len(BROKEN.findall(err)), len(DEPENDS.findall(err))
        # What was killed while its files were unpacked has to come anew, and with it what depends on it: the rest of the plan sees to that.
        if code and broken and refused == broken + waiting:
            return
        if code and waiting and refused == waiting:
            # What they depend on never came.
            code, out, err = self.run(['apt-get', '-q', '-y', '--no-remove', '--fix-broken'] + self.options() + KEEP_SETTINGS + ['install'])
        if code:
            raise self.failure('finish what an interrupted run left undone ("dpkg --configure -a")', out, err, 'transaction')

    def install_by_name(self, name):
        argv = ['apt-get', '-q', '-y', '--no-remove', '--no-install-recommends'] + self.options() + ['install', name]
        code, out, err = self.run(argv)
        if code and not re.search(r'held broken|unmet', out + err):
            # The lists that the host has may be missing, or speak of files that are gone.
            code, out, err = self.run(['apt-get', '-q'] + self.options() + ['update'])
            if code == 0:
                code, out, err = self.run(argv)
        return code, out, err

    def published(self, names):
        code, out, err = self.run(['apt-cache'] + self.options() + ['madison'] + list(names))
        if code:
            raise self.failure('read its lists', out, err, 'repository')
        return read_madison(out)

    def pins(self, names):
        stanzas = read_preferences(self.host)
        if not stanzas:
            return {}
        code, out, err = self.run(['apt-cache'] + self.options() + ['policy'] + list(names))
        if code:
            raise self.failure('read its priorities', out, err, 'repository')
        return pins_of(stanzas, read_policy(out))

    def rehearse(self, change):
        code, out, err = self.run(['apt-get', '-q', '--simulate'] + self.arguments(change))
        if code:
            raise self.failure('prepare the transaction', out, err, 'dependencies')
        return read_simulation(out)

    def transact(self, change):
        out, err = self.run(['apt-get', '-q', '-y'] + ([] if change['remove'] else ['--no-remove']) + self.arguments(change))[1:]
        return out, err

    def purge(self, names):
        code, out, err = self.run(['dpkg', '--purge'] + list(names))
        if code:
            raise self.failure('take away the configuration files of %s ("dpkg --purge")' % ', '.join(names), out, err, 'transaction')

    def arguments(self, change):
        """The options and packages that stand for a change."""
        options = self.options() + KEEP_SETTINGS
        # The guard stays up where the plan does not need it down.
        options += ['--allow-downgrades'] if change['downgrade'] else []
        packages = ['%s=%s' % (name, change[kind][name]) for kind in ('install', 'upgrade', 'downgrade') for name in sorted(change[kind])]
        if not packages:
            return options + ['remove'] + sorted(change['remove'])
        # What is named and there in this very version was broken by an interrupted run.
        return options + ['--reinstall', 'install'] + packages + [name + '-' for name in sorted(change['remove'])]
