#!/usr/bin/env python3
"""The suite's own judgement: what counts as avoidable, twice, a lie; and that clients see through lies."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'wire'))
from rig.clients import Kind, Malformed, Outcome, judge_answer, read_response
from rig.messages import body_of
from rig.nonsense import NONSENSE
from rig.oracle import judge, percentile


def outcome(kind, method='GET', number=1, took=0.01):
    made = Outcome(number, method, 0.0)
    made.kind, made.took = kind, took
    return made


class TheOracle(unittest.TestCase):
    def test_an_error_of_a_get_is_avoidable_though_it_was_delivered(self):
        self.assertEqual(judge([outcome('status')], {1: 1}).avoidable, 1)

    def test_an_error_of_a_post_is_avoidable_only_if_no_application_had_it(self):
        self.assertEqual(judge([outcome('reset', 'POST')], {}).avoidable, 1)
        self.assertEqual(judge([outcome('reset', 'POST')], {1: 1}).avoidable, 0)

    def test_nothing_is_avoidable_without_a_healthy_endpoint_or_once_a_byte_was_passed_on(self):
        self.assertEqual(judge([outcome('status')], {}, lambda _: False).avoidable, 0)
        self.assertEqual(judge([outcome('cut')], {}).avoidable, 0)

    def test_all_of_these_are_errors_still(self):
        outcomes = [outcome(kind) for kind in ('status', 'cut', 'reset', 'refused', 'timeout', 'wrong')]
        self.assertEqual(judge(outcomes, {}).errors, 6)

    def test_a_post_that_ran_twice_is_a_duplicate_even_if_its_client_is_content(self):
        self.assertEqual(judge([outcome('ok', 'POST')], {1: 2}).duplicates, 1)
        self.assertEqual(judge([outcome('ok', 'PUT')], {1: 2}).duplicates, 0)

    def test_lateness_amplification_and_percentiles(self):
        tally = judge([outcome('ok', took=1.1), outcome('ok', number=2)], {1: 2, 2: 1})
        self.assertEqual((tally.late, tally.amplification), (1, 1.5))
        self.assertEqual((percentile(range(100), 0.5), percentile([], 0.99)), (50, 0.0))


class TheClient(unittest.TestCase):
    def read(self, data, ended=True):
        return read_response(bytearray(data), 'GET', ended)

    def test_another_requests_body_is_found_out(self):
        made = outcome('timeout')
        judge_answer(made, Kind(size=30), 200, body_of(2, 30))
        self.assertEqual(made.kind, 'wrong')

    def test_a_body_that_is_cut_short_never_counts_as_whole(self):
        self.assertIsNone(self.read(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'))
        self.assertIsNone(self.read(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'))

    def test_both_framings_are_read(self):
        plain = self.read(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        pieces = self.read(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n')
        self.assertEqual((plain[:2], pieces[:2]), ((200, b'ok'), (200, b'ok')))

    def test_no_kind_of_nonsense_looks_to_it_like_the_right_answer(self):
        for name, make in NONSENSE:
            with self.subTest(kind=name):
                try:
                    answer = self.read(make(body_of(1, 50)))
                except Malformed:
                    continue
                self.assertTrue(answer is None or answer[1] != body_of(1, 50) or name in FEW_FIELDS)


# Right to a client without limits: they are nonsense by their size.
FEW_FIELDS = ('129 fields and more', 'a head of 300 KB')

if __name__ == '__main__':
    unittest.main(verbosity=2)
