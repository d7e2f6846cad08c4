# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts that had docker, docker-engine or docker.io have docker-ce, and all that they had in their engine."""

from __future__ import annotations

OLD = ('docker', 'docker-client', 'docker-common', 'docker-engine', 'docker.io')


def installed(host):
    rpm = host.run("rpm -qa --qf '%{NAME}\\n'").stdout
    dpkg = host.run("dpkg-query --show --showformat '${db:Status-Abbrev}${Package}\\n' | sed -n 's/^ii  *//p'").stdout
    return set(rpm.split() + dpkg.split())


def test_docker_ce_has_taken_the_place_of_the_old_packages(host):
    packages = installed(host)
    assert not packages & set(OLD) and {'docker-ce', 'docker-ce-cli', 'containerd.io'} <= packages
    assert host.check_output('systemctl is-active docker.service') == 'active'


def test_the_engine_is_the_new_one(host, lab):
    assert host.check_output("docker version --format '{{.Server.Version}}'").startswith(lab['engines'][-1]['version'])


def test_images_and_volumes_are_still_there(host):
    before = set(host.file('/root/images').content_string.split())
    assert before and before <= set(host.check_output('docker image ls --quiet --no-trunc').split())
    assert host.check_output('docker run --rm --pull never --volume files:/files busybox cat /files/letter') == 'Grüße'


def test_old_packages_go_with_the_level_packages_too(run_module):
    """In check mode, as a preview: the old families are among what goes, and podman's stand-in for Docker is not."""
    result = run_module('engine_packages', check=True, state='absent', also=['obsolete', 'configuration'])
    assert 'docker-ce' in result['plan']['remove'] and 'podman-docker' not in result['plan']['remove']


def test_the_configuration_of_docker_io_is_never_purged(host, run_module):
    """Its maintainer scripts would delete the data. rpm keeps no configuration of packages that are gone."""
    result = run_module('engine_packages', check=True, state='absent', also=['obsolete', 'configuration'])
    debian = host.ansible.get_variables()['inventory_hostname'] == 'debian12'
    told = [entry['package'] for entry in result['kept'] if '/var/lib/docker' in entry['why']]
    assert 'docker.io' not in result['purge'] and told == (['docker.io'] if debian else [])
