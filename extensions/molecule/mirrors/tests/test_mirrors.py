# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mirror is chosen by proof, kept while it is healthy, and left for the next one when it is not."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest

FAULT = pathlib.Path(__file__).resolve().parents[4] / 'tests/lab/fault'
CANDIDATES = ['tsinghua', 'aliyun', 'ustc', 'tencent', 'huawei']
HUAWEI, ALIYUN, TENCENT = 'mirrors.huaweicloud.com', 'mirrors.aliyun.com', 'mirrors.tencent.com'


def fault(name, *faults):
    subprocess.run([FAULT, os.environ['MOLECULE_SCENARIO_NAME'], name, *faults], check=True)


@pytest.fixture
def repository(host, run_module):
    """Runs package_repository as the role does."""
    fingerprints = host.ansible.get_variables()['docker_repo_key_fingerprints']

    def run(**options):
        return run_module('package_repository', **{'root': 'auto', 'candidates': CANDIDATES, 'fingerprints': fingerprints, **options})

    return run


def is_el7(host):
    return host.ansible.get_variables()['inventory_hostname'] == 'el7'


def test_the_package_manager_installs_from_the_chosen_mirror(host):
    if is_el7(host):
        assert HUAWEI in host.file('/etc/yum.repos.d/docker-ce.repo').content_string
        assert 'docker-ce' in host.check_output('dnf -q --refresh --repo docker-ce-stable repoquery docker-ce')
    else:
        # What aliyun lacks here is the release of the other host.
        text = host.file('/etc/apt/sources.list.d/docker.sources').content_string
        assert HUAWEI in text or ALIYUN in text
        host.check_output('apt-get update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/docker.sources -o Dir::Etc::sourceparts=-')
        assert 'docker-ce' in host.check_output('apt-cache madison docker-ce')


def test_each_verdict_names_stage_and_cause(host, run_module):
    probe = run_module('package_mirror_info', candidates=CANDIDATES)
    verdicts = {entry['name']: (entry['verdict'], entry['stage'], entry['cause']) for entry in probe['mirrors']}
    assert verdicts['huawei'][0] == 'healthy'
    assert verdicts['tsinghua'][:2] == ('unusable', 'tls') and 'certificate is for' in verdicts['tsinghua'][2]
    assert verdicts['ustc'][:2] == ('unusable', 'http') and verdicts['ustc'][2].startswith('mid-sync: ')
    assert verdicts['tencent'] == ('unusable', 'tcp', 'connection refused')
    if is_el7(host):
        assert verdicts['aliyun'] == ('unusable', 'http', 'http 404: it has linux/centos, but not centos/7 x86_64')


def test_a_mirror_that_is_years_behind_is_stale(run_module):
    fault(TENCENT, 'stale')
    try:
        probe = run_module('package_mirror_info', candidates=['tencent', 'huawei'])
    finally:
        fault(TENCENT, 'dead')
    behind, healthy = probe['mirrors']
    assert (behind['verdict'], healthy['verdict'], probe['chosen']) == ('degraded', 'healthy', 'huawei')
    assert behind['cause'].startswith('stale: its list is of 2020-01-01, the newest seen of ')


def test_a_named_mirror_that_fails_is_refused_with_those_that_work(host, repository):
    before = host.check_output('find /etc/yum.repos.d /etc/apt /etc/pki/rpm-gpg -type f 2>/dev/null | sort | xargs sha256sum')
    refused = repository(root='tencent')
    assert refused['failed'] and not refused['changed']
    message = refused['msg']
    assert 'Mirror "tencent" cannot serve' in message and 'tcp: connection refused' in message
    assert 'Healthy from here: ' in message and 'huawei (' in message and 'or to "auto"' in message
    assert host.check_output('find /etc/yum.repos.d /etc/apt /etc/pki/rpm-gpg -type f 2>/dev/null | sort | xargs sha256sum') == before


def test_the_next_one_is_taken_when_the_chosen_one_dies_and_kept_when_that_comes_back(host, repository):
    try:
        for name in (HUAWEI, ALIYUN):
            fault(name, 'dead')
        fault(TENCENT, 'heal')
        moved = repository()
        assert moved['changed'] and TENCENT in moved['root']
        assert 'which is in use, is unusable (tcp: connection refused)' in moved['reason']
        fault(HUAWEI, 'heal')
        again = repository()
        assert not again['changed'] and again['reason'] == 'it is in use and healthy'
    finally:
        fault(HUAWEI, 'heal')
        fault(ALIYUN, 'no-el7')
        fault(TENCENT, 'dead')
