#!/usr/bin/env python3
"""Origins that send nonsense: a 502 with the right words, and never half an answer as a whole one."""
import time
import unittest

from support.client import Broken, Client, get
from support.gateway import Gateway
from support.origins import OK, Origin

# What the origin sends before it closes; the fault, its Proxy-Status error.
GARBAGE = [
    (b'\x16\x03\x03\x00\x02\x02\x28', 'not_http', 'http_protocol_error'),
    (b'SSH-2.0-OpenSSH_9.2\r\n', 'not_http', 'http_protocol_error'),
    (b'complete garbage, many lines of it\r\n\r\n', 'not_http', 'http_protocol_error'),
    (b'HTTP/1.1 20 OK\r\n\r\n', 'head_malformed', 'http_protocol_error'),
    (b'HTTP/1.1 2000 OK\r\n\r\n', 'head_malformed', 'http_protocol_error'),
    (b'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', 'head_malformed', 'http_protocol_error'),
    (b'HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 2\r\n\r\nok', 'head_malformed', 'http_protocol_error'),
    (b'HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\nok', 'head_malformed', 'http_protocol_error'),
    (b'HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\nContent-Length: 2\r\n\r\nok', 'head_malformed',
     'http_protocol_error'),
    (b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok', 'framing_conflict', None),
    (b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok', 'framing_conflict',
     None),
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
     'framing_conflict', None),
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 'framing_conflict', None),
    (b'HTTP/1.1 200 OK\r\nX: ' + b'x' * 70_000, 'head_too_large', 'http_response_header_section_size'),
    (b'HTTP/1.1 200 OK\r\n' + b'X: 1\r\n' * 300 + b'\r\n', 'head_flood', None),
    (b'HTTP/1.1 100 Continue\r\n\r\n' * 300, 'head_flood', None),
    (b'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
     'upgrade_not_requested', None),
    (b'HTTP/1.1 200 OK\r\nContent-Le', 'head_incomplete', 'http_response_incomplete'),
    (b'', 'closed_before_head', 'connection_terminated'),
]
LENGTH = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
UNTIL_CLOSE = b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'


def sends(data, then='close', after=0.0):
    """An answer that is these bytes and the end of the connection."""
    def answer(request, peer):
        peer.send(data)
        time.sleep(after)
        getattr(peer, then)()
    return answer


