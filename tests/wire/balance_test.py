#!/usr/bin/env python3
"""Who gets a request, over real sockets: by cookie, by hash, by tier and zone, and when some are lost."""
import collections
import unittest

from support.client import get
from support.gateway import Gateway
from support.origins import Origin


def origins(count):
    """So many, each of which answers with its own port."""
    def answer(request, peer):
        body = b'%d' % peer.socket.getsockname()[1]
        return b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s' % (len(body), body)

    return [Origin(answer) for _ in range(count)]


def gateway_for(balance, endpoints, **more):
    # An answer that a busy machine delays must not come from elsewhere: no hedging.
    return Gateway(upstreams={'app': {'endpoints': endpoints, 'balance': balance}},
                   routes=[{'to': 'app', 'hedge': {'after': 'off'}}], **more)


def url(origin):
    return f'http://127.0.0.1:{origin.port}'


def ask(gateway, fields='', path='/'):
    """The port of the origin that answered, and the cookie that the answer sets, if any."""
    response = get(gateway.port, path, fields)
    assert response.status == 200, response.status
    return int(response.body), response.get('Set-Cookie')


class Balance(unittest.TestCase):
    def setUp(self):
        self.to_close = []

    def tearDown(self):
        for origin in self.to_close:
            origin.close()

    def start(self, count):
        self.to_close = origins(count)
        return self.to_close

    def test_a_client_comes_back_by_its_cookie_and_moves_when_its_endpoint_is_lost(self):
        three = self.start(3)
        sticky = {'sticky': {'cookie': 'route', 'secret': 'not told to anybody'}}
        with gateway_for(sticky, [url(o) for o in three]) as gateway:
            home, told = ask(gateway)
            self.assertRegex(told, r'^route=[0-9a-f]{16}; Path=/; HttpOnly; SameSite=Lax$')
            mark = told.partition(';')[0]
            for _ in range(12):
                self.assertEqual(ask(gateway, f'Cookie: theme=dark; {mark}; a=1\r\n'), (home, None))

            host = next(o for o in three if o.port == home)
            self.assertEqual({r.get('Cookie') for r in host.requests}, {None, 'theme=dark; a=1'})

            host.close()
            refuge, told = ask(gateway, f'Cookie: {mark}\r\n')
            self.assertNotEqual(refuge, home)
            moved = told.partition(';')[0]
            self.assertRegex(moved, r'^route=[0-9a-f]{16}$')
            self.assertNotEqual(moved, mark)
            for _ in range(5):
                self.assertEqual(ask(gateway, f'Cookie: {moved}\r\n'), (refuge, None))

        # Another gateway with that secret knows the cookie, one with another secret does not.
        with gateway_for(sticky, [url(o) for o in reversed(three)]) as gateway:
            self.assertEqual(ask(gateway, f'Cookie: {moved}\r\n'), (refuge, None))
        sticky['sticky']['secret'] = 'another'
        with gateway_for(sticky, [url(o) for o in three]) as gateway:
            self.assertIsNotNone(ask(gateway, f'Cookie: {moved}\r\n')[1])

    def test_the_cookie_of_a_client_that_came_over_tls_is_for_tls_only(self):
        one, = self.start(1)
        with gateway_for({'sticky': 'route'}, [url(one)],
                         trusted_proxies=['127.0.0.0/8']) as gateway:
            self.assertTrue(ask(gateway, 'X-Forwarded-Proto: https\r\n')[1].endswith('; Secure'))
            self.assertNotIn('Secure', ask(gateway, 'X-Forwarded-Proto: http\r\n')[1])
            self.assertIn('without a secret', gateway.errors())

    def test_requests_of_one_hash_go_to_one_endpoint_and_only_those_of_a_lost_one_move(self):
        three = self.start(3)
        by_tenant = {'hash': {'header': 'X-Tenant'}}

        def homes(gateway):
            return [ask(gateway, f'X-Tenant: {n}\r\n')[0] for n in range(40)]

        with gateway_for(by_tenant, [url(o) for o in three]) as gateway:
            before = homes(gateway)
            self.assertEqual(set(before), {o.port for o in three})
            self.assertEqual(homes(gateway), before)
        with gateway_for(by_tenant, [url(o) for o in reversed(three)], threads=1) as gateway:
            self.assertEqual(homes(gateway), before)
            lost = three[1]
            lost.close()
            after = homes(gateway)
            self.assertNotIn(lost.port, after)
            self.assertEqual([b for b in before if b != lost.port],
                             [a for a, b in zip(after, before) if b != lost.port])

    def test_a_tier_takes_over_bit_by_bit_what_the_one_before_cannot_carry(self):
        first, second = self.start(5)[:4], self.to_close[4]
        endpoints = [url(o) for o in first] + [{'url': url(second), 'tier': 2}]

        def taken_over(gateway, requests):
            return collections.Counter(ask(gateway)[0] for _ in range(requests))[second.port]

        with gateway_for('round_robin', endpoints) as gateway:
            self.assertEqual(taken_over(gateway, 20), 0)
            first[0].close()
            self.assertEqual(taken_over(gateway, 40), 0)  # 3 of 4 carry 105 %
            first[1].close()
            first[2].close()
            taken_over(gateway, 10)  # that they are gone is found out
            # The last one carries 35 %.
            self.assertTrue(15 <= taken_over(gateway, 60) <= 58)
            first[3].close()
            self.assertEqual(taken_over(gateway, 20), 20)

    def test_the_own_zone_is_used_as_long_as_it_is_there(self):
        near, far = self.start(2)
        endpoints = [{'url': url(far), 'zone': 'a'}, {'url': url(near), 'zone': 'b'}]
        with gateway_for('least_time', endpoints, zone='b') as gateway:
            self.assertEqual({ask(gateway)[0] for _ in range(10)}, {near.port})
            near.close()
            self.assertEqual({ask(gateway)[0] for _ in range(10)}, {far.port})

    def test_every_algorithm_serves_and_shares(self):
        three = self.start(3)
        for algorithm in ('least_time', 'least_requests', 'round_robin', 'random'):
            with gateway_for(algorithm, [url(o) for o in three]) as gateway:
                shares = collections.Counter(ask(gateway)[0] for _ in range(60))
                self.assertEqual(len(shares), 3, f'{algorithm}: {shares}')


if __name__ == '__main__':
    unittest.main()
