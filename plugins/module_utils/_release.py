# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which folder of Docker's repository is for which distribution: an explicit table, because $releasever and guesses lead to 404."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

# Docker's folders below linux/ and the package family of each.
FAMILIES = {'centos': 'rpm', 'debian': 'deb', 'fedora': 'rpm', 'raspbian': 'deb', 'rhel': 'rpm', 'ubuntu': 'deb'}

# The kernel's name of an architecture (uname -m) and Docker's, in each family. What is not here has no packages.
ARCHITECTURES = {
    'rpm': {'x86_64': 'x86_64', 'aarch64': 'aarch64', 'ppc64le': 'ppc64le', 's390x': 's390x'},
    'deb': {'x86_64': 'amd64', 'aarch64': 'arm64', 'armv7l': 'armhf', 'armv8l': 'armhf', 'ppc64le': 'ppc64el', 's390x': 's390x'},
}

EL_MAJORS = ('7', '8', '9', '10')
SAME_NUMBER = ((r'(7|8|9|10)(?:\..*)?', None),)

# ID of os-release(5), in lower case: how people call it, and which release of Enterprise Linux each VERSION_ID is built like (None: its
# own major number). From LinuxMirrors, 2026-05-16, which has it from use.
BUILT_LIKE_EL = {
    'almalinux': (u'AlmaLinux', SAME_NUMBER),
    'alinux': (u'Alibaba Cloud Linux', ((r'2(?:\..*)?', '7'), (r'3(?:\..*)?', '8'))),
    'anolis': (u'Anolis OS', SAME_NUMBER + ((r'23(?:\..*)?', '9'),)),
    'centos': (u'CentOS', SAME_NUMBER),
    'hce': (u'Huawei Cloud EulerOS', ((r'1(?:\..*)?', '8'), (r'2(?:\..*)?', '9'))),
    'kylin': (u'Kylin', ((r'V10', '8'), (r'V11', '10'))),
    'ol': (u'Oracle Linux', SAME_NUMBER),
    'opencloudos': (u'OpenCloudOS', SAME_NUMBER + ((r'23(?:\..*)?', '9'),)),
    'openeuler': (u'openEuler', ((r'2[012](?:\..*)?', '8'), (r'23(?:\..*)?', '9'), (r'2[4-9](?:\..*)?', '10'))),
    'rhel': (u'Red Hat Enterprise Linux', SAME_NUMBER),
    'rocky': (u'Rocky Linux', SAME_NUMBER),
    'tencentos': (u'TencentOS Server', ((r'2(?:\..*)?', '7'), (r'3(?:\..*)?', '8'), (r'4(?:\..*)?', '9'))),
}

# EulerOS (not HCE) calls all its releases 2.0 and tells them apart by the service pack in VERSION: "2.0 (SP8)".
EULEROS = ((r'SP[235]', '7'), (r'SP(?:8|9|1[0-2])', '8'))

# Debian's derivatives that name neither UBUNTU_CODENAME nor DEBIAN_CODENAME, by ID and VERSION_CODENAME.
DEBIAN_DERIVATIVES = {
    ('devuan', 'beowulf'): 'buster',
    ('devuan', 'chimaera'): 'bullseye',
    ('devuan', 'daedalus'): 'bookworm',
    ('devuan', 'excalibur'): 'trixie',
    ('kali', 'kali-rolling'): 'testing',
}

# What testing and unstable use: Docker builds for stable releases only, and this is the newest of them.
NEWEST_DEBIAN = 'trixie'

NOT_SUPPORTED = {
    'amzn': u'Amazon Linux is not a target of Docker\'s repository, and packages for EL do not fit it',
}
REMEDIES = {
    'amzn': u'Use the distribution\'s own package: "amazon-linux-extras install docker" on Amazon Linux 2, "dnf install docker" on 2023.',
}


def map_release(os_release, architecture, releasever=None, wish=None):
    """Find Docker's folder for a host.

    Args:
        os_release (dict): Variables of os-release(5).
        architecture (str): As "uname -m" tells it.
        releasever (str): What yum or dnf expand $releasever to, where that was set by hand; it decides nothing and is told in the reason.
        wish (str): The release to use instead of what the table says: "9", "bookworm", or with the folder, "rhel/9".

    Returns:
        dict: family ("rpm" or "deb"), distribution and value (Docker's path is linux/<distribution>/<value> or
            linux/<distribution>/dists/<value>), architecture (as that path has it), reason (str).

    Raises:
        DockfleetError: There is none; details["remedy"] says what to do.
    """
    if wish:
        distribution, value, reason = _wished(os_release, architecture, to_text(wish).strip())
    else:
        distribution, value, reason = _from_table(os_release, architecture)
    family = FAMILIES[distribution]
    if releasever and family == 'rpm' and releasever != value:
        reason += u'; $releasever is "%s" on this host, for which Docker has no folder, so the number is written out' % releasever
    return {
        'family': family,
        'distribution': distribution,
        'value': value,
        'architecture': _architecture(distribution, family, architecture),
        'reason': reason,
    }


