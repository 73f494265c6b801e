"""A client that sends what it is told, byte by byte if need be, and believes nothing it is sent."""
import socket
import time


class Broken(Exception):
    """The peer ended the connection before the message was whole; the text says how."""


class Response:
    def __init__(self, status, reason, fields):
        self.status, self.reason, self.fields = status, reason, fields
        self.body, self.trailers, self.interim = b'', [], []

    def all(self, name):
        return [value for field, value in self.fields if field.lower() == name.lower()]

    def get(self, name):
        """The value of a field that is there at most once."""
        values = self.all(name)
        assert len(values) < 2, f'{name} is there {len(values)} times: {values}'
        return values[0] if values else None


class Client:
    """One connection."""

    def __init__(self, port, host='127.0.0.1', timeout=15.0):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes so that the peer sees a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode('latin-1'))

    def send_slowly(self, data, pause=0.0):
        for i in range(len(data)):
            self.send(data[i:i + 1])
            time.sleep(pause)

    def fill(self):
        """Reads more; False at the end."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError as error:
            raise Broken('reset') from error
        self.received += data
        return bool(data)

    def read_line(self):
        while b'\r\n' not in self.received:
            if not self.fill():
                raise Broken(f'ended within a line: {self.received[:80]!r}')
        line, _, self.received = self.received.partition(b'\r\n')
        assert b'\n' not in line and b'\r' not in line, f'a bare line end in {line!r}'
        return line.decode('latin-1')

    def read_bytes(self, count):
        while len(self.received) < count:
            if not self.fill():
                raise Broken(f'ended after {len(self.received)} of {count} bytes')
        data, self.received = self.received[:count], self.received[count:]
        return data

    def read_fields(self):
        fields = []
        while line := self.read_line():
            name, colon, value = line.partition(':')
            assert colon and name == name.strip(), f'not a field: {line!r}'
            fields.append((name, value.strip()))
        return fields

    def read_head(self):
        version, _, rest = self.read_line().partition(' ')
        assert version == 'HTTP/1.1', version
        status, _, reason = rest.partition(' ')
        return Response(int(status), reason, self.read_fields())

    def read_chunked(self, response):
        while size := int(self.read_line().partition(';')[0], 16):
            response.body += self.read_bytes(size)
            assert self.read_line() == ''
        response.trailers = self.read_fields()

    def read_response(self, method='GET'):
        """The next final response, whole, with the interim ones before it; Broken if it is not."""
        interim = []
        response = self.read_head()
        while response.status < 200 and response.status != 101:
            interim.append(response)
            response = self.read_head()
        response.interim = interim
        length = response.get('Content-Length')
        coding = response.get('Transfer-Encoding')
        assert length is None or coding is None, 'both a length and a coding'
        if method == 'HEAD' or response.status in (101, 204, 304):
            return response
        if coding:
            assert coding == 'chunked', coding
            self.read_chunked(response)
        elif length is not None:
            response.body = self.read_bytes(int(length))
        else:
            while self.fill():
                pass
            response.body, self.received = self.received, b''
        return response

    def is_ended(self):
        """True once the peer has closed in order and sent nothing more; waits for it."""
        return not self.received and not self.fill()

    def ask(self, text, method=None):
        """Sends one request and reads its response."""
        data = text if isinstance(text, bytes) else text.encode('latin-1')
        self.send(data)
        return self.read_response(method or data.split(b' ', 1)[0].decode('latin-1'))


def ask(port, text, method=None):
    """One request on a connection of its own."""
    with Client(port) as client:
        return client.ask(text, method)


def get(port, path='/', fields=''):
    return ask(port, f'GET {path} HTTP/1.1\r\nHost: test.example\r\n{fields}\r\n')
