# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the daemon is reached and what it reaches: endpoints, certificates, proxies, the unit. See conftest.py for the hosts that are asked."""

from __future__ import annotations

import base64
import json
import subprocess

import pytest

from conftest import MIRROR, TOGETHER

FOLDER = '/etc/systemd/system/docker.service.d'
HOSTS, PROXY, TLS = FOLDER + '/zz-dockfleet-hosts.conf', FOLDER + '/zz-dockfleet-proxy.conf', '/etc/docker/dockfleet-tls'


@pytest.fixture(scope='module')
def material(machine, tmp_path_factory):
    """Paths of certificates on the controller: an authority, a daemon's, a client's, and those of a stranger."""
    folder = tmp_path_factory.mktemp('tls')
    names = 'subjectAltName=IP:127.0.0.1,IP:::1,IP:' + machine.check_output('hostname -i').split()[0]

    def openssl(*arguments):
        subprocess.run(['openssl', *arguments], check=True, capture_output=True, cwd=folder)

    for authority in ('ca', 'other-ca'):
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=' + authority, '-days', '3',
                '-keyout', authority + '.key', '-out', authority)
    for name, authority in (('daemon', 'ca'), ('renewed', 'ca'), ('client', 'ca'), ('stranger', 'other-ca')):
        (folder / 'names').write_text(names)
        openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=' + name, '-keyout', name + '.key',
                '-out', name + '.csr')
        openssl('x509', '-req', '-in', name + '.csr', '-CA', authority, '-CAkey', authority + '.key', '-CAcreateserial', '-days', '3', '-extfile', 'names',
                '-out', name)
    machine.check_output('rm -rf /root/client && mkdir /root/client')
    for name in ('ca', 'client', 'client.key', 'stranger', 'stranger.key'):
        machine.check_output('echo %s | base64 -d > /root/client/%s' % (base64.b64encode((folder / name).read_bytes()).decode(), name))
    return folder


def tls(material, name='daemon', **more):
    return {'ca': str(material / 'ca'), 'cert': str(material / name), 'key': str(material / (name + '.key')), **more}


def ask(machine, address, *options, client='client'):
    """The engine's version as a client gets it there."""
    shown = ['--tlscert', '/root/client/' + client, '--tlskey', '/root/client/%s.key' % client] if client else []
    options = options or ('--tlsverify', '--tlscacert', '/root/client/ca')
    return machine.run('docker -H tcp://%s %s version --format {{.Server.Version}}' % (address, ' '.join([*options, *shown])))


def test_B80_the_api_opens_to_clients_with_a_certificate_and_to_nobody_else(machine, docker, material):
    machine.check_output('sysctl -w net.ipv6.conf.lo.disable_ipv6=0')
    result = docker.json(tls=tls(material))
    assert result['action'] == 'restart' and HOSTS in result['changed_files']
    assert machine.file(TLS + '/key.pem').mode == 0o600 and (material / 'daemon.key').read_text().splitlines()[1] not in json.dumps(result)
    version, own = docker.info('.ServerVersion'), machine.check_output('hostname -i').split()[0]
    for address in ('127.0.0.1:2376', '[::1]:2376', own + ':2376'):
        assert ask(machine, address).stdout.strip() == version, address
        for refused in (
            ask(machine, address, client=None),
            ask(machine, address, client='stranger'),
            ask(machine, address, '--tls=false', client=None),
        ):
            assert refused.rc != 0 and version not in refused.stdout
    assert docker.mirrors == [MIRROR] and 'fd://' not in machine.check_output('cat /proc/$(cat /run/docker.pid)/cmdline')
    process = docker.process
    assert not docker.json(tls=tls(material))['changed'] and docker.process == process
    # What is wrong is told on the controller, and nothing changes.
    wrong = docker.json(tls=dict(tls(material), key=str(material / 'client.key')))
    assert wrong['stage'] == 'tls' and 'not that of the first certificate' in wrong['msg'] and docker.process == process
    renewed = docker.json(tls=tls(material, 'renewed'))
    assert renewed['changed_files'] == [TLS + '/cert.pem', TLS + '/key.pem'] and renewed['changed_keys'] == [] and docker.process != process
    assert ask(machine, '127.0.0.1:2376').rc == 0
    gone = docker.json()
    assert gone['action'] == 'restart' and docker.options == TOGETHER and docker.mirrors == [MIRROR]
    assert not machine.file(HOSTS).exists and not machine.file(TLS + '/key.pem').exists
    assert ask(machine, '127.0.0.1:2376').rc != 0 and '-H' in machine.check_output('tr "\\0" " " < /proc/$(cat /run/docker.pid)/cmdline').split()


