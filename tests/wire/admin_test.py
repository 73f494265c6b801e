#!/usr/bin/env python3
"""The admin interface: what it tells and takes, who may ask, and that it is as its description says."""
import http.client
import json
import os
import re
import tempfile
import threading
import unittest

from support.client import get
from support.gateway import Gateway, run_goodgate
from support.origins import Origin
from support.processes import wait_until

TOKEN = 'a-token-of-enough-characters'


def named(name, hold=None):
    """An origin that answers with its name; /slow waits until `hold` is set."""
    def answer(request, peer):
        if request.target == '/slow':
            hold.wait(20)
        return b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s' % (len(name), name)
    return Origin(answer)


def ask(gateway, method, path, body=None, **fields):
    """(status, body as text) of one request to the admin address."""
    connection = http.client.HTTPConnection('127.0.0.1', gateway.admin_port, timeout=20)
    connection.request(method, path, body if body is None or isinstance(body, str) else json.dumps(body),
                       {name.replace('_', '-'): value for name, value in fields.items()})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def order(gateway, path, body, **fields):
    status, text = ask(gateway, 'POST', '/api/v1/' + path, body, **{'Content_Type': 'application/json', **fields})
    return status, json.loads(text)


def misfits(value, schema, whole, at='$'):
    """What of `value` is not as a JSON schema says; only the words that ours uses."""
    if '$ref' in schema:
        schema = whole['components']['schemas'][schema['$ref'].rsplit('/', 1)[1]]
    kinds = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'integer': int, 'number': (int, float)}
    kind = schema.get('type')
    if kind and (not isinstance(value, kinds[kind]) or (kind in ('integer', 'number') and isinstance(value, bool))):
        return [f'{at}: {value!r} is no {kind}']
    found = []
    if 'enum' in schema and value not in schema['enum']:
        found.append(f'{at}: {value!r} is none of {schema["enum"]}')
    if 'minimum' in schema and value < schema['minimum']:
        found.append(f'{at}: {value} is too little')
    if kind == 'object':
        found += [f'{at}.{key} is missing' for key in schema.get('required', ()) if key not in value]
        properties = schema.get('properties')
        for key, member in value.items():
            if properties is None:
                continue
            if key in properties:
                found += misfits(member, properties[key], whole, f'{at}.{key}')
            elif not schema.get('additionalProperties'):
                found.append(f'{at}.{key} is not described')
    if kind == 'array':
        found += [m for i, member in enumerate(value) for m in misfits(member, schema['items'], whole, f'{at}[{i}]')]
    return found


class Two(unittest.TestCase):
    """A gateway before two origins."""

    def setUp(self):
        self.hold = threading.Event()
        self.addCleanup(self.hold.set)
        self.one = self.enterContext(named(b'one', self.hold))
        self.two = self.enterContext(named(b'two', self.hold))
        endpoints = [f'http://127.0.0.1:{origin.port}' for origin in (self.one, self.two)]
        self.gateway = self.enterContext(Gateway(upstreams={'app': {'endpoints': endpoints, 'balance': 'round_robin'}}))
        self.first = f'127.0.0.1:{self.one.port}'

    def answers(self, count=12):
        return {get(self.gateway.port, '/').body for _ in range(count)}

    def endpoint(self, address=None):
        return next(e for e in self.gateway.status()['upstreams'][0]['endpoints'] if e['address'] == (address or self.first))


