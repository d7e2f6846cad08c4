# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running engine against the wish, and the words for what differs."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import plain_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_running import same
from ansible_collections.dockfleet.host.plugins.module_utils._engine_verify import examine, pull_message, refuse_findings
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

INFO = {
    'CgroupVersion': '2', 'Debug': False, 'DefaultRuntime': 'runc', 'DockerRootDir': '/var/lib/docker', 'Driver': 'overlay2', 'ExperimentalBuild': False,
    'InsecureRegistries': ['127.0.0.0/8', 'r.example:5000'], 'Labels': ['a=b'], 'LiveRestoreEnabled': True, 'LoggingDriver': 'json-file',
    'Mirrors': ['https://m1.example/', 'https://m2.example/'], 'ServerVersion': '26.1.5+dfsg1',
}
WISH = {'version': 'present', 'options': {}, 'registry_mirrors': [], 'images': ['hello-world'], 'run': 'auto'}


def findings(wish=None, info=None, client='26.1.5+dfsg1'):
    engine, found = examine({'daemon': {'info': dict(INFO, **(info or {})), 'client_version': client}}, dict(WISH, **(wish or {})))
    return [(each['what'], each['wished'], each['found']) for each in found]


def test_an_engine_as_wished():
    wish = {
        'version': '26.1',
        'registry_mirrors': ['https://m1.example', 'https://m2.example/'],
        'options': {
            'live-restore': 'true', 'log-driver': 'json-file', 'labels': ['a=b'], 'insecure-registries': ['http://r.example:5000'],
            'bip': '192.168.5.1/24',
        },
    }
    assert findings(wish) == []


@pytest.mark.parametrize('wish, info, client, expected', [
    ({'version': '28.5'}, {}, '26.1.5', [('engine', '28.5', '26.1.5'), ('client', '28.5', '26.1.5')]),
    ({'version': '26.1.5'}, {}, '26.1.4', [('client', '26.1.5', '26.1.4')]),
    ({}, {}, '19.03.9', [('client', '26.1.5', '19.03.9')]),
    ({}, {}, '', []),
    ({'registry_mirrors': ['https://m2.example', 'https://m1.example']}, {}, '26.1.5',
     [('registry-mirrors', ['https://m2.example', 'https://m1.example'], INFO['Mirrors'])]),
    ({'options': {'registry-mirrors': []}}, {}, '26.1.5', [('registry-mirrors', [], INFO['Mirrors'])]),
    ({'options': {'insecure-registries': ['s.example']}}, {}, '26.1.5', [('insecure-registries', ['s.example'], INFO['InsecureRegistries'])]),
    ({'options': {'live-restore': False}}, {}, '26.1.5', [('live-restore', False, True)]),
    ({'options': {'storage-driver': 'btrfs'}}, {}, '26.1.5', [('storage-driver', 'btrfs', 'overlay2')]),
    ({'options': {'log-driver': 'local'}}, {}, '26.1.5', [('log-driver', 'local', 'json-file')]),
    ({'options': {'data-root': '/data'}}, {}, '26.1.5', [('data-root', '/data', '/var/lib/docker')]),
    ({'options': {'data-root': None}}, {}, '26.1.5', []),
    # What no engine takes is for daemon_json to refuse.
    ({'options': {'labels': {'a': 1}, 'live-restore': 'maybe'}}, {}, '26.1.5', []),
])
def test_B88_the_daemon_itself_is_compared_and_not_its_file(wish, info, client, expected):
    assert findings(wish, info, client) == expected


def test_B71_the_snapshotter_of_the_containerd_image_store_is_healthy():
    assert findings({'options': {'storage-driver': 'overlay2'}}, {'Driver': 'overlayfs'}) == []
    assert same('storage-driver', 'overlay2', 'overlayfs') and not same('storage-driver', 'btrfs', 'overlayfs')


def test_no_daemon_is_a_finding():
    engine, found = examine({'daemon': {'info': None, 'client_version': ''}}, WISH)
    assert engine is None and [each['what'] for each in found] == ['daemon']
    with pytest.raises(DockfleetError) as refused:
        refuse_findings(found)
    assert 'journalctl -u docker' in refused.value.message


def test_findings_are_refused_together_and_their_remedies_told_once():
    engine, found = examine(
        {'daemon': {'info': plain_text(INFO), 'client_version': '26.1.5'}}, dict(WISH, options={'debug': True, 'live-restore': False, 'log-driver': 'local'})
    )
    with pytest.raises(DockfleetError) as refused:
        refuse_findings(found)
    message = refused.value.message
    assert 'debug: wished true, found false; live-restore: wished false, found true; log-driver: wished local, found json-file' in message
    assert message.count('Run the role docker_daemon.') == 1 and 'systemctl restart docker' in message
    assert refused.value.details['findings'] == found
    refuse_findings([])


def test_B61_a_failed_pull_says_that_the_hub_is_asked_last():
    said = 'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: connect: connection refused'
    message = pull_message('hello-world', said, ['https://m.example/'])
    assert message.startswith('hello-world cannot be pulled: Error response from daemon: Get "https://registry-1.docker.io/v2/"')
    assert 'its mirrors first (https://m.example/) and Docker Hub last' in message
    assert 'set docker_daemon_registry_mirrors' in pull_message('hello-world', said, [])
