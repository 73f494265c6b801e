#!/usr/bin/env python3
"""Traffic rules as curl and a plain socket see them: headers, paths, redirections, fixed answers, CORS."""
import subprocess
import unittest

from support.client import ask, get
from support.gateway import Gateway
from support.origins import Origin
from support.processes import free_port

SHOP = 'https://shop.example'
CORS = {'origins': [SHOP], 'methods': ['PUT'], 'headers': ['x-token'], 'credentials': True}
RULES = [
    {'path': '/api/', 'to': 'app', 'rewrite': {'strip_prefix': '/api', 'add_prefix': '/v2'},
     'request_host': 'shop.internal',
     'request_headers': {'set': {'X-Real-IP': '{client}', 'X-Team': '{header:X-Group}{cookie:team}',
                                 'X-Forwarded-Proto': 'https', 'X-Empty': '{header:X-Nobody}'},
                         'add': {'X-Seen-By': '{method} {target}'}, 'remove': ['X-Debug']},
     'response_headers': {'set': {'Server': 'none of your business'}, 'remove': ['X-Powered-By'],
                          'add': {'X-Path': '{path}'}}},
    {'path': '/users', 'to': 'app', 'request_host': 'endpoint',
     'rewrite': {'regex': '^/users/([0-9]+)$', 'to': r'/accounts?id=\1'}},
    {'path': '/old', 'redirect': {'to': 'https://www.shop.example/new{target}', 'status': 308}},
    {'path': '/safe', 'to': 'app', 'redirect': 'https', 'hsts': '365d'},
    {'path': '/ping', 'respond': {'body': 'pong\n'}},
    {'path': '/closed', 'to': 'app', 'cors': CORS, 'hsts': {'max_age': '1h', 'subdomains': True},
     'respond': {'status': 503, 'body': 'Back at noon.', 'retry_after': '1h',
                 'except': ['192.0.2.0/24']}},
    {'path': '/pages', 'to': 'app', 'cors': CORS},
    {'path': '/lost', 'to': 'lost', 'cors': CORS, 'response_headers': {'set': {'X-Edge': 'here'}}},
    {'path': '/', 'to': 'app'},
]


def talkative(request, peer):
    return (b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nServer: origin/1\r\nX-Powered-By: magic\r\n'
            b'Access-Control-Allow-Origin: *\r\n\r\nok\n')


