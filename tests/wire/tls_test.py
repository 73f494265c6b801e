#!/usr/bin/env python3
"""TLS on both sides of the gateway, met with curl, openssl, Node and nginx."""
import base64
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import unittest
import urllib.request

from support.certificates import Authority
from support.client import get
from support.gateway import Gateway, run_goodgate
from support.origins import Nginx, Origin

BIG = os.urandom(3 << 20)


# curl's status when the handshake was its last word: it fails to send or to receive, whichever is first.
CUT_OFF = (55, 56)


def curl(*arguments, status=0):
    """What curl says; it must end with this status, or one of these."""
    done = subprocess.run(['curl', '-sS', '--max-time', '20', *arguments], capture_output=True, check=False)
    assert done.returncode in (status if isinstance(status, tuple) else (status,)), (done.returncode, done.stderr.decode())
    return done.stdout


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = cls.enterClassContext(Authority())
        cls.ca = str(cls.authority.file)

    def listener(self, *certificates, **more):
        tls = {'certificates': [{'cert': cert, 'key': key} for cert, key in certificates], **more}
        return {'address': '127.0.0.1:0', 'tls': tls}

    def upstream(self, port, **tls):
        return {'app': {'endpoints': [f'https://127.0.0.1:{port}'], 'tls': {'ca': self.ca, **tls}}}


