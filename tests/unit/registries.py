# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry and its token server reply, for the servers of servers.py: one small image, by the way of a real pull."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import json

from ansible_collections.dockfleet.host.tests.unit.servers import answer

INDEX = 'application/vnd.oci.image.index.v1+json'
MANIFEST = 'application/vnd.oci.image.manifest.v1+json'


def digest_of(content):
    return 'sha256:' + hashlib.sha256(content).hexdigest()


def dumps(content):
    return json.dumps(content, sort_keys=True).encode('ascii')


CONFIG = b'{"architecture":"any"}'
SINGLE = dumps({'config': {'digest': digest_of(CONFIG), 'size': len(CONFIG)}, 'layers': []})
LIST = dumps({'manifests': [{'digest': digest_of(SINGLE)}]})


class Registry(object):
    """A registry's replies.

    Args:
        images (dict): Manifest (bytes) by path below /v2/, such as 'library/hello-world/manifests/latest'.
        realm (callable): Gives the URL of the token server; None: nobody has to log in.
        basic (str): The Authorization that is wanted instead.
        replies (dict): Whole answers by path, before anything else.
        header (bool): Whether Docker-Content-Digest is sent.
        methods (tuple): What is allowed for manifests.
    """

    def __init__(self, images=None, realm=None, basic=None, replies=None, header=True, methods=('HEAD', 'GET'), challenge_ping=True, scope=None):
        self.images = {'library/hello-world/manifests/latest': LIST} if images is None else images
        self.realm = realm
        self.basic = basic
        self.replies = replies or {}
        self.header = header
        self.methods = methods
        self.challenge_ping = challenge_ping
        self.scope = scope
        self.objects = dict((digest_of(content), content) for content in (CONFIG, SINGLE, LIST))

    def __call__(self, request):
        if request.path in self.replies:
            return self.replies[request.path]
        if self.basic and request.headers.get('authorization') != self.basic:
            return answer(status='401 Unauthorized', WWW_Authenticate='Basic realm="x"')
        if self.realm and request.headers.get('authorization') != 'Bearer %s' % self._wanted(request):
            if request.path != '/v2/' or self.challenge_ping:
                scope = ',scope="%s"' % self.scope if self.scope else ''
                return answer(status='401 Unauthorized', WWW_Authenticate='Bearer realm="%s",service="lab"%s' % (self.realm(), scope))
        if request.path == '/v2/':
            return answer(b'{}', Docker_Distribution_Api_Version='registry/2.0')
        path = request.path[len('/v2/'):]
        content = self.images.get(path, self.objects.get(path.rpartition('/')[2]))
        if content is None:
            return answer(b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}', '404 Not Found')
        if '/manifests/' in path and request.method not in self.methods:
            return answer(status='405 Method Not Allowed')
        kind = INDEX if b'"manifests"' in content else MANIFEST
        return answer(content if request.method == 'GET' else b'', length=len(content), Content_Type=kind,
                      Docker_Content_Digest=digest_of(content) if self.header else '')  # fmt: skip

    def _wanted(self, request):
        scope = self.scope or 'repository:%s:pull' % '/'.join(request.path.split('/')[2:-2])
        return token_for(scope) if request.path != '/v2/' else 'none'


def token_for(scope):
    return hashlib.sha256(scope.encode('ascii')).hexdigest()


def tokens(request):
    """A token server that gives everyone what the scope says."""
    query = dict(part.split('=') for part in request.query.split('&'))
    return answer(dumps({'token': token_for(query.get('scope', ''))}))
