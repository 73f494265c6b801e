#!/usr/bin/env python3
"""Two gateways that share a rate limit through a Redis, while that is there and while it is not."""
import shutil
import subprocess
import tempfile
import time
import unittest

from support.client import get
from support.gateway import Gateway
from support.origins import Origin
from support.processes import Program, free_port, wait_until

BURST = 40
SLOWLY = {'rate': '1/m', 'burst': BURST, 'shared': True}  # nothing comes back while a test runs


class Redis:
    def __init__(self, port, *options):
        self.port = port
        self.folder = tempfile.mkdtemp(prefix='goodgate-redis-')
        self.program = Program(['redis-server', '--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no',
                                '--dir', self.folder, *options], self.folder, 'redis')
        self.program.wait_for_port(port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.kill()
        shutil.rmtree(self.folder)

    def ask(self, *words):
        return subprocess.run(['redis-cli', '-p', str(self.port), *words], capture_output=True, text=True, timeout=20,
                              check=True).stdout.strip()


def statuses(gateway, count):
    return [get(gateway.port, '/').status for _ in range(count)]


def allowed_until_refused(gateway):
    """How many requests it lets through before it refuses one; slowly, so that it may hear of others."""
    for count in range(BURST + 1):
        if get(gateway.port, '/').status == 429:
            return count
        time.sleep(0.2)
    return BURST + 1


class SharedLimits(unittest.TestCase):
    def setUp(self):
        self.origin = self.enterContext(Origin())
        self.redis_port = free_port()

    def gateway(self, **redis):
        redis = {'server': f'redis://127.0.0.1:{self.redis_port}/3', **redis}
        return self.enterContext(Gateway([self.origin.port], redis=redis, routes=[{'to': 'app', 'rate_limit': SLOWLY}]))

    def shared(self, gateway):
        return 'goodgate_limits_shared 1' in gateway.admin('/metrics')

    def test_what_one_has_let_through_the_other_does_not_let_through_again(self):
        with Redis(self.redis_port, '--requirepass', 'open sesame'):
            one, other = (self.gateway(password='open sesame') for _ in range(2))
            wait_until(lambda: self.shared(one) and self.shared(other), 'both are connected')
            self.assertEqual(statuses(one, BURST + 1), [200] * BURST + [429])
            self.assertLess(allowed_until_refused(other), BURST)

    def test_without_redis_each_goes_on_by_itself_and_with_it_they_share_again(self):
        with Redis(self.redis_port):
            one, other = self.gateway(), self.gateway()
            wait_until(lambda: self.shared(one) and self.shared(other), 'both are connected')
        self.assertEqual(statuses(one, BURST // 2), [200] * (BURST // 2))
        one.wait_for_text(f'rate limits are not shared: Redis at 127.0.0.1:{self.redis_port}: connect_refused')
        with Redis(self.redis_port) as redis:
            one.wait_for_text('rate limits are shared through Redis again')
            # What it let through meanwhile is told now; the key is that of the one client there is.
            wait_until(lambda: redis.ask('-n', '3', 'keys', 'goodgate:rate:*'), 'what was let through is told')
            wait_until(lambda: self.shared(other), 'the other is connected, too')
            self.assertLess(allowed_until_refused(other), BURST)
        self.assertEqual(one.errors().count('rate limits are not shared'), 1)

    def test_what_is_wrong_with_it_is_said(self):
        with Redis(self.redis_port, '--requirepass', 'open sesame'):
            gateway = self.gateway(password='guess')
            gateway.wait_for_text('it says: WRONGPASS')
            self.assertEqual(get(gateway.port, '/').status, 200)
            self.assertFalse(self.shared(gateway))


if __name__ == '__main__':
    unittest.main()
