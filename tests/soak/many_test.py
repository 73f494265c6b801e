#!/usr/bin/env python3
"""As many endpoints and routes as are promised: how long a reload takes, and a look at the metrics. The
best of several tries counts, since others use this machine too."""
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'wire'))
from support.gateway import Gateway

TRIES = 5
RELOAD_MOST = 1.0   # seconds, with 10,000 endpoints and 1,000 routes
SCRAPE_MOST = 0.05  # seconds, with 1,000 endpoints


def upstreams(pools, endpoints_each):
    """Nobody is there; nobody is asked either, as long as there are no requests."""
    numbers = iter(range(pools * endpoints_each))
    return {f'pool{i}': [f'http://10.{n >> 16}.{n >> 8 & 255}.{n & 255}:3000'
                         for n in (next(numbers) for _ in range(endpoints_each))]
            for i in range(pools)}


def best_of(tries, action):
    took = []
    for _ in range(tries):
        began = time.monotonic()
        action()
        took.append(time.monotonic() - began)
    return min(took)


class Many(unittest.TestCase):
    def test_a_reload_of_ten_thousand_endpoints_and_a_thousand_routes(self):
        routes = [{'host': f'host{i}.example', 'path': f'/service{i % 50}/', 'to': f'pool{i}'}
                  for i in range(1000)]
        with Gateway(upstreams=upstreams(1000, 10), routes=routes) as gateway:
            def reload():
                done = gateway.command('reload')
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

            took = best_of(TRIES, reload)
            self.assertEqual(gateway.errors().count('goodgate: reloaded'), TRIES)
        print(f'reload: {took:.3f} s, at most {RELOAD_MOST} s')
        self.assertLess(took, RELOAD_MOST)

    def test_the_metrics_of_a_thousand_endpoints(self):
        routes = [{'path': f'/service{i}/', 'to': f'pool{i}'} for i in range(100)]
        with Gateway(upstreams=upstreams(100, 10), routes=routes) as gateway:
            text = gateway.admin('/metrics')
            took = best_of(TRIES, lambda: gateway.admin('/metrics'))
        self.assertIn('10.0.3.231:3000', text)  # the last one
        print(f'scrape: {took * 1000:.1f} ms, at most {SCRAPE_MOST * 1000:.0f} ms')
        self.assertLess(took, SCRAPE_MOST)


if __name__ == '__main__':
    unittest.main()
