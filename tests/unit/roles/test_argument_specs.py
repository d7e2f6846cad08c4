# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument_specs of each role say exactly what its defaults say: the same variables, values that fit their types, the same defaults."""

from __future__ import annotations

import os

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from jinja2.nativetypes import NativeEnvironment

ROLES = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..', '..', 'roles'))
NAMES = sorted(os.listdir(ROLES))
TYPES = {'bool': bool, 'dict': dict, 'float': float, 'int': int, 'list': list, 'path': str, 'raw': object, 'str': str}


def read(role, *path):
    with open(os.path.join(ROLES, role, *path), encoding='utf-8') as file:
        return yaml.safe_load(file) or {}


def entry_points(role):
    return read(role, 'meta', 'argument_specs.yml')['argument_specs']


def options(role):
    return entry_points(role)['main']['options']


def default(role, name):
    """The value in defaults/main.yml, and where that names another role's variable: what it is when the user has set none."""
    defaults = read(role, 'defaults', 'main.yml')
    value = defaults.get(name)
    return NativeEnvironment().from_string(value).render(defaults) if isinstance(value, str) and '{{' in value else value


def cases():
    return [(role, name) for role in NAMES for name in sorted(options(role))]


@pytest.mark.parametrize('role', NAMES)
def test_options_are_the_defaults(role):
    optional = {name for name, option in options(role).items() if not option.get('required')}

    assert optional == set(read(role, 'defaults', 'main.yml'))


@pytest.mark.parametrize('role', NAMES)
def test_other_entry_points_know_no_further_options(role):
    assert all(set(entry_point.get('options') or {}) <= set(options(role)) for entry_point in entry_points(role).values())


@pytest.mark.parametrize(('role', 'name'), cases())
def test_name_and_description(role, name):
    option = options(role)[name]

    assert name.startswith(role + '_')
    assert option['description']
    assert option['type'] in TYPES
    assert option['type'] != 'list' or option['elements'] in TYPES


@pytest.mark.parametrize(('role', 'name'), cases())
def test_default_fits_its_type(role, name):
    option, value = options(role)[name], default(role, name)
    if value is None:
        return

    assert isinstance(value, TYPES[option['type']])
    # a bool is an int to Python, but not to the reader of defaults/main.yml
    assert option['type'] == 'bool' or not isinstance(value, bool)
    assert ArgumentSpecValidator({name: {key: option[key] for key in option if key not in ('description', 'version_added')}}).validate(
        {name: value}).error_messages == []


@pytest.mark.parametrize(('role', 'name'), [case for case in cases() if 'default' in options(case[0])[case[1]]])
def test_documented_default_is_the_default(role, name):
    assert options(role)[name]['default'] == default(role, name)


PROBE = {'registries': ['https://m.example'], 'images': ['alpine'], 'timeout': 15, 'order': 'given'}
PLAY = {
    'ansible_play_role_names': ['dockfleet.host.docker_preflight', 'dockfleet.host.docker_daemon'],
    'docker_daemon_registry_mirrors': PROBE['registries'],
    'docker_daemon_mirror_policy': 'healthy',
    'docker_daemon_mirror_images': PROBE['images'],
    'docker_daemon_mirror_timeout': PROBE['timeout'],
    'docker_daemon_mirror_order': PROBE['order'],
}


@pytest.mark.parametrize(('variables', 'expected'), [
    (PLAY, PROBE),
    (dict(PLAY, docker_dns_mode='off'), PROBE),
    # As YAML reads it without quotes.
    (dict(PLAY, docker_dns_mode=False), PROBE),
    (dict(PLAY, docker_dns_mode='auto'), {}),
    (dict(PLAY, docker_daemon_mirror_policy='all'), {}),
    (dict(PLAY, docker_daemon_registry_mirrors=[]), {}),
    # Variables of the inventory, in a play without that role, whose defaults are not there then.
    ({'ansible_play_role_names': ['dockfleet.host.docker_preflight'], 'docker_daemon_registry_mirrors': ['https://m.example'],
      'docker_daemon_mirror_policy': 'healthy'}, {}),
])
def test_mirrors_are_asked_along_with_the_look_where_docker_daemon_is_going_to_ask_them(variables, expected):
    template = read('docker_preflight', 'defaults', 'main.yml')['docker_preflight_registry_probe']
    assert NativeEnvironment().from_string(template).render(variables) == expected