class NonsenseFromOrigins(unittest.TestCase):
    def gateway(self, answer, **more):
        self.origin = self.enterContext(Origin(answer))
        return self.enterContext(Gateway([self.origin.port], **more))

    def test_each_kind_of_garbage_is_a_502_that_names_the_fault(self):
        sent = []
        gateway = self.gateway(lambda request, peer: sends(sent[-1])(request, peer))
        for count, (garbage, fault, error) in enumerate(GARBAGE, 1):
            with self.subTest(garbage=garbage[:50]):
                sent.append(garbage)
                answer = get(gateway.port)
                record = gateway.last_record(count)
                self.assertEqual((answer.status, record['fault']), (502, fault))
                self.assertIn(record['blame'], ('upstream', 'operator'))
                self.assertTrue(answer.get('Proxy-Status').startswith('gate; error='))
                self.assertIn(error or 'error', answer.get('Proxy-Status'))
                self.assertEqual(record['attempts'][-1]['endpoint'], f'127.0.0.1:{self.origin.port}')

    def test_garbage_on_one_endpoint_is_rescued_by_another(self):
        bad = self.enterContext(Origin(sends(b'garbage\r\n\r\n')))
        good = self.enterContext(Origin())
        gateway = self.enterContext(Gateway([bad.port, good.port]))

        statuses = {get(gateway.port).status for _ in range(10)}

        self.assertEqual(statuses, {200})
        self.assertIn('not_http', {r.get('rescued') for r in gateway.records(10)})

    def test_the_first_bytes_of_what_was_no_response_are_kept_for_the_operator(self):
        gateway = self.gateway(sends(b'\x15\x03\x03 alert'))
        get(gateway.port)

        attempt = gateway.last_record()['attempts'][0]

        self.assertTrue(attempt['first_bytes'].startswith('\u0015\u0003\u0003 alert'), attempt)

    def cut(self, data, then):
        """What a client gets of a response that breaks off: its error, and the record's fault."""
        gateway = self.gateway(sends(data, then, after=0.1))
        with self.assertRaises(Broken) as broken:
            get(gateway.port)
        return str(broken.exception), gateway.last_record()['fault']

    def test_a_length_that_is_not_reached_breaks_the_clients_response(self):
        seen, fault = self.cut(LENGTH + b'only this', 'close')

        self.assertIn('of 100 bytes', seen)
        self.assertEqual(fault, 'body_truncated')

    def test_chunks_without_the_last_break_the_clients_response(self):
        _, fault = self.cut(CHUNKED + b'4\r\nonly\r\n', 'close')

        self.assertEqual(fault, 'body_truncated')

    def test_a_bad_chunk_that_comes_at_once_is_told_as_what_it_is(self):
        gateway = self.gateway(sends(CHUNKED + b'4\r\nonly\r\nzz\r\n', 'close'))

        answer = get(gateway.port)

        self.assertEqual((answer.status, gateway.last_record()['fault']), (502, 'body_bad_chunk'))

    def test_a_bad_chunk_breaks_a_response_that_was_begun(self):
        large = b'x' * 100_000
        _, fault = self.cut(CHUNKED + b'%x\r\n%s\r\nzz\r\n' % (len(large), large), 'close')

        self.assertEqual(fault, 'body_bad_chunk')

    def test_a_reset_within_a_length_breaks_the_clients_response(self):
        _, fault = self.cut(LENGTH + b'only this', 'reset')

        self.assertEqual(fault, 'body_reset')

    def test_a_reset_is_not_the_end_of_a_body_that_ends_with_the_connection(self):
        gateway = self.gateway(sends(UNTIL_CLOSE + b'half of', 'reset', after=0.1))
        with self.assertRaises(Broken):
            get(gateway.port)
        with self.assertRaises(Broken), Client(gateway.port) as client:
            client.ask('GET / HTTP/1.0\r\nHost: t\r\n\r\n')

        self.assertEqual([r['fault'] for r in gateway.records(2)], ['body_reset'] * 2)

    def test_a_close_is_the_end_of_a_body_that_ends_with_the_connection(self):
        gateway = self.gateway(sends(UNTIL_CLOSE + b'all of it'))

        self.assertEqual(get(gateway.port).body, b'all of it')
        self.assertNotIn('fault', gateway.last_record())

    def test_bytes_behind_a_response_are_nobodys_response(self):
        extra = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse'
        gateway = self.gateway(lambda request, peer: OK + extra)
        with Client(gateway.port) as client:
            bodies = [client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n').body for _ in range(5)]

        self.assertEqual(bodies, [b'ok\n'] * 5)
        self.assertEqual(self.origin.connections, 5)

    def test_a_response_that_comes_before_its_request_is_nobodys_response(self):
        def answer(request, peer):
            peer.send(OK)
            time.sleep(0.15)
            peer.send(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfalse')
        gateway = self.gateway(answer)
        with Client(gateway.port) as client:
            bodies = []
            for _ in range(3):
                bodies.append(client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n').body)
                time.sleep(0.3)

        self.assertEqual(bodies, [b'ok\n'] * 3)

    def test_no_head_in_time_is_a_504(self):
        origin = self.enterContext(Origin(lambda request, peer: time.sleep(1.5) or OK))
        gateway = self.enterContext(Gateway(upstreams={'app': {
            'endpoints': [f'http://127.0.0.1:{origin.port}'], 'timeouts': {'first_byte': '200ms'}}}))

        answer = get(gateway.port)

        self.assertEqual(answer.status, 504)
        self.assertIn('error=http_response_timeout', answer.get('Proxy-Status'))
        self.assertEqual(gateway.last_record()['fault'], 'head_timeout')

    def test_a_post_that_may_have_run_is_not_sent_again(self):
        gateway = self.gateway(sends(b''))
        other = self.enterContext(Origin(sends(b'')))
        gateway.write_config(upstreams={'app': [f'http://127.0.0.1:{self.origin.port}',
                                                f'http://127.0.0.1:{other.port}']})
        self.assertEqual(gateway.command('reload').returncode, 0)

        with Client(gateway.port) as client:
            answer = client.ask('POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nbook')

        self.assertEqual(answer.status, 502)
        self.assertEqual(len(self.origin.requests) + len(other.requests), 1)
        self.assertEqual(gateway.last_record()['retry'], 'request_may_have_run')

    def test_an_answer_that_comes_before_the_upload_is_done_is_passed_on(self):
        def on_head(request, peer):
            peer.send(b'HTTP/1.1 413 Too Big\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbig\n')
            peer.socket.shutdown(1)
            time.sleep(0.5)
            peer.close()
            return b''
        origin = self.enterContext(Origin(on_head=on_head))
        gateway = self.enterContext(Gateway([origin.port]))
        with Client(gateway.port) as client:
            client.send('PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000000\r\n\r\n')
            client.send(b'x' * 50_000)
            answer = client.read_response('PUT')

        self.assertEqual((answer.status, answer.body), (413, b'big\n'))
        self.assertNotIn('fault', gateway.last_record())

    def test_a_refused_connection_says_so(self):
        gateway = self.gateway(None)
        self.origin.close()

        answer = get(gateway.port)

        self.assertEqual(answer.status, 502)
        self.assertIn('error=connection_refused', answer.get('Proxy-Status'))
        record = gateway.last_record()
        self.assertEqual((record['fault'], record['attempts'][0]['errno']), ('connect_refused', 111))


if __name__ == '__main__':
    unittest.main(verbosity=2)
