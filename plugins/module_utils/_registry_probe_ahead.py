# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry probe, made in the round trip of the look for a later task that asks the same."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json

from ansible_collections.dockfleet.host.plugins.module_utils import _registry_probe
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import conceal

# Of the parameters of registry_reachability_info those that the role docker_daemon sets.
OPTIONS = dict((name, _registry_probe.ARGUMENT_SPEC[name]) for name in ('registries', 'images', 'timeout', 'order'))


def ask_ahead(options, salt):
    """Probe.

    Args:
        options (dict): The parameters in OPTIONS.
        salt (str): Under which secrets in addresses are concealed.

    Returns:
        dict: salt, asked (see digest_of()) and result (what _registry_probe.probe() returned); {} where there is nothing to ask, or where the probe is
            refused: the task that asks for itself says why.
    """
    if not options:
        return {}
    wish = dict(dict((name, option.get('default')) for name, option in _registry_probe.ARGUMENT_SPEC.items()), **options)
    try:
        return {'salt': salt, 'asked': digest_of(wish, salt), 'result': _registry_probe.probe(wish)}
    except DockfleetError:
        return {}


def digest_of(wish, salt):
    """A text that is the same for the same parameters (dict, all of registry_reachability_info), and tells no secret."""
    return conceal(json.dumps(wish, sort_keys=True), salt)
