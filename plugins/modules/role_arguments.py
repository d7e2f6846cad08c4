#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: role_arguments
short_description: Check the variables of all roles of a play before the first of them runs
version_added: 1.0.0
description:
  - Each role of this collection checks its own variables when it begins. In a play of several roles that is a task a role and host, and a mistake in
    the variables of the last role is found when the first ones have changed the host already.
  - This module checks, in one task on the controller, the variables of all roles of this collection that the play imports, against the same specifications
    (C(meta/argument_specs.yml)). Their own checks can be switched off then.
  - The host is not contacted.
options: {}
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.info
attributes:
  action:
    description: Has an action plugin of the same name, which runs on the controller.
    support: full
  async:
    description: Can be run with the C(async) keyword.
    support: none
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: ansible.builtin.validate_argument_spec
notes:
  - Roles that are included with M(ansible.builtin.include_role) are not known when the play begins, and go on checking their variables by themselves.
"""

EXAMPLES = r"""
- name: A mirror and an engine
  hosts: docker
  become: true
  gather_facts: false
  tasks:
    - name: Check the variables of both roles
      dockfleet.host.role_arguments:

    - name: Set up the repository
      ansible.builtin.import_role:
        name: dockfleet.host.docker_repo
        rolespec_validate: false

    - name: Install the engine
      ansible.builtin.import_role:
        name: dockfleet.host.docker_engine
        rolespec_validate: false
"""

RETURN = r"""
roles:
  description: The roles whose variables were checked.
  returned: success
  type: list
  elements: str
  sample: [docker_repo, docker_engine]
argument_errors:
  description: What is wrong with the variables, one sentence each.
  returned: failure
  type: list
  elements: str
stage:
  description: V(arguments).
  returned: failure
  type: str
  sample: arguments
"""
