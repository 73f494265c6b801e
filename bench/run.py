#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Measures Goodgate beside HAProxy and nginx, round by round in turn; docs/benchmarks.md tells how.

    bench/run.py                                 everything, about fifteen minutes
    bench/run.py --write                         and into bench/results.md
    bench/run.py --workloads small,get16k --rounds 3 --gateways haproxy,goodgate
    bench/run.py --quick                         a few requests each: does it all still work?

Exit status: 0 all answers right, 1 not (or a program is missing), 2 used wrongly. A target that is
missed shows in the tables; with --enforce it is status 1 too.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys

from harness import report
from harness.gateways import GATEWAYS
from harness.measure import Bench
from harness.processes import BenchError, Processes, free_ports, raise_descriptor_limit
from harness.workloads import (IDLE_CONNECTIONS, IDLE_TLS_CONNECTIONS, SYSCALLS, WORKLOADS,
                               by_name)

HERE = pathlib.Path(__file__).resolve().parent
PARTS = ("cpu", "wrk", "syscalls", "memory")
PER_CONNECTION = 2.2  # descriptors at most: the client's, perhaps an origin's, and some of its own


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)

    def names(known):
        def check(text):
            chosen = [name for name in text.split(",") if name]
            for name in chosen:
                if name not in known:
                    raise argparse.ArgumentTypeError(f"{name}: not one of {', '.join(known)}")
            return chosen
        return check

    every_workload = [workload.name for workload in WORKLOADS]
    parser.add_argument("--gateways", type=names(list(GATEWAYS)), default=list(GATEWAYS),
                        help=f"of {','.join(GATEWAYS)}")
    parser.add_argument("--workloads", type=names(every_workload),
                        default=[workload.name for workload in WORKLOADS if not workload.upstream],
                        help=f"of {','.join(every_workload)}; those to nginx only if asked for")
    parser.add_argument("--parts", type=names(PARTS), default=list(PARTS),
                        help=f"of {','.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--wrk-seconds", type=int, default=2, help="per gateway and round")
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build/release",
                        help="the build folder with goodgate and bench/ in it")
    parser.add_argument("--quick", action="store_true",
                        help="few requests, figures mean nothing; absent peers are left out")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--write", nargs="?", const=HERE / "results.md", type=pathlib.Path,
                        help="also write the tables to bench/results.md or another file")
    parser.add_argument("--enforce", action="store_true", help="a missed target is status 1")
    options = parser.parse_args(argv)
    if options.quick and (options.write or options.enforce):
        parser.error("--quick measures nothing that is worth --write or --enforce")
    if options.rounds < 1 or options.wrk_seconds < 1:
        parser.error("--rounds and --wrk-seconds must be at least 1")
    return options


def choose_gateways(options):
    """The gateways that can run, HAProxy or else the first being what ratios refer to."""
    chosen = []
    for name in options.gateways:
        gateway = GATEWAYS[name](options.build, 0)
        if gateway.path():
            chosen.append(name)
        elif options.quick and name.startswith(("nginx", "haproxy")):
            say(f"{name} is not installed and left out")
        else:
            raise BenchError(f"{name} is not there: `make bench` builds and installs what it needs "
                             f"(looked in {options.build} and PATH)")
    if not chosen:
        raise BenchError("no gateway to measure")
    return chosen


