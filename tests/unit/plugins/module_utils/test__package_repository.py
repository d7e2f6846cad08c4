# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look, plan and apply on a folder that stands for a host, with real HTTP servers as mirrors."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import json
import os
from functools import partial

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.dockfleet.host.plugins.module_utils import (
    _centos_base,
    _look,
    _look_repositories,
    _mirror_probe,
    _mirrors,
    _package_repository,
    _package_source,
    _repository_target,
)
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import Host
from ansible_collections.dockfleet.host.plugins.module_utils._mirrors import Mirror
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_key import encode_content
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook
from ansible_collections.dockfleet.host.plugins.module_utils._repository_files import parse_repo
from ansible_collections.dockfleet.host.tests.unit.openpgp import EXPECTED, content
from ansible_collections.dockfleet.host.tests.unit.servers import Server, answer, closed_port, hang_up

KEY = content('rsa.asc')
FINGERPRINT = EXPECTED['rsa.asc'][0]['fingerprint']

CENTOS_7 = {'ID': 'centos', 'NAME': 'CentOS Linux', 'VERSION_ID': '7', 'ID_LIKE': 'rhel fedora'}
BOOKWORM = {'ID': 'debian', 'VERSION_ID': '12', 'VERSION_CODENAME': 'bookworm'}

PRIMARY = b'the list of packages'
PACKAGES = b'Package: docker-ce\n'
REPOMD = (
    '<?xml version="1.0"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1717607461</revision><data type="primary">'
    '<checksum type="sha256">%s</checksum><location href="repodata/primary.xml.gz"/><size>%d</size></data></repomd>'
    % (hashlib.sha256(PRIMARY).hexdigest(), len(PRIMARY))
).encode('ascii')
INRELEASE = (
    '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOrigin: Docker\nSuite: bookworm\nArchitectures: amd64 arm64\nComponents: stable test\n'
    'SHA256:\n %s %d stable/binary-amd64/Packages\n' % (hashlib.sha256(PACKAGES).hexdigest(), len(PACKAGES))
).encode('ascii')
EL7 = '/linux/centos/7/x86_64/stable/repodata/'
DISTS = '/linux/debian/dists/bookworm/'
PAGE = b'<html><body><h1>Blocked</h1> by the ministry</body></html>'


class FolderModule(object):
    """What Host needs of an AnsibleModule to write files; it runs no commands."""

    def selinux_enabled(self):
        return False

    def set_default_selinux_context(self, path, changed):
        return changed

    def get_bin_path(self, program):
        return None


