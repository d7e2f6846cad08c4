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
  - Checks every key, type and value of the result against the engine version, and every key against the flags of C(docker.service) with its drop-ins, as
    they lie on the disk, before anything is written. Where the engine has C(dockerd --validate) (23.0 and newer), it reads the new file too.
  - Endpoints (C(hosts)) may stand in the file although the unit of Docker's packages gives them as a flag. A drop-in,
    C(/etc/systemd/system/docker.service.d/zz-dockfleet-hosts.conf), takes the flag out of the unit's own command, and goes when the key goes.
  - Refuses endpoints on TCP without client certificates (C(tlsverify)), in the file and in the unit; those on loopback are let through.
  - Writes the file in one step, with a backup of the old one beside it (the last five are kept), and with mode 0600 where it holds secrets.
  - A running daemon is reloaded where all changed keys follow a reload, otherwise restarted. Where it does not take up the new file, the old one is put back,
    the daemon started with it, and the module fails with the daemon's own last words. This happens in the module and not in a handler, so that
    a run that is cut off in between leaves nothing half done; the next one makes up for it.
  - Afterwards the running daemon is read back and compared with the wish, as far as it shows its settings.
  - A daemon that does not show what its file says, because somebody wrote the file and told nobody, is reloaded as well.
  - A file that is no valid JSON is never touched. The error names line and column.
options:
  state:
    description:
      - V(present) brings the file to the wish.
      - V(absent) takes back what this module wrote, whatever the other options say. The file becomes what it was before, to the byte where others have
        not changed it since; a file that this module made goes away, and so do its copies of old files. The daemon is neither reloaded nor restarted.
    type: str
    choices: [present, absent]
    default: present
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
  storage_driver:
    description:
      - The storage driver of the engine. Refused where C(storage-driver) among the O(options) says something else.
      - V(auto) never changes the driver of a host that holds data. Without data, the engine takes C(overlay2) or engine 29's image store by itself; only
        where the host can run neither, the first of C(fuse-overlayfs), C(btrfs) and C(zfs) that it can run is written before the first start of the
        engine. C(vfs) is never chosen.
      - Another one on a host that holds data hides its images and containers, so that V(storage-driver) has to stand in O(confirm).
    type: str
    default: auto
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
  proxy:
    description:
      - The proxies through which the daemon pulls, loads and searches. They are neither those of the package manager nor those of containers.
      - They are written to C(proxies) in the file from engine 23.0 on, and for older engines to the drop-in
        C(/etc/systemd/system/docker.service.d/zz-dockfleet-proxy.conf), each only for root to read (0600). Without this option, what it once wrote
        is taken out.
    type: dict
    suboptions:
      http_proxy:
        description: URL of the proxy for C(http); credentials in it are percent-encoded (C(%40) for an at sign).
        type: str
      https_proxy:
        description: URL of the proxy for C(https), which is what registries speak. Its own URL mostly begins with C(http://) all the same.
        type: str
      no_proxy:
        description: Hosts, domains (with a leading dot), addresses and networks that are reached without the proxy.
        type: list
        elements: str
        default: []
      bypass_registries:
        description: Whether the mirrors and the insecure registries in the file are reached without the proxy as well.
        type: bool
        default: true
  tls:
    description:
      - Opens the API to clients that show a certificate, beside the local socket. Sets C(hosts) (unless O(options) has it), C(tlsverify), C(tlscacert),
        C(tlscert) and C(tlskey); the material is kept in C(/etc/docker/dockfleet-tls), the key only for root to read. Without this option, all of it is taken
        away again.
      - O(tls.ca), O(tls.cert) and O(tls.key) are needed, each as a file on the controller (searched for as by M(ansible.builtin.copy); a vaulted one is
        decrypted) or as the PEM text itself. They are proven there, that is, they are in date, the key is the certificate's and has no password,
        and the certificate names hosts.
      - A renewed certificate takes a restart of the daemon.
    type: dict
    suboptions:
      ca:
        description: Certificates of the authorities whose clients are let in.
        type: str
      cert:
        description: Certificate of the daemon, followed by those between it and its authority.
        type: str
      key:
        description: Private key of the certificate.
        type: str
      addresses:
        description:
          - Addresses of the host on which the API is opened, IPv4 or IPv6. V(0.0.0.0) stands for all of them, those of IPv6 included.
        type: list
        elements: str
        default: [0.0.0.0]
      port:
        description: The port.
        type: int
        default: 2376
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
- name: Take back what was written
  dockfleet.host.daemon_json:
    state: absent

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

- name: Let clients with a certificate reach the API
  dockfleet.host.daemon_json:
    tls:
      ca: files/docker/ca.pem
      cert: "files/docker/{{ inventory_hostname }}.pem"
      key: "{{ vault_docker_tls_key }}"

- name: Pull through the proxy of the company, but for its own registry
  dockfleet.host.daemon_json:
    proxy:
      http_proxy: http://proxy.example.com:3128
      https_proxy: http://proxy.example.com:3128
      no_proxy: [registry.example.com]
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
changed_files:
  description:
    - Paths of the further files that change, that is, drop-ins of C(docker.service) and certificates.
    - With O(state=absent), of all files that are changed or taken away, O(path) among them.
  returned: success
  type: list
  elements: str
  sample: [/etc/systemd/system/docker.service.d/zz-dockfleet-hosts.conf]
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
proxies:
  description: The three proxies of a host, which are set apart from each other. A URL is shown without its credentials.
  returned: success
  type: list
  elements: dict
  contains:
    used_by:
      description: V(package manager), V(daemon) or V(containers), that is, those that root's docker client starts.
      type: str
      returned: success
      sample: daemon
    proxy:
      description: The proxy's URL, that for C(https) before that for C(http); empty for none.
      type: str
      returned: success
      sample: http://proxy.example.com:3128
    path:
      description: The file that says so; empty where none does.
      type: str
      returned: success
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
