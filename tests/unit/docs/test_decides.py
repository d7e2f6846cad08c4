# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages "How it decides" say what the code says, for every role."""

from __future__ import annotations

import pathlib
import runpy

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils import _daemon_keys, _engine_packages_names, _mirrors

ROOT = pathlib.Path(__file__).resolve().parents[3]
GENERATOR = runpy.run_path(str(ROOT / 'docs/site/generate'))


def write(folder, monkeypatch):
    monkeypatch.setattr('sys.argv', ['generate', str(folder)])
    GENERATOR['main']()
    return {path.stem: path.read_text(encoding='utf-8') for path in folder.glob('*.rst')}


@pytest.fixture
def pages(tmp_path, monkeypatch):
    return write(tmp_path / 'pages', monkeypatch)


def test_every_role_has_a_page_with_a_table(pages):
    roles = {path.name for path in (ROOT / 'roles').iterdir()}
    assert set(pages) == roles | {'everywhere'}
    assert [name for name, text in pages.items() if 'list-table' not in text] == []


def test_made_again_they_are_the_same(pages, tmp_path, monkeypatch):
    assert write(tmp_path / 'again', monkeypatch) == pages


def test_the_tables_are_whole(pages):
    assert all('* - ``%s``\n' % key in pages['docker_daemon'] for key in _daemon_keys.KEYS)
    assert all(mirror.root in pages['docker_repo'].replace('\\', '') for mirror in _mirrors.MIRRORS)
    assert all('``%s``' % name in pages['docker_engine'] for old in _engine_packages_names.OBSOLETE.values() for name in old)


@pytest.mark.parametrize('source, rows', [
    ("stop('kernel', 'Kernel %s is too old.' % kernel, 'Up' 'date.')", [['``kernel``', 'stop', 'Kernel … is too old.', 'Update.']]),
    ("finding(sure, 'a_b', 'All * of it'.format(1), remedy)", [['``a_b``', 'stop or warning', 'All \\* of it', '…']]),
    ("stop(code, message, remedy)", []),
])  # fmt: skip
def test_findings_are_read_from_their_calls(tmp_path, source, rows):
    path = tmp_path / '_some.py'
    path.write_text(source, encoding='utf-8')
    assert list(GENERATOR['findings']([path])) == rows


@pytest.mark.parametrize('source, rows', [
    ("raise DockfleetError(u'%s is 100%% wrong.' % name, stage='look', path=path)", [['``look``', '… is 100% wrong.']]),
    ("raise DockfleetError('It is `so`: ' + why)", [['', 'It is \\`so\\`: …']]),
    ("raise DockfleetError(message)", []),
])  # fmt: skip
def test_refusals_are_read_from_their_calls(tmp_path, source, rows):
    path = tmp_path / '_some.py'
    path.write_text(source, encoding='utf-8')
    assert list(GENERATOR['refusals']([path])) == rows
