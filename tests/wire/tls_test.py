#!/usr/bin/env python3
"""TLS on both sides of the gateway, met with curl, openssl, Node and nginx."""
import base64
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import unittest

from support.certificates import Authority
from support.client import get
from support.gateway import Gateway, run_goodgate
from support.origins import Nginx, Origin

BIG = os.urandom(3 << 20)


def curl(*arguments, status=0):
    """What curl says; it must end with this status."""
    done = subprocess.run(['curl', '-sS', '--max-time', '20', *arguments], capture_output=True, check=False)
    assert done.returncode == status, (done.returncode, done.stderr.decode())
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

    def test_a_client_must_show_the_certificate_that_is_asked_for(self):
        listener = self.listener(self.authority.issue('one.example'), client_ca=self.ca)
        cert, key = self.authority.issue('alice.example')
        with Gateway([self.origin.port], listeners=[listener]) as gateway:
            self.fetch(gateway, 'one.example', '--cert', cert, '--key', key, '-H', 'Client-Cert: :forged:')
            self.fetch(gateway, 'one.example', status=56)
        shown = self.origin.requests[0].get('Client-Cert')
        der = ssl.PEM_cert_to_DER_cert(pathlib.Path(cert).read_text(encoding='ascii'))
        self.assertEqual(base64.b64decode(shown.strip(':')), der)
        self.assertEqual(len(self.origin.requests), 1)

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