class Lab(object):
    """A host in a folder, and the files that its mirror serves."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.host = Host(FolderModule())
        self.served = {
            EL7 + 'repomd.xml': REPOMD,
            EL7 + 'primary.xml.gz': PRIMARY,
            DISTS + 'InRelease': INRELEASE,
            DISTS + 'stable/binary-amd64/Packages': PACKAGES,
            '/linux/centos/gpg': KEY,
            '/linux/debian/gpg': KEY,
        }
        self.asked = []
        self.yum, self.apt = os.path.join(folder, 'yum.repos.d'), os.path.join(folder, 'sources.list.d')
        for path in (self.yum, self.apt):
            os.mkdir(path)
        self.repo, self.sources = os.path.join(self.yum, 'docker-ce.repo'), os.path.join(self.apt, 'docker.sources')
        self.rpm_key, self.apt_key = os.path.join(folder, 'rpm-gpg', 'key'), os.path.join(folder, 'keyrings', 'docker.asc')
        monkeypatch.setattr(_look_repositories, 'YUM_FOLDER', self.yum)
        monkeypatch.setattr(_look_repositories, 'APT_FOLDER', self.apt)
        monkeypatch.setattr(_look_repositories, 'APT_LIST', os.path.join(folder, 'sources.list'))
        monkeypatch.setattr(_look_repositories, 'RPM_KEY', self.rpm_key)
        monkeypatch.setattr(_look_repositories, 'APT_KEY', self.apt_key)
        monkeypatch.setattr(_look_repositories, 'RELEASEVER_FILES', (os.path.join(folder, 'releasever'),))
        for family, key, path in (('rpm', self.rpm_key, self.repo), ('deb', self.apt_key, self.sources)):
            monkeypatch.setitem(_repository_target.KEY_FILES, family, key)
            monkeypatch.setitem(_repository_target.REPOSITORY_FILES, family, path)
        self.apt_proxy = os.path.join(folder, 'apt.conf.d', 'proxy')
        for module in (_look_repositories, _package_repository, _repository_target):
            monkeypatch.setattr(module, 'APT_PROXY', self.apt_proxy)
        self.system = {'os_release': CENTOS_7, 'machine': 'x86_64'}
        monkeypatch.setitem(_look.SECTIONS, 'system', lambda host, wish: self.system)
        # No test asks a mirror of the real world.
        monkeypatch.setattr(_centos_base, 'VAULTS', {})
        self.mirrors = []
        for module in (_mirror_probe, _mirrors, _package_source):
            monkeypatch.setattr(module, 'MIRRORS', self.mirrors)

    def reply(self, request):
        self.asked.append(request.path)
        found = self.served.get(request.path)
        if found is None:
            return answer(b'<html>not here</html>', '404 Not Found')
        return found if found.startswith(b'HTTP/') else answer(found)

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        with open(path, 'wb') as stream:
            stream.write(text if isinstance(text, bytes) else text.encode('utf-8'))
        return path

    def files(self):
        """Everything on the host: content by path."""
        found = {}
        for folder, dummy, names in os.walk(self.folder):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as stream:
                    found[os.path.relpath(os.path.join(folder, name), self.folder)] = stream.read()
        return found

    def plan(self, **given):
        given = wish(**dict({'root': self.root}, **given))
        return _package_repository.plan(_package_repository.look(self.host, given), given)

    def run(self, **given):
        plan = self.plan(**given)
        assert (plan.before != plan.after) == plan.changed
        _package_repository.apply(self.host, plan, given)
        return plan

    def refusal(self, **given):
        before = self.files()
        with pytest.raises(DockfleetError) as caught:
            self.run(**given)
        assert self.files() == before
        return caught.value


def wish(**given):
    given.setdefault('fingerprints', [FINGERPRINT])
    given.setdefault('timeout', 30)
    checked = ArgumentSpecValidator(_package_repository.ARGUMENT_SPEC, **_package_repository.CONSTRAINTS).validate(given)
    assert not checked.error_messages
    return checked.validated_parameters


@pytest.fixture
def lab(tmpdir, monkeypatch, no_proxy_from_outside):
    lab = Lab(str(tmpdir), monkeypatch)
    with Server(lab.reply) as server:
        lab.root = server.url('').rstrip('/')
        yield lab


@pytest.fixture
def deb(lab):
    lab.system['os_release'] = BOOKWORM
    return lab


def test_rpm_files(lab):
    plan = lab.run()
    with open(lab.repo) as stream:
        text = stream.read()
    assert text.partition('\n')[2] == (
        '[docker-ce-stable]\nname=Docker CE stable\nbaseurl=%s/linux/centos/7/x86_64/stable\nenabled=1\ngpgcheck=1\ngpgkey=file://%s\n'
        % (lab.root, lab.rpm_key)
    )
    assert plan.result['path'] == lab.repo and [key['fingerprint'] for key in plan.result['primary_keys']] == [FINGERPRINT]
    assert plan.result['release']['reason'] == 'CentOS 7'
    assert oct(os.stat(lab.repo).st_mode)[-3:] == oct(os.stat(lab.rpm_key).st_mode)[-3:] == '644'


def test_deb_files(deb):
    deb.run()
    with open(deb.sources) as stream:
        text = stream.read()
    assert text.partition('\n')[2] == (
        'Types: deb\nURIs: %s/linux/debian\nSuites: bookworm\nComponents: stable\nArchitectures: amd64\nSigned-By: %s\n' % (deb.root, deb.apt_key)
    )
    assert oct(os.stat(os.path.dirname(deb.apt_key)).st_mode)[-3:] == '755'


@pytest.mark.parametrize('os_release', [CENTOS_7, BOOKWORM])
def test_a_second_run_does_nothing_and_asks_nobody(lab, os_release):
    lab.system['os_release'] = os_release
    first = lab.run()
    before = lab.files()
    del lab.asked[:]
    second = lab.run()
    assert first.changed and not second.changed
    assert second.before == second.after == first.after
    assert lab.asked == [] and lab.files() == before
    assert second.result['primary_keys'] == first.result['primary_keys']


def test_the_controller_plans_a_converged_host_and_no_other(lab):
    given = wish(root=lab.root)
    look = _look.look_at(Host(FolderModule(), salt='0123'), _package_repository.NEEDS, given)
    with pytest.raises(NotInLook):
        _package_repository.plan(look, given)
    lab.run()
    look = _look.look_at(Host(FolderModule(), salt='0123'), _package_repository.NEEDS, given)
    assert not _package_repository.plan(json.loads(json.dumps(look)), given).changed


def test_test_channel_only_when_asked(lab):
    assert 'repomd.xml' in lab.refusal(channel='test').message
    for name in ('repomd.xml', 'primary.xml.gz'):
        lab.served['/linux/centos/7/x86_64/test/repodata/' + name] = lab.served[EL7 + name]
    lab.run(channel='test')
    with open(lab.repo) as stream:
        assert '\n\n[docker-ce-test]\n' in stream.read()
    lab.run()
    with open(lab.repo) as stream:
        assert 'docker-ce-test' not in stream.read()


def test_another_mirror_changes_only_the_url(deb):
    deb.run()
    with Server(deb.reply) as other:
        plan = deb.run(root=other.url(''))
        assert [step['write'] for step in plan.steps] == [deb.sources]
        with open(deb.sources) as stream:
            assert 'URIs: %s/linux/debian\n' % other.url('').rstrip('/') in stream.read()


def test_a_key_that_was_given_needs_no_mirror_for_it(lab):
    del lab.served['/linux/centos/gpg']
    lab.run(key={'content': encode_content(KEY)})
    assert lab.asked == [EL7 + 'repomd.xml', EL7 + 'primary.xml.gz']
    assert lab.files()['rpm-gpg/key'] == KEY


def test_a_key_from_another_url(lab):
    lab.served['/elsewhere'] = KEY
    lab.run(key={'url': lab.root + '/elsewhere'})
    assert '/linux/centos/gpg' not in lab.asked


@pytest.mark.parametrize('mine', [None, b'', PAGE])
def test_B19_mirror_without_the_key_file(lab, mine):
    lab.served['/linux/centos/gpg'] = mine
    with Server(lambda request: answer(KEY)) as other:
        lab.mirrors.append(Mirror('other', 'Other', other.url('').rstrip('/'), '', '', '', ''))
        lab.run()
    assert lab.files()['rpm-gpg/key'] == KEY


def test_B19_no_key_anywhere_changes_nothing(lab):
    del lab.served['/linux/centos/gpg']
    lab.mirrors.append(Mirror('dead', 'Dead', 'http://127.0.0.1:%d' % closed_port(), '', '', '', ''))
    message = lab.refusal().message
    assert 'http 404 for %s/linux/centos/gpg' % lab.root in message and 'Set docker_repo_key to a file of the controller' in message


def test_B20_B21_a_wrong_key_is_refused_and_403_says_what_came(lab):
    lab.served['/linux/centos/gpg'] = content('ecdsa-ecdh.asc')
    assert 'does not hold exactly the expected keys' in lab.refusal().message
    lab.served['/linux/centos/gpg'] = answer(PAGE, '403 Forbidden')
    message = lab.refusal().message
    assert 'http 403 ("Blocked by the ministry") for %s/linux/centos/gpg' % lab.root in message


def test_a_second_key_smuggled_in_names_both_and_changes_nothing(lab):
    both = [key['fingerprint'] for key in EXPECTED['two-keys.asc']]
    lab.served['/linux/centos/gpg'] = content('two-keys.asc')
    message = lab.refusal(fingerprints=both[:1]).message
    assert all(fingerprint in message for fingerprint in both) and 'Nothing of it was used' in message


def test_a_truncated_key_changes_nothing(lab):
    lab.served['/linux/centos/gpg'] = KEY[: len(KEY) // 2]
    assert 'truncated' in lab.refusal().message


def test_a_smuggled_key_in_the_users_file_is_refused_even_where_the_host_is_converged(lab):
    lab.run()
    assert 'does not hold exactly' in lab.refusal(key={'content': encode_content(content('two-keys.asc'))}).message


def test_a_key_file_that_was_changed_on_the_host_is_written_anew(lab):
    lab.run()
    lab.write('rpm-gpg/key', content('two-keys.asc'))
    plan = lab.run()
    assert [step['write'] for step in plan.steps] == [lab.rpm_key]
    assert lab.files()['rpm-gpg/key'] == KEY


def test_a_key_that_apt_cannot_read_is_repaired(deb):
    deb.run()
    os.chmod(os.path.dirname(deb.apt_key), 0o700)
    assert deb.run().changed
    assert oct(os.stat(os.path.dirname(deb.apt_key)).st_mode)[-3:] == '755'
    assert not deb.run().changed


@pytest.mark.parametrize('content, cause', [
    (None, 'http 404: it has linux/centos, but not centos/7 x86_64 for '),
    (answer(PAGE, '403 Forbidden'), 'http 403 ("Blocked by the ministry") for '),
    (PAGE, 'http: a web page instead of the file ("Blocked by the ministry") for '),
    (b'', 'http: an empty file for '),
    (b'nothing of use', 'http: something that is no repomd.xml for '),
    (b'<repomd></repomd>', 'http: a repomd.xml that names no primary file for '),
    (REPOMD.replace(b'primary.xml.gz', b'gone.xml.gz'), 'mid-sync: the index names repodata/gone.xml.gz, which is not there (http 404) for '),
])  # fmt: skip
def test_B22_a_mirror_that_does_not_serve_the_release(lab, content, cause):
    lab.served[EL7 + 'repomd.xml'] = content
    error = lab.refusal()
    assert error.message.startswith('Mirror "%s" cannot serve centos/7 x86_64 stable: ' % lab.root)
    assert '%s%s/linux/centos/7/x86_64/stable/repodata/' % (cause, lab.root) in error.message
    assert error.message.endswith('Nothing was changed.')
    assert error.details['stage'] == 'http'


@pytest.mark.parametrize('content, cause', [
    (INRELEASE.replace(b'amd64', b'armhf'), 'an InRelease file that does not name amd64 among its Architectures (armhf arm64)'),
    (INRELEASE.replace(b'stable', b'edge'), 'an InRelease file that does not name stable among its Components (edge test)'),
    (b'nothing of use', 'something that is no InRelease file'),
])  # fmt: skip
def test_an_apt_mirror_that_lacks_what_this_host_needs(deb, content, cause):
    deb.served[DISTS + 'InRelease'] = content
    assert cause in deb.refusal().message


def test_B22_a_dead_mirror_says_the_stage_and_names_healthy_ones(lab):
    with Server(lab.reply) as other:
        lab.mirrors.append(Mirror('official', 'Docker', 'http://127.0.0.1:%d' % closed_port(), '', '', '', ''))
        lab.mirrors.append(Mirror('alive', 'Alive', other.url('').rstrip('/'), '', '', '', ''))
        error = lab.refusal(root='http://127.0.0.1:%d/docker-ce' % closed_port())
    assert 'tcp: connection refused for ' in error.message
    assert 'Healthy from here: alive (' in error.message and 'Set docker_repo_mirror to' in error.message
    assert [entry['verdict'] for entry in error.details['mirrors']] == ['unusable', 'unusable', 'healthy']
    assert 'Not so: official (tcp: connection refused).' in error.message


def test_B93_a_release_that_docker_does_not_publish(lab):
    del lab.served[EL7 + 'repomd.xml']
    lab.mirrors.append(Mirror('official', 'Docker', lab.root + '/origin', '', '', '', ''))
    assert 'Docker itself does not publish it. Set docker_repo_release or docker_repo_fallback_release' in lab.refusal().message


def test_B25_conflicting_signed_by(deb):
    old = deb.write('sources.list.d/docker.list', 'deb [arch=amd64 signed-by=/etc/apt/trusted.gpg.d/docker.asc] %s/linux/debian bookworm stable\n' % deb.root)
    plan = deb.run()
    assert plan.result['moved'] == [{'path': old, 'backup': old + '.dockfleet.bak'}]
    assert not os.path.exists(old) and os.path.exists(old + '.dockfleet.bak') and os.path.exists(deb.sources)
    assert plan.result['found'] == []
    assert not deb.run().changed


@pytest.mark.parametrize('options', ['', '[arch=amd64] ', '[signed-by=/other/docker.asc] '])
def test_B25_in_a_file_with_other_sources_only_that_line_goes(deb, options):
    rest = u'# Debian für alle\ndeb http://deb.debian.org/debian bookworm main\n'
    path = deb.write('sources.list', rest + 'deb %s%s/linux/debian/ bookworm stable\n' % (options, deb.root))
    deb.run()
    files = deb.files()
    assert files['sources.list'] == rest.encode('utf-8')
    assert files['sources.list.dockfleet.bak'].startswith(files['sources.list'])
    os.rename(path + '.dockfleet.bak', path)
    deb.write('sources.list.dockfleet.bak', 'of an earlier time')
    assert deb.run().result['moved'] == [{'path': path, 'backup': path + '.dockfleet-2.bak'}]


def test_a_source_that_apt_can_live_with_is_only_reported(deb):
    path = deb.write('sources.list.d/docker.list', 'deb https://download.docker.com/linux/debian bookworm stable\n')
    plan = deb.run()
    assert plan.result['moved'] == []
    (found,) = plan.result['found']
    assert (found['path'], found['section']) == (path, 'deb https://download.docker.com/linux/debian bookworm')
    assert found['fault'] == 'a second source of Docker\'s packages; it still leads to the origin'
    assert 'docker_repo_tidy: true moves that aside' in plan.warnings[0] and os.path.exists(path)
    assert not deb.run().changed


def test_the_same_section_in_a_second_file_is_moved_aside(lab):
    path = lab.write('yum.repos.d/old.repo', '[docker-ce-stable]\nbaseurl=https://download.docker.com/linux/centos/7/$basearch/stable\n')
    plan = lab.run()
    assert plan.result['moved'] == [{'path': path, 'backup': path + '.dockfleet.bak'}]
    assert sorted(os.listdir(lab.yum)) == ['docker-ce.repo', 'old.repo.dockfleet.bak']


def test_a_file_that_somebody_else_wrote_in_our_place_is_kept_as_a_copy(lab):
    theirs = b'[docker-ce-stable]\nname=mine\nproxy_password=s3cret\nbaseurl=https://me:s3cret@download.docker.com/linux/centos/7/x86_64/stable\n'
    lab.write('yum.repos.d/docker-ce.repo', theirs)
    plan = lab.run()
    assert lab.files()['yum.repos.d/docker-ce.repo.dockfleet.bak'] == theirs
    assert 'name=mine' in plan.before and 's3cret' not in plan.before
    assert not lab.run().changed


def test_B02_a_stub_section_is_reported_and_never_made(lab):
    lab.write('yum.repos.d/stub.repo', '[docker-ce-edge]\nenabled = 0\n')
    plan = lab.run()
    (found,) = plan.result['found']
    assert found['section'] == 'docker-ce-edge'
    assert found['fault'].startswith('a section without baseurl, as tools leave it that only meant to switch it off')
    # yum may warn about it, but it is not in use.
    assert plan.warnings == []
    assert b'edge' not in lab.files()['yum.repos.d/docker-ce.repo']


def test_tidy_moves_everything_else_aside_and_only_that(lab):
    lab.write('yum.repos.d/stub.repo', '[docker-ce-edge]\nenabled = 0\n')
    lab.write('yum.repos.d/mixed.repo', '# mine\n[mine]\nbaseurl=https://mine.example\n\n[docker-old]\n'
              'baseurl=https://m.example/docker-ce/linux/centos/7/x86_64/stable\n')
    plan = lab.run(tidy=True)
    files = lab.files()
    assert files['yum.repos.d/mixed.repo'] == b'# mine\n[mine]\nbaseurl=https://mine.example\n\n'
    assert sorted(files) == [
        'rpm-gpg/key', 'yum.repos.d/docker-ce.repo', 'yum.repos.d/mixed.repo', 'yum.repos.d/mixed.repo.dockfleet.bak', 'yum.repos.d/stub.repo.dockfleet.bak',
    ]  # fmt: skip
    assert len(plan.result['moved']) == 2 and plan.result['found'] == [] and plan.warnings == []
    assert not lab.run(tidy=True).changed


def test_tidy_later_needs_no_network(lab):
    lab.run()
    lab.write('yum.repos.d/stub.repo', '[docker-ce-edge]\nenabled = 0\n')
    del lab.asked[:]
    assert lab.run(tidy=True).changed and lab.asked == []


def test_B01_sections_that_docker_no_longer_has_are_no_error(lab):
    lab.write('yum.repos.d/docker-ce.repo', '[docker-ce-stable]\nbaseurl=https://download.docker.com/linux/centos/7/x86_64/stable\n'
              '[docker-ce-nightly]\nenabled=0\n')
    lab.run()
    assert b'nightly' not in lab.files()['yum.repos.d/docker-ce.repo']


def test_B04_B10_B17_the_file_is_a_pure_function_of_the_wish(lab):
    lab.write('releasever', '7.9.2009\n')
    lab.write('yum.repos.d/docker-ce.repo', '[docker-ce-stable]\nbaseurl=https://download.docker.com/linux/centos/7.9.2009/x86_64/stable\n')
    first = lab.run()
    one = lab.files()['yum.repos.d/docker-ce.repo']
    os.unlink(lab.repo)
    lab.run()
    assert lab.files()['yum.repos.d/docker-ce.repo'] == one
    assert b'releasever' not in one and b'7.9' not in one and b'download.docker.com' not in one
    assert '$releasever is "7.9.2009" on this host' in first.result['release']['reason']


@pytest.mark.parametrize('left_behind', [b'', b'\n', PAGE])
def test_B11_an_empty_repository_file_is_neither_taken_over_nor_downloaded(lab, left_behind):
    lab.write('yum.repos.d/docker-ce.repo', left_behind)
    lab.served['/linux/centos/docker-ce.repo'] = b''
    lab.run()
    (section,) = parse_repo(lab.files()['yum.repos.d/docker-ce.repo'].decode('utf-8'))
    assert section['name'] == 'docker-ce-stable'
    assert not [path for path in lab.asked if path.endswith('.repo')]
    assert not lab.run().changed


def test_absent_takes_away_exactly_what_was_written(lab):
    lab.write('yum.repos.d/other.repo', '[other]\nbaseurl=https://other.example\n')
    before = lab.files()
    lab.run()
    plan = lab.run(state='absent')
    assert plan.changed and lab.files() == before
    assert not lab.run(state='absent').changed


def test_absent_leaves_what_others_wrote_or_need(deb):
    deb.run()
    deb.write('sources.list.d/mine.list', 'deb [signed-by=%s] https://mirror.example/docker-ce/linux/debian bookworm stable\n' % deb.apt_key)
    deb.run(state='absent')
    assert sorted(deb.files()) == ['keyrings/docker.asc', 'sources.list.d/mine.list']
    deb.write('sources.list.d/docker.sources', 'Types: deb\nURIs: https://download.docker.com/linux/debian\nSuites: bookworm\nComponents: stable\n')
    assert not deb.run(state='absent').changed


def test_absent_gives_back_what_was_moved_aside(deb):
    deb.write('sources.list.d/docker.list', 'deb %s/linux/debian bookworm stable\n' % deb.root)
    deb.write('sources.list', u'deb http://deb.debian.org/debian bookworm main\ndeb %s/linux/debian bookworm stable\n# r\u00e9serv\u00e9\n' % deb.root)
    deb.write('sources.list.d/docker.sources', 'Types: deb\nURIs: https://mirror.example/linux/debian\nSuites: bookworm\nComponents: stable\n')
    before = deb.files()
    deb.run()
    assert deb.files() != before
    assert deb.run(state='absent').changed and deb.files() == before
    assert not deb.run(state='absent').changed


def test_absent_gives_nothing_back_over_what_somebody_has_changed_since(deb):
    deb.write('sources.list', 'deb http://deb.debian.org/debian bookworm main\ndeb %s/linux/debian bookworm stable\n' % deb.root)
    deb.run()
    deb.write('sources.list', 'deb http://deb.debian.org/debian bookworm main\ndeb http://new.example/debian bookworm main\n')
    plan = deb.run(state='absent')
    assert 'new.example' in deb.files()['sources.list'].decode('utf-8') and 'sources.list.dockfleet.bak' in deb.files()
    assert [entry['path'] for entry in plan.result['found']] == [deb.folder + '/sources.list'] and 'was changed since' in plan.warnings[0]


@pytest.mark.parametrize('package, stands', [
    ('gpg-pubkey-%s-58adea78' % FINGERPRINT[-8:].lower(), True),
    ('gpg-pubkey-%s-58adea78' % FINGERPRINT.lower(), True),
    ('gpg-pubkey-f4a80eb5-53a7ff4b', False),
])  # fmt: skip
def test_absent_takes_the_key_out_of_the_rpm_database(lab, package, stands):
    lab.run()
    given = wish(root=lab.root, state='absent')
    look = dict(_package_repository.look(lab.host, given), imported=[package])
    steps = _package_repository.plan(look, given).steps
    assert [step for step in steps if 'forget' in step] == ([{'forget': package}] if stands else [])
    # rpm may refuse it, and then nothing was changed yet.
    assert not stands or steps[0] == {'forget': package}


def test_a_failure_half_way_takes_back_what_was_done(deb, monkeypatch):
    deb.write('sources.list.d/docker.list', 'deb %s/linux/debian bookworm stable\n' % deb.root)
    deb.write('sources.list', 'deb http://deb.debian.org/debian bookworm main\ndeb %s/linux/debian bookworm stable\n' % deb.root)
    before = deb.files()
    write = Host.write

    def full_disk(self, path, content, mode=None):
        if path == deb.sources:
            raise DockfleetError('%s cannot be written: No space left on device. It was left as it was.' % path, stage='write')
        write(self, path, content, mode)

    monkeypatch.setattr(Host, 'write', full_disk)
    with pytest.raises(DockfleetError) as caught:
        deb.run()
    assert 'No space left on device' in caught.value.message and 'taken back' in caught.value.message
    assert deb.files() == before


def test_what_cannot_be_taken_back_is_told_beside_the_failure(deb, monkeypatch):
    deb.write('sources.list.d/docker.list', 'deb %s/linux/debian bookworm stable\n' % deb.root)

    def full_disk(self, path, content, mode=None, write=Host.write):
        if path == deb.sources:
            raise DockfleetError('%s cannot be written: No space left on device. It was left as it was.' % path, stage='write')
        write(self, path, content, mode)

    def no_rename(self, path, target):
        raise DockfleetError('%s cannot be renamed to %s: Read-only file system.' % (path, target), stage='write')

    monkeypatch.setattr(Host, 'write', full_disk)
    monkeypatch.setattr(Host, 'move', no_rename)
    with pytest.raises(DockfleetError) as caught:
        deb.run()
    assert 'No space left on device' in caught.value.message
    assert 'Not all that had been written before could be taken back' in caught.value.message and 'Read-only file system' in caught.value.message
    # The next undo was still done, and what could not be put back is where the message says.
    assert not os.path.exists(deb.apt_key)
    assert 'docker.list.dockfleet.bak' in caught.value.message and 'sources.list.d/docker.list.dockfleet.bak' in deb.files()


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the module sees it."""


