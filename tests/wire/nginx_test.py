#!/usr/bin/env python3
"""curl through the gateway to nginx: what people do with a web server, unchanged by what is between."""
import gzip
import hashlib
import os
import subprocess
import tempfile
import unittest

from support.client import Client, get
from support.gateway import Gateway
from support.origins import Nginx

BIG = os.urandom(1 << 20)
TEXT = b'a line of text that compresses\n' * 4000


def curl(*arguments):
    """curl's output as bytes; it must succeed."""
    done = subprocess.run(['curl', '-sS', '--max-time', '20', *arguments], capture_output=True,
                          check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class NginxBehindTheGateway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nginx = cls.enterClassContext(Nginx(
            # nginx compresses for a proxy, which Via shows, only when told to.
            'gzip on; gzip_proxied any; gzip_types text/plain; gzip_min_length 100; dav_methods PUT DELETE;'
            'client_max_body_size 64m; create_full_put_path on;'
            'location = /moved { return 301 /small.txt; }'
            'location = /unavailable { return 503 "later"; }',
            {'small.txt': b'hello\n', 'big.bin': BIG, 'text.txt': TEXT, 'empty.txt': b''}))
        cls.gateway = cls.enterClassContext(Gateway([cls.nginx.port]))
        cls.url = f'http://127.0.0.1:{cls.gateway.port}'

    def status(self, *arguments):
        return curl('-o', '/dev/null', '-w', '%{http_code}', *arguments).decode()

    def test_a_file_arrives_as_it_is(self):
        self.assertEqual(curl(f'{self.url}/small.txt'), b'hello\n')
        self.assertEqual(curl(f'{self.url}/big.bin'), BIG)
        self.assertEqual(curl(f'{self.url}/empty.txt'), b'')

    def test_http_1_0_without_and_with_keep_alive_gets_the_same_bytes(self):
        self.assertEqual(curl('--http1.0', f'{self.url}/big.bin'), BIG)
        twice = curl('--http1.0', '-H', 'Connection: keep-alive', f'{self.url}/small.txt',
                     f'{self.url}/small.txt', '-w', '%{num_connects} ')
        self.assertEqual(twice, b'hello\n1 hello\n0 ')

    def test_a_chunked_response_to_http_1_0_ends_with_the_connection(self):
        packed = curl('--http1.0', '-H', 'Accept-Encoding: gzip', f'{self.url}/text.txt')
        self.assertEqual(gzip.decompress(packed), TEXT)

    def test_many_requests_share_one_client_connection(self):
        urls = [f'{self.url}/small.txt'] * 20
        connects = curl(*urls, '-w', '%{num_connects}')
        self.assertEqual(connects, b'hello\n1' + b'hello\n0' * 19)

    def test_compressed_chunked_content_is_passed_on_untouched(self):
        head = curl('-o', '/dev/null', '-D', '-', '-H', 'Accept-Encoding: gzip', f'{self.url}/text.txt')
        self.assertIn(b'Transfer-Encoding: chunked', head)
        self.assertIn(b'Content-Encoding: gzip', head)
        self.assertEqual(curl('--compressed', f'{self.url}/text.txt'), TEXT)

    def test_ranges_are_the_origins_business(self):
        self.assertEqual(curl('-r', '100-199', f'{self.url}/big.bin'), BIG[100:200])
        self.assertEqual(self.status('-r', '100-199', f'{self.url}/big.bin'), '206')
        self.assertEqual(self.status('-r', '9999999-', f'{self.url}/big.bin'), '416')
        several = curl('-r', '0-9,20-29', f'{self.url}/big.bin')
        self.assertIn(b'Content-Range: bytes 20-29/1048576', several)

    def test_head_tells_the_length_and_sends_nothing(self):
        with Client(self.gateway.port) as client:
            request = 'HEAD /big.bin HTTP/1.1\r\nHost: test.example\r\n\r\n'
            first = client.ask(request)
            second = client.ask(request)
        self.assertEqual((first.status, first.get('Content-Length')), (200, str(len(BIG))))
        self.assertEqual(first.get('ETag'), second.get('ETag'))

    def test_a_304_keeps_its_validators_and_has_no_body(self):
        etag = get(self.gateway.port, '/small.txt').get('ETag')
        with Client(self.gateway.port) as client:
            request = f'GET /small.txt HTTP/1.1\r\nHost: t\r\nIf-None-Match: {etag}\r\n\r\n'
            answers = [client.ask(request), client.ask(request)]
        self.assertEqual([a.status for a in answers], [304, 304])
        self.assertEqual(answers[0].get('ETag'), etag)

    def test_redirects_and_errors_of_the_origin_are_passed_on_as_they_are(self):
        moved = get(self.gateway.port, '/moved')
        self.assertEqual(moved.status, 301)
        self.assertTrue(moved.get('Location').endswith('/small.txt'))
        later = get(self.gateway.port, '/unavailable')
        self.assertEqual((later.status, later.body), (503, b'later'))
        self.assertIn('received-status=503', later.get('Proxy-Status'))
        self.assertEqual(get(self.gateway.port, '/none').status, 404)

    def test_an_upload_with_a_length_arrives_whole(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(BIG)
            file.flush()
            self.assertEqual(self.status('-T', file.name, f'{self.url}/up/length.bin'), '201')
        self.assertEqual(curl(f'{self.url}/up/length.bin'), BIG)

    def test_an_upload_in_chunks_arrives_whole_with_and_without_expect(self):
        for name, expect in (('expect.bin', 'Expect: 100-continue'), ('plain.bin', 'Expect:')):
            uploaded = subprocess.run(
                ['curl', '-sS', '-T', '-', '-H', expect, '-o', '/dev/null', '-w', '%{http_code}',
                 f'{self.url}/up/{name}'], input=BIG, capture_output=True, check=True)
            self.assertEqual(uploaded.stdout, b'201', name)
            self.assertEqual(curl(f'{self.url}/up/{name}'), BIG, name)

    def test_a_large_upload_and_download_keep_their_bytes(self):
        content = os.urandom(1 << 16) * 256
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            self.assertEqual(self.status('-T', file.name, f'{self.url}/up/large.bin'), '201')
        got = curl(f'{self.url}/up/large.bin')
        self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(content).digest())


if __name__ == '__main__':
    unittest.main(verbosity=2)
