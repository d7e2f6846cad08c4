# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the get-pip that ansible-test would download: the pip of ansible-test's own environment installs the wanted one, from its own index.

Beside this file there is one called pip_of, which holds the path of that environment's Python.
"""

from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

__metaclass__ = type


def main(arguments):
    # what --no-setuptools and --no-wheel are to leave out, this pip does not bring
    wanted = [argument for argument in arguments if argument not in ('--no-setuptools', '--no-wheel')]
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'pip_of')) as stream:
        python = stream.read().strip()
    subprocess.check_call([python, '-m', 'pip', '--python', sys.executable, 'install', '-qq', '--no-compile'] + wanted, stdout=sys.stderr)


if __name__ == '__main__':
    main(sys.argv[1:])
