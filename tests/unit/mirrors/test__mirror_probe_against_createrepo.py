# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe reads what the real createrepo_c and apt-ftparchive write. These tests need both, and fail without them."""

from __future__ import annotations

import functools
import http.server
import subprocess
import threading

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _mirror_probe

EL7 = {'family': 'rpm', 'distribution': 'centos', 'value': '7', 'architecture': 'x86_64'}
BOOKWORM = {'family': 'deb', 'distribution': 'debian', 'value': 'bookworm', 'architecture': 'amd64'}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *dummy):
        pass


@pytest.fixture(scope='module')
def root(tmpdir_factory):
    """A mirror with an rpm and a deb repository, both without packages."""
    folder = tmpdir_factory.mktemp('mirror')
    subprocess.run(['createrepo_c', '--quiet', str(folder.ensure('linux/centos/7/x86_64/stable', dir=True))], check=True)
    suite = folder.ensure('linux/debian/dists/bookworm', dir=True)
    suite.ensure('stable/binary-amd64', dir=True).join('Packages').write('Package: docker-ce\nVersion: 5:1\nArchitecture: amd64\n\n')
    fields = {'Suite': 'bookworm', 'Codename': 'bookworm', 'Components': 'stable', 'Architectures': 'amd64'}
    options = [word for name, value in fields.items() for word in ('-o', 'APT::FTPArchive::Release::%s=%s' % (name, value))]
    done = subprocess.run(['apt-ftparchive', *options, 'release', str(suite)], stdout=subprocess.PIPE, check=True)
    suite.join('InRelease').write_binary(done.stdout)
    return folder


@pytest.fixture
def url(root):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield 'http://127.0.0.1:%d' % server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize('release', [EL7, BOOKWORM])
def test_fresh_repository(url, release):
    entry = _mirror_probe.probe_roots([url], release, 'stable', 30)[0]
    assert (entry['verdict'], entry['cause']) == ('healthy', '')
    assert entry['revision'] > 1700000000


@pytest.mark.parametrize('release, pattern', [(EL7, '*primary.xml*'), (BOOKWORM, 'Packages')])
def test_repository_in_the_middle_of_a_copy(root, url, release, pattern):
    lists = list(root.visit(pattern))
    kept = [path.read_binary() for path in lists]
    for path in lists:
        path.write_binary(path.read_binary()[:-1] + b'!')
    torn = _mirror_probe.probe_roots([url], release, 'stable', 30)[0]
    for path, content in zip(lists, kept):
        path.write_binary(content)
    assert torn['verdict'] == 'unusable'
    assert torn['cause'].startswith('mid-sync: ') and torn['cause'].endswith('does not have the checksum that the index names')
