# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP proxies: which one the environment names for a URL, and what its own URL says."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import base64
import re

try:
    from urllib.parse import quote, unquote
except ImportError:  # Python 2
    from urllib import quote, unquote

from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._url import (
    check_url,
    host_and_port,
    is_address,
    packed_address,
    split_url,
    without_secrets,
)


class Proxy(object):
    """An HTTP proxy, as a URL with or without scheme names it."""

    def __init__(self, text):
        text = to_text(text).strip()
        scheme, separator, rest = text.rpartition(u'://')
        credentials, dummy, authority = rest.rpartition(u'@')
        if separator and scheme.lower() != u'http':
            raise DockfleetError(
                u'The proxy "%s" has the scheme "%s"; only http proxies can be used here (they carry https as well). Write http://%s.'
                % (without_secrets(text), scheme, authority)
            )
        parts = split_url(check_url(u'http://' + authority, what=u'The proxy'))
        self.host = parts.host
        self.port = parts.port
        self.name = host_and_port(parts)
        self.user = self.password = self.authorization = None
        if credentials:
            self.user, self.password = [to_text(unquote(to_native(part))) for part in credentials.partition(u':')[::2]]
            if re.search(u'[\x00-\x1f\x7f]', self.user + self.password):
                raise DockfleetError(u'The proxy "%s" has a control character in its user name or password.' % without_secrets(text))
            self.authorization = basic_authorization(u'%s:%s' % (self.user, self.password))

    def url(self):
        """Its URL, with credentials where it has some."""
        credentials = u'' if self.user is None else u'%s:%s@' % (_quoted(self.user), _quoted(self.password))
        return u'http://%s%s:%d' % (credentials, u'[%s]' % self.host if u':' in self.host else self.host, self.port)


def _quoted(text):
    return to_text(quote(to_native(text), ''))


def basic_authorization(pair):
    """The header value for 'user:password'."""
    return u'Basic ' + to_text(base64.b64encode(to_bytes(pair)))


def find_proxy(url, environment):
    """The proxy that the environment names for a URL: http_proxy, https_proxy, all_proxy, but for no_proxy.

    Args:
        url (str): A URL that passed check_url.
        environment (dict): Environment variables, lower case before upper case.

    Returns:
        str: The proxy's URL; '' for none.
    """

    def setting(name):
        return to_text(environment.get(name) or environment.get(name.upper()) or u'')

    parts = split_url(url)
    # HTTP_PROXY in upper case is set by clients' "Proxy:" headers where something runs as CGI, but here nothing does.
    proxy = setting(parts.scheme + '_proxy') or setting('all_proxy')
    if not proxy or is_local(parts.host) or any(_exempts(entry, parts) for entry in re.split(u'[,\\s]+', setting('no_proxy')) if entry):
        return u''
    return proxy


def is_local(host):
    return host in (u'localhost', u'::1') or (is_address(host) and host.startswith(u'127.'))


def _exempts(entry, parts):
    """Whether an entry of no_proxy means this host: a name, a domain, an address, a network, each with or without a port; or *."""
    entry = entry.lower()
    if entry == u'*':
        return True
    match = re.match(u'^(\\[[^\\]]*\\]|[^:]*):([0-9]+)$', entry)
    if match:
        entry, port = match.groups()
        if int(port) != parts.port:
            return False
    entry = entry.strip(u'[]')
    network, slash, bits = entry.partition(u'/')
    if slash:
        return bits.isdigit() and in_network(parts.host, network, int(bits))
    if is_address(parts.host):
        return packed_address(entry) == packed_address(parts.host)
    domain = re.sub(u'^\\*?\\.', u'', entry)
    return parts.host == domain or parts.host.endswith(u'.' + domain)


def in_network(host, network, bits):
    host, network = bytearray(packed_address(host) or b''), bytearray(packed_address(network) or b'')
    if not host or len(host) != len(network) or bits > 8 * len(host):
        return False
    differing = [(mine ^ its) for mine, its in zip(host, network)]
    whole, rest = divmod(bits, 8)
    return not any(differing[:whole]) and (not rest or not differing[whole] >> (8 - rest))
