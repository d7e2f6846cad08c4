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
  users:
    description:
      - The users that O(dockfleet.host.engine_service#module:users) is going to name, so that the look tells of them and that module need not contact the
        host. They are not judged here.
    type: list
    elements: str
    default: []
  registry_probe:
    description:
      - What a later task with M(dockfleet.host.registry_reachability_info) is going to ask, to be asked in the round trip of the look already. That task
        answers from it where its parameters and its environment are the same, unless M(dockfleet.host.registry_hosts) has changed names in between.
      - The answer is stored as the fact C(dockfleet_registries). Here it fails nothing.
    type: dict
    suboptions:
      registries:
        description: See O(dockfleet.host.registry_reachability_info#module:registries).
        type: list
        elements: str
        required: true
      images:
        description: See O(dockfleet.host.registry_reachability_info#module:images).
        type: list
        elements: str
        default: [library/hello-world:latest]
      timeout:
        description: See O(dockfleet.host.registry_reachability_info#module:timeout).
        type: float
        default: 10
      order:
        description: See O(dockfleet.host.registry_reachability_info#module:order).
        type: str
        choices: [given, latency]
  check_roles:
    description:
      - Check first, on the controller, the variables of all roles of this collection that the play imports, against their specifications
        (C(meta/argument_specs.yml)). A host whose variables are wrong is not contacted.
      - Each role checks its own variables when it begins. In a play of several roles that is a task a role and host, and a mistake in the variables of the
        last role is found when the first ones have changed the host already. With this, their own checks can be switched off
        (C(rolespec_validate=false)).
      - Roles that are included with M(ansible.builtin.include_role) are not known when the play begins, and go on checking their variables by themselves.
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

- name: A mirror and an engine, with the variables of both roles checked before the first of them runs
  hosts: docker
  become: true
  gather_facts: false
  tasks:
    - name: Check the variables and look at the host
      dockfleet.host.host_facts:
        check_roles: true

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
ansible_facts:
  description: The look, as the fact C(dockfleet_host). Its inner shape is for the modules of this collection and may change between releases.
  returned: success
  type: dict
  contains:
    dockfleet_host:
      description: One entry per section of the look.
      type: dict
      returned: success
    dockfleet_registries:
      description: What O(registry_probe) found; empty where nothing was asked, or where it was refused.
      type: dict
      returned: success
argument_errors:
  description: What is wrong with the variables of the roles, one sentence each, with O(check_roles).
  returned: failure
  type: list
  elements: str
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
from ansible_collections.dockfleet.host.plugins.module_utils._registry_probe_ahead import ask_ahead


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
    probed = ask_ahead(module.params['registry_probe'], host.salt)
    module.exit_json(changed=False, looked=True, ansible_facts={'dockfleet_host': look, 'dockfleet_registries': probed}, **result)


if __name__ == '__main__':
    main()
