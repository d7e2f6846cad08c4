#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: engine_data
short_description: Find a Docker engine's data, and delete it when the real paths are confirmed
version_added: 1.0.0
description:
  - Finds the folders in which an engine keeps images, containers and volumes. C(data-root) in C(daemon.json), the flags of the units, C(root) of containerd
    and the usual places are followed to the real folders behind symbolic links.
  - Deletes them at O(level=data) only, and only where O(confirm) names exactly these folders.
  - Refuses C(/), folders of the system, home folders, and folders that hold anything an engine would not put there.
  - Never enters what somebody else has mounted there, such as volumes on NFS, bind mounts or a tmpfs. The engine's own mounts are unmounted first, the
    deepest before those above it.
  - Needs no more memory for millions of files than for a few. A run that was cut off is continued by the next one.
  - Data of rootless engines is listed and never touched.
options:
  level:
    description: Data goes with V(data) only. With the others, the result tells what stays.
    type: str
    choices: [packages, config, data]
    default: packages
  confirm:
    description:
      - The real paths of all folders to be deleted, exactly as RV(to_confirm) has them. What is gone already may be named, too.
      - Without this option the module is a preview. It measures the folders, and outside of check mode it refuses to delete.
    type: list
    elements: str
  data_roots:
    description: Further folders that hold data of an engine, such as a data-root that no configuration names any more.
    type: list
    elements: str
    default: []
  foreign_mounts:
    description:
      - What to do where somebody else has mounted something in a folder to be deleted. V(refuse) names the mounts and touches nothing. V(leave) goes around
        them; they stay with all that is in them and with the folders that lead to them.
    type: str
    choices: [refuse, leave]
    default: refuse
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.changing
author:
  - dockfleet.host contributors (@dockfleet)
seealso:
  - module: dockfleet.host.engine_runtime
"""

EXAMPLES = r"""
- name: Show what there is and how large it is
  dockfleet.host.engine_data:
    level: data
  check_mode: true

- name: Delete it
  dockfleet.host.engine_data:
    level: data
    confirm: [/mnt/disk/docker, /var/lib/containerd]
"""

RETURN = r"""
plan:
  description: What is unmounted and deleted; in check mode, what would be.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The mount point, link or folder.
      returned: success
      type: str
      sample: /mnt/disk/docker
    kind:
      description: One of C(mount), C(link), C(Docker) and C(containerd); the last two are data-roots.
      returned: success
      type: str
      sample: Docker
    bytes:
      description: What the disk gets back, in bytes. Null where it was not measured, and for mounts and links.
      returned: success
      type: int
      sample: 1234567168
    text:
      description: All of that for people.
      returned: success
      type: str
      sample: Docker /mnt/disk/docker (1.2 GB)
kept:
  description: Data that stays, and files and folders with settings, which this module does not touch.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The folder or mount point.
      returned: success
      type: str
      sample: /var/lib/docker
    why:
      description: Why it stays.
      returned: success
      type: str
      sample: data stays at the level "packages"
    bytes:
      description: Its size in bytes. Null where it was not measured.
      returned: success
      type: int
      sample: 1234567168
    text:
      description: All of that for people.
      returned: success
      type: str
      sample: '/var/lib/docker (1.2 GB): data stays at the level "packages"'
roots:
  description: The real paths of all data-roots that were found.
  returned: success
  type: list
  elements: str
  sample: [/mnt/disk/docker, /var/lib/containerd]
to_confirm:
  description: What O(confirm) has to be.
  returned: success
  type: list
  elements: str
  sample: [/mnt/disk/docker, /var/lib/containerd]
bytes:
  description: The sum of the bytes in RV(plan). Null where nothing was measured.
  returned: success
  type: int
  sample: 1234567168
would_delete:
  description: What O(confirm) has to be.
  returned: when it was not confirmed
  type: list
  elements: str
  sample: [/var/lib/docker]
mounts:
  description: Mount points of others.
  returned: when something foreign is mounted below
  type: list
  elements: str
  sample: [/var/lib/docker/volumes/files/_data]
strange:
  description: Names that an engine does not give.
  returned: when a folder does not look like a data-root
  type: list
  elements: str
  sample: [photos]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils import _engine_data
from ansible_collections.dockfleet.host.plugins.module_utils._plan import carry_out


def main():
    carry_out(
        AnsibleModule(argument_spec=_engine_data.ARGUMENT_SPEC, supports_check_mode=True, **_engine_data.CONSTRAINTS),
        _engine_data,
    )


if __name__ == '__main__':
    main()
