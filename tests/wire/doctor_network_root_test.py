#!/usr/bin/env python3
"""`goodgate doctor` and a path that loses large packets without a word: in network namespaces of the test's own."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from support.certificates import Authority
from support.gateway import run_goodgate
from support.processes import Program, wait_until

INSIDE = 'GOODGATE_IN_NAMESPACE'
OURS, THEIRS = '10.98.0.1', '10.98.0.2'
# Names that make a certificate larger than a packet.
NAMES = [THEIRS, *(f'a-rather-long-name-of-number-{number}.shop.example' for number in range(60))]
SERVER = '''
import socket, ssl, sys, threading
def serve(port, size, context):
    listener = socket.create_server((sys.argv[1], port))
    while True:
        accepted, _ = listener.accept()
        threading.Thread(target=answer, args=(accepted, size, context), daemon=True).start()
def answer(accepted, size, context):
    try:
        peer = context.wrap_socket(accepted, server_side=True) if context else accepted
        while peer.recv(9999):
            peer.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % size + bytes(size))
    except OSError:
        pass
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
for port, size, tls in ((3000, 4000, None), (3001, 100, None), (3443, 100, context)):
    threading.Thread(target=serve, args=(port, size, tls)).start()
print("ready", flush=True)
'''


def run(*argv):
    subprocess.run([str(word) for word in argv], check=True, timeout=20)


class Narrow(unittest.TestCase):
    """What they send us is lost beyond 1300 bytes, though we have told them that 1500 are fine."""

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        authority = cls.enterClassContext(Authority())
        cls.ca = authority.file
        cert, key = authority.issue(*NAMES)
        own = os.readlink('/proc/self/ns/net')
        # In its place once it is in a namespace of its own; the other end of the link goes there.
        cls.server = Program(['unshare', '-n', 'sh', '-c', 'echo there; read line <"$0"; exec "$@"', cls.pipe(folder),
                              sys.executable, '-c', SERVER, THEIRS, cert, key], folder, 'server')
        cls.addClassCleanup(cls.server.kill)
        wait_until(lambda: 'there' in cls.server.output(), 'the namespace')
        assert os.readlink(f'/proc/{cls.server.pid}/ns/net') != own
        run('ip', 'link', 'set', 'lo', 'up')
        run('ip', 'link', 'add', 'ours', 'type', 'veth', 'peer', 'name', 'theirs', 'netns', cls.server.pid)
        run('ip', 'address', 'add', f'{OURS}/24', 'dev', 'ours')
        run('ip', 'link', 'set', 'ours', 'mtu', '1300', 'up')
        run('ip', 'route', 'replace', '10.98.0.0/24', 'dev', 'ours', 'src', OURS, 'advmss', '1460')
        for words in (['address', 'add', f'{THEIRS}/24', 'dev', 'theirs'],
                      ['link', 'set', 'theirs', 'gso_max_segs', '1', 'up']):  # no packet larger than the link's
            run('nsenter', '-t', cls.server.pid, '-n', 'ip', *words)
        (folder / 'begin').write_text('now\n')
        wait_until(lambda: 'ready' in cls.server.output(), f'the server {cls.server.errors()}')

    @staticmethod
    def pipe(folder):
        os.mkfifo(folder / 'begin')
        return folder / 'begin'

    def finding(self, url):
        done = run_goodgate('doctor', '--json', '--timeout', '2s', '--ca', self.ca, url, seconds=60)
        [one] = json.loads(done.stdout)
        return one['findings'][0] if one['findings'] else None

    def test_an_answer_that_is_lost_is_named(self):
        found = self.finding(f'http://{THEIRS}:3000/')
        self.assertEqual((found['cause'], found['blame']), ('head_timeout', 'network'), found)
        self.assertIn('path MTU', found['what'])

    def test_so_is_a_certificate_that_is_lost(self):
        found = self.finding(f'https://{THEIRS}:3443/')
        self.assertEqual((found['cause'], found['blame']), ('tls_handshake_timeout', 'network'), found)
        self.assertIn('path MTU', found['what'])

    def test_small_answers_show_nothing_of_it(self):
        self.assertIsNone(self.finding(f'http://{THEIRS}:3001/'))


if __name__ == '__main__':
    if INSIDE not in os.environ:
        again = ['unshare', '--net', sys.executable, '-B', *sys.argv]
        sys.exit(subprocess.run(again, env={**os.environ, INSIDE: '1'}, check=False).returncode)
    unittest.main()