def describe(release):
    """A release in words for messages: "centos/7 x86_64"."""
    return u'%(distribution)s/%(value)s %(architecture)s' % release


def _refuse(message, remedy, **details):
    raise DockfleetError(u'%s.' % message, stage='release', remedy=remedy, **details)


def _name(os_release):
    """How a host calls itself, for messages."""
    version = os_release.get('VERSION_ID') or os_release.get('VERSION_CODENAME') or u''
    return (u'%s %s' % (os_release.get('NAME') or os_release.get('ID') or u'unknown', version)).strip()


def _architecture(distribution, family, machine):
    # A 32-bit Raspberry Pi OS runs on a 64-bit kernel by default.
    if distribution == 'raspbian':
        return 'armhf'
    known = ARCHITECTURES[family]
    if machine not in known:
        _refuse(
            u'Docker has no %s packages for the architecture %s (it has: %s)' % (family, machine or u'of this host', u', '.join(sorted(known))),
            u'Use the distribution\'s own package of Docker, or a 64-bit system.',
        )
    return known[machine]


def _from_table(os_release, architecture):
    """Folder, release and reason by the table."""
    identity = os_release.get('ID', '').lower()
    if identity in NOT_SUPPORTED:
        _refuse(NOT_SUPPORTED[identity], REMEDIES[identity])
    for find in (_fedora, _deb, _el):
        found = find(identity, os_release, architecture)
        if found:
            return found
    return _refuse(
        u'No folder of Docker\'s repository is known for this distribution (%s; ID "%s", VERSION_ID "%s" in os-release)'
        % (_name(os_release), os_release.get('ID', ''), os_release.get('VERSION_ID', '')),
        u'If it is built like one that Docker publishes for, set docker_repo_release to that one, such as "centos/9", "rhel/8", '
        u'"debian/bookworm" or "ubuntu/jammy".',
    )


def _fedora(identity, os_release, architecture):
    version = os_release.get('VERSION_ID', '')
    if identity == 'fedora' and version.isdigit():
        return 'fedora', version, u'Fedora %s' % version
    return None


def _el(identity, os_release, architecture):
    if _is_debian_like(os_release):
        # The desktop edition of Kylin has the same ID and comes from another family.
        return None
    if identity == 'euleros':
        name, version, table = u'EulerOS', _service_pack(os_release.get('VERSION', '')), EULEROS
    elif identity in BUILT_LIKE_EL:
        (name, table), version = BUILT_LIKE_EL[identity], os_release.get('VERSION_ID', '')
    else:
        return None
    for pattern, major in table:
        match = re.match(pattern + '$', version)
        if match:
            major = major or match.group(1)
            distribution = _el_folder(major, identity == 'rhel', architecture)
            return distribution, major, _el_reason(name, version, major, distribution)
    return None


def _service_pack(version):
    match = re.search(r'SP\d+', version)
    return match.group(0) if match else ''


def _el_folder(major, is_rhel, architecture):
    """Docker's folder for a release of Enterprise Linux: linux/rhel/7 holds s390x alone, and linux/centos/8 is frozen since May 2024."""
    if major == '7':
        return 'rhel' if architecture == 's390x' else 'centos'
    return 'rhel' if is_rhel or major == '8' else 'centos'


def _el_reason(name, version, major, distribution):
    reason = u'%s %s' % (name, version)
    if name in (u'Red Hat Enterprise Linux', u'CentOS'):
        reason += u'' if version == major else u', by its major number'
    else:
        reason += u' is built like EL %s (table)' % major
    if major == '8' and name != u'Red Hat Enterprise Linux':
        reason += u'; linux/centos/8 is frozen since May 2024, linux/rhel/8 is not'
    if major == '7' and name == u'Red Hat Enterprise Linux':
        reason += u'; linux/rhel/7 holds packages for s390x only' if distribution == 'centos' else u'; only linux/rhel/7 holds packages for s390x'
    return reason


def _is_debian_like(os_release):
    return bool(set(('debian', 'ubuntu')) & set([os_release.get('ID', '').lower()] + os_release.get('ID_LIKE', '').lower().split()))


