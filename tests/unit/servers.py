# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers on loopback for tests: HTTP, TLS and proxies, honest and faulty, with certificates made by the openssl command."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import socket
import ssl
import struct
import subprocess
import threading

CONFIG = """
[ca]
default_ca = authority
[authority]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = anything
unique_subject = no
x509_extensions = leaf
[anything]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:false
authorityKeyIdentifier = keyid
{names}
"""

LONG_AGO, PAST, NOW_ISH, FUTURE, FAR_FUTURE = '20100101000000Z', '20240101000000Z', '20240601000000Z', '20490101000000Z', '20490601000000Z'


class Authority(object):
    """A certificate authority in a folder of its own.

    Args:
        folder (str): Where its files go.
        name (str): Its common name.
    """

    def __init__(self, folder, name):
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        self.certificate = os.path.join(self.folder, 'ca.pem')
        self._key = os.path.join(self.folder, 'ca.key')
        self._count = 0
        for path, text in (('index.txt', ''), ('serial', '1000\n')):
            with open(os.path.join(self.folder, path), 'w') as stream:
                stream.write(text)
        config = self._config('')
        self._new_key(self._key)
        self._openssl('req', '-new', '-x509', '-key', self._key, '-subj', '/CN=' + name, '-days', '3650', '-config', config,
                      '-extensions', 'root', '-out', self.certificate)  # fmt: skip

    def issue(self, common_name, names=None, start=NOW_ISH, end=FUTURE):
        """A certificate for a server, signed by this authority.

        Args:
            common_name (str): Its common name.
            names (list of str): subjectAltName entries such as 'DNS:a.example'; None: the common name; empty: no such extension.
            start, end (str): Its validity.

        Returns:
            str: Path of a PEM file with key and certificate.
        """
        names = ['DNS:' + common_name] if names is None else names
        return self._sign(common_name, names, start, end)

    def issue_self_signed(self, common_name, names=None):
        """A certificate that nobody but itself has signed."""
        return self._sign(common_name, ['DNS:' + common_name] if names is None else names, NOW_ISH, FUTURE, '-selfsign')

    def _sign(self, common_name, names, start, end, *options):
        self._count += 1
        base = os.path.join(self.folder, 'leaf%d' % self._count)
        config = self._config('subjectAltName = ' + ','.join(names) if names else '')
        self._new_key(base + '.key')
        self._openssl('req', '-new', '-key', base + '.key', '-subj', '/CN=' + common_name, '-config', config, '-out', base + '.csr')
        signer = ('-keyfile', base + '.key') if options else ('-keyfile', self._key, '-cert', self.certificate)
        self._openssl('ca', '-batch', '-notext', '-config', config, '-in', base + '.csr', '-out', base + '.crt',
                      '-startdate', start, '-enddate', end, *(signer + options))  # fmt: skip
        with open(base + '.pem', 'w') as stream:
            for path in (base + '.key', base + '.crt'):
                with open(path) as part:
                    stream.write(part.read())
        return base + '.pem'

    def _config(self, names):
        path = os.path.join(self.folder, 'openssl%d.cnf' % self._count)
        with open(path, 'w') as stream:
            stream.write(CONFIG.format(folder=self.folder, names=names))
        return path

    def _new_key(self, path):
        self._openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', path)

    @staticmethod
    def _openssl(*arguments):
        process = subprocess.Popen(('openssl',) + arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = process.communicate()[0]
        if process.returncode:
            raise RuntimeError('openssl %s: %s' % (' '.join(arguments), output))


class Request(object):
    """What a client asked."""

    def __init__(self, head):
        lines = head.decode('latin-1').split('\r\n')
        self.method, self.target = lines[0].split(' ')[:2]
        self.headers = dict((name.lower(), value.strip()) for name, colon, value in (line.partition(':') for line in lines[1:]) if colon)
        self.path, dummy, self.query = self.target.partition('?')


def answer(body=b'', status='200 OK', length=None, **headers):
    """The bytes of an HTTP answer.

    Args:
        body (bytes): Its body.
        status (str): Code and reason.
        length (int): What Content-Length says, if that is not the truth.
        headers: Further headers; an underscore stands for a hyphen.
    """
    headers.setdefault('Content_Length', len(body) if length is None else length)
    lines = ['HTTP/1.1 ' + status] + ['%s: %s' % (name.replace('_', '-'), value) for name, value in sorted(headers.items()) if value != '']
    return '\r\n'.join(lines + ['', '']).encode('latin-1') + body


class Server(object):
    """A server on loopback that runs from entering to leaving its `with` block.

    Args:
        reply (callable): Gets a Request, returns the bytes to send, or an iterator over them; what is sent is sent at once.
        certificate (str): PEM file with key and certificate: speak TLS.
        address (str): Where to listen.
        greet (callable): Gets each new connection before anything is read from it; if it returns True, that was all.
    """

    def __init__(self, reply=None, certificate=None, address='127.0.0.1', greet=None):
        self.requests = []
        self.stopped = threading.Event()
        self._reply = reply
        self._greet = greet
        self._context = None
        if certificate:
            self._context = ssl.SSLContext(getattr(ssl, 'PROTOCOL_TLS_SERVER', ssl.PROTOCOL_SSLv23))
            self._context.load_cert_chain(certificate)
        self._listener = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_STREAM)
        self._listener.bind((address, 0))
        self._listener.listen(64)
        self.address = address
        self.port = self._listener.getsockname()[1]

    def url(self, path='/', host=None):
        host = host or ('[%s]' % self.address if ':' in self.address else self.address)
        return u'%s://%s:%d%s' % ('https' if self._context else 'http', host, self.port, path)

    def __enter__(self):
        start_thread(self._serve)
        return self

    def __exit__(self, *dummy):
        self.stopped.set()
        # Wakes accept(): closing a listener does not.
        socket.create_connection((self.address, self.port)).close()

    def _serve(self):
        while True:
            connection = self._listener.accept()[0]
            if self.stopped.is_set():
                connection.close()
                self._listener.close()
                return
            start_thread(self._talk, connection)

    def _talk(self, connection):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._greet and self._greet(connection):
                return
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            head = read_head(connection)
            if not head:
                return
            request = Request(head)
            self.requests.append(request)
            pieces = self._reply(request)
            for piece in [pieces] if isinstance(pieces, bytes) else pieces:
                connection.sendall(piece)
            if self._context:
                connection = connection.unwrap()
            connection.shutdown(socket.SHUT_WR)
        except (IOError, OSError):
            # The client has seen enough: that is what many of the tests are about.
            pass
        finally:
            connection.close()