def killed_at(monkeypatch, number):
    """Let a run be killed when it is about to change the host for the Nth time; returns the calls that were counted."""
    calls = []

    def counted(method):
        def call(self, *arguments, **options):
            calls.append(method.__name__)
            if len(calls) == number:
                raise Killed()
            return method(self, *arguments, **options)

        return call

    for name in ('write', 'move', 'remove'):
        monkeypatch.setattr(Host, name, counted(getattr(Host, name)))
    return calls


@pytest.mark.parametrize('number', range(1, 7))
@pytest.mark.parametrize('family', ['rpm', 'deb'])
def test_a_run_that_was_killed_anywhere_is_completed_by_the_next(eol, monkeypatch, family, number):
    given = {'base': 'auto', 'tidy': True}
    if family == 'deb':
        eol.system['os_release'] = BOOKWORM
        eol.write('sources.list.d/docker.list', 'deb %s/linux/debian bookworm stable\n' % eol.root)
        eol.write('sources.list', 'deb http://deb.debian.org/debian bookworm main\ndeb %s/linux/debian bookworm stable\n' % eol.root)
    else:
        eol.write('yum.repos.d/old.repo', '[docker-ce-stable]\nname=old\nbaseurl=https://download.docker.com/linux/centos/7/x86_64/stable\n')
    before = eol.files()
    with monkeypatch.context() as patch:
        calls = killed_at(patch, number)
        with pytest.raises(Killed):
            eol.run(**given)
        assert len(calls) == number
    eol.run(**given)
    assert not eol.run(**given).changed
    killed = eol.files()
    # A host where nothing went wrong has the same files, and no copies more.
    eol.run(state='absent')
    for path in set(eol.files()) - set(before):
        os.unlink(os.path.join(eol.folder, path))
    for path, data in before.items():
        eol.write(path, data)
    eol.run(**given)
    assert eol.files() == killed


