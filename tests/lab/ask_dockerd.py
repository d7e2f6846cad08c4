# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run inside a container by test_daemon_json_against_dockerd.py: what each engine says to each file.

Engine 20.10 has no "dockerd --validate", and that of the others leaves out what fails at the start. So each file is given to a start of the
real daemon, which is ended as soon as it turns to its containerd or to its runc: by then it has read, checked and taken over its configuration.
"""

import base64
import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

PAST_ITS_CONFIGURATION = re.compile(b'module=grpc|runc features|containerd client')


# That a start may take to get there or to give up.
SECONDS = 20


def ask(engine, folder, data):
    """The last words of a daemon that does not start with a file; None where it does."""
    path = os.path.join(folder, 'daemon.json')
    with open(path, 'wb') as stream:
        stream.write(data)
    own = {'data-root': folder + '/root', 'exec-root': folder + '/run', 'pidfile': folder + '/pid', 'containerd': folder + '/nobody.sock'}
    flags = ['--%s=%s' % (key, value) for key, value in own.items() if b'"%s"' % key.encode() not in data]
    if b'"hosts"' not in data:
        flags.append('--host=unix://%s/api.sock' % folder)
    daemon = subprocess.Popen(
        [engine + '/usr/bin/dockerd', '--config-file', path] + flags,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={'PATH': engine + '/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin'},
    )
    # Engine 20.10 never ends with a relative data-root.
    end = threading.Timer(SECONDS, daemon.kill)
    end.start()
    said = b''
    for line in daemon.stderr:
        if PAST_ITS_CONFIGURATION.search(line):
            daemon.kill()
            said = None
            break
        said = line
    end.cancel()
    daemon.wait()
    for name in ('pid', 'api.sock'):
        try:
            os.unlink(os.path.join(folder, name))
        except OSError:
            pass
    return None if said is None else said.decode('utf-8', 'replace').strip()


def ask_all(engine, package, files):
    folder = '/tmp/' + engine
    os.mkdir(folder)
    subprocess.run(['dpkg-deb', '--extract', package, folder + '/engine'], check=True)
    return [ask(folder + '/engine', folder, base64.b64decode(data)) for data in files]


def main():
    asked = json.load(sys.stdin)
    with ThreadPoolExecutor() as pool:
        answers = {engine: pool.submit(ask_all, engine, asked['packages'][engine], files) for engine, files in asked['files'].items()}
    json.dump({engine: answer.result() for engine, answer in answers.items()}, sys.stdout)


main()
