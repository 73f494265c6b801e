#!/usr/bin/env python3
"""Addresses that swallow or refuse packets, in network namespaces of the test's own: needs root."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'wire'))
from rig.suite import can_have_namespaces, misses_of


class AnAddressIsLost(unittest.TestCase):
    def test_it_swallows_every_packet(self):
        self.assertEqual(misses_of('black_hole'), [])

    def test_it_is_refused_by_icmp(self):
        self.assertEqual(misses_of('reject_icmp'), [])

    def test_its_name_stands_for_another_one_as_it_dies(self):
        self.assertEqual(misses_of('name_changes'), [])


if __name__ == '__main__':
    if not can_have_namespaces():
        print('needs root, for network namespaces')
        sys.exit(77)
    unittest.main(verbosity=2)
