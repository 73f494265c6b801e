#!/usr/bin/env python3
"""Two gateways and keepalived share an address, each in a network namespace of its own, with the file
that contrib/ ships: one machine is lost, then a gateway; new connections go on."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from support.gateway import GOODGATE
from support.processes import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = '192.0.2.10'
ORIGIN = """
import http.server
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200); self.send_header('Content-Length', '3'); self.end_headers()
        self.wfile.write(b'ok\\n')
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(('192.0.2.1', 80), Answer).serve_forever()
"""
# Prints one line per new connection: when it began, how long it took, what came.
CLIENT = """
import socket, sys, time
while True:
    began = time.monotonic()
    try:
        with socket.create_connection(('%s', 80), timeout=10) as peer:
            peer.settimeout(10)
            peer.sendall(b'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n')
            answer = b''
            while piece := peer.recv(4096):
                answer += piece
        what = answer[9:12].decode() or 'empty'
    except OSError as error:
        what = type(error).__name__
    print(f'{began:.3f} {time.monotonic() - began:.3f} {what}', flush=True)
    time.sleep(0.02)
""" % SHARED


def ip(*words):
    subprocess.run(['ip', *words], check=True, capture_output=True, text=True)


class Machine:
    """A network namespace on the common bridge, and what runs in it."""

    def __init__(self, name, address, folder):
        self.name = f'gg{os.getpid()}{name}'
        self.folder = folder / name
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.running = []
        ip('netns', 'add', self.name)
        self.ip('link', 'set', 'lo', 'up')
        if address:
            ip('link', 'add', 'eth0', 'netns', self.name, 'type', 'veth', 'peer', 'name', f'p{name}', 'netns', BRIDGE)
            self.ip('address', 'add', f'{address}/24', 'dev', 'eth0')
            self.ip('link', 'set', 'eth0', 'up')
            ip('-n', BRIDGE, 'link', 'set', f'p{name}', 'master', 'br0', 'up')

    def ip(self, *words):
        ip('-n', self.name, *words)

    def start(self, *command):
        with open(self.folder / f'{len(self.running)}.out', 'wb') as out:
            process = subprocess.Popen(['ip', 'netns', 'exec', self.name, *map(str, command)],
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                       cwd=self.folder, env={**os.environ, 'RUNTIME_DIRECTORY': str(self.folder)})
        self.running.append(process)
        return process

    def output(self, number):
        return (self.folder / f'{number}.out').read_text(errors='replace')

    def start_gateway(self, origin, priority):
        config = self.folder / 'goodgate.yaml'
        config.write_text(f'listeners: [":80"]\nupstreams: {{ app: ["http://{origin}:80"] }}\n'
                          'admin: 127.0.0.1:9502\nthreads: 1\nlog: { access: "off" }\n')
        self.gateway = self.start(GOODGATE, 'run', '-c', config)
        shared = (ROOT / 'contrib/keepalived/keepalived.conf').read_text()
        ours = self.folder / 'keepalived.conf'
        ours.write_text(re.sub(r'priority \d+', f'priority {priority}', shared))
        ours.chmod(0o644)
        self.keeper = self.start('keepalived', '--dont-fork', '--log-console', '--vrrp', '-f', ours,
                                 '--pid', self.folder / 'k.pid', '--vrrp_pid', self.folder / 'v.pid')

    def has_shared_address(self):
        listing = subprocess.run(['ip', '-n', self.name, 'address', 'show', 'eth0'], capture_output=True, text=True,
                                 check=False)
        return f'{SHARED}/' in listing.stdout

    def lose(self):
        """As if its power were cut."""
        self.ip('link', 'set', 'eth0', 'down')

    def end(self):
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        ip('netns', 'delete', self.name)


BRIDGE = f'gg{os.getpid()}bridge'


class TwoGateways(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='goodgate-wire-'))
        folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, folder)
        bridge = Machine('bridge', None, folder)
        self.addCleanup(bridge.end)
        bridge.ip('link', 'add', 'br0', 'type', 'bridge')
        bridge.ip('link', 'set', 'br0', 'up')
        self.origin, self.first, self.second, self.client = (
            Machine(name, address, folder) for name, address in
            (('o', '192.0.2.1'), ('a', '192.0.2.2'), ('b', '192.0.2.3'), ('c', '192.0.2.4')))
        for machine in (self.origin, self.first, self.second, self.client):
            self.addCleanup(machine.end)

    def outcomes(self):
        return [(float(began), float(took), what) for began, took, what in
                (line.split() for line in self.client.output(0).splitlines() if line.count(' ') == 2)]

    def wait_for_good(self, count=30):
        before = len(self.outcomes())
        wait_until(lambda: sum(what == '200' for _, _, what in self.outcomes()[before:]) >= count,
                   f'{count} good answers\n{self.client.output(0)[-2000:]}')

    def test_new_connections_outlive_a_machine_and_a_program(self):
        self.origin.start(sys.executable, '-c', ORIGIN)
        self.first.start_gateway('192.0.2.1', 150)
        self.second.start_gateway('192.0.2.1', 100)
        wait_until(self.first.has_shared_address, 'the first one has the address')
        self.client.start(sys.executable, '-c', CLIENT)
        self.wait_for_good()

        self.first.lose()
        wait_until(self.second.has_shared_address, 'the second one takes the address')
        self.wait_for_good()
        bad = [outcome for outcome in self.outcomes() if outcome[2] != '200']
        # At most what was under way when the machine went.
        self.assertLessEqual(len(bad), 1, bad)
        slowest = max(took for _, took, what in self.outcomes() if what == '200')
        self.assertLess(slowest, 8, 'a new connection waits for the takeover and no longer')

        self.first.ip('link', 'set', 'eth0', 'up')
        time.sleep(1)
        self.assertFalse(self.first.has_shared_address() and self.second.has_shared_address())
        self.second.gateway.send_signal(signal.SIGTERM)  # drains, and says so on /ready
        wait_until(self.first.has_shared_address, 'the address comes back')
        self.wait_for_good()
        print(f'{len(self.outcomes())} connections, slowest {slowest:.1f} s, lost: {bad}')


if __name__ == '__main__':
    probe = subprocess.run(['ip', 'netns', 'add', BRIDGE + 'x'], capture_output=True, check=False)
    if os.geteuid() != 0 or probe.returncode != 0:
        print('needs root, and the right to make network namespaces')
        sys.exit(77)
    ip('netns', 'delete', BRIDGE + 'x')
    unittest.main(verbosity=2)
