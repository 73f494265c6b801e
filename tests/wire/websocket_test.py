#!/usr/bin/env python3
"""An echo suite of WebSocket through the gateway, with a server and a client that others have written."""
import json
import os
import pathlib
import subprocess
import unittest

from support.browser import Browser
from support.certificates import Authority
from support.client import Client
from support.gateway import Gateway
from support.origins import OK, Node, Origin
from support.processes import wait_until

# Where Debian has the module `ws`, for a Node that is not Debian's own.
os.environ.setdefault('NODE_PATH', '/usr/share/nodejs')
CLIENT = pathlib.Path(__file__).parent / 'support' / 'echo_client.js'
SOCKET = CLIENT.with_name('socket_over_http2.js')
# What the server and the client say to each other without a gateway, too.
SAID = {
    'text': True, 'empty': True, 'binary': True, 'large': True, 'many': True, 'fragments': True,
    'a ping within fragments': True, 'compressed': True, 'our close': [4001, 'enough'],
    'their close': [4100, 'not here'], 'a cut': [1006, ''], 'a message too large': [1009, ''],
    'an unknown kind of frame': [1002, ''], 'a frame without a mask': [1002, ''], 'text that is none': [1007, ''],
    'end': [1000, '']}

IN_A_PAGE = """new Promise(done => {
  const socket = new WebSocket(`wss://${location.host}/socket`), said = [];
  socket.onopen = () => socket.send('hello');
  socket.onmessage = event => {
    said.push(event.data);
    if (said.length === 1) socket.send('x'.repeat(100000)); else socket.close(4002, 'enough');
  };
  socket.onclose = event => done([said[0], (said[1] || '').length, event.code, event.reason, event.wasClean]);
})"""


