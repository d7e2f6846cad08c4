# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import copy

import pytest
from ansible.module_utils.common.text.converters import to_native
from ansible_collections.dockfleet.host.plugins.module_utils._engine_data import is_own, plan
from ansible_collections.dockfleet.host.plugins.module_utils._engine_data_look import flag, is_bound_to_itself, look_at_root
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import read_mountinfo
from ansible_collections.dockfleet.host.plugins.module_utils._plan import NotInLook

ROOT, CONTAINERD = u'/srv/docker', u'/var/lib/containerd'
ID = u'0' * 64
WISH = {'level': 'data', 'confirm': [ROOT, CONTAINERD], 'data_roots': [], 'foreign_mounts': 'refuse'}


def mount(point, filesystem=u'overlay', itself=False):
    return {'point': point, 'filesystem': filesystem, 'source': u'server:/x', 'itself': itself}


def root(path=ROOT, kind=u'Docker', entries=(u'containers', u'image', u'overlay2', u'volumes'), **others):
    found = {'path': path, 'kind': kind, 'origin': u'/etc/docker/daemon.json', 'entries': list(entries), 'mounts': [], 'mountpoint': False, 'rest': True}
    return dict(dict(found, namespaces=[], hollow=False, bytes=None), **others)


def containerd(**others):
    return root(CONTAINERD, u'containerd', (u'io.containerd.content.v1.content', u'tmpmounts'), **others)


def look(*roots, **others):
    data = {'roots': list(roots), 'links': {}, 'existing': [], 'homes': [u'/root', u'/srv/people/anna'], 'others': [], 'settings': []}
    daemon = {'path': u'/etc/docker/daemon.json', 'problem': others.pop('problem', None)}
    installed = others.pop('installed', {})
    return {'daemon': daemon, 'packages': {'installed': installed}, 'service': {'units': {}}, 'data': dict(data, **others)}


def done(found, wish=None):
    return [(step['do'], step['path']) for step in plan(found, dict(WISH, **(wish or {}))).steps]


def refusal(found, wish=None):
    with pytest.raises(DockfleetError) as refused:
        plan(found, dict(WISH, **(wish or {})))
    return refused.value


def test_without_a_look_at_the_data_nothing_is_planned():
    found = look()
    del found['data']
    with pytest.raises(NotInLook):
        plan(found, WISH)


def test_a_host_without_data_has_nothing_to_do():
    assert done(look()) == [] and done(look(), {'confirm': None}) == []


@pytest.mark.parametrize('level', ['packages', 'config'])
def test_data_stays_at_the_other_levels_and_is_reported(level):
    found = plan(look(root(bytes=7)), dict(WISH, level=level))
    assert found.steps == [] and found.result['kept'] == [
        {'path': ROOT, 'why': u'data stays at the level "%s"' % level, 'bytes': 7, 'text': u'%s (7 bytes): data stays at the level "%s"' % (ROOT, level)},
    ]


def test_B81_own_mounts_go_deepest_first_and_then_the_folders():
    merged, shm = ROOT + u'/overlay2/aa/merged', u'%s/containers/%s/mounts/shm' % (ROOT, ID)
    mounts = [mount(ROOT, u'ext4', True), mount(merged), mount(shm, u'tmpfs')]
    assert done(look(root(mounts=mounts), containerd())) == [
        ('unmount', shm), ('unmount', merged), ('unmount', ROOT), ('delete', ROOT), ('delete', CONTAINERD),
    ]  # fmt: skip


def test_B81_a_foreign_mount_is_named_and_ends_it():
    point = ROOT + u'/volumes/files/_data'
    error = refusal(look(root(mounts=[mount(point, u'nfs4')]), containerd()))
    assert error.details['mounts'] == [point] and u'%s (nfs4 from server:/x)' % point in error.message
    assert 'docker_uninstall_foreign_mounts: leave' in error.message and 'Nothing was touched' in error.message


def test_a_foreign_mount_is_gone_around_when_told():
    point = ROOT + u'/volumes/files/_data'
    found = plan(look(root(mounts=[mount(point, u'nfs4')])), dict(WISH, foreign_mounts='leave'))
    assert found.steps[-1]['foreign'] == [point] and found.result['kept'][0]['path'] == point


