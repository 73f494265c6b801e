#!/usr/bin/env python3
"""Endpoints by a name's addresses, with a name server of the test's own: in namespaces, where it may have port 53."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from support.client import get
from support.gateway import Gateway
from support.load import Traffic
from support.name_server import NameServer
from support.origins import Origin
from support.processes import wait_until

INSIDE = 'GOODGATE_IN_NAMESPACE'


def endpoints(gateway):
    return {e['address'] for e in gateway.status()['upstreams'][0]['endpoints']}


class ByName(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.names = NameServer(53)

    def setUp(self):
        self.names.records.clear()

    def gateway(self, port):
        return self.gateway_by(dns='app.test', port=port)

    def gateway_by(self, balance='least_time', **discover):
        return Gateway(upstreams={'app': {'discover': discover, 'balance': balance}})

    def origins(self, *hosts):
        # Nobody else is in this namespace: the port is free on all addresses.
        return [self.enterContext(Origin(host=host, port=3000)) for host in hosts]

    def test_every_address_is_an_endpoint_and_a_change_is_followed_within_its_time(self):
        one, two, three = self.origins('127.0.0.1', '127.0.0.2', '127.0.0.3')
        self.names.says('app.test', '127.0.0.1', '127.0.0.2', ttl=1)
        with self.gateway(3000) as gateway, Traffic(gateway.port, clients=4) as traffic:
            wait_until(lambda: one.requests and two.requests, 'both get requests')
            self.assertEqual(endpoints(gateway), {'127.0.0.1:3000', '127.0.0.2:3000'})
            self.names.says('app.test', '127.0.0.3', '127.0.0.2', ttl=1)
            wait_until(lambda: three.requests, 'who has come gets requests')
            wait_until(lambda: '127.0.0.1:3000' not in endpoints(gateway), 'who has gone is gone')
            traffic.stop()
            self.assertEqual(traffic.bad(), [])

    def test_when_a_server_moves_the_name_is_asked_for_at_once_and_no_request_fails(self):
        stays, old, new = self.origins('127.0.0.1', '127.0.0.2', '127.0.0.3')
        self.names.says('app.test', '127.0.0.1', '127.0.0.2', ttl=300)
        with self.gateway(3000) as gateway, Traffic(gateway.port, clients=4) as traffic:
            wait_until(lambda: stays.requests and old.requests, 'both get requests')
            self.names.says('app.test', '127.0.0.1', '127.0.0.3', ttl=300)
            old.close()
            wait_until(lambda: new.requests, 'it is found where it is now')
            wait_until(lambda: '127.0.0.2:3000' not in endpoints(gateway), 'the old one is gone')
            traffic.stop()
            self.assertEqual(traffic.bad(), [])

    def test_a_name_that_is_gone_and_servers_that_fall_silent_change_nothing(self):
        self.origins('127.0.0.1')
        self.names.says('app.test', '127.0.0.1', ttl=1)
        with self.gateway(3000) as gateway:
            self.assertEqual(get(gateway.port).status, 200)
            self.names.records.clear()
            gateway.wait_for_text('cannot look up dns app.test: no_such_name; '
                                  'going on with the last 1 endpoint')
            self.assertEqual(get(gateway.port).status, 200)
            self.names.says('app.test', '127.0.0.1', ttl=1)
            gateway.wait_for_text('dns app.test is good again')
            self.assertEqual(get(gateway.port).status, 200)

    def test_srv_records_say_where_and_how_much_and_who_comes_second(self):
        one, two, spare = self.origins('127.0.0.1', '127.0.0.2', '127.0.0.3')
        for number, name in enumerate(('one', 'two', 'spare'), 1):
            self.names.says(f'{name}.test', f'127.0.0.{number}')
        service = '_http._tcp.test'
        self.names.says_services(service, (1, 30, 3000, 'one.test'), (1, 10, 3000, 'two.test'),
                                 (2, 1, 3000, 'spare.test'), ttl=1)
        with self.gateway_by('round_robin', srv=service) as gateway, Traffic(gateway.port, clients=2) as traffic:
            wait_until(lambda: one.requests and two.requests, 'both get requests')
            known = {e['address']: e['weight']
                     for e in gateway.status()['upstreams'][0]['endpoints']}
            self.assertEqual(known, {'one.test:3000': 30, 'two.test:3000': 10, 'spare.test:3000': 1})
            self.names.says_services(service, (1, 5, 3000, 'spare.test'), ttl=1)
            wait_until(lambda: spare.requests, 'the spare one is used')
            wait_until(lambda: endpoints(gateway) == {'spare.test:3000'}, 'the others are gone')
            traffic.stop()
            self.assertEqual(traffic.bad(), [])


def run_inside():
    """This script again, where only it is: with a loopback and a resolv.conf of its own."""
    folder = tempfile.mkdtemp(prefix='goodgate-names-')
    resolv = pathlib.Path(folder) / 'resolv.conf'
    resolv.write_text('nameserver 127.0.0.1\noptions timeout:1\n')
    try:
        target = os.path.realpath('/etc/resolv.conf')
        script = f'ip link set lo up && mount --bind {resolv} {target} && exec "$@"'
        return subprocess.run(
            ['unshare', '--net', '--mount', 'sh', '-c', script, 'sh', sys.executable, *sys.argv],
            env={**os.environ, INSIDE: '1'}, check=False).returncode
    finally:
        shutil.rmtree(folder)


if __name__ == '__main__':
    if INSIDE not in os.environ:
        sys.exit(run_inside())
    unittest.main()