def play(url, ca='-'):
    done = subprocess.run(['node', CLIENT, url, ca], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class WebSockets(unittest.TestCase):
    def setUp(self):
        self.echo = self.enterContext(Node('echo_sockets.js'))

    def test_the_suite_says_what_it_is_taken_to_say(self):
        self.assertEqual(play(f'ws://127.0.0.1:{self.echo.port}'), SAID)

    def test_it_says_the_same_through_the_gateway(self):
        with Gateway([self.echo.port]) as gateway:
            self.assertEqual(play(f'ws://127.0.0.1:{gateway.port}'), SAID)
            records = gateway.records(8)
            self.assertEqual({r['status'] for r in records}, {101})

    def test_it_says_the_same_over_tls(self):
        with Authority() as authority:
            cert, key = authority.issue('127.0.0.1')
            listener = {'address': '127.0.0.1:0', 'tls': {'certificates': [{'cert': cert, 'key': key}]}}
            with Gateway([self.echo.port], listeners=[listener]) as gateway:
                self.assertEqual(play(f'wss://127.0.0.1:{gateway.port}', str(authority.file)), SAID)

    def over_http2(self, url, path, text):
        done = subprocess.run(['node', SOCKET, url, path, text], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_socket_over_http2_is_one_of_http1_behind(self):
        with Gateway([self.echo.port]) as gateway:
            url = f'http://127.0.0.1:{gateway.port}'
            for text in ('hello', 'x' * 60_000):
                done = self.over_http2(url, '/', text)
                self.assertEqual(done['said'], text)
                self.assertEqual((done['offered'], done['status'], done['accept'], done['closed']),
                                 (True, 200, False, True))
            record = gateway.last_record(2)
            self.assertEqual((record['status'], record['method'], record['version']), (101, 'GET', 'HTTP/2.0'))

    def test_chromium_opens_one_on_the_connection_that_brought_the_page(self):
        page = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<p>a page</p>'
        routes = [{'path': '/socket', 'to': 'echo'}, {'path': '/', 'to': 'page'}]
        with Authority() as authority, Origin(lambda *_: page) as origin, \
                Browser('--ignore-certificate-errors', '--disable-quic') as browser:
            cert, key = authority.issue('127.0.0.1')
            listener = {'address': '127.0.0.1:0', 'tls': {'certificates': [{'cert': cert, 'key': key}]}}
            upstreams = {'page': [f'http://127.0.0.1:{origin.port}'], 'echo': [f'http://127.0.0.1:{self.echo.port}']}
            with Gateway(listeners=[listener], upstreams=upstreams, routes=routes) as gateway:
                browser.open(f'https://127.0.0.1:{gateway.port}/')
                browser.wait_for('p', 'a page')
                self.assertEqual(browser.evaluate(IN_A_PAGE), ['hello', 100_000, 4002, 'enough', True])
                wait_until(lambda: any(r['target'] == '/socket' for r in gateway.records()), 'the record of the socket')
                records = {record['target']: record for record in gateway.records()}
                socket = records['/socket']
                self.assertEqual((socket['status'], socket['version']), (101, 'HTTP/2.0'))
                self.assertEqual(socket['client_connection'], records['/']['client_connection'])
                self.assertGreater(socket['bytes_out'], 0)

    def test_no_socket_is_opened_over_http2_that_the_endpoint_has_not_opened(self):
        def page(request, _):
            self.assertEqual(request.get('Upgrade'), 'websocket')
            self.assertEqual(len(request.get('Sec-WebSocket-Key')), 24)
            return OK

        with Origin(page) as origin, Gateway([origin.port]) as gateway:
            self.assertEqual(self.over_http2(f'http://127.0.0.1:{gateway.port}', '/', 'x')['status'], 502)

    def behind_http2(self, port):
        """A gateway that speaks HTTP/2 alone to that port."""
        return Gateway(upstreams={'app': {'endpoints': [f'http://127.0.0.1:{port}'], 'http2': 'always'}})

    def test_to_an_endpoint_of_http2_it_is_a_stream(self):
        with Gateway([self.echo.port], name='second') as second, self.behind_http2(second.port) as gateway:
            self.assertEqual(play(f'ws://127.0.0.1:{gateway.port}'), SAID)
            self.assertEqual({r['status'] for r in gateway.records(8)}, {101})
            self.assertEqual({r['version'] for r in second.records(8)}, {'HTTP/2.0'})
            done = self.over_http2(f'http://127.0.0.1:{gateway.port}', '/', 'hello')
            self.assertEqual((done['said'], done['status'], done['accept'], done['closed']),
                             ('hello', 200, False, True))

    def test_an_endpoint_of_nodes_http2_opens_one_or_says_that_it_takes_none(self):
        for takes, status in (('yes', 101), ('no', 502)):
            with Node('socket_origin_http2.js', takes) as node, self.behind_http2(node.port) as gateway, \
                    Client(gateway.port) as client:
                client.send('GET /chat HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
                            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
                answer = client.read_head()
                self.assertEqual(answer.status, status)
                if takes == 'yes':
                    self.assertEqual(answer.get('Sec-WebSocket-Accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
                    client.send('any bytes')
                    self.assertEqual(client.read_bytes(9), b'any bytes')
                else:
                    self.assertEqual(gateway.last_record(1)['fault'], 'upgrade_refused')

    def test_an_open_socket_outlives_a_reload(self):
        with Gateway([self.echo.port], timeouts={'drain': '5m'}) as gateway:
            with subprocess.Popen(['node', CLIENT, f'ws://127.0.0.1:{gateway.port}', '-', 'wait'], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
                self.assertEqual(client.stdout.readline(), 'open\n')
                before = gateway.worker()
                self.assertEqual(gateway.command('reload').returncode, 0)
                self.assertEqual(gateway.command('reload').returncode, 0)
                said, _ = client.communicate('go on\n', timeout=60)
            self.assertEqual(json.loads(said), {'before': True, 'after': True, 'end': [1000, '']})
            wait_until(lambda: gateway.worker() != before, 'the first worker process ends with its last client')


if __name__ == '__main__':
    unittest.main(verbosity=2)
