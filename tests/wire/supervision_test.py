#!/usr/bin/env python3
"""Signals, deaths and reloads under traffic: who is refused (nobody), who is cut off (nobody else)."""
import os
import pathlib
import re
import signal
import socket
import tempfile
import time
import unittest

from support.client import Broken, Client, get
from support.gateway import Gateway
from support.load import Traffic
from support.origins import OK, Origin
from support.processes import accepts, children_of, wait_until


def slow(seconds):
    return lambda request, peer: time.sleep(seconds) or OK


class AWorkerProcessThatDies(unittest.TestCase):
    def test_nobody_is_refused_and_only_what_was_in_flight_is_lost(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            with Traffic(gateway.port, clients=4) as traffic:
                for death in range(1, 4):
                    traffic.wait_for(150)
                    time.sleep(1.1)
                    os.kill(gateway.worker(), signal.SIGKILL)
                    wait_until(lambda: gateway.errors().count(' serves, ') == death, 'another worker')
                traffic.wait_for(150)

            self.assertEqual(traffic.count('refused', 'wrong'), 0, traffic.bad())
            # At each death, each client loses at most what it had under way and one connection.
            self.assertLessEqual(len(traffic.bad()), 3 * 4, traffic.bad())
            self.assertEqual(gateway.errors().count('killed by signal 9'), 3)

    def test_connections_that_come_while_there_is_no_worker_wait_and_are_served(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            with Traffic(gateway.port, clients=4, keep_alive=False, pause=0) as traffic:
                traffic.wait_for(50)
                time.sleep(1.1)
                os.kill(gateway.worker(), signal.SIGKILL)
                traffic.wait_for(50)

            self.assertEqual(traffic.count('refused', 'wrong'), 0)
            self.assertLessEqual(len(traffic.bad()), 4, traffic.bad())

    def test_who_dies_again_and_again_is_replaced_ever_later_and_it_is_said(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            for death in range(1, 5):
                os.kill(gateway.worker(), signal.SIGKILL)
                wait_until(lambda: gateway.errors().count(' serves, ') == death, 'another worker')

            delays = re.findall(r'starting another in (\w+)', gateway.errors())
            self.assertEqual(delays, ['100ms', '200ms', '400ms'])
            self.assertEqual(get(gateway.port).status, 200)

    def test_a_worker_whose_supervisor_was_killed_ends_too(self):
        with Origin() as origin:
            gateway = Gateway([origin.port])
            worker = gateway.worker()
            gateway.program.kill()
            wait_until(lambda: not pathlib.Path(f'/proc/{worker}').exists(), 'the worker ends')

    def test_signals_meant_for_the_gateway_do_not_end_a_worker(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            worker = gateway.worker()
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                os.kill(worker, number)  # as a terminal or a service manager does to the whole group
            self.assertEqual(get(gateway.port).status, 200)
            self.assertEqual(gateway.worker(), worker)


class Stopping(unittest.TestCase):
    def test_a_request_in_flight_is_finished_and_new_ones_are_refused(self):
        with Origin(slow(1.0)) as origin, Gateway([origin.port]) as gateway:
            idle = self.enterContext(Client(gateway.port))
            busy = self.enterContext(Client(gateway.port))
            busy.send('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
            time.sleep(0.3)
            port = gateway.port
            gateway.program.signal(signal.SIGTERM)
            gateway.wait_for_text('told to stop')

            self.assertTrue(idle.is_ended())
            answer = busy.read_response()
            self.assertEqual((answer.status, answer.get('Connection')), (200, 'close'))
            self.assertEqual(gateway.program.wait(10), 0)
            with self.assertRaises(ConnectionRefusedError):
                Client(port)

    def test_the_drain_time_is_an_end(self):
        with Origin(slow(20)) as origin:
            with Gateway([origin.port], timeouts={'drain': '300ms'}) as gateway:
                client = self.enterContext(Client(gateway.port))
                client.send('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
                time.sleep(0.2)
                began = time.monotonic()
                gateway.program.signal(signal.SIGTERM)
                answer = client.read_response()
                self.assertEqual((answer.status, answer.get('Connection')), (503, 'close'))
                client.close()
                self.assertEqual(gateway.program.wait(10), 0)
                self.assertLess(time.monotonic() - began, 2)
                self.assertEqual(gateway.last_record()['fault'], 'gateway_draining')

    def test_a_response_that_is_under_way_when_the_drain_time_is_over_is_cut_visibly(self):
        def half(request, peer):
            peer.send(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it')
            time.sleep(20)
        with Origin(half) as origin:
            with Gateway([origin.port], timeouts={'drain': '300ms'}) as gateway:
                client = self.enterContext(Client(gateway.port))
                client.send('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
                client.read_head()
                gateway.program.signal(signal.SIGTERM)
                with self.assertRaises(Broken):
                    client.read_bytes(100)
                self.assertEqual(gateway.program.wait(10), 0)
                self.assertEqual(gateway.last_record()['fault'], 'gateway_draining')

    def test_an_interrupt_drains_and_a_second_one_ends_at_once(self):
        with Origin(slow(20)) as origin:
            gateway = Gateway([origin.port])
            client = self.enterContext(Client(gateway.port))
            client.send('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
            time.sleep(0.2)
            gateway.program.signal(signal.SIGINT)
            gateway.wait_for_text('interrupt again')
            gateway.program.signal(signal.SIGINT)
            gateway.program.wait(3)
            self.assertEqual(children_of(gateway.pid), [])

    def test_the_stop_command_returns_when_the_gateway_is_gone(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            done = gateway.command('stop')
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(gateway.program.wait(1), 0)
            again = gateway.command('stop')
            self.assertEqual(again.returncode, 1)
            self.assertIn(str(gateway.config_path), again.stderr)

    def test_an_upload_in_flight_is_finished(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            client = self.enterContext(Client(gateway.port))
            client.send(b'PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n' + b'x' * 500)
            time.sleep(0.2)
            gateway.program.signal(signal.SIGTERM)
            gateway.wait_for_text('told to stop')
            client.send(b'x' * 500)
            self.assertEqual(client.read_response('PUT').status, 200)
            self.assertEqual(len(origin.requests[0].body), 1000)


class Reloading(unittest.TestCase):
    def test_five_reloads_under_traffic_lose_nothing(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            with Traffic(gateway.port, clients=4) as kept, \
                    Traffic(gateway.port, clients=2, keep_alive=False) as new:
                for _ in range(5):
                    kept.wait_for(100)
                    done = gateway.command('reload')
                    self.assertEqual(done.returncode, 0, done.stderr)
                kept.wait_for(100)

            self.assertEqual(kept.bad() + new.bad(), [])

    def test_a_new_endpoint_is_used_and_the_old_one_is_left(self):
        with Origin() as old, Origin() as new, Gateway([old.port]) as gateway:
            with Client(gateway.port) as client:
                client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
                gateway.write_config(upstreams={'app': [f'http://127.0.0.1:{new.port}']})
                gateway.program.signal(signal.SIGHUP)
                gateway.wait_for_text('goodgate: reloaded')
                wait_until(lambda: get(gateway.port) and new.requests, 'the new endpoint is used', 1)
                before = len(old.requests)
                get(gateway.port)
            self.assertEqual(len(old.requests), before)

    def test_an_idle_client_may_ask_once_more_and_is_then_told_to_go(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            with Client(gateway.port) as client:
                client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
                self.assertEqual(gateway.command('reload').returncode, 0)
                time.sleep(0.3)
                answer = client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
                self.assertEqual((answer.status, answer.get('Connection')), (200, 'close'))
                self.assertTrue(client.is_ended())

    def test_a_worker_that_was_replaced_does_not_wait_long_for_idle_clients(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            with Client(gateway.port) as client:
                client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
                self.assertEqual(gateway.command('reload').returncode, 0)
                self.assertTrue(client.is_ended())
            wait_until(lambda: len(children_of(gateway.pid)) == 1, 'the old worker is gone', 2)

    def test_a_stop_ends_a_worker_that_was_replaced_too(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            with Client(gateway.port) as client:
                client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
                self.assertEqual(gateway.command('reload').returncode, 0)
                began = time.monotonic()
                self.assertEqual(gateway.command('stop').returncode, 0)
                # An idle client's connection is lingered on for 2 s, so that what it may just have
                # sent draws no reset; a replaced worker alone would have let it stay for 5 s.
                self.assertLess(time.monotonic() - began, 4)

    def test_a_bad_file_changes_nothing_and_says_why(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            with Traffic(gateway.port, clients=4) as traffic:
                traffic.wait_for(50)
                gateway.config_path.write_text('listeners: [":0"]\nupstream: {}\n')
                done = gateway.command('reload')
                traffic.wait_for(50)

            self.assertEqual(done.returncode, 1)
            self.assertIn('goodgate.yaml:2:1', done.stderr)
            self.assertIn('not reloaded', gateway.errors())
            self.assertEqual(traffic.bad(), [])

    def test_a_listener_that_cannot_be_bound_changes_nothing(self):
        with socket.socket() as taken, Origin() as origin, Gateway([origin.port]) as gateway:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            name = f'127.0.0.1:{taken.getsockname()[1]}'
            gateway.write_config(listeners=['127.0.0.1:0', name])
            done = gateway.command('reload')
            self.assertEqual(done.returncode, 1)
            self.assertIn(name, done.stderr)
            self.assertEqual(get(gateway.port).status, 200)

    def test_listeners_come_and_go(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            gateway.write_config(listeners=['127.0.0.1:0', '[::1]:0'])
            self.assertEqual(gateway.command('reload').returncode, 0)
            line = gateway.errors().splitlines()[-1]
            port = int(re.search(r'\[::1\]:(\d+)', line).group(1))
            with Client(port, host='::1') as client:
                self.assertEqual(client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n').status, 200)
            gateway.write_config(listeners=['127.0.0.1:0'])
            self.assertEqual(gateway.command('reload').returncode, 0)
            self.assertEqual(get(gateway.port).status, 200)
            wait_until(lambda: not accepts(port, '::1'), 'the listener is gone', 2)

    def test_a_request_that_was_under_way_ends_as_it_began(self):
        with Origin(slow(1.0)) as old, Origin() as new, Gateway([old.port]) as gateway:
            with Client(gateway.port) as client:
                client.send('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
                time.sleep(0.2)
                gateway.write_config(upstreams={'app': [f'http://127.0.0.1:{new.port}']})
                self.assertEqual(gateway.command('reload').returncode, 0)
                self.assertEqual(client.read_response().status, 200)
            self.assertEqual((len(old.requests), len(new.requests)), (1, 0))


class TellingSystemd(unittest.TestCase):
    def test_ready_reloading_and_stopping_are_told(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        path = f'{folder}/notify'
        service = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        service.bind(path)
        service.settimeout(20)

        def told(word):
            while True:
                message = service.recv(4096).decode()
                if message.startswith(word):
                    return message

        with Origin() as origin, Gateway([origin.port], env={'NOTIFY_SOCKET': path}) as gateway:
            self.assertIn('STATUS=listening on 127.0.0.1', told('READY=1'))
            gateway.program.signal(signal.SIGHUP)
            self.assertRegex(told('RELOADING=1'), r'MONOTONIC_USEC=\d+')
            told('READY=1')
            gateway.program.signal(signal.SIGTERM)
            told('STOPPING=1')


if __name__ == '__main__':
    unittest.main(verbosity=2)
