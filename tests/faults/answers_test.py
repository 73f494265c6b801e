#!/usr/bin/env python3
"""One endpoint of three breaks off, lies, fails or closes: clients notice nothing. Goodgate's defaults."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'wire'))
from rig.suite import misses_of


class OneEndpointAnswersWrongly(unittest.TestCase):
    def test_it_resets_before_the_head(self):
        self.assertEqual(misses_of('reset_before_head'), [])

    def test_it_closes_before_the_head(self):
        self.assertEqual(misses_of('close_before_head'), [])

    def test_it_resets_before_the_head_of_a_post_which_does_not_run_twice(self):
        self.assertEqual(misses_of('reset_before_head_post'), [])

    def test_it_resets_within_the_head(self):
        self.assertEqual(misses_of('reset_within_head'), [])

    def test_it_resets_after_the_head(self):
        self.assertEqual(misses_of('reset_after_head'), [])

    def test_it_resets_in_the_middle_of_the_body(self):
        self.assertEqual(misses_of('reset_mid_body'), [])

    def test_it_cuts_bodies_short(self):
        self.assertEqual(misses_of('truncated'), [])

    def test_it_dribbles_its_heads(self):
        self.assertEqual(misses_of('dribble'), [])

    def test_it_sends_garbage(self):
        self.assertEqual(misses_of('garbage'), [])

    def test_it_sends_malformed_heads_of_many_kinds(self):
        self.assertEqual(misses_of('malformed'), [])

    def test_it_answers_503_always(self):
        self.assertEqual(misses_of('status_always'), [])

    def test_it_answers_503_to_30_percent(self):
        self.assertEqual(misses_of('status_often'), [])


class EndpointsCloseTheirConnections(unittest.TestCase):
    def test_idle_ones_just_as_a_get_comes(self):
        self.assertEqual(misses_of('race_get'), [])

    def test_idle_ones_just_as_a_post_comes(self):
        self.assertEqual(misses_of('race_post'), [])

    def test_whenever_another_get_arrives(self):
        self.assertEqual(misses_of('close_on_next_get'), [])

    def test_whenever_another_post_arrives(self):
        self.assertEqual(misses_of('close_on_next_post'), [])

    def test_as_they_announced_just_as_posts_come(self):
        self.assertEqual(misses_of('announced'), [])


class EveryEndpointFailsHalfOfTheTime(unittest.TestCase):
    def test_retries_stay_within_their_budget(self):
        self.assertEqual(misses_of('half_fail'), [])


if __name__ == '__main__':
    unittest.main(verbosity=2)
