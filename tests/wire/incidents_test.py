#!/usr/bin/env python3
"""`goodgate incidents`: from errors that clients see to the cause, the place and what to do."""
import json
import re
import unittest

from support.client import Client, get
from support.gateway import Gateway
from support.origins import OK, Origin
from support.processes import wait_until


class Incidents(unittest.TestCase):
    def start(self, **upstreams):
        routes = [{'path': f'/{name}/', 'to': name} for name in upstreams]
        self.gateway = self.enterContext(Gateway(upstreams={
            name: [f'http://127.0.0.1:{origin.port}' for origin in origins]
            for name, origins in upstreams.items()}, routes=routes))

    def origin(self, answer):
        return self.enterContext(Origin(answer))

    def dead_origin(self):
        origin = Origin()
        origin.close()
        return origin

    def incidents(self):
        done = self.gateway.command('incidents', '--json')
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)['incidents']

    def incident_of(self, fault):
        found = [i for i in self.incidents() if i['fault']['name'] == fault]
        self.assertEqual(len(found), 1, self.incidents())
        return json.loads(self.gateway.command('incidents', str(found[0]['id']), '--json').stdout)

    def test_nothing_failed(self):
        self.start(app=[self.origin(lambda request, peer: OK)])
        get(self.gateway.port, '/app/')
        self.assertIn('nothing failed', self.gateway.command('incidents').stdout)
        self.assertEqual(self.gateway.command('incidents', '7').returncode, 1)
        self.assertEqual(self.gateway.command('incidents', 'x').returncode, 2)

    def test_causes_are_told_apart_with_place_and_remedy(self):
        tls = b'\x15\x03\x03\x00\x02\x02\x46'
        self.start(dead=[self.dead_origin()],
                   mute=[self.origin(lambda request, peer: peer.close())],
                   other=[self.origin(lambda request, peer: (peer.send(tls), peer.close())[1])],
                   ill=[self.origin(lambda request, peer:
                                    b'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n')],
                   cut=[self.origin(lambda request, peer: (peer.send(
                       b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab'), peer.close())[1])])
        names = {'dead': 'connect_refused', 'mute': 'closed_before_head', 'other': 'not_http',
                 'ill': 'upstream_error_status', 'cut': 'body_truncated'}
        for path in names:
            self.assertGreaterEqual(get(self.gateway.port, f'/{path}/').status, 502)

        for upstream, fault in names.items():
            incident = self.incident_of(fault)
            self.assertEqual(incident['upstream'], upstream)
            self.assertRegex(incident['endpoint'], r'127\.0\.0\.1:\d+')
            self.assertGreaterEqual(incident['failed'], 1)
            self.assertTrue(incident['evidence'], incident)
            self.assertTrue(incident['remedies'], incident)
        self.assertIn('speaks TLS', self.incident_of('not_http')['remedies'][0])
        self.assertIn('ss -ltn', self.incident_of('connect_refused')['remedies'][0])

    def test_the_operator_is_led_from_the_log_to_the_request(self):
        self.start(app=[self.dead_origin()])
        identity = get(self.gateway.port, '/app/').get('x-request-id')
        self.gateway.wait_for_text('incident 1 began: connect_refused at')

        table = self.gateway.command('incidents').stdout
        detail = self.gateway.command('incidents', '1').stdout

        self.assertRegex(table, r'1 +open .* upstream: connect_refused at 127')
        self.assertIn('first to do: Nothing accepts connections', table)
        self.assertIn(f'goodgate explain {identity}', detail)
        self.assertIn('the gateway started', detail)
        self.assertIn('is ejected', detail)
        metrics = self.gateway.admin('/metrics')
        self.assertRegex(metrics, r'(?m)^goodgate_incidents_open [1-9]')
        self.assertRegex(metrics, r'(?m)^goodgate_flight_records_lost_total 0$')

    def test_a_kept_connection_that_closes_early_names_the_setting(self):
        """Races that nobody but the gateway sees: the client gets every answer."""
        def answer(request, peer):
            if peer.request_number % 2:
                return OK
            peer.close()
            return None

        self.start(app=[self.origin(answer)])
        with Client(self.gateway.port) as client:
            for _ in range(8):
                client.send('GET /app/ HTTP/1.1\r\nHost: t\r\n\r\n')
                self.assertEqual(client.read_response().status, 200)
        wait_until(lambda: self.incidents(), 'an incident')
        incident = self.incident_of('keep_alive_race')
        self.assertEqual(incident['failed'], 0)
        self.assertGreaterEqual(incident['rescued'], 1)
        self.assertTrue(any(re.search('on kept connections', line) for line in incident['evidence']))


if __name__ == '__main__':
    unittest.main()
