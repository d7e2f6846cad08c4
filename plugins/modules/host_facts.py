#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: host_facts
short_description: Look at a host once and judge whether it is fit for Docker
version_added: 0.1.0
description:
  - Gathers in one round trip everything that the modules of this collection need to know about a host, and stores it as the fact
    C(dockfleet_host). The action plugins of those modules plan on the controller from it, and answer without contacting the host
    where nothing is to do.
  - A look counts only in the run that made it and only until the first change to the host. A fact cache cannot revive an old one. While it counts,
    this module answers from it as well.
  - Judges the host by the rules of Docker's documentation. Only what is certain to break has the severity V(stop).
  - The fact holds no secrets. Where one has to be compared, such as a password in a proxy address, a salted digest stands in its place.
options:
  data_root:
    description:
      - Absolute path of the engine's C(data-root). It need not exist yet, the nearest folder above it is looked at then.
      - Empty means the one in O(options), else the one in C(daemon.json), else C(/var/lib/docker).
    type: path
    default: ""
  engine_version:
    description:
      - The engine version that is going to run, as for O(dockfleet.host.engine_packages#module:version). Some rules depend on it.
      - Where it holds no numbers, the installed version counts.
    type: str
    default: present
  options:
    description:
      - The options that C(daemon.json) is going to get, as for O(dockfleet.host.daemon_json#module:options). They are laid over what stands there, and
        the rules judge the outcome.
    type: dict
    default: {}
  address_pools:
    description:
      - The wished C(default-address-pools), compared with the routes of the host. Empty means those in O(options), else those in C(daemon.json), else
        Docker's own.
    type: list
    elements: dict
    default: []
    suboptions:
      base:
        description: An IPv4 network, such as V(10.200.0.0/16).
        type: str
        required: true
      size:
        description: Prefix length of the networks that are cut from it, in bits.
        type: int
        required: true
  release:
    description:
      - The release in Docker's repository to use in place of the one found for the distribution, such as V(7) or V(bookworm).
      - Empty means the one found.
    type: str
    default: ""
  storage_driver:
    description:
      - The wished storage driver. V(auto) takes the one in O(options) or C(daemon.json). Where there is none, it keeps the driver of a host that holds
        data, else takes the first of C(overlay2), C(fuse-overlayfs), C(btrfs) and C(zfs) that the host can run; never C(vfs).
    type: str
    default: auto
  tls:
    description:
      - Whether O(dockfleet.host.daemon_json#module:tls) is going to open the API with certificates. Then O(options) that need those are not refused here.
    type: bool
    default: false
  enforce:
    description: Fail on a host that is not fit, naming all reasons and remedies. Otherwise they are only returned.
    type: bool
    default: false
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.facts
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: dockfleet.host.engine_packages
  - module: dockfleet.host.daemon_json
"""

EXAMPLES = r"""
- name: Look at the host
  dockfleet.host.host_facts:
  register: looked

- name: Stop on what is certain to fail
  dockfleet.host.host_facts:
    enforce: true

- name: Judge another data-root for engine 28
  dockfleet.host.host_facts:
    data_root: /srv/docker
    engine_version: "28.5"
"""

RETURN = r"""
ansible_facts:
  description: The look, as the fact C(dockfleet_host). Its inner shape is for the modules of this collection and may change between releases.
  returned: success
  type: dict
  contains:
    dockfleet_host:
      description: One entry per section of the look.
      type: dict
      returned: success
fit:
  description: Whether no problem of severity V(stop) was found.
  returned: success
  type: bool
  sample: true
looked:
  description: Whether the host was contacted; V(false) where a look of this run still counted.
  returned: success
  type: bool
  sample: true
problems:
  description: What speaks against this host, worst or not.
  returned: success
  type: list
  elements: dict
  contains:
    code:
      description: Short name of the rule.
      type: str
      returned: success
      sample: d_type
    severity:
      description: V(stop) for what is certain to break, V(warning) for what may.
      type: str
      returned: success
      sample: stop
    message:
      description: What is wrong and where.
      type: str
      returned: success
    remedy:
      description: What to do about it.
      type: str
      returned: success
storage_driver:
  description: The storage driver for this host; V(null) where none fits.
  returned: success
  type: str
  sample: overlay2
release:
  description: Where Docker's repository keeps the packages for this host; V(null) where it has none.
  returned: success
  type: dict
  contains:
    family:
      description: Package family, V(rpm) or V(deb).
      type: str
      returned: success
      sample: rpm
    distribution:
      description: The path element for the distribution.
      type: str
      returned: success
      sample: centos
    value:
      description: The path element for the release.
      type: str
      returned: success
      sample: "7"
    architecture:
      description: The path element for the architecture.
      type: str
      returned: success
      sample: x86_64
    reason:
      description: Why these were chosen.
      type: str
      returned: success
"""

import binascii
import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import Host
from ansible_collections.dockfleet.host.plugins.module_utils._look import SECTIONS, look_at
from ansible_collections.dockfleet.host.plugins.module_utils._preflight import ARGUMENT_SPEC, verdict


def main():
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    host = Host(module, salt=to_text(binascii.hexlify(os.urandom(16))))
    try:
        host.require_root()
        look = look_at(host, sorted(SECTIONS), module.params)
        result, warnings = verdict(look, module.params)
    except DockfleetError as error:
        module.fail_json(msg=error.message, **error.details)
    for warning in warnings:
        module.warn(warning)
    module.exit_json(changed=False, looked=True, ansible_facts={'dockfleet_host': look}, **result)


if __name__ == '__main__':
    main()