@pytest.mark.parametrize('number', range(1, 4))
def test_an_absent_that_was_killed_anywhere_is_completed_by_the_next(eol, monkeypatch, number):
    before = eol.files()
    eol.run(base='auto')
    with monkeypatch.context() as patch:
        calls = killed_at(patch, number)
        with pytest.raises(Killed):
            eol.run(state='absent')
        assert len(calls) == number
    eol.run(state='absent')
    assert eol.files() == before


@pytest.mark.parametrize('given, words', [
    ({'root': 'mirror.example/docker-ce'}, 'Write https://mirror.example/docker-ce'),
    ({'release': 'debian/bookworm'}, 'has rpm packages'),
    ({'key': {'src': 'x'}}, 'only the action plugin'),
    ({'key': {'content': 'hello'}}, 'The key of docker_repo_key cannot be used as a key'),
])  # fmt: skip
def test_refused_before_anything_is_asked(lab, given, words):
    assert words in lab.refusal(**given).message
    assert lab.asked == [] or 'key' in given


def test_amazon_linux_is_refused(lab):
    lab.system['os_release'] = {'ID': 'amzn', 'VERSION_ID': '2'}
    assert 'Amazon Linux is not a target' in lab.refusal().message


# CentOS 7's own repositories.

BASE = u'''# CentOS-Base.repo für alle
[base]
name=CentOS-$releasever - Base
mirrorlist=http://mirrorlist.centos.org/?release=$releasever&arch=$basearch&repo=os&infra=$infra
#baseurl=http://mirror.centos.org/centos/$releasever/os/$basearch/
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7

#released updates
[updates]
name=CentOS-$releasever - Updates
mirrorlist=http://mirrorlist.centos.org/?release=$releasever&arch=$basearch&repo=updates&infra=$infra
gpgcheck=1

[extras]
name=CentOS-$releasever - Extras
mirrorlist=http://mirrorlist.centos.org/?release=$releasever&arch=$basearch&repo=extras&infra=$infra
gpgcheck=1
enabled=0

[centosplus]
name=CentOS-$releasever - Plus
mirrorlist=http://mirrorlist.centos.org/?release=$releasever&arch=$basearch&repo=centosplus&infra=$infra
gpgcheck=1
enabled=0
'''
EPEL = u'''[epel]
name=Extra Packages for Enterprise Linux 7 - $basearch
metalink=https://mirrors.fedoraproject.org/metalink?repo=epel-7&arch=$basearch
gpgcheck=1
'''


