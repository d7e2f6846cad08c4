#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: engine_runtime
short_description: Stop a Docker engine and clear what it leaves in the kernel
version_added: 1.0.0
description:
  - Stops C(docker.socket) and C(docker.service) in one step, so that the socket cannot start the service again, and C(containerd.service) where it is
    Docker's own.
  - Then takes away the bridges that Docker made (C(docker0), C(docker_gwbridge), C(br-) with twelve digits, while nothing is connected to them), its chains
    and rules of iptables and ip6tables, its tables of nft, its files in C(/run), empty folders that no package takes
    away, and the failed state of its units.
  - A rule is taken for Docker's only where Docker writes it in these very words. Rules that administrators put into the chain C(DOCKER-USER) stay, and so
    does the chain then.
  - Refuses while containers run, also those that live on without their daemon, unless O(stop_containers) says that they may be stopped.
  - Refuses in any case while Docker's containerd also runs containers of others, such as those of Kubernetes.
options:
  stop_containers:
    description: Whether running containers may be stopped.
    type: bool
    default: false
  remove_group:
    description: Whether the group C(docker) is removed. It stays as long as anybody is in it.
    type: bool
    default: false
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.changing
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: dockfleet.host.engine_data
  - module: dockfleet.host.engine_packages
"""

EXAMPLES = r"""
- name: Docker comes to an end, and no container runs
  dockfleet.host.engine_runtime:

- name: Docker and its containers come to an end
  dockfleet.host.engine_runtime:
    stop_containers: true
"""

RETURN = r"""
plan:
  description: What is stopped and taken away; in check mode, what would be.
  returned: success
  type: list
  elements: str
  sample: [docker.socket, docker.service, "iptables, table filter: chain DOCKER", network interface docker0]
kept:
  description: What stays of Docker.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: The thing.
      returned: success
      type: str
      sample: group docker
    why:
      description: Why it stays.
      returned: success
      type: str
      sample: "it has members: alice"
    remedy:
      description: The command that takes it away.
      returned: success
      type: str
      sample: groupdel docker
    text:
      description: All of that for people.
      returned: success
      type: str
      sample: 'group docker: it has members: alice. "groupdel docker" takes it away'
containers:
  description: Names of the containers that run.
  returned: when containers run and may not be stopped
  type: list
  elements: str
  sample: [web]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils import _engine_runtime
from ansible_collections.dockfleet.host.plugins.module_utils._plan import carry_out


def main():
    carry_out(
        AnsibleModule(argument_spec=_engine_runtime.ARGUMENT_SPEC, supports_check_mode=True, **_engine_runtime.CONSTRAINTS),
        _engine_runtime,
    )


if __name__ == '__main__':
    main()
