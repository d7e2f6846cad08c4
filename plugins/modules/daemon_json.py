#!/usr/bin/python
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: daemon_json
short_description: Merge options into daemon.json and let the daemon take them up
version_added: 0.1.0
description:
  - Merges the wished options into C(/etc/docker/daemon.json). Keys that others wrote stay as they are; a key that this module once set and that is wished
    no more is taken out. What stood in the file already in the wished form counts as written by others.
  - Checks every key, type and value of the result against the engine version, and the keys against the flags of C(docker.service), before anything is
    written. Where the engine has C(dockerd --validate) (23.0 and newer), it reads the new file too.
  - Writes the file in one step, with a backup of the old one beside it (the last five are kept), and with mode 0600 where it holds secrets.
  - A running daemon is reloaded where all changed keys follow a reload, otherwise restarted. Where it does not take up the new file, the old one is put back,
    the daemon started with it, and the module fails with the daemon's own last words. This happens in the module and not in a handler, so that
    a run that is cut off in between leaves nothing half done; the next one makes up for it.
  - A daemon that does not show what its file says, because somebody wrote the file and told nobody, is reloaded as well.
  - A file that is no valid JSON is never touched. The error names line and column.
options:
  path:
    description: Absolute path of the file.
    type: path
    default: /etc/docker/daemon.json
  options:
    description:
      - The wished options. Objects are merged deeply; lists are replaced; V(null) takes a key out, whoever wrote it.
      - Texts are turned into the type of their key where that is plain (V("true") for C(live-restore), a number for C(log-opts)).
    type: dict
    default: {}
  registry_mirrors:
    description: URLs of mirrors of Docker Hub, for the key C(registry-mirrors). Blanks around them are dropped.
    type: list
    elements: str
    default: []
  engine_version:
    description:
      - The engine version to check against, as for O(dockfleet.host.engine_packages#module:version). The installed version counts where the wish does not
        contradict it.
    type: str
    default: present
  confirm:
    description:
      - Keys that may change on a host that holds images, containers or volumes, although the daemon will not see these any more. One or more of
        V(data-root), V(storage-driver), V(userns-remap), V(containerd-snapshotter).
    type: list
    elements: str
    default: []
  restart:
    description:
      - V(auto) reloads or restarts the daemon as needed. With V(never) only the file is written; what the daemon is owed is remembered and carried out by
        the next run with V(auto).
    type: str
    choices: [auto, never]
    default: auto
extends_documentation_fragment:
  - dockfleet.host.attributes
  - dockfleet.host.attributes.changing
author:
  - dockfleet.host contributors (@dockfleet)
notes:
  - The paths of the keys that this module wrote are kept in C(/var/lib/dockfleet/daemon_json.json) on the host.
seealso:
  - module: dockfleet.host.engine_verify
  - module: dockfleet.host.registry_reachability_info
"""

EXAMPLES = r"""
- name: Use a mirror and bounded logs
  dockfleet.host.daemon_json:
    registry_mirrors:
      - https://mirror.example.com
    options:
      log-opts:
        max-size: 100m
        max-file: 3

- name: Move the data of a host, knowing that its images will be gone from sight
  dockfleet.host.daemon_json:
    options:
      data-root: /srv/docker
    confirm: [data-root]
"""

RETURN = r"""
action:
  description: What the running daemon needs to take up the change; V(none) also where no daemon runs.
  returned: success
  type: str
  sample: reload
backup:
  description: Path of the copy of the old file; V(null) where there was none.
  returned: changed, not in check mode
  type: str
  sample: /etc/docker/daemon.json.dockfleet-20261101T101500Z
changed_keys:
  description: Top-level keys that change.
  returned: success
  type: list
  elements: str
  sample: [registry-mirrors]
path:
  description: Path of the file.
  returned: success
  type: str
  sample: /etc/docker/daemon.json
problems:
  description: What is wrong with the file or the wished options.
  returned: always
  type: list
  elements: dict
  contains:
    code:
      description: Short name of the kind of fault.
      type: str
      returned: success
      sample: trailing_comma
    key:
      description: The key; V(null) where the file cannot be read.
      type: str
      returned: success
    message:
      description: What is wrong.
      type: str
      returned: success
    line:
      description: Line in the file, counted from 1; V(null) where it is an option of the wish.
      type: int
      returned: success
    column:
      description: Column in that line, counted from 1.
      type: int
      returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.dockfleet.host.plugins.module_utils import _daemon_json
from ansible_collections.dockfleet.host.plugins.module_utils._plan import carry_out


def main():
    module = AnsibleModule(argument_spec=_daemon_json.ARGUMENT_SPEC, supports_check_mode=True, **_daemon_json.CONSTRAINTS)
    carry_out(module, _daemon_json)


if __name__ == '__main__':
    main()
