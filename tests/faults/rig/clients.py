# SPDX-License-Identifier: Apache-2.0
"""Clients of the gateway under test: strict readers that number their requests and check each answer.

A `Crowd` sends at a rate, whatever comes back (an open loop); a `Ask` is one request, an `Outcome` what
became of it.
"""
import asyncio
import collections
import random
import re
import socket
import time

from rig.messages import body_of, path_of

IDEMPOTENT = {'GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'}
STATUS_LINE = re.compile(rb'HTTP/1\.1 [1-5][0-9]{2}( [^\0-\x08\x0a-\x1f\x7f]*)?')
FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\0-\x08\x0a-\x1f\x7f]*")


class Malformed(Exception):
    """What came is no valid response; the text says why."""


class Outcome:
    """One request and what its client saw.

    kind: 'ok'; 'status' (whole, but another status than 200); 'wrong' (a whole 200 with another body
    than the request's own) and 'malformed' (both are lies); 'cut' (it broke off after a part of the
    response had come); 'reset' (it broke off before); 'refused'; 'timeout'.
    """

    __slots__ = ('number', 'method', 'began', 'took', 'kind', 'status', 'detail', 'connected')

    def __init__(self, number, method, began, connected=None):
        self.number, self.method, self.began = number, method, began
        self.connected = connected or began  # when its connection was opened, or begun to be
        self.took, self.kind, self.status, self.detail = 0.0, 'timeout', 0, ''

    @property
    def is_idempotent(self):
        return self.method in IDEMPOTENT

    def __repr__(self):
        return (f'#{self.number} {self.method} at {self.began:.3f} took {self.took * 1000:.0f} ms: '
                f'{self.kind} {self.status or ""} {self.detail}').rstrip()


class ClientConnection(asyncio.Protocol):
    """One connection; one request on it at a time."""

    def __init__(self):
        self.transport = None
        self.received = bytearray()
        self.is_open = False
        self.waiting = None
        self.method = ''
        self.requests = 0
        self.closes = False
        self.saw_bytes = False
        self.since = 0.0

    def connection_made(self, transport):
        self.transport, self.is_open, self.since = transport, True, time.monotonic()
        transport.get_extra_info('socket').setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        if not self.waiting:
            self.is_open = False  # nobody asked: such a connection is not used again
            self.transport.abort()
            return
        self.saw_bytes = True
        self.received += data
        self.try_to_finish(False)

    def connection_lost(self, _):
        self.is_open = False
        if self.waiting and not self.waiting.done():
            self.try_to_finish(True)
            if self.waiting and not self.waiting.done():
                self.waiting.set_exception(ConnectionError('ended'))

    def try_to_finish(self, ended):
        try:
            answer = read_response(self.received, self.method, ended)
        except Malformed as error:
            if not self.waiting.done():
                self.waiting.set_exception(error)
            return
        if answer and not self.waiting.done():
            self.waiting.set_result(answer)

    async def ask(self, request, method, pause=None):
        """(status, body); Malformed, ConnectionError."""
        self.waiting = asyncio.get_running_loop().create_future()
        self.method, self.saw_bytes = method, False
        self.received.clear()
        self.requests += 1
        if pause:
            asyncio.get_running_loop().create_task(self.send_slowly(request, pause))
        else:
            self.transport.write(request)
        try:
            status, body, used, closes = await self.waiting
        finally:
            self.waiting = None
        if closes or len(self.received) > used:
            self.close()
        return status, body

    async def send_slowly(self, request, pause):
        for start in range(0, len(request), 4):
            if not self.is_open:
                return
            self.transport.write(request[start:start + 4])
            await asyncio.sleep(pause)

    def close(self):
        self.is_open = False
        self.transport.close()


def read_response(received, method, ended):
    """(status, body, bytes used, closes) of a whole final response, None as long as it is not whole."""
    start = 0
    while True:
        end = received.find(b'\r\n\r\n', start)
        if end < 0:
            check_start(received, start)
            return None
        lines = bytes(received[start:end]).split(b'\r\n')
        if not STATUS_LINE.fullmatch(lines[0]):
            raise Malformed(f'status line {lines[0][:60]!r}')
        status = int(lines[0][9:12])
        start = end + 4
        if status >= 200:
            return read_body(received, start, status, fields_of(lines[1:]), method, ended)
        if status == 101:
            raise Malformed('an upgrade that nobody asked for')


def check_start(received, start):
    begin = bytes(received[start:start + 9])
    if not b'HTTP/1.1 '.startswith(begin):
        raise Malformed(f'not HTTP: {begin!r}')


def fields_of(lines):
    fields = collections.defaultdict(list)
    for line in lines:
        if not FIELD.fullmatch(line):
            raise Malformed(f'field line {line[:60]!r}')
        name, _, value = line.partition(b':')
        fields[name.lower()].append(value.strip())
    return fields


