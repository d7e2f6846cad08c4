# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of daemon.json against the engines of the lab: what it takes, the real dockerd takes; what it refuses, dockerd refuses, or it is in STRICTER."""

from __future__ import annotations

import base64
import json
import pathlib
import platform
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, Phase, given, settings

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'tests/unit'), str(ROOT / 'tests/unit/properties'), str(ROOT / '.cache/collections')]

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json import badly_saved  # noqa: E402
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_json_rules import check  # noqa: E402
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import FLAGS_ONLY, KEYS, SINGULAR  # noqa: E402
from ansible_collections.dockfleet.host.plugins.module_utils._engine_version import numbers_of, shown  # noqa: E402
from ansible_collections.dockfleet.host.plugins.module_utils._json_text import read_json  # noqa: E402
from daemon_values import ITEMS, MIRRORS, VALUES, WRONG_TYPES  # noqa: E402
from strategies import damaged_files, options, values  # noqa: E402

MANIFEST = json.loads((ROOT / '.cache/lab/manifest.json').read_text())
PACKAGES = ROOT / '.cache/lab/packages/deb'
ARCHITECTURE = {'x86_64': 'amd64', 'aarch64': 'arm64'}[platform.machine()]

# One value for each type, where the key has no values of its own in the tables.
SAMPLES = {
    'bool': False, 'number': 5, 'text': 'x', 'texts': ['x'], 'text_map': {'labels': 'a'}, 'bool_map': {'buildkit': True}, 'any_map': {},
    'text_map_map': {'bridge': {'com.docker.network.driver.mtu': '1400'}}, 'builder': {'gc': {'enabled': True}},
    'pools': [{'base': '10.200.0.0/16', 'size': 24}], 'proxies': {'http-proxy': 'http://u:p%40ss@proxy.example:3128', 'no-proxy': '.example'},
    'runtimes': {}, 'ulimits': {},
}
# Whether these start a daemon depends on more of the host than their word: users, groups, profiles, sockets of systemd, ports, certificates.
OF_THE_HOST = ('group', 'hosts', 'seccomp-profile', 'tls', 'tlsverify', 'userns-remap')

# Where we refuse what dockerd takes: code, keys (None for all) and why.
STRICTER = [
    ('singular', None, 'dockerd takes the name of a flag for known and then ignores it'),
    ('flag', None, 'as above'),
    ('surplus', None, 'engines before 23.0 ignore what follows the first object, which somebody put there for a reason'),
    ('too_new', None, 'for dockerd an object with nothing in it, and null, is no key; the next who puts something in takes the daemon down'),
    ('gone', None, 'as above'),
    ('type', ['allow-nondistributable-artifacts', 'deprecated-key-path'], 'newer engines take the key and do nothing with it'),
    ('type', ['host-gateway-ips'], 'null counts as an address that is not there'),
    ('value', ['dns'], 'an empty text becomes an empty line in the resolv.conf of containers'),
    ('value', ['bip', 'bip6', 'default-address-pools', 'fixed-cidr', 'fixed-cidr-v6', 'network-control-plane-mtu'],
     'dockerd fails on it only when it sets up its networks'),
    ('value', ['storage-driver', 'storage-opts'], 'dockerd fails on it only when it sets up its storage'),
    ('value', ['userland-proxy-path'], 'engine 20.10 fails on it only when a port is published'),
    ('value', ['default-ulimits', 'exec-opts', 'runtimes'], 'dockerd or its first container fails on it later'),
    ('value', ['data-root', 'exec-root', 'tlscacert', 'tlscert', 'tlskey'], 'a relative path leads elsewhere with each way to start the daemon'),
    ('value', ['labels'], 'a label without a name cannot be asked for'),
    ('value', ['max-concurrent-downloads', 'max-download-attempts', 'mtu', 'network-diagnostic-port', 'shutdown-timeout'],
     'dockerd takes a number that stands for nothing as the default, or fails later'),
]


