# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SIGKILL while the engine is installed, upgraded and downgraded. Whatever is left, the next run ends converged."""

from __future__ import annotations

import subprocess

import playing
import pytest
from playing import PREFIX, VERSIONS, shell

HOSTS = ('el7', 'debian12')
OLDEST, MIDDLE, NEWEST = VERSIONS[0], VERSIONS[1], VERSIONS[-1]

# Conditions for a shell on the host, by what they show.
DOWNLOAD = {'el7': "compgen -G '/var/cache/dnf/docker-ce-stable-*/packages/*.rpm'", 'debian12': "compgen -G '/var/cache/apt/archives/partial/*.deb'"}
UNPACKING = {'el7': "compgen -G '/usr/bin/*;*'", 'debian12': "compgen -G '/usr/bin/*.dpkg-new'"}
REPLACED = dict.fromkeys(HOSTS, '[ "$(stat --format %i /usr/bin/dockerd 2>&1)" != "$before" ]')
# In brackets, so that the killer does not find itself.
SCRIPTLET = {'el7': "pgrep -f 'systemctl try-restart docker[.]service'", 'debian12': "pgrep -f 'docker-ce[.]postinst configure'"}

# The parent of the package manager is the module.
KILL = r'''
tree() { echo $1; for child in $(pgrep -P $1); do tree $child; done; }
before=$(stat --format %%i /usr/bin/dockerd 2>&1)
until %s >/dev/null; do :; done
module=$(ps -o ppid= -p $(pgrep -o -x 'dnf|apt-get'))
kill -KILL %s
'''
ALONE, TREE = '$module', '$(tree $module)'

CONSISTENT = {
    'el7': 'dnf -q check && rpm -qa --qf "%{NAME}\\n" "docker*" "containerd*" | sort | uniq --repeated',
    'debian12': 'dpkg --audit && apt-get -qq check',
}
HELD = {'el7': 'cat /etc/dnf/plugins/versionlock.list', 'debian12': 'apt-mark showhold'}


@pytest.mark.parametrize(
    'version, when, whom',
    [
        pytest.param(OLDEST, DOWNLOAD, ALONE, id='install: the module alone, while packages arrive'),
        pytest.param(MIDDLE, DOWNLOAD, TREE, id='upgrade: while packages arrive'),
        pytest.param(NEWEST, UNPACKING, TREE, id='upgrade: while files are unpacked'),
        pytest.param(MIDDLE, REPLACED, TREE, id='downgrade: with the daemon just replaced'),
        pytest.param(NEWEST, SCRIPTLET, TREE, id='upgrade: while the daemon restarts'),
    ],
)
def test_a_run_that_is_killed_is_made_up_for_by_the_next(version, when, whom):
    shell('el7', 'dnf -q clean packages')
    shell('debian12', 'apt-get clean')
    wish = {'docker_engine_version': version, 'docker_engine_hold': True, 'docker_engine_allow_downgrade': True}
    killers = [
        subprocess.Popen(['docker', 'exec', '%s-%s' % (PREFIX, host), 'timeout', '300', 'bash', '-c', KILL % (when[host], whom)]) for host in HOSTS
    ]
    outcome = playing.finish(playing.start({'roles': ['dockfleet.host.docker_engine']}, **wish))
    for killer, host in zip(killers, HOSTS):
        assert killer.wait() == 0, outcome.text
        assert 'fatal: [%s]' % host in outcome.text

    outcome = playing.engine(**wish)
    assert outcome.code == 0, outcome.text
    for host in HOSTS:
        assert playing.versions(host) == [version, version]
        assert shell(host, CONSISTENT[host]) == ''
        assert 'docker-ce' in shell(host, HELD[host])
    outcome = playing.engine(**wish)
    for host in HOSTS:
        assert not outcome.packages(host)['changed']


def test_what_dpkg_wants_to_have_anew_comes_anew():
    """As a run leaves it that was killed between the files of a package and the note that they are there: dpkg itself refuses to go on."""
    shell('debian12', "sed -i '/^Package: docker-ce-cli$/,/^Status:/ s/^Status:.*/Status: install reinstreq unpacked/' /var/lib/dpkg/status")
    assert shell('debian12', 'dpkg --configure -a', check=False).returncode != 0
    outcome = playing.engine('--limit', 'debian12', docker_engine_version=NEWEST, docker_engine_hold=True)
    assert outcome.code == 0 and outcome.packages('debian12')['changed'], outcome.text
    assert playing.versions('debian12') == [NEWEST, NEWEST] and shell('debian12', CONSISTENT['debian12']) == ''
