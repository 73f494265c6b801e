# SPDX-License-Identifier: Apache-2.0
"""The origins of a row: processes of rig.origin, told what to do, killed, stopped and counted."""
import asyncio
import collections
import errno
import json
import pathlib
import random
import signal
import socket
import time

from support.processes import Program

HERE = pathlib.Path(__file__).resolve().parents[1]


class Origin:
    """One origin at `address`:`port`. `prefix` runs it elsewhere (another network namespace)."""

    def __init__(self, name, address, port, folder, prefix=(), **behaviour):
        self.name, self.address, self.port = name, address, port
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir()
        self.log = self.folder / 'deliveries'
        self.control = self.folder / 'control'
        self.prefix, self.behaviour = prefix, behaviour
        self.program = None
        self.stopped = False

    def argv(self):
        values = [word for name, value in self.behaviour.items()
                  for word in ('--set', f'{name}={json.dumps(value)}')]
        return [*self.prefix, '/usr/bin/python3', '-B', '-c', 'from rig import origin; origin.main()',
                '--address', self.address, '--port', str(self.port), '--log', str(self.log),
                '--control', str(self.control), *values]

    def times_listening(self):
        """When it began to accept connections, each time."""
        return [float(line.split()[1]) for line in self.lines() if line.startswith('L')]

    def lines(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    async def start(self):
        """Returns once it accepts connections."""
        before = len(self.times_listening())
        self.program = Program(self.argv(), self.folder, 'origin', {'PYTHONPATH': str(HERE)})
        until = time.monotonic() + 20
        while len(self.times_listening()) == before:
            if not self.program.is_running() or time.monotonic() > until:
                raise AssertionError(f'{self.name} did not start: {self.program.errors()}')
            await asyncio.sleep(0.003)

    async def tell(self, **values):
        """Changes its behaviour; in force when this returns."""
        reader, writer = await asyncio.open_unix_connection(str(self.control))
        writer.write(json.dumps(values).encode() + b'\n')
        answer = await asyncio.wait_for(reader.readline(), 10)
        writer.close()
        assert answer == b'done\n', f'{self.name} did not obey {values}: {self.program.errors()}'

    def kill(self):
        self.program.kill()

    def freeze(self):
        self.program.signal(signal.SIGSTOP)
        self.stopped = True

    def thaw(self):
        self.program.signal(signal.SIGCONT)
        self.stopped = False

    async def leave(self):
        """An orderly restart's first half: it finishes what is under way and ends."""
        self.program.signal(signal.SIGTERM)
        await asyncio.to_thread(self.program.process.wait, 20)

    def end(self):
        if self.program and self.program.is_running():
            if self.stopped:
                self.thaw()
            self.program.kill()


def steady_port(hosts):
    """A port that is free at all of these addresses, and stays so while an origin is dead: it lies
    below the range that the kernel gives to outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(20_000, 30_000)
        try:
            for host in hosts:
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((host, port))
            return port
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                return port  # addresses of another namespace, where nobody else is


def deliveries_of(origins):
    """Request number to how often any application was given it."""
    counts = collections.Counter()
    for origin in origins:
        for line in origin.lines():
            if line.startswith('D'):
                counts[int(line.split()[2])] += 1
    return counts
