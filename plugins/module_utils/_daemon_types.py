# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types that the keys of daemon.json have, and wishes in the types of their keys."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import numbers
import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._daemon_keys import KEYS

TRUE = ('true', 'yes', 'on', '1')
FALSE = ('false', 'no', 'off', '0')


def is_text(value):
    return isinstance(value, type(u''))


def is_number(value):
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def is_bool(value):
    return isinstance(value, bool)


def is_list(item):
    return lambda value: isinstance(value, list) and all(item(each) for each in value)


def is_map(item):
    return lambda value: isinstance(value, dict) and all(item(each) for each in value.values())


def has_members(required, optional=None):
    """A test for an object with these members, each of its own type, and no others."""
    known = dict(required, **(optional or {}))
    return lambda value: (
        isinstance(value, dict)
        and set(required) <= set(value) <= set(known)
        and all(known[name](each) for name, each in value.items())
    )


# Name of the type: test, what it is called, and how it looks.
TYPES = {
    'bool': (is_bool, 'true or false, without quotes', 'true'),
    'number': (is_number, 'a whole number, without quotes', '3'),
    'text': (is_text, 'a text in quotes', '"..."'),
    'texts': (is_list(is_text), 'a list of texts', '["..."]'),
    'text_map': (is_map(is_text), 'an object whose values are texts in quotes', '{"max-file": "3"}'),
    'bool_map': (is_map(is_bool), 'an object whose values are true or false', '{"buildkit": true}'),
    'any_map': (is_map(lambda value: True), 'an object', '{}'),
    'text_map_map': (is_map(is_map(is_text)), 'an object of objects whose values are texts', '{"bridge": {"com.docker.network.driver.mtu": "1400"}}'),
    'builder': (is_map(lambda value: True), 'an object', '{"gc": {"enabled": true}}'),
    'pools': (is_list(has_members({'base': is_text, 'size': is_number})), 'a list of objects with base and size', '[{"base": "10.200.0.0/16", "size": 24}]'),
    'proxies': (
        has_members({}, {'http-proxy': is_text, 'https-proxy': is_text, 'no-proxy': is_text}),
        'an object with http-proxy, https-proxy and no-proxy',
        '{"http-proxy": "http://proxy.example:3128"}',
    ),
    'runtimes': (
        is_map(has_members({}, {'path': is_text, 'runtimeType': is_text, 'runtimeArgs': is_list(is_text), 'options': is_map(lambda value: True)})),
        'an object of objects with path or runtimeType',
        '{"crun": {"path": "/usr/bin/crun"}}',
    ),
    'ulimits': (
        is_map(has_members({'Name': is_text, 'Hard': is_number, 'Soft': is_number})),
        'an object of objects with Name, Hard and Soft',
        '{"nofile": {"Name": "nofile", "Hard": 65536, "Soft": 1024}}',
    ),
}


def plain_text(value):
    """A value with all its byte strings (Python 2.7's parameters) as text."""
    if isinstance(value, dict):
        return dict((to_text(key), plain_text(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return [plain_text(each) for each in value]
    return to_text(value) if isinstance(value, (bytes, type(u''))) else value


def coerce(options):
    """Wished options in the types that their keys have: inventories and templates make texts of numbers and the other way round.

    What does not fit comes back as it was, for check() to refuse.
    """
    options = plain_text(options)
    return dict((key, coerced(value, KEYS[key].type) if key in KEYS else value) for key, value in options.items())


def coerced(value, kind):
    if kind == 'bool' and is_text(value):
        word = value.strip().lower()
        return True if word in TRUE else False if word in FALSE else value
    if kind == 'number' and is_text(value) and re.match(r'\s*-?[0-9]+\s*$', value):
        return int(value)
    if kind == 'texts':
        items = [value] if is_text(value) else value
        return [each.strip() if is_text(each) else each for each in items] if isinstance(items, list) else items
    if kind == 'in_map' and (is_bool(value) or is_number(value)):
        return u'%s' % value if is_number(value) else u'true' if value else u'false'
    inner = {'text_map': 'in_map', 'bool_map': 'bool', 'text_map_map': 'text_map', 'ulimits': 'limit'}.get(kind)
    if inner and isinstance(value, dict):
        return dict((name, coerced(each, inner)) for name, each in value.items())
    if kind == 'limit' and isinstance(value, dict):
        return dict((name, coerced(each, 'text' if name == 'Name' else 'number')) for name, each in value.items())
    if kind == 'pools' and isinstance(value, list):
        return [dict(each, size=coerced(each['size'], 'number')) if isinstance(each, dict) and 'size' in each else each for each in value]
    return value
