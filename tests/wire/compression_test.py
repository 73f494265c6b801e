#!/usr/bin/env python3
"""Responses compressed on their way, as curl and a plain socket read them."""
import gzip
import subprocess
import unittest
import zlib

from support.client import Client, get
from support.gateway import Gateway
from support.origins import Origin

TEXT = b''.join(b'line %d of a text that repeats itself\n' % (i % 50) for i in range(8000))
HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'


def answer(request, peer):
    if request.target == '/chunked':
        peer.send(HEAD + b'Transfer-Encoding: chunked\r\n\r\n')
        for i in range(0, len(TEXT), 10_000):
            part = TEXT[i:i + 10_000]
            peer.send(b'%x\r\n%s\r\n' % (len(part), part))
        return b'0\r\n\r\n'
    if request.target == '/slow':
        peer.send(HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n')
        return None
    if request.target == '/packed':
        packed = gzip.compress(TEXT)
        return (HEAD + b'Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s'
                % (len(packed), packed))
    if request.target == '/events':
        return (b'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n%s'
                % (len(TEXT), TEXT))
    return (HEAD + b'ETag: "v1"\r\nAccept-Ranges: bytes\r\nContent-Length: %d\r\n\r\n%s'
            % (len(TEXT), TEXT))


class Compression(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin(answer)
        cls.gateway = Gateway([cls.origin.port], timeouts={'drain': '500ms'}, routes=[
            {'path': '/', 'to': 'app', 'compress': {'with': ['zstd', 'br', 'gzip']}}])

    @classmethod
    def tearDownClass(cls):
        cls.gateway.stop()
        cls.origin.close()

    def curl(self, path, *options):
        done = subprocess.run(['curl', '-sS', '--max-time', '20', *options,
                               f'http://127.0.0.1:{self.gateway.port}{path}'],
                              capture_output=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_curl_reads_every_coding_whole_or_in_chunks_over_both_protocols(self):
        for coding in ('zstd', 'br', 'gzip'):
            for path in ('/whole', '/chunked'):
                for version in ('--http1.1', '--http2-prior-knowledge'):
                    with self.subTest(coding=coding, path=path, version=version):
                        accept = ('-H', f'Accept-Encoding: {coding}')
                        body = self.curl(path, version, '--compressed', *accept)
                        self.assertEqual(body, TEXT)
                        packed = self.curl(path, version, *accept)
                        self.assertLess(len(packed), len(TEXT) // 10)

    def test_the_head_says_what_has_become_of_the_body(self):
        response = get(self.gateway.port, '/whole', 'Accept-Encoding: gzip, br;q=0.5\r\n')
        self.assertEqual(response.get('Content-Encoding'), 'gzip')
        self.assertEqual(response.get('Vary'), 'Accept-Encoding')
        self.assertEqual(response.get('ETag'), 'W/"v1"')
        self.assertIsNone(response.get('Accept-Ranges'))
        self.assertIsNone(response.get('Content-Length'))
        self.assertEqual(gzip.decompress(response.body), TEXT)

    def test_who_does_not_ask_gets_it_as_it_was(self):
        response = get(self.gateway.port, '/whole')
        self.assertIsNone(response.get('Content-Encoding'))
        self.assertEqual(response.get('Vary'), 'Accept-Encoding')
        self.assertEqual(response.get('ETag'), '"v1"')
        self.assertEqual(response.body, TEXT)

    def test_nothing_is_compressed_twice_and_no_event_stream(self):
        twice = get(self.gateway.port, '/packed', 'Accept-Encoding: gzip\r\n')
        self.assertEqual(gzip.decompress(twice.body), TEXT)
        events = get(self.gateway.port, '/events', 'Accept-Encoding: gzip\r\n')
        self.assertIsNone(events.get('Content-Encoding'))
        self.assertEqual(events.body, TEXT)

    def test_what_the_origin_has_said_can_be_read_before_the_rest_comes(self):
        with Client(self.gateway.port) as client:
            client.send('GET /slow HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n')
            head = client.read_head()
            self.assertEqual(head.get('Content-Encoding'), 'gzip')
            reader, text = zlib.decompressobj(31), b''
            while text != b'first':
                size = int(client.read_line(), 16)
                text += reader.decompress(client.read_bytes(size))
                client.read_line()


if __name__ == '__main__':
    unittest.main()
