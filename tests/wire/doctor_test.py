#!/usr/bin/env python3
"""`goodgate doctor`: every drill diagnosed as what it is, a healthy server left in peace, and the rest of its ways."""
import gzip
import json
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from drill_test import SCENARIOS, Drills
from support.certificates import Authority
from support.gateway import GOODGATE, Gateway, run_goodgate
from support.origins import OK, Nginx, Origin
from support.processes import free_port

UNAVAILABLE = b'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'


def doctor(*arguments, status):
    """The diagnoses, by URL; it must end with this status."""
    done = run_goodgate('doctor', '--json', *arguments, seconds=60)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return {one['url']: one for one in json.loads(done.stdout)}


class Matrix(unittest.TestCase):
    def test_every_drill_is_diagnosed_as_what_it_is(self):
        with Drills('--all', '-q') as drills:
            urls = drills.urls()
            usual = ['--ca', drills.ca, '--timeout', '7s', '--patience', '1s']
            found = doctor(*usual, *(urls[row['name']] for row in SCENARIOS if not row['http2']), status=1)
            found |= doctor('--http2', '--timeout', '2s', *(urls[row['name']] for row in SCENARIOS if row['http2']), status=1)
        for row in SCENARIOS:
            diagnosis = found[urls[row['name']]]
            causes = [finding.get('cause', '') for finding in diagnosis['findings'] if finding['weight'] != 'note']
            with self.subTest(row['name']):
                self.assertEqual(causes, [] if row['doctor'] == '-' else [row['doctor']], diagnosis)
                for finding in diagnosis['findings']:
                    self.assertTrue(finding['what'].endswith('.') and finding['remedy'].endswith('.'), finding)


