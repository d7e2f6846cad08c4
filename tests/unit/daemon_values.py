# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of daemon.json that an engine takes and that none takes, for the unit tests and for the one that asks real engines."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

OLD, MIDDLE, LAST, NEWEST = (20, 10, 24), (26, 1, 5), (28, 5, 2), (29, 10, 0)
ALL = (OLD, MIDDLE, LAST, NEWEST, ())

# By type: values of another one.
WRONG_TYPES = {
    'bool': ['true', 1, None.__class__, []],
    'number': ['3', True, 1.0, []],
    'text': [1, True, [], {}],
    'texts': ['x', [1], [None], {}],
    'text_map': [[], {'a': 1}, {'a': True}, 'x'],
    'bool_map': [[], {'a': 'true'}],
    'any_map': [[], 'x'],
    'text_map_map': [{'bridge': 'x'}, {'bridge': {'mtu': 1}}],
    'builder': [[], True],
    'pools': [{}, ['10.0.0.0/8'], [{'base': '10.0.0.0/8'}], [{'base': '10.0.0.0/8', 'size': '24'}], [{'base': '10.0.0.0/8', 'size': 24, 'x': 1}]],
    'proxies': [[], {'http-proxy': 1}, {'httpProxy': 'http://p'}],
    'runtimes': [[], {'x': '/bin/x'}, {'x': {'Path': 1}}],
    'ulimits': [[], {'nofile': '1:2'}, {'nofile': {'Hard': 1}}],
}

# Mirror, versions, whether they take it, and what is said where they do not.
MIRRORS = [
    ('https://m.example', ALL, True, ''),
    ('https://m.example/', ALL, True, ''),
    ('http://192.0.2.5:5000', ALL, True, ''),
    ('https://m.example/docker', [OLD, (23, 0, 6)], False, 'has a path, and engine'),
    ('https://m.example/docker', [(24, 0, 0), MIDDLE, LAST, ()], True, ''),
    ('https://m.example/v2/', [OLD], False, 'has a path'),
    ('m.example', ALL, False, 'has no scheme. Write https://m.example or http://m.example'),
    ('m.example:5000', ALL, False, 'has no scheme'),
    ('eg:https://m.example', ALL, False, 'Write https://m.example'),
    (' https://m.example', ALL, False, 'has a blank before or after'),
    ('https://m.example?ns=docker.io', ALL, False, 'has a query or a fragment'),
    ('https://u:p@m.example', ALL, False, 'holds a user name or a password'),
    ('ftp://m.example', ALL, False, 'has the scheme "ftp"'),
    ('', ALL, False, 'is empty'),
]

# Key, good items of its list, and bad ones.
ITEMS = [
    ('insecure-registries', ['r.example', 'r.example:5000', '192.0.2.5', '10.0.0.0/8', '2001:db8::/32', '[2001:db8::1]:5000', 'http://r.example:5000'],
     ['r.example:5000/x', 'r.example:', 'r.example:99999', '-r', 'a b', '']),
    ('dns', ['192.0.2.1', '2001:db8::1'], ['r.example', '192.0.2', '']),
    ('dns-search', ['example', 'a.example.', '.'], ['a b', '']),
    ('labels', ['rack=1', 'a=b=c', 'rack=1'], ['rack', '=1', 'rack=2']),
    ('exec-opts', ['native.cgroupdriver=systemd', 'native.cgroupdriver=cgroupfs'], ['native.cgroupdriver', 'native.cgroupdriver=runc', 'isolation=hyperv']),
    ('storage-opts', ['overlay2.size=10G'], ['overlay2.size']),
    ('hosts', ['unix:///run/docker.sock', 'fd://', 'tcp://127.0.0.1:2375', 'tcp://localhost:2375', 'tcp://[::1]:2375'],
     ['/run/docker.sock', 'http://127.0.0.1', 'unix://docker.sock']),
    ('host-gateway-ips', ['192.0.2.1'], ['gateway']),
    ('node-generic-resources', ['gpu=1'], ['gpu']),
]

# Key, good values, and bad ones.
VALUES = [
    ('bip', ['192.168.5.1/24', '10.0.0.1/8'], ['192.168.5.1', '192.168.5.0/24', '10.0.0.0/8', 'x', '']),
    ('bip6', ['2001:db8::1/64'], ['2001:db8::/64']),
    ('fixed-cidr', ['192.168.5.0/25'], ['192.168.5.0', '192.168.5.0/33']),
    ('data-root', ['/srv/docker'], ['docker', '']),
    ('default-shm-size', ['64M', '1g', '67108864', '64MiB'], ['', 'M', '64 apples']),
    ('default-ipc-mode', ['private', 'shareable'], ['host', 'Private']),
    ('default-cgroupns-mode', ['private', 'host'], ['none']),
    ('log-level', ['info', 'WARN'], ['loud']),
    ('log-format', ['text', 'json'], ['xml']),
    ('mtu', [0, 1500], [-1]),
    ('max-concurrent-downloads', [1, 10], [0, -1]),
    ('max-download-attempts', [1], [0]),
    ('network-diagnostic-port', [0, 65535], [65536]),
    ('shutdown-timeout', [-1, 0, 60], [-2]),
    ('storage-driver', ['overlay2', 'btrfs', 'zfs', 'vfs', 'fuse-overlayfs', ''], ['overlay3', 'Overlay2']),
    ('default-address-pools', [[{'base': '10.200.0.0/16', 'size': 24}], [{'base': 'fd00::/48', 'size': 64}]],
     [[{'base': '10.200.0.0', 'size': 24}], [{'base': '10.200.0.0/16', 'size': 8}], [{'base': '10.200.0.0/16', 'size': 33}]]),
    ('default-ulimits', [{'nofile': {'Name': 'nofile', 'Hard': 64, 'Soft': 32}}, {'nofile': {'Name': 'nofile', 'Hard': -1, 'Soft': 32}}],
     [{'nofile': {'Name': 'nofile', 'Hard': 32, 'Soft': 64}}]),
    ('runtimes', [{'crun': {'path': '/usr/bin/crun'}}, {'kata': {'runtimeType': 'io.containerd.kata.v2', 'options': {'A': 1}}}],
     [{'runc': {'path': '/x'}}, {'crun': {}}, {'crun': {'path': '/x', 'runtimeType': 'y'}}]),
    ('tlscacert', ['/etc/docker/ca.pem'], ['ca.pem']),
]
