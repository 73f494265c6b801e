#!/usr/bin/env python3
"""The rows themselves: behind a gateway that saves nothing, clients see the faults. Else a row that
Goodgate passes would prove nothing."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'wire'))
from rig.suite import errors_without_help


class WithoutHelpClientsSeeErrors(unittest.TestCase):
    def test_of_an_endpoint_that_crashes(self):
        self.assertGreater(errors_without_help('crash'), 20)

    def test_of_resets_garbage_and_truncation(self):
        self.assertGreater(errors_without_help('reset_before_head'), 20)
        self.assertGreater(errors_without_help('garbage'), 20)
        self.assertGreater(errors_without_help('truncated'), 20)

    def test_of_what_an_endpoint_answers_itself(self):
        self.assertGreater(errors_without_help('status_always'), 20)

    def test_of_malformed_heads(self):
        self.assertGreater(errors_without_help('malformed'), 20)

    def test_of_connections_closed_as_the_next_request_arrives(self):
        self.assertGreater(errors_without_help('close_suddenly_post'), 0)


if __name__ == '__main__':
    unittest.main(verbosity=2)