def test_what_only_leads_to_a_foreign_mount_is_left_the_next_time():
    found = look(root(mounts=[mount(ROOT + u'/volumes/files/_data', u'tmpfs')], rest=False, entries=[u'volumes']))
    assert done(found, {'foreign_mounts': 'leave'}) == []


@pytest.mark.parametrize('inner, filesystem, itself, own', [
    (u'/overlay2/aa/merged', u'overlay', False, True),
    (u'/rootfs/overlayfs/aa', u'overlay', False, True),
    (u'/165536.165536/overlay2/aa/merged', u'overlay', False, True),
    (u'/devicemapper/mnt/aa', u'xfs', False, True),
    (u'/containers/%s/mounts/shm' % ID, u'tmpfs', False, True),
    (u'/overlay2', u'ext4', True, True),
    (u'/overlay2/aa/merged', u'nfs4', False, False),
    (u'/volumes/a/_data', u'overlay', False, False),
    (u'/volumes/a/_data', u'tmpfs', False, False),
    (u'/volumes/a/_data', u'ext4', False, False),
    (u'/containers/%s/mounts/shm' % ID, u'ext4', False, False),
])  # fmt: skip
def test_whose_a_mount_is(inner, filesystem, itself, own):
    assert is_own(ROOT, mount(ROOT + inner, filesystem, itself)) is own


@pytest.mark.parametrize('path', [
    u'/', u'/var', u'/var/lib', u'/etc/docker', u'/usr/share/x', u'/home', u'/home/bob', u'/root', u'/srv/people/anna', u'/mnt', u'/boot', u'/run/docker',
])  # fmt: skip
def test_folders_of_the_system_and_homes_are_refused_whatever_is_confirmed(path):
    error = refusal(look(root(path)), {'confirm': [path]})
    assert error.details['path'] == path and 'is not deleted, whatever is in it' in error.message


@pytest.mark.parametrize('entries, words', [
    ([u'containers', u'overlay2', u'photos'], u'it holds photos'),
    ([u'image', u'a', u'b', u'c', u'd', u'e', u'f'], u'it holds a, b, c, d, e, and 1 more'),
    ([u'plugins', u'tmp'], u'it holds nothing that only an engine has'),
])  # fmt: skip
def test_folders_that_do_not_look_like_a_data_root_are_refused(entries, words):
    assert words in refusal(look(root(entries=entries))).message


@pytest.mark.parametrize('entries', [
    [u'overlay2'], [], [u'lost+found', u'overlay2'], [u'165536.165536', u'tmp'], [u'buildkit', u'containerd', u'containers', u'engine-id', u'rootfs'],
])  # fmt: skip
def test_a_data_root_is_known_by_what_is_left_of_it(entries):
    assert done(look(root(entries=entries))) == [('delete', ROOT)]


def test_folders_without_a_file_that_only_led_to_mounts_go():
    assert done(look(root(entries=[u'volumes'], hollow=True))) == [('delete', ROOT)]


def test_what_stays_may_be_confirmed_again():
    found = look(root(mounts=[mount(ROOT + u'/volumes/a/_data', u'tmpfs')], rest=False, entries=[u'volumes']), existing=[ROOT])
    assert done(found, {'foreign_mounts': 'leave'}) == []


def test_a_containerd_with_folders_of_others():
    assert 'does not look like a data-root of containerd' in refusal(look(dict(containerd(), entries=[u'io.containerd.content.v1.content', u'x']))).message


@pytest.mark.parametrize('confirm, words', [
    ([], u'/srv/docker would be deleted and is not confirmed'),
    ([u'yes'], u'docker_uninstall_confirm has to be exactly: [/srv/docker]'),
    ([u'/srv/docker/'], u'is not confirmed'),
    ([u'/srv/docker', u'/srv/other'], u'/srv/other is confirmed and is no data-root that was found'),
])  # fmt: skip
def test_a_wrong_confirmation_is_refused(confirm, words):
    error = refusal(look(root(), existing=[u'/srv/other']), {'confirm': confirm})
    assert words in error.message and error.details['would_delete'] == [ROOT]


def test_a_preview_needs_no_confirmation_and_tells_the_sizes():
    found = plan(look(root(bytes=4096), containerd(bytes=1024)), dict(WISH, confirm=None))
    assert found.result['plan'] == [
        {'path': ROOT, 'kind': u'Docker', 'bytes': 4096, 'text': u'Docker /srv/docker (4.1 kB)'},
        {'path': CONTAINERD, 'kind': u'containerd', 'bytes': 1024, 'text': u'containerd /var/lib/containerd (1.0 kB)'},
    ]
    assert found.result['bytes'] == 5120 and found.result['roots'] == [ROOT, CONTAINERD]


