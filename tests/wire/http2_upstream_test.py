#!/usr/bin/env python3
"""Endpoints that speak HTTP/2: Node's own server, with and without TLS, behind clients of both protocols."""
import concurrent.futures
import json
import socket
import subprocess
import unittest

from support.certificates import Authority
from support.gateway import Gateway
from support.origins import Node, Origin
from support.processes import wait_until

def upstream(port, scheme='http', **more):
    return {'upstreams': {'app': {'endpoints': [f'{scheme}://127.0.0.1:{port}'], **more}}}


def curl(port, path='/', *options, version='--http1.1'):
    return subprocess.run(['curl', '-sS', '--max-time', '30', version, *options,
                           f'http://127.0.0.1:{port}{path}'], capture_output=True, timeout=60)


PROTOCOLS = ('--http1.1', '--http2-prior-knowledge')


def message(text):
    return b'\0' + len(text).to_bytes(4, 'big') + text


class EndpointsOfHttp2(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Node('http2_origin.js'))
        cls.gateway = cls.enterClassContext(Gateway(**upstream(cls.node.port, http2='always')))
        cls.port = cls.gateway.port

    def ask(self, path, *options, version='--http1.1'):
        return curl(self.port, path, *options, version=version)

    def test_a_response_with_a_length_is_passed_on(self):
        for version in PROTOCOLS:
            with self.subTest(version):
                done = self.ask('/', '-w', ' %{http_code} %{size_download}', version=version)
                self.assertEqual(done.stdout, b'ok\n 200 3')

    def test_head_has_the_length_and_no_body(self):
        for version in PROTOCOLS:
            with self.subTest(version):
                done = self.ask('/', '-I', version=version)
                self.assertIn(b'content-length: 3', done.stdout.lower())

    def test_bodies_stream_both_ways_and_trailers_follow(self):
        body = bytes(range(256)) * 12_000
        for version in PROTOCOLS:
            with self.subTest(version):
                done = subprocess.run(['curl', '-sS', '--max-time', '30', version, '--data-binary', '@-',
                                       '-D', '/dev/stderr', f'http://127.0.0.1:{self.port}/echo'],
                                      input=body, capture_output=True, timeout=60)
                self.assertEqual(len(done.stdout), len(body))
                self.assertEqual(done.stdout, body)
                self.assertIn(b'x-sum: 7', done.stderr.lower())

    def test_interim_responses_come_first(self):
        done = self.ask('/early-hints', '-i')
        self.assertTrue(done.stdout.startswith(b'HTTP/1.1 103 Early Hints\r\n'), done.stdout)
        self.assertTrue(done.stdout.endswith(b'hinted'), done.stdout)

    def test_an_answer_before_the_request_is_whole_is_delivered(self):
        with socket.create_connection(('127.0.0.1', self.port), timeout=20) as client:
            client.sendall(b'POST /no HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n' + b'x' * 100_000)
            self.assertTrue(client.recv(100).startswith(b'HTTP/1.1 413'))

    def test_fields_arrive_as_http2_wants_them(self):
        done = json.loads(self.ask('/fields', '-H', 'X-Own: 1', '-H', 'Connection: close').stdout)
        self.assertEqual(done[':authority'], f'127.0.0.1:{self.port}')
        self.assertEqual(done[':scheme'], 'http')
        self.assertEqual(done['x-own'], '1')
        self.assertNotIn('connection', done)
        self.assertNotIn('te', done)

    def test_a_refused_post_is_sent_again(self):
        done = self.ask('/refuse-once', '-d', 'once', '-w', ' %{http_code}')
        self.assertEqual(done.stdout, b'once 200')

    def test_a_reset_stream_is_told_with_its_code(self):
        with Gateway(**upstream(self.node.port, http2='always')) as gateway:
            done = curl(gateway.port, '/reset', '-d', 'x', '-o', '/dev/null', '-w', '%{http_code}')
            self.assertEqual(done.stdout, b'502')
            record = gateway.last_record()
            self.assertEqual(record['fault'], 'stream_reset')
            self.assertEqual(record['attempts'][0]['protocol_code'], 2)

    def test_a_goaway_costs_no_request(self):
        for path in ['/goaway', '/echo'] * 6:
            self.assertEqual(self.ask(path, '-d', 'x', '-w', ' %{http_code}').stdout, b'x 200')

    def test_a_body_that_breaks_off_is_never_passed_on_as_whole(self):
        for version in PROTOCOLS:
            with self.subTest(version):
                done = self.ask('/break-off', '-o', '/dev/null', version=version)
                self.assertNotEqual(done.returncode, 0)

    def test_many_requests_share_few_connections(self):
        with Node('http2_origin.js') as node, Gateway(**upstream(node.port, http2='always')) as gateway:
            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                done = list(pool.map(lambda _: curl(gateway.port).stdout, range(60)))
            self.assertEqual(set(done), {b'ok\n'})
            # One of each thread.
            self.assertLessEqual(int(curl(gateway.port, '/sessions').stdout), 2)


