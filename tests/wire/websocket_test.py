#!/usr/bin/env python3
"""An echo suite of WebSocket through the gateway, with a server and a client that others have written."""
import json
import os
import pathlib
import subprocess
import unittest

from support.certificates import Authority
from support.gateway import Gateway
from support.origins import Node
from support.processes import wait_until

# Where Debian has the module `ws`, for a Node that is not Debian's own.
os.environ.setdefault('NODE_PATH', '/usr/share/nodejs')
CLIENT = pathlib.Path(__file__).parent / 'support' / 'echo_client.js'
# What the server and the client say to each other without a gateway, too.
SAID = {
    'text': True, 'empty': True, 'binary': True, 'large': True, 'many': True, 'fragments': True,
    'a ping within fragments': True, 'compressed': True, 'our close': [4001, 'enough'],
    'their close': [4100, 'not here'], 'a cut': [1006, ''], 'a message too large': [1009, ''],
    'an unknown kind of frame': [1002, ''], 'a frame without a mask': [1002, ''], 'text that is none': [1007, ''],
    'end': [1000, '']}


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
