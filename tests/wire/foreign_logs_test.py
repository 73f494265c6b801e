#!/usr/bin/env python3
"""nginx, HAProxy and Caddy in front of every drill: what `goodgate explain --log` makes of the logs that they write.

Of a drill that a gateway does not mind (`minds_not`) nothing may be said; of every other its cause, or what it looks like to that
gateway (`seen_as`), must be among the causes that are named, and no line may be left over.
"""
import json
import os
import re
import subprocess
import threading
import unittest

from drill_test import REQUESTS, SCENARIOS, UPLOAD, UPLOADS, Drills
from support.client import Broken, Client
from support.gateway import GOODGATE
from support.origins import RealOrigin
from support.processes import wait_until

NAME = 'drill.example'  # the certificates of the drills are for it
LATE = 'worker-killed'  # needs more patience than the others
PATIENCE = 4
NOT_ASKED = {'unavailable-share'}  # it counts the requests of all three


def explained(log):
    """What is made of a text, or of files."""
    text = log if isinstance(log, str) else ''
    files = ['-'] if isinstance(log, str) else log
    words = [word for file in files for word in ('--log', str(file))]
    done = subprocess.run([GOODGATE, 'explain', '--json', *words], input=text, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def causes_of(group):
    return {cause['name'] for cause in group['causes']}


class ForeignGateway(RealOrigin):
    """One that writes `logs`; a request's own line, which it writes last, into the last of them."""

    logs = ()

    def requests_for(self, name):
        return len(re.findall(rf'/{name}[ "]', self.logs[-1].read_text(errors='replace')))


class Nginx(ForeignGateway):
    speaks_http2 = False
    minds_not = {'close-on-next', 'interim-flood', 'bad-length', 'length-and-chunked', 'chunked-twice',
                 'trailers-too-large'}
    # It reads the last of two lengths, waits on after a 101, and counts bytes, not fields.
    seen_as = {'two-lengths': 'body_truncated', 'unasked-upgrade': 'body_timeout', 'too-many-fields': 'head_too_large',
               'excess': 'body_excess'}
    not_asked = set()
    unnamed = ()

    def __init__(self, drills):
        super().__init__('nginx')
        self.logs = [self.folder / 'error.log', self.folder / 'access.log']
        places = ''
        for name, url in drills.urls().items():
            places += (f'location = /{name} {{ proxy_pass {url}; proxy_ssl_verify on; proxy_ssl_name {NAME};'
                       f' proxy_ssl_trusted_certificate {drills.ca}; proxy_ssl_server_name on;'
                       f' proxy_read_timeout {10 if name == LATE else PATIENCE}s; }}\n')
        config = self.folder / 'nginx.conf'
        config.write_text(f'''
            {'user root;' if os.geteuid() == 0 else ''}
            daemon off; worker_processes 1; pid {self.folder}/nginx.pid;
            error_log {self.folder}/error.log info; events {{ worker_connections 512; }}
            http {{
              log_format upstream '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                '"$http_referer" "$http_user_agent" us="$upstream_status" uht="$upstream_header_time" '
                'ua="$upstream_addr"';
              access_log {self.folder}/access.log upstream; client_body_temp_path {self.folder}/body;
              proxy_temp_path {self.folder}/proxy; fastcgi_temp_path {self.folder}/fastcgi;
              uwsgi_temp_path {self.folder}/uwsgi; scgi_temp_path {self.folder}/scgi;
              proxy_http_version 1.1; proxy_set_header Connection ""; proxy_next_upstream off; client_max_body_size 0;
              proxy_connect_timeout {PATIENCE}s; proxy_send_timeout {PATIENCE}s; proxy_request_buffering off;
              server {{ listen 127.0.0.1:{self.port}; {places} }}
            }}''')
        # Its two logs are joined by time, which one of them has without a zone.
        self.start(['nginx', '-c', config, '-p', self.folder, '-e', self.folder / 'error.log'], {'TZ': 'UTC'})


class HaProxy(ForeignGateway):
    speaks_http2 = True
    minds_not = {'close-on-next', 'bad-field-value', 'folded-field', 'length-and-chunked'}
    # A head is right or wrong to it, and what comes with a head is part of it; a stream is a connection.
    seen_as = {'too-many-fields': 'head_malformed', 'trailers-too-large': 'head_malformed',
               'unasked-upgrade': 'head_malformed', 'interim-flood': 'closed_before_head',
               'http2-reset': 'closed_before_head', 'http2-refuse': 'closed_before_head',
               'http2-goaway': 'closed_before_head'}
    not_asked = {'http2-violation'}  # Debian's dies of it
    unnamed = ()

    def __init__(self, drills):
        super().__init__('haproxy')
        self.logs = [self.folder / 'haproxy.out']
        rules = backends = ''
        http2 = {row['name'] for row in SCENARIOS if row['http2']}
        for name, url in drills.urls().items():
            scheme, _, address = url.partition('://')
            tls = f'ssl verify required ca-file {drills.ca} sni str({NAME}) verifyhost {NAME}' if scheme == 'https' else ''
            rules += f'  use_backend {name} if {{ path /{name} }}\n'
            backends += (f'backend {name}\n  timeout server {10 if name == LATE else PATIENCE}s\n'
                         f'  server drill {address} {tls} {"proto h2" if name in http2 else ""}\n')
        config = self.folder / 'haproxy.cfg'
        config.write_text(f'''
global
  maxconn 500
  log stdout format raw local0
defaults
  mode http
  log global
  log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{{+Q}}r %{{+Q}}[bc_err_str] %{{+Q}}[ssl_bc_err_str]"
  retries 0
  timeout connect {PATIENCE}s
  timeout client 30s
  timeout server {PATIENCE}s
frontend in
  bind 127.0.0.1:{self.port}
{rules}
{backends}''')
        self.start(['haproxy', '-db', '-f', config])


class Caddy(ForeignGateway):
    speaks_http2 = True
    minds_not = {'close-on-next', 'head-too-large', 'too-many-fields', 'bad-field-name', 'bad-field-value',
                 'folded-field', 'length-and-chunked'}
    seen_as = {}
    not_asked = {'http2-refuse', 'http2-goaway'}  # asked again and again, for half a minute
    unnamed = ('truncate-length', 'truncate-chunk', 'reset-in-body', 'bad-chunk', 'long-chunk', 'trailers-too-large',
               'http2-truncate', 'hang-in-body')

    def __init__(self, drills):
        super().__init__('caddy')
        self.logs = [self.folder / 'error.log', self.folder / 'access.log']
        places = ''
        http2 = {row['name'] for row in SCENARIOS if row['http2']}
        for name, url in drills.urls().items():
            patience = f'{10 if name == LATE else PATIENCE}s'
            tls = f'tls\ntls_trusted_ca_certs {drills.ca}\ntls_server_name {NAME}' if url.startswith('https') else ''
            to = url.replace('http://', 'h2c://') if name in http2 else url
            places += (f'handle /{name} {{\nreverse_proxy {to} {{\ntransport http {{\n dial_timeout {PATIENCE}s\n'
                       f'response_header_timeout {patience}\nread_timeout {patience}\nwrite_timeout {patience}\n'
                       f'{tls}\n}}\n}}\n}}\n')
        config = self.folder / 'Caddyfile'
        config.write_text(f'''
{{
  admin off
  auto_https off
  log {{
    output file {self.logs[0]}
  }}
}}
http://:{self.port} {{
  bind 127.0.0.1
  log {{
    output file {self.logs[1]}
  }}
{places}
}}''')
        home = str(self.folder)
        self.start(['caddy', 'run', '--config', config, '--adapter', 'caddyfile'],
                   {'HOME': home, 'XDG_DATA_HOME': home, 'XDG_CONFIG_HOME': home})


KINDS = (Nginx, HaProxy, Caddy)
BY_NAME = {row['name']: row for row in SCENARIOS}


def meet(port, name):
    """Asks for a drill and reads to the end, whatever comes: a gateway may pass nonsense on."""
    size = UPLOAD if name in UPLOADS else 0
    request = (f'{"PUT" if size else "GET"} /{name} HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n'
               f'{f"Content-Length: {size}" if size else "X: y"}\r\n\r\n').encode() + bytes(size)
    for _ in range(REQUESTS.get(name, 1)):
        with Client(port) as client:
            try:
                client.send(request)
                while client.fill():
                    pass
            except (Broken, OSError):
                pass


def meet_all(gateway):
    """Everything at once, but what cannot be told from its neighbours in the log."""
    names = [name for name, row in BY_NAME.items() if name not in NOT_ASKED | gateway.not_asked and
             name not in gateway.unnamed and (gateway.speaks_http2 or not row['http2'])]
    threads = [threading.Thread(target=meet, args=(gateway.port, name)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return names


class ForeignLogs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.drills = cls.enterClassContext(Drills('--all', '-q', '--name', NAME))
        cls.gateways = {kind: cls.enterClassContext(kind(cls.drills)) for kind in KINDS}
        cls.met = {}
        threads = [threading.Thread(target=lambda kind=kind: cls.met.update({kind: meet_all(cls.gateways[kind])}))
                   for kind in KINDS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def wanted_of(self, kind, name):
        """The cause that must be named; none if the gateway sees nothing wrong."""
        usual = '' if name in kind.minds_not else BY_NAME[name]['gateway']
        return kind.seen_as.get(name, usual.replace('-', ''))

    def check(self, kind):
        gateway = self.gateways[kind]
        for name in self.met[kind]:
            wait_until(lambda: gateway.requests_for(name) >= REQUESTS.get(name, 1), f'{kind.__name__} to write of {name}')
        found = explained(gateway.logs)
        self.assertEqual((found['unknown_lines'], found['unknown_examples']), (0, []))
        self.assertEqual(found['unexplained'], [])
        named = {}
        for group in found['failures']:
            for path in group['paths']:
                named.setdefault(path[1:], []).append(group)
        for name in self.met[kind]:
            cause = self.wanted_of(kind, name)
            with self.subTest(drill=name):
                for group in named.get(name, []):
                    self.assertIn(cause, causes_of(group), group)
                self.assertEqual(bool(cause), name in named, named.get(name))

    def test_nginx(self):
        self.check(Nginx)

    def test_haproxy(self):
        self.check(HaProxy)

    def test_caddy(self):
        self.check(Caddy)

    def test_caddy_does_not_say_whose_response_broke_off(self):
        gateway = self.gateways[Caddy]
        for name in Caddy.unnamed:
            before = gateway.logs[0].stat().st_size
            meet(gateway.port, name)

            def said():
                text = gateway.logs[0].read_bytes()[before:].decode()
                return text if 'incomplete response' in text and text.endswith('\n') else None

            found = explained(wait_until(said, f'Caddy to write of {name}'))
            with self.subTest(drill=name):
                self.assertEqual((found['unknown_lines'], found['unexplained']), (0, []), found)
                [group] = found['failures']
                self.assertEqual(causes_of(group), {BY_NAME[name]['gateway']})


if __name__ == '__main__':
    unittest.main()
