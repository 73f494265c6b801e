#!/usr/bin/env python3
"""Endpoints from a real etcd: leases, weights, drains, and what becomes of traffic without it."""
import json
import os
import random
import re
import socket
import subprocess
import tempfile
import unittest

from support.certificates import Authority
from support.client import get
from support.gateway import Gateway
from support.load import Traffic
from support.origins import Origin
from support.processes import Program, wait_until

PREFIX = '/goodgate/upstreams/app/endpoints/'
V3 = {'ETCDCTL_API': '3'}


def lasting_port():
    """One that nobody has now, nor gets as the port of an outgoing connection: it can be had again."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
                return port
            except OSError:
                continue


class Etcd:
    """One server, with its data in a folder of its own: it is there again after restart()."""

    def __init__(self, tls=None):
        self.folder = tempfile.TemporaryDirectory(prefix='goodgate-etcd-')
        self.tls = tls
        for attempt in range(5):
            self.choose_ports()
            try:
                self.restart()
                return
            except AssertionError:
                # Somebody else chose the same one.
                self.program.stop()
                if attempt == 4 or 'address already in use' not in self.program.errors():
                    raise

    def choose_ports(self):
        self.port = lasting_port()
        peer = f'http://127.0.0.1:{lasting_port()}'
        self.url = f'{"https" if self.tls else "http"}://127.0.0.1:{self.port}'
        self.argv = ['etcd', '--data-dir', f'{self.folder.name}/{self.port}', '--log-outputs', 'stderr',
                     '--listen-client-urls', self.url, '--advertise-client-urls', self.url,
                     '--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer,
                     '--initial-cluster', f'default={peer}', '--heartbeat-interval', '20',
                     '--election-timeout', '200', '--unsafe-no-fsync']
        if self.tls:
            self.argv += ['--cert-file', self.tls['cert'], '--key-file', self.tls['key'],
                          '--trusted-ca-file', self.tls['ca'], '--client-cert-auth']

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.stop()
        self.folder.cleanup()

    def restart(self):
        self.program = Program(self.argv, self.folder.name, 'etcd')
        wait_until(self.is_ready, f'etcd answers on port {self.port}')

    def is_ready(self):
        assert self.program.is_running(), self.program.errors()
        return self.control('endpoint', 'health', check=False).returncode == 0

    def kill(self):
        self.program.kill()

    def etcdctl(self):
        tls = self.tls and ['--cacert', self.tls['ca'], '--cert', self.tls['cert'], '--key', self.tls['key']]
        return ['etcdctl', '--endpoints', self.url, *(tls or [])]

    def control(self, *arguments, check=True):
        done = subprocess.run([*self.etcdctl(), *map(str, arguments)], capture_output=True, text=True,
                              timeout=20, check=False, env={**os.environ, **V3})
        assert not check or done.returncode == 0, done.stderr
        return done

    def put(self, key, value, lease=None):
        value = value if isinstance(value, str) else json.dumps(value)
        self.control('put', PREFIX + key, value, *([f'--lease={lease}'] if lease else []))

    def delete(self, key):
        self.control('del', PREFIX + key)

    def lease(self, seconds):
        """A lease, and who keeps it alive until it dies: as a server does for its own endpoint."""
        while True:
            lease = self.control('lease', 'grant', seconds).stdout.split()[1]
            keeper = Program([*self.etcdctl(), 'lease', 'keep-alive', lease], self.folder.name, 'keeper', V3)
            wait_until(lambda k=keeper: not k.is_running() or 'keepalived' in k.output(), 'the lease is kept')
            if keeper.is_running():
                return lease, keeper


def url(origin):
    return f'http://127.0.0.1:{origin.port}'


def endpoints(gateway):
    return {int(e['address'].rsplit(':', 1)[1]): e
            for e in gateway.status()['upstreams'][0]['endpoints']}


def problem(gateway):
    return gateway.status()['upstreams'][0]['discovery']['problem']


def gateway_for(*servers, etcd=None, known=True, **upstream):
    gateway = Gateway(etcd=etcd or [server.url for server in servers],
                      upstreams={'app': {'discover': {'etcd': PREFIX}, **upstream}})
    if known:  # it does not wait longer than a second for that
        wait_until(lambda: endpoints(gateway), 'endpoints are known')
    return gateway


class ByEtcd(unittest.TestCase):
    def test_who_is_there_is_followed_under_traffic_without_an_error(self):
        with Etcd() as etcd, Origin() as one, Origin() as two, Origin() as three:
            etcd.put('one', url(one))
            with gateway_for(etcd) as gateway, Traffic(gateway.port, clients=4) as traffic:
                traffic.wait_for(20)
                self.assertEqual(set(endpoints(gateway)), {one.port})
                self.assertEqual(endpoints(gateway)[one.port]['from'], f'etcd {PREFIX}')

                # One comes, and begins slowly; its weight is taken over.
                etcd.put('two', {'url': url(two), 'weight': 3, 'zone': 'b'})
                wait_until(lambda: two.port in endpoints(gateway), 'the second is there')
                self.assertEqual(endpoints(gateway)[two.port]['weight'], 3)
                wait_until(lambda: two.requests, 'it gets requests')
                etcd.put('two', {'url': url(two), 'weight': 7})
                wait_until(lambda: endpoints(gateway)[two.port]['weight'] == 7, 'its new weight')

                # A drain: it stays, and gets nothing more.
                etcd.put('one', {'url': url(one), 'drain': True})
                wait_until(lambda: endpoints(gateway)[one.port]['state'] == 'draining', 'the drain')
                self.assertEqual(endpoints(gateway)[one.port]['reason'], 'what names it has it drained')
                gateway.wait_for_text(f'127.0.0.1:{one.port} is drained')
                wait_until(lambda: endpoints(gateway)[one.port]['requests_in_flight'] == 0, 'it is idle')
                silent_since = len(one.requests)
                traffic.wait_for(100)
                self.assertEqual(len(one.requests), silent_since)
                etcd.put('one', url(one))
                wait_until(lambda: len(one.requests) > silent_since, 'it gets requests again')

                # A lease that is over takes its endpoint along.
                lease, keeper = etcd.lease(3)
                etcd.put('three', url(three), lease=lease)
                wait_until(lambda: three.requests, 'the third gets requests')
                keeper.kill()
                wait_until(lambda: three.port not in endpoints(gateway), 'the lease is over')
                gateway.wait_for_text(f'127.0.0.1:{three.port} has gone')
                etcd.delete('two')
                wait_until(lambda: set(endpoints(gateway)) == {one.port}, 'the second has left')
                traffic.wait_for(50)
                traffic.stop()
                self.assertEqual(traffic.bad(), [])

    def test_without_etcd_all_goes_on_and_what_it_says_later_is_heard(self):
        with Etcd() as etcd, Origin() as one, Origin() as two:
            etcd.put('one', url(one))
            with gateway_for(etcd) as gateway, Traffic(gateway.port, clients=2) as traffic:
                traffic.wait_for(20)
                etcd.kill()
                gateway.wait_for_text('going on with the last 1 endpoint')
                self.assertIn('connect_refused', problem(gateway))
                traffic.wait_for(100)
                # A new worker process has nobody to ask, either.
                self.assertEqual(gateway.command('reload').returncode, 0)
                traffic.wait_for(100)
                self.assertEqual(set(endpoints(gateway)), {one.port})
                etcd.restart()
                wait_until(lambda: problem(gateway) == '', 'etcd is heard again')
                self.assertIn('is good again', gateway.errors())
                etcd.put('two', url(two))
                wait_until(lambda: two.requests, 'the second is found')
                traffic.stop()
                self.assertEqual(traffic.bad(), [])
                # Once by each process.
                self.assertEqual(gateway.errors().count('cannot look up etcd'), 2, gateway.errors())
                failures = r'^goodgate_discovery_failures_total{[^}]*} 1$'
                self.assertTrue(re.search(failures, gateway.admin('/metrics'), re.M))

    def test_an_empty_list_and_a_value_that_cannot_be_read_change_nothing_and_are_said(self):
        with Etcd() as etcd, Origin() as one, Origin() as two:
            etcd.put('one', url(one))
            with gateway_for(etcd) as gateway:
                etcd.put('two', {'url': url(two), 'wieght': 2})
                gateway.wait_for_text(f'the value of {PREFIX}two cannot be read: "wieght" is none of')
                self.assertIn('wieght', problem(gateway))
                etcd.put('three', url(two))
                wait_until(lambda: set(endpoints(gateway)) == {one.port, two.port}, 'others are heard')
                etcd.delete('two')
                wait_until(lambda: problem(gateway) == '', 'all can be read')
                etcd.control('del', '--prefix', PREFIX)
                gateway.wait_for_text('names no endpoint; going on with the last 2 endpoints')
                self.assertEqual(get(gateway.port).status, 200)
                self.assertEqual(gateway.command('reload').returncode, 0)
                self.assertEqual(get(gateway.port).status, 200)
                self.assertEqual(set(endpoints(gateway)), {one.port, two.port})
                wait_until(lambda: 'names no endpoint' in problem(gateway), 'etcd is asked')
                self.assertEqual(gateway.errors().count('cannot be read'), 1, gateway.errors())

    def test_another_server_takes_over_with_a_client_certificate(self):
        authority = self.enterContext(Authority())
        cert, key = authority.issue('127.0.0.1')
        files = {'ca': str(authority.file), 'cert': cert, 'key': key}
        dead = f'https://127.0.0.1:{lasting_port()}'
        with Etcd(files) as etcd, Origin() as one:
            etcd.put('one', url(one))
            servers = {'servers': [dead, etcd.url], 'tls': files}
            with gateway_for(etcd=servers) as gateway:
                self.assertEqual(get(gateway.port).status, 200)
                self.assertNotIn('cannot look up', gateway.errors())

    def test_a_user_logs_in(self):
        with Etcd() as etcd, Origin() as one:
            etcd.put('one', url(one))
            etcd.control('user', 'add', 'root:top')
            etcd.control('user', 'add', 'gate:secret')
            etcd.control('role', 'add', 'reader')
            etcd.control('role', 'grant-permission', '--prefix=true', 'reader', 'read', PREFIX)
            etcd.control('user', 'grant-role', 'root', 'root')
            etcd.control('user', 'grant-role', 'gate', 'reader')
            etcd.control('auth', 'enable')
            good = {'servers': etcd.url, 'user': 'gate', 'password': 'secret'}
            with gateway_for(etcd=good) as gateway:
                self.assertEqual(get(gateway.port).status, 200)
                self.assertNotIn('secret', gateway.admin('/api/v1/config'))
            with gateway_for(etcd={**good, 'password': 'wrong'}, known=False) as gateway:
                gateway.wait_for_text('authentication failed')


if __name__ == '__main__':
    unittest.main()
