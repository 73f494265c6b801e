#!/usr/bin/env python3
"""Endpoint health over real sockets: found dead, found back, shared by threads, kept over a reload."""
import os
import re
import signal
import time
import unittest

from support.client import get
from support.gateway import Gateway
from support.origins import OK, Origin
from support.processes import free_port, wait_until


def ask(gateway, times):
    return [get(gateway.port).status for _ in range(times)]


def endpoint(gateway, index):
    return gateway.status()['upstreams'][0]['endpoints'][index]


def changes(gateway, port):
    """What was said of that endpoint, without what it was before."""
    return re.findall(rf'goodgate: 127\.0\.0\.1:{port} of app is (.*?), was', gateway.errors())


class Health(unittest.TestCase):
    def test_a_dead_endpoint_is_taken_out_and_found_back_and_both_are_said(self):
        dead = free_port()
        with Origin() as alive, Gateway([alive.port, dead]) as gateway:
            self.assertEqual(set(ask(gateway, 12)), {200})
            wait_until(lambda: changes(gateway, dead), 'a line about the dead endpoint')
            self.assertEqual(endpoint(gateway, 1)['state'], 'ejected')
            self.assertIn('connect_refused', endpoint(gateway, 1)['reason'])
            self.assertIn('was up: connect_refused', gateway.errors())
            # Past its second the checks, not requests, find it dead still.
            time.sleep(2.5)
            before = endpoint(gateway, 1)['requests']
            self.assertEqual(set(ask(gateway, 12)), {200})
            self.assertEqual(endpoint(gateway, 1)['requests'], before)
            self.assertRegex(gateway.admin('/metrics'),
                             r'goodgate_endpoint_checks_total\{.*:%d".*result="failed"\} [1-9]' % dead)

            with Origin(port=dead):
                wait_until(lambda: ask(gateway, 4) and endpoint(gateway, 1)['state'] == 'recovering',
                           'the endpoint is used again')
                self.assertIn('recovering', changes(gateway, dead)[-1])

    def test_what_one_thread_meets_all_threads_know(self):
        dead = free_port()
        with Origin() as alive, Gateway([alive.port, dead], threads=4) as gateway:
            for _ in range(40):
                self.assertEqual(get(gateway.port).status, 200)  # a connection, so any thread, each
            self.assertEqual(endpoint(gateway, 1)['faults'], 1)
            self.assertEqual(len(changes(gateway, dead)), 1, gateway.errors())

    def test_a_reload_and_a_death_of_the_worker_process_keep_an_ejection(self):
        dead = free_port()
        with Origin() as alive, Gateway([alive.port, dead]) as gateway:
            self.assertEqual(set(ask(gateway, 12)), {200})
            wait_until(lambda: changes(gateway, dead), 'a line about the dead endpoint')
            self.assertEqual(gateway.command('reload').returncode, 0)
            self.assertEqual(endpoint(gateway, 1)['state'], 'ejected')
            self.assertEqual(set(ask(gateway, 12)), {200})
            self.assertEqual(endpoint(gateway, 1)['faults'], 0)

            time.sleep(1.1)
            os.kill(gateway.worker(), signal.SIGKILL)
            gateway.wait_for_text(' serves, ')
            self.assertEqual(endpoint(gateway, 1)['state'], 'ejected')
            self.assertEqual(set(ask(gateway, 12)), {200})
            self.assertEqual(endpoint(gateway, 1)['faults'], 0)

    def test_an_endpoint_that_asks_for_time_is_left_alone(self):
        def tired(request, peer):
            return b'HTTP/1.1 503 Later\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n'

        with Origin() as well, Origin(tired) as ill, \
                Gateway([well.port, ill.port], threads=1) as gateway:
            self.assertEqual(set(ask(gateway, 30)), {200})
            self.assertEqual(len(ill.requests), 1)

    def test_a_page_that_fails_takes_an_endpoint_out_without_any_request(self):
        ill = []

        def answer(request, peer):
            sick = ill and request.target == '/healthz'
            return b'HTTP/1.1 500 Ill\r\nContent-Length: 0\r\n\r\n' if sick else OK

        upstream = {'health': {'get': '/healthz', 'every': '200ms', 'unhealthy_after': 2, 'host': 'app'}}
        with Origin() as other, Origin(answer) as origin:
            upstream['endpoints'] = [f'http://127.0.0.1:{o.port}' for o in (other, origin)]
            with Gateway(upstreams={'app': upstream}) as gateway:
                wait_until(lambda: origin.requests, 'a check')
                self.assertEqual(origin.requests[0].get('Host'), 'app')
                self.assertEqual(endpoint(gateway, 1)['state'], 'up')
                ill.append(True)
                wait_until(lambda: endpoint(gateway, 1)['state'] == 'ejected', 'it is taken out')
                self.assertIn('checks in a row failed', endpoint(gateway, 1)['reason'])
                ill.clear()
                wait_until(lambda: endpoint(gateway, 1)['state'] == 'recovering', 'it is back')


if __name__ == '__main__':
    unittest.main(verbosity=2)
