# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults: what is broken, what site.yml has to say about it, and what it has to leave as it was."""

from __future__ import annotations

import contextlib
import dataclasses

from fleet import HOSTS, LOOKS

TUNA, HUB_MIRROR = 'mirrors.tuna.tsinghua.edu.cn', 'docker.1ms.run'
EVERYTHING = tuple(LOOKS)
# A bare host learns of packages only when the repository is there: it stays.
BUT_FILES = ('packages', 'users', 'data')


@dataclasses.dataclass
class Fault:
    """One row.

    Attributes:
        name: What is wrong, in a few words.
        says: Words that the message on each host must have: for both, or a dictionary by host.
        network: Faults of the lab's network, by name.
        wish: Variables of the run.
        on_host: Context manager that gets the fleet and a host, and breaks something there.
        running: Whether the fault meets hosts on which Docker runs already; else bare ones.
        kept: What has to be as it was; names in LOOKS.
        harmless: Whether the run finds a way around it, and says nothing.
        quick: Whether make test has time for it.
    """

    name: str
    says: tuple | dict = ()
    network: dict = dataclasses.field(default_factory=dict)
    wish: dict = dataclasses.field(default_factory=dict)
    on_host: object = None
    running: bool = False
    kept: tuple = EVERYTHING
    harmless: bool = False
    quick: bool = False

    def words(self, host):
        return self.says[host] if isinstance(self.says, dict) else self.says

    @contextlib.contextmanager
    def broken(self, fleet):
        """While this lasts, it is broken."""
        with contextlib.ExitStack() as undo:
            for name, fault in self.network.items():
                undo.callback(fleet.fault, name, 'heal')
                fleet.fault(name, fault)
            if self.on_host:
                for host in HOSTS:
                    undo.enter_context(self.on_host(fleet, host))
            yield


def doing(breaks, heals):
    """A fault on a host that one command makes and another takes away."""
    @contextlib.contextmanager
    def on_host(fleet, host):
        fleet.shell(host, breaks)
        try:
            yield
        finally:
            fleet.shell(host, heals)
    return on_host


def daemon_json(content):
    """Somebody left this in daemon.json, which is not ours to mend; the host had none before."""
    return doing("mkdir -p /etc/docker && %s > /etc/docker/daemon.json" % content, 'rm -r /etc/docker')


def small_disk(folder, size):
    """The folder is a small disk of its own, with what was in it."""
    return doing(
        'mkdir -p %(folder)s /run/lab-disk && cp -a %(folder)s/. /run/lab-disk/ && mount -t tmpfs -o size=%(size)s tmpfs %(folder)s'
        ' && cp -a /run/lab-disk/. %(folder)s/' % {'folder': folder, 'size': size},
        'umount %s && rm -r /run/lab-disk' % folder,
    )


def full_disk(folder):
    """The folder is a disk of its own without a byte left."""
    return doing(
        'mkdir -p /run/lab-disk && cp -a %(folder)s/. /run/lab-disk/ && mount -t tmpfs -o size=64k tmpfs %(folder)s'
        ' && cp -a /run/lab-disk/. %(folder)s/ && ! cat /dev/zero 2>/dev/null > %(folder)s/filler' % {'folder': folder},
        'rm %(folder)s/filler && diff -r %(folder)s /run/lab-disk && umount %(folder)s && rm -r /run/lab-disk' % {'folder': folder},
    )


READ_ONLY_ETC = doing('mount --rbind /etc /etc && mount -o remount,bind,ro /etc', 'umount --recursive /etc')


@contextlib.contextmanager
def small_package_cache(fleet, host):
    folder = {'el7': '/var/cache/dnf', 'debian12': '/var/cache/apt/archives'}[host]
    with small_disk(folder, '2m')(fleet, host):
        yield


def clock(offset):
    """All that Ansible runs on the host believes in another day."""
    @contextlib.contextmanager
    def on_host(fleet, host):
        real = {'el7': '/usr/bin/python2.7', 'debian12': '/usr/bin/python3'}[host]
        fleet.shell(host, "printf '#!/bin/sh\\nexport FAKETIME=%s LD_PRELOAD=%%s\\nexec %s \"$@\"\\n' \"$(find /usr/lib -name libfaketime.so.1)\" > %s"
                    " && chmod 755 %s" % (offset, real, PYTHON_OF_OTHER_DAY, PYTHON_OF_OTHER_DAY))
        yield
    return on_host


