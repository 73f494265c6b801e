#!/usr/bin/env python3
"""Who may: by name and password, and by the word of a service."""
import base64
import pathlib
import tempfile
import unittest

from support.client import ask, get
from support.gateway import Gateway, run_goodgate
from support.origins import Origin
from support.processes import free_port, wait_until

# Of "correct horse".
BCRYPT = '$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e'
SHA512 = '$6$rounds=1000$saltsalt$4GMtaIz3E1AdDi2SmCokEW0ehi.HdxNDcL3fGE1XXuzvo6kbx7UOloZKONqEk5H3JrQA4NOfU8BmqFPrpGqwA1'
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix='goodgate-users-'))


def shown(user, password):
    text = base64.b64encode(f'{user}:{password}'.encode()).decode()
    return f'Authorization: Basic {text}\r\n'


def verdict(request, peer):
    """The service that is asked: the path of the request says what it answers."""
    wanted = request.get('X-Forwarded-Uri')
    if wanted.startswith('/forward/yes'):
        return (b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRemote-User: ann\r\nX-Secret: s\r\n\r\nok')
    if wanted.startswith('/forward/login'):
        return (b'HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: https://login.example/\r\n'
                b'Set-Cookie: a=b\r\n\r\n')
    if wanted.startswith('/forward/no'):
        return (b'HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n'
                b'WWW-Authenticate: Bearer\r\n\r\nno!\n')
    return b'HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n'


class Authentication(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        users = FOLDER / 'users'
        users.write_text(f'# people\nann:{BCRYPT}\n\nbob:{SHA512}\n')
        cls.app, cls.auth = Origin(), Origin(verdict)
        forward = {'to': 'auth', 'copy_headers': ['Remote-User'], 'timeout': '20s'}
        cls.gateway = Gateway(
            upstreams={'app': [f'http://127.0.0.1:{cls.app.port}'],
                       'auth': [f'http://127.0.0.1:{cls.auth.port}'],
                       'lost': [f'http://127.0.0.1:{free_port()}']},
            routes=[
                {'path': '/basic', 'to': 'app', 'basic_auth': {'users_file': str(users), 'realm': 'shop'}},
                {'path': '/inline', 'to': 'app',
                 'basic_auth': {'users': {'eve': SHA512}, 'pass_on': True}},
                {'path': '/forward', 'to': 'app', 'forward_auth': forward,
                 'cors': 'https://shop.example'},
                {'path': '/asked', 'to': 'app',
                 'forward_auth': {**forward, 'path': '/forward/verify', 'request_headers': ['Cookie']}},
                {'path': '/closed', 'to': 'app', 'forward_auth': {'to': 'lost'}},
                {'path': '/open', 'to': 'app',
                 'forward_auth': {'to': 'lost', 'fail_open': True, 'copy_headers': ['Remote-User']}},
                {'path': '/', 'to': 'app'}])

    @classmethod
    def tearDownClass(cls):
        cls.gateway.stop()
        cls.app.close()
        cls.auth.close()

    def get(self, path, fields=''):
        return get(self.gateway.port, path, fields)

    def await_in_log(self, text):
        wait_until(lambda: text in '\n'.join(self.gateway.log_lines()), f'{text} in the access log')

    def test_who_shows_no_password_is_asked_for_one(self):
        before = len(self.app.requests)
        for fields in ['', 'Authorization: Bearer x\r\n', 'Authorization: Basic !!\r\n',
                       shown('ann', 'wrong'), shown('nobody', 'correct horse'), shown('', '')]:
            answer = self.get('/basic', fields)
            self.assertEqual(answer.status, 401, fields)
            self.assertEqual(answer.get('WWW-Authenticate'), 'Basic realm="shop", charset="UTF-8"')
            self.assertEqual(answer.get('Cache-Control'), 'no-store')
        self.assertEqual(len(self.app.requests), before)
        self.await_in_log('"authentication_required"')

    def test_who_is_known_goes_on_without_the_password(self):
        for user in ['ann', 'bob']:
            for _ in range(3):
                self.assertEqual(self.get('/basic', shown(user, 'correct horse')).status, 200)
                self.assertIsNone(self.app.requests[-1].get('Authorization'))
        self.assertEqual(self.get('/inline', shown('eve', 'correct horse')).status, 200)
        self.assertEqual(self.app.requests[-1].get('Authorization'),
                         shown('eve', 'correct horse').split(': ')[1].strip())
        self.assertEqual(self.get('/inline', shown('ann', 'correct horse')).status, 401)
        self.assertNotIn('correct horse', self.gateway.errors())
        self.assertNotIn(shown('ann', 'correct horse').split()[-1],
                         '\n'.join(self.gateway.log_lines()))

    def test_a_body_behind_a_refused_head_is_not_read(self):
        answer = ask(self.gateway.port, 'POST /basic HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc')
        self.assertEqual(answer.status, 401)

    def test_the_service_lets_on_and_says_who_it_is(self):
        answer = self.get('/forward/yes?x=1', 'Remote-User: root\r\nCookie: c=d\r\nIf-None-Match: "x"\r\n')
        self.assertEqual(answer.status, 200)
        self.assertEqual(self.app.requests[-1].all('Remote-User'), ['ann'])
        self.assertIsNone(self.app.requests[-1].get('X-Secret'))
        asked = [r for r in self.auth.requests if r.target == '/forward/yes?x=1'][-1]
        self.assertEqual((asked.method, asked.get('X-Forwarded-Method'), asked.get('X-Forwarded-Uri')),
                         ('GET', 'GET', '/forward/yes?x=1'))
        self.assertEqual(asked.get('Cookie'), 'c=d')
        self.assertEqual(asked.get('X-Forwarded-For'), '127.0.0.1')
        self.assertIsNone(asked.get('If-None-Match'))

    def test_a_body_waits_until_the_service_has_answered(self):
        body = 'x' * 100_000
        answer = ask(self.gateway.port, 'POST /forward/yes HTTP/1.1\r\nHost: h\r\n'
                     f'Content-Length: {len(body)}\r\n\r\n{body}')
        self.assertEqual(answer.status, 200)
        self.assertEqual(len(self.app.requests[-1].body), len(body))
        asked = [r for r in self.auth.requests if r.get('X-Forwarded-Method') == 'POST'][-1]
        self.assertIsNone(asked.get('Content-Length'))

    def test_its_refusals_are_the_clients(self):
        before = len(self.app.requests)
        login = self.get('/forward/login', 'Origin: https://shop.example\r\n')
        self.assertEqual((login.status, login.get('Location')), (302, 'https://login.example/'))
        self.assertEqual(login.get('Set-Cookie'), 'a=b')
        self.assertEqual(login.get('Access-Control-Allow-Origin'), 'https://shop.example')
        refused = self.get('/forward/no')
        self.assertEqual((refused.status, refused.body), (401, b'no!\n'))
        self.assertEqual(refused.get('WWW-Authenticate'), 'Bearer')
        self.assertEqual(len(self.app.requests), before)

    def test_it_gets_the_fields_that_are_named_and_no_others(self):
        self.get('/asked', 'Cookie: c=d\r\nX-Other: x\r\nX-Forwarded-Uri: /forward/yes\r\n')
        asked = [r for r in self.auth.requests if r.target == '/forward/verify'][-1]
        self.assertEqual(asked.get('Cookie'), 'c=d')
        self.assertIsNone(asked.get('X-Other'))
        self.assertEqual(asked.get('X-Forwarded-Uri'), '/asked')

    def test_without_an_answer_nobody_goes_on_unless_the_route_says_so(self):
        before = len(self.app.requests)
        for path in ['/closed', '/forward/broken']:
            answer = self.get(path)
            self.assertEqual(answer.status, 500, path)
        self.assertEqual(len(self.app.requests), before)
        self.await_in_log('auxiliary_service_failed')
        self.assertEqual(self.get('/open', 'Remote-User: root\r\n').status, 200)
        self.assertIsNone(self.app.requests[-1].get('Remote-User'))
        self.assertRegex(self.gateway.admin('/metrics'),
                         r'goodgate_forward_auth_total\{result="failed"\} [3-9]')

    def test_check_names_the_line_of_a_bad_user(self):
        users = FOLDER / 'bad'
        users.write_text(f'ann:{SHA512}\nbob:$apr1$x$y\neve\n')
        file = FOLDER / 'goodgate.yaml'
        file.write_text('listeners: [":0"]\nupstreams: { app: "10.0.0.1:80" }\nroutes:\n'
                        f'  - {{ to: app, basic_auth: {users} }}\n')
        done = run_goodgate('check', '-c', file)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'{users}:2: this hash is too weak', done.stdout)
        self.assertIn(f'{users}:3: has no colon', done.stdout)
        self.assertNotIn('rounds=', done.stdout)


if __name__ == '__main__':
    unittest.main()