@pytest.fixture
def eol(lab):
    """A CentOS 7 as it was left in July 2024, and one vault that has what it needs."""
    lab.base = lab.write('yum.repos.d/CentOS-Base.repo', BASE)
    lab.write('yum.repos.d/epel.repo', EPEL)
    _centos_base.VAULTS.update({'vault': {'x86_64': lab.root + '/vault/7.9.2009', '*': lab.root + '/altarch'}, 'ustc': {'x86_64': lab.root + '/ustc'}})
    for repository in ('os', 'extras'):
        lab.served['/vault/7.9.2009/%s/x86_64/repodata/repomd.xml' % repository] = REPOMD
    yield lab


def test_B90_mirrorlist_gone(eol):
    before = eol.files()
    plan = eol.run(base='auto')
    after = eol.files()
    text = after['yum.repos.d/CentOS-Base.repo'].decode('utf-8')
    sections = dict((section['name'], section['options']) for section in parse_repo(text))
    for name, repository in (('base', 'os'), ('updates', 'updates'), ('extras', 'extras'), ('centosplus', 'centosplus')):
        assert sections[name]['baseurl'] == '%s/vault/7.9.2009/%s/$basearch/' % (eol.root, repository)
        assert sections[name]['gpgcheck'] == '1' and 'mirrorlist' not in sections[name]
    assert sections['extras']['enabled'] == '1' and sections['centosplus']['enabled'] == '0'
    assert after['yum.repos.d/epel.repo'] == before['yum.repos.d/epel.repo']
    assert after['yum.repos.d/CentOS-Base.repo.dockfleet.bak'] == before['yum.repos.d/CentOS-Base.repo']
    assert u'# CentOS-Base.repo für alle\n' in text
    assert plan.result['vault'] == eol.root + '/vault/7.9.2009'
    assert plan.result['moved'] == [{'path': eol.base, 'backup': eol.base + '.dockfleet.bak'}]
    assert 'The repository "extras" of CentOS 7 was switched off and is switched on' in plan.warnings[0]
    del eol.asked[:]
    again = eol.run(base='auto')
    assert not again.changed and again.warnings == [] and eol.asked == []


