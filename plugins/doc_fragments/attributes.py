# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules promise about check mode, diff, idempotence and platforms, said once for all of them."""

from __future__ import annotations


class ModuleDocFragment:
    # What each attribute means. A module adds what it supports, by one of the fragments below or by itself.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Runs in check mode, where it tells what it would change and changes nothing.
  diff_mode:
    description: Shows in diff mode what was changed, or in check mode what would be.
  idempotent:
    description: Run again with the same parameters, it changes nothing and says so.
  platform:
    description: Operating systems of the managed host.
    support: full
    platforms: linux
"""

    # Modules that look, plan and apply.
    CHANGING = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  action:
    description: Has an action plugin of the same name, which runs on the controller.
    support: full
  async:
    description: Can be run with the C(async) keyword.
    support: none
"""

    # Modules that only look and report.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module never changes anything.
  diff_mode:
    support: N/A
    details:
      - This module never changes anything.
  idempotent:
    support: full
    details:
      - This module never changes anything. What it reports may differ from run to run.
"""

    # Modules that only look and set facts.
    FACTS = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module never changes anything.
  diff_mode:
    support: N/A
    details:
      - This module never changes anything.
  idempotent:
    support: full
    details:
      - This module never changes anything. What it reports may differ from run to run.
  facts:
    description: Returns an C(ansible_facts) dictionary that becomes part of the facts of the host.
    support: full
"""