class Ways(unittest.TestCase):
    def test_a_healthy_server_gets_no_alarm_within_moments(self):
        with Origin() as origin:
            began = time.monotonic()
            found = doctor(f'http://127.0.0.1:{origin.port}/', status=0)
            took = time.monotonic() - began
        [diagnosis] = found.values()
        self.assertEqual((diagnosis['verdict'], diagnosis['findings']), ('fine', []))
        self.assertLess(took, 10)  # usually half a second; other tests may be running

    def test_the_second_gateway_behind_is_named_with_what_it_met(self):
        with Drills('hop-proxy-status', 'hop-nginx', '-q') as drills:
            urls = drills.urls()
            found = doctor(*urls.values(), status=1)
        inner = found[urls['hop-proxy-status']]['findings'][0]
        self.assertIn('comes from inner, a gateway behind this endpoint (1 further on)', inner['what'])
        self.assertIn('connect_timeout (N2) with 10.1.2.3:8080', inner['what'])
        self.assertIn('comes from nginx', found[urls['hop-nginx']]['findings'][0]['what'])

    def test_what_was_mistaken_for_another_protocol_is_said_to_be_it(self):
        with Drills('proxy-header', 'tls-plain-text', 'http2-only', '-q') as drills:
            urls = drills.urls()
            found = doctor(*urls.values(), status=1)
        said = {name: found[url]['findings'][0]['what'] for name, url in urls.items()}
        self.assertIn('expects a PROXY header', said['proxy-header'])
        self.assertIn('speaks plain HTTP, not TLS', said['tls-plain-text'])
        self.assertIn('speaks HTTP/2 alone', said['http2-only'])

    def test_a_proxy_header_is_found_missing_sent_and_found_needless(self):
        port, tls_port, bare_port = free_port(), free_port(), free_port()
        with Authority() as authority:
            cert, key = authority.issue('127.0.0.1')
            listens = (f'listen 127.0.0.1:{port} proxy_protocol; listen 127.0.0.1:{tls_port} ssl proxy_protocol;'
                       f'listen 127.0.0.1:{bare_port}; ssl_certificate {cert}; ssl_certificate_key {key};'
                       'location / { return 200 well; }')
            with Nginx(listens):
                plain, tls = f'http://127.0.0.1:{port}/', f'https://127.0.0.1:{tls_port}/'
                trusting = ['--ca', authority.file]
                for one in doctor(*trusting, plain, tls, status=1).values():
                    self.assertIn('expects a PROXY header', one['findings'][0]['what'])
                for version in ('v1', 'v2'):
                    found = doctor(*trusting, '--proxy-protocol', version, plain, tls, status=0)
                    self.assertEqual([one['verdict'] for one in found.values()], ['fine', 'fine'], found)
                config = authority.folder / 'goodgate.yaml'
                config.write_text('listeners: [":0"]\nupstreams:\n  app:\n    proxy_protocol: v2\n    endpoints:\n'
                                  f'      - http://127.0.0.1:{port}\n      - http://127.0.0.1:{bare_port}\n')
                found = doctor('-c', config, status=1)
        well, needless = found.values()
        self.assertEqual(well['verdict'], 'fine')
        self.assertIn('expects no PROXY header', needless['findings'][0]['what'])
        self.assertEqual(run_goodgate('doctor', 'http://127.0.0.1', '--proxy-protocol', 'v3').returncode, 2)

    def test_a_service_that_does_not_accept_is_told_from_one_that_is_slow(self):
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            listener.listen(8)
            [one] = doctor('--timeout', '1s', f'http://127.0.0.1:{listener.getsockname()[1]}', status=1).values()
        self.assertIn('the service does not accept it', one['findings'][0]['what'])
        self.assertIn('wait to be accepted', one['findings'][0]['proof'])

    def test_gzip_that_is_none_is_named_and_gzip_is_left_in_peace(self):
        head = b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n'
        packed = gzip.compress(b'hello\n')
        with Origin(lambda request, peer: head % len(packed) + packed) as well, \
                Origin(lambda request, peer: head % 6 + b'hello\n') as ill:
            urls = [f'http://127.0.0.1:{origin.port}' for origin in (well, ill)]
            found = doctor(*urls, status=1)
        self.assertEqual([one['verdict'] for one in found.values()], ['fine', 'wrong'], found)
        self.assertEqual(found[urls[1]]['findings'][0]['cause'], 'body_decode_failed')

    def test_http2_is_spoken_where_tls_agrees_on_it(self):
        with Authority() as authority, Origin() as origin:
            cert, key = authority.issue('127.0.0.1')
            listener = {'address': '127.0.0.1:0', 'tls': {'certificates': [{'cert': cert, 'key': key}]}}
            with Gateway([origin.port], listeners=[listener]) as gateway:
                found = doctor('--ca', authority.file, '--load', f'https://127.0.0.1:{gateway.port}', status=0)
        [diagnosis] = found.values()
        [address] = diagnosis['addresses']
        self.assertTrue(address['http2']['greeted'], address)
        self.assertEqual({one['status'] for one in address['requests']}, {200})
        self.assertGreater(len(address['requests']), 2)
        self.assertEqual(diagnosis['verdict'], 'fine', diagnosis)

    def test_a_certificate_with_two_mistakes_has_both_named_at_once(self):
        with Drills('tls-expired', '-q') as drills:
            [diagnosis] = doctor(drills.urls()['tls-expired'], status=1).values()
        causes = [finding['cause'] for finding in diagnosis['findings']]
        self.assertEqual(causes, ['tls_untrusted_certificate', 'tls_certificate_expired'])

    def test_every_endpoint_of_a_configuration_is_looked_at(self):
        with Drills('refuse', 'idle-close', '--after', '1s', '-q') as drills, Origin() as origin:
            urls = drills.urls()
            config = drills.folder / 'goodgate.yaml'
            config.write_text('listeners: [":0"]\nupstreams:\n'
                              f'  app: [{urls["refuse"]}, "http://127.0.0.1:{origin.port}"]\n'
                              f'  other: [{urls["idle-close"]}]\nroutes: [{{ to: app }}]\n')
            done = run_goodgate('doctor', '-c', config, '--patience', '3s')
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn('(upstream app): wrong\n  wrong  connect_refused (N1)', done.stdout)
        self.assertIn('(upstream other): works, at a risk\n  risk   keep_alive_race (H1)', done.stdout)
        self.assertTrue(done.stdout.endswith('3 endpoints: 1 fine, 1 at risk, 1 wrong\n'), done.stdout)

    def test_endpoints_of_a_file_and_of_a_name_are_looked_at_and_others_are_said_not_to_be(self):
        with Origin() as one, Origin() as two, tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / 'goodgate.yaml'
            (config.parent / 'endpoints').write_text(f'http://127.0.0.1:{one.port} weight=2\n')
            config.write_text('listeners: [":0"]\nupstreams:\n'
                              f'  a: {{ discover: {{ file: {folder}/endpoints }} }}\n'
                              f'  b: {{ discover: {{ dns: localhost, port: {two.port} }} }}\n'
                              '  c: { discover: { srv: _http._tcp.app.test } }\nroutes: [{ to: a }]\n')
            done = run_goodgate('doctor', '-c', config)
        self.assertIn(f'http://127.0.0.1:{one.port} (upstream a): fine', done.stdout)
        self.assertIn(f'http://localhost:{two.port} (upstream b)', done.stdout)
        self.assertIn('upstream c: _http._tcp.app.test: what is found there is not looked at', done.stderr)

    def test_a_name_that_does_not_exist_is_a_finding_and_nonsense_is_misuse(self):
        [diagnosis] = doctor('http://no-such-name.invalid:80/', status=1).values()
        self.assertTrue(diagnosis['findings'][0]['cause'].startswith('dns_'), diagnosis)
        self.assertEqual(run_goodgate('doctor', 'ftp://127.0.0.1').returncode, 2)
        self.assertEqual(run_goodgate('doctor', 'http://127.0.0.1', '--timeout', '5').returncode, 2)

    def test_it_watches_until_something_changes(self):
        is_well = threading.Event()
        with Origin(lambda request, peer: OK if is_well.is_set() else UNAVAILABLE) as origin:
            command = [GOODGATE, 'doctor', '--watch', '--every', '4s', f'http://127.0.0.1:{origin.port}']
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
                self.addCleanup(watching.kill)
                self.assertIn(': wrong', watching.stdout.readline())
                is_well.set()
                rest = watching.stdout.read()
                self.assertEqual(watching.wait(timeout=20), 0, rest)
        self.assertIn(': fine\n', rest)


if __name__ == '__main__':
    unittest.main()
