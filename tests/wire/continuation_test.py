#!/usr/bin/env python3
"""Downloads that break off in the midst, from nginx behind a relay that cuts, and their rest from another nginx."""
import json
import os
import socket
import subprocess
import unittest

from support.gateway import Gateway
from support.origins import Nginx, Origin
from support.processes import wait_until

FILE = os.urandom(1 << 20) * 4
MODIFIED = 1_700_000_000


def nginx_with(content, modified):
    """nginx, whose entity tags are of the length and the time of the last change."""
    nginx = Nginx('', {'file.bin': content})
    os.utime(nginx.folder / 'root' / 'file.bin', (modified, modified))
    return nginx


def cutting(nginx, after):
    """A relay to that nginx which resets the connection once so many bytes of an answer have passed."""

    def answer(request, peer):
        with socket.create_connection(('127.0.0.1', nginx.port), timeout=20) as connection:
            connection.sendall(f'{request.line}\r\nHost: h\r\nConnection: close\r\n\r\n'.encode())
            passed = 0
            while passed < after and (piece := connection.recv(65536)):
                peer.send(piece)
                passed += len(piece)
        peer.reset()

    return Origin(answer)


class AResponseThatBreaksOff(unittest.TestCase):
    def setUp(self):
        self.first = self.enterContext(nginx_with(FILE, MODIFIED))
        self.relay = self.enterContext(cutting(self.first, 2 << 20))

    def gateway_to(self, other, retry):
        url = f'http://127.0.0.1:{self.relay.port}'
        endpoints = [{'url': url}, {'url': f'http://127.0.0.1:{other.port}', 'tier': 2}]
        return self.enterContext(Gateway(
            upstreams={'app': {'endpoints': endpoints}}, routes=[{'to': 'app', 'retry': retry}]))

    def download(self, gateway, *arguments):
        """curl's exit status and the bytes that came."""
        done = subprocess.run(['curl', '-sS', '--max-time', '20', *arguments,
                               f'http://127.0.0.1:{gateway.port}/file.bin'], capture_output=True, check=False)
        return done.returncode, done.stdout

    def record(self, gateway):
        wait_until(lambda: gateway.log_path.exists() and gateway.log_path.read_text(), 'a log line')
        return json.loads(gateway.log_path.read_text().splitlines()[0])

    def test_goes_on_with_the_same_file_elsewhere(self):
        other = self.enterContext(nginx_with(FILE, MODIFIED))
        gateway = self.gateway_to(other, {'continue': True})
        for http in ('--http1.1', '--http2-prior-knowledge'):
            status, content = self.download(gateway, http)
            self.assertEqual(status, 0)
            self.assertEqual(content, FILE)
        line = self.record(gateway)
        self.assertEqual((line['status'], line['bytes_out'], line['continued']), (200, len(FILE), True))
        self.assertIn(line['rescued'], ('body_reset', 'body_truncated'))
        self.assertEqual([attempt['status'] for attempt in line['attempts']], [200, 206])

    def test_is_cut_when_the_other_has_another_version(self):
        other = self.enterContext(nginx_with(FILE, MODIFIED + 1))
        gateway = self.gateway_to(other, {'continue': True})
        status, content = self.download(gateway)
        self.assertNotEqual(status, 0)
        self.assertTrue(FILE.startswith(content))
        self.assertNotIn('continued', self.record(gateway))

    def test_is_cut_unless_the_route_allows_more(self):
        other = self.enterContext(nginx_with(FILE, MODIFIED))
        gateway = self.gateway_to(other, {'attempts': 3})
        status, content = self.download(gateway)
        self.assertNotEqual(status, 0)
        self.assertTrue(FILE.startswith(content))
        self.assertEqual(len(self.record(gateway)['attempts']), 1)


if __name__ == '__main__':
    unittest.main()
