#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: registry_reachability_info
short_description: Prove registries and mirrors by doing what a pull does
version_added: 0.1.0
description:
  - Goes the way of a pull from the managed host, up to the manifest of the wished images. It looks up the name, connects, verifies the certificate, asks
    C(/v2/), gets a token from wherever the registry says, and asks for the manifest.
  - All registries are asked at the same time, under one deadline.
  - A proxy is used where C(http_proxy), C(https_proxy) and C(no_proxy) say so. Set them with the C(environment) keyword of the task.
  - The certificate is always verified, by the authorities that the system trusts, those in C(/etc/docker/certs.d) for this registry, and O(ca_file).
options:
  registries:
    description:
      - URLs of mirrors and registries, as C(registry-mirrors) in C(daemon.json) has them.
      - A registry that one of the O(images) names is asked for those images. Every other is asked for the images of Docker Hub, as its mirror.
      - A URL that is wrong in itself is reported as RV(registries[].stage=url), and does not keep the others from being asked.
    type: list
    elements: str
    required: true
  images:
    description:
      - Images whose manifests have to be there, written as for C(docker pull).
      - With an empty list the probe ends after the token.
    type: list
    elements: str
    default: [library/hello-world:latest]
  credentials:
    description:
      - User names and passwords for registries that want them.
    type: list
    elements: dict
    default: []
    suboptions:
      registry:
        description:
          - Host and port of the registry, such as V(registry.example.com:5000), or V(docker.io).
        type: str
        required: true
      username:
        description:
          - The user's name.
        type: str
        required: true
      password:
        description:
          - The user's password or access token.
        type: str
        required: true
  insecure_registries:
    description:
      - Hosts, hosts with port, or networks, as C(insecure-registries) in C(daemon.json) has them.
      - Registries in it are asked by plain http where https fails. A certificate that cannot be verified is reported all the same.
    type: list
    elements: str
    default: []
  ca_file:
    description:
      - File on the managed host, in PEM form, with further authorities to trust.
    type: path
  read_blob:
    description:
      - Whether to read the smallest blob of the first image too, following redirects to where the registry keeps its blobs.
      - This downloads a manifest with GET, which counts as a pull where Docker Hub limits them.
    type: bool
    default: false
  timeout:
    description:
      - Seconds after which everything ends, however many registries there are.
    type: float
    default: 10
  order:
    description:
      - Chooses the mirrors to write into C(daemon.json), which are the healthy ones. Those that are left out are warned of, and the task fails where none is
        healthy.
      - With V(given), they stay in the order of O(registries).
      - With V(latency), the fastest goes first. A mirror that is in C(daemon.json) already goes behind another only if that is faster by more than 50 ms
        and 30 %, so that runs agree with each other.
      - Not set, nothing is chosen.
    type: str
    choices: [given, latency]
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.info
attributes:
  action:
    description: Has an action plugin of the same name, which runs on the controller.
    support: full
    details:
      - It answers from what O(dockfleet.host.host_facts#module:registry_probe) has found in this run, where that was asked the same.
author:
  - dockfleet.host contributors (@dockfleet)
"""

EXAMPLES = r"""
- name: See which mirrors would serve a pull
  dockfleet.host.registry_reachability_info:
    registries:
      - https://mirror.example.com
      - https://registry-1.docker.io
    images:
      - hello-world
      - library/alpine:3.20
  register: probe

- name: Show what is wrong with the others
  ansible.builtin.debug:
    msg: "{{ item.url }}: {{ item.verdict }} ({{ item.stage }}: {{ item.cause }})"
  loop: "{{ probe.registries | rejectattr('verdict', 'equalto', 'healthy') }}"
  loop_control:
    label: "{{ item.url }}"

- name: A private registry with an authority of its own, down to a blob
  dockfleet.host.registry_reachability_info:
    registries: [https://registry.example.com:5000]
    images: ["registry.example.com:5000/team/app:1.4"]
    credentials:
      - registry: registry.example.com:5000
        username: puller
        password: "{{ vault_puller_password }}"
    ca_file: /etc/pki/tls/certs/example-ca.pem
    read_blob: true
"""

RETURN = r"""
registries:
  description: One entry for each of O(registries), in the same order.
  returned: success
  type: list
  elements: dict
  contains:
    url:
      description: The URL as given, without credentials.
      type: str
      returned: always
      sample: https://mirror.example.com
    verdict:
      description:
        - V(healthy), all images can be had.
        - V(degraded), some cannot, or are not those of Docker Hub.
        - V(unusable), nothing can be had.
      type: str
      returned: always
      sample: unusable
    stage:
      description:
        - Where it failed, one of V(url), V(dns), V(tcp), V(tls), V(http) (the answer to C(/v2/)), V(token), V(manifest) and V(blob).
        - Empty if it did not.
      type: str
      returned: always
      sample: token
    cause:
      description: Why, in words. Empty if it did not fail.
      type: str
      returned: always
      sample: "answers, but gives no pull token: auth.example.com refuses this client (http 403)"
    latency_ms:
      description: Milliseconds from looking up the name to the answer to C(/v2/). Null if there was none.
      type: int
      returned: always
      sample: 84
    addresses:
      description: The addresses that answered for the registry, or the proxy's.
      type: list
      elements: str
      returned: always
      sample: ["192.0.2.10"]
    hosts:
      description: The names that a pull needs, as far as the probe came, the registry's first, then those of token servers and blob stores.
      type: list
      elements: str
      returned: always
      sample: ["mirror.example.com", "auth.example.com"]
    digests:
      description: The digest of each image that is served, by image.
      type: dict
      returned: always
      sample: {"library/hello-world:latest": "sha256:d211f485f2dd1dee407a80973c8f129f00d54604d2c90732e8e320e5038a0348"}
    missing:
      description: The images that are not served.
      type: list
      elements: str
      returned: always
      sample: []
    stale:
      description: The images whose digest is not that of Docker Hub, where Docker Hub was among O(registries) and answered.
      type: list
      elements: str
      returned: always
      sample: []
    rate_limit:
      description: What the registry says about its limits, of C(limit), C(remaining), C(window_s), C(retry_after_s) and C(source) those that it tells.
      type: dict
      returned: always
      sample: {"limit": 100, "remaining": 98, "window_s": 21600}
    notes:
      description: What else should be known, for example that a name is known to be dead, or that plain http is used.
      type: list
      elements: str
      returned: always
      sample: []
mirrors:
  description: The URLs of the mirrors to write, in their order.
  returned: success, with O(order)
  type: list
  elements: str
  sample: ["https://mirror.example.com"]
table:
  description: The verdicts as lines for people, with name, verdict, time and cause in columns, for a terminal of 100 columns.
  returned: success
  type: list
  elements: str
  sample:
    - "mirror.example.com    unusable            dns: the name does not exist (mirror.example.com)."
    - registry-1.docker.io  healthy     320 ms
healthy:
  description: The URLs of the healthy ones, in the order of O(registries).
  returned: success
  type: list
  elements: str
  sample: ["https://registry-1.docker.io"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils import _registry_probe
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError


def main():
    module = AnsibleModule(argument_spec=_registry_probe.ARGUMENT_SPEC, supports_check_mode=True)
    try:
        result = _registry_probe.probe(module.params)
    except DockfleetError as error:
        module.fail_json(msg=error.message, **error.details)
    for words in result.pop('left_out', ()):
        module.warn(words)
    module.exit_json(changed=False, **result)


if __name__ == '__main__':
    main()
