#!/usr/bin/env python3
"""Endpoints that are looked up: followed under traffic, and kept when the source fails."""
import os
import pathlib
import re
import tempfile
import unittest

from support.client import Client, get
from support.gateway import Gateway, run_goodgate
from support.load import Traffic
from support.origins import OK, Origin
from support.processes import free_port, wait_until


def url(origin):
    return f'http://127.0.0.1:{origin.port}'


def endpoints(gateway):
    return {e['address']: e for e in gateway.status()['upstreams'][0]['endpoints']}


def ports(gateway):
    return sorted(int(address.rsplit(':', 1)[1]) for address in endpoints(gateway))


def discovery(gateway):
    return gateway.status()['upstreams'][0]['discovery']


def metric(gateway, name):
    return int(re.search(rf'^{name}{{[^}}]*}} (\d+)', gateway.admin('/metrics'), re.M).group(1))


class ByFile(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.folder / 'app.endpoints'

    def replace(self, *lines):
        new = self.folder / 'new'
        new.write_text('\n'.join(lines) + '\n')
        os.rename(new, self.file)

    def gateway(self, **more):
        upstream = {'discover': {'file': str(self.file)}, **more}
        return Gateway(upstreams={'app': upstream})

    def test_who_is_named_is_followed_under_traffic_without_an_error(self):
        with Origin() as one, Origin() as two, Origin() as three:
            self.replace(url(one))
            with self.gateway() as gateway, Traffic(gateway.port, clients=4) as traffic:
                traffic.wait_for(50)
                self.assertEqual(ports(gateway), [one.port])
                origins = [one, two, three]
                for turn in range(12):
                    now = [origins[turn % 3], origins[(turn + 1) % 3]]
                    self.replace('# in turn', *map(url, now), '')
                    wait_until(lambda now=now: set(ports(gateway)) >= {o.port for o in now},
                               'both are there')
                    before = [len(o.requests) for o in now]
                    wait_until(lambda now=now, before=before: all(
                        len(o.requests) > b for o, b in zip(now, before)), 'both get requests')
                wait_until(lambda: ports(gateway) == sorted(o.port for o in now), 'the third has left')
                others = {o.port for o in origins} - {o.port for o in now}
                left = next(o for o in origins if o.port in others)
                silent_since = len(left.requests)
                traffic.wait_for(100)
                traffic.stop()
                self.assertEqual(traffic.bad(), [])
                self.assertEqual(len(left.requests), silent_since)
                self.assertEqual(metric(gateway, 'goodgate_discovery_endpoints'), 2)
                self.assertEqual(metric(gateway, 'goodgate_discovery_endpoints_gone_total'),
                                 metric(gateway, 'goodgate_discovery_endpoints_come_total') - 2)

    def test_the_connections_of_those_who_stay_stay_and_a_weight_is_taken_over(self):
        with Origin() as one, Origin() as two:
            self.replace(url(one))
            with self.gateway() as gateway:
                for _ in range(20):
                    self.assertEqual(get(gateway.port).status, 200)
                idle = endpoints(gateway)[f'127.0.0.1:{one.port}']['connections']
                self.replace(url(two) + ' weight=7', url(one) + ' weight=3  # the old one')
                wait_until(lambda: len(endpoints(gateway)) == 2, 'the second is there')
                self.assertEqual(endpoints(gateway)[f'127.0.0.1:{one.port}']['weight'], 3)
                self.assertEqual(endpoints(gateway)[f'127.0.0.1:{two.port}']['weight'], 7)
                self.assertEqual(endpoints(gateway)[f'127.0.0.1:{two.port}']['state'], 'recovering')
                self.assertEqual(endpoints(gateway)[f'127.0.0.1:{two.port}']['from'],
                                 f'file {self.file}')
                stays = endpoints(gateway)[f'127.0.0.1:{one.port}']
                self.assertEqual(stays['connections'], idle)
                self.assertEqual(stays['requests'], 20)

    def test_a_request_that_is_under_way_at_one_who_goes_is_answered(self):
        def slowly(request, peer):
            wait_until(lambda: self.may_answer, 'leave to answer')
            return OK

        self.may_answer = False
        with Origin(slowly) as slow, Origin() as other:
            self.replace(url(slow))
            with self.gateway(limits={'requests': 10}) as gateway:
                client = self.enterContext(Client(gateway.port))
                client.send(b'POST /slow HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nhi')
                wait_until(lambda: slow.requests, 'the request is there')
                self.replace(url(other))
                wait_until(lambda: endpoints(gateway)[f'127.0.0.1:{slow.port}']['state'] == 'leaving',
                           'it is leaving')
                self.assertEqual(get(gateway.port).status, 200)
                self.assertEqual(len(other.requests), 1)
                self.may_answer = True
                self.assertEqual(client.read_response().status, 200)
                wait_until(lambda: ports(gateway) == [other.port], 'it has left')

    def test_a_broken_file_changes_nothing_and_is_said_with_its_place(self):
        with Origin() as one:
            self.replace(url(one))
            with self.gateway() as gateway:
                self.replace('# one more', url(one), f'  {url(one)} wieght=2')
                gateway.wait_for_text('app.endpoints:3:')
                self.assertIn('"wieght=2"', gateway.errors())
                self.assertEqual(ports(gateway), [one.port])
                self.assertEqual(get(gateway.port).status, 200)
                self.assertIn(':3:', discovery(gateway)['problem'])
                self.assertEqual(metric(gateway, 'goodgate_discovery_holding'), 1)
                self.assertIn(':3:', gateway.command('status').stdout)

                os.unlink(self.file)
                gateway.wait_for_text('No such file')
                self.replace('# nobody')
                gateway.wait_for_text('names no endpoint; going on with the last 1 endpoint')
                self.assertEqual(get(gateway.port).status, 200)
                self.replace(url(one))
                gateway.wait_for_text('is good again')
                self.assertEqual(discovery(gateway)['problem'], '')
                self.assertEqual(metric(gateway, 'goodgate_discovery_holding'), 0)
                events = gateway.admin('/api/v1/events/recent')
                self.assertIn('"members"', events)

    def test_check_names_an_unreadable_and_a_broken_file_and_run_starts_without_it(self):
        config = self.folder / 'goodgate.yaml'
        config.write_text('listeners: ["127.0.0.1:0"]\n'
                          f'upstreams: {{ app: {{ discover: {{ file: {self.file} }} }} }}\n')
        done = run_goodgate('check', '-c', config)
        self.assertEqual(done.returncode, 1)
        self.assertIn('goodgate.yaml:2:', done.stdout + done.stderr)
        self.assertIn('cannot be read: No such file', done.stdout + done.stderr)
        self.replace('http://127.0.0.1:1', 'nonsense:99999')
        self.assertIn('app.endpoints:2:1: ', (lambda d: d.stdout + d.stderr)(
            run_goodgate('check', '-c', config)))
        os.unlink(self.file)
        with Origin() as one, self.gateway() as gateway:
            self.assertEqual(get(gateway.port).status, 503)
            self.assertIn('empty_upstream', gateway.log_lines(1)[0])
            self.replace(url(one))
            wait_until(lambda: get(gateway.port).status == 200, 'it is found')

    def test_a_reload_and_a_new_worker_process_find_everybody_again(self):
        with Origin() as one, Origin() as two:
            self.replace(url(one), url(two))
            with self.gateway() as gateway, Traffic(gateway.port, clients=2) as traffic:
                traffic.wait_for(20)
                self.assertEqual(gateway.command('reload').returncode, 0)
                traffic.wait_for(50)
                self.assertEqual(ports(gateway), sorted([one.port, two.port]))
                traffic.stop()
                self.assertEqual(traffic.bad(), [])
                states = {e['state'] for e in endpoints(gateway).values()}
                self.assertEqual(states, {'up'})

    def test_who_is_listed_is_there_besides(self):
        dead = free_port()
        with Origin() as listed, Origin() as found:
            self.replace(url(found))
            upstream = {'endpoints': [url(listed)], 'discover': {'file': str(self.file)}}
            with Gateway(upstreams={'app': upstream}) as gateway:
                self.assertEqual(ports(gateway), sorted([listed.port, found.port]))
                origins = {e['from'] for e in endpoints(gateway).values()}
                self.assertEqual(origins, {'configuration', f'file {self.file}'})
                self.replace(f'http://127.0.0.1:{dead}')
                wait_until(lambda: found.port not in ports(gateway), 'the one that was found is gone')
                self.replace('')
                wait_until(lambda: ports(gateway) == [listed.port], 'only who is listed')
                self.assertEqual({get(gateway.port).status for _ in range(5)}, {200})


if __name__ == '__main__':
    unittest.main()
