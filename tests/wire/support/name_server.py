"""A name server on the loopback that says what the test wants it to, when it wants it to."""
import socket
import struct
import threading

A, AAAA, SRV = 1, 28, 33


def labels(name):
    return b''.join(bytes([len(part)]) + part.encode() for part in name.split('.')) + b'\0'


class NameServer:
    """`records`: by (name in lower case, type) a list of (ttl, address as text). A name without any
    record does not exist. It answers until the test program ends."""

    def __init__(self, port):
        self.records = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', port))
        threading.Thread(target=self.run, daemon=True).start()

    def says(self, name, *addresses, ttl=60):
        """From now on; of both families."""
        for kind, is_it in ((A, lambda a: ':' not in a), (AAAA, lambda a: ':' in a)):
            self.records[(name, kind)] = [(ttl, a) for a in addresses if is_it(a)]

    def says_services(self, name, *services, ttl=60):
        """Each is (priority, weight, port, target)."""
        self.records[(name, SRV)] = [(ttl, service) for service in services]

    def run(self):
        while True:
            question, peer = self.socket.recvfrom(4096)
            self.socket.sendto(self.answer(question), peer)

    def answer(self, question):
        at, parts = 12, []
        while question[at]:
            parts.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        kind = struct.unpack('!H', question[at + 1:at + 3])[0]
        name = '.'.join(parts).lower()
        exists = any(known == name for known, _ in self.records)
        found = self.records.get((name, kind), [])
        body = question[12:at + 5]
        for ttl, data in found:
            if kind == SRV:
                data = struct.pack('!HHH', *data[:3]) + labels(data[3])
            else:
                data = socket.inet_pton(socket.AF_INET if kind == A else socket.AF_INET6, data)
            body += b'\xc0\x0c' + struct.pack('!HHIH', kind, 1, ttl, len(data)) + data
        flags = 0x8180 if exists else 0x8183
        return question[:2] + struct.pack('!HHHHH', flags, 1, len(found), 0, 0) + body
