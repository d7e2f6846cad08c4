# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What our reader says about a key is what GnuPG says. These tests need the real gpg, and fail without it."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import urllib.parse

import pytest

from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp import dearmor, read_keys
from ansible_collections.dockfleet.host.plugins.module_utils._openpgp_armor import armor
from ansible_collections.dockfleet.host.tests.unit.openpgp import EXPECTED, content

ALGORITHMS = {'1': 'RSA', '16': 'ElGamal', '17': 'DSA', '18': 'ECDH', '19': 'ECDSA', '22': 'EdDSA'}


class Gpg:
    """The real gpg with a home of its own."""

    def __init__(self, home):
        self.home = str(home)

    def __call__(self, *arguments, when='20240301T120000!', data=None):
        command = ['gpg', '--homedir', self.home, '--batch', '--quiet', '--no-tty', '--no-auto-check-trustdb', '--faked-system-time', when]
        command += ['--passphrase', '', '--pinentry-mode', 'loopback', *arguments]
        done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def make_key(self, user_id, algorithm, usage='sign', expires='never'):
        self('--quick-gen-key', user_id, algorithm, usage, expires)
        return read_keys(self('--export', '=' + user_id))[0]['fingerprint']


@pytest.fixture
def gpg(tmp_path_factory):
    if not shutil.which('gpg'):
        pytest.fail('These tests compare with the real gpg: install the package gnupg.')
    # The sockets of gpg's agent want a short path.
    home = tmp_path_factory.mktemp('gpg')
    home.chmod(0o700)
    yield Gpg(home)
    subprocess.run(['gpgconf', '--homedir', str(home), '--kill', 'all'], check=True)


def iso(seconds):
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ') if seconds else None


def unescape(text):
    return urllib.parse.unquote(text.replace('\\x', '%'))


def seen_by_gpg(gpg, data):
    """read_keys() by way of gpg's colon listing."""
    keys = []
    for line in gpg('--show-keys', '--with-colons', '--fixed-list-mode', data=data).decode().splitlines():
        fields = line.split(':')
        if fields[0] in ('pub', 'sub'):
            key = {
                'version': 4,
                'algorithm': ALGORITHMS[fields[3]],
                'bits': None if fields[16] else int(fields[2]),
                'curve': fields[16] or None,
                'created': iso(fields[5]),
            }
            if fields[0] == 'sub':
                keys[-1]['subkeys'].append(key)
            else:
                key.update(expires=iso(fields[6]), user_ids=[], subkeys=[], revoked=fields[1] == 'r')
                keys.append(key)
        elif fields[0] == 'fpr':
            (keys[-1]['subkeys'] or keys)[-1]['fingerprint'] = fields[9]
        elif fields[0] == 'uid':
            keys[-1]['user_ids'].append(unescape(fields[9]))
    return keys


def committed_keys():
    return sorted((name, keys) for name, keys in EXPECTED.items() if keys[0]['version'] == 4)


@pytest.mark.parametrize('name, expected', committed_keys())
def test_gpg_says_about_the_test_data_what_the_unit_tests_expect(gpg, name, expected):
    assert seen_by_gpg(gpg, content(name)) == expected


@pytest.mark.parametrize(
    'primary, subkey',
    [
        ('rsa1024', 'rsa1024'),
        ('dsa1024', 'elg1024'),
        ('nistp256', 'nistp256'),
        ('nistp384', 'nistp384'),
        ('nistp521', 'nistp521'),
        ('brainpoolP256r1', 'brainpoolP512r1'),
        ('secp256k1', 'secp256k1'),
        ('ed25519', 'cv25519'),
    ],
)
@pytest.mark.parametrize('expires', ['never', '3y'])
def test_new_keys_are_read_as_gpg_reads_them(gpg, primary, subkey, expires):
    fingerprint = gpg.make_key('Ünit Tëst 测试 <unit@example.org>', primary, expires=expires)
    gpg('--quick-add-key', fingerprint, subkey, 'encr', expires)
    binary = gpg('--export', fingerprint)
    armored = gpg('--armor', '--export', fingerprint)
    seen = seen_by_gpg(gpg, binary)
    assert len(seen) == 1 and len(seen[0]['subkeys']) == 1
    assert (seen[0]['expires'] is None) == (expires == 'never')
    assert read_keys(binary) == seen
    assert read_keys(armored) == seen
    assert dearmor(armored) == binary
    assert armor(binary) == armored


def test_several_keys_in_one_file(gpg):
    wanted = {gpg.make_key('%s <%s@example.org>' % (name, name), 'ed25519') for name in ('one', 'two', 'three')}
    assert {key['fingerprint'] for key in read_keys(gpg('--export'))} == wanted
    assert read_keys(gpg('--armor', '--export')) == seen_by_gpg(gpg, gpg('--export'))


def test_several_user_ids_and_foreign_signatures(gpg):
    fingerprint = gpg.make_key('First <first@example.org>', 'ed25519', expires='2y')
    gpg('--quick-add-uid', fingerprint, 'Second <second@example.org>')
    friend = gpg.make_key('Friend <friend@example.org>', 'rsa1024', usage='sign,cert', expires='1y')
    gpg('--local-user', friend, '--yes', '--quick-sign-key', fingerprint, when='20240401T120000!')
    data = gpg('--export', fingerprint)
    assert sorted(read_keys(data)[0]['user_ids']) == ['First <first@example.org>', 'Second <second@example.org>']
    assert read_keys(data) == seen_by_gpg(gpg, data)
    assert read_keys(data)[0]['expires'] == '2026-03-01T12:00:00Z'


def test_the_newest_self_signature_tells_the_expiry(gpg):
    fingerprint = gpg.make_key('Longer <longer@example.org>', 'ed25519', expires='1y')
    before = gpg('--export', fingerprint)
    gpg('--quick-set-expire', fingerprint, '5y', when='20240601T120000!')
    after = gpg('--export', fingerprint)
    assert read_keys(before)[0]['expires'] == '2025-03-01T12:00:00Z'
    assert read_keys(after)[0]['expires'] == seen_by_gpg(gpg, after)[0]['expires'] == '2029-05-31T12:00:00Z'


def test_revoked_keys(gpg):
    fingerprint = gpg.make_key('Revoked <revoked@example.org>', 'ed25519')
    with open(os.path.join(gpg.home, 'openpgp-revocs.d', fingerprint + '.rev'), 'rb') as stream:
        gpg('--import', data=stream.read().replace(b':-----BEGIN', b'-----BEGIN'))
    data = gpg('--export', fingerprint)
    assert read_keys(data) == seen_by_gpg(gpg, data)
    assert read_keys(data)[0]['revoked'] is True


@pytest.mark.parametrize('armored', [(), ('--armor',)])
def test_secret_keys_are_refused(gpg, armored):
    fingerprint = gpg.make_key('Secret <secret@example.org>', 'ed25519')
    with pytest.raises(DockfleetError) as refusal:
        read_keys(gpg(*armored, '--export-secret-keys', fingerprint))
    assert 'never leave its owner' in refusal.value.message
