# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom to trust in TLS: the authorities of the system, and those that the user adds."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import ssl
import threading

from ansible.module_utils.common.text.converters import to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

# Where systems keep their trusted certificates, for a Python whose OpenSSL was built to look elsewhere.
TRUST_BUNDLES = (
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/ssl/ca-bundle.pem',
    '/etc/ssl/cert.pem',
)

_contexts = {}
# Without it, twenty probes that begin together would each read all authorities, which takes seconds on a slow machine.
_lock = threading.Lock()


def trusting_context(ca_files=()):
    """A context that verifies by the system's trust and further files; made once, since reading hundreds of authorities takes its time.

    Args:
        ca_files (tuple of str): PEM files.
    """
    with _lock:
        if ca_files not in _contexts:
            _contexts[ca_files] = new_context(ca_files)
        return _contexts[ca_files]


def new_context(ca_files=()):
    """As trusting_context, but one of its own, for who has to change something about it."""
    context = ssl.create_default_context()
    # Newer Pythons also refuse authorities with old-fashioned extensions, which Docker, curl and the package managers take.
    context.verify_flags &= ~getattr(ssl, 'VERIFY_X509_STRICT', 0)
    if not _has_system_trust():
        for bundle in TRUST_BUNDLES:
            if os.path.exists(bundle):
                context.load_verify_locations(bundle)
                break
    for path in ca_files:
        try:
            context.load_verify_locations(to_native(path))
        except (IOError, OSError) as error:
            why = u'holds no certificate in PEM form' if isinstance(error, ssl.SSLError) else to_text(error.strerror).lower()
            raise DockfleetError(u'The file of trusted authorities %s cannot be used: %s.' % (to_text(path), why), path=to_text(path))
    return context


def _has_system_trust():
    """Whether OpenSSL's own default places hold any certificates."""
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile) or bool(paths.capath and os.listdir(paths.capath))
