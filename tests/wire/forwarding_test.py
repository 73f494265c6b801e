#!/usr/bin/env python3
"""What the origin learns of the client, and which fields stay on their hop."""
import re
import unittest

from support.client import Client, ask, get
from support.gateway import Gateway
from support.origins import OK, Origin

TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'


class FieldsOnTheirWay(unittest.TestCase):
    def start(self, answer=lambda request, peer: OK, **more):
        self.origin = self.enterContext(Origin(answer))
        self.gateway = self.enterContext(Gateway([self.origin.port], **more))

    def send(self, fields='', path='/', host='shop.example'):
        """What the origin got."""
        self.answer = ask(self.gateway.port,
                          f'GET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n')
        return self.origin.requests[-1]

    def test_the_origin_learns_client_host_scheme_and_gateway(self):
        self.start()
        seen = self.send()
        self.assertEqual(seen.get('Host'), 'shop.example')
        self.assertEqual(seen.get('X-Forwarded-For'), '127.0.0.1')
        self.assertEqual(seen.get('X-Forwarded-Proto'), 'http')
        self.assertEqual(seen.get('X-Forwarded-Host'), 'shop.example')
        self.assertEqual(seen.get('Forwarded'), 'for=127.0.0.1;host="shop.example";proto=http')
        self.assertEqual(seen.get('Via'), '1.1 gate')

    def test_a_stranger_cannot_say_who_they_are(self):
        self.start()
        seen = self.send('X-Forwarded-For: 192.0.2.66\r\nX-Forwarded-Proto: https\r\n'
                         'X-Forwarded-Host: evil.example\r\nForwarded: for=192.0.2.66\r\n'
                         'X_Forwarded_For: 192.0.2.66\r\nX-Request-Id: chosen\r\n')
        self.assertEqual(seen.get('X-Forwarded-For'), '127.0.0.1')
        self.assertEqual(seen.get('X-Forwarded-Proto'), 'http')
        self.assertEqual(seen.get('X-Forwarded-Host'), 'shop.example')
        self.assertNotIn('192.0.2.66', str(seen.fields))
        self.assertNotEqual(seen.get('X-Request-Id'), 'chosen')
        self.assertEqual(self.gateway.last_record()['client'], '127.0.0.1')

    def test_a_trusted_proxy_is_believed_and_continued(self):
        self.start(trusted_proxies=['127.0.0.1'])
        seen = self.send('X-Forwarded-For: 192.0.2.66\r\nX-Forwarded-Proto: https\r\n'
                         'X-Forwarded-Host: real.example\r\nForwarded: for=192.0.2.66\r\n'
                         'X-Request-Id: chosen-by-the-edge\r\n')
        self.assertEqual(seen.get('X-Forwarded-For'), '192.0.2.66, 127.0.0.1')
        self.assertEqual(seen.get('X-Forwarded-Proto'), 'https')
        self.assertEqual(seen.get('X-Forwarded-Host'), 'real.example')
        self.assertTrue(seen.get('Forwarded').startswith('for=192.0.2.66, for=127.0.0.1;'))
        self.assertEqual(seen.get('X-Request-Id'), 'chosen-by-the-edge')
        self.assertEqual(self.gateway.last_record()['id'], 'chosen-by-the-edge')

    def test_a_trusted_proxys_client_is_the_one_that_rules_and_logs_speak_of(self):
        self.start(trusted_proxies=['127.0.0.1'],
                   routes=[{'path': '/', 'to': 'app', 'deny': ['192.0.2.0/24']}])
        denied = get(self.gateway.port, '/', 'X-Forwarded-For: 192.0.2.66\r\n')
        allowed = get(self.gateway.port, '/', 'X-Forwarded-For: 192.0.2.66, 198.51.100.7\r\n')
        self.assertEqual((denied.status, allowed.status), (403, 200))
        records = self.gateway.records(2)
        self.assertEqual([r['client'] for r in records], ['192.0.2.66', '198.51.100.7'])
        self.assertEqual([r['peer'] for r in records], ['127.0.0.1'] * 2)

    def test_hop_by_hop_fields_of_requests_end_here(self):
        self.start()
        seen = self.send('Connection: close, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\n'
                         'Proxy-Connection: keep-alive\r\nTE: gzip\r\nProxy-Authorization: Basic x\r\n'
                         'X-Kept: 1\r\n')
        names = {name.lower() for name, _ in seen.fields}
        self.assertLessEqual({'x-kept', 'via', 'host'}, names)
        self.assertFalse(names & {'connection', 'x-secret', 'keep-alive', 'proxy-connection'}, names)

    def test_hop_by_hop_fields_of_responses_end_here(self):
        self.start(lambda request, peer: (
            b'HTTP/1.1 200 OK\r\nConnection: X-Inner, keep-alive\r\nX-Inner: 1\r\n'
            b'Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nX-Kept: 1\r\n'
            b'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 3\r\n\r\nok\n'))
        self.send()
        names = {name.lower() for name, _ in self.answer.fields}
        self.assertFalse(names & {'x-inner', 'keep-alive', 'proxy-connection', 'connection'}, names)
        self.assertEqual(self.answer.all('Set-Cookie'), ['a=1', 'b=2'])
        self.assertEqual(self.answer.get('X-Kept'), '1')

    def test_a_field_that_connection_may_not_name_is_kept(self):
        self.start()
        seen = self.send('Connection: Cookie, Host\r\nCookie: a=1\r\n')
        self.assertEqual((seen.get('Cookie'), seen.get('Host')), ('a=1', 'shop.example'))

    def test_a_trace_is_made_or_passed_on(self):
        self.start()
        made = self.send().get('traceparent')
        passed_on = self.send(f'traceparent: {TRACE}\r\ntracestate: a=b\r\n')
        mended = self.send('traceparent: 00-zz-1-01\r\ntracestate: a=b\r\n')
        self.assertRegex(made, r'^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$')
        self.assertEqual((passed_on.get('traceparent'), passed_on.get('tracestate')), (TRACE, 'a=b'))
        self.assertRegex(mended.get('traceparent'), r'^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$')
        self.assertIsNone(mended.get('tracestate'))

    def test_request_ids_are_new_each_time_and_the_same_everywhere(self):
        self.start()
        ids = []
        for _ in range(3):
            seen = self.send().get('X-Request-Id')
            ids.append(seen)
        logged = [r['id'] for r in self.gateway.records(3)]
        self.assertEqual(logged, ids)
        self.assertEqual(len(set(ids)), 3)

    def test_an_absolute_target_becomes_a_path_and_decides_the_host(self):
        self.start()
        seen = self.send(path='http://other.example/a/b?c=%2F', host='shop.example')
        self.assertEqual((seen.target, seen.get('Host')), ('/a/b?c=%2F', 'other.example'))
        self.assertEqual(self.gateway.last_record()['host'], 'other.example')

    def test_targets_are_passed_on_byte_for_byte(self):
        self.start()
        for target in ('/a%2Fb/../c//d?x=1&y=%20%', '/?', '/a;b=c', '//double', '/%7Euser/{x}'):
            with self.subTest(target=target):
                self.assertEqual(self.send(path=target).target, target)

    def test_options_for_the_server_and_max_forwards(self):
        self.start()
        port = self.gateway.port
        star = ask(port, 'OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n')
        self.assertEqual(self.origin.requests[-1].line, 'OPTIONS * HTTP/1.1')
        ask(port, 'OPTIONS / HTTP/1.1\r\nHost: t\r\nMax-Forwards: 3\r\n\r\n')
        self.assertEqual(self.origin.requests[-1].get('Max-Forwards'), '2')
        here = ask(port, 'OPTIONS / HTTP/1.1\r\nHost: t\r\nMax-Forwards: 0\r\n\r\n')
        self.assertEqual((star.status, here.status, len(self.origin.requests)), (200, 200, 2))
        self.assertIn('GET', here.get('Allow'))
        self.assertEqual(len(self.gateway.records(3)), 3)

    def test_http_1_0_says_so_in_via(self):
        self.start()
        ask(self.gateway.port, 'GET / HTTP/1.0\r\nVia: 1.0 before\r\n\r\n')
        self.assertEqual(self.origin.requests[-1].get('Via'), '1.0 before, 1.0 gate')

    def test_a_gateway_that_leads_to_itself_says_so_at_once(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            gateway.write_config(upstreams={'app': [f'http://127.0.0.1:{gateway.port}']})
            self.assertEqual(gateway.command('reload').returncode, 0)
            answers = [get(gateway.port) for _ in range(5)]

            self.assertEqual([a.status for a in answers], [502] * 5)
            records = gateway.records(10)  # the one from outside, the one that came back; no more
            faults = [r['fault'] for r in records]
            self.assertGreaterEqual(faults.count('loop_detected'), 5)
            self.assertIn('error=proxy_loop_detected', ' '.join(answers[0].all('Proxy-Status')))
            self.assertEqual(origin.requests, [])

    def test_two_gateways_that_lead_to_each_other_say_so_too(self):
        with Origin() as origin, Gateway([origin.port], name='left') as left:
            with Gateway([left.port], name='right') as right:
                left.write_config(upstreams={'app': [f'http://127.0.0.1:{right.port}']})
                self.assertEqual(left.command('reload').returncode, 0)
                self.assertEqual(get(left.port).status, 502)
                self.assertIn('loop_detected', [r['fault'] for r in left.records(2)])


if __name__ == '__main__':
    unittest.main(verbosity=2)