class Drains(Two):
    def test_a_drained_endpoint_gets_nothing_new_and_finishes_what_it_has(self):
        self.assertEqual(self.answers(), {b'one', b'two'})
        slow = []
        thread = threading.Thread(target=lambda: slow.append(get(self.gateway.port, '/slow').body))
        thread.start()
        busy = wait_until(lambda: next((e for e in self.gateway.status()['upstreams'][0]['endpoints']
                                        if e['requests_in_flight']), None), 'a request is under way')

        said = self.gateway.command('drain', busy['address'], '--why', 'a deploy')
        self.assertEqual((said.returncode, said.stdout), (0, f'drained {busy["address"]}\n'), said.stderr)
        other = b'two' if busy['address'] == self.first else b'one'
        self.assertEqual(self.answers(), {other})
        endpoint = self.endpoint(busy['address'])
        self.assertEqual((endpoint['state'], endpoint['requests_in_flight']), ('draining', 1))
        self.assertRegex(endpoint['reason'], r'^\S+@\S+ from 127\.0\.0\.1:\d+ drained it at \S+Z: a deploy$')
        self.assertRegex(self.gateway.errors(), rf'goodgate: \S+@\S+ from 127\.0\.0\.1:\d+ drains {busy["address"]} of app: a deploy')

        waited = self.gateway.command('drain', busy['address'], '--wait', '1')
        self.assertEqual(waited.returncode, 1)
        self.assertIn('still under way', waited.stderr)
        self.hold.set()
        thread.join(20)
        self.assertIn(slow, ([b'one'], [b'two']))  # it may have been hedged
        self.assertEqual(self.gateway.command('drain', busy['address'], '--wait', '10').returncode, 0)

        self.assertEqual(self.gateway.command('undrain', busy['address']).returncode, 0)
        self.assertNotEqual(self.endpoint(busy['address'])['state'], 'draining')

    def test_a_drain_outlives_a_reload_and_the_death_of_the_worker_process(self):
        self.gateway.command('drain', self.first)
        worker = self.gateway.worker()
        self.assertEqual(self.gateway.command('reload').returncode, 0)
        self.assertEqual(self.answers(), {b'two'})

        wait_until(lambda: self.gateway.worker() != worker, 'another worker process')
        worker = self.gateway.worker()
        os.kill(worker, 9)
        wait_until(lambda: self.gateway.worker() != worker, 'one more worker process')
        wait_until(lambda: ask(self.gateway, 'GET', '/ready')[0] == 200, 'it is ready')
        self.assertEqual(self.answers(), {b'two'})
        self.assertEqual(self.endpoint()['reason'], 'an operator drained it')

    def test_with_everybody_drained_the_refusal_says_so(self):
        for origin in (self.one, self.two):
            self.gateway.command('drain', f'127.0.0.1:{origin.port}')
        answer = get(self.gateway.port, '/')
        self.assertEqual(answer.status, 503)
        self.assertEqual(self.gateway.last_record()['fault'], 'all_endpoints_draining')

    def test_the_gateway_itself_drains_for_load_balancers_and_serves_all_the_same(self):
        self.assertEqual(ask(self.gateway, 'GET', '/ready'), (200, 'ready\n'))
        self.assertEqual(self.gateway.command('drain').stdout, 'drained the gateway\n')
        self.assertEqual(ask(self.gateway, 'GET', '/ready', Host='lb.example'), (503, 'draining\n'))
        self.assertEqual(get(self.gateway.port, '/').status, 200)
        self.gateway.command('reload')
        self.assertEqual(ask(self.gateway, 'GET', '/ready')[0], 503)
        self.gateway.command('undrain')
        self.assertEqual(ask(self.gateway, 'GET', '/ready')[0], 200)

    def test_an_unknown_endpoint_is_said_to_be_none(self):
        said = self.gateway.command('drain', '10.0.0.9:80')
        self.assertEqual(said.returncode, 1)
        self.assertIn('no upstream has an endpoint 10.0.0.9:80', said.stderr)
        self.assertEqual(self.gateway.command('drain', '--wait', '1').returncode, 2)


class Orders(Two):
    def test_eject_restore_and_weight(self):
        self.assertEqual(order(self.gateway, 'endpoints/eject', {'endpoint': self.first, 'seconds': 600})[0], 200)
        self.assertEqual(self.answers(), {b'two'})
        self.assertRegex(self.endpoint()['reason'], r'an operator said so; tried again in (600|5\d\d) s')
        self.assertEqual(order(self.gateway, 'endpoints/restore', {'endpoint': self.first})[0], 200)
        self.assertEqual(self.answers(), {b'one', b'two'})

        self.assertEqual(order(self.gateway, 'endpoints/weight', {'endpoint': self.first, 'weight': 9})[0], 200)
        wait_until(lambda: self.endpoint()['weight'] == 9, 'the weight is known')
        self.assertEqual(self.endpoint()['weight_configured'], 1)
        self.gateway.command('reload')
        self.assertEqual(self.endpoint()['weight'], 9)

    def test_only_orders_that_are_meant_are_taken(self):
        body = {'endpoint': self.first}
        self.assertEqual(order(self.gateway, 'endpoints/drain', body, Origin='http://evil.example')[0], 403)
        self.assertEqual(order(self.gateway, 'endpoints/drain', body, Sec_Fetch_Site='cross-site')[0], 403)
        self.assertEqual(order(self.gateway, 'endpoints/drain', body, Content_Type='text/plain')[0], 415)
        self.assertEqual(order(self.gateway, 'endpoints/drain', body, Host='rebound.example')[0], 421)
        self.assertEqual(order(self.gateway, 'endpoints/drain', '{')[0], 400)
        self.assertEqual(order(self.gateway, 'endpoints/drain', {**body, 'colour': 'red'})[0], 400)
        self.assertEqual(order(self.gateway, 'endpoints/drain', 'x' * 100000)[0], 413)
        self.assertEqual(ask(self.gateway, 'GET', '/api/v1/endpoints/drain')[0], 405)
        self.assertEqual(self.endpoint()['state'], 'up')

    def test_everything_is_as_its_description_says(self):
        dead = Origin()
        dead.close()
        self.gateway.write_config(upstreams={'app': [f'http://127.0.0.1:{p}' for p in (self.one.port, dead.port)]})
        self.gateway.command('reload')
        # A new endpoint begins with a small share.
        wait_until(lambda: self.answers() and json.loads(self.gateway.admin('/api/v1/incidents'))['incidents'], 'an incident')
        description = json.loads(self.gateway.admin('/api/v1/openapi.json'))
        incident = str(json.loads(self.gateway.admin('/api/v1/incidents'))['incidents'][0]['id'])
        sample = json.loads(self.gateway.admin('/api/v1/incidents/' + incident))['samples'][0]
        seen = 0
        for path, methods in description['paths'].items():
            content = methods.get('get', {}).get('responses', {}).get('200', {}).get('content', {})
            if 'application/json' not in content:
                continue
            real = path.replace('incidents/{id}', 'incidents/' + incident).replace('{id}', sample)
            value = json.loads(self.gateway.admin(real))
            self.assertEqual(misfits(value, content['application/json']['schema'], description), [], real)
            seen += 1
        self.assertGreaterEqual(seen, 10)
        for path, methods in description['paths'].items():
            if 'post' in methods and 'gateway' not in path:
                status, body = order(self.gateway, path[len('/api/v1/'):], {'endpoint': '10.9.9.9:1', 'weight': 1} if 'weight' in path else {'endpoint': '10.9.9.9:1'})
                self.assertEqual((status, misfits(body, {'$ref': '/Error'}, description)), (404, []), path)