class InFront(TlsTest):
    def setUp(self):
        self.origin = self.enterContext(Origin())

    def fetch(self, gateway, name, *more, status=0):
        return curl('--cacert', self.ca, '--connect-to', f'{name}:443:127.0.0.1:{gateway.port}',
                    f'https://{name}/', *more, status=status)

    def test_the_certificate_is_chosen_by_name_and_the_origin_told_of_https(self):
        listener = self.listener(self.authority.issue('one.example'),
                                 self.authority.issue('two.example', '*.two.example'))
        with Gateway([self.origin.port], listeners=[listener]) as gateway:
            for name in ('one.example', 'two.example', 'shop.two.example'):
                self.fetch(gateway, name)
            self.fetch(gateway, 'three.example', status=60)  # who sees the first one, and leaves
            curl('--connect-to', f'one.example:443:127.0.0.1:{gateway.port}', 'https://one.example/', status=60)
            gateway.wait_for_text('TLS handshakes with clients failed: 1 alert')
            metrics = gateway.admin('/metrics')
            self.assertIn('goodgate_client_tls_failures_total{reason="alert"} 1', metrics)
            expiry = re.findall(r'goodgate_certificate_expiry_seconds\{certificate="[^"]+"\} (\d+)', metrics)
            self.assertEqual(len(expiry), 2)
            self.assertEqual([record['scheme'] for record in gateway.records(3)], ['https'] * 3)
        self.assertEqual(self.origin.requests[0].get('X-Forwarded-Proto'), 'https')

    def test_sessions_are_resumed_and_old_versions_refused(self):
        with Gateway([self.origin.port], listeners=[self.listener(self.authority.issue('one.example'))]) as gateway:
            context = ssl.create_default_context(cafile=self.ca)
            session = None
            reused = []
            for _ in range(4):
                with socket.create_connection(('127.0.0.1', gateway.port), 10) as plain:
                    with context.wrap_socket(plain, server_hostname='one.example', session=session) as tls:
                        tls.sendall(b'GET / HTTP/1.1\r\nHost: one.example\r\n\r\n')
                        self.assertIn(b'200', tls.recv(65536))
                        session = tls.session
                        reused.append(tls.session_reused)
                        self.assertEqual(tls.version(), 'TLSv1.3')
            self.assertEqual(reused, [False, True, True, True])
            self.fetch(gateway, 'one.example', '--tlsv1.2', '--tls-max', '1.2')
            self.fetch(gateway, 'one.example', '--tlsv1.1', '--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0',
                       status=35)

    def test_sessions_are_resumed_after_a_reload(self):
        with Gateway([self.origin.port], listeners=[self.listener(self.authority.issue('one.example'))]) as gateway:
            context = ssl.create_default_context(cafile=self.ca)
            session = None
            reused = []
            for _ in range(3):
                with socket.create_connection(('127.0.0.1', gateway.port), 10) as plain:
                    with context.wrap_socket(plain, server_hostname='one.example', session=session) as tls:
                        tls.sendall(b'GET / HTTP/1.1\r\nHost: one.example\r\n\r\n')
                        self.assertIn(b'200', tls.recv(65536))
                        session = tls.session
                        reused.append(tls.session_reused)
                self.assertEqual(gateway.command('reload').returncode, 0)
            self.assertEqual(reused, [False, True, True])

    def test_a_client_must_show_the_certificate_that_is_asked_for(self):
        listener = self.listener(self.authority.issue('one.example'), client_ca=self.ca)
        cert, key = self.authority.issue('alice.example')
        with Gateway([self.origin.port], listeners=[listener]) as gateway:
            self.fetch(gateway, 'one.example', '--cert', cert, '--key', key, '-H', 'Client-Cert: :forged:')
            self.fetch(gateway, 'one.example', status=CUT_OFF)
        shown = self.origin.requests[0].get('Client-Cert')
        der = ssl.PEM_cert_to_DER_cert(pathlib.Path(cert).read_text(encoding='ascii'))
        self.assertEqual(base64.b64decode(shown.strip(':')), der)
        self.assertEqual(len(self.origin.requests), 1)

    def test_a_client_may_do_without_a_certificate_where_it_is_optional(self):
        listener = self.listener(self.authority.issue('one.example'), client_ca=self.ca, client_certificates='optional')
        cert, key = self.authority.issue('alice.example')
        with Gateway([self.origin.port], listeners=[listener]) as gateway, Authority() as other:
            self.fetch(gateway, 'one.example', '--cert', cert, '--key', key)
            self.fetch(gateway, 'one.example', '-H', 'Client-Cert: :forged:')
            cert, key = other.issue('mallory.example')
            self.fetch(gateway, 'one.example', '--cert', cert, '--key', key, status=CUT_OFF)
        shown = [request.get('Client-Cert') for request in self.origin.requests]
        self.assertEqual([bool(one) for one in shown], [True, False])

    def test_a_response_of_ocsp_is_stapled(self):
        cert, key = self.authority.issue('one.example')
        listener = self.listener((cert, key))
        listener['tls']['certificates'][0]['ocsp'] = self.authority.answer_about(cert)
        with Gateway([self.origin.port], listeners=[listener]) as gateway:
            said = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{gateway.port}', '-status',
                                   '-servername', 'one.example', '-CAfile', self.ca],
                                  input='', capture_output=True, text=True, timeout=30, check=False).stdout
            self.assertIn('OCSP Response Status: successful', said)
            self.assertIn('Cert Status: good', said)

    def test_nobody_elses_word_for_an_identity_is_passed_on(self):
        with Gateway([self.origin.port]) as gateway:
            get(gateway.port, fields='Client-Cert: :Zm9yZ2Vk:\r\nClient-Cert-Chain: :eA==:\r\n')
        self.assertIsNone(self.origin.requests[0].get('Client-Cert'))
        self.assertIsNone(self.origin.requests[0].get('Client-Cert-Chain'))

    def test_plain_http_is_told_where_it_is(self):
        with Gateway([self.origin.port], listeners=[self.listener(self.authority.issue('one.example'))]) as gateway:
            answer = get(gateway.port)
            self.assertEqual(answer.status, 400)
            self.assertIn(b'speaks TLS', answer.body)

    def test_new_certificates_are_served_after_a_reload_and_bad_ones_are_not(self):
        files = self.authority.issue('one.example')
        with Gateway([self.origin.port], listeners=[self.listener(files)]) as gateway:
            self.fetch(gateway, 'one.example')
            stem = files[0].removesuffix('.pem')
            shutil.copy(self.authority.issue('other.example')[1], files[1])
            refused = gateway.command('reload')
            self.assertEqual(refused.returncode, 1, refused.stdout + refused.stderr)
            gateway.wait_for_text(f'{files[1]} is not the key of the certificate in {files[0]}')
            self.fetch(gateway, 'one.example')
            self.authority.issue('two.example', into=stem)
            self.assertEqual(gateway.command('reload').returncode, 0)
            self.fetch(gateway, 'two.example')


