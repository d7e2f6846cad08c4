# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker's service: running now and after a boot, with the group and the users that may talk to it."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look_packages import GROUP
from ansible_collections.dockfleet.host.plugins.module_utils._look_service import UNITS
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook, Plan

ARGUMENT_SPEC = {
    'users': {'type': 'list', 'elements': 'str', 'default': []},
}
CONSTRAINTS = {}
NEEDS = ('packages', 'service')

UNIT = 'docker.service'
SOCKET = 'docker.socket'
ENABLED = ('enabled', 'enabled-runtime', 'linked', 'alias', 'static', 'indirect', 'generated')
LOG_LINES = 12

# How the daemon says why it gives up, or systemd why it cannot even open its socket (today's and CentOS 7's), and how systemd tells of that in the same
# journal.
TELLING = (
    'Status: ', 'level=fatal', 'failed to start', 'failed to load listeners', 'unable to configure',
    'docker.socket: Failed to ', 'docker.socket failed to ',
)  # fmt: skip
OF_SYSTEMD = re.compile(r'docker\.(service|socket)\b|Unit docker|(Starting|Started|Stopping|Stopped|Failed to start) ')


def plan(look, wish):
    """Decide whether the unit has to be enabled or started, and who has to join the group, which may have to be made.

    Args:
        look (dict): The sections packages and service.
        wish (dict): The parameters.

    Raises:
        NotInLook: The look does not know a user of the wish.
        DockfleetError: Refused.
    """
    service = look['service']
    # The package makes it; where that failed half-way, its socket does not start.
    lost = look['packages']['group'] is None and 'docker-ce' in look['packages']['installed']
    steps = [{'do': 'make', 'group': GROUP}] if lost else []
    steps += [{'do': 'add', 'user': user} for user in newcomers(look['packages'], wish)]
    before = {'members': look['packages']['group'] or []}
    after = {'members': sorted(set(before['members']) | set(step['user'] for step in steps if step['do'] == 'add'))}
    if lost:
        before['group'], after['group'] = False, True
    if service['systemd']:
        refuse_masked(service)
        unit = service['units'].get(UNIT, {})
        if unit.get('LoadState') == 'not-found' and 'docker-ce' in look['packages']['installed']:
            raise DockfleetError('The package docker-ce is installed, but systemd knows no %s.' % UNIT, stage='service')
        before.update(enabled=unit.get('UnitFileState') in ENABLED, active=unit.get('ActiveState') == 'active')
        after.update(enabled=True, active=True)
        steps += [] if before['enabled'] else [{'do': 'enable', 'unit': UNIT}]
        steps += [] if before['active'] else [{'do': 'start', 'unit': UNIT}]
    return Plan(
        steps,
        before=before,
        after=after,
        result={'systemd': service['systemd'], 'members': after['members']},
        warnings=[] if service['systemd'] else ['systemd does not run here, so that the service was left alone: only the users were seen to.'],
    )


def newcomers(packages, wish):
    """The users that are not yet in the group.

    Raises:
        NotInLook: The look does not know a user of the wish.
        DockfleetError: The host has no such user.
    """
    wanted = [to_text(user) for user in wish['users']]
    missing = [user for user in wanted if user not in (packages['group'] or [])]
    if not set(missing) <= set(packages['users']):
        raise NotInLook('the users')
    unknown = [user for user in missing if packages['users'][user] is None]
    if unknown:
        raise DockfleetError(
            'docker_engine_users names %s, and this host has no such user. Create the user first, or take the name out; nothing was '
            'changed.' % ', '.join(unknown),
            stage='users',
        )
    return [user for user in missing if not packages['users'][user]]


def refuse_masked(service):
    """A masked unit was masked by someone, and only they know why."""
    masked = sorted(name for name in UNITS if service['units'].get(name, {}).get('LoadState') == 'masked')
    if masked:
        raise DockfleetError(
            '%s masked on this host, and a masked unit cannot be started. Nothing was changed. If it may run again: '
            '"systemctl unmask %s".' % (' and '.join(masked) + (' is' if len(masked) == 1 else ' are'), ' '.join(masked)),
            stage='service',
            masked=masked,
        )


def apply(host, plan, wish):
    """Carry out the plan."""
    for step in plan.steps:
        if step['do'] == 'make':
            command(host, ['groupadd', '--system', step['group']], 'make the group %s, which the package docker-ce should have made' % step['group'])
        elif step['do'] == 'add':
            command(host, ['gpasswd', '-a', step['user'], GROUP], 'add %s to the group %s' % (step['user'], GROUP))
        elif step['do'] == 'enable':
            command(host, ['systemctl', 'enable', step['unit']], 'enable %s' % step['unit'])
        else:
            start(host, step['unit'])


def start(host, unit):
    """Start the unit; where it does not come up, its own last words are the error, or those about the socket that it waits for."""
    reset_failed(host)
    code, out, err = host.run(['systemctl', 'start', unit])
    if code:
        failed = SOCKET if 'dependency' in err else unit
        log = host.run(['journalctl', '--unit', failed, '--no-pager', '--output', 'cat', '--lines', str(LOG_LINES)])[1]
        raise DockfleetError(
            '%s does not start: %s. The last words of %s: %s. More of it: "journalctl -u %s" on the host.'
            % (unit, (err.strip().splitlines() or ['exit status %d' % code])[0].rstrip('.'), failed, last_words(log).rstrip('.') or 'none', failed),
            stage='service',
            log=log.splitlines(),
        )


def reset_failed(host):
    """Three failures within a minute would otherwise be the answer, whatever was mended since. The socket fails along with the service."""
    host.run(['systemctl', 'reset-failed', UNIT, SOCKET])


def last_words(log):
    """The lines of the journal that tell why the daemon gave up; what systemd itself says of a unit tells only that it did."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if any(words in line for words in TELLING)]
    own = [line for line in lines if not OF_SYSTEMD.match(line)]
    return ' / '.join(unrepeated(telling or own or lines)[-3:])


def unrepeated(lines):
    """The lines, each once: a service that is started again and again says the same."""
    return [line for place, line in enumerate(lines) if line not in lines[place + 1:]]


def command(host, argv, doing):
    """Run a command that has to succeed."""
    code, out, err = host.run(argv)
    if code:
        raise DockfleetError('It failed to %s: %s.' % (doing, (err or out).strip() or 'exit status %d' % code), stage='service')