def test_B90_absent_brings_the_very_bytes_back(eol):
    before = eol.files()
    os.chmod(eol.base, 0o640)
    eol.run(base='auto')
    assert eol.run(state='absent').changed
    assert eol.files() == before
    assert oct(os.stat(eol.base).st_mode)[-3:] == '640'
    assert not eol.run(state='absent').changed


def test_B90_keep_leaves_it_and_says_so(eol):
    before = eol.files()['yum.repos.d/CentOS-Base.repo']
    plan = eol.run()
    assert eol.files()['yum.repos.d/CentOS-Base.repo'] == before
    assert 'gone since July 2024 (%s leads to them)' % eol.base in plan.warnings[0] and 'docker_repo_base to "auto"' in plan.warnings[0]
    assert plan.result['vault'] is None


def test_B90_a_vault_without_extras_is_refused(eol):
    del eol.served['/vault/7.9.2009/extras/x86_64/repodata/repomd.xml']
    message = eol.refusal(base='auto').message
    assert message.startswith('The vault "vault" cannot serve CentOS 7 for x86_64: http 404 for %s/vault/7.9.2009/extras/' % eol.root)
    assert message.endswith('Neither can any other vault from here. Nothing was changed.')


def test_B90_a_named_vault_that_fails_names_the_healthy_ones(eol):
    assert 'Healthy from here: vault. Set docker_repo_base to one of them.' in eol.refusal(base='ustc').message


