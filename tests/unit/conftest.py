# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets plain pytest, on every Python from 2.7 on, import this checkout as ansible_collections.dockfleet.host."""

from __future__ import absolute_import, division, print_function

import importlib
import os
import sys

__metaclass__ = type

# made by tests/link-collection
COLLECTIONS = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..', '.cache', 'collections'))


def _find_collections():
    try:
        importlib.import_module('ansible_collections.dockfleet.host.plugins')
    except ImportError:
        if sys.version_info[0] > 2:
            sys.path.insert(0, COLLECTIONS)
            return
        # Python 2.7 imports no folder without __init__.py: there ansible-core's own finder of collections has to do it, without its
        # look into meta/runtime.yml, for which it would need PyYAML.
        from ansible.utils import collection_loader
        from ansible.utils.collection_loader import _collection_finder
        collection_loader._meta_yml_to_dict = _collection_finder._meta_yml_to_dict = lambda content, content_id: {}
        _collection_finder._AnsibleCollectionFinder(paths=[COLLECTIONS])._install()


_find_collections()
