# SPDX-License-Identifier: Apache-2.0
"""Tests of the benchmark's own arithmetic and of its tidiness; run by ctest."""

import os
import subprocess
import sys
import unittest

import run
from harness import report
from harness.gateways import GATEWAYS, Floor, HaproxySplice, Nginx
from harness.measure import strace_table
from harness.processes import Cpu, Processes, start_time, tree, user_memory
from harness.workloads import by_name

STRACE = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000300           3       100        10 recvfrom
 40.00    0.000200           1       200           sendto
------ ----------- ----------- --------- --------- ----------------
100.00    0.000500           1       300        10 total
"""


def rounds(*cpu):
    return [{"cpu_us": value, "user_us": value / 4, "system_us": value * 3 / 4, "others": 0.0}
            for value in cpu]


class Reports(unittest.TestCase):
    def test_a_ratio_is_taken_within_each_round(self):
        self.assertEqual(report.ratio(rounds(5, 10, 50), rounds(10, 20, 100)), 0.5)

    def test_spread_is_half_the_range_of_the_median(self):
        self.assertAlmostEqual(report.spread(rounds(9, 10, 12), "cpu_us"), 0.15)

    def test_the_cpu_table_judges_goodgate_by_its_target(self):
        results = {"cpu": {"small": {"haproxy": rounds(20, 20), "nginx": rounds(22, 22),
                                     "goodgate": rounds(16, 16)},
                           "get16k": {"haproxy": rounds(20, 20), "nginx": rounds(18, 18),
                                      "goodgate": rounds(16, 16)}}}
        lines = report.cpu_table(results, "haproxy", ["nginx", "goodgate"]).splitlines()
        cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]
        self.assertEqual(cells[0], ["GET 100 B, 64 keep-alive connections", "20.0 (5.0+15.0)",
                                    "0 %", "1.10", "0.80", "4.0+12.0", "0.85", "met", "0 %"])
        self.assertEqual(cells[1][-3:-1], ["0.75", "MISSED"])

    def test_without_goodgate_there_is_no_verdict(self):
        results = {"cpu": {"small": {"haproxy": rounds(20)}}}
        self.assertIn("| 0.85 |       - |", report.cpu_table(results, "haproxy", []))

    def test_straces_table_becomes_calls_per_request(self):
        self.assertEqual(strace_table(STRACE, 100), {"sendto": 2.0, "recvfrom": 1.0})


class Choices(unittest.TestCase):
    def test_an_unknown_workload_is_used_wrongly(self):
        with self.assertRaises(SystemExit) as ended, open(os.devnull, "w") as nowhere:
            sys.stderr, stderr = nowhere, sys.stderr
            try:
                run.parse(["--workloads", "small,tiny"])
            finally:
                sys.stderr = stderr
        self.assertEqual(ended.exception.code, 2)

    def test_variants_run_only_where_they_are_meant_to(self):
        self.assertTrue(HaproxySplice.fits(by_name("get1m")))
        self.assertFalse(HaproxySplice.fits(by_name("small")))
        self.assertFalse(Floor.fits(by_name("accesslog")))
        self.assertTrue(Nginx.fits(by_name("accesslog")))

    def test_every_gateway_has_a_short_name(self):
        self.assertEqual(set(report.SHORT), set(GATEWAYS))


class Tidiness(unittest.TestCase):
    def test_a_stopped_program_takes_its_children_with_it(self):
        processes = Processes()
        shell = processes.start(["sh", "-c", "trap '' TERM; sleep 60 & echo; wait; wait"],
                                os.sched_getaffinity(0), stdout=subprocess.PIPE, text=True)
        shell.stdout.readline()
        family = tree(shell.pid)
        processes.stop(shell)
        self.assertEqual(len(family), 2)
        self.assertEqual([start_time(pid) for pid in family], [None, None])

    def test_cpu_time_is_that_of_the_process(self):
        before = Cpu([os.getpid()])
        while sum(Cpu([os.getpid()]).since(before)) < 0.05:
            pass
        user, system = Cpu([os.getpid()]).since(before)
        self.assertLess(user + system, 1.0)

    def test_memory_that_is_written_to_is_counted(self):
        before = user_memory([os.getpid()])
        block = bytearray(b"x" * 8_000_000)
        self.assertGreater(user_memory([os.getpid()]) - before, 7_000_000)
        self.assertEqual(len(block), 8_000_000)


if __name__ == "__main__":
    unittest.main()
