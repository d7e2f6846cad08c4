# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What does not depend on the kind of host is asked of one."""

from __future__ import annotations

# These are asked of both.
ON_BOTH = (
    'test_the_block_holds_only_proven_addresses',
    'test_nothing_else_in_the_file_has_changed',
    'test_a_daemon_that_ran_before_pulls_through_it',
    'test_healed_names_give_the_file_back',
    'test_dig_that_is_not_there_is_installed_or_missed_aloud',
)


def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if item.originalname in ON_BOTH or item.callspec.params['_testinfra_host'].backend.host == 'debian12']
