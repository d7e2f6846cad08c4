# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running engine against the wish, what is proven by a container, and the words for what differs."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_running import same
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_types import plain_text
from ansible_collections.dockfleet.host.plugins.module_utils._engine_verify import (
    examine,
    mirror_names,
    prove,
    pull,
    pull_message,
    read_limits,
    refuse_findings,
    warnings_of,
)
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

INFO = {
    'CgroupVersion': '2', 'Debug': False, 'DefaultRuntime': 'runc', 'DockerRootDir': '/var/lib/docker', 'Driver': 'overlay2', 'DriverStatus': [],
    'ExperimentalBuild': False, 'InsecureRegistries': ['127.0.0.0/8', 'r.example:5000'], 'Labels': ['a=b'], 'LiveRestoreEnabled': True,
    'LoggingDriver': 'json-file', 'Mirrors': ['https://m1.example/', 'https://m2.example/'], 'ServerVersion': '26.1.5+dfsg1',
}
WISH = {
    'version': 'present', 'options': {}, 'storage_driver': 'auto', 'registry_mirrors': [], 'images': ['hello-world'], 'limits': True, 'run': 'auto',
}


def look(info=None, client='26.1.5+dfsg1', endpoints=(), paths=None):
    return {
        'client': {'version': client, 'file': None},
        'daemon': {'info': info},
        'endpoints': [{'endpoint': endpoint, 'fault': fault} for endpoint, fault in endpoints],
        'system': {'paths': paths or {}},
    }


def findings(wish=None, info=None, client='26.1.5+dfsg1', **more):
    engine, found = examine(look(dict(INFO, **(info or {})), client, **more), dict(WISH, **(wish or {})))
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
    ({'storage_driver': 'btrfs'}, {}, '26.1.5', [('storage-driver', 'btrfs', 'overlay2')]),
    ({'storage_driver': 'overlay2'}, {}, '26.1.5', []),
    # What no engine takes is for daemon_json to refuse.
    ({'options': {'labels': {'a': 1}, 'live-restore': 'maybe'}}, {}, '26.1.5', []),
])
def test_B88_the_daemon_itself_is_compared_and_not_its_file(wish, info, client, expected):
    assert findings(wish, info, client) == expected


def test_B71_the_snapshotter_of_the_containerd_image_store_is_healthy():
    assert findings({'options': {'storage-driver': 'overlay2'}}, {'Driver': 'overlayfs'}) == []
    assert same('storage-driver', 'overlay2', 'overlayfs') and not same('storage-driver', 'btrfs', 'overlayfs')


def test_a_data_root_that_is_a_symbolic_link_is_where_it_leads_to():
    wish, info = {'options': {'data-root': '/srv/docker'}}, {'DockerRootDir': '/vol1/docker'}
    assert findings(wish, info, paths={'/srv/docker': {'real': '/vol1/docker'}}) == []
    wrong = [('data-root', '/srv/docker', '/vol1/docker')]
    assert findings(wish, info, paths={'/srv/docker': {'real': '/srv/docker'}}) == wrong
    # A look at another place does not know.
    assert findings(wish, info, paths={'/var/lib/docker': {'real': '/vol1/docker'}}) == wrong


def test_an_endpoint_without_an_answer_is_a_finding():
    assert findings(endpoints=[('fd://', ''), ('tcp://127.0.0.1:2376', '')]) == []
    expected = [('API at tcp://127.0.0.1:2376', 'an answer', 'connection refused')]
    assert findings(endpoints=[('fd://', ''), ('tcp://127.0.0.1:2376', 'connection refused')]) == expected
    with pytest.raises(DockfleetError) as refused:
        refuse_findings(examine(look(dict(INFO), endpoints=[('fd://', 'connection refused')]), WISH)[1])
    assert 'API at fd://: wished an answer, found connection refused. See' in refused.value.message


