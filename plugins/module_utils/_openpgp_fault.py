# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why data is no usable key, and what to do about it."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

FETCH_AGAIN = u'Fetch the key again, as a file, and compare its size with that of the original.'
EXPORT_PUBLIC = u'Export the public key alone: gpg --armor --export FINGERPRINT.'
NEWER_KEY = u'Ask its owner for a key of version 4 or newer.'


class Fault(Exception):
    """Why data is not a usable key; read_keys() of _openpgp.py turns it into a DockfleetError."""

    def __init__(self, why, offset=None, remedy=FETCH_AGAIN):
        super(Fault, self).__init__(why)
        self.why = why
        self.offset = offset
        self.remedy = remedy


def printable(text):
    """Text of others made safe to show: no control characters, and no characters that reorder a line."""
    return re.sub(u'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]', u'?', text)
