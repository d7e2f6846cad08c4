# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import itertools

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._versions import (
    compare_deb,
    compare_rpm,
    nearest,
    newest_first,
    parse_wish,
    plain_rpm,
    resolve,
    upstream,
)

# Each list is in the order of rpm, oldest first (rpm's manual, "Version comparison", and its test suite's kinds of cases).
RPM_ORDER = [
    ['1.0~rc1', '1.0', '1.0^git1', '1.0.1'],
    ['1.0~rc1^git1', '1.0~rc2', '1.0', '1.0^', '1.0^20250101', '1.0^20250101.1', '1.01'],
    ['2.0', '2.0.1', '2.0.1a', '2.0.2'],
    ['5.5p1', '5.5p2', '5.5p10'],
    ['xyz10', 'xyz.11', '10xyz', '10.1xyz'],
    ['20.10.9', '20.10.10', '20.11'],
    ['3:20.10.9-3.el7', '3:20.10.24-3.el7', '3:23.0.0-1.el7', '3:26.1.4-1.el7', '3:26.1.4-2.el7'],
    ['17.06.1.ce-1.el7.centos', '18.06.3.ce-3.el7', '3:18.09.0-3.el7'],
    ['27.0.1~rc.1-1.el9', '27.0.1-1.el9'],
    ['1.6.33-3.1.el7', '1.6.33-3.2.el7', '1.7.27-3.1.el9'],
]
RPM_SAME = [('1.0', '1.0'), ('1.0', '1_0'), ('1.05', '1.5'), ('0:1-1', '1-1'), ('2_0', '2.0'), ('a+', 'a'), ('3:1.0', '3:1.0-1.el7')]

# In the order of dpkg (Debian policy 5.6.12).
DEB_ORDER = [
    ['1.0~~', '1.0~~a', '1.0~', '1.0', '1.0a', '1.0+b1', '1.0.1'],
    ['1.0~rc1-1', '1.0-0', '1.0-1~bpo12+1', '1.0-1', '1.0-1+b1', '1.0-1.1', '1.0-10'],
    ['5:20.10.7~3-0~ubuntu-focal', '5:20.10.10~3-0~ubuntu-focal', '5:23.0.0-1~ubuntu.20.04~focal'],
    ['18.06.3~ce~3-0~ubuntu', '5:18.09.0~3-0~ubuntu-xenial', '5:26.1.4-1~debian.12~bookworm', '5:28.0.0~rc.1-1~debian.12~bookworm'],
    ['1.6.20~ds1-1+b1', '1.6.20-1', '1.6.33-1', '1.7.1-1'],
]


def pairs(lists):
    return [(older, newer) for versions in lists for older, newer in itertools.combinations(versions, 2)]


@pytest.mark.parametrize('older, newer', pairs(RPM_ORDER))
def test_compare_rpm(older, newer):
    assert compare_rpm(older, newer) < 0
    assert compare_rpm(newer, older) > 0
    assert compare_rpm(older, older) == compare_rpm(newer, newer) == 0


@pytest.mark.parametrize('one, other', RPM_SAME)
def test_compare_rpm_same(one, other):
    assert compare_rpm(one, other) == compare_rpm(other, one) == 0


@pytest.mark.parametrize('older, newer', pairs(DEB_ORDER))
def test_compare_deb(older, newer):
    assert compare_deb(older, newer) < 0
    assert compare_deb(newer, older) > 0
    assert compare_deb(older, older) == compare_deb(newer, newer) == 0


def test_compare_deb_same():
    assert compare_deb('0:1.0-1', '1.0-1') == 0
    assert compare_deb('1.0-0', '1.0') == 0
    assert compare_deb('1.000', '1.0') == 0


def test_newest_first():
    versions = ['3:20.10.9-3.el7', '3:20.10.10-3.el7', '17.12.1.ce-1.el7.centos', '3:20.10.9-3.el7']
    assert newest_first(versions, 'rpm') == ['3:20.10.10-3.el7', '3:20.10.9-3.el7', '17.12.1.ce-1.el7.centos']


