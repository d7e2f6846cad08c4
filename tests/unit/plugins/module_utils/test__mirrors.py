# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._mirrors import MIRRORS, known_roots, mirror_name, mirror_root
from ansible_collections.dockfleet.host.plugins.module_utils._url import check_url

NAMES = 'official tsinghua aliyun ustc tencent huawei cmecloud 163 pku zju nju sjtu hust iscas azure volcengine'.split()


def refusal(wish):
    with pytest.raises(DockfleetError) as caught:
        mirror_root(wish)
    return caught.value.message


def test_the_table_has_every_mirror_once_and_says_since_when():
    assert [mirror.name for mirror in MIRRORS] == NAMES
    assert len(set(dict(known_roots()).values())) == len(known_roots())
    for mirror in MIRRORS:
        assert mirror.title and re.match(r'2026-\d\d-\d\d$', mirror.checked)


@pytest.mark.parametrize('name, root', known_roots())
def test_every_known_root_is_a_url_by_its_name(name, root):
    assert check_url(root, query=False) == root and not root.endswith('/')
    assert mirror_root(name) == root
    assert mirror_name(root) == name


@pytest.mark.parametrize('wish, root', [
    ('Tsinghua', 'https://mirrors.tuna.tsinghua.edu.cn/docker-ce'),
    (' aliyun ', 'https://mirrors.aliyun.com/docker-ce'),
    ('aliyun-intranet', 'http://mirrors.cloud.aliyuncs.com/docker-ce'),
    ('https://mirror.example/docker-ce/', 'https://mirror.example/docker-ce'),
    ('HTTP://192.0.2.1:8080/docker-ce', 'http://192.0.2.1:8080/docker-ce'),
])  # fmt: skip
def test_mirror_root(wish, root):
    assert mirror_root(wish) == root


def test_an_unlisted_root_is_called_by_its_url():
    assert mirror_name('https://mirror.example/docker-ce') == 'https://mirror.example/docker-ce'


def test_an_unknown_name_lists_the_known_ones_nearest_first():
    message = refusal('tsingua')
    assert message.startswith('No mirror is called "tsingua". Known are: tsinghua, ')
    for name in NAMES:
        assert name in message
    assert 'docker_repo_mirror' in message


@pytest.mark.parametrize('wish, right', [
    ('mirrors.aliyun.com/docker-ce', 'Write https://mirrors.aliyun.com/docker-ce or http://mirrors.aliyun.com/docker-ce.'),
    ('https:/mirrors.aliyun.com/docker-ce', 'Write https://mirrors.aliyun.com/docker-ce.'),
    ('https://mirrors.aliyun.com/docker-ce/linux/centos', 'Write https://mirrors.aliyun.com/docker-ce.'),
    ('https://mirrors.aliyun.com/docker-ce/linux/', 'Write https://mirrors.aliyun.com/docker-ce.'),
    ('https://mirrors.aliyun.com/docker-ce/linux/centos/docker-ce.repo', 'Write https://mirrors.aliyun.com/docker-ce.'),
    ('https://user:secret@mirror.example/docker-ce', 'Write https://mirror.example/docker-ce.'),
    ('https://mirror.example/docker-ce?x=1', 'Write https://mirror.example/docker-ce.'),
])  # fmt: skip
def test_a_url_that_is_none_gets_its_right_spelling(wish, right):
    message = refusal(wish)
    assert message.endswith(right)
    assert 'secret' not in message


@pytest.mark.parametrize('wish', ['$(touch /run/pwned)', 'ftp//x y/', 'https://', u'\u955c\u50cf/docker-ce'])
def test_what_is_no_url_at_all_is_told_what_to_set(wish):
    message = refusal(wish)
    assert wish in message and ' Write ' not in message and message.endswith(
        'Set docker_repo_mirror to one of the known names, or to the URL below which a mirror has its folder "linux".'
    )