class ByTls(unittest.TestCase):
    def test_the_protocol_is_agreed_on(self):
        with Authority() as authority:
            pair = authority.issue('127.0.0.1', 'localhost')
            tls = {'ca': str(authority.file), 'server_name': 'localhost'}
            with Secure(pair) as node:
                cases = [({}, b'ok\n'), ({'http2': 'always'}, b'ok\n'), ({'http2': 'never'}, b'by 1.1')]
                for more, answer in cases:
                    with self.subTest(more), Gateway(**upstream(node.port, 'https', tls=tls, **more)) as gateway:
                        self.assertEqual(curl(gateway.port).stdout, answer)
                with Gateway(**upstream(node.port, 'https', tls=tls)) as gateway:
                    upgrade = curl(gateway.port, '/', '-H', 'Connection: upgrade', '-H', 'Upgrade: x')
                    self.assertEqual(upgrade.stdout, b'by 1.1')


class Secure(Node):
    """The same with TLS; `pair`: the paths of its certificate and key."""

    def __init__(self, pair):
        self.pair = pair
        super().__init__('http2_origin.js')

    def start(self, command):
        super().start([*command, self.pair[1], self.pair[0]])


class WhoDoesNotSpeakIt(unittest.TestCase):
    def test_an_endpoint_of_http1_is_named_and_gets_no_request(self):
        with Origin() as origin, Gateway(**upstream(origin.port, http2='always')) as gateway:
            done = curl(gateway.port, '/', '-d', 'x', '-o', '/dev/null', '-w', '%{http_code}')
            self.assertEqual(done.stdout, b'502')
            attempt = gateway.last_record()['attempts'][0]
            self.assertEqual(attempt['delivery'], 'not_sent')


class Grpc(unittest.TestCase):
    """Messages made by hand, by curl: what matters to a gateway is their framing, trailers and status."""

    def call(self, port, path, *messages, extra=()):
        body = b''.join(message(text) for text in messages)
        return subprocess.run(
            ['curl', '-sS', '--max-time', '20', '--http2-prior-knowledge', '--data-binary', '@-', '-D',
             '/dev/stderr', '-H', 'Content-Type: application/grpc', '-H', 'TE: trailers', *extra,
             f'http://127.0.0.1:{port}{path}'], input=body, capture_output=True, timeout=60)

    def test_calls_of_every_kind_pass(self):
        with Node('http2_origin.js') as node, Gateway(**upstream(node.port, http2='always')) as gateway:
            unary = self.call(gateway.port, '/grpc/echo', b'one')
            self.assertEqual(unary.stdout, message(b'one'))
            self.assertIn(b'grpc-status: 0', unary.stderr)
            self.assertIn(b'grpc-message: fine', unary.stderr)
            many = self.call(gateway.port, '/grpc/echo', *[b'%d' % i for i in range(1000)])
            self.assertEqual(many.stdout, b''.join(message(b'%d' % i) for i in range(1000)))
            stream = self.call(gateway.port, '/grpc/count', b'')
            self.assertEqual(stream.stdout, b''.join(message(b'%d' % i) for i in range(20)))
            error = self.call(gateway.port, '/grpc/not-found', b'')
            self.assertIn(b'grpc-status: 5', error.stderr)
            self.assertNotIn(b'content-length', error.stderr.lower())
            fields = json.loads(self.call(gateway.port, '/fields', b'').stdout)
            self.assertEqual(fields['te'], 'trailers')

    def test_a_listed_status_is_tried_again_where_calls_may_run_twice(self):
        routes = [{'to': 'app', 'retry': {'on': ['grpc_unavailable'], 'unsafe_methods': True}}]
        with Node('http2_origin.js') as one, Node('http2_origin.js') as other:
            more = {'upstreams': {'app': {'endpoints': [f'http://127.0.0.1:{n.port}' for n in (one, other)],
                                          'http2': 'always', 'balance': 'round_robin'}}, 'routes': routes}
            with Gateway(**more) as gateway:
                statuses = [self.call(gateway.port, '/grpc/unavailable-once', b'x') for _ in range(4)]
                self.assertEqual([s.stdout for s in statuses].count(message(b'x')), 3)
                self.assertIn(2, [r['attempt_count'] for r in gateway.records(4)])

    def test_health_is_asked_for_by_grpc(self):
        health = {'grpc': 'shop.Orders', 'every': '100ms', 'unhealthy_after': 2}
        with Node('http2_origin.js') as node:
            with Gateway(**upstream(node.port, http2='always', health=health)) as gateway:
                self.assertEqual(curl(gateway.port, '/sicken').stdout, b'ok\n')

                def is_out():
                    return 'ejected' in json.dumps(gateway.status()) or 'down' in json.dumps(gateway.status())

                wait_until(is_out, 'an endpoint that says NOT_SERVING to be taken out')


if __name__ == '__main__':
    unittest.main(verbosity=2)
