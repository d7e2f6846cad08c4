# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for the remote API, proven on the controller before a host sees them."""

from __future__ import annotations

import os
import re
import ssl
import tempfile
from datetime import datetime

from ansible_collections.dockfleet.host.plugins.module_utils._certificate import read_certificate
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

BLOCK = re.compile(r'-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----', re.S)
UNTOUCHED = 'Nothing was changed.'


def prove_material(ca: str, cert: str, key: str, now: datetime) -> None:
    """Refuse material that a daemon could not use, or that its clients would turn down.

    Args:
        ca (str): PEM of the authorities whose clients are let in.
        cert (str): PEM of the daemon's certificate, and those between it and its authority.
        key (str): PEM of its private key.
        now (datetime): The time, in UTC and without a zone.
    """
    certificates = {'ca': read_certificates('ca', ca), 'cert': read_certificates('cert', cert)}
    for name, several in certificates.items():
        for each in several:
            if not each.not_before <= now <= each.not_after:
                refuse(f'the certificate in {name} is valid from {each.not_before:%Y-%m-%d} to {each.not_after:%Y-%m-%d}, and today is {now:%Y-%m-%d}')
    if not certificates['cert'][0].names:
        refuse('the certificate in cert names no host in its subjectAltName, and clients turn it down')
    prove_key(cert, key)


def read_certificates(name: str, text: str) -> list:
    blocks = [match.group(0) for match in BLOCK.finditer(text) if match.group(1) == 'CERTIFICATE']
    try:
        found = [read_certificate(ssl.PEM_cert_to_DER_cert(block)) for block in blocks]
    except ValueError:
        found = [None]
    if None in found:
        refuse(f'{name} holds a certificate that is damaged. Copy it again, whole')
    if not found:
        refuse(f'{name} holds no certificate in PEM form ("-----BEGIN CERTIFICATE-----")')
    return found


def prove_key(cert: str, key: str) -> None:
    """That the key can be read without a password and belongs to the certificate."""
    kinds = [match.group(1) for match in BLOCK.finditer(key) if match.group(1).endswith('PRIVATE KEY')]
    if not kinds:
        refuse('key holds no private key in PEM form ("-----BEGIN PRIVATE KEY-----")')
    if kinds[0].startswith('ENCRYPTED') or 'Proc-Type: 4,ENCRYPTED' in key:
        refuse('key is encrypted by a password, which the daemon does not know. Give it in the clear, from a vault ("openssl pkey" takes the password off)')
    with tempfile.TemporaryDirectory(prefix='dockfleet-') as folder:
        path = os.path.join(folder, 'pair.pem')
        with open(path, 'w', encoding='utf-8', opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
            stream.write(f'{key.strip()}\n{cert.strip()}\n')
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path, password=lambda: '')
        except ssl.SSLError as error:
            if error.reason == 'KEY_VALUES_MISMATCH':
                refuse('the private key in key is not that of the first certificate in cert')
            refuse(f'cert and key cannot be used: {error.reason or error}')


def refuse(why: str) -> None:
    raise DockfleetError(f'docker_daemon_tls: {why}. {UNTOUCHED}', stage='tls')