def test_B41_endpoints_that_cannot_be_opened_are_rolled_back_with_their_drop_in(machine, docker):
    before = docker.text
    result = docker.json({'hosts': ['unix:///proc/nosuch/docker.sock']})
    assert result['stage'] == 'restart' and '/proc/nosuch' in result['msg'] and 'the daemon runs with it again' in result['msg']
    assert docker.text == before and docker.mirrors == [MIRROR] and not machine.file(HOSTS).exists


def test_a_file_that_cannot_be_written_leaves_no_drop_in_and_nothing_owed(machine, docker):
    before, process = docker.text, docker.process
    machine.check_output('mount --bind /etc/docker /etc/docker && mount -o remount,bind,ro /etc/docker')
    try:
        refused = docker.json({'hosts': ['fd://', 'tcp://127.0.0.1:2375']})
        assert refused['stage'] == 'write' and 'Read-only file system' in refused['msg']
    finally:
        machine.check_output('umount /etc/docker')
    assert not machine.file(HOSTS).exists and docker.text == before
    assert not docker.json()['changed'] and docker.process == process


def test_B80_plain_tcp_is_refused(machine, docker):
    before, process = docker.text, docker.process
    for endpoint in ('tcp://0.0.0.0:2375', 'tcp://[::]:2376'):
        assert 'everyone who reaches it is root' in docker.json({'hosts': ['fd://', endpoint]})['msg']
    certificates = dict.fromkeys(['tlscacert', 'tlscert', 'tlskey'], '/nosuch.pem')
    assert 'has no such file' in docker.json({'hosts': ['tcp://0.0.0.0:2376'], 'tlsverify': True, **certificates})['msg']
    assert (docker.text, docker.process) == (before, process) and not machine.file(HOSTS).exists


def test_B41_a_flag_in_a_drop_in_that_systemd_does_not_know_yet_is_seen(machine, docker):
    before, process = docker.text, docker.process
    machine.check_output('mkdir -p %s && printf "[Service]\\nExecStart=\\nExecStart=/usr/bin/dockerd -H fd:// --mtu=1400\\n" > %s/own.conf' % (FOLDER, FOLDER))
    try:
        refused = docker.json({'mtu': 1450})
        assert refused['stage'] == 'flags' and '"mtu" cannot stand in' in refused['msg'] and FOLDER + '/own.conf' in refused['msg']
        assert (docker.text, docker.process) == (before, process)
    finally:
        machine.check_output('rm %s/own.conf' % FOLDER)


def test_B77_the_proxy_reaches_the_daemon_to_the_letter_and_nobody_else_reads_it(machine, docker):
    url, direct = 'http://user:p%40s%25s$%20x@proxy.example:3128', '.corp.example,docker.1ms.run'
    wish = {'https_proxy': url, 'no_proxy': ['.corp.example']}
    result = docker.json(proxy=wish)
    assert result['action'] == 'restart' and 'p%40s' not in json.dumps(result)
    if docker.engine < 23:
        assert result['changed_files'] == [PROXY] and machine.file(PROXY).mode == 0o600
        environment = machine.check_output('tr "\\0" "\\n" < /proc/$(cat /run/docker.pid)/environ').splitlines()
        assert 'HTTPS_PROXY=' + url in environment and 'NO_PROXY=' + direct in environment
    else:
        assert docker.options['proxies'] == {'https-proxy': url, 'no-proxy': direct} and machine.file('/etc/docker/daemon.json').mode == 0o600
    assert 'proxy.example:3128' in docker.info('.HTTPSProxy') and docker.info('.NoProxy') == direct
    assert not docker.json(proxy=wish)['changed']
    assert docker.json()['action'] == 'restart' and docker.options == TOGETHER and not machine.file(PROXY).exists
    assert docker.info('.HTTPSProxy') == ''