def test_B90_from_one_vault_to_another_and_back(eol):
    before = eol.files()['yum.repos.d/CentOS-Base.repo']
    eol.run(base='vault')
    for repository in ('os', 'extras'):
        eol.served['/ustc/%s/x86_64/repodata/repomd.xml' % repository] = REPOMD
    eol.run(base='ustc')
    text = eol.files()['yum.repos.d/CentOS-Base.repo'].decode('utf-8')
    assert 'baseurl=%s/ustc/os/$basearch/' % eol.root in text and '/vault/' not in text
    assert not eol.run(base='ustc').changed and not eol.run(base='auto').changed
    eol.run(state='absent')
    assert eol.files()['yum.repos.d/CentOS-Base.repo'] == before


def test_B90_a_file_that_was_changed_since_is_not_thrown_away(eol):
    eol.run(base='auto')
    with open(eol.base, 'ab') as stream:
        stream.write(b'# mine\n')
    plan = eol.run(state='absent')
    assert plan.result['found'][0]['path'] == eol.base and 'changed since' in plan.warnings[0]
    assert eol.files()['yum.repos.d/CentOS-Base.repo'].endswith(b'# mine\n')


def test_B10_repairing_the_base_does_not_touch_docker(eol):
    eol.run()
    docker = eol.files()['yum.repos.d/docker-ce.repo']
    eol.run(base='vault')
    assert eol.files()['yum.repos.d/docker-ce.repo'] == docker


def test_the_base_of_another_distribution_is_no_business_of_ours(eol):
    eol.system['os_release'] = BOOKWORM
    plan = eol.run(base='vault')
    assert plan.result['vault'] is None and plan.warnings == []
    assert eol.files()['yum.repos.d/CentOS-Base.repo'] == BASE.encode('utf-8')


def test_a_mirror_of_ones_own_is_left_alone(eol):
    eol.write('yum.repos.d/CentOS-Base.repo', '[base]\nbaseurl=http://mirror.corp.example/centos/7/os/x86_64/\n')
    plan = eol.run(base='vault')
    assert plan.result['vault'] is None and plan.result['moved'] == []


# Proxies and slow links.


class Relay(object):
    """An HTTP proxy that answers every http:// request out of a lab's files."""

    def __init__(self, lab):
        self.lab = lab
        self.authorizations = []

    def __call__(self, request):
        self.authorizations.append(request.headers.get('proxy-authorization'))
        request.path = request.path.partition('://')[2].partition('/')[1] + request.path.partition('://')[2].partition('/')[2]
        return self.lab.reply(request)


@pytest.mark.parametrize('os_release', [CENTOS_7, BOOKWORM])
def test_everything_goes_through_the_proxy(lab, os_release):
    lab.system['os_release'] = os_release
    relay = Relay(lab)
    with Server(relay) as server:
        proxy = 'http://me:p%%40ss%%22w%%C3%%B6rd@127.0.0.1:%d' % server.port
        # Nobody but the proxy can reach this mirror.
        given = {'root': 'http://mirror.invalid', 'proxy': proxy}
        plan = lab.run(**given)
        assert relay.authorizations == [u'Basic bWU6cEBzcyJ3w7ZyZA=='] * 3
        assert not lab.run(**given).changed
    shown = plan.before + plan.after
    assert u'p@ss' not in shown and 'p%40ss' not in shown
    files = lab.files()
    if os_release is CENTOS_7:
        assert u'proxy=http://127.0.0.1:%d\nproxy_username=me\nproxy_password=p@ss"wörd\n' % server.port in files['yum.repos.d/docker-ce.repo'].decode('utf-8')
        secret = lab.repo
    else:
        assert files['apt.conf.d/proxy'].decode('ascii').endswith('Acquire::http::Proxy::mirror.invalid "%s";\n' % proxy)
        secret = lab.apt_proxy
    assert oct(os.stat(secret).st_mode)[-3:] == '600'
    lab.run()
    assert oct(os.stat(lab.repo if os_release is CENTOS_7 else lab.sources).st_mode)[-3:] == '644'
    assert not os.path.exists(lab.apt_proxy)
    assert not lab.run().changed


def test_a_look_with_a_proxy_password_travels_without_it_and_is_still_enough(lab):
    with Server(Relay(lab)) as server:
        given = wish(root='http://mirror.invalid', proxy='http://me:s3cret@127.0.0.1:%d' % server.port)
        _package_repository.apply(lab.host, _package_repository.plan(_package_repository.look(lab.host, given), given), given)
    look = json.dumps(_look.look_at(Host(FolderModule(), salt='0123'), _package_repository.NEEDS, given))
    assert 's3cret' not in look
    assert not _package_repository.plan(json.loads(look), given).changed