def _deb(identity, os_release, architecture):
    codename = os_release.get('VERSION_CODENAME', '')
    if identity == 'ubuntu':
        codename = codename or os_release.get('UBUNTU_CODENAME', '')
        return ('ubuntu', codename, u'Ubuntu %s' % codename) if codename else None
    if identity in ('debian', 'raspbian'):
        return _debian(identity, os_release, codename)
    for variable, distribution in (('UBUNTU_CODENAME', 'ubuntu'), ('DEBIAN_CODENAME', 'debian')):
        if os_release.get(variable):
            return distribution, os_release[variable], u'%s is built like %s %s (%s)' % (
                _name(os_release), distribution.capitalize(), os_release[variable], variable,
            )  # fmt: skip
    based_on = DEBIAN_DERIVATIVES.get((identity, codename))
    if based_on == 'testing':
        return 'debian', NEWEST_DEBIAN, u'%s is built like Debian testing; Docker\'s newest folder for Debian is %s' % (_name(os_release), NEWEST_DEBIAN)
    return ('debian', based_on, u'%s is built like Debian %s (table)' % (_name(os_release), based_on)) if based_on else None


def _debian(identity, os_release, codename):
    name = u'Debian' if identity == 'debian' else u'Raspbian'
    # testing and unstable have no number; a release that is out does, and keeps its name.
    if '/sid' in os_release.get('PRETTY_NAME', '') or not os_release.get('VERSION_ID') and codename == 'sid':
        return identity, NEWEST_DEBIAN, u'%s testing or unstable (%s); Docker builds for stable releases, of which %s is the newest known' % (
            name, codename or u'sid', NEWEST_DEBIAN,
        )  # fmt: skip
    if not codename:
        # Debian 8 and older.
        match = re.search(r'\((\w+)\)', os_release.get('VERSION', ''))
        codename = match.group(1) if match else ''
    return (identity, codename, u'%s %s' % (name, codename)) if codename else None


def _wished(os_release, architecture, wish):
    """Folder, release and reason for a release that the user named."""
    folder, slash, value = wish.rpartition('/')
    if (slash and folder not in FAMILIES) or not re.match(r'[A-Za-z0-9][A-Za-z0-9.]*$', value):
        _refuse(
            u'docker_repo_release "%s" is no release: it is a number or a code name, or one of the folders %s with it' % (wish, u', '.join(sorted(FAMILIES))),
            u'Write it like "9", "bookworm", "rhel/9" or "ubuntu/jammy".',
        )
    family = _family(os_release)
    if not folder:
        folder = _folder_for(os_release, architecture, value, family)
    if family and FAMILIES[folder] != family:
        _refuse(
            u'docker_repo_release "%s" is a release of %s packages, and this host (%s) has %s packages' % (wish, FAMILIES[folder], _name(os_release), family),
            u'Set it to a release of the host\'s own family, or leave it empty.',
        )
    reason = u'docker_repo_release is "%s"' % wish
    if FAMILIES[folder] == 'rpm':
        major = re.match(r'(\d+)(?:\..*|Server|Client|Workstation|ComputeNode)?$', value)
        if not major:
            _refuse(
                u'docker_repo_release "%s" is no release of %s, whose releases have numbers' % (wish, folder),
                u'Write the major number, such as "9".',
            )
        if major.group(1) != value:
            reason += u', and Docker\'s folders are named by the major number'
        value = major.group(1)
    return folder, value, reason


def _family(os_release):
    """The package family of a distribution; None where os-release does not tell."""
    identity = os_release.get('ID', '').lower()
    if _is_debian_like(os_release) or identity == 'raspbian' or 'DEBIAN_CODENAME' in os_release or 'UBUNTU_CODENAME' in os_release:
        return 'deb'
    likes = set([identity] + os_release.get('ID_LIKE', '').lower().split())
    return 'rpm' if likes & set(('amzn', 'centos', 'euleros', 'fedora', 'rhel')) or identity in BUILT_LIKE_EL else None


def _folder_for(os_release, architecture, value, family):
    """Docker's folder for a release that was named without one."""
    identity = os_release.get('ID', '').lower()
    if value[0].isdigit():
        return 'fedora' if identity == 'fedora' else _el_folder(re.match(r'\d+', value).group(0), identity == 'rhel', architecture)
    if identity in ('debian', 'raspbian', 'ubuntu'):
        return identity
    if os_release.get('UBUNTU_CODENAME'):
        return 'ubuntu'
    if os_release.get('DEBIAN_CODENAME') or (identity, os_release.get('VERSION_CODENAME')) in DEBIAN_DERIVATIVES:
        return 'debian'
    return _refuse(
        u'docker_repo_release "%s" does not tell which of Docker\'s folders it belongs to, and neither does this distribution (%s)'
        % (value, _name(os_release)),
        u'Write it with the folder: "debian/%s" or "ubuntu/%s".' % (value, value),
    )