@pytest.mark.parametrize('wish, driver, warned', [
    ({}, 'vfs', True),
    ({}, 'overlay2', False),
    ({}, 'overlayfs', False),
    ({'storage_driver': 'vfs'}, 'vfs', False),
    ({'options': {'storage-driver': 'vfs'}}, 'vfs', False),
])
def test_vfs_that_nobody_asked_for_is_mentioned(wish, driver, warned):
    engine = examine(look(dict(INFO, Driver=driver)), WISH)[0]
    assert bool(warnings_of(engine, dict(WISH, **wish))) is warned
    assert warnings_of(None, WISH) == []


def test_no_daemon_is_a_finding():
    engine, found = examine(look(), WISH)
    assert engine is None and [each['what'] for each in found] == ['daemon']
    with pytest.raises(DockfleetError) as refused:
        refuse_findings(found)
    assert 'journalctl -u docker' in refused.value.message


def test_findings_are_refused_together_and_their_remedies_told_once():
    engine, found = examine(
        look(plain_text(INFO), '26.1.5'), dict(WISH, options={'debug': True, 'live-restore': False, 'log-driver': 'local'})
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


# --- pulling through a mirror --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('image, mirrors, expected', [
    ('hello-world', ['https://m.example/'], ['m.example/library/hello-world:latest']),
    ('team/app:1', ['https://m.example:8443'], ['m.example:8443/team/app:1']),
    ('docker.io/library/busybox', ['https://m.example/', 'https://n.example/'],
     ['m.example/library/busybox:latest', 'n.example/library/busybox:latest']),
    ('busybox@sha256:' + '0' * 64, ['https://m.example/'], ['m.example/library/busybox@sha256:' + '0' * 64]),
    # a bare name would be a user of Docker Hub
    ('hello-world', ['https://mirror/'], ['mirror:443/library/hello-world:latest']),
    ('hello-world', ['https://[fd00::1]/'], ['[fd00::1]/library/hello-world:latest']),
    # what has no name in references
    ('hello-world', ['https://m.example/docker/', 'http://m.example/', 'https://registry-1.docker.io/'], []),
    # mirrors are for Docker Hub only
    ('quay.io/team/app', ['https://m.example/'], []),
])
def test_names_of_an_image_at_mirrors(image, mirrors, expected):
    assert [name for dummy, name in mirror_names(image, mirrors)] == expected


def runs(*mirrors, **more):
    return dict({'registry_mirrors': list(mirrors), 'cgroup_version': '1', 'containerd_image_store': False}, **more)


class Engine(object):
    """Answers "docker" as an engine would that can pull some names."""

    def __init__(self, pulls=(), there=(), limits='67108864\n50000\n100000\n'):
        self.pulls, self.there, self.limits, self.asked = set(pulls), set(there), limits, []

    def run(self, argv):
        self.asked.append(' '.join(argv[1:3]) if argv[1] == 'image' else argv[1])
        name = argv[-1]
        if argv[1:3] == ['image', 'inspect']:
            return (0 if name in self.there else 1), '[]', ''
        if argv[1:3] == ['image', 'rm']:
            found = name in self.there
            self.there.discard(name)
            return (0 if found else 1), '', ''
        if argv[1] == 'pull':
            if name not in self.pulls:
                return 1, '', 'Error response from daemon: %s: connection refused' % name
            self.there.add(name)
            return 0, name, ''
        if '--memory' in argv:
            return 0, self.limits, 'WARNING: limitation discarded'
        return 0, 'Hello', ''


MIRROR, OTHER, AT_MIRROR, AT_OTHER = 'https://m.example/', 'https://n.example/', 'm.example/library/hello-world:latest', 'n.example/library/hello-world:latest'


