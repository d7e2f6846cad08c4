# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of a daemon, made by openssl, and what is wrong with some of them."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.plugin_utils._tls_material import prove_material

# The certificates are made a moment later than this is read.
NOW = datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(hours=1)


@pytest.fixture(scope='module')
def pem(tmp_path_factory):
    """The texts of certificates and keys, by name."""
    folder = tmp_path_factory.mktemp('pem')

    def openssl(*arguments):
        subprocess.run(['openssl', *arguments], check=True, capture_output=True, cwd=folder)

    for name, more in (('ca', []), ('cert', ['-addext', 'subjectAltName=DNS:docker.example,IP:fd00::1']), ('nameless', [])):
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', '/CN=' + name,
                '-keyout', name + '.key', '-out', name, *more)
    openssl('pkey', '-in', 'cert.key', '-aes128', '-passout', 'pass:x', '-out', 'locked.key')
    return {path.name: path.read_text(encoding='utf-8') for path in folder.iterdir()}


def test_good_material_passes(pem):
    prove_material(pem['ca'] + pem['nameless'], '\n' + pem['cert'] + pem['ca'], pem['cert.key'], NOW)


@pytest.mark.parametrize('ca, cert, key, days, said', [
    ('ca', 'cert', 'ca.key', 0, 'the private key in key is not that of the first certificate in cert'),
    ('ca', 'cert', 'locked.key', 0, 'key is encrypted by a password'),
    ('ca', 'cert', 'cert', 0, 'key holds no private key'),
    ('ca', 'cert.key', 'cert.key', 0, 'cert holds no certificate'),
    ('ca.key', 'cert', 'cert.key', 0, 'ca holds no certificate'),
    ('ca', 'nameless', 'nameless.key', 0, 'names no host in its subjectAltName'),
    ('ca', 'cert', 'cert.key', 31, 'the certificate in ca is valid from'),
    ('ca', 'cert', 'cert.key', -2, 'the certificate in ca is valid from'),
])
def test_bad_material_is_refused_in_words(pem, ca, cert, key, days, said):
    with pytest.raises(DockfleetError) as refused:
        prove_material(pem[ca], pem[cert], pem[key], NOW + timedelta(days=days))
    assert said in refused.value.message and refused.value.message.endswith('Nothing was changed.') and refused.value.details == {'stage': 'tls'}
    assert pem['cert.key'].splitlines()[1] not in refused.value.message


@pytest.mark.parametrize('lost', [1, 2, 3, 4, 64])
def test_a_damaged_certificate_is_refused(pem, lost):
    with pytest.raises(DockfleetError, match='cert holds a certificate that is damaged'):
        prove_material(pem['ca'], pem['cert'][:120] + pem['cert'][120 + lost:], pem['cert.key'], NOW)
