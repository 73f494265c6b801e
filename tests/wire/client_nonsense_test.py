#!/usr/bin/env python3
"""Clients that send nonsense: the right status, one record each, nothing of it at the origin."""
import time
import unittest

from support.client import Broken, Client, get
from support.gateway import Gateway
from support.origins import OK, Origin

HOST = 'Host: test.example\r\n'
# What is sent, the status, the fault and the error in the record.
NONSENSE = [
    # Not HTTP, or not quite.
    (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdef\r\n\r\n', 400, 'request_malformed', 'not_http'),
    (b'SSH-2.0-OpenSSH_9.2\r\n\r\n', 400, 'request_malformed', 'not_http'),
    (b'hello\r\n\r\n', 400, 'request_malformed', None),
    (b'GET /\r\n\r\n', 400, 'request_malformed', None),
    (b'GET  / HTTP/1.1\r\n' + HOST.encode() + b'\r\n', 400, 'request_malformed', None),
    (b'G@T / HTTP/1.1\r\n' + HOST.encode() + b'\r\n', 400, 'request_malformed', 'bad_method'),
    (b'GET nowhere HTTP/1.1\r\n' + HOST.encode() + b'\r\n', 400, 'request_malformed', 'bad_target'),
    (b'GET /\xc3\xa9 HTTP/1.1\r\n' + HOST.encode() + b'\r\n', 400, 'request_malformed', 'bad_target'),
    (b'GET /#a HTTP/1.1\r\n' + HOST.encode() + b'\r\n', 400, 'request_malformed', 'bad_target'),
    (b'GET / HTTP/1.1\n' + HOST.encode() + b'\r\n', 400, 'request_malformed', 'bad_line_end'),
    (b'GET / http/1.1\r\n' + HOST.encode() + b'\r\n', 400, 'request_malformed', 'bad_version'),
    (b'GET / HTTP/1.2\r\n' + HOST.encode() + b'\r\n', 505, 'version_not_supported', 'unsupported_version'),
    (b'GET / HTTP/3.0\r\n' + HOST.encode() + b'\r\n', 505, 'version_not_supported', 'unsupported_version'),
    # Hosts.
    (b'GET / HTTP/1.1\r\n\r\n', 400, 'request_malformed', 'no_host'),
    (b'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400, 'request_malformed', 'repeated_host'),
    (b'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 400, 'request_malformed', 'bad_host'),
    # Fields.
    (b'GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n', 400, 'request_malformed', 'bad_field_name'),
    (b'GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n', 400, 'request_malformed', None),
    (b'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n', 400, 'request_malformed', 'obsolete_folding'),
    (b'GET / HTTP/1.1\r\nHost: a\r\nX: 1\x002\r\n\r\n', 400, 'request_malformed', 'bad_field_value'),
    (b'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r2\r\n\r\n', 400, 'request_malformed', None),
    (b'GET / HTTP/1.1\r\nHost: a\r\n' + b'X: 1\r\n' * 200 + b'\r\n', 431, 'request_head_too_large',
     'too_many_fields'),
    (b'GET / HTTP/1.1\r\nHost: a\r\nX: ' + b'x' * 70_000, 431, 'request_head_too_large', 'head_too_large'),
    (b'GET /' + b'x' * 70_000, 414, 'target_too_long', 'target_too_long'),
    # Framing.
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', 400, 'request_malformed',
     'bad_content_length'),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400, 'request_malformed',
     'bad_content_length'),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400,
     'request_malformed', 'bad_content_length'),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n', 400,
     'request_malformed', 'bad_content_length'),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400,
     'request_malformed', 'length_and_coding'),
    (b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n', 400,
     'request_malformed', 'bad_transfer_coding'),
    (b'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', 400, 'request_malformed',
     'bad_transfer_coding'),
    (b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', 501,
     'coding_not_supported', 'unsupported_transfer_coding'),
    # Methods, expectations, sizes.
    (b'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n', 501, 'method_not_supported', None),
    (b'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', 501, 'method_not_supported', None),
    (b'POST / HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\nContent-Length: 1\r\n\r\nx', 417,
     'expectation_failed', None),
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n', 413, 'request_body_too_large', None),
    (b'GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n', 404, 'no_route', None),
    (b'GET /private/ HTTP/1.1\r\nHost: a\r\n\r\n', 403, 'access_denied', None),
]
ROUTES = [{'path': '/private/', 'to': 'app', 'deny': ['127.0.0.0/8']},
          {'path': {'exact': '/'}, 'to': 'app'}]


