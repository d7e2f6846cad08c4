# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions of real package managers, recorded under data/, and a host that plays them back where the program itself cannot be run."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import io
import os

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'data')


def play(program, name):
    """A recorded run as Host.run() would return it: exit status, standard output, standard error."""
    with io.open(os.path.join(DATA, program, name + '.txt'), encoding='utf-8') as stream:
        head, rest = stream.read().split(u'----- stdout\n', 1)
    out, err = rest.split(u'----- stderr\n', 1)
    return int(head.split(u'rc=')[1]), out, err


class RecordedHost(object):
    """Answers commands with recorded runs, in order, and remembers what was asked."""

    def __init__(self, answers, programs=(), files=None):
        self.answers = list(answers)
        self.programs = programs
        self.files = files or {}
        self.asked = []

    def run(self, argv, data=None, environment=None):
        self.asked.append((list(argv), data))
        return self.answers.pop(0)

    def which(self, program):
        return '/usr/bin/' + program if program in self.programs else None

    def read_text(self, path):
        return self.files.get(path)

    def list_folder(self, path, suffix=''):
        return sorted(name for name in self.files if os.path.dirname(name) == path and name.endswith(suffix))

    def make_folder(self, path, mode=0o755):
        pass

    def write(self, path, content, mode=None):
        self.files[path] = content.decode('utf-8')

    def remove(self, path):
        self.files.pop(path, None)
