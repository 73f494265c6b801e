#!/usr/bin/env python3
"""No descriptor left, too many clients: what cannot be served is refused, the rest goes on."""
import resource
import time
import unittest

from support.client import Broken, Client, get
from support.gateway import Gateway
from support.load import Traffic
from support.origins import OK, Origin
from support.processes import wait_until


def few_descriptors(count):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def answers(port):
    """While clients are still being shed, a connection may be closed instead."""
    try:
        return get(port).status == 200
    except (Broken, OSError):
        return False


class RunningOut(unittest.TestCase):
    def open_clients(self, port, count):
        clients = []
        for _ in range(count):
            clients.append(self.enterContext(Client(port, timeout=5)))
        return clients

    def test_when_descriptors_run_out_the_gateway_lives_and_recovers(self):
        with Origin() as origin, Gateway([origin.port], prepare=few_descriptors(100)) as gateway:
            worker = gateway.worker()
            clients = self.open_clients(gateway.port, 200)
            served = 0
            for client in clients[:30]:
                client.socket.settimeout(2)
                try:
                    client.send('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
                    served += client.read_response().status in (200, 503)
                except (Broken, OSError):
                    pass
            for client in clients:
                client.close()

            wait_until(lambda: answers(gateway.port), 'it recovers', 10)
            self.assertEqual(gateway.worker(), worker)
            self.assertGreater(served, 0)
            refused = gateway.admin('/metrics')
            self.assertIn('goodgate_client_connections_refused_total', refused)

    def test_few_descriptors_mean_few_clients_no_faults_and_an_admin_interface_that_answers(self):
        answer = lambda request, peer: time.sleep(1) or OK
        with Origin(answer) as origin, Gateway([origin.port], threads=1,
                                               prepare=few_descriptors(80)) as gateway:
            clients = self.open_clients(gateway.port, 40)
            for client in clients:
                client.send('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
            statuses = []
            for client in clients:
                try:
                    statuses.append(client.read_response().status)
                except (Broken, OSError):
                    statuses.append(None)
            self.assertIn(200, statuses)
            self.assertLessEqual(set(statuses), {200, 503, None})
            faults = {r.get('fault') for r in gateway.records()} - {None}
            self.assertLessEqual(faults, {'descriptors_exhausted'})
            self.assertIn('80 descriptors are enough for 24 clients', gateway.errors())
            # The operator is served even now.
            self.assertEqual(gateway.status()['upstreams'][0]['endpoints'][0]['state'], 'up')

    def test_clients_beyond_the_limit_are_turned_away_and_counted(self):
        with Origin() as origin, Gateway([origin.port], limits={'connections': 5}) as gateway:
            kept = self.open_clients(gateway.port, 5)
            for client in kept:
                client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
            with self.assertRaises((Broken, OSError)), Client(gateway.port) as client:
                client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
            kept[0].close()

            def served():
                try:
                    return get(gateway.port).status == 200
                except (Broken, OSError):
                    return False

            wait_until(served, 'a place is free again')
            self.assertRegex(gateway.admin('/metrics'),
                             r'goodgate_client_connections_refused_total [1-9]')

    def test_connections_to_an_endpoint_stay_within_their_limit(self):
        answer = lambda request, peer: time.sleep(0.05) or OK
        with Origin(answer) as origin:
            limited = {'app': {'endpoints': [f'http://127.0.0.1:{origin.port}'],
                               'limits': {'connections': 2}}}
            with Gateway(upstreams=limited) as gateway:
                with Traffic(gateway.port, clients=6) as traffic:
                    traffic.wait_for(60)
                self.assertLessEqual({what for _, _, what in traffic.outcomes}, {200, 503})
                self.assertLessEqual(len([p for p in origin.peers if p.socket.fileno() >= 0]), 2)
                faults = {r.get('fault') for r in gateway.records(len(traffic.outcomes))} - {None}
                self.assertEqual(faults, {'connection_limit_reached'})


if __name__ == '__main__':
    unittest.main(verbosity=2)