class Http2InFront(TlsTest):
    """By ALPN, with clients that others have written."""

    def setUp(self):
        self.nginx = self.enterContext(Nginx(files={'a.txt': b'a' * 3000, 'big.bin': BIG}))
        self.gateway = self.enterContext(Gateway([self.nginx.port], listeners=[
            self.listener(self.authority.issue('127.0.0.1', 'localhost')),
            {**self.listener(self.authority.issue('127.0.0.1')), 'http2': False}]))
        self.url = f'https://127.0.0.1:{self.gateway.port}'

    def test_curl_speaks_what_was_agreed_on(self):
        version = ('-o', '/dev/null', '-w', '%{http_version} %{http_code}', '--cacert', self.ca)
        self.assertEqual(curl(*version, '--http2', f'{self.url}/a.txt'), b'2 200')
        self.assertEqual(curl(*version, '--http2', '--tls-max', '1.2', f'{self.url}/a.txt'), b'2 200')
        self.assertEqual(curl(*version, '--http1.1', f'{self.url}/a.txt'), b'1.1 200')
        self.assertEqual(curl(*version, '--http2', f'https://127.0.0.1:{self.gateway.ports[1]}/a.txt'), b'1.1 200')
        self.assertEqual(curl('--cacert', self.ca, '--http2', f'{self.url}/big.bin'), BIG)
        records = self.gateway.records(5)
        self.assertEqual([r['version'] for r in records],
                         ['HTTP/2.0', 'HTTP/2.0', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/2.0'])
        self.assertEqual({r['scheme'] for r in records}, {'https'})

    def test_nghttp_and_h2load_get_nothing_but_good_answers(self):
        done = subprocess.run(['nghttp', '-v', '-n', f'{self.url}/a.txt'], capture_output=True, text=True,
                              timeout=60, check=True)
        self.assertIn('The negotiated protocol: h2', done.stdout)
        self.assertIn(':status: 200', done.stdout)
        done = subprocess.run(['h2load', '-n', '600', '-c', '3', '-m', '32', f'{self.url}/a.txt'],
                              capture_output=True, text=True, timeout=120, check=True)
        self.assertIn('Application protocol: h2', done.stdout)
        self.assertRegex(done.stdout, r'600 succeeded, 0 failed, 0 errored')

    def test_node_has_many_streams_on_one_connection(self):
        script = r"""
            const [url, ca] = process.argv.slice(1);
            const client = require('http2').connect(url, {ca: require('fs').readFileSync(ca)});
            const ask = (path) => new Promise((resolve, reject) => {
              const stream = client.request({':path': path});
              let size = 0;
              stream.on('response', (head) => { stream.status = head[':status']; });
              stream.on('data', (piece) => { size += piece.length; });
              stream.on('error', reject);
              stream.on('end', () => resolve([stream.status, size]));
            });
            (async () => {
              const all = await Promise.all(Array.from({length: 50}, (_, i) => ask(i % 10 ? '/a.txt' : '/big.bin')));
              console.log(JSON.stringify([client.alpnProtocol, all]));
              client.close();
            })();
            """
        done = subprocess.run(['node', '-e', script, self.url, self.ca], capture_output=True, text=True,
                              timeout=120, check=True)
        protocol, answers = json.loads(done.stdout)
        self.assertEqual(protocol, 'h2')
        self.assertEqual(answers, [[200, 3000 if i % 10 else len(BIG)] for i in range(50)])
        self.assertEqual(len({r['client_connection'] for r in self.gateway.records(50)}), 1)

    def test_chromium_loads_a_page_by_http2(self):
        page = b"""<!doctype html><title>page</title><p id=said>nothing</p><script>
            const sizes = Array.from({length: 30}, () => fetch('/a.txt').then(r => r.text()).then(t => t.length));
            Promise.all(sizes).then(all => { said.textContent = 'sum ' + all.reduce((a, b) => a + b); });
            </script>"""
        with Nginx(files={'index.html': page, 'a.txt': b'a' * 3000}) as nginx, \
                Gateway([nginx.port], listeners=[self.listener(self.authority.issue('127.0.0.1'))]) as gateway, \
                tempfile.TemporaryDirectory() as profile:
            done = subprocess.run(
                ['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
                 '--disable-background-networking', '--disable-component-update', '--disable-sync',
                 f'--user-data-dir={profile}', '--ignore-certificate-errors', '--virtual-time-budget=20000',
                 '--dump-dom', f'https://127.0.0.1:{gateway.port}/index.html'],
                capture_output=True, text=True, timeout=120, check=True)
            self.assertIn('<p id="said">sum 90000</p>', done.stdout, done.stderr)
            ours = [r for r in gateway.records() if r['target'] != '/favicon.ico']
            self.assertEqual({(r['version'], r['status']) for r in ours}, {('HTTP/2.0', 200)})

    def test_pythons_own_client_speaks_http1(self):
        context = ssl.create_default_context(cafile=self.ca)
        with urllib.request.urlopen(f'{self.url}/a.txt', timeout=20, context=context) as answer:
            self.assertEqual(answer.read(), b'a' * 3000)
        self.assertEqual(self.gateway.last_record()['version'], 'HTTP/1.1')


class Checked(TlsTest):
    def test_what_is_wrong_with_a_file_is_said_with_its_place(self):
        good = self.authority.issue('one.example')
        said = run_check(self, (good[0], self.authority.issue('x.example')[1]))
        self.assertIn(f'is not the key of the certificate in {good[0]}', said)
        self.assertIn('goodgate.yaml:', said)
        self.assertIn('cannot be read: No such file', run_check(self, ('/none.pem', good[1])))
        self.assertIn('has expired on', run_check(self, self.authority.issue('one.example', days=-1)))
        self.assertRegex(run_check(self, self.authority.issue('one.example', days=6)), 'expires in [56] days, on')
        self.assertIn('fine', run_check(self, good))


def run_check(test, files):
    """What `goodgate check` says of a listener with these files."""
    folder = test.authority.folder
    (folder / 'goodgate.yaml').write_text(
        f'listeners: [{{ address: ":8443", tls: {{ certificates: {{ cert: {files[0]}, key: {files[1]} }} }} }}]\n'
        'upstreams: { app: "http://127.0.0.1:1" }\n')
    done = run_goodgate('check', '-c', folder / 'goodgate.yaml')
    return done.stdout + done.stderr


class Behind(TlsTest):
    def test_nginx_is_reached_by_tls_whole_and_on_one_connection(self):
        with Nginx(files={'big.bin': BIG, 'small.txt': b'hello\n'},
                   tls=self.authority.issue('127.0.0.1')) as nginx, \
                Gateway(upstreams=self.upstream(nginx.port)) as gateway:
            url = f'http://127.0.0.1:{gateway.port}'
            self.assertEqual(curl(f'{url}/big.bin'), BIG)
            self.assertEqual(curl(f'{url}/small.txt', f'{url}/small.txt'), b'hello\nhello\n')
            attempts = [record['attempts'][0] for record in gateway.records(3)]
            self.assertIn('tls_ms', attempts[0])

    def test_a_certificate_that_nobody_vouches_for_is_not_accepted(self):
        with Authority() as other, Nginx(files={'a': b'a'}, tls=other.issue('127.0.0.1')) as nginx:
            with Gateway(upstreams=self.upstream(nginx.port)) as gateway:
                answer = get(gateway.port, '/a')
                self.assertEqual(answer.status, 502)
                self.assertIn('tls_certificate_error', answer.get('Proxy-Status'))
                attempt = gateway.last_record()['attempts'][0]
                self.assertEqual(attempt['fault'], 'tls_untrusted_certificate')
                self.assertIn('certificate', attempt['certificate_error'])
            with Gateway(upstreams=self.upstream(nginx.port, verify=False)) as gateway:
                self.assertEqual(get(gateway.port, '/a').status, 200)

    def test_a_certificate_for_another_name_and_a_port_without_tls_are_told_apart(self):
        with Nginx(files={'a': b'a'}, tls=self.authority.issue('app.internal')) as nginx:
            with Gateway(upstreams=self.upstream(nginx.port)) as gateway:
                get(gateway.port, '/a')
                self.assertEqual(gateway.last_record()['attempts'][0]['fault'], 'tls_name_mismatch')
            with Gateway(upstreams=self.upstream(nginx.port, server_name='app.internal')) as gateway:
                self.assertEqual(get(gateway.port, '/a').status, 200)
        with Nginx(files={'a': b'a'}) as plain, Gateway(upstreams=self.upstream(plain.port)) as gateway:
            get(gateway.port, '/a')
            attempt = gateway.last_record()['attempts'][0]
            self.assertEqual(attempt['fault'], 'tls_not_spoken')
            self.assertIn('HTTP/1.1 400', attempt['first_bytes'])

    def test_a_server_that_asks_for_a_certificate_gets_ours(self):
        server = f'ssl_client_certificate {self.ca}; ssl_verify_client on;'
        cert, key = self.authority.issue('gateway.internal')
        with Nginx(server, {'a': b'a'}, tls=self.authority.issue('127.0.0.1')) as nginx, \
                Gateway(upstreams=self.upstream(nginx.port, cert=cert, key=key)) as gateway:
            self.assertEqual(get(gateway.port, '/a').status, 200)


if __name__ == '__main__':
    unittest.main()
