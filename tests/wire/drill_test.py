#!/usr/bin/env python3
"""Every drill, and whether the gateway names its cause rightly; what `goodgate drill` prints."""
import json
import pathlib
import re
import signal
import tempfile
import threading
import unittest

from support.client import Broken, Client, get
from support.gateway import GOODGATE, Gateway, run_goodgate
from support.processes import Program, wait_until

SCENARIOS = json.loads(run_goodgate('drill', '--list', '--json').stdout)
# Their port must be asked twice on one connection, or three times, before they fail.
REQUESTS = {'close-on-next': 2, 'unavailable-share': 3}

# Whom an incident names when the failure is further behind.
HOPS = {'hop-nginx': 'nginx', 'hop-proxy-status': 'inner: connect_timeout at 10.1.2.3:8080'}

# Where the requests were that nobody answered, as the kernel tells it.
WHERE = {'hang': 'the service itself was silent', 'upload-stall': 'the service does not read what it is sent'}

class Drills:
    """`goodgate drill` in a folder of its own."""

    def __init__(self, *arguments):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='goodgate-drill-'))
        self.ca = self.folder / 'ca.pem'
        self.program = Program([GOODGATE, 'drill', '--ca-out', self.ca, *arguments], self.folder, 'drill')
        wait_until(lambda: 'ready\n' in self.text(), 'the drills are ready')

    def text(self):
        return self.program.output()

    def urls(self):
        return {name: url for url, name in re.findall(r'^(https?://\S+)  (\S+)  ', self.text(), re.M)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.signal(signal.SIGINT)
        status = self.program.wait(20)
        errors = self.program.errors()
        assert status == 0 and 'Sanitizer' not in errors, (status, errors)


UPLOADS = {row['name'] for row in SCENARIOS if row['upload']}
UPLOAD = 24 << 20  # more than the kernel keeps for a service that does not read


def ask(port, name, count):
    """`count` requests for one drill on one connection; how they end is read from the log."""
    request = f'GET /{name} HTTP/1.1\r\nHost: test.example\r\n\r\n'.encode()
    if name in UPLOADS:
        request = f'PUT /{name} HTTP/1.1\r\nHost: test.example\r\nContent-Length: {UPLOAD}\r\n\r\n'.encode()
        request += bytes(UPLOAD)
    with Client(port) as client:
        for _ in range(count):
            try:
                client.ask(request)
            except (Broken, OSError):
                pass  # the only honest end of a body that broke off


class GatewayAndDrills(unittest.TestCase):
    def test_the_gateway_names_every_drill_rightly(self):
        with Drills('--all', '-q') as drills:
            urls = drills.urls()
            self.assertEqual(sorted(urls), sorted(row['name'] for row in SCENARIOS))
            upstreams, routes = {}, []
            for name, url in urls.items():
                upstreams[name] = {'endpoints': [url], 'tls': {'ca': str(drills.ca)},
                                   'timeouts': {'connect': '1s', 'tls': '2s', 'first_byte': '2s', 'idle': '2s'}}
                routes.append({'path': f'/{name}', 'to': name, 'retry': {'attempts': 1}, 'hedge': {'after': 'off'}})
            upstreams['worker-killed']['timeouts']['first_byte'] = '10s'
            for row in SCENARIOS:
                upstreams[row['name']]['http2'] = 'always' if row['http2'] else 'never'
            with Gateway(upstreams=upstreams, routes=routes) as gateway:
                for name, count in REQUESTS.items():
                    ask(gateway.port, name, count)
                threads = [threading.Thread(target=ask, args=(gateway.port, name, 1))
                           for name in urls if name not in REQUESTS]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                records = gateway.records(len(urls) + sum(count - 1 for count in REQUESTS.values()))
                wanted = {row['name'] for row in SCENARIOS if row['gateway'] != '-'}
                incidents = wait_until(lambda: self.incidents_of(gateway, wanted), 'an incident of each')
        named = {}
        for record in records:
            faults = [attempt['fault'] for attempt in record['attempts'] if 'fault' in attempt]
            named.setdefault(record['target'][1:], []).extend(faults)
        for row in SCENARIOS:
            wanted = [] if row['gateway'] == '-' else [row['gateway']]
            with self.subTest(row['name']):
                self.assertEqual(named[row['name']], wanted)
                self.check_incidents(row, incidents, urls[row['name']])

    @staticmethod
    def incidents_of(gateway, wanted):
        """By upstream, with all that is known of each; none before all that are wanted have one."""
        found = {}
        for one in json.loads(gateway.admin('/api/v1/incidents'))['incidents']:
            detail = json.loads(gateway.admin(f'/api/v1/incidents/{one["id"]}'))
            found.setdefault(one['upstream'], []).append(detail)
        return found if wanted <= set(found) else {}

    def check_incidents(self, row, incidents, url):
        """One of that cause at that endpoint, with what was seen and what to do; never another one."""
        of_it = incidents.get(row['name'], [])
        wanted = [] if row['gateway'] == '-' else [row['gateway']]
        self.assertEqual([one['fault']['name'] for one in of_it], wanted)
        for one in of_it:
            self.assertEqual(one['endpoint'], url.rpartition('/')[2])
            self.assertTrue(one['evidence'] and one['remedies'] and one['samples'], one)
        evidence = '\n'.join(line for one in of_it for line in one['evidence'])
        self.assertIn(HOPS.get(row['name'], ''), evidence)
        self.assertIn(WHERE.get(row['name'], ''), evidence)


class Commanded(unittest.TestCase):
    def test_a_drill_says_what_it_does_and_ends_after_its_time(self):
        with Drills('reset-before-head', '--for', '5s') as drills:
            port = int(drills.urls()['reset-before-head'].rpartition(':')[2])
            with self.assertRaises((Broken, ConnectionError)):
                get(port, '/')
            wait_until(lambda: 'from now on it answers as it should' in drills.text(), 'the drill is over')
            self.assertEqual(get(port, '/').status, 200)
            for said in ('#1 connected from 127.0.0.1', '#1 GET /', '#1 resets', '#2 answered 200'):
                wait_until(lambda: said in drills.text(), said)

    def test_the_list_is_the_one_of_the_manual(self):
        listed = run_goodgate('drill', '--list')
        self.assertEqual(listed.returncode, 0)
        manual = (pathlib.Path(__file__).parents[2] / 'docs' / 'drill.md').read_text()
        self.assertIn('```\n' + listed.stdout + '```\n', manual, 'put the list of `goodgate drill --list` there')

    def test_a_port_that_is_taken_and_words_that_are_wrong_are_complained_of(self):
        with Drills('hang') as drills:
            address = drills.urls()['hang'].removeprefix('http://')
            taken = run_goodgate('drill', 'hang', '--listen', address)
            self.assertEqual(taken.returncode, 1)
            self.assertIn('Address already in use', taken.stderr)
        unknown = run_goodgate('drill', 'hangs')
        self.assertEqual(unknown.returncode, 2)
        self.assertIn('did you mean', unknown.stderr)
        self.assertEqual(run_goodgate('drill').returncode, 2)
        self.assertEqual(run_goodgate('drill', 'hang', '--for', '5').returncode, 2)


if __name__ == '__main__':
    unittest.main()
