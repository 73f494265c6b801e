#!/usr/bin/env python3
"""A Node server behind the gateway: interim responses, expectations, trailers, upgrades."""
import base64
import hashlib
import json
import os
import unittest

from support.client import Client, get
from support.gateway import Gateway
from support.origins import Node

UPGRADE = ('GET /socket HTTP/1.1\r\nHost: test.example\r\nConnection: Upgrade\r\n'
           'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n')


def frame(payload, opcode=1):
    """A masked WebSocket frame, as clients send it (RFC 6455 5.2)."""
    mask = b'\x37\xfa\x21\x3d'
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked


def fields_of(answer):
    """The request's fields as Node saw them: [(name, value)]."""
    raw = json.loads(answer.body)['fields']
    return [(raw[i].lower(), raw[i + 1]) for i in range(0, len(raw), 2)]


class NodeBehindTheGateway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(Node('origin.js'))
        cls.gateway = cls.enterClassContext(Gateway([cls.node.port]))

    def client(self):
        return self.enterContext(Client(self.gateway.port))

    def test_chunks_that_come_one_by_one_arrive_as_one_body(self):
        answer = get(self.gateway.port, '/chunked')

        self.assertEqual(answer.body, b'one two three')
        self.assertEqual(answer.get('Transfer-Encoding'), 'chunked')

    def test_the_first_chunk_is_not_held_back_until_the_last(self):
        client = self.client()
        client.send('GET /slowly-chunked HTTP/1.1\r\nHost: t\r\n\r\n')

        client.read_head()

        self.assertEqual(client.read_line(), '4')
        self.assertEqual(client.read_line(), 'one ')

    def test_early_hints_come_before_the_response(self):
        answer = get(self.gateway.port, '/hints')

        self.assertEqual([i.status for i in answer.interim], [103])
        self.assertEqual(answer.interim[0].get('Link'), '</style.css>; rel=preload; as=style')
        self.assertEqual((answer.status, answer.body), (200, b'hinted'))

    def test_http_1_0_gets_no_interim_response(self):
        client = self.client()
        answer = client.ask('GET /hints HTTP/1.0\r\nHost: t\r\n\r\n')

        self.assertEqual((answer.interim, answer.status, answer.body), ([], 200, b'hinted'))

    def test_trailers_of_the_response_are_passed_on(self):
        answer = get(self.gateway.port, '/trailers', 'TE: trailers\r\n')

        self.assertEqual(answer.body, b'summed')
        self.assertEqual(answer.trailers, [('X-Sum', '42')])

    def test_trailers_of_the_request_are_passed_on(self):
        client = self.client()
        answer = client.ask('POST /sum HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n'
                            'Trailer: X-Check\r\n\r\n3\r\nabc\r\n0\r\nX-Check: 7\r\n\r\n')

        self.assertEqual(json.loads(answer.body)['bytes'], 3)
        self.assertEqual(json.loads(answer.body)['trailers'], {'x-check': '7'})

    def test_who_expects_100_continue_gets_it_from_the_origin(self):
        client = self.client()
        client.send('POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n'
                    'Expect: 100-continue\r\n\r\n')

        interim = client.read_head()
        client.send('12345')
        answer = client.read_response('POST')

        self.assertEqual(interim.status, 100)
        self.assertEqual((answer.get('X-Expected'), answer.body), ('yes', b'12345'))

    def test_a_refused_expectation_needs_no_body(self):
        client = self.client()
        client.send('POST /refuse HTTP/1.1\r\nHost: t\r\nContent-Length: 5000000\r\n'
                    'Expect: 100-continue\r\n\r\n')

        answer = client.read_response('POST')

        self.assertEqual((answer.status, answer.interim, answer.body), (417, [], b'not wanted'))

    def test_a_large_chunked_upload_arrives_whole(self):
        body = os.urandom(700_000)
        client = self.client()
        client.send('PUT /sum HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n')
        for start in range(0, len(body), 9973):
            piece = body[start:start + 9973]
            client.send(b'%x\r\n%s\r\n' % (len(piece), piece))
        client.send('0\r\n\r\n')

        answer = json.loads(client.read_response('PUT').body)

        self.assertEqual(answer['bytes'], len(body))
        self.assertEqual(answer['sha256'], hashlib.sha256(body).hexdigest())

    def test_an_answer_without_content_leaves_the_connection_open(self):
        client = self.client()
        empty = client.ask('GET /empty HTTP/1.1\r\nHost: t\r\n\r\n')
        after = client.ask('GET /chunked HTTP/1.1\r\nHost: t\r\n\r\n')

        self.assertEqual((empty.status, empty.get('Content-Length')), (204, None))
        self.assertEqual(after.body, b'one two three')

    def test_an_origin_that_closes_does_not_close_the_clients_connection(self):
        client = self.client()
        first = client.ask('GET /close HTTP/1.1\r\nHost: t\r\n\r\n')
        second = client.ask('GET /close HTTP/1.1\r\nHost: t\r\n\r\n')

        self.assertEqual((first.body, second.body), (b'bye', b'bye'))
        self.assertIsNone(first.get('Connection'))

    def test_a_websocket_is_a_tunnel_both_ways(self):
        key = base64.b64encode(b'sixteen bytes...').decode()
        client = self.client()
        answer = client.ask(UPGRADE.format(key=key))
        client.send(frame(b'hello'))
        hello = client.read_bytes(7)
        client.send_slowly(frame(b'slowly'), 0.001)
        slowly = client.read_bytes(8)
        client.send(frame(b'', opcode=8))
        closing = client.read_bytes(2)

        self.assertEqual(answer.status, 101)
        self.assertEqual(answer.get('Upgrade').lower(), 'websocket')
        self.assertEqual(answer.get('Connection').lower(), 'upgrade')
        self.assertEqual(hello, b'\x81\x05hello')
        self.assertEqual(slowly, b'\x81\x06slowly')
        self.assertEqual(closing, b'\x88\x00')
        self.assertTrue(client.is_ended())

    def test_frames_sent_along_with_the_handshake_are_not_lost(self):
        client = self.client()
        handshake = UPGRADE.format(key='dGhlIHNhbXBsZSBub25jZQ==').encode()
        answer = client.ask(handshake + frame(b'early'))

        self.assertEqual(answer.get('Sec-WebSocket-Accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
        self.assertEqual(client.read_bytes(7), b'\x81\x05early')

    def test_a_refused_upgrade_is_an_ordinary_answer(self):
        client = self.client()
        answer = client.ask(UPGRADE.replace('/socket', '/elsewhere').format(key='x'))

        self.assertEqual((answer.status, answer.body), (403, b'no'))

    def test_an_upgrade_to_http_2_is_not_passed_on(self):
        client = self.client()
        answer = client.ask('GET /sum HTTP/1.1\r\nHost: t\r\nConnection: Upgrade, HTTP2-Settings\r\n'
                            'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n')

        self.assertEqual(answer.status, 200)
        self.assertNotIn('upgrade', dict(fields_of(answer)))
        self.assertNotIn('http2-settings', dict(fields_of(answer)))

    def test_pipelined_requests_are_answered_in_their_order(self):
        client = self.client()
        paths = ['/chunked', '/empty', '/hints', '/close', '/none', '/chunked']
        client.send(''.join(f'GET {path} HTTP/1.1\r\nHost: t\r\n\r\n' for path in paths))

        answers = [client.read_response() for _ in paths]

        self.assertEqual([a.status for a in answers], [200, 204, 200, 200, 404, 200])
        self.assertEqual([a.body for a in answers], [b'one two three', b'', b'hinted', b'bye',
                                                     b'no such path', b'one two three'])

    def test_a_pipeline_with_bodies_keeps_them_apart(self):
        client = self.client()
        client.send('POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc'
                    'POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n'
                    '2\r\nde\r\n1\r\nf\r\n0\r\n\r\n'
                    'POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n'
                    'GET /empty HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n')

        answers = [client.read_response() for _ in range(4)]

        self.assertEqual([a.body for a in answers], [b'abc', b'def', b'', b''])
        self.assertEqual(answers[3].get('Connection'), 'close')
        self.assertTrue(client.is_ended())

    def test_a_client_that_leaves_in_a_tunnel_ends_it(self):
        client = self.client()
        client.ask(UPGRADE.format(key='x'))
        client.reset()

        self.assertEqual(get(self.gateway.port, '/empty').status, 204)


if __name__ == '__main__':
    unittest.main(verbosity=2)
