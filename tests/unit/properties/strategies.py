# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated options of daemon.json, and files that somebody damaged."""

from __future__ import annotations

import json

from daemon_values import ALL, ITEMS, MIRRORS, VALUES, WRONG_TYPES
from hypothesis import strategies as st

from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import FLAGS_ONLY, KEYS, SINGULAR

TEXT = st.text(st.characters(exclude_categories=('Cs',)), max_size=8)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)

# Good values of a type, where the key has no rule of its own.
OF_TYPE = {
    'bool': st.booleans(),
    'number': st.integers(0, 4000),
    'text': st.sampled_from(['x', '/run/x', 'ä b']),
    'texts': st.lists(st.sampled_from(['a', 'b.example']), max_size=2),
    'text_map': st.dictionaries(st.sampled_from(['max-size', 'labels']), st.sampled_from(['1m', 'a,b']), max_size=2),
    'bool_map': st.dictionaries(st.sampled_from(['buildkit', 'containerd-snapshotter']), st.booleans(), max_size=2),
    'any_map': st.just({}),
    'text_map_map': st.dictionaries(st.just('bridge'), st.dictionaries(st.just('com.docker.network.driver.mtu'), st.just('1400')), max_size=1),
    'builder': st.sampled_from([{}, {'gc': {'enabled': True}}]),
    'pools': st.just([]),
    'proxies': st.fixed_dictionaries({}, optional={'http-proxy': st.just('http://u:p%40ss@proxy.example:3128'), 'no-proxy': st.just('.example')}),
    'runtimes': st.just({}),
    'ulimits': st.just({}),
}


def good_values(key):
    """Values that the newest engines take for a key."""
    listed = [good for name, goods, dummy in VALUES if name == key for good in goods] + [goods[:2] for name, goods, dummy in ITEMS if name == key]
    listed += [[url] for url, dummy, good, dummy in MIRRORS if good] if key == 'registry-mirrors' else []
    return st.sampled_from(listed) if listed else OF_TYPE[KEYS[key].type]


def values(key):
    """Values for a key, most of them good."""
    several = [good_values(key)] * 4
    bad = WRONG_TYPES[KEYS[key].type] + [bad for name, dummy, bads in VALUES if name == key for bad in bads]
    bad += [[bad] for name, dummy, bads in ITEMS if name == key for bad in bads]
    return st.one_of(*several, st.sampled_from([each for each in bad if not isinstance(each, type)]), st.none())


def options(of=values, keys=None):
    """Whole daemon.json files."""
    keys = sorted(KEYS if keys is None else keys)
    return st.lists(st.sampled_from(keys), max_size=5, unique=True).flatmap(lambda names: st.fixed_dictionaries({name: of(name) for name in names}))


# What inventories hold: also keys that there are not, and values of any kind.
WISHES = st.builds(
    lambda known, strange: {**strange, **known},
    options(),
    st.dictionaries(st.sampled_from(sorted(SINGULAR) + list(FLAGS_ONLY)) | TEXT, ANYTHING, max_size=1) | st.just({}),
)
VERSIONS = st.sampled_from(['.'.join(str(part) for part in version) for version in ALL if version] + [''])
# Keys of others that no wish of options() names, since they are taken by all engines in any company.
FOREIGN = st.fixed_dictionaries({}, optional={'labels': st.just(['ort=Köln']), 'mtu': st.integers(68, 9000), 'shutdown-timeout': st.integers(1, 60)})


@st.composite
def damaged_files(draw, keys=None):
    """The bytes of a daemon.json that somebody cut, typed into, saved in another way or took for something else."""
    text = json.dumps(draw(options(keys=keys)), indent=draw(st.sampled_from([None, 2])), ensure_ascii=draw(st.booleans()))
    for dummy in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 2))
        typed = draw(st.sampled_from(['', ',', '}', ']', '{', '"', "'", ':', '\u201c', '：', '\u00a0', '// x', 'True', '\\', '\x00', '<', '\r\n', '0', 'ä']))
        text = text[:at] + typed + text[at + cut:]
    data = text.encode(draw(st.sampled_from(['utf-8', 'utf-8', 'utf-8', 'utf-8-sig', 'utf-16', 'utf-16-be', 'utf-32', 'gb18030', 'latin-1'])), 'replace')
    return data[:draw(st.integers(0, len(data)))] if draw(st.integers(0, 4)) == 0 else data
