# SPDX-License-Identifier: Apache-2.0
"""The fault-injecting origin: one process, asyncio, told what to do by a Unix socket while it runs.

It answers `/NUMBER/SIZE` with the body that belongs to the number, and writes a line to its log for
every request that reaches its application, so that duplicates and amplification are counted exactly:

    D <monotonic time> <number> <method>     a head arrived: the application has the request
    L <monotonic time>                       it accepts connections

Behaviour is a set of values (class Behaviour), changed by JSON objects on the control socket; each is
answered by a line. The keys are the attributes' names; "do" names a method of Application: refuse,
accept, reset_all, mend.
"""
import argparse
import asyncio
import collections
import gc
import json
import os
import random
import signal
import socket
import struct
import time

from rig.messages import body_of, numbers_of
from rig.nonsense import GARBAGE, NONSENSE

RESET = struct.pack('ii', 1, 0)


class Behaviour:
    """What the origin does; each value may change at any time."""

    def __init__(self):
        self.mode = 'ok'         # one of the functions in MODES below
        self.share = 1.0         # of the requests that get the mode; others are answered well
        self.service_ms = 4.0    # from the end of the request to the answer
        self.factor = 1.0        # how many times slower than that it is now
        self.slots = 0           # requests worked on at once, others queue; 0: no limit
        self.idle_ms = 0         # an idle connection is closed after this long; 0: never
        self.announce = ''       # value of Keep-Alive in answers
        self.step_ms = 25.0      # between bytes of a dribbled head
        self.status = 503        # of the mode `status`
        self.stage_ms = 0.0      # between what is sent and the break, in modes that break off
        self.chunked = 0.0       # share of good answers in chunks


class Application:
    """All connections of one origin, and what they share."""

    def __init__(self, address, log):
        self.address = address
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.behaviour = Behaviour()
        self.random = random.Random(7)
        self.connections = set()
        self.working, self.queue = 0, collections.deque()
        self.next_nonsense = 0
        self.server = None
        self.leaving = False

    def note(self, text):
        os.write(self.log, text.encode())

    async def accept(self):
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: Connection(self), *self.address,
                                               backlog=2048, reuse_address=True)
        self.note(f'L {time.monotonic():.6f}\n')

    def refuse(self):
        """Closes the listener; the kernel answers new connections with a reset."""
        if self.server:
            self.server.close()
            self.server = None

    async def mend(self):
        """Back to good behaviour; what hung is reset, so that nothing of the fault lives on."""
        self.behaviour = Behaviour()
        for connection in list(self.connections):
            if connection.is_hung:
                connection.reset()
        if not self.server:
            await self.accept()

    def reset_all(self):
        for connection in list(self.connections):
            connection.reset()

    def leave(self):
        """An orderly end: no new connections, no idle ones, and what is under way is finished."""
        self.leaving = True
        self.refuse()
        for connection in list(self.connections):
            if not connection.is_busy:
                connection.transport.close()
        asyncio.get_running_loop().create_task(self.leave_when_done())

    async def leave_when_done(self):
        while self.connections:
            await asyncio.sleep(0.005)
        os._exit(0)

    def serve(self, work):
        """Calls work() after the service time, once a slot is free; the queue has no end."""
        if self.behaviour.slots and self.working >= self.behaviour.slots:
            self.queue.append(work)
            return
        self.working += 1
        seconds = self.behaviour.service_ms * self.behaviour.factor / 1000
        asyncio.get_running_loop().call_later(seconds, self.finish, work)

    def finish(self, work):
        self.working -= 1
        if self.queue:
            self.serve(self.queue.popleft())
        work()

    def is_chosen(self, share):
        return share >= 1 or self.random.random() < share

    def nonsense(self):
        self.next_nonsense += 1
        return NONSENSE[self.next_nonsense % len(NONSENSE)][1]