@pytest.mark.parametrize(
    'version, expected',
    [
        ('3:26.1.4-1.el7', '26.1.4'),
        ('1:26.1.4-1.el7', '26.1.4'),
        ('26.1.4-1.el7', '26.1.4'),
        ('5:26.1.4-1~debian.12~bookworm', '26.1.4'),
        ('5:20.10.7~3-0~ubuntu-focal', '20.10.7'),
        ('17.06.1.ce-1.el7.centos', '17.06.1'),
        ('18.06.3~ce~3-0~ubuntu', '18.06.3'),
        ('3:27.0.1~rc.1-1.el9', '27.0.1-rc.1'),
        ('5:27.0.1~rc.1-1~debian.12~bookworm', '27.0.1-rc.1'),
        ('1.6.33-3.1.el7', '1.6.33'),
        ('1.6.20~ds1-1+b1', '1.6.20'),
        ('2.27.1-1~debian.12~bookworm', '2.27.1'),
    ],
)
def test_upstream(version, expected):
    assert upstream(version) == expected


@pytest.mark.parametrize(
    'text, version, expected',
    [
        ('26.1', '3:26.1.4-1.el7', True),
        ('26.1', '3:26.10.0-1.el7', False),
        ('26', '5:26.1.4-1~debian.12~bookworm', True),
        (26, '3:26.1.4-1.el7', True),
        (26, '3:2.6.1-1.el7', False),
        ('26.1.4', '3:26.1.4-1.el7', True),
        ('26.1.4', '3:26.1.40-1.el7', False),
        ('v26.1.4', '1:26.1.4-1.el7', True),
        ('26.1.*', '3:26.1.3-1.el7', True),
        ('26.1.x', '3:26.10.3-1.el7', False),
        ('26.1.4.0', '3:26.1.4-1.el7', False),
        ('3:26.1.4-1.el7', '1:26.1.4-1.el7', True),
        ('3:26.1.4-1.el7', '5:26.1.4-1~debian.12~bookworm', True),
        ('5:26.1.4-1~debian.12~bookworm', '3:26.1.4-1.el7', True),
        ('5:20.10.7~3-0~ubuntu-focal', '3:20.10.7-3.el7', True),
        ('17.06.1.ce-1.el7.centos', '17.06.1~ce-0~debian', True),
        ('27.0.1', '3:27.0.1~rc.1-1.el9', False),
        ('27.0', '3:27.0.1~rc.1-1.el9', False),
        ('v27.0.1-rc.1', '3:27.0.1~rc.1-1.el9', True),
        ('27.0.1~rc.1', '5:27.0.1~rc.1-1~debian.12~bookworm', True),
        ('27.0.1~rc.1', '3:27.0.1-1.el9', False),
        (' 26.1\n', '3:26.1.4-1.el7', True),
        ('present', '3:26.1.4-1.el7', True),
        ('latest', '3:27.0.1~rc.1-1.el9', True),
    ],
)
def test_wish_matches(text, version, expected):
    assert parse_wish(text, 'x').matches(version) is expected


@pytest.mark.parametrize(
    'value, words',
    [
        (20.10, 'in quotes'),
        (26.1, 'in quotes'),
        ('', 'not a version'),
        ('newest', 'not a version'),
        ('26.1*', 'not a version'),
        ('>=26.1', 'not a version'),
        ('26..1', 'not a version'),
        ('docker-ce-26.1.4', 'not a version'),
        ('26.1.4 ; reboot', 'not a version'),
        (u'26\u30021', 'not a version'),
        (True, 'not a version'),
        (None, 'not a version'),
        (['26.1'], 'not a version'),
    ],
)
def test_wish_refused(value, words):
    with pytest.raises(DockfleetError) as caught:
        parse_wish(value, 'docker_engine_version')
    assert caught.value.message.startswith('docker_engine_version: ')
    assert words in caught.value.message


