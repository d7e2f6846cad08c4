# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to lie beside daemon.json: the drop-ins of docker.service and the certificates of the remote API. A secret never leaves its file."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.dockfleet.host.plugins.module_utils._docker_unit import (
    HOSTS_DROP_IN,
    PROXY_DROP_IN,
    hosts_drop_in,
    proxy_drop_in,
    unit_flags,
    values_of,
)
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._host import conceal
from ansible_collections.dockfleet.host.plugins.module_utils._url import check_url, host_and_port, is_address, split_url, without_secrets

# The first engine that has "proxies" in daemon.json.
HAS_PROXIES = (23, 0)
LOCAL_ENDPOINT = u'unix:///var/run/docker.sock'
UNTOUCHED = u'Nothing was changed.'

# The material of docker_daemon_tls: what it is called there, its key in daemon.json, and its file.
TLS_FOLDER = '/etc/docker/dockfleet-tls'
TLS_FILES = (
    ('ca', 'tlscacert', TLS_FOLDER + '/ca.pem', '0644'),
    ('cert', 'tlscert', TLS_FOLDER + '/cert.pem', '0644'),
    ('key', 'tlskey', TLS_FOLDER + '/key.pem', '0600'),
)

# All further files that are ours, with their permissions. What the wish does not ask for is taken away.
MANAGED = dict(((path, mode) for dummy, dummy, path, mode in TLS_FILES), **{HOSTS_DROP_IN: '0644', PROXY_DROP_IN: '0600'})
DROP_INS = (HOSTS_DROP_IN, PROXY_DROP_IN)

USED_BY = (('package_manager', 'package manager'), ('daemon', 'daemon'), ('containers', 'containers'))
PROXY_NAMES = (('http_proxy', 'http-proxy'), ('https_proxy', 'https-proxy'))


# --- options that follow from a wish ---------------------------------------------------------------------------------------------


def tls_options(tls, unit):
    """The options of daemon.json that open the API to clients with a certificate, and the local endpoints beside it.

    Args:
        tls (dict): The parameter; {} or None for none.
        unit (dict): The look's section unit: the local endpoints are those of its command.
    """
    if not has_tls(tls):
        return {}
    options = dict((key, to_text(path)) for dummy, key, path, dummy in TLS_FILES)
    own = values_of(unit_flags(unit)).get('hosts', [])
    local = [each for each in own if not each.startswith(u'tcp:')] or [LOCAL_ENDPOINT]
    options.update(tlsverify=True, hosts=local + [endpoint(address, tls['port']) for address in tls['addresses']])
    return options


def has_tls(tls):
    """Whether the wish is TLS; half a wish is refused."""
    given = [name for name, dummy, dummy, dummy in TLS_FILES if (tls or {}).get(name)]
    if given and len(given) < len(TLS_FILES):
        missing = [name for name, dummy, dummy, dummy in TLS_FILES if name not in given]
        raise DockfleetError('docker_daemon_tls needs ca, cert and key; %s is missing. %s' % (' and '.join(missing), UNTOUCHED), stage='tls')
    return bool(given)


def endpoint(address, port):
    address = to_text(address).strip().strip(u'[]')
    if not is_address(address):
        raise DockfleetError('docker_daemon_tls: "%s" among the addresses is no IP address of this host. %s' % (address, UNTOUCHED), stage='tls')
    return u'tcp://%s:%d' % (u'[%s]' % address if u':' in address else address, port)


def proxy_settings(proxy, options):
    """What docker_daemon_proxy stands for, in the names of daemon.json.

    Args:
        proxy (dict): The parameter; {} or None for none.
        options (dict): The daemon's options: its mirrors and insecure registries are reached without the proxy.
    """
    settings = dict((key, checked_proxy(proxy[name])) for name, key in PROXY_NAMES if (proxy or {}).get(name))
    direct = [entry for each in (proxy or {}).get('no_proxy') or [] for entry in re.split(u'[,\\s]+', to_text(each)) if entry]
    if not settings:
        if direct:
            raise DockfleetError('docker_daemon_proxy has no_proxy, but neither http_proxy nor https_proxy. %s' % UNTOUCHED, stage='proxy')
        return {}
    if proxy['bypass_registries']:
        direct += [entry for entry in registries(options) if entry not in direct]
    if direct:
        settings['no-proxy'] = u','.join(direct)
    return settings


