#!/usr/bin/env python3
"""PROXY headers towards endpoints that others have written: nginx and HAProxy."""
import http.client
import socket
import threading
import unittest

from support.certificates import Authority
from support.gateway import Gateway
from support.origins import HaProxy, Nginx, Origin
from support.processes import free_port, wait_until

SAYS = 'return 200 "$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $connection";'


class Client:
    """A kept connection from an address of its own."""

    def __init__(self, gateway, source='127.0.0.1'):
        self.connection = http.client.HTTPConnection('127.0.0.1', gateway.port, timeout=20, source_address=(source, 0))
        self.connection.connect()
        self.name = ' '.join(map(str, self.connection.sock.getsockname()))

    def get(self):
        self.connection.request('GET', '/')
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()


def upstream(url, version, **more):
    return {'upstreams': {'app': {'endpoints': [url], 'proxy_protocol': version, **more}}}


class Introduced(unittest.TestCase):
    def check(self, url, version, **more):
        """Each client is named, on a connection that it keeps and nobody else gets."""
        with Gateway(**upstream(url, version, **more)) as gateway:
            one, two = Client(gateway), Client(gateway, '127.0.0.2')
            said = {client: [client.get() for _ in range(3)] for client in (one, two, one, two)}
            connections = set()
            for client, answers in said.items():
                self.assertEqual({answer[:1] for answer in answers}, {(200,)}, gateway.errors())
                texts = {text for _, text in answers}
                self.assertEqual(len(texts), 1, texts)
                text = texts.pop()
                self.assertTrue(text.startswith(f'{client.name} 127.0.0.1'), (client.name, text))
                connections.add(text.split()[-1])
            return connections

    def test_nginx_learns_of_each_client_by_both_versions(self):
        port = free_port()
        with Nginx(f'listen 127.0.0.1:{port} proxy_protocol; location / {{ {SAYS} }}'):
            for version in ('v1', 'v2'):
                self.assertEqual(len(self.check(f'http://127.0.0.1:{port}', version)), 2)

    def test_nginx_learns_it_before_tls(self):
        port = free_port()
        with Authority() as authority:
            tls = authority.issue('127.0.0.1')
            with Nginx(f'listen 127.0.0.1:{port} ssl proxy_protocol; location / {{ {SAYS} }}', tls=tls):
                self.check(f'https://127.0.0.1:{port}', 'v2', tls={'ca': str(authority.file)})

    def test_haproxy_accepts_both_versions(self):
        port = free_port()
        rules = (f'bind 127.0.0.1:{port} accept-proxy\n'
                 '  http-request return status 200 content-type text/plain lf-string "%[src] %[src_port] %[dst]"')
        with HaProxy(1, rules):
            for version in ('v1', 'v2'):
                self.check(f'http://127.0.0.1:{port}', version)

    def test_checks_name_nobody(self):
        heard = []
        listener = socket.create_server(('127.0.0.1', 0))

        def serve():
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                heard.append(peer.recv(4096))
                peer.close()

        threading.Thread(target=serve, daemon=True).start()
        url = f'http://127.0.0.1:{listener.getsockname()[1]}'
        starts = {'v1': b'PROXY UNKNOWN\r\n', 'v2': b'\r\n\r\n\0\r\nQUIT\n\x20\0\0\0'}
        for version, start in starts.items():
            heard.clear()
            with Gateway(**upstream(url, version, health={'get': '/up', 'every': '100ms'})) as gateway:
                wait_until(lambda: heard, 'a check')
                self.assertTrue(heard[0].startswith(start), heard[0])
                # The header may come in a piece of its own.
                self.assertIn(heard[0][len(start):][:7], (b'', b'GET /up'), gateway.errors())
        listener.close()

    def test_it_does_not_go_with_http2(self):
        with Origin() as origin:
            config = upstream(f'http://127.0.0.1:{origin.port}', 'v1', http2='always')
            gateway = Gateway(wait=False, **config)
            try:
                self.assertEqual(gateway.program.wait(20), 1)
                self.assertIn('HTTP/2 shares its connections among all', gateway.errors())
            finally:
                gateway.program.kill()


if __name__ == '__main__':
    unittest.main(verbosity=2)
