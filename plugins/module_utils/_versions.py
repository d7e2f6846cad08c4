# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions of packages: how rpm and dpkg order them, and which of them a user's wish means. No I/O."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import functools
import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

# How many published versions an error lists.
NEAREST = 5

# What Docker puts after a number that is not final yet: 27.0.1-rc.1 in its tags, 27.0.1~rc.1 in rpm and deb.
PRE_RELEASE = r'[~.-]?(?:alpha|beta|dev|rc|tp)[.0-9]*'

UPSTREAM = re.compile(r'^(?:\d+:)?(\d+(?:\.\d+)*)(%s)?' % PRE_RELEASE)
WISH = re.compile(
    r'^(?:\d+:)?'  # the epoch, which is another one for each package
    r'(?P<number>\d+(?:\.\d+)*)'
    r'(?P<pre>%s)?'
    r'(?P<any>\.[*xX])?'
    r'(?P<rest>[-~.+][A-Za-z0-9][A-Za-z0-9.+~:-]*)?$' % PRE_RELEASE
)
# What the name of a distribution looks like at the end of a version.
DISTRIBUTION = re.compile(r'\.(?:el|fc)\d.*$|~(?:debian|ubuntu|raspbian)\b.*$')
SPELLINGS = '"present", "latest", "26.1", "26.1.4", or a version as "yum list" or "apt-cache madison" prints it'


# --- order ---------------------------------------------------------------------------------------------------------------------


def _sign(number):
    return (number > 0) - (number < 0)


def compare_rpm_part(left, right):
    """Order two versions or two releases as rpm does (rpmvercmp): negative, zero or positive."""
    while left or right:
        left = re.sub(r'^[^A-Za-z0-9~^]+', '', left)
        right = re.sub(r'^[^A-Za-z0-9~^]+', '', right)
        # A tilde sorts before everything, even before the end.
        if left.startswith('~') or right.startswith('~'):
            if left[:1] != right[:1]:
                return -1 if left.startswith('~') else 1
            left, right = left[1:], right[1:]
            continue
        # A caret sorts after the end, but before everything else.
        if left.startswith('^') or right.startswith('^'):
            if left[:1] == right[:1]:
                left, right = left[1:], right[1:]
                continue
            if left.startswith('^'):
                return 1 if not right else -1
            return -1 if not left else 1
        if not left or not right:
            break
        kind = r'^[0-9]+' if left[0].isdigit() else r'^[A-Za-z]+'
        first = re.match(kind, left).group()
        second = re.match(kind, right)
        if second is None:
            # Numbers sort after letters.
            return 1 if left[0].isdigit() else -1
        second = second.group()
        left, right = left[len(first):], right[len(second):]
        if first.isdigit():
            difference = _sign(int(first) - int(second))
        else:
            difference = (first > second) - (first < second)
        if difference:
            return difference
    return _sign(len(left) - len(right)) if bool(left) != bool(right) else 0


def split_evr(version):
    """Take "epoch:version-release" apart: (int, str, str); what is not there is 0 or ''."""
    epoch, colon, rest = version.rpartition(':')
    number, dash, release = rest.rpartition('-')
    if not dash:
        number, release = rest, ''
    return int(epoch) if epoch.isdigit() else 0, number, release


def plain_rpm(version):
    """An rpm version as everything here spells it: with its epoch only where that is not 0."""
    return version[2:] if version.startswith('0:') else version


def compare_rpm(left, right):
    """Order two rpm versions written "epoch:version-release"; a missing epoch is 0, a missing release equals any."""
    left_epoch, left_version, left_release = split_evr(left)
    right_epoch, right_version, right_release = split_evr(right)
    difference = _sign(left_epoch - right_epoch) or compare_rpm_part(left_version, right_version)
    if difference or not left_release or not right_release:
        return difference
    return compare_rpm_part(left_release, right_release)


def _deb_weight(character):
    # The tilde before the end of the text, the end before letters, letters before the rest.
    if character == '~':
        return -1
    return ord(character) if character.isalpha() else ord(character) + 256


def compare_deb_part(left, right):
    """Order two upstream versions or two revisions as dpkg does: negative, zero or positive."""
    while left or right:
        first = re.match(r'^[^0-9]*', left).group()
        second = re.match(r'^[^0-9]*', right).group()
        left, right = left[len(first):], right[len(second):]
        for place in range(max(len(first), len(second))):
            difference = _sign(
                (_deb_weight(first[place]) if place < len(first) else 0)
                - (_deb_weight(second[place]) if place < len(second) else 0)
            )
            if difference:
                return difference
        first = re.match(r'^[0-9]*', left).group()
        second = re.match(r'^[0-9]*', right).group()
        left, right = left[len(first):], right[len(second):]
        difference = _sign(int(first or 0) - int(second or 0))
        if difference:
            return difference
    return 0


def compare_deb(left, right):
    """Order two Debian versions written "epoch:upstream-revision"; a missing epoch is 0."""
    left_epoch, left_version, left_revision = split_evr(left)
    right_epoch, right_version, right_revision = split_evr(right)
    return (
        _sign(left_epoch - right_epoch)
        or compare_deb_part(left_version, right_version)
        or compare_deb_part(left_revision, right_revision)
    )


