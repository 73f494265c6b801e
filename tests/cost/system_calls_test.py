#!/usr/bin/env python3
"""A request costs no more system calls than the work that it is: counted by strace."""
import unittest

from rig import OVER_BUDGET, by_name, running

# workload: (calls that a request makes itself, all calls). To both, the 64 connections of the load add
# their accepting and closing, 0.12 per request. Waits are shared by all that is ready at once, so
# that their number depends on the machine's mood: hence the tries.
BUDGET = {'small': (4.15, 4.3), 'newconn': (7.15, 8.0)}
REQUESTS = 2000
TRIES = 4


class SystemCalls(unittest.TestCase):
    def check(self, name):
        workload, (own_most, all_most) = by_name(name), BUDGET[name]
        with running(workload) as (bench, gateway):
            for _ in range(TRIES):
                calls = bench.strace_names(gateway, workload, REQUESTS)
                every = sum(calls.values())
                own = every - calls.get('epoll_wait', 0)
                print(f'{name}: {own:.3f} of its own, {every:.3f} in all', {n: round(c, 3) for n, c in calls.items()})
                if own <= own_most and every <= all_most:
                    break
        self.assertGreaterEqual(own, 4.0, 'strace did not see every process')
        self.assertLessEqual(own, own_most, f'{calls}\n{OVER_BUDGET}')
        self.assertLessEqual(every, all_most, f'{calls}\n{OVER_BUDGET}')

    def test_a_keep_alive_get(self):
        self.check('small')

    def test_a_get_on_a_new_connection(self):
        self.check('newconn')


if __name__ == '__main__':
    unittest.main()
