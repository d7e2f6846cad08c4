# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.dockfleet.host.plugins.module_utils._look_service import read_show


def test_read_show_keeps_every_unit_by_its_name():
    text = 'Id=docker.service\nLoadState=loaded\nExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd:// }\n\n'
    text += 'Id=docker.socket\nLoadState=not-found\n'
    assert read_show(text) == {
        'docker.service': {'LoadState': 'loaded', 'ExecStart': '{ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd -H fd:// }'},
        'docker.socket': {'LoadState': 'not-found'},
    }


def test_read_show_of_nothing():
    assert read_show('') == {}
