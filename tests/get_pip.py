# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the get-pip that ansible-test would download: takes the pip that Python carries, then the wanted one from pip's own index."""

from __future__ import absolute_import, division, print_function

import subprocess
import sys

__metaclass__ = type


def main(arguments):
    def python(*command):
        subprocess.check_call((sys.executable, '-m') + command, stdout=sys.stderr)

    unwanted = [option[len('--no-'):] for option in arguments if option in ('--no-setuptools', '--no-wheel')]
    wanted = [argument for argument in arguments if argument not in ('--no-setuptools', '--no-wheel')]
    python('ensurepip', '--default-pip')
    python('pip', 'install', '-qq', *wanted)
    if unwanted:
        python('pip', 'uninstall', '-qq', '--yes', *unwanted)


if __name__ == '__main__':
    main(sys.argv[1:])