PYTHON_OF_OTHER_DAY = '/usr/local/bin/python-of-other-day'
OTHER_DAY = {'ansible_python_interpreter': PYTHON_OF_OTHER_DAY}
PWNED = 'test ! -e /run/pwned'

FAULTS = [
    # the way to the packages
    Fault('the name of the mirror is unknown', ('dns: ', TUNA), {TUNA: 'nxdomain'}),
    Fault('the name of the mirror leads to a stranger', ('tls: ', 'certificate is for'), {TUNA: 'poisoned'}),
    Fault('the mirror refuses connections', ('tcp: connection refused', 'Healthy from here'), {TUNA: 'dead'}),
    Fault('the mirror never answers', ('tcp: no answer within 3 s',), {TUNA: 'silent'}, {'docker_repo_timeout': 3}),
    Fault('the connection is reset in the TLS handshake', ('tls: connection reset',), {TUNA: 'reset'}),
    Fault('a certificate of another name', ('tls: ', 'certificate is for'), {TUNA: 'wrong-name'}),
    Fault('an expired certificate', ('tls: ', 'expired'), {TUNA: 'expired'}),
    Fault('a self-signed certificate', ('tls: ', 'self-signed'), {TUNA: 'self-signed'}),
    Fault('a certificate of an unknown authority', ('tls: ', 'authority'), {TUNA: 'unknown-authority'}),
    Fault('the mirror answers 403', ('http 403', 'Forbidden'), {TUNA: 'forbidden'}),
    Fault('the mirror answers 404', ('http 404',), {TUNA: 'not-found'}),
    Fault('the mirror answers 503', ('http 503',), {TUNA: 'unavailable'}),
    Fault('a page for sale instead of a mirror', ('web page',), {TUNA: 'html'}),
    Fault('empty answers', ('an empty file',), {TUNA: 'empty'}),
    Fault('the lists of packages are missing', ('mid-sync: ',), {TUNA: 'no-primary'}),
    Fault('the lists of packages are being replaced', ('mid-sync: ',), {TUNA: 'bad-checksum'}),
    Fault('a link of 500 bytes a second', ('too slow: only ', 'bytes/s'), {TUNA: 'slow'}, {'docker_repo_timeout': 3}),
    Fault('the clock is 20 years behind', ('certificate is not yet valid', 'check the clock'), wish=OTHER_DAY, on_host=clock('-20y')),
    Fault('the clock is 80 years ahead', ('certificate expired on', 'check the clock'), wish=OTHER_DAY, on_host=clock('+80y')),
    # the key
    Fault('a second key smuggled in', ('/gpg', 'fingerprint'), {TUNA: 'two-keys'}),
    Fault("a stranger's key", ('/gpg', 'fingerprint'), {TUNA: 'wrong-key'}),
    Fault('half a key', ('/gpg', 'key'), {TUNA: 'truncated-key'}),
    Fault('an empty key file', harmless=True, network={TUNA: 'empty-key'}),
    # the packages
    Fault('packages that end too early', ('docker',), {TUNA: 'truncated'}, kept=BUT_FILES),
    Fault('a version that nobody published', ('26.99', 'earest'), wish={'docker_engine_version': '26.99'}, kept=BUT_FILES),
    Fault('no room for the packages', ('space', '"df -h" shows which'), on_host=small_package_cache, kept=BUT_FILES),
    # the host
    Fault('a distribution that Docker does not build for', ('Amazon Linux', 'othing was changed'), on_host=doing(
        "cp -P /etc/os-release /run/os-release && rm /etc/os-release && "
        "printf 'ID=\"amzn\"\\nVERSION_ID=\"2\"\\nID_LIKE=\"centos rhel fedora\"\\n' > /etc/os-release",
        'rm /etc/os-release && cp -P /run/os-release /etc/os-release')),
    Fault('/etc is read-only', ('Read-only file system',), on_host=READ_ONLY_ETC, quick=True),
    Fault("the folder of the repositories' files is full", ('No space left on device', 'Make room'), on_host=lambda fleet, host: full_disk(
        {'el7': '/etc/yum.repos.d', 'debian12': '/etc/apt/sources.list.d'}[host])(fleet, host)),
    Fault('a masked unit', ('masked',), on_host=doing(
        'ln -s /dev/null /etc/systemd/system/docker.service', 'rm /etc/systemd/system/docker.service')),
    Fault('an ordinary user without become', ('become',), wish={'ansible_become': False, 'ansible_user': 'admin'}),
    # daemon.json as others left it
    Fault('a comma too many in daemon.json', ('/etc/docker/daemon.json line 2, column 43', 'a comma before'), on_host=daemon_json(
        "printf '{\\n  \"registry-mirrors\": [\"https://m.example\",],\\n}\\n'")),
    Fault('a web page in daemon.json', ('/etc/docker/daemon.json', 'HTML'), on_host=daemon_json("echo '<!doctype html><title>404</title>'")),
    Fault('a singular key in daemon.json', ('registry-mirrors',), on_host=daemon_json("echo '{\"registry-mirror\": [\"https://m.example\"]}'")),
    Fault('two documents in daemon.json', ('/etc/docker/daemon.json',), on_host=daemon_json("echo '{} {}'")),
    Fault('10 MB of daemon.json', ('/etc/docker/daemon.json',), on_host=daemon_json("head -c 10485760 /dev/zero | tr '\\0' '['")),
    Fault('daemon.json is a folder', ('/etc/docker/daemon.json',), on_host=doing('mkdir -p /etc/docker/daemon.json', 'rm -r /etc/docker')),
    # hostile and careless variables
    Fault('a command as name of a mirror', ('docker_repo_mirror',), wish={'docker_repo_mirror': '$(touch /run/pwned)'}),
    Fault('a command as version', ('version',), wish={'docker_engine_version': '26.1; touch /run/pwned'}, kept=BUT_FILES),
    Fault('an option as name of a package', ('--nogpgcheck',), wish={'docker_engine_packages': ['docker-ce', '--nogpgcheck']}, kept=BUT_FILES),
    Fault('a command as name of a user', ('touch',), wish={'docker_engine_users': ['root;touch /run/pwned']}, kept=BUT_FILES),
    Fault('a user that does not exist', ('n\u00fc\u540d',), wish={'docker_engine_users': ['n\u00fc\u540d']}, kept=BUT_FILES),
    Fault('a misspelt option', ('registry-mirors', 'registry-mirrors'), wish={'docker_daemon_options': {'registry-mirors': []}}),
    Fault('an option of the wrong type', ('live-restore',), wish={'docker_daemon_options': {'live-restore': 'ja'}}),
    # Certificates may come with docker_daemon_tls: only daemon_json, after the packages, knows of both.
    Fault('the API open to the world', ('2375',), wish={'docker_daemon_options': {'hosts': ['tcp://0.0.0.0:2375']}}, kept=('data',)),
    # the way to the images
    *(
        Fault('the only registry mirror: ' + name, words + ('one of the mirrors',), {HUB_MIRROR: fault}, {'docker_daemon_mirror_timeout': 3}, running=True)
        for name, fault, words in (
            ('dead', 'dead', ('tcp: ',)),
            ('silent', 'silent', ('tcp: ',)),
            ('a page for sale', 'html', ('http: ',)),
            ('a login page', 'login', ('login',)),
            ('wants to be paid', 'payment', ('402',)),
            ('limits pulls', 'limited', ('429',)),
            ('asks for a token, but does not say where', 'no-challenge', ('http: ',)),
            ('has no images', 'no-manifest', ('manifest: ',)),
        )
    ),
    # the daemon
    Fault('options with which the daemon does not start', ('nosuch0',), wish={'docker_daemon_options': {'bridge': 'nosuch0'}}, running=True),
    Fault('docker.sock is a folder, as a bind mount makes it where there is none', ('docker.socket', '/run/docker.sock'), running=True, on_host=doing(
        'systemctl stop docker.socket docker.service && rm -f /run/docker.sock && mkdir /run/docker.sock', 'rmdir /run/docker.sock')),
    Fault('a daemon that dies after its start', ('docker',), wish={'docker_daemon_options': {'bip': '172.29.0.1/24'}}, running=True, on_host=doing(
        'mkdir -p /run/systemd/system/docker.service.d && printf "[Service]\\nExecStartPost=/bin/false\\n" > /run/systemd/system/docker.service.d/lab.conf'
        ' && systemctl daemon-reload',
        'rm -r /run/systemd/system/docker.service.d && systemctl daemon-reload')),
    Fault('/etc/docker is full', ('No space left on device',), wish={'docker_daemon_options': {'debug': True}}, running=True,
          on_host=full_disk('/etc/docker'), quick=True),
    Fault('/etc is read-only for a change of options', ('Read-only file system',), wish={'docker_daemon_options': {'debug': True}}, running=True,
          on_host=READ_ONLY_ETC),
]
