# SPDX-License-Identifier: Apache-2.0
"""Python's own threaded HTTP server as an origin of the fault suite; started by rig.real_origins."""
import http.server
import os
import sys
import time

from rig.messages import body_of, numbers_of

LOG = -1


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    timeout = 1  # idle connections are closed after it
    disable_nagle_algorithm = True

    def do_GET(self):  # the name is http.server's
        number, size = numbers_of(self.path)
        os.write(LOG, f'D {time.monotonic():.6f} {number} {self.command}\n'.encode())
        self.rfile.read(int(self.headers.get('Content-Length', 0)))
        body = body_of(number, size)
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET

    def log_message(self, *_):
        """Says nothing: its log is LOG."""


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512
    allow_reuse_address = True


def main():
    global LOG
    address, port, log = sys.argv[1:]
    LOG = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    server = Server((address, int(port)), Handler)
    os.write(LOG, f'L {time.monotonic():.6f}\n'.encode())
    server.serve_forever()
