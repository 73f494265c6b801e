# SPDX-License-Identifier: Apache-2.0
"""What the scripts of this folder share: the benchmark's harness around the program under test."""
import contextlib
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'bench'))

from harness.gateways import Goodgate  # noqa: E402
from harness.measure import Bench  # noqa: E402
from harness.processes import Processes, free_ports, raise_descriptor_limit  # noqa: E402,F401
from harness.workloads import by_name  # noqa: E402,F401

PROGRAM = pathlib.Path(os.environ['GOODGATE']).resolve()
BUILD = pathlib.Path(os.environ['GOODGATE_BUILD']).resolve()
OVER_BUDGET = ('Find out why (git bisect with this test; `callgrind_annotate`, `strace -c -f`). Make it cheaper, or '
               'raise the budget in this file and give the reason in the commit.')


class TheProgram(Goodgate):
    """Goodgate as the tests were told to find it."""

    def path(self):
        return str(PROGRAM)


@contextlib.contextmanager
def running(workload, kind=TheProgram, connections=64):
    """(bench, gateway): an origin and the gateway in front of it, warm and answering."""
    cpus = sorted(os.sched_getaffinity(0))
    processes = Processes()
    bench = Bench(processes, BUILD, cpus[0], set(cpus[1:] or cpus))
    gateway = kind(BUILD, connections)
    port, *origins = free_ports(1 + workload.origins)
    try:
        bench.start_origin(origins)
        bench.start_gateway(gateway, port, workload, origins)
        yield bench, gateway
    finally:
        gateway.stop(processes)
        processes.stop_all()
