# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""yum 3, dnf 4 and dnf 5."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import re

from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.dockfleet.host.plugins.module_utils._package_holds import find_excludes
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager import PackageManager, no_change
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import is_on, parse_repo
from ansible_collections.dockfleet.host.plugins.module_utils._rpm_lock import holder
from ansible_collections.dockfleet.host.plugins.module_utils._versions import newest_first, plain_rpm

# The kinds of a change that name versions.
VERSIONED = ('install', 'upgrade', 'downgrade')

# What rpm says while another process holds its own lock, below that of yum or dnf.
RPM_LOCKED = r"|can't create (?:transaction lock|[^\n]*lock) on (?P<path>/\S+)"
# yum and dnf 4: the locks of versions are a plugin's.
PAST_HOLDS = ['--disableplugin=versionlock']

# One package a line; dnf 5 ends no line by itself, the others end it once more.
QUERY_FORMAT = '%{name} %{epoch} %{version} %{release} %{arch}\n'

# Each of several versions of a package, with the time when it came.
INSTANCE_FORMAT = '%{INSTALLTIME} %{NAME} %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n'

# The first word of a heading in the table that precedes a transaction.
HEADINGS = {
    'Installing': 'install',
    'Upgrading': 'upgrade',
    'Updating': 'upgrade',
    'Downgrading': 'downgrade',
    'Removing': 'remove',
    'Reinstalling': None,
    'Skipping': None,
    'Skipped': None,
}


def read_query(text):
    """Read what repoquery prints in QUERY_FORMAT.

    Returns:
        dict: Name to versions ("epoch:version-release", the epoch only where there is one), newest first.
    """
    found = {}
    for line in text.splitlines():
        fields = line.split()
        # Plugins of yum talk on standard output too.
        if len(fields) >= 5 and fields[1].isdigit() and fields[4] != 'src':
            name, epoch, version, release = fields[:4]
            found.setdefault(name, []).append(plain_rpm('%s:%s-%s' % (epoch, version, release)))
    return dict((name, newest_first(versions, 'rpm')) for name, versions in found.items())


def read_list(text):
    """Read what "yum list --showduplicates" prints, of whose lines the longer ones are folded.

    Returns:
        dict: As that of read_query().
    """
    found = {}
    words = []
    available = False
    for line in text.splitlines():
        if line.rstrip() in ('Installed Packages', 'Available Packages'):
            available, words = line.startswith('Available'), []
            continue
        if not line.startswith(' '):
            words = []
        words += line.split()
        if available and len(words) == 3 and '.' in words[0]:
            found.setdefault(words[0].rpartition('.')[0], []).append(plain_rpm(words[1]))
    return dict((name, newest_first(versions, 'rpm')) for name, versions in found.items())


def read_table(text):
    """Read the table of a transaction, whose lines are folded where they are long.

    Returns:
        dict: install, upgrade, downgrade and remove as dicts of name to version; None where there is no table.
    """
    found = no_change()
    kind, words, seen = None, [], False
    for line in text.splitlines():
        if line.startswith('Transaction Summary'):
            return found
        if re.match(r'^ ?Package +Arch', line):
            seen = True
        elif not seen or line.startswith('='):
            continue
        elif line.strip().startswith('replacing '):
            # What an obsoleting package pushes out; dnf 5 also writes the old version of an upgraded package like this.
            name, version = _replaced(line.split()[1:])
            if not words or name != words[0]:
                found['remove'][name] = version
        elif line[:1] not in (' ', ''):
            kind, words = HEADINGS.get(line.split()[0].rstrip(':'), kind), []
        else:
            if not line.startswith('  '):
                words = []
            words = words + line.split()
            if kind and len(words) >= 4:
                found[kind][words[0]] = plain_rpm(words[2])
    return None


def _replaced(words):
    """Name and version in "name.arch version" (yum, dnf 4) or "name arch version ..." (dnf 5)."""
    if len(words) == 2:
        return words[0].rpartition('.')[0], plain_rpm(words[1])
    return words[0], plain_rpm(words[2])


def spelling(name, version):
    """A pinned package as yum 3, dnf 4 and dnf 5 all understand it: an epoch would need the architecture too on yum 3."""
    return '%s-%s' % (name, version.rpartition(':')[2])


