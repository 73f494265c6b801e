#!/usr/bin/env python3
"""Overload, slow clients, reloads and a killed worker process, on real sockets. Goodgate's defaults."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'wire'))
from rig.suite import misses_of


class EndpointsGetMoreThanTheyCanDo(unittest.TestCase):
    def test_twice_as_much(self):
        self.assertEqual(misses_of('overload_2'), [])

    def test_ten_times_as_much(self):
        self.assertEqual(misses_of('overload_10'), [])


class TheGatewayStaysThere(unittest.TestCase):
    def test_200_slow_clients_harm_nobody(self):
        self.assertEqual(misses_of('slow_clients'), [])

    def test_it_is_reloaded_five_times(self):
        self.assertEqual(misses_of('reload'), [])

    def test_its_worker_process_is_killed(self):
        self.assertEqual(misses_of('worker_killed'), [])


if __name__ == '__main__':
    unittest.main(verbosity=2)
