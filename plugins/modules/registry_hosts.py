#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: registry_hosts
short_description: Repair names that a pull needs, while name servers fail or lie
version_added: 1.0.0
description:
  - Looks each name up as the system does, and lets every address prove by TLS that it is the name's own. Only where the name servers of the host fail
    or lie are the O(resolvers) asked, with C(dig); the addresses that prove themselves are written into one marked block of the hosts file.
  - The names are found by going the way of a pull, from the registry to the token server that its challenge names, and to the blob store to which it
    redirects.
  - The block is dated and says what it is for. It holds at most two addresses a name, the fastest first, and stays as it is while all of them hold. It is
    taken away when the name servers are right again. Every other byte of the file stays, as do its mode and its owner.
  - The Docker daemon need not be restarted or reloaded. It looks names up anew for every pull, and believes what it has read of the hosts file for five
    seconds at most.
  - C(dig) is installed where it is needed and not there, as C(bind-utils), C(bind9-dnsutils) or C(dnsutils), out of the repositories that the host has.
  - The blob store shows only in a real request for a manifest, which Docker Hub counts as one pull. Where it limits them, what was found so far holds.
  - Where nothing can be proven for any name, the host is cut off rather than lied to, and the file stays as it is.
  - A proxy is not used; with one, it is the proxy that looks names up.
options:
  mode:
    description:
      - With V(auto), the block holds the names that are broken, and is taken away when none is.
      - With V(force), it holds all names that a pull needs, and the task fails where one of them cannot be proven.
      - With V(absent), it is taken away.
    type: str
    choices: [auto, force, absent]
    default: auto
  names:
    description:
      - Hosts of registries or mirrors from which images are to be pulled, each with a port where that is not 443. Other hosts that speak TLS can be named
        too.
      - The names of their token servers and blob stores are found.
    type: list
    elements: str
    default: [registry-1.docker.io]
  resolvers:
    description:
      - IPv4 or IPv6 addresses of name servers to ask where those of the host fail or lie. They need not be trusted, since every address has to prove itself.
      - Each is asked by UDP and by TCP, over which nobody on the way can slip in an answer.
    type: list
    elements: str
    default: []
  images:
    description:
      - Images to go the way of a pull with; the first that a registry has is taken. Written as for C(docker pull).
    type: list
    elements: str
    default: [library/hello-world:latest]
  adopt:
    description:
      - Whether to take entries over that others wrote about these names. They are taken out of the file, and the name is repaired where that is needed. They
        do not come back with O(mode=absent).
      - Otherwise they stay, and a warning tells what is wrong with them.
    type: bool
    default: false
  path:
    description:
      - The hosts file. One that is a mount by itself, as in a container, is written in its place.
    type: path
    default: /etc/hosts
  timeout:
    description:
      - Seconds that addresses are given to prove themselves, all at the same time. The way of a pull is given three times as many, and one of the
        O(resolvers) no more than 3.
    type: float
    default: 5
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.changing
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: dockfleet.host.registry_reachability_info
"""

EXAMPLES = r"""
- name: Repair the names of Docker Hub while they are broken
  dockfleet.host.registry_hosts:
    resolvers: [223.5.5.5, 1.1.1.1]

- name: Take over what somebody pinned years ago
  dockfleet.host.registry_hosts:
    resolvers: [223.5.5.5, 1.1.1.1]
    adopt: true

- name: Leave the file to others again
  dockfleet.host.registry_hosts:
    mode: absent
"""

RETURN = r"""
path:
  description: The hosts file.
  returned: success
  type: str
  sample: /etc/hosts
date:
  description: The day on which the block was written. Empty if there is none.
  returned: success
  type: str
  sample: "2026-11-25"
installed:
  description: The package that was installed for C(dig), or would be. Empty if none.
  returned: success
  type: str
  sample: bind-utils
system:
  description: What the name servers of the host say about each name that a pull needs. Empty with O(mode=absent).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      type: str
      returned: always
      sample: auth.docker.io
    addresses:
      description: Its addresses, past the hosts file.
      type: list
      elements: str
      returned: always
      sample: ["192.0.2.10"]
    state:
      description:
        - V(right), at least one address proved itself, and none belongs to somebody else.
        - V(lies), an address shows a certificate that is not the name's own.
        - V(fails), there is no address, or none that answers.
      type: str
      returned: always
      sample: lies
    cause:
      description: Why, in words. Empty if right.
      type: str
      returned: always
      sample: "192.0.2.10: tls: certificate is for another name (stranger.example)"
    needed:
      description: Whether a pull was seen to need it. False only for a name that is in the block and no longer needed.
      type: bool
      returned: always
      sample: true
proven:
  description: The addresses in the block, or that would be in it, by name.
  returned: success
  type: dict
  sample: {"auth.docker.io": ["192.0.2.44"]}
rejected:
  description: The addresses that did not prove to be the name's own.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      type: str
      returned: always
      sample: auth.docker.io
    address:
      description: The address.
      type: str
      returned: always
      sample: 192.0.2.10
    source:
      description: Who gave it, one of O(resolvers), C(the host's name servers), C(the hosts file), or several of them.
      type: str
      returned: always
      sample: 192.0.2.54
    stage:
      description: Where it failed, V(tcp) or V(tls).
      type: str
      returned: always
      sample: tls
    cause:
      description: Why, in words.
      type: str
      returned: always
      sample: "certificate is for another name (stranger.example)"
pins:
  description: Entries that others wrote about these names.
  returned: success
  type: list
  elements: dict
  contains:
    line:
      description: The line, counted from 1.
      type: int
      returned: always
      sample: 7
    name:
      description: The name.
      type: str
      returned: always
      sample: registry-1.docker.io
    address:
      description: The address.
      type: str
      returned: always
      sample: 192.0.2.10
    proven:
      description: Whether the address proved to be the name's own.
      type: bool
      returned: always
      sample: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils import _registry_hosts
from ansible_collections.dockfleet.host.plugins.module_utils._plan import carry_out


def main():
    carry_out(AnsibleModule(argument_spec=_registry_hosts.ARGUMENT_SPEC, supports_check_mode=True, **_registry_hosts.CONSTRAINTS), _registry_hosts)


if __name__ == '__main__':
    main()