def spellings(versions):
    """Several pinned packages, given as a dict of name to version."""
    return [spelling(name, versions[name]) for name in sorted(versions)]


def all_spellings(change):
    """All that a change brings to a version, whatever the way there."""
    return [package for kind in VERSIONED for package in spellings(change[kind])]


def shell_script(groups):
    """Commands for "yum shell" and "dnf shell"; groups are pairs of a command and its packages."""
    return ''.join('%s %s\n' % (command, ' '.join(packages)) for command, packages in groups if packages) + 'run\n'


class RpmManager(PackageManager):
    """What yum and dnf share."""

    kind = 'rpm'
    source_folder = '/etc/yum.repos.d'
    source_endings = ('.repo',)

    def docker_repositories(self):
        """The ids of the repositories that are in use, out of the files that speak of Docker."""
        sections = [section for path in self.docker_sources() for section in parse_repo(self.host.read_text(path) or '')]
        return [section['name'] for section in sections if is_on(section)]

    def finish(self, names):
        # Of two versions of a package the files are those of the one that came last. The scriptlets of the other see that it
        # was replaced, and restart the service. Files that both have stay.
        known = self.host.run(['rpm', '--query', '--queryformat', INSTANCE_FORMAT, '--'] + names)[1]
        instances = [line.split() for line in known.splitlines() if line[:1].isdigit()]
        for name in names:
            old = [instance for dummy, instance in sorted((int(time), whole) for time, owner, whole in instances if owner == name)][:-1]
            for whole in old:
                code, out, err = self.run(['rpm', '--erase', '--nodeps', '--', whole])
                # It may be gone meanwhile: what looked interrupted was another run that went on.
                if code and self.host.run(['rpm', '--query', '--', whole])[0] == 0:
                    raise self.failure('take away %s, which an interrupted run has left' % whole, out, err, 'transaction')

    def install_by_name(self, name):
        return self.run(self.base() + ['-y', 'install', name])

    def base(self):
        """The program and the options of every run."""
        raise NotImplementedError

    def excludes(self):
        return find_excludes(self.host, self.name, self.source_folder)

    def lock_holder(self, lock):
        path = lock.groupdict().get('path')
        return holder(self.host, path) if path else super(RpmManager, self).lock_holder(lock)

    def rehearse(self, change):
        out, err = self.carry(change, '--assumeno')[1:]
        effects = read_table(out)
        if effects is None:
            raise self.failure('prepare the transaction', out, err, 'dependencies')
        return effects

    def transact(self, change):
        out, err = self.carry(change, '-y')[1:]
        return out, err

    def carry(self, change, answer):
        """Run the one command for a change; answer is the option that answers the question whether to go on."""
        raise NotImplementedError


class Dnf(RpmManager):
    """What dnf 4 and dnf 5 share."""

    # Only what is named goes; without this, dependencies that nothing else needs go along.
    only_named = '--setopt=clean_requirements_on_remove=False'

    def published(self, names):
        # Metadata would be believed for two days, and a version of today be called unknown.
        anew = ['--setopt=%s.metadata_expire=0' % repository for repository in self.docker_repositories()]
        code, out, err = self.run(self.base() + anew + ['repoquery', '--available', '--qf', QUERY_FORMAT] + list(names))
        if code:
            raise self.failure('read the repositories', out, err, 'repository')
        return read_query(out)


class Dnf4(Dnf):
    """dnf 4."""

    name = 'dnf'
    metadata, scratch_metadata = '/var/cache/dnf', 'cache'
    locked = re.compile(r'already locked by (?P<pid>\d+)' + RPM_LOCKED)

    def base(self):
        """The program and the options of every run."""
        folders = (('cachedir', 'cache'), ('logdir', 'log'), ('persistdir', 'persist')) if self.scratch else ()
        options = ['--setopt=%s=%s/%s' % (option, self.scratch, name) for option, name in folders]
        return ['dnf', '--setopt=exit_on_lock=True'] + (PAST_HOLDS if self.past_holds else []) + options

    def carry(self, change, answer):
        argv = self.base() + [answer]
        if not change['remove']:
            # This goes up and down alike.
            return self.run(argv + ['install'] + all_spellings(change))
        if not all_spellings(change):
            return self.run(argv + [self.only_named, 'remove'] + sorted(change['remove']))
        script = shell_script([('remove', sorted(change['remove'])), ('install', all_spellings(change))])
        return self.run(argv + [self.only_named, 'shell'], data=to_bytes(script))