def by_hand():
    """Files of the tables: every key with a good and a bad value."""
    for key in sorted(KEYS):
        kind = KEYS[key].type
        wrong = [value for value in WRONG_TYPES[kind] if not isinstance(value, type)]
        yield {key: wrong[sum(map(ord, key)) % len(wrong)]}
        if KEYS[key].gone:
            yield {key: None}
        if key in OF_THE_HOST:
            continue
        listed = [(goods, bads) for name, goods, bads in VALUES if name == key]
        listed += [([goods], [goods + [bad] for bad in bads]) for name, goods, bads in ITEMS if name == key]
        for goods, bads in listed or [([SAMPLES[kind]], [])]:
            yield from ({key: value} for value in goods + bads)
    yield from ({'registry-mirrors': [url]} for url, *dummy in MIRRORS)
    yield from ({key: ['x']} for key in SINGULAR)
    yield from ({key: 'x'} for key in FLAGS_ONLY + ('registry-mirors', 'Registry-Mirrors', 'no-such-key'))


def generated(strategy, number):
    """The first examples of a strategy, the same at each run."""
    found = []

    @settings(derandomize=True, database=None, deadline=None, max_examples=number, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(example):
        found.append(example)

    collect()
    return found


def files():
    """Every file that is asked about, as bytes, each of them once."""
    found = [json.dumps(each).encode() for each in [*by_hand(), *generated(options(values, set(KEYS) - set(OF_THE_HOST)), 15)]]
    return list(dict.fromkeys(found + generated(damaged_files(set(KEYS) - set(OF_THE_HOST)), 15)))


def our_word(data, version):
    """The problems that the check finds; a file that the module would write anew, because it is badly saved, is read as it would be written."""
    read, problem, notes = read_json(data)
    return [problem] if problem else check(read, version)


@pytest.fixture(scope='module')
def verdicts():
    """For each engine and file: version, data, our problems, and dockerd's last words (None where it starts)."""
    asked = files()
    packages = {each['version']: '/packages/docker-ce_%s_%s.deb' % (each['deb']['docker-ce'].partition(':')[2], ARCHITECTURE) for each in MANIFEST['engines']}
    mine = {
        engine: [data for data in asked if not badly_saved({'notes': read_json(data)[2]}, numbers_of(engine))]
        for engine in packages
    }
    answer = subprocess.run(
        ['docker', 'run', '--rm', '--interactive', '--network', 'none', '--cap-add', 'SYS_ADMIN', '--cap-add', 'NET_ADMIN',
         '--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined', '--tmpfs', '/tmp:exec', '--volume', '%s:/packages:ro' % PACKAGES,
         '--volume', '%s:/ask_dockerd.py:ro' % pathlib.Path(__file__).with_name('ask_dockerd.py'), '--entrypoint', 'python3',
         MANIFEST['images']['debian12'], '/ask_dockerd.py'],
        input=json.dumps({'packages': packages, 'files': {engine: [base64.b64encode(data).decode() for data in mine[engine]] for engine in mine}}),
        check=True, stdout=subprocess.PIPE, text=True,
    )
    words = json.loads(answer.stdout)
    assert {engine: len(words[engine]) for engine in words} == {engine: len(mine[engine]) for engine in mine}
    return [
        (numbers_of(engine), data, our_word(data, numbers_of(engine)), said)
        for engine in mine
        for data, said in zip(mine[engine], words[engine])
    ]


def test_what_the_check_takes_starts_every_engine(verdicts):
    taken = [(version, data, said) for version, data, problems, said in verdicts if not problems]
    assert [(shown(version), data, said) for version, data, said in taken if said is not None] == []
    # of every engine a good part, lest nothing be proven
    assert all(sum(version == numbers_of(engine['version']) for version, *dummy in taken) > 60 for engine in MANIFEST['engines'])


def test_what_the_check_refuses_dockerd_refuses_or_it_is_listed(verdicts):
    used, unlisted = set(), []
    for version, data, problems, said in verdicts:
        if problems and said is None:
            reasons = [index for index, (code, keys, dummy) in enumerate(STRICTER)
                       for problem in problems if problem['code'] == code and (keys is None or problem['key'] in keys)]
            used.update(reasons)
            if not reasons:
                unlisted.append((shown(version), data, problems))
    assert unlisted == []
    assert [STRICTER[index] for index in range(len(STRICTER)) if index not in used] == []
