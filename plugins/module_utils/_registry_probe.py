# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry probe: does what a pull does, from here and now, and stops short of the layers. What answers mean, _registry.py says."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import json
import os
import platform

try:
    from urllib.parse import quote
except ImportError:  # Python 2
    from urllib import quote

from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text
from ansible_collections.dockfleet.host.plugins.module_utils import _registry
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._hosts_file import HostsFile, decode
from ansible_collections.dockfleet.host.plugins.module_utils._image import HUB, image_name, is_hub, parse_image
from ansible_collections.dockfleet.host.plugins.module_utils._net import fetch
from ansible_collections.dockfleet.host.plugins.module_utils._net_error import NetError
from ansible_collections.dockfleet.host.plugins.module_utils._page import looks_like_html
from ansible_collections.dockfleet.host.plugins.module_utils._proxy import basic_authorization, in_network, is_local
from ansible_collections.dockfleet.host.plugins.module_utils._side_by_side import side_by_side
from ansible_collections.dockfleet.host.plugins.module_utils._url import check_url, host_and_port, split_url, without_secrets
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline

ARGUMENT_SPEC = {
    'registries': {'type': 'list', 'elements': 'str', 'required': True},
    'images': {'type': 'list', 'elements': 'str', 'default': ['library/hello-world:latest']},
    'credentials': {
        'type': 'list',
        'elements': 'dict',
        'default': [],
        'options': {
            'registry': {'type': 'str', 'required': True},
            'username': {'type': 'str', 'required': True},
            'password': {'type': 'str', 'required': True, 'no_log': True},
        },
    },
    'insecure_registries': {'type': 'list', 'elements': 'str', 'default': []},
    'ca_file': {'type': 'path'},
    'read_blob': {'type': 'bool', 'default': False},
    'timeout': {'type': 'float', 'default': 10},
    'order': {'type': 'str', 'choices': ['given', 'latency']},
}

DAEMON_JSON = '/etc/docker/daemon.json'

# Where dockerd looks for authorities of single registries.
CERTIFICATES = '/etc/docker/certs.d'

# What a proxy on the way remembers proves nothing about the registry.
UNCACHED = {'Cache-Control': 'no-cache'}

_MANIFEST_BYTES = 4 << 20
_BLOB_BYTES = 1 << 16
_ARCHITECTURES = {'x86_64': 'amd64', 'aarch64': 'arm64', 'i686': '386', 'armv7l': 'arm'}


def probe(wish):
    """Probe registries side by side.

    Args:
        wish (dict): Parameters as ARGUMENT_SPEC has them.

    Returns:
        dict: registries (list of dict, in the wished order), healthy (list of their URLs), table (list of str); with an order: mirrors (list of URLs) and
            left_out (list of str, a sentence for each).
    """
    deadline = Deadline(wish['timeout'])
    images = [parse_image(text) for text in wish['images']]
    probes = [_Probe(url, images, wish, deadline) for url in wish['registries']]
    for one, outcome in zip(probes, side_by_side([one.run for one in probes], deadline)):
        if isinstance(outcome, NetError):
            one.fail(outcome.stage, outcome.cause)
        elif isinstance(outcome, DockfleetError):
            # Not the registry's fault: a proxy or a file of authorities that cannot be used.
            raise outcome
    found = [one.report for one in probes]
    _registry.mark_stale(found)
    pins = pinned()
    for entry in found:
        entry['notes'] += _registry.advice(entry, pins)
    result = {
        'registries': found,
        'healthy': [entry['url'] for entry in found if entry['verdict'] == _registry.HEALTHY],
        'table': _registry.table_of(found),
    }
    if wish['order']:
        result['mirrors'], result['left_out'] = _registry.choose_mirrors(found, wish['order'], configured_mirrors())
    return result


def pinned(path='/etc/hosts'):
    """What others than docker_dns wrote into the hosts file; nothing where it cannot be read."""
    try:
        with open(path, 'rb') as stream:
            return HostsFile(decode(stream.read())[0]).pins()
    except (IOError, OSError, DockfleetError):
        return []


def configured_mirrors(path=DAEMON_JSON):
    """The mirrors that the daemon is told to use now; none where its file cannot be read: who writes it will say why."""
    try:
        with open(path, 'rb') as stream:
            mirrors = json.loads(to_text(stream.read())).get('registry-mirrors')
    except (IOError, OSError, ValueError, AttributeError):
        mirrors = None
    return [to_text(mirror) for mirror in mirrors] if isinstance(mirrors, list) else []


