#!/usr/bin/env python3
"""PROXY headers, from proxies that others have written: HAProxy and curl."""
import socket
import subprocess
import unittest

from support.certificates import Authority
from support.gateway import Gateway
from support.origins import HaProxy, Origin

TRUSTED = ['127.0.0.0/8']


def listener(**more):
    return {'address': '127.0.0.1:0', 'proxy_protocol': True, **more}


def curl(*arguments):
    done = subprocess.run(['curl', '-sS', '--max-time', '20', *arguments], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class BehindAProxy(unittest.TestCase):
    def test_haproxy_names_the_client_in_both_versions(self):
        with Origin() as origin, Gateway([origin.port], listeners=[listener()], trusted_proxies=TRUSTED) as gateway:
            for version in ('send-proxy', 'send-proxy-v2', 'send-proxy-v2 proxy-v2-options unique-id,authority'):
                with HaProxy(gateway.port, 'http-request set-src hdr(x-test-client)', version) as haproxy:
                    curl('-H', 'X-Test-Client: 192.0.2.7', f'http://127.0.0.1:{haproxy.port}/')
            self.assertEqual([r.get('X-Forwarded-For') for r in origin.requests], ['192.0.2.7'] * 3)
            self.assertEqual({r['client'] for r in gateway.records(3)}, {'192.0.2.7'})

    def test_curl_names_itself_before_tls_and_before_http2(self):
        with Authority() as authority, Origin() as origin:
            cert, key = authority.issue('127.0.0.1')
            secure = listener(tls={'certificates': [{'cert': cert, 'key': key}]})
            with Gateway([origin.port], listeners=[secure, listener()], trusted_proxies=TRUSTED) as gateway:
                version = ('--haproxy-protocol', '-o', '/dev/null', '-w', '%{http_version}')
                url = f'https://127.0.0.1:{gateway.ports[0]}/'
                self.assertEqual(curl(*version, '--cacert', str(authority.file), '--http2', url), b'2')
                url = f'http://127.0.0.1:{gateway.ports[1]}/'
                self.assertEqual(curl(*version, url), b'1.1')
                self.assertEqual({r['client'] for r in gateway.records(2)}, {'127.0.0.1'})

    def test_what_is_no_header_is_refused_and_said(self):
        with Origin() as origin, Gateway([origin.port], listeners=[listener()], trusted_proxies=TRUSTED) as gateway:
            with socket.create_connection(('127.0.0.1', gateway.port), timeout=20) as client:
                client.sendall(b'GET / HTTP/1.1\r\nHost: t\r\n\r\n')
                self.assertEqual(client.recv(100), b'')
            self.assertEqual(gateway.last_record()['fault'], 'client_proxy_header_missing')
            gateway.write_config(trusted_proxies=['192.0.2.0/24'])
            self.assertEqual(gateway.command('reload').returncode, 0)
            with socket.create_connection(('127.0.0.1', gateway.port), timeout=20) as client:
                client.sendall(b'PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\nGET / HTTP/1.1\r\nHost: t\r\n\r\n')
                with self.assertRaises(ConnectionError):
                    if client.recv(100) == b'':
                        raise ConnectionError
            self.assertEqual(gateway.last_record(2)['fault'], 'client_not_a_trusted_proxy')
            self.assertEqual(origin.requests, [])


if __name__ == '__main__':
    unittest.main(verbosity=2)
