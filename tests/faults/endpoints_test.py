#!/usr/bin/env python3
"""Endpoints die, vanish, slow down and come back: clients notice nothing. Goodgate's defaults."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'wire'))
from rig.suite import misses_of


class AnEndpointIsLost(unittest.TestCase):
    def test_nothing_is_wrong(self):
        self.assertEqual(misses_of('healthy'), [])

    def test_it_crashes_and_returns(self):
        self.assertEqual(misses_of('crash'), [])

    def test_it_is_stopped_and_goes_on(self):
        self.assertEqual(misses_of('hang'), [])

    def test_it_rejects_every_connection_old_ones_too(self):
        self.assertEqual(misses_of('reject_rst'), [])

    def test_it_becomes_50_times_slower(self):
        self.assertEqual(misses_of('grey'), [])

    def test_all_are_killed_and_return(self):
        self.assertEqual(misses_of('all_down'), [])

    def test_it_dies_in_the_middle_of_a_put(self):
        self.assertEqual(misses_of('upload_put'), [])

    def test_it_dies_in_the_middle_of_a_post_which_does_not_run_twice(self):
        self.assertEqual(misses_of('upload_post'), [])


class EndpointsRestartInTurn(unittest.TestCase):
    def test_they_are_killed(self):
        self.assertEqual(misses_of('rolling_kill'), [])

    def test_they_end_in_order(self):
        self.assertEqual(misses_of('rolling_graceful'), [])

    def test_they_are_nginx_node_and_python(self):
        self.assertEqual(misses_of('real_servers'), [])


if __name__ == '__main__':
    unittest.main(verbosity=2)