def walk(url, images, resolve, deadline):
    """Go the way of a pull, blob and all, by given addresses and without a proxy, for the names that it needs.

    Args:
        url (str): The registry.
        images (list of str): Of these the first that it serves is taken.
        resolve (dict): Addresses (list of str) by name; other names are looked up.
        deadline (Deadline): When to end.

    Returns:
        dict: As an entry of the module's result; hosts are the names, as far as it came.
    """
    wish = dict((name, option.get('default')) for name, option in ARGUMENT_SPEC.items())
    wish.update(images=images, read_blob=True, resolve=resolve, proxy=u'')
    one = _Probe(url, [parse_image(image) for image in images], wish, deadline)
    one.run()
    return one.report


class _Failed(Exception):
    """The probe of one registry, or of one image, has come to its end.

    Args:
        stage (str), cause (str): Where and why.
    """

    def __init__(self, stage, cause):
        super(_Failed, self).__init__(cause)
        self.stage = stage
        self.cause = cause


class _Probe(object):
    """One registry under test.

    Attributes:
        report (dict): The entry of the module's result.
    """

    def __init__(self, url, images, wish, deadline):
        self.report = dict(
            _registry.verdict(), url=without_secrets(to_text(url).strip()), latency_ms=None, addresses=[], hosts=[], rate_limit={}, notes=[]
        )
        self._url = url
        self._images = images
        self._wish = wish
        self._deadline = deadline
        self._challenge = None
        self._tokens = {}

    def run(self):
        try:
            self._prepare()
            self._knock()
            served = [self._ask_for(image) for image in self._wished]
            self.report.update(_registry.verdict(images=served))
            if self._wish['read_blob']:
                self._try_blob(served)
        except _Failed as failure:
            self.fail(failure.stage, failure.cause)

    def fail(self, stage, cause):
        self.report.update(_registry.verdict(error=(stage, cause)))

    # What is to be asked, and how.

    def _prepare(self):
        try:
            url = check_url(self._url, what=u'The registry', query=False).rstrip(u'/')
        except DockfleetError as error:
            raise _Failed(u'url', error.message)
        parts = self._parts = split_url(url)
        self._base = url
        self._pair = self._credentials(parts)
        self._note_host(url)
        remark = _registry.remark_on(parts.host)
        if remark:
            self.report['notes'].append(remark)
        own = [image for image in self._images if image.registry != HUB and split_url(u'%s://%s' % (parts.scheme, image.registry))[:3] == parts[:3]]
        self._wished = own or [image for image in self._images if image.registry == HUB]
        # Mirrors are told whose images are meant, as the engine tells them.
        self._namespace = u'' if own or is_hub(parts.host) else u'?ns=' + HUB
        self._insecure = is_local(parts.host) or is_listed(parts, self._wish['insecure_registries'])
        if parts.scheme == u'http' and own and not self._insecure:
            raise _Failed(
                u'url',
                u'Docker asks a registry by plain http only where it is listed as insecure. List "%s" in insecure_registries, or write https://.'
                % host_and_port(parts),
            )
        if parts.scheme == u'http' and not is_local(parts.host):
            self.report['notes'].append(u'%s is asked by plain http: whoever is on the way can put other images in the place of these.' % parts.host)
        self._ca_files = tuple(authorities(host_and_port(parts))) + ((self._wish['ca_file'],) if self._wish['ca_file'] else ())

    def _credentials(self, parts):
        """'user:password' for this registry; None where there is none."""
        for entry in self._wish['credentials']:
            place = to_text(entry['registry']).rpartition(u'://')[2].rstrip(u'/')
            if place == host_and_port(parts) or (is_hub(place) and is_hub(parts.host)):
                return u'%s:%s' % (to_text(entry['username']), to_text(entry['password']))
        return None

    # The steps of a pull.

    def _knock(self):
        """GET /v2/: is there a registry, and how does one log in?"""
        try:
            response = self._fetch(self._base + u'/v2/')
        except NetError as error:
            response = self._knock_by_http(error)
        self.report['latency_ms'] = response.timings['total_ms']
        self.report['rate_limit'].update(_registry.rate_limit(response.headers))
        fault = _registry.fault_of_ping(response)
        if fault:
            raise _Failed(u'http', fault)
        if response.status == 401:
            self._challenge = _registry.choose_challenge(response.headers.get('WWW-Authenticate'))
            if self._challenge.scheme == u'basic':
                self._log_in()
            elif not self._wished:
                self._token(self._challenge, None)

    def _knock_by_http(self, error):
        """As dockerd does with a registry that is listed as insecure: http where https fails."""
        if not self._insecure or self._parts.scheme == u'http':
            raise _Failed(error.stage, error.cause)
        self._base = u'http' + self._base[len(u'https'):]
        try:
            response = self._fetch(self._base + u'/v2/')
        except NetError:
            response = None
        if response is None or _registry.fault_of_ping(response):
            # Docker would go on without a proof, but here nothing is ever said over TLS that is not verified.
            raise _Failed(error.stage, error.cause)
        self.report['notes'].append(u'https fails (%s: %s), so it is asked by plain http.' % (error.stage, error.cause))
        return response

    def _log_in(self):
        if not self._pair:
            raise _Failed(u'token', u'wants a user name and a password')
        try:
            response = self._fetch(self._base + u'/v2/', {'Authorization': basic_authorization(self._pair)})
        except NetError as error:
            raise _Failed(error.stage, error.cause)
        if response.status == 401:
            raise _Failed(u'token', u'does not accept the user name and password (http 401)')
        fault = _registry.fault_of_ping(response)
        if fault:
            raise _Failed(u'token', fault)

    def _ask_for(self, image):
        """HEAD manifest: the image's entry for the verdict."""
        entry = {'image': image_name(image), 'digest': u'', 'stage': u'', 'cause': u''}
        try:
            response = self._manifest(image, image.reference, 'HEAD')
            entry['digest'] = response.headers.get('Docker-Content-Digest') or self._digest(image)
        except _Failed as failure:
            entry.update(stage=failure.stage, cause=failure.cause)
        return entry

    def _digest(self, image):
        """The digest that a registry leaves out of its headers."""
        return u'sha256:' + to_text(hashlib.sha256(self._manifest(image, image.reference, 'GET').body).hexdigest())

    def _manifest(self, image, reference, method):
        url = u'%s/v2/%s/manifests/%s%s' % (self._base, image.repository, reference, self._namespace)
        response = self._authorized(image, url, u'manifest', {'Accept': u', '.join(_registry.MANIFEST_TYPES)}, method=method)
        if response.status in (405, 501) and method == 'HEAD':
            return self._manifest(image, reference, 'GET')
        fault = _registry.fault_of_manifest(response)
        if fault:
            raise _Failed(u'manifest', fault)
        return response

    def _try_blob(self, served):
        """The smallest blob of the first image that is served: its configuration."""
        for image, entry in zip(self._wished, served):
            if not entry['cause']:
                try:
                    self._blob(image, entry['digest'])
                except _Failed as failure:
                    self.report.update(_registry.verdict(images=served, blob_fault=failure.cause))
                return

    def _blob(self, image, digest):
        manifest = self._read_json(image, digest)
        if 'manifests' in manifest:
            chosen = _registry.pick_manifest(manifest, _ARCHITECTURES.get(platform.machine(), platform.machine()))
            manifest = self._read_json(image, chosen) if chosen else {}
        wished = to_text((manifest.get('config') or {}).get('digest') or u'')
        if not wished:
            raise _Failed(u'blob', u'the manifest of %s names no blob' % image_name(image))
        url = u'%s/v2/%s/blobs/%s%s' % (self._base, image.repository, wished, self._namespace)
        response = self._authorized(image, url, u'blob', {}, max_bytes=_BLOB_BYTES)
        if response.status != 200:
            raise _Failed(u'blob', _registry.fault_of_status(response))
        if looks_like_html(response.body):
            raise _Failed(u'blob', u'%s shows a web page instead of the blob' % split_url(response.url).host)
        if not response.truncated and u'sha256:' + to_text(hashlib.sha256(response.body).hexdigest()) != wished:
            raise _Failed(u'blob', u'%s sends something else than the blob %s' % (split_url(response.url).host, wished))

    def _read_json(self, image, digest):
        try:
            manifest = json.loads(to_text(self._manifest(image, digest, 'GET').body))
        except ValueError:
            manifest = None
        if not isinstance(manifest, dict):
            raise _Failed(u'manifest', u'the manifest %s of %s is no JSON object' % (digest, image_name(image)))
        return manifest

    # Asking.

    def _authorized(self, image, url, stage, headers, **options):
        """Ask with what the registry wants to see; a challenge that comes only now is answered once."""
        try:
            response = self._fetch(url, self._authorization(self._challenge, image, headers), **options)
            challenge = _registry.choose_challenge(response.headers.get('WWW-Authenticate')) if response.status == 401 else None
            if challenge and challenge.scheme == u'bearer' and self._token_key(challenge, image) not in self._tokens:
                self._challenge = challenge
                response = self._fetch(url, self._authorization(challenge, image, headers), **options)
        except NetError as error:
            raise _Failed(stage, u'%s: %s' % (error.stage, error.cause))
        self.report['rate_limit'].update(_registry.rate_limit(response.headers))
        return response

    def _authorization(self, challenge, image, headers):
        if not challenge:
            return headers
        if challenge.scheme == u'basic':
            return dict(headers, Authorization=basic_authorization(self._pair or u''))
        return dict(headers, Authorization=u'Bearer ' + self._token(challenge, image))

    @staticmethod
    def _token_key(challenge, image):
        """What a token is asked with: realm, service, scope."""
        own_scope = u'repository:%s:pull' % image.repository if image else u''
        return tuple(challenge.parameters.get(name, default) for name, default in ((u'realm', u''), (u'service', u''), (u'scope', own_scope)))

    def _token(self, challenge, image):
        """The token for pulling an image, from wherever the challenge says."""
        key = self._token_key(challenge, image)
        if key not in self._tokens:
            self._tokens[key] = self._fetch_token(*key)
        return self._tokens[key]

    def _fetch_token(self, realm, service, scope):
        try:
            realm = check_url(realm, what=u'The token realm')
        except DockfleetError as error:
            raise _Failed(u'token', error.message)
        if self._pair and realm.startswith(u'http:') and not self._insecure:
            raise _Failed(u'token', u'wants the password to be sent to %s by plain http' % split_url(realm).host)
        query = [(u'service', service), (u'scope', scope)]
        if self._pair:
            query.insert(0, (u'account', self._pair.partition(u':')[0]))
        words = u'&'.join(u'%s=%s' % (name, to_text(quote(to_bytes(value), safe='/:,'))) for name, value in query if value)
        url = realm.partition(u'#')[0]
        if words:
            url += (u'&' if u'?' in url else u'?') + words
        try:
            response = self._fetch(url, {'Authorization': basic_authorization(self._pair)} if self._pair else {})
        except NetError as error:
            host = split_url(realm).host
            raise _Failed(u'token', u'answers, but no pull token can be had from %s (%s: %s)' % (host, error.stage, error.cause))
        token = _registry.token_of(response) if response.status == 200 else None
        if not token:
            raise _Failed(u'token', _registry.fault_of_token(response, bool(self._pair)))
        return token

    def _fetch(self, url, headers=None, method='GET', max_bytes=_MANIFEST_BYTES):
        self._note_host(url)
        try:
            response = fetch(
                url, method, dict(headers or {}, **UNCACHED), timeout=self._deadline.seconds, deadline=self._deadline, ca_file=self._ca_files,
                max_bytes=max_bytes, resolve=self._wish.get('resolve'), proxy=self._wish.get('proxy'),
            )  # fmt: skip
        except NetError as error:
            # Where a redirect led to.
            self._note_host(error.url or url)
            raise
        for place in response.hops + [response.url]:
            self._note_host(place)
        if response.address and split_url(response.url).host == self._parts.host:
            _add(self.report['addresses'], response.address)
        return response

    def _note_host(self, url):
        """Keep the names that a pull needs."""
        _add(self.report['hosts'], split_url(url).host)


def _add(known, item):
    if item not in known:
        known.append(item)


def is_listed(parts, entries):
    """Whether a registry is one of daemon.json's insecure-registries: host, host:port or network."""
    for entry in entries:
        entry = to_text(entry).strip().rpartition(u'://')[2].rstrip(u'/').lower()
        network, slash, bits = entry.partition(u'/')
        if entry in (parts.host, host_and_port(parts), u'%s:%d' % (parts.host, parts.port)):
            return True
        if slash and bits.isdigit() and in_network(parts.host, network, int(bits)):
            return True
    return False


def authorities(place, folder=CERTIFICATES):
    """The files of authorities that dockerd trusts for one registry: certs.d/<host[:port]>/*.crt."""
    folder = os.path.join(to_native(folder), to_native(place))
    try:
        return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith('.crt'))
    except OSError:
        return []
