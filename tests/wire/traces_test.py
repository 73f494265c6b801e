#!/usr/bin/env python3
"""Traces as a collector gets them over real sockets: shape, content, which are kept, and what becomes of them while nobody
takes them."""
import re
import socket
import unittest

from support.client import Client, get
from support.collector import CLIENT, SERVER, Collector
from support.gateway import Gateway
from support.origins import OK, Origin
from support.processes import wait_until

TRACE, PARENT = '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'
UNAVAILABLE = b'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'
TRACEPARENT = re.compile(r'00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])')


def closed_port():
    """Nobody listens there, for as long as the socket that is given back lives."""
    held = socket.socket()
    held.bind(('127.0.0.1', 0))
    return held, held.getsockname()[1]


class Traces(unittest.TestCase):
    def start(self, statuses=(), collector=None, **more):
        self.told = []  # traceparent and tracestate, as the origin got them

        def answer(request, _peer):
            self.told.append((request.get('traceparent'), request.get('tracestate')))
            if request.target == '/error':
                return b'HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n'
            is_first = len(self.told) == 1
            return UNAVAILABLE if request.target == '/saved/' and is_first else OK

        self.origin, other = (self.enterContext(Origin(answer)) for _ in range(2))
        self.collector = self.enterContext(Collector(statuses))
        held, dead = closed_port()
        self.enterContext(held)
        traces = {'collector': f'http://127.0.0.1:{collector or self.collector.port}', 'service': 'edge',
                  **more.pop('traces', {})}
        self.gateway = self.enterContext(Gateway(
            upstreams={'app': [f'http://127.0.0.1:{self.origin.port}'],
                       'two': [f'http://127.0.0.1:{origin.port}' for origin in (self.origin, other)],
                       'dead': [f'http://127.0.0.1:{dead}']},
            routes=[{'path': '/saved/', 'to': 'two'}, {'path': '/none/', 'to': 'dead'}, {'path': '/', 'to': 'app'}],
            traces=traces, **more))

    def ask(self, path, fields=''):
        """The request's record."""
        before = len(self.gateway.log_lines())
        with Client(self.gateway.port) as client:
            client.ask(f'GET {path} HTTP/1.1\r\nHost: shop.example\r\n{fields}\r\n')
        return self.gateway.records(before + 1)[-1]

    def spans_of(self, record):
        found = wait_until(lambda: self.collector.of(record['id']), f'the trace of {record}')
        self.assertEqual(self.collector.refused, [])
        return found

    def dropped(self, reason):
        found = re.search(rf'^goodgate_trace_spans_dropped_total{{reason="{reason}"}} (\d+)$',
                          self.gateway.admin('/metrics'), re.M)
        return int(found[1])

    def test_a_request_and_its_attempt_are_spans_of_the_clients_trace(self):
        self.start(traces={'sample': '100%'})
        record = self.ask('/a?secret=1', f'traceparent: 00-{TRACE}-{PARENT}-00\r\ntracestate: a=b\r\n')
        request, attempts = self.spans_of(record)

        self.assertEqual((request.trace, request.parent, request.kind, request.name, request.state),
                         (TRACE, PARENT, SERVER, 'GET /', 'a=b'))
        self.assertEqual(request.attributes['url.path'], '/a')
        self.assertNotIn('secret=1', request.attributes['url.query'])
        self.assertEqual(request.attributes['http.response.status_code'], 200)
        self.assertEqual(request.attributes['network.peer.address'], '127.0.0.1')
        self.assertEqual(request.attributes['server.address'], 'shop.example')
        self.assertEqual([(a.trace, a.kind, a.name) for a in attempts], [(TRACE, CLIENT, 'GET')])
        self.assertEqual(attempts[0].attributes['server.port'], self.origin.port)
        self.assertLessEqual(request.start, attempts[0].start)
        self.assertLessEqual(attempts[0].end, request.end)
        self.assertEqual(self.told, [(f'00-{TRACE}-{attempts[0].id}-01', 'a=b')])
        self.assertEqual(record['trace'], TRACE)
        self.assertEqual(self.collector.resources[0]['service.name'], 'edge')
        self.assertEqual(self.collector.resources[0]['process.pid'], self.gateway.worker())

    def test_what_failed_and_what_was_rescued_is_kept_whatever_the_share(self):
        self.start(traces={'sample': '0%'})
        rescued, well, failed, error = (self.ask(path) for path in ('/saved/', '/', '/none/', '/error'))

        request, attempts = self.spans_of(failed)
        self.assertEqual((request.attributes['error.type'], request.attributes['http.response.status_code']),
                         ('connect_refused', 502))
        self.assertEqual({a.attributes['error.type'] for a in attempts}, {'connect_refused'})
        self.assertEqual(self.spans_of(error)[0].attributes['error.type'], '500')
        request, attempts = self.spans_of(rescued)
        self.assertIsNone(request.error)
        self.assertEqual(request.attributes['goodgate.rescued_from'], rescued['rescued'])
        self.assertEqual([a.attributes.get('error.type') for a in attempts], ['503', None])
        self.assertEqual(attempts[1].attributes['http.request.resend_count'], 1)
        ids = [TRACEPARENT.fullmatch(told)[2] for told, _ in self.told]
        self.assertEqual([a.id for a in attempts], ids[:2])
        self.assertEqual({told[-2:] for told, _ in self.told}, {'00'})
        self.assertIsNone(self.collector.of(well['id']))

    def test_a_trusted_proxy_may_ask_for_a_trace(self):
        self.start(traces={'sample': '0%'}, trusted_proxies=['127.0.0.1'])
        asked = self.ask('/', f'traceparent: 00-{TRACE}-{PARENT}-01\r\n')
        self.assertEqual(self.spans_of(asked)[0].parent, PARENT)

    def test_any_bytes_at_all_are_taken(self):
        self.start(traces={'sample': '100%'})
        with Client(self.gateway.port) as client:
            client.send(b'GET /%ff HTTP/1.1\r\nHost: t\r\nUser-Agent: \xff\xe2\x82 \xc3\xa9\r\n\r\n')
            client.read_response()
        with Client(self.gateway.port) as client:
            client.send(b'GARBAGE\r\n\r\n')
            client.read_response()
        for record in self.gateway.records(2):
            self.spans_of(record)

    def test_a_batch_is_sent_again_to_a_collector_that_is_busy(self):
        self.start(statuses=[503], traces={'sample': '100%'})
        record = self.ask('/')
        self.spans_of(record)
        self.assertEqual(self.collector.requests, 2)
        self.gateway.wait_for_text('traces do not get to the collector at 127.0.0.1')
        self.gateway.wait_for_text('again')

    def test_what_a_collector_refuses_is_counted_and_not_sent_again(self):
        self.start(statuses=[400], traces={'sample': '100%'})
        self.ask('/')
        wait_until(lambda: self.dropped('refused') == 2, 'two spans to be counted')

    def test_traffic_goes_on_without_a_collector_and_the_gateway_ends(self):
        held, dead = closed_port()
        with held:
            self.start(collector=dead, traces={'sample': '100%'})
            for _ in range(5):
                self.assertEqual(self.ask('/')['status'], 200)
            self.gateway.wait_for_text('traces do not get to the collector at')

    def test_what_is_left_is_sent_when_the_gateway_ends(self):
        with Collector() as collector, Origin(lambda request, peer: OK) as origin:
            with Gateway([origin.port], traces={'collector': f'http://localhost:{collector.port}',
                                                'sample': '100%'}) as gateway:
                get(gateway.port, '/last')
                gateway.records(1)
            self.assertEqual([s.attributes['url.path'] for s in collector.spans if s.kind == SERVER], ['/last'])
            self.assertEqual(collector.refused, [])

    def test_without_a_collector_a_clients_trace_passes_through(self):
        told = []
        with Origin(lambda request, peer: told.append(request.get('traceparent')) or OK) as origin, \
                Gateway([origin.port]) as gateway, Client(gateway.port) as client:
            client.ask(f'GET / HTTP/1.1\r\nHost: a\r\ntraceparent: 00-{TRACE}-{PARENT}-01\r\n\r\n')
        self.assertEqual(told, [f'00-{TRACE}-{PARENT}-01'])


if __name__ == '__main__':
    unittest.main()
