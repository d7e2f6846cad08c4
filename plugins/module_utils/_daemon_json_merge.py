# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options laid over options, and whose they are. A path is a list of keys, from the outermost one on."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from collections import OrderedDict


def merge(current, wished):
    """Current options with the wished ones laid over them.

    Objects are merged deeply, null takes a key out, everything else is replaced; keys that the wish does not name stay.

    Args:
        current (dict): What stands in the file; its order is kept.
        wished (dict): What is wanted.

    Returns:
        OrderedDict: The outcome.
    """
    merged = OrderedDict(current)
    for key in sorted(wished):
        value = wished[key]
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = merge(merged[key] if isinstance(merged.get(key), dict) else {}, value)
        else:
            merged[key] = value
    return merged


def leaves(options, above=()):
    """The paths to everything in these options that is not itself an object with something in it."""
    found = []
    for key, value in options.items():
        path = list(above) + [key]
        found += leaves(value, path) if isinstance(value, dict) and value else [path]
    return found


def value_at(options, path):
    """What stands at a path; None where nothing does."""
    for key in path:
        if not isinstance(options, dict) or key not in options:
            return None
        options = options[key]
    return options


def without(options, paths):
    """Options without some paths; an object that loses its last key goes as well."""
    kept = OrderedDict(options)
    for key in list(kept):
        below = [path[1:] for path in paths if path[0] == key]
        if [] in below:
            del kept[key]
        elif below and isinstance(kept[key], dict):
            kept[key] = without(kept[key], below)
            if not kept[key]:
                del kept[key]
    return kept


def no_longer_wished(ours, wished):
    """Those of our paths that the wish names no more, neither themselves nor anything that they lie in."""
    named = leaves(wished)
    return [path for path in ours if not any(path[:len(name)] == name for name in named)]


def owned(ours, current, wished):
    """The paths that are ours once the wish is in the file: those that were and are still wished, and those that the wish changes.

    What stood there already in the wished form was written by others and stays theirs.
    """
    gone = no_longer_wished(ours, wished)
    kept = [path for path in ours if path not in gone and value_at(wished, path) is not None]
    set_now = [path for path in leaves(wished) if value_at(wished, path) not in (None, value_at(current, path))]
    return sorted(kept + [path for path in set_now if path not in kept])