def test_what_is_gone_already_may_still_be_confirmed():
    assert done(look(containerd())) == [('delete', CONTAINERD)]


@pytest.mark.parametrize('found, why', [
    (look(containerd(), installed={'containerd': {}}), u'the package containerd'),
    (look(containerd(namespaces=[u'k8s.io'])), u'k8s.io'),
    (look(root(rest=False, mountpoint=True, entries=[])), u'a mount point'),
])  # fmt: skip
def test_what_is_not_dockers_or_empty_stays(found, why):
    result = plan(found, WISH)
    assert result.steps == [] and why in result.result['kept'][0]['why']


@pytest.mark.parametrize('roots, confirm, goes', [
    ([root()], [ROOT], True),
    ([root(mountpoint=True)], [ROOT], False),
    ([root(rest=False, mountpoint=True)], [ROOT], False),
    # A run that was cut off between the folder and the link; a disk that is not mounted now looks the same.
    ([], [ROOT], True),
    ([], [], False),
])  # fmt: skip
def test_a_link_goes_with_the_folder_that_it_leads_to(roots, confirm, goes):
    steps = done(look(*roots, links={u'/var/lib/docker': ROOT}), {'confirm': confirm})
    assert (('unlink', u'/var/lib/docker') in steps) is goes


def test_a_broken_daemon_json_may_name_another_place():
    found = look(root(), problem={'message': u'a comma before "]"'})
    assert 'nobody knows where the data is' in refusal(found).message
    assert done(found, {'level': 'config'}) == []


MOUNTINFO = read_mountinfo(u'''\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 8:2 / /mnt rw - xfs /dev/sdb rw
24 22 8:1 /srv/docker /srv/docker rw,relatime - ext4 /dev/sda1 rw
25 24 8:1 /srv/docker/overlay2 /srv/docker/overlay2 rw,relatime - ext4 /dev/sda1 rw
26 24 8:1 /home/files /srv/docker/volumes/files/_data rw,relatime - ext4 /dev/sda1 rw
27 23 8:2 /docker /mnt/docker rw,relatime - xfs /dev/sdb rw
''')


@pytest.mark.parametrize('number, itself', [(0, False), (1, False), (2, True), (3, True), (4, False), (5, True)])
def test_folders_that_are_bound_to_themselves_are_told_from_other_mounts(number, itself):
    assert is_bound_to_itself(MOUNTINFO[number], MOUNTINFO) is itself


def test_a_data_root_on_the_disk(tmp_path):
    for name in (u'overlay2', u'volumes/f\xfcr alle/_data'):
        (tmp_path / to_native(name)).mkdir(parents=True)
    path = str(tmp_path) if isinstance(str(tmp_path), type(u'')) else str(tmp_path).decode('utf-8')
    point = path + u'/volumes/f\xfcr alle/_data'
    mounts = copy.deepcopy(MOUNTINFO) + [dict(MOUNTINFO[4], point=point)]
    found = look_at_root(path, u'x', None, mounts)
    assert (found['entries'], found['kind'], found['rest'], found['mountpoint']) == ([u'overlay2', u'volumes'], u'Docker', True, False)
    assert [each['point'] for each in found['mounts']] == [point]
    (tmp_path / u'overlay2').rmdir()
    found = look_at_root(path, u'x', None, mounts)
    assert (found['rest'], found['hollow']) == (False, True)
    (tmp_path / u'volumes' / u'metadata.db').write_bytes(b'x')
    found = look_at_root(path, u'x', None, mounts)
    assert (found['rest'], found['hollow']) == (True, False)


@pytest.mark.parametrize('words, value', [
    ('-H fd:// --data-root /srv/docker --debug', u'/srv/docker'),
    ('--data-root=/srv/docker', u'/srv/docker'),
    ('-g /srv/docker', u'/srv/docker'),
    ('--graph=/srv/docker', u'/srv/docker'),
    ('-H fd://', None),
])  # fmt: skip
def test_flags_name_a_data_root(words, value):
    exec_start = '{ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd %s ; ignore_errors=no ; start_time=[n/a] }' % words
    assert flag(exec_start, ('--data-root', '--graph', '-g')) == value
