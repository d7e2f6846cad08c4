#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: package_repository
short_description: Set up Docker's package repository from any mirror, with a proven key
version_added: 0.1.0
description:
  - Writes the repository file for C(yum), C(dnf) or C(apt) and Docker's key beside it. The file depends on the parameters and the distribution alone;
    none is ever downloaded, since those of mirrors often lead back to the origin.
  - The release is written as a literal number or code name, found for the distribution in a table, and never as C($releasever).
  - Before anything is written, the mirror is asked from the host for the very release, architecture and channel. One that cannot serve it is refused, with
    the stage and the cause, and the message names known mirrors that can.
  - The key is accepted only if its set of primary keys is exactly the expected one. So its source does not matter, and where the mirror has none it is
    taken from the origin or another known mirror. C(gpgcheck) is always on and the key always a local file.
  - Other definitions of Docker's repository that could not stay beside this one are moved aside in the same step, with a copy. All others are reported.
  - Where file and key are as wished, the network is not used, unless O(root=auto) has to see whether the mirror is still healthy.
options:
  state:
    description:
      - V(present) sets the repository up.
      - V(absent) takes away the files that this module has written, and the key out of the rpm database, unless another definition still needs it.
        What it had moved aside comes back, unless somebody has changed the file since.
    type: str
    choices: [present, absent]
    default: present
  root:
    description:
      - Name of a known mirror, such as V(official), V(tsinghua), V(aliyun), V(ustc), V(tencent) or V(huawei), or the URL of any mirror, below which lies
        its folder C(linux).
      - A mirror inside a cloud has C(-intranet) at the end of its name, such as V(aliyun-intranet).
      - V(auto) chooses one by what an installation would ask of it, as M(dockfleet.host.package_mirror_info) does. The mirror that the file names stays as
        long as it is healthy. Else it becomes V(official) if that is healthy, else the fastest healthy one. Where none is, a file that is there stays.
    type: str
    default: official
  candidates:
    description:
      - The mirrors among which O(root=auto) chooses, and which are asked when the wished one fails, by name or URL. Empty means all known ones that are
        open to the public.
    type: list
    elements: str
    default: []
  release:
    description:
      - The release in Docker's repository, such as V(9) or V(bookworm), or with the folder, V(rhel/9) or V(ubuntu/jammy).
      - Empty means the one that the table has for the distribution. An unknown distribution is refused.
    type: str
    default: ""
  fallback_release:
    description:
      - The release to use while Docker does not publish the one for this host, such as V(trixie) on a newer Debian. It counts only if the origin, or where
        that cannot be reached another mirror, says that there is no such release, and no mirror has it. Empty means to fail then.
    type: str
    default: ""
  channel:
    description: V(test) adds Docker's channel of pre-releases to V(stable).
    type: str
    choices: [stable, test]
    default: stable
  key:
    description: Where the key comes from. Without it, from the mirror, or where that has none, from the origin or another known mirror.
    type: dict
    suboptions:
      src:
        description: A key file on the controller. It is searched for as by M(ansible.builtin.copy), and may be encrypted with Ansible Vault.
        type: path
      url:
        description: An C(https) or C(http) address that the host fetches the key from.
        type: str
      content:
        description: The key itself, as ASCII-armored text or as Base64 of a binary key file.
        type: str
  fingerprints:
    description:
      - Full fingerprints of all primary keys in the key file. Empty means Docker's own, which are C(060A61C51B558A7F742B77AAC52FEB6B621E9F35) for rpm
        and C(9DC858229FC7DD38854AE2D88D81803C0EBFCD88) for deb packages.
      - Quote them, or YAML may take one for a number.
    type: list
    elements: str
    default: []
  base:
    description:
      - What to do about the repositories of CentOS 7 itself, whose mirrors are gone since July 2024. Docker's dependencies come from there. On other
        distributions this does nothing.
      - V(keep) leaves them as they are, and warns where they are dead.
      - V(auto) leads the dead ones to a vault that has been found to serve them, that of the mirror's own people first. One that has been led to a vault
        stays with it.
      - V(vault) (the one of CentOS), V(tsinghua), V(aliyun) and V(ustc) lead them to this vault, also from another one.
      - Only sections that lead to C(mirrorlist.centos.org), C(mirror.centos.org) or a known vault are changed, and no other byte. C(gpgcheck) stays, and
        C(extras) is switched on. A copy is kept, and O(state=absent) brings it back.
    type: str
    choices: [keep, auto, vault, tsinghua, aliyun, ustc]
    default: keep
  tidy:
    description:
      - Whether all other definitions of Docker's repository are moved aside, with a copy, and not only those that cannot stay beside this one.
      - Parts of a file that define other repositories stay as they are, byte by byte.
    type: bool
    default: false
  proxy:
    description:
      - An HTTP proxy, such as V(http://user:password@proxy.example.org:3128), for this module and for the package manager's way to the mirror.
      - A file that has to hold a password gets the mode C(0600). For C(apt) it is a file of its own, below C(/etc/apt/apt.conf.d).
      - Without it, the environment of the task decides for this module (C(https_proxy), C(http_proxy), C(no_proxy)), and the settings of the host for the
        package manager. Empty means no proxy at all for this module.
    type: str
  timeout:
    description: Seconds that each of the questions of this module to the network may take. Several mirrors are asked side by side.
    type: int
    default: 20
  yum_timeout:
    description: Seconds after which C(yum) and C(dnf) give up on this repository when nothing comes (their option C(timeout)). For slow links.
    type: int
  yum_minrate:
    description: Bytes per second below which C(yum) and C(dnf) find this repository too slow (their option C(minrate)). V(1) is for very slow links.
    type: int
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.changing
attributes:
  check_mode:
    details:
      - Mirror and key are proven in check mode as well.
notes:
  - The lists of C(apt) are not refreshed here. M(dockfleet.host.engine_packages) does so where it has to.
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: dockfleet.host.package_mirror_info
  - module: dockfleet.host.openpgp_key
  - module: dockfleet.host.engine_packages
"""

EXAMPLES = r"""
- name: Set up Docker's repository from a mirror
  dockfleet.host.package_repository:
    root: tsinghua

- name: Use whichever of three mirrors works from here
  dockfleet.host.package_repository:
    root: auto
    candidates: [official, tsinghua, aliyun]

- name: Use a mirror of our own, and a key file that lies beside the playbook
  dockfleet.host.package_repository:
    root: https://packages.example.org/docker-ce
    key:
      src: docker-ce-rpm.asc

- name: Use the release that an unlisted distribution is built like
  dockfleet.host.package_repository:
    root: aliyun
    release: centos/9

- name: Set up a CentOS 7 host, its own dead repositories included, over a slow link
  dockfleet.host.package_repository:
    root: tsinghua
    base: auto
    yum_timeout: 300
    yum_minrate: 1

- name: Take the repository away again
  dockfleet.host.package_repository:
    state: absent
"""

RETURN = r"""
path:
  description: The repository file; V(null) with O(state=absent).
  returned: success
  type: str
  sample: /etc/yum.repos.d/docker-ce.repo
key_path:
  description: The key file that it names; V(null) with O(state=absent).
  returned: success
  type: str
  sample: /etc/pki/rpm-gpg/RPM-GPG-KEY-docker-ce
root:
  description: Root URL of the mirror; V(null) with O(state=absent).
  returned: success
  type: str
  sample: https://mirrors.tuna.tsinghua.edu.cn/docker-ce
release:
  description: The release in Docker's repository; V(null) with O(state=absent).
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
      sample: CentOS 7
reason:
  description: Why this mirror; V(null) with O(state=absent).
  returned: success
  type: str
  sample: it is in use and healthy
mirrors:
  description:
    - What mirrors were found to be with O(root=auto), as M(dockfleet.host.package_mirror_info) returns them. Where the one in use is healthy, only that one
      was asked.
    - A failure that comes from mirrors returns them as well.
  returned: success
  type: list
  elements: dict
  sample: []
primary_keys:
  description: The proven keys, as M(dockfleet.host.openpgp_key) returns them; none with O(state=absent).
  returned: success
  type: list
  elements: dict
  sample:
    - fingerprint: 060A61C51B558A7F742B77AAC52FEB6B621E9F35
vault:
  description: Root URL of the vault that CentOS 7's own repositories are led to by this run; V(null) where nothing of them was changed.
  returned: success
  type: str
  sample: https://vault.centos.org/7.9.2009
moved:
  description: Files that were changed, replaced or moved aside, and their copies.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
      returned: success
      sample: /etc/apt/sources.list.d/docker.list
    backup:
      description: The file as it was.
      type: str
      returned: success
      sample: /etc/apt/sources.list.d/docker.list.dockfleet.bak
found:
  description: Other definitions of Docker's repository, which were left as they are.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
      returned: success
      sample: /etc/yum.repos.d/docker-old.repo
    section:
      description: The section, or what C(apt) calls a source.
      type: str
      returned: success
      sample: docker-ce-edge
    fault:
      description: What is wrong with it.
      type: str
      returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils import _package_repository
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import Host


def main():
    module = AnsibleModule(argument_spec=_package_repository.ARGUMENT_SPEC, supports_check_mode=True, **_package_repository.CONSTRAINTS)
    host = Host(module)
    try:
        host.require_root()
        plan = _package_repository.plan(_package_repository.look(host, module.params), module.params)
        if plan.changed and not module.check_mode:
            _package_repository.apply(host, plan, module.params)
    except DockfleetError as error:
        module.fail_json(msg=error.message, **error.details)
    for warning in plan.warnings:
        module.warn(warning)
    module.exit_json(**plan.as_result(module._diff))


if __name__ == '__main__':
    main()
