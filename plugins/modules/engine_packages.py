#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: engine_packages
short_description: Bring Docker's packages to one version, in one transaction
version_added: 0.1.0
description:
  - Installs, upgrades, downgrades and removes the packages of the Docker Engine with C(yum) 3, C(dnf) 4, C(dnf) 5 or C(apt-get), whichever the host has.
  - One version means the same on every distribution. It is resolved for each package by itself against what the repositories of the host publish,
    so that epochs, releases and names of distributions never have to be written.
  - C(docker-ce), C(docker-ce-cli) and C(docker-ce-rootless-extras) always get the same version.
  - The package manager rehearses the whole transaction first. It is not begun if it would take away a package that nobody named, or would do less than
    planned. Afterwards the package database is compared with the plan, and a difference is an error.
  - A host that satisfies the wish is recognised from its package database alone; repositories are not asked then.
  - Signatures are always checked.
  - Holds, pins and settings such as C(exclude=) that somebody else has set on the host are never overridden. Where one is in the way, the error names it.
options:
  state:
    description:
      - V(present) brings the packages to O(version).
      - V(latest) is short for O(version=latest).
      - V(absent) removes the packages. Configuration and data stay.
    type: str
    choices: [present, latest, absent]
    default: present
  version:
    description:
      - V(present) keeps what is installed and installs the newest version of what is not.
      - V(latest) brings all O(packages) to the newest version. It has to ask the repositories in every run.
      - A version, or its leading fields, such as V(26.1.4) or V(26.1). Fields are compared as a whole, so that V(26.1) never means 26.10. An installed
        version that matches is kept.
      - It may also be pasted as C(yum list) or C(apt-cache madison) print it, such as V(3:26.1.4-1.el7) or V(5:26.1.4-1~debian.12~bookworm), on hosts of
        either kind. The release counts where the host's repositories have it.
      - Write it in quotes. Without, YAML reads 20.10 as the number 20.1, and it is refused.
    type: raw
    default: present
  packages:
    description:
      - The packages, by Docker's names.
      - Where this is not given, C(docker-ce), C(docker-ce-cli), C(containerd.io), C(docker-buildx-plugin) and C(docker-compose-plugin) for
        O(state=present), and every installed package of Docker's for O(state=absent).
    type: list
    elements: str
  package_versions:
    description:
      - Versions for packages that do not go by the engine's version, by name, such as C(containerd.io). Spelled as for O(version).
      - Others are kept as they are, or installed in their newest version.
    type: dict
    default: {}
  allow_downgrade:
    description:
      - Whether packages may go back to an older version.
      - What a newer engine wrote to its data-root may not be readable by an older one.
    type: bool
    default: false
  replace:
    description:
      - Other container tools that may be removed when C(docker-ce) newly comes to a host, such as C(podman), C(runc) or C(containerd).
      - Older editions of Docker itself are removed then without being named, since no two can be installed.
    type: list
    elements: str
    default: []
  also:
    description:
      - What goes along with O(state=absent).
      - V(obsolete) stands for older editions of Docker, such as C(docker.io), C(docker-engine) or C(docker-common).
      - V(dependencies) stands for the packages that this module's own transactions brought along for Docker's. Those that others need by now stay.
      - V(configuration) stands for the configuration files that C(dpkg) keeps of Docker's packages, where nobody has changed them. Those of C(docker.io)
        stay, since its maintainer scripts would delete C(/var/lib/docker).
    type: list
    elements: str
    choices: [obsolete, dependencies, configuration]
    default: []
  restore:
    description:
      - Versions by name, as an earlier run returned them in RV(before). Docker's packages are brought back to exactly these, downgrades included, and those
        of Docker's packages that are not named go away. Other names in it are passed over.
      - Where this is given, O(version), O(packages), O(package_versions), O(allow_downgrade) and O(replace) do not count.
    type: dict
  hold:
    description:
      - Whether the packages are held in their versions, so that neither C(apt upgrade) nor C(yum update), nor what does so at night, moves them.
      - With C(apt-mark hold), and with the versionlock of yum 3, dnf 4 and dnf 5. yum 3 and dnf 4 need a plugin for it, C(yum-plugin-versionlock) or
        C(python3-dnf-plugin-versionlock), which is installed in the same transaction where the host lacks it.
      - This module lifts its own holds for a change that it was told to make, and sets them again in the end, also where the change fails.
      - With V(false), holds that this module has set are taken away. Those of others stay, whatever is chosen here. Which ones are its own is written down in
        C(/var/lib/dockfleet/engine_packages.json).
    type: bool
    default: false
  restart:
    description:
      - The packages of Docker restart the daemon when they change, and stop it when they go. V(never) refuses a change of C(docker-ce) or C(containerd.io)
        while the daemon runs; V(auto) makes it, and a warning says how many containers run and what becomes of them.
      - Containers stay up with C(live-restore). Docker promises that for patch releases only, such as from 26.1.4 to 26.1.5.
    type: str
    choices: [auto, never]
    default: auto
  lock_timeout:
    description: How many seconds to wait while another process holds the lock of the package manager. Then the error names that process.
    type: int
    default: 120
  users:
    description:
      - The users that M(dockfleet.host.engine_service) is going to add to the group C(docker). This module only sees to it that the host has them, and
        refuses to change any package where it has not.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.changing
