# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The known mirrors of Docker's repository. Which of them works from a host, only a probe from that host can tell."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import difflib
import re
from collections import namedtuple

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._url import check_url

# root: "linux/" lies below it. intranet: the same mirror inside its cloud; empty: none. carries: which releases, as far as that is known without a
# probe; empty: nobody has told. note: what else users of it should know. checked: when a published list of working mirrors last named it
# (LinuxMirrors; Docker's own for official).
Mirror = namedtuple('Mirror', ('name', 'title', 'root', 'intranet', 'carries', 'note', 'checked'))

MIRRORS = (
    Mirror(
        u'official', u'Docker', u'https://download.docker.com', u'', u'all releases',
        u'The origin. Reset from many networks in China since June 2024', u'2026-09-12',
    ),
    Mirror(
        u'tsinghua', u'清华大学 TUNA', u'https://mirrors.tuna.tsinghua.edu.cn/docker-ce', u'', u'all releases, centos/7 too',
        u'Was not in sync from 10 November to 25 December 2025', u'2026-05-16',
    ),
    Mirror(
        u'aliyun', u'阿里云', u'https://mirrors.aliyun.com/docker-ce', u'http://mirrors.cloud.aliyuncs.com/docker-ce', u'',
        u'Answers 403 for centos/7 to some networks', u'2026-05-16',
    ),
    Mirror(
        u'ustc', u'中国科学技术大学', u'https://mirrors.ustc.edu.cn/docker-ce', u'',
        u'releases that are still maintained; centos/7 is often missing', u'Had no key files until October 2024', u'2026-05-16',
    ),
    Mirror(u'tencent', u'腾讯云', u'https://mirrors.tencent.com/docker-ce', u'http://mirrors.tencentyun.com/docker-ce', u'', u'', u'2026-05-16'),
    Mirror(u'huawei', u'华为云', u'https://mirrors.huaweicloud.com/docker-ce', u'http://mirrors.myhuaweicloud.com/docker-ce', u'', u'', u'2026-05-16'),
    Mirror(u'cmecloud', u'移动云', u'https://mirrors.cmecloud.cn/docker-ce', u'', u'', u'', u'2026-05-16'),
    Mirror(u'163', u'网易', u'https://mirrors.163.com/docker-ce', u'', u'', u'', u'2026-05-16'),
    Mirror(u'pku', u'北京大学', u'https://mirrors.pku.edu.cn/docker-ce', u'', u'', u'', u'2026-05-16'),
    Mirror(u'zju', u'浙江大学', u'https://mirrors.zju.edu.cn/docker-ce', u'', u'', u'', u'2026-05-16'),
    Mirror(u'nju', u'南京大学', u'https://mirrors.nju.edu.cn/docker-ce', u'', u'', u'', u'2026-05-16'),
    Mirror(u'sjtu', u'上海交通大学', u'https://mirror.sjtu.edu.cn/docker-ce', u'', u'', u'Answered 403 in December 2024', u'2026-05-16'),
    Mirror(u'hust', u'华中科技大学', u'https://mirrors.hust.edu.cn/docker-ce', u'', u'', u'', u'2026-05-16'),
    Mirror(u'iscas', u'中国科学院软件研究所', u'https://mirror.iscas.ac.cn/docker-ce', u'', u'', u'', u'2026-05-16'),
    Mirror(u'azure', u'Microsoft Azure 中国', u'https://mirror.azure.cn/docker-ce', u'', u'', u'', u'2026-05-16'),
    Mirror(
        u'volcengine', u'火山引擎', u'https://mirrors.volces.com/docker', u'http://mirrors.ivolces.com/docker-ce', u'',
        u'Has another path than the others', u'2026-05-16',
    ),
)  # fmt: skip

INTRANET = u'-intranet'

# What to do about a mirror that is none.
SET = u'Set docker_repo_mirror to one of the known names, or to the URL below which a mirror has its folder "linux".'


def known_roots():
    """The root of each known mirror by its name, in the table's order as pairs; the intranet twin of "aliyun" is "aliyun-intranet"."""
    public = [(mirror.name, mirror.root) for mirror in MIRRORS]
    return public + [(mirror.name + INTRANET, mirror.intranet) for mirror in MIRRORS if mirror.intranet]


def mirror_root(wish):
    """The root URL, without a slash at its end, for the name of a known mirror or for a URL.

    Raises:
        DockfleetError: The name is not known (the message lists those that are), or the URL is none.
    """
    text = to_text(wish).strip()
    roots = dict(known_roots())
    if text.lower() in roots:
        return roots[text.lower()]
    if re.match(u'[A-Za-z0-9_-]*$', text):
        names = [name for name, dummy in known_roots()]
        nearest = difflib.get_close_matches(text.lower(), names, len(names), 0.5)
        listed = nearest + [name for name in names if name not in nearest]
        raise DockfleetError(
            u'No mirror is called "%s". Known are: %s. %s' % (text, u', '.join(listed), SET),
            stage='mirror',
            known=listed,
        )
    try:
        root = check_url(text, what=u'The mirror', query=False).rstrip(u'/')
    except DockfleetError as error:
        raise DockfleetError(error.message if 'suggestion' in error.details else u'%s %s' % (error.message, SET), stage='mirror', **error.details)
    below = re.search(u'/linux(/.*)?$', root)
    if below or root.endswith((u'.repo', u'/gpg')):
        above = root[:below.start()] if below else root.rpartition(u'/')[0]
        raise DockfleetError(
            u'The mirror "%s" is not the root of a mirror: that is the URL which has the folder "linux" below it. Write %s.' % (root, above),
            stage='mirror',
        )
    return root


def mirror_name(root):
    """What to call a mirror in messages: its name in the table, else its URL."""
    names = dict((url, name) for name, url in known_roots())
    return names.get(root, root)
