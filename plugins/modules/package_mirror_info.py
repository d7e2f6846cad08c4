#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: package_mirror_info
short_description: Prove mirrors of Docker's package repository by what an installation asks them for
version_added: 0.1.0
description:
  - Asks each mirror, from the managed host, for the index of the release that this host needs (C(repomd.xml) or C(InRelease)), and for the package list
    that the index names, and holds size and checksum of the list against the index.
  - All candidates are asked at the same time, under one deadline.
  - Chooses one. The mirror in use stays while it is healthy. Else it is the origin (V(official)) if that is healthy, else the fastest healthy one.
options:
  candidates:
    description:
      - The mirrors to ask, as names of known ones such as V(official), V(tsinghua) or V(aliyun), or as URLs that have the folder C(linux) below them.
      - With an empty list, all known ones that are open to the public.
    type: list
    elements: str
    default: []
  current:
    description:
      - The mirror in use, by name or URL. It is asked too, and is the one chosen while it is healthy.
    type: str
    default: ""
  release:
    description:
      - The release to ask for instead of the one that fits this host, such as V(9), V(rhel/9) or V(bookworm).
    type: str
    default: ""
  channel:
    description:
      - The channel of Docker's repository.
    type: str
    choices: [stable, test]
    default: stable
  timeout:
    description:
      - Seconds after which everything ends, however many mirrors there are.
    type: float
    default: 10
  proxy:
    description:
      - An HTTP proxy to ask through, such as V(http://user:password@proxy.example.org:3128).
      - Without it, C(http_proxy), C(https_proxy) and C(no_proxy) decide. Set them with the C(environment) keyword of the task. Empty means no proxy at
        all.
    type: str
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.info
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: dockfleet.host.package_repository
"""

EXAMPLES = r"""
- name: See which mirror would do
  dockfleet.host.package_mirror_info:
  register: probe

- name: Tell
  ansible.builtin.debug:
    msg: "{{ probe.chosen }}: {{ probe.reason }}"

- name: Choose among three, one of which is a mirror of our own
  dockfleet.host.package_mirror_info:
    candidates:
      - official
      - tsinghua
      - https://mirror.example.com/docker-ce
    current: tsinghua
    timeout: 20
"""

RETURN = r"""
mirrors:
  description: One entry for each candidate, in order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The mirror's name, or its URL if it has none.
      type: str
      returned: always
      sample: tsinghua
    url:
      description: Its root.
      type: str
      returned: always
      sample: https://mirrors.tuna.tsinghua.edu.cn/docker-ce
    verdict:
      description:
        - V(healthy), an installation from it would work.
        - V(degraded), it would, but slowly, or not with the newest packages.
        - V(unusable), it would not.
      type: str
      returned: always
      sample: unusable
    stage:
      description: Where it failed, one of V(dns), V(tcp), V(tls) and V(http). Empty if it did not.
      type: str
      returned: always
      sample: http
    cause:
      description: Why, in words. Empty if it did not fail.
      type: str
      returned: always
      sample: "http 404: it has linux/centos, but not centos/7 x86_64"
    latency_ms:
      description: Milliseconds from looking up the name to the whole index. Null if there was none.
      type: int
      returned: always
      sample: 184
    total_ms:
      description: Milliseconds for index and package list. The fastest is chosen by it. Null if there was not both.
      type: int
      returned: always
      sample: 320
    bytes_per_s:
      description: Measured speed of the package list. Null if it was not measured.
      type: int
      returned: always
      sample: 812000
    revision:
      description: When the index was made, in seconds since 1970. Null if it was not read or does not say.
      type: int
      returned: always
      sample: 1717607461
chosen:
  description: Name (or URL) of the mirror to use. Empty if none is healthy.
  returned: success
  type: str
  sample: tsinghua
reason:
  description: Why it was chosen, or why none was.
  returned: success
  type: str
  sample: it is the fastest healthy one (320 ms)
table:
  description: The mirrors as lines for people, with name, verdict, time and cause in columns.
  returned: success
  type: list
  elements: str
  sample:
    - "official  unusable            tls: connection reset during the TLS handshake"
    - tsinghua  healthy     320 ms
release:
  description: What the mirrors were asked for.
  returned: success
  type: str
  sample: centos/7 x86_64
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils import _mirror_probe
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import Host
from ansible_collections.dockfleet.host.plugins.module_utils._look import look_at


def main():
    module = AnsibleModule(argument_spec=_mirror_probe.ARGUMENT_SPEC, supports_check_mode=True)
    try:
        result = _mirror_probe.probe(look_at(Host(module), _mirror_probe.NEEDS, module.params), module.params)
    except DockfleetError as error:
        module.fail_json(msg=error.message, **error.details)
    module.exit_json(changed=False, **result)


if __name__ == '__main__':
    main()
