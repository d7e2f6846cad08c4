# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs as people write them: checked by hand-made rules, because the standard library takes nearly anything for a URL."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
import socket
from collections import namedtuple

from ansible.module_utils.common.text.converters import to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError

DEFAULT_PORTS = {u'http': 80, u'https': 443}

# host: as the socket functions want it, without the brackets of IPv6. target: path and query, as a request line wants it.
URL = namedtuple('URL', ('scheme', 'host', 'port', 'target'))

_LABEL = re.compile(r'^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$', re.I)
_NOT_IN_URL = u'[\x00-\x20\x7f<>"`{}|\\\\^\u2018\u2019\u201c\u201d]'
_SCHEME = re.compile(u'^([a-z][a-z0-9+.-]*)://', re.I)
# Marks that come along when a URL is copied out of a page or a chat.
_WRAPPING = u'"\'`<>()[]{}\u2018\u2019\u201c\u201d\u300a\u300b\uff08\uff09,;\uff0c\uff1b\u3002'


def check_url(url, schemes=(u'https', u'http'), what=u'The URL', query=True):
    """Take a URL or say what is wrong with it, and how it is rightly written.

    Args:
        url (str): As the user wrote it; blanks around it are dropped.
        schemes (sequence of str): The schemes that are taken; the first one is used in suggestions.
        what (str): What the URL is to the user, for example 'The mirror "x"'; it begins the sentence.
        query (bool): Whether a query or a fragment may be there.

    Returns:
        str: The URL, as text.

    Raises:
        DockfleetError: It is none. Where it is known how it is rightly written, the detail "suggestion" says that, as the message does.
    """
    text = to_text(url).strip()

    def refuse(why, right=None):
        hint, details = (u'', {}) if right is None else (u' Write %s.' % right, {'suggestion': right})
        raise DockfleetError(u'%s "%s" %s.%s' % (what, without_secrets(text), why, hint), url=without_secrets(text), **details)

    if not text:
        refuse(u'is empty')
    scheme = _SCHEME.match(text)
    if not scheme:
        _refuse_without_scheme(text, schemes, refuse)
    name = scheme.group(1).lower()
    if name not in schemes:
        refuse(u'has the scheme "%s"' % name, u'%s://%s' % (u':// or '.join(schemes), text[scheme.end():]))
    text = name + text[scheme.end() - 3:]
    blank = re.search(u'\\s', text, re.U)
    if blank:
        refuse(u'has a blank in it (after "%s")' % without_secrets(text[:blank.start()]))
    bad = re.search(_NOT_IN_URL, text)
    if bad:
        bare = text.strip(_WRAPPING)
        refuse(u'has the character %s in it, which no URL may hold' % bad.group(0), None if re.search(_NOT_IN_URL, bare) else bare)
    authority = re.split(u'[/?#]', text[len(name) + 3:], maxsplit=1)[0]
    if u'@' in authority:
        refuse(u'holds a user name or a password. Credentials have options of their own', text.replace(authority, authority.rsplit(u'@', 1)[1], 1))
    _check_authority(authority, text, refuse)
    if not query and (u'?' in text or u'#' in text):
        refuse(u'has a query or a fragment', re.split(u'[?#]', text, maxsplit=1)[0])
    rest = text[len(name) + 3 + len(authority):]
    if any(ord(char) > 126 for char in rest):
        refuse(u'has characters in its path that are not ASCII. Percent-encode them')
    return text


def _refuse_without_scheme(text, schemes, refuse):
    bare = text.strip(_WRAPPING + u' ')
    inner = re.search(u'https?://\\S+', bare, re.I)
    if inner:
        surplus = text.replace(inner.group(0).rstrip(_WRAPPING), u' ').split()
        refuse(u'has more in it than a URL (%s)' % u', '.join(surplus), inner.group(0).rstrip(_WRAPPING))
    broken = re.match(u'^(https?)[:/;\uff1a\uff0f]+(.*)$', bare, re.I)
    if broken:
        refuse(u'does not have "://" after "%s"' % broken.group(1), u'%s://%s' % (broken.group(1).lower(), broken.group(2)))
    right = u' or '.join(u'%s://%s' % (scheme, bare.lstrip(u'/')) for scheme in schemes)
    # Nobody is told to write what would be refused again.
    refuse(u'has no scheme', right if re.match(u'[A-Za-z0-9.:/_?#-]+$', bare) else None)


def _check_authority(authority, text, refuse):
    """Refuse a host or a port that cannot be one."""
    if authority.startswith(u'['):
        match = re.match(u'^\\[([^\\]]*)\\](.*)$', authority)
        if not match or not is_address(match.group(1)):
            refuse(u'has no IPv6 address in its brackets')
        host, rest = match.groups()
    elif authority.count(u':') > 1:
        if is_address(authority):
            refuse(u'has an IPv6 address without brackets', text.replace(authority, u'[%s]' % authority, 1))
        refuse(u'has more than one colon in its host')
    else:
        host, colon, port = authority.partition(u':')
        rest = colon + port
    if not host:
        refuse(u'has no host in it')
    if rest and not (re.match(u'^:[0-9]{1,5}$', rest) and 0 < int(rest[1:]) < 65536):
        refuse(u'has no port number after the colon (1 to 65535)' if rest.startswith(u':') else u'has "%s" after its host' % rest)
    if any(ord(char) > 126 for char in host):
        refuse(u'has a host with characters that are not ASCII', _in_ascii(text, host))
    if not is_address(host) and not all(_LABEL.match(label) for label in re.sub(u'\\.$', u'', host).split(u'.')):
        refuse(u'has "%s" as its host, which no host can be called' % host)
    if re.match(u'^[0-9.]+$', host) and not is_address(host):
        refuse(u'has "%s" as its host, which is no IPv4 address' % host)


def _in_ascii(text, host):
    """The spelling of an internationalised name that goes over the wire; None where there is none."""
    try:
        return text.replace(host, to_text(host.encode('idna')), 1)
    except UnicodeError:
        return None


def is_address(host):
    """Whether a host is an IPv4 or IPv6 address rather than a name."""
    return packed_address(host) is not None


def packed_address(host):
    """The bytes of an IPv4 or IPv6 address; None for anything else."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, to_native(host))
        except (socket.error, ValueError):
            pass
    return None


def split_url(url):
    """Take a URL that passed check_url apart.

    Returns:
        URL: scheme, host, port (int), target.
    """
    scheme, dummy, rest = to_text(url).partition(u'://')
    authority, target = re.match(u'^([^/?#]*)([^#]*)', rest).groups()
    if not target.startswith(u'/'):
        target = u'/' + target
    match = re.match(u'^\\[?([^\\]]*?)\\]?(?::([0-9]+))?$', authority)
    return URL(scheme, match.group(1).lower(), int(match.group(2) or DEFAULT_PORTS[scheme]), target)


def host_and_port(parts):
    """A URL's host as people and Host headers write it: brackets around IPv6, the port where it is not the scheme's own."""
    host = u'[%s]' % parts.host if u':' in parts.host else parts.host
    return host if parts.port == DEFAULT_PORTS.get(parts.scheme) else u'%s:%d' % (host, parts.port)


def without_secrets(url):
    """A URL for messages: no user name, no password, no query (which may be a signature)."""
    text = re.sub(u'(://|^)[^/?#@\\s]*@', u'\\1', to_text(url))
    return re.sub(u'\\?.*$', u'?\u2026', text)
