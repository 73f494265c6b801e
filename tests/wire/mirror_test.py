#!/usr/bin/env python3
"""Copies of requests: who gets them, and that nobody else notices."""
import re
import threading
import unittest

from support.client import ask, get
from support.gateway import Gateway
from support.origins import OK, Origin
from support.processes import free_port, wait_until


class Mirroring(unittest.TestCase):
    def setUp(self):
        self.let_go = threading.Event()
        self.app = Origin()
        self.copy = Origin(self.answer)
        url = f'http://127.0.0.1:{self.copy.port}'
        self.gateway = Gateway(
            upstreams={'app': [f'http://127.0.0.1:{self.app.port}'], 'next': [url],
                       'lost': [f'http://127.0.0.1:{free_port()}']},
            routes=[
                {'path': '/safe', 'to': 'app', 'mirror': 'next', 'rewrite': {'strip_prefix': '/safe'}},
                {'path': '/all', 'to': 'app',
                 'mirror': {'to': 'next', 'unsafe_methods': True, 'body': '10KiB'}},
                {'path': '/slow', 'to': 'app', 'mirror': {'to': 'next', 'requests': 2}},
                {'path': '/lost', 'to': 'app', 'mirror': 'lost'},
                {'path': '/', 'to': 'app'}])

    def tearDown(self):
        self.gateway.stop()  # does not wait for copies
        self.let_go.set()
        self.app.close()
        self.copy.close()

    def answer(self, request, peer):
        if request.target.startswith('/slow'):
            self.let_go.wait(60)
        return OK

    def post(self, path, size):
        return ask(self.gateway.port, f'POST {path} HTTP/1.1\r\nHost: shop.example\r\n'
                   f'Content-Length: {size}\r\n\r\n' + 'x' * size)

    def count(self, result):
        found = re.search(r'goodgate_mirrored_requests_total\{result="' + result + r'"\} (\d+)',
                          self.gateway.admin('/metrics'))
        return int(found.group(1)) if found else 0

    def copies(self, number):
        wait_until(lambda: len(self.copy.requests) >= number, f'{number} copies')
        return self.copy.requests

    def test_a_copy_is_as_the_endpoint_gets_it(self):
        answer = get(self.gateway.port, '/safe/books?x=1', 'X-Id: 7\r\n')
        self.assertEqual(answer.status, 200)
        copy = self.copies(1)[0]
        own = self.app.requests[0]
        self.assertEqual((copy.method, copy.target, copy.get('X-Id'), copy.get('Host')),
                         (own.method, own.target, '7', own.get('Host')))
        self.assertEqual(copy.get('X-Request-Id'), own.get('X-Request-Id'))
        wait_until(lambda: self.count('answered') == 1, 'the copy has been answered')
        self.assertEqual(len(self.gateway.log_lines(1)), 1)

    def test_bodies_are_copied_where_it_is_asked_for_and_only_short_ones(self):
        self.assertEqual(self.post('/safe', 5).status, 200)
        self.assertEqual(self.post('/all', 5000).status, 200)
        self.assertEqual(self.post('/all', 20_000).status, 200)
        copy = self.copies(1)[0]
        self.assertEqual((copy.method, len(copy.body)), ('POST', 5000))
        get(self.gateway.port, '/all/last')
        self.assertEqual([c.target for c in self.copies(2)], ['/all', '/all/last'])

    def test_a_slow_copy_delays_nobody_and_there_are_no_more_than_allowed(self):
        for _ in range(5):
            self.assertEqual(get(self.gateway.port, '/slow').status, 200)
        self.copies(2)
        self.assertEqual(self.count('left_out'), 3)
        self.let_go.set()
        wait_until(lambda: self.count('answered') == 2, 'both copies have been answered')

    def test_a_copy_that_fails_fails_alone(self):
        self.assertEqual(get(self.gateway.port, '/lost').status, 200)
        wait_until(lambda: self.count('failed') == 1, 'the copy has failed')
        self.assertEqual([r['status'] for r in self.gateway.records(1)], [200])

    def test_copies_under_way_do_not_keep_the_gateway(self):
        self.assertEqual(get(self.gateway.port, '/slow').status, 200)
        self.copies(1)


if __name__ == '__main__':
    unittest.main()
