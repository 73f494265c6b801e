#!/usr/bin/env python3
"""What the program's own memory grows by for a connection that waits, asked or not."""
import unittest

from rig import OVER_BUDGET, by_name, raise_descriptor_limit, running

BUDGET = 1024  # bytes per connection
CONNECTIONS = 2000


class IdleMemory(unittest.TestCase):
    def check(self, silent):
        raise_descriptor_limit(3 * CONNECTIONS)
        workload = by_name('small')
        with running(workload, connections=CONNECTIONS) as (bench, gateway):
            each = bench.idle_memory(gateway, workload, CONNECTIONS, silent=silent)
        print(f'{"silent" if silent else "idle"} connection: {each:.0f} bytes, at most {BUDGET}')
        self.assertGreater(each, 100)
        self.assertLessEqual(each, BUDGET, OVER_BUDGET)

    def test_a_connection_between_two_requests(self):
        self.check(silent=False)

    def test_a_connection_that_never_asked(self):
        self.check(silent=True)


if __name__ == '__main__':
    unittest.main()
