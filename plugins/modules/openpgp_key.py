#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: openpgp_key
short_description: Prove an OpenPGP public key by its full fingerprint, and keep it on the host
version_added: 0.1.0
description:
  - Takes a public key from a file on the controller, from a URL or from a variable, and accepts it only if the primary keys in it are exactly
    those of O(fingerprints), no more and no fewer. It can then be kept on the host, for example as the key of a package repository.
  - No key is ever trusted without its full fingerprint. So the place that a key comes from does not matter; it may as well be the mirror that it is
    meant to check.
  - Nothing but Python is needed on the host; fingerprints are computed by this collection and not by C(gpg).
  - Keys of version 4, 5 and 6 are read, binary or ASCII-armored. Refused are secret keys, keys of version 2 and 3, revoked keys, expired keys, damaged
    or truncated files, web pages that come in the place of a key, and files of more than 1 MiB.
  - Signatures in the key are read for its expiry and revocation, but not verified. Programs that use the key verify them.
options:
  src:
    description:
      - A key file on the controller. It is searched for as by M(ansible.builtin.copy), and may be encrypted with Ansible Vault.
      - It is proven on the controller, so that a wrong one is never sent to the host.
    type: path
  url:
    description:
      - An C(https) or C(http) address that the host fetches the key from, each time the module runs. At most five redirects are followed.
      - TLS certificates are always verified.
    type: str
  content:
    description: The key itself, as ASCII-armored text or as Base64 of a binary key file.
    type: str
  fingerprints:
    description:
      - The full fingerprints of all primary keys in the file. Those of subkeys do not belong here.
      - Each has 40 hexadecimal digits, or 64 for keys of version 5 and 6, in upper or lower case. Spaces, colons and a leading C(0x) are allowed.
        Short key IDs are refused, because anyone can make another key with the same one.
      - Quote them, or YAML may take one for a number.
    type: list
    elements: str
    required: true
  path:
    description:
      - Absolute path of the file on the host to keep the key in. Without it, the key is only proven.
      - A file with a name that ends in C(.gpg) or C(.pgp) becomes a binary keyring, any other an ASCII-armored one. This is what C(apt) and C(rpm) expect.
      - The file is made anew from the OpenPGP packets that were read. Text around an armored key is not kept, and neither are armor headers such as
        C(Version).
      - Its mode becomes C(0644), because C(apt) reads it as an unprivileged user. Missing folders are created with mode C(0755).
    type: path
  proxy:
    description:
      - An HTTP proxy to fetch O(url) through, such as V(http://proxy.example.org:3128).
      - Without it, the environment of the task decides (C(https_proxy), C(http_proxy), C(no_proxy)). Empty means no proxy at all.
    type: str
  ca_file:
    description: A PEM file on the host with certificate authorities to trust for O(url), besides those of the system.
    type: path
  timeout:
    description: Seconds that fetching O(url) may take, all in all.
    type: int
    default: 30
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.changing
notes:
  - C(rpm) and older versions of C(apt) read only the first key of an armored file. Keep one key in a file for them.
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: dockfleet.host.package_repository
    description: Proves the key of Docker's repository in the same way and sets the repository up with it.
  - module: ansible.builtin.rpm_key
  - module: ansible.builtin.deb822_repository
"""

EXAMPLES = r"""
- name: Keep Docker's key for apt, fetched from a mirror and proven by its fingerprint
  dockfleet.host.openpgp_key:
    url: https://mirrors.tuna.tsinghua.edu.cn/docker-ce/linux/debian/gpg
    fingerprints:
      - 9DC8 5822 9FC7 DD38 854A  E2D8 8D81 803C 0EBF CD88
    path: /etc/apt/keyrings/docker.asc

- name: Keep Docker's key for yum, from a file beside the playbook
  dockfleet.host.openpgp_key:
    src: docker-ce-rpm.asc
    fingerprints:
      - 060A61C51B558A7F742B77AAC52FEB6B621E9F35
    path: /etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce

- name: Only prove a key that a variable holds
  dockfleet.host.openpgp_key:
    content: "{{ repository_key }}"
    fingerprints: "{{ repository_key_fingerprints }}"
  register: proven

- name: Show whose key it is
  ansible.builtin.debug:
    msg: "{{ proven.primary_keys | map(attribute='user_ids') | flatten }}"
"""

RETURN = r"""
primary_keys:
  description: The primary keys in the file, in its order.
  returned: success
  type: list
  elements: dict
  contains:
    fingerprint:
      description: The full fingerprint.
      type: str
      returned: success
      sample: 060A61C51B558A7F742B77AAC52FEB6B621E9F35
    version:
      description: Version of the key, V(4), V(5) or V(6).
      type: int
      returned: success
      sample: 4
    algorithm:
      description: The algorithm, such as V(RSA), V(DSA), V(ECDSA) or V(EdDSA). One without a known name is called by its number.
      type: str
      returned: success
      sample: RSA
    bits:
      description: Length of an RSA, DSA or ElGamal key; V(null) for others.
      type: int
      returned: success
      sample: 4096
    curve:
      description: Curve of an elliptic-curve key, such as V(nistp256) or V(ed25519); V(null) for others.
      type: str
      returned: success
      sample:
    created:
      description: When the key was made, in UTC.
      type: str
      returned: success
      sample: "2017-02-22T19:20:33Z"
    expires:
      description: When the key expires, in UTC, by its newest self-signature; V(null) for never.
      type: str
      returned: success
      sample:
    revoked:
      description: Whether the key is revoked. Always V(false), because the module fails for one that is.
      type: bool
      returned: success
      sample: false
    user_ids:
      description: Whose key it says it is.
      type: list
      elements: str
      returned: success
      sample:
        - Docker Release (CE rpm) <docker@docker.com>
    subkeys:
      description: Its subkeys, each with C(fingerprint), C(version), C(algorithm), C(bits), C(curve) and C(created).
      type: list
      elements: dict
      returned: success
      sample: []
path:
  description: The file that holds the key now, as given; V(null) where the key was only proven.
  returned: success
  type: str
  sample: /etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils import _openpgp_key
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import Host


def main():
    module = AnsibleModule(argument_spec=_openpgp_key.ARGUMENT_SPEC, supports_check_mode=True, **_openpgp_key.CONSTRAINTS)
    host = Host(module)
    try:
        plan = _openpgp_key.plan(_openpgp_key.look(host, module.params), module.params)
        if plan.changed and not module.check_mode:
            _openpgp_key.apply(host, plan, module.params)
    except DockfleetError as error:
        module.fail_json(msg=error.message, **error.details)
    module.exit_json(**plan.as_result(module._diff))


if __name__ == '__main__':
    main()