class Connection(asyncio.Protocol):
    def __init__(self, application):
        self.application = application
        self.received = b''
        self.requests = 0
        self.is_busy = self.is_hung = False
        self.idle_timer = None
        self.request = None  # of which the body is being read
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info('socket').setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.application.connections.add(self)
        self.watch_idleness()

    def connection_lost(self, _):
        self.application.connections.discard(self)
        self.stop_timer()

    def stop_timer(self):
        if self.idle_timer:
            self.idle_timer.cancel()
            self.idle_timer = None

    def watch_idleness(self):
        self.stop_timer()
        milliseconds = self.application.behaviour.idle_ms
        if milliseconds:
            self.idle_timer = asyncio.get_running_loop().call_later(milliseconds / 1000,
                                                                    self.transport.close)

    def reset(self):
        if self.transport.is_closing():
            return
        self.transport.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.transport.abort()

    def data_received(self, data):
        self.stop_timer()
        behaviour = self.application.behaviour
        if not self.is_busy and self.requests and behaviour.mode in ('close_on_next', 'reset_on_next'):
            # It had decided to close before the request came: no application ever sees it.
            if behaviour.mode == 'reset_on_next':
                self.reset()
            else:
                self.transport.close()
            return
        self.received += data
        self.advance()

    def advance(self):
        if self.request is None and not self.is_busy and b'\r\n\r\n' in self.received:
            head, _, self.received = self.received.partition(b'\r\n\r\n')
            self.begin(head.decode('latin-1'))
        if self.request is not None:
            self.request.take_body(self)

    def begin(self, head):
        self.is_busy = True
        self.requests += 1
        self.request = Request(head)
        self.application.note(f'D {time.monotonic():.6f} {self.request.number} {self.request.method}\n')

    def body_is_whole(self):
        request, self.request = self.request, None
        self.is_hung = self.application.behaviour.mode == 'hang'
        if not self.is_hung:
            self.application.serve(lambda: self.answer(request))

    def answer(self, request):
        if self.transport.is_closing():
            return
        behaviour = self.application.behaviour
        mode = behaviour.mode if self.application.is_chosen(behaviour.share) else 'ok'
        if not request.is_intact():
            mode, request.status = 'ok', 422
        MODES.get(mode, give_answer)(self, request)

    def done(self):
        """The answer is on its way: ready for the next request."""
        if self.application.leaving:
            self.transport.close()
            return
        self.is_busy = False
        self.watch_idleness()
        self.advance()

    def later(self, action):
        asyncio.get_running_loop().call_later(self.application.behaviour.stage_ms / 1000, action)


class Request:
    def __init__(self, head):
        line, *fields = head.split('\r\n')
        self.method, target, self.version = line.split(' ')
        self.number, self.size = numbers_of(target)
        self.status = 200
        named = dict((name.lower(), value.strip()) for name, _, value in
                     (field.partition(':') for field in fields))
        self.length = int(named.get('content-length', 0))
        self.is_chunked = named.get('transfer-encoding', '').lower() == 'chunked'
        self.closes = named.get('connection', '').lower() == 'close'
        self.announced = int(named.get('x-length', 0))
        self.body = bytearray()

    def take_body(self, connection):
        """Takes what has come of the body, and tells the connection when that was all."""
        behaviour = connection.application.behaviour
        whole = self.take_chunks(connection) if self.is_chunked else self.take_length(connection)
        if behaviour.mode == 'die_in_upload' and self.announced and \
                len(self.body) >= self.announced / 2:
            connection.request = None
            connection.reset()
        elif whole:
            connection.body_is_whole()

    def take_length(self, connection):
        wanted = self.length - len(self.body)
        self.body += connection.received[:wanted]
        connection.received = connection.received[wanted:]
        return len(self.body) == self.length

    def take_chunks(self, connection):
        while b'\r\n' in connection.received:
            line, _, rest = connection.received.partition(b'\r\n')
            size = int(line.partition(b';')[0], 16)
            if len(rest) < size + 2:
                return False
            self.body += rest[:size]
            connection.received = rest[size + 2:]
            if size == 0:
                return True
        return False

    def is_intact(self):
        return bytes(self.body) == body_of(self.number, self.announced)


# --- ways to answer -------------------------------------------------------------------------------

def head_of(connection, request, framing, status=None):
    announce = connection.application.behaviour.announce
    fields = f'Keep-Alive: {announce}\r\n' if announce else ''
    if connection.application.leaving:
        fields += 'Connection: close\r\n'
    return (f'HTTP/1.1 {status or request.status} Said\r\nServer: origin\r\n{fields}{framing}\r\n'
            ).encode()


def give_answer(connection, request, status=None):
    body = body_of(request.number, request.size) if not status else b'no\n'
    if connection.application.is_chosen(connection.application.behaviour.chunked) and not status:
        half = len(body) // 2 or 1
        pieces = [piece for piece in (body[:half], body[half:]) if piece]
        framed = b''.join(b'%x\r\n%s\r\n' % (len(piece), piece) for piece in pieces) + b'0\r\n\r\n'
        head = head_of(connection, request, 'Transfer-Encoding: chunked\r\n')
    else:
        framed = body
        head = head_of(connection, request, f'Content-Length: {len(body)}\r\n', status)
    connection.transport.write(head + (framed if request.method != 'HEAD' else b''))
    connection.done()