def read_head(connection):
    """The head of an HTTP message, up to the empty line; empty if it is none."""
    head = b''
    while not head.endswith(b'\r\n\r\n'):
        byte = connection.recv(1)
        # 0x16 begins what clients say first in TLS.
        if not byte or head + byte == b'\x16':
            return b''
        head += byte
    return head


def reset(connection):
    """Read the beginning of what a client says, then reset the connection."""
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    connection.close()
    return True


def hang_up(connection):
    """Take what a client says and close the connection."""
    connection.recv(65536)
    connection.shutdown(socket.SHUT_WR)
    connection.close()
    return True


def start_thread(target, *args):
    thread = threading.Thread(target=target, args=args)
    thread.daemon = True
    thread.start()


def closed_port():
    """A port on which nothing listens."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    probe.bind(('127.0.0.1', 0))
    port = probe.getsockname()[1]
    probe.close()
    return port


class DeafPort(object):
    """A port that answers no connection attempt at all: its queue is full and nobody accepts.

    Args:
        address (str): An IPv4 loopback address.
        port (int): 0: any.
    """

    def __init__(self, address='127.0.0.1', port=0):
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.bind((address, port))
        self._listener.listen(0)
        self.port = self._listener.getsockname()[1]
        self._clients = []

    def __enter__(self):
        for dummy in range(4):
            client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            client.setblocking(False)
            client.connect_ex(self._listener.getsockname())
            self._clients.append(client)
        return self

    def __exit__(self, *dummy):
        for client in self._clients + [self._listener]:
            client.close()


class Tunnel(object):
    """The handler of an HTTP proxy: CONNECT and absolute http:// requests, with a password if wished.

    Args:
        places (dict): Where hosts really are: (address, port) by host name.
        authorization (str): The Proxy-Authorization that is wanted.
        status (str): Answer CONNECT with this instead.
    """

    def __init__(self, places, authorization=None, status=None):
        self.requests = []
        self._places = places
        self._authorization = authorization
        self._status = status

    def __call__(self, connection):
        try:
            head = read_head(connection)
            if not head:
                return True
            request = Request(head)
            self.requests.append(request)
            if self._authorization and request.headers.get('proxy-authorization') != self._authorization:
                connection.sendall(answer(status='407 Proxy Authentication Required'))
            elif self._status:
                connection.sendall(answer(status=self._status))
            elif request.method == 'CONNECT':
                self._join(connection, socket.create_connection(self._places[request.target.rpartition(':')[0]]))
            else:
                connection.sendall(answer(('through the proxy: ' + request.target).encode('ascii')))
        finally:
            connection.close()
        return True

    @staticmethod
    def _join(client, server):
        client.sendall(b'HTTP/1.1 200 Connection established\r\n\r\n')
        start_thread(_pump, server, client)
        _pump(client, server)


def _pump(source, sink):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            sink.sendall(data)
    except (IOError, OSError):
        sink.close()
