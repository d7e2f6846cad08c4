# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import subprocess
import sys
import textwrap
import threading

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._net import fetch
from ansible_collections.dockfleet.host.plugins.module_utils._side_by_side import side_by_side
from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline
from ansible_collections.dockfleet.host.tests.unit import servers
from ansible_collections.dockfleet.host.tests.unit.asking import PATIENCE, hello
from ansible_collections.dockfleet.host.tests.unit.servers import DeafPort, Server, answer

pytestmark = pytest.mark.usefixtures('no_proxy_from_outside')


def test_side_by_side_is_at_the_same_time():
    # Each of the servers' answers waits until all have been asked.
    jobs = 12
    asked = []
    all_asked = threading.Event()

    def reply(request):
        asked.append(request)
        if len(asked) == jobs:
            all_asked.set()
        all_asked.wait(PATIENCE)
        return answer(request.target.encode('ascii'))

    deadline = Deadline(PATIENCE)
    with Server(reply) as server:
        results = side_by_side([lambda path='/%d' % index: fetch(server.url(path), deadline=deadline).body for index in range(jobs)], deadline)
    assert results == [b'/%d' % index if sys.version_info[0] > 2 else '/%d' % index for index in range(jobs)]


def test_twenty_endpoints_of_which_ten_are_dead():
    deadline = Deadline(1)
    with Server(hello) as server, DeafPort() as deaf, Server(greet=lambda dummy: mute.stopped.wait(PATIENCE)) as mute:
        urls = [server.url(), u'http://127.0.0.1:%d/' % deaf.port, server.url(), u'https://127.0.0.1:%d/' % mute.port] * 5
        results = side_by_side([lambda url=url: fetch(url, deadline=deadline, timeout=PATIENCE).status for url in urls], deadline)
    assert [result if result == 200 else (result.stage, result.cause) for result in results] == [
        200, (u'tcp', u'no answer within 1 s'), 200, (u'tls', u'no answer within 1 s'),
    ] * 5  # fmt: skip


def test_job_that_forgets_the_deadline():
    released = threading.Event()
    with Server(hello) as server:

        def forgetful():
            fetch(server.url('/x'), timeout=PATIENCE)
            released.wait(PATIENCE)

        result = side_by_side([forgetful, lambda: 5], Deadline(0.5))
    released.set()
    assert result[1] == 5
    assert (result[0].stage, result[0].cause, result[0].url) == (u'http', u'no answer within 0.5 s', server.url('/x'))


def test_refusals_are_results_and_mistakes_are_raised():
    def refuse():
        raise DockfleetError('no')

    assert side_by_side([refuse], Deadline(PATIENCE))[0].message == u'no'
    with pytest.raises(ZeroDivisionError):
        side_by_side([lambda: 1 // 0], Deadline(PATIENCE))


def test_hanging_threads_do_not_keep_the_process():
    program = textwrap.dedent(u"""
        import socket, sys, threading
        sys.path[:] = %r
        import conftest
        from ansible_collections.dockfleet.host.plugins.module_utils._net import fetch
        from ansible_collections.dockfleet.host.plugins.module_utils._side_by_side import side_by_side
        from ansible_collections.dockfleet.host.plugins.module_utils._wire import Deadline
        socket.getaddrinfo = lambda *dummy: threading.Event().wait()
        deadline = Deadline(0.2)
        for result in side_by_side([lambda: fetch(u'https://m.example/', deadline=deadline)] * 3, deadline):
            sys.stdout.write(result.stage + ' ')
    """) % ([os.path.dirname(servers.__file__)] + sys.path,)
    process = subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.communicate() == (b'dns dns dns ', b'')
    assert process.returncode == 0
