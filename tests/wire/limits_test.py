#!/usr/bin/env python3
"""Who is let in, how often and with how much, who answers, and the operator's own pages."""
import collections
import json
import pathlib
import socket
import tempfile
import unittest

from support.client import Client, ask, get
from support.gateway import Gateway, run_goodgate
from support.origins import Origin
from support.processes import free_port, wait_until

PAGES = pathlib.Path(tempfile.mkdtemp(prefix='goodgate-pages-'))


def named(name):
    return lambda request, peer: b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n' + name


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        (PAGES / '5xx.html').write_text('<h1>{status}</h1>p{color:red} {request_id}')
        cls.app, cls.next = Origin(named(b'app')), Origin(named(b'new'))
        cls.gateway = Gateway(
            env={'GG_TEST_PORT': str(cls.app.port)}, trusted_proxies=['127.0.0.1'],
            upstreams={'app': ['http://127.0.0.1:${GG_TEST_PORT}'],
                       'next': [f'http://127.0.0.1:{cls.next.port}'],
                       'lost': [f'http://127.0.0.1:{free_port()}']},
            deny=['203.0.113.0/24'],
            routes=[
                # One request in an hour comes back: no pause of the machine changes what is counted.
                {'path': '/often', 'to': 'app', 'rate_limit': {'rate': '1/h', 'burst': 3},
                 'response_headers': {'set': {'X-Edge': 'here'}}},
                {'path': '/user', 'to': 'app',
                 'rate_limit': {'per': {'header': 'X-User'}, 'rate': '1/h', 'burst': 1}},
                {'path': '/small', 'to': 'app', 'body_limit': '1KiB'},
                {'path': '/split', 'split': {'among': [{'upstream': 'next', 'weight': 1},
                                                       {'upstream': 'app', 'weight': 3}],
                                             'by': {'cookie': 's'}}},
                {'path': '/lost', 'to': 'lost', 'error_pages': {'5xx': str(PAGES / '5xx.html')}},
                {'path': '/', 'to': 'app'}])

    @classmethod
    def tearDownClass(cls):
        cls.gateway.stop()
        cls.app.close()
        cls.next.close()

    def get(self, path, fields=''):
        return get(self.gateway.port, path, fields)

    def post(self, path, size):
        return ask(self.gateway.port, f'POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n'
                   '\r\n' + 'x' * size)

    def test_who_comes_too_often_is_told_when_to_come_back(self):
        before = len(self.app.requests)
        answers = [self.get('/often') for _ in range(8)]
        self.assertEqual(collections.Counter(a.status for a in answers), {200: 3, 429: 5})
        refused = answers[-1]
        self.assertEqual(len(self.app.requests) - before, 3)
        self.assertGreater(int(refused.get('Retry-After')), 3000)
        self.assertEqual(refused.get('RateLimit-Policy'), '"route";q=3;w=10800')
        self.assertRegex(refused.get('RateLimit'), r'^"route";r=0;t=3[0-9]{3}$')
        self.assertEqual(refused.get('X-Edge'), 'here')
        record = wait_until(lambda: [r for r in self.gateway.records() if r['status'] == 429],
                            'a record of it')[0]
        self.assertEqual(record['fault'], 'rate_limited')
        another = self.get('/often', 'X-Forwarded-For: 192.0.2.77\r\n')
        self.assertEqual(another.status, 200)

    def test_each_value_of_a_header_has_a_bucket_of_its_own(self):
        def statuses(user):
            return [self.get('/user', f'X-User: {user}\r\n').status for _ in range(2)]

        self.assertEqual(statuses('ann'), [200, 429])
        self.assertEqual(statuses('bob'), [200, 429])

    def test_a_denied_network_is_denied_everywhere(self):
        self.assertEqual(self.get('/', 'X-Forwarded-For: 203.0.113.9\r\n').status, 403)
        self.assertEqual(self.get('/').status, 200)

    def test_a_route_takes_no_longer_body_than_it_says(self):
        self.assertEqual(self.post('/small', 1024).status, 200)
        self.assertEqual(self.post('/small', 1025).status, 413)
        self.assertEqual(self.post('/', 100_000).status, 200)

    def test_a_body_of_unknown_length_is_stopped_as_it_comes(self):
        with Client(self.gateway.port) as client:
            client.send('POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n')
            client.send('400\r\n' + 'x' * 1024 + '\r\n' + '400\r\n' + 'x' * 1024 + '\r\n')
            self.assertEqual(client.read_response('POST').status, 413)
        whole = ask(self.gateway.port, 'POST /small HTTP/1.1\r\nHost: h\r\n'
                    'Transfer-Encoding: chunked\r\n\r\n800\r\n' + 'x' * 2048 + '\r\n0\r\n\r\n')
        self.assertEqual(whole.status, 413)

    def test_clients_are_shared_out_by_weight_and_stay(self):
        def answer(session):
            return self.get('/split', f'Cookie: s={session}\r\n').body

        first = [answer(session) for session in range(200)]
        share = collections.Counter(first)
        self.assertGreater(share[b'new'], 20)
        self.assertGreater(share[b'app'], 100)
        self.assertEqual([answer(session) for session in range(20)], first[:20])

    def test_people_get_the_operators_page_and_programs_json(self):
        page = self.get('/lost')
        self.assertEqual((page.status, page.get('Content-Type')), (502, 'text/html; charset=utf-8'))
        self.assertEqual(page.body.decode(),
                         f'<h1>502</h1>p{{color:red}} {page.get("X-Request-Id")}')
        program = self.get('/lost', 'Accept: application/json\r\n')
        self.assertEqual(json.loads(program.body)['status'], 502)

    def test_check_says_what_the_environment_lacks(self):
        file = PAGES / 'goodgate.yaml'
        file.write_text('listeners: [":0"]\nupstreams: { app: "10.0.0.1:${GG_TEST_NO_PORT}" }\n')
        done = run_goodgate('check', '-c', file)
        self.assertEqual(done.returncode, 1)
        self.assertIn('goodgate.yaml:2:19', done.stdout + done.stderr)
        self.assertIn('the environment has no variable GG_TEST_NO_PORT', done.stdout + done.stderr)
        done = run_goodgate('check', '-c', file, env={'GG_TEST_NO_PORT': '3000'})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Share(unittest.TestCase):
    """What one client may have of the connections."""

    def test_a_client_has_so_many_connections_and_is_told_when_it_has_them_all(self):
        with Origin(named(b'app')) as app, Gateway(
                [app.port], limits={'connections_per_client': 3}) as gateway:
            kept = [Client(gateway.port) for _ in range(3)]
            for client in kept:
                self.assertEqual(client.ask('GET / HTTP/1.1\r\nHost: h\r\n\r\n').status, 200)
            with Client(gateway.port) as fourth:
                answer = fourth.read_response()
            self.assertEqual(answer.status, 429)
            with socket.create_connection(('127.0.0.1', gateway.port), 15, ('127.0.0.2', 0)) as other:
                other.sendall(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
                self.assertTrue(other.recv(4096).startswith(b'HTTP/1.1 200 '))
            refused = [r for r in gateway.records(5) if r['status'] == 429]
            self.assertEqual([r['fault'] for r in refused], ['client_connection_limit'])
            self.assertIn('goodgate_client_connections_over_share_total 1', gateway.admin('/metrics'))
            kept.pop().close()
            wait_until(lambda: get(gateway.port, '/').status == 200, 'room after a client has left')
            for client in kept:
                self.assertEqual(client.ask('GET / HTTP/1.1\r\nHost: h\r\n\r\n').status, 200)
                client.close()


if __name__ == '__main__':
    unittest.main()
