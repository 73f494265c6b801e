# SPDX-License-Identifier: Apache-2.0
"""The gateways that a row runs against: Goodgate as it comes, and its peers as experts set them."""
import asyncio
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from rig.origins import steady_port
from support.processes import Program, accepts, children_of

PEERS = pathlib.Path(__file__).resolve().parents[1] / 'peers'


class Settings:
    """What a row tells the gateways beyond the addresses; Goodgate gets none of the hints."""

    def __init__(self, endpoints, read='500ms', keep='1s', fails=2, capacity=0, slots=0,
                 name_server=None, name=None):
        self.endpoints = endpoints      # [(address, port)]
        self.read = read                # hint: how long a peer waits for an endpoint
        self.keep = keep                # hint: how long it keeps idle connections; '': it keeps none
        self.fails = fails              # hint: failures that mark an endpoint down for nginx; 0: never
        self.capacity = capacity        # hint: requests a second that the endpoints can do, 0: enough
        self.slots = slots              # hint: how many at once, each
        self.name_server = name_server  # (address, port), for names
        self.name = name                # endpoints are this name, with the first endpoint's port


class Gateway:
    """One gateway program in a folder of its own, listening on loopback."""

    name = ''

    def __init__(self, folder, settings):
        self.folder = pathlib.Path(folder)
        self.folder.chmod(0o755)
        self.settings = settings
        self.port = steady_port(['127.0.0.1'])
        self.program = None

    def configure(self):
        """Writes what the program reads; returns its command."""
        raise NotImplementedError

    async def start(self):
        self.program = Program(self.configure(), self.folder, self.name, self.environment())
        until = time.monotonic() + 20
        while not accepts(self.port):
            if not self.program.is_running() or time.monotonic() > until:
                raise AssertionError(f'{self.name} did not start:\n{self.said()}')
            await asyncio.sleep(0.02)

    def environment(self):
        return {}

    def said(self):
        return self.program.errors() + self.program.output()

    @classmethod
    def version(cls):
        """Its name and version, as it says them itself."""
        done = subprocess.run([cls.program_path(), '-v' if cls is not Goodgate else '--version'],
                              capture_output=True, text=True, check=True)
        found = re.search(r'\d+\.\d+(\.\d+)?', done.stdout + done.stderr)
        return f'{cls.name} {found.group(0)}'

    @classmethod
    def program_path(cls):
        raise NotImplementedError

    async def reload(self):
        raise NotImplementedError

    def kill_worker(self):
        """Kills one worker process, as the kernel does when memory runs out."""
        os.kill(children_of(self.program.pid)[0], signal.SIGKILL)

    def evidence(self, numbers):
        """Lines of its log about these requests."""
        return []

    def status_page(self):
        return None

    def fill(self, template, values):
        text = (PEERS / template).read_text()
        for name, value in values.items():
            text = text.replace(f'@{name}@', str(value))
        file = self.folder / template
        file.write_text(text)
        return file

    def end(self):
        if self.program:
            family = children_of(self.program.pid)
            self.program.stop()
            for pid in family:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass


class Goodgate(Gateway):
    """With nothing but addresses: no hint of what is going to happen."""

    name = 'goodgate'

    @classmethod
    def program_path(cls):
        return os.environ['GOODGATE']

    def configure(self):
        settings = self.settings
        addresses = [settings.name] if settings.name else [host for host, _ in settings.endpoints]
        ports = [port for _, port in settings.endpoints]
        listed = ', '.join(f'"http://{host}:{port}"' for host, port in zip(addresses, ports))
        self.config = self.folder / 'goodgate.yaml'
        self.config.write_text(f'listeners: ["127.0.0.1:{self.port}"]\n'
                               f'upstreams:\n  app: [{listed}]\n'
                               'admin: 127.0.0.1:0\n'
                               f'log: {{ access: {self.folder}/access.log }}\n')
        return [os.environ['GOODGATE'], 'run', '-c', self.config]

    def environment(self):
        return {'RUNTIME_DIRECTORY': str(self.folder)}

    async def reload(self):
        done = await asyncio.create_subprocess_exec(
            os.environ['GOODGATE'], 'reload', '-c', str(self.config),
            env={**os.environ, **self.environment()}, stdout=subprocess.DEVNULL)
        assert await done.wait() == 0, self.said()

    def evidence(self, numbers):
        wanted = re.compile('"target":"/(' + '|'.join(map(str, numbers)) + ')/')
        log = self.folder / 'access.log'
        lines = log.read_text(errors='replace').splitlines() if log.exists() else []
        return [line for line in lines if wanted.search(line)] if numbers else []

    def unrescued(self, why):
        """How many requests were not tried again for this reason."""
        log = self.folder / 'access.log'
        records = [json.loads(line) for line in log.read_text().splitlines()]
        return sum(record.get('retry') == why for record in records)