class TrafficRules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin(talkative)
        cls.gateway = Gateway(
            upstreams={'app': [f'http://127.0.0.1:{cls.origin.port}'],
                       'lost': [f'http://127.0.0.1:{free_port()}']},
            routes=RULES, trusted_proxies=['127.0.0.1'])

    @classmethod
    def tearDownClass(cls):
        cls.gateway.stop()
        cls.origin.close()

    def get(self, path, fields=''):
        return get(self.gateway.port, path, fields)

    def curl(self, path, *options):
        """What curl prints, with the head."""
        done = subprocess.run(['curl', '-sSi', '--max-time', '20', *options,
                               f'http://127.0.0.1:{self.gateway.port}{path}'],
                              capture_output=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode('latin-1')

    def test_a_request_gets_another_path_host_and_headers(self):
        self.get('/api/books?page=2', 'X-Group: red\r\nCookie: team=blue\r\nX-Debug: 1\r\n'
                                      'X-Real-IP: 192.0.2.1\r\n')
        seen = self.origin.requests[-1]
        self.assertEqual(seen.target, '/v2/books?page=2')
        self.assertEqual(seen.get('Host'), 'shop.internal')
        self.assertEqual(seen.get('X-Real-IP'), '127.0.0.1')
        self.assertEqual(seen.get('X-Team'), 'redblue')
        self.assertEqual(seen.get('X-Seen-By'), 'GET /api/books?page=2')
        self.assertEqual(seen.get('X-Forwarded-Proto'), 'https')
        self.assertIsNone(seen.get('X-Debug'))
        self.assertIsNone(seen.get('X-Empty'))

    def test_an_expression_makes_another_path_and_the_endpoints_host_is_asked_for(self):
        self.get('/users/42?x=1')
        seen = self.origin.requests[-1]
        self.assertEqual(seen.target, '/accounts?id=42&x=1')
        self.assertEqual(seen.get('Host'), f'127.0.0.1:{self.origin.port}')

    def test_a_path_that_would_lead_out_of_its_prefix_is_refused(self):
        before = len(self.origin.requests)
        self.assertEqual(self.get('/api/x/..%2f..%2f..%2fadmin').status, 400)
        self.assertEqual(len(self.origin.requests), before)

    def test_a_response_gets_other_headers_over_both_protocols(self):
        answer = self.get('/api/')
        self.assertEqual(answer.get('Server'), 'none of your business')
        self.assertIsNone(answer.get('X-Powered-By'))
        self.assertEqual(answer.get('X-Path'), '/api/')
        text = self.curl('/api/', '--http2-prior-knowledge')
        self.assertIn('\nserver: none of your business', text.lower())
        self.assertNotIn('x-powered-by', text.lower())
        self.assertTrue(text.endswith('ok\n'))

    def test_clients_are_sent_elsewhere(self):
        text = self.curl('/old/a?b=c')
        self.assertTrue(text.startswith('HTTP/1.1 308 Permanent Redirect\r\n'), text)
        self.assertIn('Location: https://www.shop.example/new/old/a?b=c\r\n', text)

    def test_plain_requests_are_sent_to_https_and_others_are_served_and_told_to_stay(self):
        plain = ask(self.gateway.port, 'GET /safe?x HTTP/1.1\r\nHost: shop.example:8080\r\n\r\n')
        self.assertEqual((plain.status, plain.get('Location')), (307, 'https://shop.example/safe?x'))
        self.assertIsNone(plain.get('Strict-Transport-Security'))
        safe = self.get('/safe', 'X-Forwarded-Proto: https\r\n')
        self.assertEqual(safe.body, b'ok\n')
        self.assertEqual(safe.get('Strict-Transport-Security'), 'max-age=31536000')

    def test_a_fixed_answer_needs_no_upstream(self):
        before = len(self.origin.requests)
        self.assertTrue(self.curl('/ping').endswith('\r\n\r\npong\n'))
        self.assertIn('content-length: 5', self.curl('/ping', '--head').lower())
        self.assertIn('pong', self.curl('/ping', '--http2-prior-knowledge'))
        self.assertEqual(len(self.origin.requests), before)

    def test_a_request_with_a_body_is_answered_too(self):
        self.assertTrue(self.curl('/ping', '-d', 'hello').endswith('\r\n\r\npong\n'))
        self.assertTrue(self.curl('/ping', '-d', 'x' * 100_000).endswith('\r\n\r\npong\n'))

    def test_maintenance_is_for_all_but_those_excepted(self):
        closed = self.get('/closed', f'Origin: {SHOP}\r\nX-Forwarded-Proto: https\r\n')
        self.assertEqual((closed.status, closed.body), (503, b'Back at noon.'))
        self.assertEqual(closed.get('Retry-After'), '3600')
        self.assertEqual(closed.get('Access-Control-Allow-Origin'), SHOP)
        self.assertEqual(closed.get('Strict-Transport-Security'), 'max-age=3600; includeSubDomains')
        self.assertEqual(self.get('/closed', 'X-Forwarded-For: 192.0.2.9\r\n').status, 200)

    def test_a_preflight_request_is_answered_here(self):
        before = len(self.origin.requests)
        def preflight(origin):
            return ask(self.gateway.port,
                       f'OPTIONS /pages HTTP/1.1\r\nHost: h\r\nOrigin: {origin}\r\n'
                       'Access-Control-Request-Method: PUT\r\n\r\n')
        allowed = preflight(SHOP)
        self.assertEqual(allowed.status, 204)
        self.assertEqual(allowed.get('Access-Control-Allow-Origin'), SHOP)
        self.assertEqual(allowed.get('Access-Control-Allow-Methods'), 'GET, HEAD, POST, PUT')
        self.assertEqual(allowed.get('Access-Control-Allow-Headers'), 'x-token')
        self.assertEqual(allowed.get('Access-Control-Allow-Credentials'), 'true')
        self.assertEqual(allowed.get('Vary'), 'Origin')
        refused = preflight('https://evil.example')
        self.assertIsNone(refused.get('Access-Control-Allow-Origin'))
        self.assertIsNone(refused.get('Access-Control-Allow-Methods'))
        self.assertEqual(len(self.origin.requests), before)

    def test_what_endpoints_say_of_cors_is_replaced(self):
        answer = self.get('/pages', f'Origin: {SHOP}\r\n')
        self.assertEqual(answer.all('Access-Control-Allow-Origin'), [SHOP])
        self.assertEqual(self.get('/pages').all('Access-Control-Allow-Origin'), [])

    def test_the_gateways_own_errors_keep_these_headers(self):
        lost = self.get('/lost', f'Origin: {SHOP}\r\n')
        self.assertEqual(lost.status, 502)
        self.assertEqual(lost.get('Access-Control-Allow-Origin'), SHOP)
        self.assertEqual(lost.get('X-Edge'), 'here')
        self.assertIn('error=connection_refused', lost.get('Proxy-Status'))


if __name__ == '__main__':
    unittest.main()