EL7 = ['3:26.1.4-2.el7', '3:26.1.4-1.el7', '3:26.1.3-1.el7', '3:20.10.10-3.el7', '3:20.10.9-3.el7', '3:20.10.0-3.el7', '18.06.3.ce-3.el7']
CONTAINERD = ['1.6.33-3.2.el7', '1.6.33-3.1.el7', '1.6.32-3.1.el7']


@pytest.mark.parametrize(
    'text, available, expected',
    [
        ('latest', EL7, '3:26.1.4-2.el7'),
        ('present', EL7, '3:26.1.4-2.el7'),
        ('26', EL7, '3:26.1.4-2.el7'),
        ('26.1.4', EL7, '3:26.1.4-2.el7'),
        ('20.10', EL7, '3:20.10.10-3.el7'),
        ('20.10.9', EL7, '3:20.10.9-3.el7'),
        ('3:26.1.4-1.el7', EL7, '3:26.1.4-1.el7'),
        ('5:26.1.4-1~debian.12~bookworm', EL7, '3:26.1.4-2.el7'),
        ('20.1', EL7, None),
        ('1.6.33-3.1', CONTAINERD, '1.6.33-3.1.el7'),
        ('1.6.33-3', CONTAINERD, '1.6.33-3.2.el7'),
        ('26.1', [], None),
    ],
)
def test_resolve(text, available, expected):
    assert resolve(parse_wish(text, 'x'), available) == expected


@pytest.mark.parametrize(
    'text, expected',
    [
        ('20.10.1', ['20.10.10', '20.10.9', '20.10.0']),
        ('20.11', ['20.10.10', '20.10.9', '20.10.0']),
        ('26.1.9', ['26.1.4', '26.1.3']),
        ('99', ['26.1.4', '26.1.3', '20.10.10', '20.10.9', '20.10.0']),
        ('3:19.03.1-3.el7', ['26.1.4', '20.10.10', '20.10.9', '20.10.0', '18.06.3']),
        ('27.0.1-rc.1', ['26.1.4', '26.1.3', '20.10.10', '20.10.9', '20.10.0']),
    ],
)
def test_nearest(text, expected):
    assert nearest(parse_wish(text, 'x'), EL7) == expected


def test_nearest_of_nothing():
    assert nearest(parse_wish('26.1', 'x'), []) == []


@pytest.mark.parametrize(
    'text, installed, expected',
    [
        ('26.1', '3:26.1.3-1.el7', True),
        ('26.1.4', '3:26.1.4-1.el7', True),
        ('3:26.1.4-1.el7', '1:26.1.4-1.el7', True),
        ('3:26.1.4-1.el7', '3:26.1.4-2.el7', False),
        ('5:26.1.4-1~debian.12~bookworm', '3:26.1.4-1.el7', True),
        ('5:26.1.4-1~debian.12~bookworm', '3:26.1.4-2.el7', True),
        ('3:26.1.4-1.el7', '3:26.1.4-1.el9', True),
        ('3:26.1.4-1.el7', '3:26.1.4-2.el9', False),
        ('5:20.10.7~3-0~ubuntu-focal', '5:20.10.7~3-0~debian-bullseye', True),
        ('26.1.4-1', '3:26.1.4-1.el7', True),
        ('26.1.4-1', '3:26.1.4-10.el7', False),
    ],
)
def test_is_met_by(text, installed, expected):
    assert parse_wish(text, 'x').is_met_by(installed) is expected


@pytest.mark.parametrize('text, expected', [('0:1.6.33-3.1.el7', '1.6.33-3.1.el7'), ('3:26.1.4-1.el7', '3:26.1.4-1.el7'), ('10:1-1', '10:1-1')])
def test_plain_rpm(text, expected):
    assert plain_rpm(text) == expected
