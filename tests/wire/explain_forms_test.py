#!/usr/bin/env python3
"""`goodgate explain` in each of its forms: a code, a log, a configuration, a request; for people and for programs."""
import gzip
import json
import pathlib
import subprocess
import tempfile
import unittest

from support.client import get
from support.gateway import GOODGATE, Gateway, run_goodgate
from support.origins import Origin
from support.processes import wait_until

NGINX_LINE = ('2026/11/22 03:00:0{} [error] 7#7: *{} upstream prematurely closed connection while reading response '
              'header from upstream, client: 10.0.0.9, server: shop, request: "GET /cart HTTP/1.1", '
              'upstream: "http://10.0.0.1:3000/cart", host: "shop.example"\n')
NGINX_SETTINGS = 'http { upstream app { server 10.0.0.1:3000; } server { location / { proxy_pass http://app; } } }\n'


class Explain(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def explain(self, *arguments, status=0):
        done = run_goodgate('explain', *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout if status != 2 else done.stderr

    def test_codes_of_many_tongues(self):
        for words, meaning in ((['H1'], 'keep_alive_race'), (['keep_alive_race'], 'keep_alive_race'), (['SH--'], 'HAProxy'),
                               (['UF,URX'], 'Envoy'), (['curl', '52'], 'curl'), (['errno', '111'], 'ECONNREFUSED'),
                               (['upstream prematurely closed connection'], 'nginx')):
            with self.subTest(words):
                self.assertIn(meaning, self.explain(*words))
                self.assertTrue(json.loads(self.explain(*words, '--json')))

    def test_an_unknown_code_is_said_to_be_unknown(self):
        self.assertEqual(self.explain('QX-77', status=1), '')

    def test_logs_plain_packed_and_from_a_pipe(self):
        text = ''.join(NGINX_LINE.format(i, i) for i in range(9))
        plain = self.file('error.log', text)
        packed = self.file('error.log.1.gz', gzip.compress(text.encode()))
        piped = subprocess.run([GOODGATE, 'explain', '--log', '-'], input=text, capture_output=True, text=True,
                               timeout=30, check=False)
        told = [self.explain('--log', plain, status=1), self.explain('--log', packed, status=1), piped.stdout]
        for story in told:
            self.assertIn('10.0.0.1:3000', story)
            self.assertIn('9', story)
        self.assertTrue(json.loads(self.explain('--log', plain, '--json', status=1)))

    def test_a_configuration_gets_lines_to_paste(self):
        settings = self.file('nginx.conf', NGINX_SETTINGS)
        story = self.explain('--config', settings, status=1)
        self.assertIn('keepalive', story)
        self.assertIn('nginx.conf:1', story)
        self.assertTrue(json.loads(self.explain('--config', settings, '--json', status=1)))

    def test_a_request_of_the_running_gateway(self):
        dead = Origin()
        dead.close()
        with Gateway([dead.port]) as gateway:
            identity = get(gateway.port, '/').get('x-request-id')
            wait_until(lambda: gateway.command('explain', identity).returncode == 0, 'the record of the request')
            for form in ([identity], [identity[:12]], ['--request', identity]):
                told = gateway.command('explain', *form)
                self.assertEqual(told.returncode, 0, told.stderr)
                self.assertIn('connect_refused', told.stdout)
                self.assertRegex(told.stdout, r'the endpoint was up, with 1 request at it')
            record = json.loads(gateway.command('explain', identity, '--json').stdout)
            self.assertEqual(record['attempts'][0]['endpoint_then']['standing'], 'up')

    def test_what_cannot_be_explained_at_once_is_refused(self):
        log = self.file('error.log', '')
        self.assertIn('at once', self.explain('H1', '--log', log, status=2))
        self.assertIn('what is to be explained', self.explain(status=2))
        self.assertIn('is no request id', self.explain('--request', 'no id', status=2))


if __name__ == '__main__':
    unittest.main()