class NonsenseFromClients(unittest.TestCase):
    def test_each_kind_gets_its_status_and_one_record_and_reaches_no_origin(self):
        with Origin() as origin, Gateway([origin.port], routes=ROUTES,
                                         limits={'body': '100000B'}) as gateway:
            for count, (sent, status, fault, error) in enumerate(NONSENSE, 1):
                with self.subTest(sent=sent[:60]):
                    with Client(gateway.port) as client:
                        client.send(sent)
                        answer = client.read_response()
                        is_over = sent.startswith(b'TRACE') or status in (403, 404) or client.is_ended()
                    record = gateway.last_record(count)
                    self.assertEqual(answer.status, status)
                    self.assertEqual((record['status'], record['fault']), (status, fault))
                    self.assertEqual(record.get('message_error'), error or record.get('message_error'))
                    self.assertEqual(record['id'], answer.get('X-Request-Id'))
                    self.assertIsNone(answer.get('Retry-After'))
                    self.assertTrue(is_over)
            self.assertEqual(origin.connections, 0)
            self.assertEqual(get(gateway.port).body, b'ok\n')

    def test_nonsense_behind_a_good_request_does_not_spoil_it(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            with Client(gateway.port) as client:
                client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n' 'garbage\r\n\r\n')
                answers = [client.read_response(), client.read_response()]
                self.assertTrue(client.is_ended())

            self.assertEqual([a.status for a in answers], [200, 400])
            self.assertEqual(len(gateway.records(2)), 2)

    def test_bad_chunks_are_found_wherever_they_are_and_the_origin_sees_no_whole_request(self):
        wholes = []
        answer = lambda request, peer: wholes.append(request) or OK
        bodies = [b'zz\r\n', b'3\r\nabcd\r\n', b'3\nabc\r\n', b'3\r\nabc\r\n-1\r\n', b'3 \r\nabc\r\n',
                  b'fffffffffffffffff\r\n', b'3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n',
                  b'3;' + b'x' * 20_000 + b'\r\nabc\r\n']
        with Origin(answer) as origin, Gateway([origin.port]) as gateway:
            for count, body in enumerate(bodies, 1):
                with self.subTest(body=body[:40]), Client(gateway.port) as client:
                    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
                    client.send(body)
                    self.assertEqual(client.read_response('POST').status, 400)
                    self.assertEqual(gateway.last_record(count)['fault'], 'request_malformed')
            self.assertEqual(wholes, [])

    def test_a_chunked_body_beyond_the_limit_gets_413(self):
        with Origin() as origin, Gateway([origin.port], limits={'body': '10KiB'}) as gateway:
            with Client(gateway.port) as client:
                client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
                client.send(b'1000\r\n' + b'x' * 4096 + b'\r\n')
                client.send(b'2000\r\n' + b'x' * 8192 + b'\r\n0\r\n\r\n')
                self.assertEqual(client.read_response('POST').status, 413)
            self.assertEqual(gateway.last_record()['fault'], 'request_body_too_large')

    def test_a_head_that_takes_too_long_gets_408_however_it_drips(self):
        with Origin() as origin, Gateway([origin.port], timeouts={'head': '400ms'}) as gateway:
            with Client(gateway.port) as client:
                began = time.monotonic()
                client.send('GET / HT')
                answer = client.read_response()
                took = time.monotonic() - began
            self.assertEqual(answer.status, 408)
            self.assertTrue(0.35 < took < 5, took)
            self.assertEqual(gateway.last_record(1)['fault'], 'client_head_timeout')

            with Client(gateway.port) as client, self.assertRaises((Broken, BrokenPipeError,
                                                                    ConnectionResetError)):
                client.send_slowly(b'GET / HTTP/1.1\r\nHost: a\r\nX: ' + b'x' * 400, 0.02)
                client.read_response()
                raise Broken('answered')
            self.assertEqual(gateway.last_record(2)['status'], 408)

    def test_a_body_that_stalls_gets_408(self):
        with Origin() as origin, Gateway([origin.port], timeouts={'body': '300ms'}) as gateway:
            with Client(gateway.port) as client:
                client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc')
                self.assertEqual(client.read_response('POST').status, 408)
            self.assertEqual(gateway.last_record()['fault'], 'client_body_timeout')

    def test_two_hundred_slow_clients_do_not_slow_a_fast_one(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            slow = [self.enterContext(Client(gateway.port)) for _ in range(200)]
            for client in slow:
                client.send('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ')

            began = time.monotonic()
            statuses = {get(gateway.port).status for _ in range(50)}
            took = time.monotonic() - began

            self.assertEqual(statuses, {200})
            self.assertLess(took / 50, 0.1)
            for client in slow:
                client.close()
            gone = [r for r in gateway.records(250) if r.get('fault') == 'client_gone_in_head']
            self.assertEqual(len(gone), 200)

    def test_a_client_that_connects_and_says_nothing_is_no_request(self):
        with Origin() as origin, Gateway([origin.port], timeouts={'idle': '200ms'}) as gateway:
            with Client(gateway.port) as client:
                self.assertTrue(client.is_ended())
            Client(gateway.port).close()
            Client(gateway.port).reset()

            self.assertEqual(get(gateway.port).status, 200)
            self.assertEqual(len(gateway.records(1)), 1)

    def test_a_client_that_leaves_before_the_answer_is_recorded_as_such(self):
        answer = lambda request, peer: time.sleep(0.5) or OK
        with Origin(answer) as origin, Gateway([origin.port]) as gateway:
            with Client(gateway.port) as client:
                client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
                time.sleep(0.1)
                client.reset()
            record = gateway.last_record()
            self.assertEqual(record['blame'], 'client')
            self.assertEqual(len(origin.requests), 1)

    def test_people_get_a_page_and_programs_get_problem_details(self):
        with Origin() as origin, Gateway([origin.port], routes=ROUTES) as gateway:
            page = get(gateway.port, '/private/', 'Accept: text/html,*/*;q=0.8\r\n')
            problem = get(gateway.port, '/private/', 'Accept: application/json\r\n')

            self.assertTrue(page.get('Content-Type').startswith('text/html'))
            self.assertIn(page.get('X-Request-Id'), page.body.decode())
            self.assertEqual(problem.get('Content-Type'), 'application/problem+json')
            self.assertIn(problem.get('X-Request-Id'), problem.body.decode())
            self.assertEqual(page.get('Cache-Control'), 'no-store')


if __name__ == '__main__':
    unittest.main(verbosity=2)
