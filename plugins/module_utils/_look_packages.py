# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look section "packages": what the package database knows of Docker's packages and of those around them; no repository is asked."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import grp
import pwd

from ansible.module_utils.common.text.converters import to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._engine_packages_names import DOCKER, OBSOLETE, RIVALS
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import read_os_release
from ansible_collections.dockfleet.host.plugins.module_utils._package_holds import PLUGIN_PACKAGES, look_at_holds
from ansible_collections.dockfleet.host.plugins.module_utils._package_manager_rpm import choose
from ansible_collections.dockfleet.host.plugins.module_utils._versions import plain_rpm, upstream

GROUP = 'docker'

RPM_FORMAT = r'%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{INSTALLTIME}\n'
DEB_FORMAT = r'${Package}\t${Version}\t${db:Status-Abbrev}\n'

# How dpkg marks what an interrupted run left behind.
DPKG_UNFINISHED = {
    'F': 'configured by half',
    'H': 'installed by half',
    'U': 'unpacked only',
    'W': 'waiting for the triggers of another package',
    't': 'with triggers to be run',
}


def look(host, wish):
    """Return what is installed.

    Returns:
        dict: kind: "rpm", "deb" or None; asked: the names that were looked up; installed: for each installed package its version (as
            upstream calls it), full (as the package manager spells it), unfinished (what an interrupted run left undone; empty: nothing)
            and broken (bool: nothing but installing it anew helps); holds: as look_at_holds() gives them; group: members of the
            group docker, None without such a group; users: for each user of the wish whether it is a member, None for one that does
            not exist.
    """
    kind = package_kind(read_os_release(host.read_text('/etc/os-release') or host.read_text('/usr/lib/os-release') or ''), host)
    asked = names_to_ask(kind, wish)
    text = query(host, kind, asked)
    return {
        'kind': kind,
        'asked': asked,
        'installed': READERS[kind](text) if kind else {},
        'holds': look_at_holds(host, tool_of(host, kind), held_by_dpkg(text) if kind == 'deb' else []),
        'group': _members(),
        'users': dict((to_text(name), _is_member(name)) for name in wish.get('users') or ()),
    }


def package_kind(os_release, host):
    """Which database a distribution keeps: "rpm" and "dpkg" as mere tools are found on hosts of the other kind."""
    family = [os_release.get('ID', '')] + os_release.get('ID_LIKE', '').split()
    if set(family) & set(('debian', 'ubuntu')):
        return 'deb'
    return 'rpm' if host.which('rpm') else 'deb' if host.which('dpkg-query') else None


def names_to_ask(kind, wish):
    """The packages of Docker's world and those that the wish names."""
    named = set(wish.get('packages') or ()) | set(wish.get('package_versions') or ()) | set(wish.get('replace') or ())
    known = DOCKER + OBSOLETE.get(kind, ()) + RIVALS + (PLUGIN_PACKAGES if kind == 'rpm' else ())
    return sorted(set(known) | set(to_text(name) for name in named))


def tool_of(host, kind):
    """Whose holds count on this host; "" where no package database is known."""
    return {'deb': 'apt', 'rpm': choose(host).name}.get(kind, '')


def query(host, kind, names):
    """What the package database says of some packages, for read_rpm() or read_dpkg()."""
    if kind == 'deb':
        return host.run(['dpkg-query', '--show', '--showformat', DEB_FORMAT, '--'] + names)[1]
    if kind == 'rpm':
        return host.run(['rpm', '--query', '--queryformat', RPM_FORMAT, '--'] + names)[1]
    return ''


def look_at_installed(host, kind, names):
    """Ask the package database for some packages; the result is that of read_rpm() and read_dpkg()."""
    return READERS[kind](query(host, kind, names))


def read_rpm(text):
    """Read "rpm --query" in RPM_FORMAT.

    A package of which two versions are there was left so by an interrupted update; the files are those of the one that came last.
    """
    found = {}
    for line in text.splitlines():
        if '\t' in line:
            name, version, time = line.split('\t')
            found.setdefault(name, []).append((int(time), plain_rpm(version)))
    return dict(
        (name, _package(max(versions)[1], unfinished='installed in %d versions' % len(versions) if len(versions) > 1 else ''))
        for name, versions in found.items()
    )


def read_dpkg(text):
    """Read "dpkg-query --show" in DEB_FORMAT; configuration files that outlived their package do not count."""
    found = {}
    for line in text.splitlines():
        name, version, status = line.split('\t')
        actual, broken = status[1], status[2:].strip()
        if actual not in 'nc':
            unfinished = '' if actual == 'i' and not broken else DPKG_UNFINISHED.get(actual, 'in need of a reinstallation')
            found[name] = _package(version, unfinished=unfinished, broken=bool(broken) or actual == 'H')
    return found


def held_by_dpkg(text):
    """The packages that "apt-mark hold" holds, out of "dpkg-query --show" in DEB_FORMAT."""
    return [line.split('\t')[0] for line in text.splitlines() if line.split('\t')[2].startswith('h')]


READERS = {'rpm': read_rpm, 'deb': read_dpkg}


def _package(full, unfinished='', broken=False):
    return {'version': upstream(full), 'full': full, 'unfinished': unfinished, 'broken': broken}


def _group():
    try:
        return grp.getgrnam(GROUP)
    except KeyError:
        return None


def _members():
    group = _group()
    return None if group is None else sorted(to_text(name) for name in group.gr_mem)


def _is_member(name):
    try:
        user = pwd.getpwnam(to_native(name))
    except KeyError:
        return None
    group = _group()
    return group is not None and (user.pw_name in group.gr_mem or user.pw_gid == group.gr_gid)
