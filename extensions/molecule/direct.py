# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module on a host with no ansible in between, which takes five times as long. How roles call modules is what the plays of the scenarios show."""

from __future__ import annotations

import functools
import io
import json
import pathlib
import subprocess
import tarfile

import ansible.module_utils

COLLECTION = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = '/run/lab-modules'
# What Ansible's own wrapper does: the parameters go into basic, and the module is run as a program.
START = '''
import runpy, sys
sys.path.insert(0, "%s")
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = getattr(sys.stdin, "buffer", sys.stdin).read()
basic._ANSIBLE_PROFILE = "legacy"
runpy.run_module("ansible_collections.dockfleet.host.plugins.modules." + sys.argv[1], run_name="__main__", alter_sys=True)
''' % LIBRARY


@functools.lru_cache(maxsize=None)
def _library():
    """What modules import, as an archive: ansible.module_utils and the collection. Unpacked, for the host's Python to keep what it has compiled."""
    sources = {
        'ansible/module_utils': pathlib.Path(ansible.module_utils.__file__).parent,
        'ansible_collections/dockfleet/host/plugins/module_utils': COLLECTION / 'plugins/module_utils',
        'ansible_collections/dockfleet/host/plugins/modules': COLLECTION / 'plugins/modules',
    }
    files = {
        pathlib.PurePosixPath(place, file.relative_to(folder)): file.read_bytes() for place, folder in sources.items() for file in sorted(folder.rglob('*.py'))
    }
    for package in {parent / '__init__.py' for file in files for parent in file.parents if parent.name}:
        files.setdefault(package, b'')
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w') as archive:
        for file, content in files.items():
            member = tarfile.TarInfo(str(file))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@functools.lru_cache(maxsize=None)
def _deliver(container):
    unpack = 'rm -rf {0} && mkdir {0} && tar -xf - -C {0}'.format(LIBRARY)
    subprocess.run(['docker', 'exec', '--interactive', container, 'sh', '-c', unpack], input=_library(), check=True)


def run_module(container, name, check=False, diff=False, **wish):
    """Run a module of the collection.

    Args:
        container (str): The host, as Docker calls it.
        name (str): The module, such as daemon_json.
        check (bool): Check mode.
        diff (bool): Whether the result has a diff.
        wish: The module's parameters.

    Returns:
        dict: The result; "failed" is in it where the module says so.
    """
    _deliver(container)
    arguments = dict(wish, _ansible_check_mode=check, _ansible_diff=diff)
    done = subprocess.run(
        ['docker', 'exec', '--interactive', container, 'sh', '-c', 'exec $(command -v python2.7 || command -v python3) -c "$0" "$1"', START, name],
        input=json.dumps({'ANSIBLE_MODULE_ARGS': arguments}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
    )
    assert done.stdout, done.stderr
    # A module that fails does not say that it has changed nothing; ansible does.
    return {'changed': False, **json.loads(done.stdout.splitlines()[-1])}
