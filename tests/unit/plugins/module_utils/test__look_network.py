# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._look_network import (
    look_at_iptables,
    look_at_zones,
    look_for_client,
    read_nft_tables,
    read_routes,
)


def test_read_routes_leaves_out_the_default_route():
    text = (
        'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n'
        'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n'
        'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n'
    )
    assert read_routes(text) == [{'network': '172.17.0.0', 'prefix': 16, 'interface': 'docker0'}]


class FakeHost(object):
    """Answers for programs that the machine of the tests may not have."""

    def __init__(self, programs=None, files=None):
        self.programs = programs or {}
        self.files = files or {}

    def run(self, argv):
        return (0, self.programs[argv[0]], '') if argv[0] in self.programs else (127, '', '')

    def read_text(self, path):
        return self.files.get(path)

    def list_folder(self, folder, suffix):
        return sorted(path for path in self.files if path.startswith(folder + '/') and path.endswith(suffix))


@pytest.mark.parametrize('programs, files, expected', [
    ({}, {}, ('', [], [])),
    ({'iptables': 'iptables v1.4.21\n'}, {'/proc/net/ip_tables_names': 'nat\nfilter\n'}, ('legacy', ['filter', 'nat'], [])),
    ({'iptables': 'iptables v1.8.4 (legacy)\n', 'nft': 'table inet firewalld\ntable ip nat\n'}, {}, ('legacy', [], ['inet firewalld', 'ip nat'])),
    ({'iptables': 'iptables v1.8.9 (nf_tables)\n', 'nft': ''}, {}, ('nf_tables', [], [])),
])
def test_B75_look_at_iptables(programs, files, expected):
    found = look_at_iptables(FakeHost(programs, files))
    assert (found['variant'], found['legacy_tables'], found['nft_tables']) == expected


def test_read_nft_tables():
    assert read_nft_tables('table ip filter\ntable ip6 filter\n# warning\n') == ['ip filter', 'ip6 filter']


def test_B72_zones_of_all_interfaces():
    zone = '<?xml version="1.0" encoding="utf-8"?>\n<zone target="ACCEPT">\n  <short>Trusted</short>\n%s</zone>\n'
    files = {
        '/etc/firewalld/zones/trusted.xml': zone % '  <interface name="docker0"/>\n  <interface name="br0"/>\n',
        '/etc/firewalld/zones/public.xml': zone % "  <interface name='eth0'/>\n",
        '/etc/firewalld/zones/public.xml.old': zone % '  <interface name="docker0"/>\n',
    }
    assert look_at_zones(FakeHost(files=files)) == {'docker0': ['trusted'], 'br0': ['trusted'], 'eth0': ['public']}


@pytest.mark.parametrize('above, expected', [
    # as sshd starts a shell, it sudo, which clears the environment, and that the module
    ({77: ('LANG=C', 5), 5: ('LANG=C\0SSH_CONNECTION=198.51.100.7 50123 192.0.2.1 22\0HOME=/root', 1)}, '198.51.100.7'),
    ({77: ('SSH_CONNECTION=fd00::7 50123 fd00::1 22', 1), 1: ('SSH_CONNECTION=192.0.2.9 1 2 3', 0)}, 'fd00::7'),
    ({77: ('LANG=C\0MY_SSH_CONNECTION=x', 1), 1: ('SSH_CONNECTION=192.0.2.9 1 2 3', 0)}, ''),
    ({77: (None, 5)}, ''),
])
def test_the_client_is_found_behind_programs_that_clear_the_environment(monkeypatch, above, expected):
    monkeypatch.setattr(os, 'getpid', lambda: 99)
    files = {'/proc/99/environ': u'LANG=C', '/proc/99/status': u'Name:\tpython\nPPid:\t77\n'}
    for process, (environment, parent) in above.items():
        files['/proc/%d/environ' % process] = environment
        files['/proc/%d/status' % process] = u'PPid:\t%d\n' % parent
    assert look_for_client(FakeHost(files=files)) == expected
