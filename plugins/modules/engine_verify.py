#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: engine_verify
short_description: Prove that the Docker engine runs as wished
version_added: 0.1.0
description:
  - Compares what the running daemon says of itself (C(GET /info) of the Engine API) and the client's version with the wish, and fails on a difference.
  - Asks the API at each configured endpoint. Where it wants a certificate of its clients, being turned away without one is the right answer.
  - Pulls images, through a mirror where there is one, runs them, and reads in a container's own cgroup whether its limits are in effect. What was
    pulled only for that is removed again, so that the host stays as it was.
  - What the client has said of its version is kept in C(/var/lib/dockfleet/docker_client.json), so that later looks need not start it while it is the same
    program.
  - In check mode nothing is pulled and no difference fails, since the changes that would remove it were not made either.
options:
  version:
    description:
      - The wished engine version, as for O(dockfleet.host.engine_packages#module:version). The client is held to it too.
      - Where it holds no numbers, engine and client only have to agree with each other.
    type: str
    default: present
  options:
    description: The wished options of C(daemon.json). Those are compared whose effect the daemon shows.
    type: dict
    default: {}
  storage_driver:
    description:
      - The wished storage driver, as for O(dockfleet.host.daemon_json#module:storage_driver).
      - With V(auto), any will do; C(vfs) gives a warning.
    type: str
    default: auto
  registry_mirrors:
    description: The wished registry mirrors, in their order.
    type: list
    elements: str
    default: []
  images:
    description: Images to pull and run. Each has to end by itself with exit status 0.
    type: list
    elements: str
    default: [hello-world]
  limits:
    description:
      - Whether a container of the first of the O(images) is run with C(--memory) and C(--cpus), and has to show these limits in its own cgroup.
      - The image needs no program of its own for that; those of the host are lent to the container, read-only.
    type: bool
    default: true
  run:
    description:
      - When the O(images) are run. V(auto) runs them unless a look of this run, which no change has made stale, shows the engine as wished.
      - With V(never) the engine is only compared and its endpoints are asked; nothing is pulled and no container is run.
    type: str
    choices: [auto, always, never]
    default: auto
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.info
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: dockfleet.host.daemon_json
  - module: dockfleet.host.registry_reachability_info
"""

EXAMPLES = r"""
- name: Prove that engine 26.1 runs and pulls through the mirror
  dockfleet.host.engine_verify:
    version: "26.1"
    registry_mirrors:
      - https://mirror.example.com

- name: Compare only
  dockfleet.host.engine_verify:
    options:
      live-restore: true
    run: never
"""

RETURN = r"""
engine:
  description: What runs; V(null) where no daemon does.
  returned: always
  type: dict
  contains:
    version:
      description: Version of the engine.
      type: str
      returned: success
      sample: 26.1.4
    client_version:
      description: Version of the client.
      type: str
      returned: success
      sample: 26.1.4
    storage_driver:
      description: Storage driver in use; C(overlayfs) stands for C(overlay2) in the containerd image store.
      type: str
      returned: success
      sample: overlay2
    containerd_image_store:
      description: Whether images are kept by a snapshotter of containerd, as fresh installations of engine 29 do.
      type: bool
      returned: success
    registry_mirrors:
      description: Registry mirrors in use, in the order in which they are asked. Docker Hub is always asked last.
      type: list
      elements: str
      returned: success
    insecure_registries:
      description: Registries that may be asked without TLS.
      type: list
      elements: str
      returned: success
    cgroup_version:
      description: Version of cgroups that the engine uses.
      type: str
      returned: success
      sample: "2"
    data_root:
      description: Where the engine keeps its data.
      type: str
      returned: success
      sample: /var/lib/docker
    live_restore:
      description: Whether containers go on while the daemon restarts.
      type: bool
      returned: success
    logging_driver:
      description: Logging driver for containers.
      type: str
      returned: success
      sample: json-file
    endpoints:
      description: Endpoints at which the API answers.
      type: list
      elements: str
      returned: success
      sample: ["fd://"]
findings:
  description: Where the engine differs from the wish.
  returned: always
  type: list
  elements: dict
  contains:
    what:
      description: The key of C(daemon.json), or V(daemon), V(engine), V(client), V(API at ...).
      type: str
      returned: success
    wished:
      description: The wish.
      type: raw
      returned: success
    found:
      description: What runs.
      type: raw
      returned: success
    remedy:
      description: What to do.
      type: str
      returned: success
outputs:
  description: What each image printed; empty where none was run.
  returned: success
  type: dict
  sample: {hello-world: "Hello from Docker!"}
pulled_through:
  description:
    - The mirror that each pulled image came from. It was pulled from there by the mirror's own name, so that nobody else can have given it.
    - V(null) for an image that was there already or is not of Docker Hub, and where there is no mirror that can be asked by its name, as is one with a
      path in its URL or without TLS, or one that gives images to containerd only.
  returned: success
  type: dict
  sample: {hello-world: "https://mirror.example.com/"}
limits:
  description: What a container showed that was given 64 MiB and half a processor; V(null) where none was run.
  returned: success
  type: dict
  contains:
    memory:
      description: Its memory, in bytes.
      type: int
      returned: success
      sample: 67108864
    cpus:
      description: Its share of processors.
      type: float
      returned: success
      sample: 0.5
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils._engine_verify import (
    ARGUMENT_SPEC,
    NEEDS,
    NOTHING_RUN,
    examine,
    prove,
    refuse_findings,
    warnings_of,
)
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import Host
from ansible_collections.dockfleet.host.plugins.module_utils._look import look_at
from ansible_collections.dockfleet.host.plugins.module_utils._look_client import remember


def main():
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    host = Host(module)
    proof = NOTHING_RUN
    try:
        host.require_root()
        look = look_at(host, NEEDS, module.params)
        engine, findings = examine(look, module.params)
        if not module.check_mode:
            refuse_findings(findings)
            if module.params['run'] != 'never':
                proof = prove(host, engine, module.params)
            remember(host, look['client'])
    except DockfleetError as error:
        module.fail_json(msg=error.message, **error.details)
    for warning in warnings_of(engine, module.params):
        module.warn(warning)
    module.exit_json(changed=False, engine=engine, findings=findings, **proof)


if __name__ == '__main__':
    main()
