# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures on the way to an answer: at which stage, and why."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._url import without_secrets


class NetError(DockfleetError):
    """A failure on the way to an answer.

    Args:
        stage (str): dns, tcp, tls or http; users of this client add their own, such as token or manifest.
        cause (str): What happened, in a few words.
        url (str): What was asked for; shown without credentials and query.
        address (str): The address in use, if it got that far.
        seconds (float): How long it took to fail.
        status (int): The HTTP status, where the server's answer is the failure.
        bytes_per_s (int): The measured speed, where that is the failure.
    """

    def __init__(self, stage, cause, url=u'', address=None, seconds=None, status=None, bytes_per_s=None):
        self.stage = to_text(stage)
        self.cause = to_text(cause)
        self.url = without_secrets(url)
        self.address = address
        self.seconds = seconds
        self.status = status
        self.bytes_per_s = bytes_per_s
        super(NetError, self).__init__(describe(self), stage=self.stage, cause=self.cause, url=self.url, address=address)


def describe(error):
    """A failure as the second half of a sentence: 'http 403 for https://... (0.1 s)'."""
    if not isinstance(error, NetError):
        return error.message
    text = error.cause if error.status else u'%s: %s' % (error.stage, error.cause)
    if error.url:
        text += u' for %s' % error.url
    notes = []
    if error.address and error.address not in error.url:
        notes.append(u'at %s' % error.address)
    if error.seconds is not None:
        notes.append(u'%.1f s' % error.seconds)
    return text + (u' (%s)' % u', '.join(notes) if notes else u'')


def in_seconds(seconds):
    return u'%s s' % (u'%.1f' % seconds).replace(u'.0', u'')