COMPARE = {'rpm': compare_rpm, 'deb': compare_deb}


def newest_first(versions, kind):
    """The versions without repetitions, newest first; kind is "rpm" or "deb"."""
    return sorted(set(versions), key=functools.cmp_to_key(COMPARE[kind]), reverse=True)


# --- what a version is called upstream -----------------------------------------------------------------------------------------


def upstream(version):
    """The version Docker speaks of: "26.1.4" for "3:26.1.4-1.el7" and for "5:26.1.4-1~debian.12~bookworm"."""
    found = UPSTREAM.match(version)
    if not found:
        return version
    return found.group(1) + _pre_release(found.group(2))


def _pre_release(text):
    return '-' + re.sub(r'^[~.-]', '', text).rstrip('.') if text else ''


def _without_epoch(version):
    return version.rpartition(':')[2]


# --- wishes --------------------------------------------------------------------------------------------------------------------


class VersionWish(object):
    """Which versions a user accepts.

    Attributes:
        text (str): As the user wrote it.
        keyword (str): "present", "latest" or None.
    """

    def __init__(self, text, keyword=None, number='', pre='', exact=''):
        self.text = text
        self.keyword = keyword
        self._fields = number.split('.') if number else []
        self._pre = pre
        self._exact = exact

    def matches(self, version):
        """Whether a package version is one of those meant: field by field, so that 26.1 means 26.1.4 but not 26.10.

        A version that is not final is meant only where the wish says so.
        """
        if self.keyword:
            return True
        number, dash, pre = upstream(version).partition('-')
        return number.split('.')[:len(self._fields)] == self._fields and dash + pre == self._pre

    def distance(self, name):
        """How far an upstream name is from the wish: the number of leading fields they share, and the difference in the next one."""
        fields = [int(field) for field in name.partition('-')[0].split('.')]
        wanted = [int(field) for field in self._fields]
        for place, (one, other) in enumerate(zip(wanted, fields)):
            if one != other:
                return place, abs(one - other)
        return min(len(wanted), len(fields)), 0

    def is_met_by(self, version):
        """Whether an installed version leaves nothing to wish for, as far as can be told without the published ones."""
        return self.matches(version) and (not self._exact or self.spelled_out(version) or self._is_foreign(version))

    def spelled_out(self, version):
        """Whether the wish names this very package version with its release. The distribution at the end does not count."""
        if not self._exact or self._is_foreign(version):
            return False
        return re.match(re.escape(DISTRIBUTION.sub('', self._exact)) + r'(?![A-Za-z0-9])', _without_epoch(version)) is not None

    def _is_foreign(self, version):
        # A release number copied from a Debian host says nothing about the ones for CentOS, nor the other way round.
        own, other = DISTRIBUTION.search(self._exact), DISTRIBUTION.search(version)
        return bool(own and other) and own.group()[0] != other.group()[0]


def parse_wish(value, variable):
    """Read what a user wrote as a version.

    Args:
        value: The text; a number from YAML is told apart.
        variable (str): Where it was written, for the error.

    Returns:
        VersionWish: What is accepted.

    Raises:
        DockfleetError: It is no version.
    """
    if isinstance(value, float):
        raise DockfleetError(
            '%s: %s is a number in YAML, and there 20.10 and 20.1 are the same number. Write the version in quotes, such as "20.10".'
            % (variable, value),
            stage='version',
        )
    text = to_text(value).strip()
    if text in ('present', 'latest'):
        return VersionWish(text, keyword=text)
    found = WISH.match(text[1:] if text[:1] in ('v', 'V') else text)
    if isinstance(value, bool) or not found:
        raise DockfleetError('%s: "%s" is not a version. It can be %s.' % (variable, text, SPELLINGS), stage='version')
    return VersionWish(
        text,
        number=found.group('number'),
        pre=_pre_release(found.group('pre')),
        exact=_without_epoch(text.lstrip('vV')) if found.group('rest') else '',
    )


def resolve(wish, available):
    """The version a wish means, out of those published.

    Args:
        wish (VersionWish): What is accepted.
        available (list of str): Published versions of one package, newest first.

    Returns:
        str: The one spelled out, else the newest that matches, else None.
    """
    matching = [version for version in available if wish.matches(version)]
    for version in matching:
        if wish.spelled_out(version):
            return version
    return matching[0] if matching else None


def nearest(wish, available):
    """The published versions that are closest to a wish that nothing matches.

    Args:
        wish (VersionWish): What is accepted.
        available (list of str): Published versions of one package, newest first.

    Returns:
        list of str: Upstream names, newest first. Where some share leading fields with the wish, only those that share the most.
    """
    names = []
    for version in available:
        if upstream(version) not in names:
            names.append(upstream(version))
    distances = dict((name, wish.distance(name)) for name in names)
    shared = max([distance[0] for distance in distances.values()] or [0])
    chosen = sorted((name for name in names if distances[name][0] == shared), key=lambda name: distances[name][1])[:NEAREST]
    return [name for name in names if name in chosen]
