# SPDX-License-Identifier: Apache-2.0
"""Three network namespaces in a line: the gateway and its clients (ours, made by `unshare`), a router,
the origins. The router can swallow what goes to an address, or refuse it by ICMP. Everything vanishes
with the processes that hold the namespaces, whatever happens; needs root and iproute2.
"""
import asyncio
import os
import subprocess
import time

from support.processes import Program


def run(*argv):
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f'{" ".join(map(str, argv))}: {done.stderr}'


class Network:
    hosts = ['10.99.1.1', '10.99.1.2', '10.99.1.3']

    def __init__(self, folder):
        run('ip', 'link', 'set', 'lo', 'up')
        self.router = self.hold(folder, 'router')
        self.origins = self.hold(folder, 'origins')
        self.prefix = ['nsenter', '-t', str(self.origins.pid), '-n']
        self.link('gate', os.getpid(), '10.99.2.1', self.router.pid, '10.99.2.2')
        self.link('farm', self.router.pid, '10.99.3.1', self.origins.pid, '10.99.3.2')
        run('ip', 'route', 'add', '10.99.1.0/24', 'via', '10.99.2.2')
        self.within(self.router, 'ip', 'route', 'add', '10.99.1.0/24', 'via', '10.99.3.2')
        self.within(self.router, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward')
        self.within(self.origins, 'ip', 'route', 'add', 'default', 'via', '10.99.3.1')
        for host in self.hosts:
            self.within(self.origins, 'ip', 'address', 'add', f'{host}/32', 'dev', 'lo')

    def hold(self, folder, name):
        """A process whose only purpose is to have a network namespace."""
        own = os.readlink('/proc/self/ns/net')
        program = Program(['unshare', '-n', 'sleep', 'infinity'], folder, name)
        until = time.monotonic() + 10
        while os.readlink(f'/proc/{program.pid}/ns/net') == own:
            assert program.is_running() and time.monotonic() < until, program.errors()
            time.sleep(0.01)
        self.within(program, 'ip', 'link', 'set', 'lo', 'up')
        return program

    def within(self, program, *argv):
        run('nsenter', '-t', program.pid, '-n', *argv)

    def link(self, name, near, near_address, far, far_address):
        run('ip', 'link', 'add', f'{name}0', 'type', 'veth', 'peer', 'name', f'{name}1')
        for end, pid, address in ((f'{name}0', near, near_address), (f'{name}1', far, far_address)):
            run('ip', 'link', 'set', end, 'netns', pid)
            for words in (['address', 'add', f'{address}/24', 'dev', end], ['link', 'set', end, 'up']):
                run('nsenter', '-t', pid, '-n', 'ip', *words)

    async def route(self, kind, address):
        """From now on packets to the address meet a route of this kind: blackhole, prohibit."""
        await asyncio.to_thread(self.within, self.router, 'ip', 'route', 'replace', kind, f'{address}/32')

    async def restore(self, address):
        await asyncio.to_thread(self.within, self.router, 'ip', 'route', 'del', f'{address}/32')

    def end(self):
        for program in (self.router, self.origins):
            program.kill()