def read_body(received, start, status, fields, method, ended):
    lengths, codings = fields[b'content-length'], fields[b'transfer-encoding']
    closes = b'close' in [value.lower() for value in fields[b'connection']]
    if len(lengths) > 1 or len(codings) > 1 or (lengths and codings):
        raise Malformed('framing in two ways')
    if method == 'HEAD' or status in (204, 304):
        return status, b'', start, closes
    if codings:
        if codings[0].lower() != b'chunked':
            raise Malformed(f'coding {codings[0]!r}')
        return read_chunks(received, start, status, closes)
    if lengths:
        if not lengths[0].isdigit():
            raise Malformed(f'length {lengths[0]!r}')
        end = start + int(lengths[0])
        if len(received) < end:
            return None
        return status, bytes(received[start:end]), end, closes
    return (status, bytes(received[start:]), len(received), True) if ended else None


def read_chunks(received, start, status, closes):
    body = b''
    while True:
        line_end = received.find(b'\r\n', start)
        if line_end < 0:
            return None
        size = bytes(received[start:line_end]).partition(b';')[0].strip()
        if not re.fullmatch(rb'[0-9A-Fa-f]{1,15}', size):
            raise Malformed(f'chunk size {size[:30]!r}')
        start, count = line_end + 2, int(size, 16)
        if len(received) < start + count + 2:
            return None
        body += received[start:start + count]
        if received[start + count:start + count + 2] != b'\r\n':
            raise Malformed('a chunk that is longer than its size')
        start += count + 2
        if count == 0:
            return status, body, start, closes


class Kind:
    """A kind of request and its weight in a mix."""

    def __init__(self, method='GET', size=200, upload=0, weight=1.0, fresh=0.2, chunked=False):
        self.method, self.size, self.upload, self.weight = method, size, upload, weight
        self.fresh = fresh        # share on connections of their own
        self.chunked = chunked    # the upload

    def request(self, number, host=b'test.example'):
        body = body_of(number, self.upload)
        head = b'%s %s HTTP/1.1\r\nHost: %s\r\n' % (self.method.encode(),
                                                     path_of(number, self.size).encode(), host)
        if self.method not in ('POST', 'PUT'):
            return head + b'\r\n'
        head += b'X-Length: %d\r\n' % len(body)
        if not self.chunked:
            return head + b'Content-Length: %d\r\n\r\n' % len(body) + body
        return head + b'Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n' % (len(body), body)


class Crowd:
    """Clients of one gateway. Their outcomes are kept in the order in which requests ended."""

    def __init__(self, host, port, patience=5.0, seed=1):
        self.host, self.port, self.patience = host, port, patience
        self.random = random.Random(seed)
        self.idle = []
        self.outcomes = []
        self.next_number = 100_000
        self.running = set()

    async def ask(self, kind, retries=0):
        """One request, and as many repetitions as asked for after an error: each is an outcome."""
        for _ in range(retries + 1):
            outcome = await self.ask_once(kind)
            if outcome.kind == 'ok':
                return outcome
        return outcome

    async def ask_once(self, kind, pause=None):
        self.next_number += 1
        number = self.next_number
        connection = None
        fresh = self.random.random() < kind.fresh
        while self.idle and not connection and not fresh:
            candidate = self.idle.pop()
            connection = candidate if candidate.is_open else None
        outcome = Outcome(number, kind.method, time.monotonic(), connection and connection.since)
        self.outcomes.append(outcome)
        try:
            async with asyncio.timeout(self.patience):
                connection = connection or await self.connect()
                status, body = await connection.ask(kind.request(number), kind.method, pause)
            judge_answer(outcome, kind, status, body)
        except Malformed as error:
            outcome.kind, outcome.detail = 'malformed', str(error)
        except TimeoutError:
            outcome.kind = 'timeout'
        except ConnectionRefusedError:
            outcome.kind = 'refused'
        except OSError as error:
            outcome.kind = 'cut' if connection and connection.saw_bytes else 'reset'
            outcome.detail = str(error)
        outcome.took = time.monotonic() - outcome.began
        self.take_back(connection, outcome, fresh)
        return outcome

    def take_back(self, connection, outcome, fresh):
        if not connection:
            return
        if connection.is_open and not fresh and outcome.kind in ('ok', 'status'):
            self.idle.append(connection)
        elif connection.transport:
            connection.transport.abort() if outcome.kind == 'timeout' else connection.close()

    async def connect(self):
        _, connection = await asyncio.get_running_loop().create_connection(
            ClientConnection, self.host, self.port)
        return connection

    def pick(self, kinds):
        return self.random.choices(kinds, [kind.weight for kind in kinds])[0]

    def start(self, kind, retries=0):
        task = asyncio.get_running_loop().create_task(self.ask(kind, retries))
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def send(self, seconds, rate, kinds, retries=0):
        """`rate` requests a second for `seconds`, evenly; returns when the last was sent."""
        began = time.monotonic()
        sent = 0
        while (passed := time.monotonic() - began) < seconds:
            while sent < passed * rate:
                self.start(self.pick(kinds), retries)
                sent += 1
            await asyncio.sleep(max(0.0005, began + sent / rate - time.monotonic()))

    async def finish(self):
        while self.running:
            await asyncio.wait(self.running)

    def leave(self):
        for connection in self.idle:
            connection.close()
        self.idle.clear()


def judge_answer(outcome, kind, status, body):
    outcome.status = status
    if status != 200:
        outcome.kind = 'status'
    elif kind.method != 'HEAD' and body != body_of(outcome.number, kind.size):
        outcome.kind, outcome.detail = 'wrong', f'{len(body)} bytes: {body[:40]!r}'
    else:
        outcome.kind = 'ok'
