#!/usr/bin/env python3
"""The configuration and the program are changed under load: kept connections, new connections, HTTP/2
and tunnels. Nobody may see an error, be refused, or lose a stream.

    changes_test.py                                   12 reloads and 3 upgrades, as `make test` runs it
    changes_test.py --reloads 100 --upgrades 20       the promised numbers
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'wire'))
from support.client import Client
from support.gateway import Gateway, run_goodgate
from support.origins import Origin
from support.processes import Program, free_port, wait_until

BENCH = pathlib.Path(os.environ['GOODGATE_BUILD']) / 'bench'
HTTP2 = """
const http2 = require('http2');
let made = 0, again = 0, bad = [], stopping = false;
function connect() {
  const client = http2.connect(process.argv[1]);
  let left = false;
  client.on('goaway', () => { left = true; });
  client.on('error', error => bad.push('session: ' + error.message));
  const ask = () => {
    if (stopping) return client.close();
    if (left || client.closed || client.destroyed) return;
    const stream = client.request({':path': '/100'});
    let status = 0, size = 0;
    stream.on('response', fields => { status = fields[':status']; });
    stream.on('data', piece => { size += piece.length; });
    // What Node had not sent when it heard of the end it gives back as refused, and may be asked again.
    stream.on('error', error => {
      if (error.message.includes('REFUSED_STREAM') && !status) ++again;
      else bad.push('stream: ' + error.message);
    });
    stream.on('close', () => {
      if (stream.rstCode == http2.constants.NGHTTP2_REFUSED_STREAM && !status) return;
      ++made;
      if (status != 200 || size != 100) bad.push('status ' + status + ', ' + size + ' bytes');
      setTimeout(ask, 2);
    });
  };
  for (let i = 0; i < 4; ++i) ask();
  client.on('close', () => { if (!stopping) connect(); });
  const look = setInterval(() => { if (left) client.close(); if (client.closed) clearInterval(look); }, 5);
}
connect();
process.stdin.on('data', () => { stopping = true;
  setTimeout(() => { console.log(JSON.stringify({made, again, bad})); process.exit(0); }, 1000); });
"""


class Load(threading.Thread):
    """bench_load again and again until told to stop."""

    def __init__(self, port, *options):
        super().__init__(daemon=True)
        self.command = [str(word) for word in (BENCH / 'bench_load', '--port', port, '--path', '/100', '--expect',
                                               100, '--verify', '--seconds', 600, *options)]
        self.stopping = threading.Event()
        self.made, self.errors, self.first_error = 0, 0, None
        self.start()

    def run(self):
        while not self.stopping.is_set():
            result = json.loads(subprocess.run(self.command, capture_output=True, text=True, check=False).stdout)
            self.made += result['requests']
            self.errors += result['errors']
            self.first_error = self.first_error or result.get('first_error')


class Tunnel:
    """One upgraded connection, on which words come back for as long as it lives."""

    def __init__(self, port):
        self.client = Client(port)
        self.client.send(b'GET /tunnel HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
        assert self.client.read_head(), 'no tunnel'
        self.words = 0

    def lives(self):
        self.client.send(b'ping')
        self.words += 1
        return self.client.read_bytes(4) == b'ping'


def echo(request, peer):
    peer.send(b'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
    while word := peer.read_bytes(4):
        peer.send(word)


def change(gateway, what):
    done = run_goodgate(what, env={'RUNTIME_DIRECTORY': str(gateway.folder)}, seconds=60)
    assert done.returncode == 0, f'{what}: {done.stderr}\n{gateway.errors()}'


def run(reloads, upgrades):
    port = free_port()
    with Origin(echo) as tunnels:
        gateway = Gateway([port], log={'access': 'off'}, upstreams={
            'app': [f'http://127.0.0.1:{port}'], 'tunnels': [f'http://127.0.0.1:{tunnels.port}']},
            routes=[{'path': '/tunnel', 'to': 'tunnels'}, {'path': '/', 'to': 'app'}])
        origin = Program([BENCH / 'bench_origin', port], gateway.folder)
        wait_until(lambda: 'ready' in origin.output(), 'the origin is ready')
        kept = Load(gateway.port, '--requests', 20000, '--connections', 16, '--may-close')
        new = Load(gateway.port, '--requests', 1000, '--connections', 2, '--close')
        http2 = subprocess.Popen(['node', '-e', HTTP2, f'http://127.0.0.1:{gateway.port}'], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        streams = [Tunnel(gateway.port) for _ in range(3)]
        began = time.monotonic()
        plan = ['reload'] * reloads
        for number in range(upgrades):
            plan.insert((number + 1) * len(plan) // (upgrades + 1), 'upgrade')
        for what in plan:
            change(gateway, what)
            assert all(stream.lives() for stream in streams), f'a tunnel was cut by {what}'
            streams.append(Tunnel(gateway.port))
            streams.pop(1).client.close()
        seconds = time.monotonic() - began
        for load in (kept, new):
            load.stopping.set()
        for load in (kept, new):
            load.join(600)
        said, _ = http2.communicate('stop\n', timeout=60)
        over_http2 = json.loads(said)
        for stream in streams:
            stream.client.close()
        gateway.stop()
        origin.stop()
    print(f'{reloads} reloads and {upgrades} upgrades in {seconds:.1f} s under {kept.made} requests on kept '
          f'connections, {new.made} on new ones, {over_http2["made"]} over HTTP/2 (and {over_http2["again"]} that '
          f'Node had not sent): {kept.errors}, {new.errors} and {len(over_http2["bad"])} errors; '
          f'{streams[0].words} words through the first tunnel')
    assert kept.made > 0 and new.made > 0 and over_http2['made'] > 0
    assert kept.errors == 0, kept.first_error
    assert new.errors == 0, new.first_error
    assert not over_http2['bad'], over_http2['bad'][:5]


if __name__ == '__main__':
    options = argparse.ArgumentParser()
    options.add_argument('--reloads', type=int, default=12)
    options.add_argument('--upgrades', type=int, default=3)
    given = options.parse_args()
    run(given.reloads, given.upgrades)
