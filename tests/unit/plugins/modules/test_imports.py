# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file that runs on managed hosts can be loaded by the Python of this run."""

from __future__ import absolute_import, division, print_function

import importlib
import os

import pytest

__metaclass__ = type

PLUGINS = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..', '..', '..', 'plugins'))


def _files(folder):
    return [
        '%s.%s' % (folder, name[:-len('.py')])
        for name in sorted(os.listdir(os.path.join(PLUGINS, folder)))
        if name.endswith('.py')
    ]


@pytest.mark.parametrize('name', _files('module_utils') + _files('modules'))
def test_loads_and_has_only_new_style_classes(name):
    loaded = importlib.import_module('ansible_collections.dockfleet.host.plugins.' + name)

    assert loaded.__metaclass__ is type