class Streams(Two):
    def test_what_happens_is_told_as_it_happens(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.gateway.admin_port, timeout=10)
        self.addCleanup(connection.close)
        connection.request('GET', '/api/v1/events')
        answer = connection.getresponse()
        self.assertEqual(answer.getheader('Content-Type'), 'text/event-stream')

        def message():
            lines = iter(lambda: answer.fp.readline().decode() if not answer.chunked else answer.readline().decode(), '\n')
            return dict(line.rstrip('\n').split(': ', 1) for line in lines if ': ' in line)

        def next_of(kind):
            while True:
                heard = message()
                if heard.get('event') == kind:
                    return json.loads(heard['data'])

        self.assertEqual(next_of('start')['text'], 'the gateway started')
        self.assertEqual(next_of('status')['ready'], True)
        self.gateway.command('drain', self.first)
        told = next_of('order')
        self.assertEqual(told['endpoint'], self.first)
        self.assertIn('drains', told['text'])
        self.assertEqual(next_of('status')['upstreams'][0]['endpoints'][0]['state'], 'draining')

    def test_what_was_missed_is_told_later(self):
        recent = json.loads(self.gateway.admin('/api/v1/events/recent'))['events']
        self.gateway.command('drain', self.first)
        connection = http.client.HTTPConnection('127.0.0.1', self.gateway.admin_port, timeout=10)
        self.addCleanup(connection.close)
        connection.request('GET', '/api/v1/events', headers={'Last-Event-ID': str(recent[0]['id'])})
        text = connection.getresponse().read(400).decode()
        self.assertNotIn('event: start', text)
        self.assertIn('event: order', text)


class Tokens(unittest.TestCase):
    def test_an_address_for_others_takes_a_token(self):
        with named(b'one') as origin, tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'token')
            with open(path, 'w', encoding='ascii') as file:
                file.write(TOKEN + '\n')
            with Gateway([origin.port], admin={'address': '127.0.0.1:0', 'token_file': path}) as gateway:
                for page in ('/api/v1/status', '/metrics', '/api/v1/events', '/api/v1/config'):
                    self.assertEqual(ask(gateway, 'GET', page)[0], 401, page)
                    if page != '/api/v1/events':
                        self.assertEqual(ask(gateway, 'GET', page, Host='gate.example',
                                             Authorization='Bearer ' + TOKEN)[0], 200, page)
                self.assertEqual(ask(gateway, 'GET', '/ready')[0], 200)
                self.assertIn('GOODGATE_TOKEN', gateway.command('status').stderr)
                gateway.env['GOODGATE_TOKEN'] = TOKEN
                self.assertEqual(gateway.command('status').returncode, 0)

    def test_without_one_such_an_address_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'g.yaml')
            with open(path, 'w', encoding='ascii') as file:
                file.write('listeners: [":0"]\nupstreams: { app: ["http://127.0.0.1:1"] }\nadmin: "0.0.0.0:9502"\n')
            said = run_goodgate('check', '-c', path)
            self.assertEqual(said.returncode, 1)
            self.assertRegex(said.stdout + said.stderr, re.escape('can be reached from other machines'))


if __name__ == '__main__':
    unittest.main()