class Run:
    """One whole run over the chosen gateways, workloads and parts."""

    def __init__(self, options, processes):
        self.options = options
        self.gateways = choose_gateways(options)
        self.base = "haproxy" if "haproxy" in self.gateways else self.gateways[0]
        cpus = sorted(os.sched_getaffinity(0))
        self.gateway_cpu, self.load_cpus = cpus[0], set(cpus[1:] or cpus)
        if len(cpus) == 1:
            say("one core only: the load shares it with the gateway, and the figures suffer")
        os.sched_setaffinity(0, self.load_cpus)
        self.processes = processes
        self.bench = Bench(processes, options.build, self.gateway_cpu, self.load_cpus)
        self.descriptors = raise_descriptor_limit(65536)
        self.results = {part: {} for part in PARTS}

    def connections_max(self):
        """How many connections a gateway is configured for: what the descriptors allow."""
        return min(IDLE_CONNECTIONS + 1000, self.descriptors - 4096)

    def measure_timed(self, workload):
        """CPU and wrk's figures, the gateways in turn within every round."""
        names = [name for name in self.gateways if GATEWAYS[name].fits(workload)]
        cpu = self.results["cpu"].setdefault(workload.name, {name: [] for name in names})
        wrk = self.results["wrk"].setdefault(workload.name, {name: [] for name in names})
        try:
            with Running(self, names, workload) as gateways:
                for turn in range(self.options.rounds):
                    say(f"{workload.title}: round {turn + 1} of {self.options.rounds}")
                    # A different one begins each round: no place in the order is an advantage.
                    first = turn % len(gateways)
                    for gateway in gateways[first:] + gateways[:first]:
                        self.measure_once(gateway, workload, cpu, wrk)
        finally:
            for part in ("cpu", "wrk"):
                if not all(self.results[part][workload.name].values()):
                    del self.results[part][workload.name]

    def measure_once(self, gateway, workload, cpu, wrk):
        if "cpu" in self.options.parts:
            cpu[gateway.name].append(self.bench.cpu(gateway, workload))
        if self.wants_wrk(workload):
            wrk[gateway.name].append(self.bench.wrk(gateway, workload, self.options.wrk_seconds))

    def wants_wrk(self, workload):
        if workload.tls:
            return False  # it speaks no HTTP/2, and h2load's figures are there already
        if "wrk" not in self.options.parts or (self.options.quick and workload.name != "small"):
            return False
        if shutil.which("wrk"):
            return True
        if not self.options.quick:
            raise BenchError("wrk is not installed: apt-get install wrk, or leave it out by --parts")
        return False

    def measure_syscalls(self, workload):
        names = [name for name in self.gateways if GATEWAYS[name].fits(workload)]
        with Running(self, names, workload) as gateways:
            for gateway in gateways:
                say(f"{workload.title}: system calls of {gateway.name}")
                self.results["syscalls"].setdefault(workload.name, {})[gateway.name] = (
                    self.bench.syscalls(gateway, workload, workload.requests))

    def measure_memory(self):
        workload = by_name("small")
        open_at_once = 100 if self.options.quick else IDLE_CONNECTIONS
        if self.descriptors < open_at_once + 4096:
            raise BenchError(f"{open_at_once} idle connections need more than {self.descriptors} "
                             "descriptors (ulimit -Hn)")
        for name in self.gateways:
            if not GATEWAYS[name].fits(workload):
                continue
            row = {"connections": open_at_once}
            for kind in ("asked", "silent"):
                say(f"memory of {open_at_once} idle connections: {name}, {kind}")
                # Afresh for each: a heap that has once been filled would hide the growth.
                with Running(self, [name], workload) as gateways:
                    row[kind] = self.bench.idle_memory(gateways[0], workload, open_at_once,
                                                       silent=kind == "silent")
            self.results["memory"][name] = row
            tls = by_name("tls")
            if GATEWAYS[name].fits(tls):
                say(f"memory of {IDLE_TLS_CONNECTIONS} idle TLS connections: {name}")
                count = 100 if self.options.quick else IDLE_TLS_CONNECTIONS
                with Running(self, [name], tls.quick()) as gateways:
                    row["tls"] = self.bench.idle_tls_memory(gateways[0], tls, count)

    def all(self):
        workloads = [by_name(name) for name in self.options.workloads]
        if self.options.quick:
            workloads = [workload.quick() for workload in workloads]
        if {"cpu", "wrk"} & set(self.options.parts):
            for workload in workloads:
                self.measure_timed(workload)
        if "syscalls" in self.options.parts:
            for workload in workloads:
                if workload.name in SYSCALLS:
                    self.measure_syscalls(workload)
        if "memory" in self.options.parts:
            self.measure_memory()


class Running:
    """The origin and some gateways, configured for one workload, while a `with` lasts."""

    def __init__(self, run, names, workload):
        self.run, self.workload = run, workload
        self.gateways = [GATEWAYS[name](run.options.build, run.connections_max()) for name in names]
        self.origin = None

    def __enter__(self):
        ports = free_ports(self.workload.origins + len(self.gateways))
        origin_ports, gateway_ports = (ports[:self.workload.origins], ports[self.workload.origins:])
        try:
            self.origin = self.run.bench.start_origin(origin_ports, self.workload)
            for gateway, port in zip(self.gateways, gateway_ports):
                self.run.bench.start_gateway(gateway, port, self.workload, origin_ports)
        except BaseException:
            self.__exit__()
            raise
        return self.gateways

    def __exit__(self, *_):
        for gateway in self.gateways:
            gateway.stop(self.run.processes)
        if self.origin is not None:
            self.run.processes.stop(self.origin)


def interrupt(*_):
    raise KeyboardInterrupt


def main(argv):
    options = parse(argv)
    if options.quick:
        options.rounds, options.wrk_seconds = 1, 1
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    processes, whole = Processes(), False
    try:
        run = Run(options, processes)
        try:
            run.all()
            whole = True
        except KeyboardInterrupt:
            say("bench: interrupted; this is what was measured until then, and it is not written")
    except BenchError as error:
        say(f"bench: {error}")
        return 1
    finally:
        processes.stop_all()
    text = conclude(options, run)
    if not whole:
        return 1
    if options.write:
        options.write.write_text(text)
    return 1 if options.enforce and "MISSED" in text else 0


def conclude(options, run):
    """Prints the results and returns them as text."""
    versions = {name: GATEWAYS[name](options.build, 0).version() for name in run.gateways}
    settings = {"quick": options.quick, "rounds": options.rounds, "base": run.base,
                "gateway_cpu": run.gateway_cpu,
                "load_cpus": ", ".join(map(str, sorted(run.load_cpus)))}
    text = report.document(run.results, versions, settings)
    if options.json:
        print(json.dumps({"results": run.results, "versions": versions, **settings}, indent=1))
    else:
        print(text, end="")
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
