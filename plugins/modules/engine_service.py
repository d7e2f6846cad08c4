#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: engine_service
short_description: Let Docker run, now and after a boot, and users talk to it
version_added: 0.1.0
description:
  - Enables and starts C(docker.service), and adds users to the group C(docker). The group is made where the package C(docker-ce) failed to make it.
  - Answered on the controller, without contacting the host, while a look of M(dockfleet.host.host_facts) shows that all is as wished.
  - On a host without systemd, such as an image that is being built, only the users are seen to, and a warning says so.
  - A masked unit is never unmasked; the error says how to do it.
options:
  users:
    description:
      - Users that may use Docker without C(sudo). They have to exist. Others in the group stay in it.
      - Whoever is in this group can become root on the host, by way of a container.
      - A user who is logged in has to log in anew for it to take effect.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.changing
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: dockfleet.host.engine_packages
"""

EXAMPLES = r"""
- name: Docker runs, and alice may use it
  dockfleet.host.engine_service:
    users: [alice]
"""

RETURN = r"""
members:
  description: The members of the group C(docker) afterwards.
  returned: success
  type: list
  elements: str
  sample: [alice]
systemd:
  description: Whether systemd runs on the host, so that the service was seen to.
  returned: success
  type: bool
  sample: true
masked:
  description: The units that are masked.
  returned: when units are masked
  type: list
  elements: str
  sample: [docker.service]
log:
  description: The last lines of the service's journal.
  returned: when the service does not start
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils import _engine_service
from ansible_collections.dockfleet.host.plugins.module_utils._plan import carry_out


def main():
    carry_out(
        AnsibleModule(argument_spec=_engine_service.ARGUMENT_SPEC, supports_check_mode=True, **_engine_service.CONSTRAINTS),
        _engine_service,
    )


if __name__ == '__main__':
    main()
