# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: what a planner decided, and the one way from a plan to a module's result."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import Host
from ansible_collections.dockfleet.host.plugins.module_utils._look import look_at


class NotInLook(Exception):
    """The look at hand does not hold what this wish asks about, so the module has to look for itself, or even to inquire."""


class Plan(object):
    """What has to be done to a host, and how to show it.

    Args:
        steps (list): What the topic's apply() carries out, in order; empty means there is nothing to do.
        before (dict or str): The state the planner found, for the diff.
        after (dict or str): The state the steps lead to, for the diff.
        result (dict): Return values that are known from the plan alone.
        warnings (list of str): What the user should know although nothing failed.
    """

    def __init__(self, steps=(), before='', after='', result=None, warnings=()):
        self.steps = list(steps)
        self.before = before
        self.after = after
        self.result = dict(result or {})
        self.warnings = list(warnings)

    @property
    def changed(self):
        return bool(self.steps)

    def as_result(self, diff):
        """The module result this plan stands for; diff (bool): whether the user asked for one."""
        result = dict(self.result, changed=self.changed)
        if diff:
            result['diff'] = {'before': self.before, 'after': self.after}
        return result


def carry_out(module, topic):
    """Look, plan, stop here in check mode, apply: the body of every changing module.

    Args:
        module (AnsibleModule): The running module; its params are the wish.
        topic (module): Offers NEEDS (names of look sections), plan(look, wish) and apply(host, plan, wish), which
            returns the return values that only carrying out could tell. A topic whose plan depends on what is remote also
            offers inquire(host, look, wish, read_only): it is called where plan() finds the look wanting, and returns it extended.
    """
    host = Host(module)
    try:
        host.require_root()
        look = look_at(host, topic.NEEDS, module.params)
        try:
            plan = topic.plan(look, module.params)
        except NotInLook:
            plan = topic.plan(topic.inquire(host, look, module.params, module.check_mode), module.params)
        result = plan.as_result(module._diff)
        if plan.changed and not module.check_mode:
            result.update(topic.apply(host, plan, module.params) or {})
    except DockfleetError as error:
        module.fail_json(msg=error.message, **error.details)
    for warning in plan.warnings:
        module.warn(warning)
    module.exit_json(**result)
