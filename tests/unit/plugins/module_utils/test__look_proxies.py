# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three proxies of a host, each where its own program looks for it."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._look_proxies import look

DROP_IN = '/etc/systemd/system/docker.service.d/http-proxy.conf'


class Files(object):
    """A host that has only files."""

    def __init__(self, files):
        self.files = files

    def status(self, path):
        return {'mode': '0644', 'uid': 0, 'gid': 0} if path in self.files else None

    def read_text(self, path):
        return self.files.get(path)

    def list_folder(self, folder, suffix=''):
        return sorted(path for path in self.files if path.rpartition('/')[0] == folder and path.endswith(suffix))


@pytest.mark.parametrize('path, text, who, proxy', [
    ('/etc/yum.conf', u'[main]\n# proxy=http://no\nproxy = http://u:p@p.example:3128\n', 'package_manager', u'http://p.example:3128'),
    ('/etc/dnf/dnf.conf', u'[main]\nproxy=_none_\n', 'package_manager', u''),
    ('/etc/yum.repos.d/docker-ce.repo', u'[docker]\nproxy=http://p.example\n', 'package_manager', u'http://p.example'),
    ('/etc/apt/apt.conf.d/95proxy', u'// Acquire::http::Proxy "http://no";\nAcquire::https::Proxy::a.example "http://u:p@p.example:1";\n',
     'package_manager', u'http://p.example:1'),
    (DROP_IN, u'[Service]\nEnvironment="HTTP_PROXY=http://u:p%%40@p.example:1" NO_PROXY=x\n', 'daemon', u'http://p.example:1'),
    (DROP_IN, u'[Service]\nEnvironment=NO_PROXY=x\n', 'daemon', u''),
    ('/root/.docker/config.json', u'{"proxies": {"default": {"httpsProxy": "http://p.example:2"}}}', 'containers', u'http://p.example:2'),
    ('/root/.docker/config.json', u'{"proxies": []}', 'containers', u''),
    ('/root/.docker/config.json', u'{broken', 'containers', u''),
])
def test_B78_each_proxy_is_found_where_it_is_set(path, text, who, proxy):
    found = look(Files({path: text}), {})
    assert found.pop(who) == {'proxy': proxy, 'path': path if proxy else ''}
    assert all(other == {'proxy': '', 'path': ''} for other in found.values()) and len(found) == 2