def registries(options):
    """Hosts of the mirrors and insecure registries, as NO_PROXY names them."""
    found = []
    for url in options.get('registry-mirrors') or []:
        try:
            found.append(host_and_port(split_url(check_url(url))))
        except DockfleetError:
            # The check of the options says what is wrong with it.
            continue
    return found + [re.sub(u'^https?://', u'', entry) for entry in options.get('insecure-registries') or []]


def checked_proxy(text):
    """The URL of a proxy, or what is wrong with it."""
    text = to_text(text).strip()
    scheme, mark, rest = text.partition(u'://')
    credentials, at, authority = rest.rpartition(u'@')
    why = None
    if not mark or scheme.lower() not in (u'http', u'https', u'socks5'):
        why = u'has to begin with http://, https:// or socks5://'
    elif re.search(u'%(?![0-9A-Fa-f]{2})', credentials):
        why = u'has a percent sign in its credentials that begins no percent-encoded character. A percent sign itself is written %25'
    elif re.search(u'[\\s\x00-\x1f\x7f/?#]', credentials):
        why = u'has a character in its credentials that has to be percent-encoded (a blank is %20, a slash is %2F)'
    if why:
        shown_text = scheme + mark + authority if mark else scheme.rpartition(u'@')[2]
        raise DockfleetError(u'docker_daemon_proxy: "%s" %s. %s' % (shown_text, why, UNTOUCHED), stage='proxy')
    check_url(u'http://' + authority, what=u'docker_daemon_proxy:')
    return text


def proxy_table(found, settings, merged, path):
    """The three proxies of the host side by side, for people who set one and expect all.

    Args:
        found (dict): The look's section proxies.
        settings (dict): As proxy_settings() gives them.
        merged (dict): daemon.json as it will be.
        path (str): Of daemon.json.

    Returns:
        list of dict: used_by, proxy ("" for none), path (where it is set).
    """
    table = dict((name, dict(found[name])) for name in found)
    in_file = merged.get('proxies') or {}
    said = (in_file, path) if in_file else (settings, PROXY_DROP_IN)
    for key in ('http-proxy', 'https-proxy'):
        if said[0].get(key):
            table['daemon'] = {'proxy': without_secrets(said[0][key]), 'path': to_text(said[1])}
    if not in_file and not settings and table['daemon']['path'] == PROXY_DROP_IN:
        table['daemon'] = {'proxy': u'', 'path': u''}
    return [dict(table[name], used_by=used_by) for name, used_by in USED_BY]


# --- files -----------------------------------------------------------------------------------------------------------------------


def wished_files(wish, settings, merged, unit, version):
    """All further files that the wish asks for.

    Args:
        wish (dict): The parameters.
        settings (dict): As proxy_settings() gives them.
        merged (dict): daemon.json as it will be.
        unit (dict): The look's section unit.
        version (tuple of int): The engine's; () where it is not known.

    Returns:
        dict: Path to content (text).
    """
    files = {}
    if merged.get('hosts') is not None and any(flag.key == 'hosts' for flag in unit_flags(unit)):
        files[HOSTS_DROP_IN] = hosts_drop_in(unit)
    if settings and not version >= HAS_PROXIES:
        files[PROXY_DROP_IN] = proxy_drop_in([(key.upper().replace(u'-', u'_'), settings[key]) for key in sorted(settings)])
    if has_tls(wish['tls']):
        files.update((path, to_text(wish['tls'][name]).strip() + u'\n') for name, dummy, path, dummy in TLS_FILES)
    return files


def changes(found, wished, salt):
    """What has to be done to the files.

    Args:
        found (dict): The look's unit.files.
        wished (dict): As wished_files() gives them.
        salt (str): Under which the look concealed contents.

    Returns:
        list of dict: path, mode, content (None to take it away).
    """
    todo = []
    for path in sorted(MANAGED):
        now, content = found.get(path), wished.get(path)
        if content is None:
            same = now is None
        else:
            same = now == {'content': conceal(content, salt), 'mode': MANAGED[path]}
        if not same:
            todo.append({'path': path, 'content': content, 'mode': MANAGED[path]})
    return todo


def shown(path, content, hidden):
    """A file's content for a diff, with something in the place of secrets; nothing for a file that is not there."""
    if content is None:
        return u''
    if path == TLS_FILES[-1][2]:
        content = hidden + u'\n'
    elif path == PROXY_DROP_IN:
        content = re.sub(u'://[^"]*@', u'://%s@' % hidden, content)
    return u'--- %s\n%s' % (path, content)
