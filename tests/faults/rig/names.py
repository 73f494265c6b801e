# SPDX-License-Identifier: Apache-2.0
"""A name server for one name, whose address changes when the row says so."""
import asyncio
import pathlib
import socket
import struct
import subprocess

TYPE_A, FOUND = 1, 0x8180
TTL_SECONDS = 1


class NameServer(asyncio.DatagramProtocol):
    """Answers every question for an address with the one it has now, and others with nothing."""

    def __init__(self, address):
        self.address = address
        self.ttl = TTL_SECONDS
        self.questions = 0
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, sender):
        self.questions += 1
        end = data.index(b'\0', 12) + 5  # of the only question: a name, a type and a class
        kind = struct.unpack_from('!H', data, end - 4)[0]
        answers = int(kind == TYPE_A)
        reply = struct.pack('!HHHHHH', struct.unpack_from('!H', data)[0], FOUND, 1, answers, 0, 0)
        reply += data[12:end]
        if answers:
            reply += struct.pack('!HHHIH', 0xc00c, TYPE_A, 1, self.ttl, 4)
            reply += socket.inet_aton(self.address)
        self.transport.sendto(reply, sender)


async def serve_names(address, folder):
    """A NameServer on 127.0.0.1:53 that this namespace's resolvers ask: for mount and network
    namespaces of our own only."""
    path = pathlib.Path(folder) / 'resolv.conf'
    path.write_text('nameserver 127.0.0.1\noptions timeout:1\n')
    subprocess.run(['mount', '--bind', path, '/etc/resolv.conf'], check=True)
    _, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: NameServer(address), local_addr=('127.0.0.1', 53))
    return server