def test_pulled_through_is_the_mirror_that_gave_the_image_by_its_own_name():
    engine = Engine(pulls=['hello-world', AT_MIRROR, AT_OTHER])
    assert pull(engine, 'hello-world', runs(MIRROR, OTHER)) == MIRROR
    assert engine.there == set(['hello-world'])
    engine = Engine(pulls=['hello-world', AT_OTHER])
    assert pull(engine, 'hello-world', runs(MIRROR, OTHER)) == OTHER
    assert engine.there == set(['hello-world'])


def test_an_image_that_came_from_elsewhere_is_no_proof_of_a_mirror():
    with pytest.raises(DockfleetError) as caught:
        pull(Engine(pulls=['hello-world']), 'hello-world', runs(MIRROR, OTHER))
    assert caught.value.details['stage'] == 'mirror'
    for part in ('through none of the mirrors', 'https://m.example/: Error response from daemon', 'https://n.example/: ', 'registry_reachability_info'):
        assert part in caught.value.message


@pytest.mark.parametrize('mirrors', [[], ['https://m.example/docker/'], ['http://m.example/'], ['https://m.example/', 'https://n.example/path/']])
def test_what_cannot_be_proven_is_not_claimed(mirrors):
    assert pull(Engine(pulls=['hello-world']), 'hello-world', runs(*mirrors)) is None
    # Its mirrors may know containerd alone.
    assert pull(Engine(pulls=['hello-world']), 'hello-world', runs(MIRROR, containerd_image_store=True)) is None


def test_an_image_of_the_user_is_neither_proof_nor_taken_away():
    engine = Engine(pulls=['hello-world', AT_MIRROR], there=[AT_MIRROR])
    assert pull(engine, 'hello-world', runs(MIRROR)) is None
    assert engine.there == set(['hello-world', AT_MIRROR])
    engine = Engine(there=['hello-world'])
    assert prove(engine, runs(MIRROR), WISH)['pulled_through'] == {'hello-world': None}
    assert engine.there == set(['hello-world']) and 'pull' not in engine.asked


def test_a_pull_that_fails_by_the_name_that_users_write_fails_and_leaves_nothing():
    engine = Engine(pulls=[AT_MIRROR])
    with pytest.raises(DockfleetError) as caught:
        prove(engine, runs(MIRROR), WISH)
    assert caught.value.details['stage'] == 'pull'
    assert engine.there == set()


# --- limits --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('version, printed', [('1', '67108864\n50000\n100000\n'), ('2', '67108864\n50000 100000\n')])
def test_limits_of_both_cgroup_versions(version, printed):
    engine = Engine(pulls=['hello-world'], limits=printed)
    found = prove(engine, runs(cgroup_version=version), WISH)
    assert found == {'outputs': {'hello-world': 'Hello'}, 'pulled_through': {'hello-world': None}, 'limits': {'memory': 67108864, 'cpus': 0.5}}
    assert engine.there == set()


@pytest.mark.parametrize('version, printed', [
    ('1', '9223372036854771712\n-1\n100000\n'), ('1', '67108864\n-1\n100000\n'), ('2', 'max\nmax 100000\n'), ('2', '67108864\n100000 100000\n'), ('2', ''),
])
def test_limits_without_effect_fail_with_what_the_container_shows(version, printed):
    engine = Engine(pulls=['hello-world'], limits=printed)
    with pytest.raises(DockfleetError) as caught:
        prove(engine, runs(cgroup_version=version), WISH)
    assert caught.value.details['stage'] == 'limits'
    assert (', '.join(printed.split()) or 'limitation discarded') in caught.value.message
    assert engine.there == set()


def test_limits_are_not_proven_when_not_asked_for():
    assert prove(Engine(pulls=['hello-world']), runs(), dict(WISH, limits=False))['limits'] is None
    assert prove(Engine(), runs(), dict(WISH, images=[]))['limits'] is None


def test_read_limits():
    assert read_limits('1048576\n200000 100000\n') == {'memory': 1048576, 'cpus': 2.0}
    assert read_limits('1048576\n200000\n0\n') is None
