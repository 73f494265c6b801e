"""Origins: one in Python that does anything, and the real ones."""
import os
import pathlib
import shutil
import socket
import tempfile
import threading

from support.client import Client
from support.processes import Program, free_port

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n'


class Request:
    def __init__(self, line, fields, body, trailers):
        self.line, self.fields, self.body, self.trailers = line, fields, body, trailers
        self.method, self.target, self.version = line.split(' ')

    all = lambda self, name: [v for f, v in self.fields if f.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        assert len(values) < 2, f'{name} is there {len(values)} times: {values}'
        return values[0] if values else None


class Peer(Client):
    """The gateway, as an origin sees it."""

    def __init__(self, accepted):
        self.socket = accepted
        self.socket.settimeout(20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b''
        self.request_number = 0
        self.trailers = []
        self.body = b''

    def read_request_head(self):
        """A Request without its body; None at the end of the connection."""
        if not self.received and not self.fill():
            return None
        self.request_number += 1
        return Request(self.read_line(), self.read_fields(), b'', [])

    def read_request_body(self, request):
        coding, length = request.get('Transfer-Encoding'), request.get('Content-Length')
        assert not (coding and length)
        if coding:
            self.read_chunked(request)
        elif length:
            request.body = self.read_bytes(int(length))


class Origin:
    """A server whose behaviour is a function.

    `answer(request, peer)` gets each whole request. It gives the bytes to send, or does something
    with `peer` itself and gives None; after peer.close() or peer.reset() the connection is over.
    `on_head` takes over before the body is read, in the same way.
    """

    def __init__(self, answer=lambda request, peer: OK, on_head=None, port=0,
                 host='127.0.0.1'):
        self.answer, self.on_head = answer, on_head
        self.requests, self.connections, self.errors = [], 0, []
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, port))
        self.listener.listen(128)
        self.port = self.listener.getsockname()[1]
        self.peers = []
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def accept(self):
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            peer = Peer(accepted)
            self.peers.append(peer)
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            while request := peer.read_request_head():
                self.requests.append(request)
                done = self.on_head(request, peer) if self.on_head else None
                if done is None:
                    peer.read_request_body(request)
                    done = self.answer(request, peer)
                if isinstance(done, bytes):
                    peer.send(done)
                if peer.socket.fileno() < 0:
                    return
            peer.close()
        except Exception as error:  # the gateway may go at any time; tests look at what they expect
            self.errors.append(repr(error))
            peer.close()

    def close(self):
        """Refuses from now on, and breaks what is open."""
        # shutdown, since a thread that is in accept keeps a closed listener alive.
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for peer in self.peers:
            # Likewise for one that waits for the next request.
            try:
                peer.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            peer.close()


class RealOrigin:
    """A real server in a folder of its own."""

    def __init__(self, name):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f'goodgate-{name}-'))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.program = None

    def start(self, argv, env=None):
        self.program = Program(argv, self.folder, env=env)
        self.program.wait_for_port(self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.stop()
        shutil.rmtree(self.folder)


class Nginx(RealOrigin):
    """nginx with `server` (directives) and what is in `files` (name to bytes) under its root. `tls`:
    the files of its certificate and key."""

    def __init__(self, server='', files=None, tls=None):
        super().__init__('nginx')
        ssl = f'ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]};' if tls else ''
        root = self.folder / 'root'
        root.mkdir()
        for name, content in (files or {}).items():
            (root / name).write_bytes(content)
        config = self.folder / 'nginx.conf'
        config.write_text(f'''
            {'user root;' if os.geteuid() == 0 else ''}
            daemon off; worker_processes 1; pid {self.folder}/nginx.pid;
            error_log {self.folder}/error.log; events {{ worker_connections 512; }}
            http {{
              access_log off; default_type text/plain; client_body_temp_path {self.folder}/body;
              proxy_temp_path {self.folder}/proxy; fastcgi_temp_path {self.folder}/fastcgi;
              uwsgi_temp_path {self.folder}/uwsgi; scgi_temp_path {self.folder}/scgi;
              server {{ listen 127.0.0.1:{self.port} {'ssl' if tls else ''}; {ssl} root {root}; {server} }}
            }}''')
        self.start(['nginx', '-c', config, '-p', self.folder, '-e', self.folder / 'error.log'])


class Node(RealOrigin):
    """node with a script of this folder, which gets the port as its first argument."""

    def __init__(self, script, *arguments):
        super().__init__('node')
        self.start(['node', pathlib.Path(__file__).parent / script, self.port, *arguments])


class PythonFiles(RealOrigin):
    """Python's http.server over `files`."""

    def __init__(self, files):
        super().__init__('python')
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        self.start(['python3', '-m', 'http.server', self.port, '--bind', '127.0.0.1',
                    '--protocol', 'HTTP/1.1'])


class HaProxy(RealOrigin):
    """HAProxy, which passes everything on to `port`. `rules` are directives of its frontend, `server`
    words about the connections that it makes."""

    def __init__(self, port, rules='', server=''):
        super().__init__('haproxy')
        config = self.folder / 'haproxy.cfg'
        config.write_text(f'''
global
  maxconn 500
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
frontend in
  bind 127.0.0.1:{self.port}
  {rules}
  default_backend out
backend out
  http-reuse always
  server gate 127.0.0.1:{port} {server}
''')
        self.start(['haproxy', '-db', '-f', config])