def give_status(connection, request):
    give_answer(connection, request, connection.application.behaviour.status)


def reset_before_head(connection, _):
    connection.later(connection.reset)


def close_before_head(connection, _):
    connection.later(connection.transport.close)


def reset_within_head(connection, request):
    connection.transport.write(head_of(connection, request, 'Content-Length: 5\r\n')[:20])
    connection.later(connection.reset)


def reset_after_head(connection, request):
    connection.transport.write(head_of(connection, request, f'Content-Length: {request.size}\r\n'))
    connection.later(connection.reset)


def reset_mid_body(connection, request):
    head = head_of(connection, request, f'Content-Length: {request.size}\r\n')
    connection.transport.write(head + body_of(request.number, request.size)[:request.size // 2])
    connection.later(connection.reset)


def truncate(connection, request):
    """A body that breaks off, in one of four framings; the connection ends in order in three."""
    body = body_of(request.number, request.size)
    half = body[:len(body) // 2]
    kind = connection.application.random.randrange(4)
    by_length = head_of(connection, request, f'Content-Length: {len(body)}\r\n') + half
    in_chunks = head_of(connection, request, 'Transfer-Encoding: chunked\r\n')
    sent = [by_length,
            in_chunks + b'%x\r\n%s\r\n' % (len(half), half),
            in_chunks + b'%x\r\n%s' % (len(body), half),
            head_of(connection, request, 'Connection: close\r\n') + half][kind]
    connection.transport.write(sent)
    # What ends with the connection can only be known as cut if the connection is.
    connection.later(connection.reset if kind == 3 else connection.transport.close)


def garble(connection, _):
    connection.transport.write(connection.application.random.choice(GARBAGE))
    connection.later(connection.transport.close)


def malform(connection, request):
    connection.transport.write(connection.application.nonsense()(body_of(request.number, request.size)))
    connection.later(connection.transport.close)


def dribble(connection, request):
    """The head byte by byte; each byte resets a timeout that only looks at silence."""
    body = body_of(request.number, request.size)
    head = head_of(connection, request, f'Content-Length: {len(body)}\r\n')
    asyncio.get_running_loop().create_task(send_bytewise(connection, head, body))


async def send_bytewise(connection, head, body):
    for i in range(len(head)):
        if connection.transport.is_closing():
            return
        connection.transport.write(head[i:i + 1])
        await asyncio.sleep(connection.application.behaviour.step_ms / 1000)
    connection.transport.write(body)
    connection.done()


MODES = {
    'status': give_status, 'reset_before_head': reset_before_head,
    'close_before_head': close_before_head, 'reset_within_head': reset_within_head,
    'reset_after_head': reset_after_head, 'reset_mid_body': reset_mid_body, 'truncate': truncate,
    'garbage': garble, 'malformed': malform, 'dribble': dribble,
}


# --- the process ----------------------------------------------------------------------------------

async def obey(application, reader, writer):
    """One control connection: a JSON object a line, each answered when it is in force."""
    while line := await reader.readline():
        command = json.loads(line)
        action = command.pop('do', None)
        for name, value in command.items():
            if not hasattr(application.behaviour, name):
                raise ValueError(f'no such behaviour: {name}')
            setattr(application.behaviour, name, value)
        if action:
            done = getattr(application, action)()
            if asyncio.iscoroutine(done):
                await done
        writer.write(b'done\n')


async def run(options):
    application = Application((options.address, options.port), options.log)
    for pair in options.set:
        name, _, value = pair.partition('=')
        setattr(application.behaviour, name, json.loads(value))
    if os.path.exists(options.control):
        os.unlink(options.control)
    await asyncio.start_unix_server(lambda r, w: obey(application, r, w), options.control)
    await application.accept()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, application.leave)
    await asyncio.Event().wait()


def main():
    parser = argparse.ArgumentParser(description='An origin that fails on demand.')
    parser.add_argument('--address', required=True)
    parser.add_argument('--port', type=int, required=True)
    parser.add_argument('--log', required=True)
    parser.add_argument('--control', required=True)
    parser.add_argument('--set', action='append', default=[], help='NAME=JSON, a behaviour to begin with')
    gc.freeze()
    asyncio.run(run(parser.parse_args()))