class Nginx(Gateway):
    name = 'nginx'

    @classmethod
    def program_path(cls):
        return shutil.which('nginx', path='/usr/sbin:/usr/bin')

    def configure(self):
        settings = self.settings
        capacity = settings.capacity
        servers = ' '.join(f'server {host}:{port} max_fails={settings.fails} fail_timeout=1s;'
                           for host, port in settings.endpoints)
        resolver = ''
        target = 'origins'
        if settings.name:
            host, port = settings.name_server
            resolver = f'resolver {host}:{port} valid=1s ipv6=off; resolver_timeout 250ms;'
        # A leaky bucket nearly as wide as the endpoints; what would wait longer than 50 ms is refused.
        zone = (f'limit_req_zone $server_port zone=all:64k rate={int(capacity * 0.97)}r/s;'
                if capacity else '')
        limit = f'limit_req zone=all burst={capacity // 20}; limit_req_status 503;' if capacity else ''
        keep = f'keepalive 64; keepalive_timeout {settings.keep};' if settings.keep else ''
        if settings.name:
            limit += f' set $name {settings.name};'
            target = f'$name:{settings.endpoints[0][1]}'
        file = self.fill('nginx.conf', {
            'USER': 'user root;' if os.geteuid() == 0 else '', 'DIR': self.folder,
            'PORT': self.port, 'SERVERS': servers, 'READ': settings.read, 'KEEP': keep,
            'RESOLVER': resolver, 'TO': target, 'LIMIT_ZONE': zone, 'LIMIT': limit})
        return [self.program_path(), '-c', file, '-p', self.folder,
                '-e', self.folder / 'nginx.err']

    async def reload(self):
        self.program.signal(signal.SIGHUP)
        await asyncio.sleep(0.3)

    def evidence(self, numbers):
        log = self.folder / 'nginx.err'
        return log.read_text(errors='replace').splitlines()[-3:] if log.exists() else []


class Haproxy(Gateway):
    name = 'haproxy'

    @classmethod
    def program_path(cls):
        return shutil.which('haproxy', path='/usr/sbin:/usr/bin')

    def configure(self):
        settings = self.settings
        target = [f'{host}:{port}' for host, port in settings.endpoints]
        resolver, options = '', ''
        if settings.name:
            host, port = settings.name_server
            resolver = (f'resolvers names\n  nameserver local {host}:{port}\n  resolve_retries 3\n'
                        '  timeout resolve 100ms\n  timeout retry 100ms\n  hold valid 100ms')
            options = ' resolvers names resolve-prefer ipv4 init-addr last,libc,none'
            target = [f'{settings.name}:{settings.endpoints[0][1]}']
        servers = '\n  '.join(f'server s{i} {at}{options}' for i, at in enumerate(target))
        file = self.fill('haproxy.cfg', {
            'DIR': self.folder, 'PORT': self.port, 'SERVERS': servers, 'READ': settings.read,
            'KEEP': settings.keep or '0', 'RESOLVER': resolver,
            'REUSE': 'http-keep-alive' if settings.keep else 'http-server-close', 'QUEUE': '100ms' if settings.slots else '1s',
            'MAXCONN': f'maxconn {settings.slots + 1}' if settings.slots else ''})
        # A master that starts it again, as systemd's unit does.
        return ['sh', '-c', 'while :; do haproxy -W -S "$0/master" -f "$1" & wait $!; sleep 0.1; done',
                self.folder, file]

    def kill_worker(self):
        master = children_of(self.program.pid)[0]
        os.kill(children_of(master)[0], signal.SIGKILL)

    async def reload(self):
        os.kill(children_of(self.program.pid)[0], signal.SIGUSR2)
        await asyncio.sleep(0.3)

    def evidence(self, numbers):
        wanted = re.compile(' /(' + '|'.join(map(str, numbers)) + ')/')
        return [line for line in self.said().splitlines() if wanted.search(line)] if numbers else []

    def end(self):
        masters = children_of(self.program.pid) if self.program else []
        family = masters + [child for master in masters for child in children_of(master)]
        super().end()
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


class Blunt(Nginx):
    """nginx told to save nothing: what a row does to clients when nobody helps. For tests of the rows."""

    name = 'blunt'

    def __init__(self, folder, settings):
        settings.keep = '60s'
        super().__init__(folder, settings)

    def fill(self, template, values):
        file = super().fill(template, values)
        lines = [line for line in file.read_text().splitlines() if 'proxy_next_upstream' not in line]
        text = '\n'.join(lines).replace('max_fails=2', 'max_fails=0')
        file.write_text(text.replace('proxy_pass', 'proxy_next_upstream off; proxy_pass'))
        return file


GATEWAYS = {gateway.name: gateway for gateway in (Goodgate, Nginx, Haproxy, Blunt)}
COMPARED = ['goodgate', 'nginx', 'haproxy']