attributes:
  check_mode:
    details:
      - Metadata of the repositories goes to a temporary folder, so that nothing on the host changes.
      - Where Docker's repository is not set up yet, the plan holds the wish in place of the versions, and a warning says so.
      - dnf 5 cannot rehearse a change while the packages are held by this module, so that the plan then lacks the dependencies, and a warning says so.
  idempotent:
    details:
      - With O(version=latest) a later run changes something when a newer version was published.
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: dockfleet.host.package_repository
  - module: dockfleet.host.engine_service
"""

EXAMPLES = r"""
- name: Install Docker, or keep what is installed
  dockfleet.host.engine_packages:

- name: Bring hosts of every distribution to the newest 26.1
  dockfleet.host.engine_packages:
    version: "26.1"

- name: Go back to a version that is known to work
  dockfleet.host.engine_packages:
    version: 26.1.4
    package_versions:
      containerd.io: 1.6.33
    allow_downgrade: true

- name: Install Docker in the place of Podman
  dockfleet.host.engine_packages:
    replace: [podman, buildah, runc]

- name: Hold a version, and refuse to change it while containers depend on the daemon
  dockfleet.host.engine_packages:
    version: "26.1"
    hold: true
    restart: never

- name: Go back to what an earlier task, registered as upgrade, has found
  dockfleet.host.engine_packages:
    restore: "{{ upgrade.before }}"

- name: Remove Docker's packages
  dockfleet.host.engine_packages:
    state: absent
"""

RETURN = r"""
plan:
  description: What is done, with the dependencies that come along; in check mode, what would be done.
  returned: success
  type: dict
  contains:
    install:
      description: New packages, by name, with their versions.
      returned: success
      type: dict
      sample: {"docker-ce": "3:26.1.4-1.el7"}
    upgrade:
      description: Packages that go to a newer version, by name, with that version.
      returned: success
      type: dict
    downgrade:
      description: Packages that go back to an older version, by name, with that version.
      returned: success
      type: dict
    remove:
      description: Packages that go away, by name, with the version that was installed.
      returned: success
      type: dict
purge:
  description: Packages of which the configuration files that C(dpkg) keeps are taken away.
  returned: success
  type: list
  elements: str
  sample: [containerd.io, docker-ce]
kept:
  description: With O(state=absent), packages of those around Docker that stay, and why.
  returned: success
  type: list
  elements: dict
  contains:
    package:
      description: Its name.
      returned: success
      type: str
      sample: containerd
    why:
      description: Why it stays.
      returned: success
      type: str
      sample: it may serve others than Docker
    text:
      description: All of that for people.
      returned: success
      type: str
      sample: "package containerd: it may serve others than Docker"
    hold:
      description: Packages that come to be held, or are held in another version than before, by name, with that version.
      returned: success
      type: dict
    unhold:
      description: Packages that were held by this module and no longer are, by name, with the version they were held in.
      returned: success
      type: dict
before:
  description: Installed packages of Docker's and of those around them, by name, with their versions.
  returned: success
  type: dict
after:
  description: The same afterwards, as the package database has it; in check mode, as planned.
  returned: success
  type: dict
  sample: {"containerd.io": "1.6.33-3.1.el7", "docker-ce": "3:26.1.4-1.el7", "docker-ce-cli": "1:26.1.4-1.el7"}
available:
  description: Published versions of Docker's packages, by name, newest first. Empty where the repositories did not have to be asked.
  returned: success
  type: dict
  sample: {"docker-ce": ["3:26.1.4-1.el7", "3:26.1.3-1.el7"]}
held:
  description: The packages that this module holds afterwards, by name, with the version they are held in.
  returned: success
  type: dict
  sample: {"docker-ce": "3:26.1.4-1.el7"}
held_by_others:
  description: The installed packages that somebody else holds, by name, with where that is set.
  returned: success
  type: dict
  sample: {"docker-ce": "/etc/dnf/plugins/versionlock.list line 3 (\"docker-ce-3:26.1.4-1.el7.*\")"}
restart:
  description: What the change does to the daemon.
  returned: success, and when O(restart=never) refuses the change
  type: dict
  contains:
    needed:
      description: Whether a daemon runs that the packages restart or stop.
      returned: success
      type: bool
    containers:
      description: How many containers run. 0 where nothing is to be changed, since the daemon is not asked then.
      returned: success
      type: int
    live_restore:
      description: Whether they stay up.
      returned: success
      type: bool
  sample: {"needed": true, "containers": 3, "live_restore": false}
barred:
  description: The packages that would have to change, with what keeps each from it.
  returned: when a hold or a pin of somebody else is in the way
  type: list
  elements: dict
  sample: [{"name": "docker-ce", "by": "\"apt-mark hold\""}]
missing:
  description: Dependencies that no enabled repository has.
  returned: when dependencies are missing whose usual repository is known
  type: list
  elements: str
  sample: [container-selinux]
would_remove:
  description: The packages that are in the way and that nobody named.
  returned: when the transaction would take away packages that nobody named
  type: list
  elements: str
  sample: [runc]
output:
  description: The last lines that the package manager printed.
  returned: when the package manager fails
  type: list
  elements: str
nearest:
  description: Published versions that are closest to one that is not published, newest first.
  returned: when the version is not published
  type: list
  elements: str
  sample: ["20.10.10", "20.10.9", "20.10.0"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils import _engine_packages
from ansible_collections.dockfleet.host.plugins.module_utils._plan import carry_out


def main():
    carry_out(
        AnsibleModule(argument_spec=_engine_packages.ARGUMENT_SPEC, supports_check_mode=True, **_engine_packages.CONSTRAINTS),
        _engine_packages,
    )


if __name__ == '__main__':
    main()
