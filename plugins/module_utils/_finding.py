# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the preflight finds, and the engine version that it judges for."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.dockfleet.host.plugins.module_utils._engine_version import numbers_of, shown


def stop(code, message, remedy):
    """A finding that is certain to break."""
    return {'code': code, 'severity': 'stop', 'message': message, 'remedy': remedy}


def warn(code, message, remedy):
    """A finding that may break, or that has to be said before it is done."""
    return {'code': code, 'severity': 'warning', 'message': message, 'remedy': remedy}


def finding(certain, code, message, remedy):
    """A finding by its certainty (bool)."""
    return (stop if certain else warn)(code, message, remedy)


class Target(object):
    """The engine that is going to run, as far as it is known.

    Args:
        numbers (tuple of int): Its version, or the beginning of it; () where nothing is known.
        or_newer (bool): It may as well be a newer one.
    """

    def __init__(self, numbers, or_newer=False):
        self.numbers = numbers
        self.or_newer = or_newer

    def reaches(self, version):
        """Whether the engine is this version (tuple of int) or a newer one; None where that is not known yet."""
        known = self.numbers[: len(version)]
        if not known or known < version[: len(known)]:
            return None if self.or_newer or not known else False
        if known > version[: len(known)] or not any(version[len(known):]):
            return True
        return None

    @property
    def text(self):
        """For a sentence: "engine 26.1"."""
        if not self.numbers:
            return 'the newest engine'
        return 'engine %s%s' % (shown(self.numbers), ' or newer' if self.or_newer else '')


def target_of(wished, installed):
    """The engine that will run on a host.

    Args:
        wished (str): As docker_engine_version.
        installed (str): The version of the package docker-ce; "" where there is none.

    Returns:
        Target: The wish's numbers, in full where the installed engine has them.
    """
    wanted, there = numbers_of(wished), numbers_of(installed)
    if wanted and there[: len(wanted)] != wanted:
        return Target(wanted)
    return Target(there, or_newer=not wanted and (wished == 'latest' or not there))