class Dnf5(Dnf):
    """dnf 5."""

    name = 'dnf5'
    is_stopped_by_own_holds = True
    metadata, scratch_metadata = '/var/cache/libdnf5', 'cache'
    locked = re.compile(r'(?i)(?:failed to obtain|waiting for) [^\n]*lock(?:[^\n]*pid[: ]+(?P<pid>\d+))?' + RPM_LOCKED)

    def base(self):
        """The program and the options of every run."""
        folders = (('cachedir', 'cache'), ('system_cachedir', 'cache'), ('logdir', 'log')) if self.scratch else ()
        return ['dnf5'] + ['--setopt=%s=%s/%s' % (option, self.scratch, name) for option, name in folders]

    def carry(self, change, answer):
        argv = self.base() + [answer]
        if not change['remove']:
            return self.run(argv + ['install', '--allow-downgrade'] + all_spellings(change))
        if not all_spellings(change):
            return self.run(argv + [self.only_named, 'remove'] + sorted(change['remove']))
        return self.run(
            argv
            + [self.only_named, 'do', '--allow-downgrade', '--action=remove']
            + sorted(change['remove'])
            + ['--action=install']
            + all_spellings(change)
        )


class Yum3(RpmManager):
    """yum 3, where an exit status of 0 and "Complete!" prove nothing."""

    name = 'yum'
    locked = re.compile(r'Existing lock [^\n]*?(?:pid (?P<pid>\d+))|holding the yum lock' + RPM_LOCKED)
    # A name that is not there would be passed over, and a dead mirror be tried ten times for half a minute each.
    careful = ['--setopt=exit_on_lock=1', '--setopt=skip_missing_names_on_install=0', '--setopt=timeout=15', '--setopt=retries=3']

    def base(self):
        """The program and the options of every run."""
        return ['yum'] + self.careful + (PAST_HOLDS if self.past_holds else []) + (['--setopt=cachedir=%s/cache' % self.scratch] if self.scratch else [])

    def refresh(self):
        # Metadata would be believed for hours. Where this fails, the old is as good as it gets, and a download will tell. A scratch folder is empty.
        repositories = self.docker_repositories()
        if repositories and not self.scratch:
            self.run(self.base() + ['--disablerepo=*', '--enablerepo=' + ','.join(repositories), 'makecache', 'fast'])

    def published(self, names):
        if self.host.which('repoquery'):
            argv = ['repoquery', '--show-duplicates'] + (['--tempcache'] if self.scratch else [])
            code, out, err = self.run(argv + ['--qf', QUERY_FORMAT] + list(names))
            read = read_query
        else:
            code, out, err = self.run(self.base() + ['-q', 'list', '--showduplicates'] + list(names))
            read = read_list
        found = read(out)
        # "list" fails too where there is simply no such package.
        if code and not found and 'No matching Packages' not in err:
            raise self.failure('read the repositories', out, err, 'repository')
        return found

    def carry(self, change, answer):
        argv = self.base() + [answer]
        kinds = [kind for kind in ('remove', 'install', 'upgrade', 'downgrade') if change[kind]]
        packages = dict((kind, sorted(change[kind]) if kind == 'remove' else spellings(change[kind])) for kind in kinds)
        if len(kinds) == 1:
            return self.run(argv + [YUM_COMMANDS[kinds[0]]] + packages[kinds[0]])
        # Its "install" leaves a newer version as it is, so that each package needs the command for its own way.
        script = shell_script([(YUM_COMMANDS[kind], packages[kind]) for kind in kinds])
        return self.run(argv + ['shell'], data=to_bytes(script))


YUM_COMMANDS = {'remove': 'remove', 'install': 'install', 'upgrade': 'update', 'downgrade': 'downgrade'}


def choose(host):
    """The class of the package manager of an rpm host. On some hosts yum is but another name of dnf."""
    if host.which('dnf5'):
        return Dnf5
    yum = host.which('yum')
    if yum and not os.path.basename(os.path.realpath(yum)).startswith('dnf'):
        return Yum3
    return Dnf4