def test_absent_takes_the_proxy_of_apt_away(deb):
    before = deb.files()
    with Server(Relay(deb)) as server:
        deb.run(root='http://mirror.invalid', proxy='http://127.0.0.1:%d' % server.port)
    assert oct(os.stat(deb.apt_proxy).st_mode)[-3:] == '644'
    deb.run(state='absent')
    assert deb.files() == before


def test_B23_a_slow_link_gets_more_patience(lab):
    given = {'yum_timeout': 120, 'yum_minrate': 1}
    lab.run(**given)
    assert b'\ntimeout=120\nminrate=1\n' in lab.files()['yum.repos.d/docker-ce.repo']
    assert not lab.run(**given).changed


def test_B23_a_mirror_that_is_too_slow_says_how_slow(lab):
    def drip(request):
        yield answer(b'', length=4096)
        while not server.stopped.wait(0.01):
            yield b'x'

    with Server(drip) as server:
        message = lab.refusal(root=server.url(''), timeout=1).message
    assert 'http: too slow: only ' in message and 'bytes/s' in message


# The best mirror.


class Fleet(object):
    """Several mirrors, each of which can be healthy, dead or without the release, by turns."""

    def __init__(self, lab, names):
        self.lab = lab
        self.down = set()
        self.without = set()
        self.served = []
        self.servers = dict((name, Server(partial(self.reply, name), greet=partial(self.greet, name))) for name in names)
        lab.mirrors.extend(Mirror(name, name, self.root(name), '', '', '', '') for name in names)

    def root(self, name):
        return self.servers[name].url('').rstrip('/')

    def greet(self, name, connection):
        if name in self.down:
            return hang_up(connection)

    def reply(self, name, request):
        self.served.append(name)
        if name in self.without and '/repodata/' in request.path:
            return answer(PAGE, '404 Not Found')
        return self.lab.reply(request)


@pytest.fixture
def fleet(lab):
    fleet = Fleet(lab, ['official', 'one', 'two'])
    with fleet.servers['official'], fleet.servers['one'], fleet.servers['two']:
        yield fleet


def test_auto_takes_the_origin_where_it_is_healthy(lab, fleet):
    plan = lab.run(root='auto')
    assert plan.result['root'] == fleet.root('official') and plan.result['reason'] == 'the origin is healthy'
    assert [entry['verdict'] for entry in plan.result['mirrors']] == ['healthy'] * 3


@pytest.mark.parametrize('os_release', [CENTOS_7, BOOKWORM])
def test_auto_moves_only_when_it_must_and_says_why(lab, fleet, os_release):
    lab.system['os_release'] = os_release
    fleet.down.update(['official', 'two'])
    assert lab.run(root='auto').result['root'] == fleet.root('one')
    # The origin is back, and nothing flips.
    fleet.down.clear()
    del fleet.served[:]
    again = lab.run(root='auto')
    assert not again.changed and again.warnings == []
    assert again.result['reason'] == 'it is in use and healthy' and set(fleet.served) == set(['one'])
    fleet.down.update(['official', 'one'])
    moved = lab.run(root='auto')
    assert moved.result['root'] == fleet.root('two')
    assert 'The mirror was changed to "two": one, which is in use, is unusable (http: connection closed without an answer)' in moved.warnings[0]
    fleet.down.clear()
    assert not lab.run(root='auto').changed


def test_auto_keeps_to_the_candidates(lab, fleet):
    assert lab.run(root='auto', candidates=['two']).result['root'] == fleet.root('two')
    assert lab.run(root='auto', candidates=['one', fleet.root('official')]).result['root'] == fleet.root('official')


def test_auto_with_no_healthy_mirror(lab, fleet):
    fleet.down.update(fleet.servers)
    error = lab.refusal(root='auto')
    assert error.message.startswith('No mirror can serve centos/7 x86_64 stable from here. Set docker_repo_mirror to the URL of a mirror')
    assert 'Not so: official (http: connection closed without an answer), one (' in error.message
    fleet.down.clear()
    lab.run(root='auto')
    fleet.down.update(fleet.servers)
    plan = lab.run(root='auto')
    assert not plan.changed and 'No mirror is healthy from here, so the one in use (official) stays.' in plan.warnings[0]


def test_the_controller_leaves_auto_to_the_host(lab, fleet):
    lab.run(root='auto')
    given = wish(root='auto')
    with pytest.raises(NotInLook):
        _package_repository.plan(_look.look_at(Host(FolderModule(), salt='0123'), _package_repository.NEEDS, given), given)


@pytest.mark.parametrize('root', ['auto', 'one'])
def test_B93_fallback_release_only_where_docker_has_none(lab, fleet, root):
    lab.system['os_release'] = dict(CENTOS_7, VERSION_ID='10')
    assert 'Docker itself does not publish it' in lab.refusal(root=root).message
    plan = lab.run(root=root, fallback_release='7')
    assert plan.result['release']['value'] == '7'
    assert plan.result['release']['reason'] == 'centos/10 x86_64 is not published, and docker_repo_fallback_release is "7"'
    assert not lab.run(root=root, fallback_release='7').changed
    # As soon as it is published, it is used.
    for name in ('repomd.xml', 'primary.xml.gz'):
        lab.served['/linux/centos/10/x86_64/stable/repodata/' + name] = lab.served[EL7 + name]
    assert lab.run(root=root, fallback_release='7').result['release']['value'] == '10'


def test_B93_no_fallback_where_only_the_wished_mirror_lacks_the_release(lab, fleet):
    fleet.without.add('one')
    assert 'Healthy from here: ' in lab.refusal(root='one', fallback_release='9').message


def test_B93_no_fallback_where_nobody_could_be_asked(lab, fleet):
    fleet.down.update(fleet.servers)
    assert 'from here' in lab.refusal(root='auto', fallback_release='7').message
