# SPDX-License-Identifier: Apache-2.0
"""Programs under measurement: started on chosen cores, watched through /proc, ended by their ids."""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class BenchError(Exception):
    """Something that makes the whole run worthless; the text says what."""


def free_ports(count):
    """Loopback ports that nobody listens on now, below the range that outgoing connections use."""
    ports, candidate = [], 20000 + os.getpid() % 9000
    while len(ports) < count:
        candidate += 1
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
        ports.append(candidate)
    return ports


def raise_descriptor_limit(wanted):
    """The number of descriptors that a program started from here may open."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for soft, top in ((wanted, max(wanted, hard)), (hard, hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, top))
            break
        except (ValueError, OSError):
            continue
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class Processes:
    """Everything that this run has started, so that nothing outlives it."""

    def __init__(self):
        self.started = []

    def start(self, argv, cpus, **options):
        def prepare():
            os.sched_setaffinity(0, cpus)
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

        process = subprocess.Popen(argv, preexec_fn=prepare, **options)
        self.started.append(process)
        return process

    def stop(self, process):
        """Ends the process and all that descend from it, politely and then not."""
        # With their times of birth: by the end, another may have the number.
        family = [(pid, start_time(pid)) for pid in tree(process.pid)]
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid, born in family[1:]:
            end_of(pid, born)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()
        if process in self.started:
            self.started.remove(process)

    def stop_all(self):
        for process in list(reversed(self.started)):
            self.stop(process)


def end_of(pid, born, patience=1.0):
    """Waits for an orphan that was asked to end with its parent, and kills it when it does not."""
    until = time.monotonic() + patience
    while born is not None and start_time(pid) == born:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            until += patience
        time.sleep(0.01)


def stat_fields(pid):
    """/proc/PID/stat after the command's name, which may hold anything; None: no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def start_time(pid):
    fields = stat_fields(pid)
    return None if fields is None or fields[0] == "Z" else fields[19]


def tree(pid):
    """The process and all its descendants, parents first."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = stat_fields(name)
            if fields:
                children.setdefault(int(fields[1]), []).append(int(name))
    found = [pid]
    for parent in found:
        found.extend(children.get(parent, []))
    return found


class Cpu:
    """CPU seconds of a set of processes at one moment: user and system, and the exact total."""

    def __init__(self, pids):
        self.user = self.system = self.total = 0.0
        for pid in pids:
            fields = stat_fields(pid)
            if fields is None:
                raise BenchError(f"process {pid} of the gateway is gone")
            # utime, stime, and those of children that have ended and been waited for.
            self.user += (int(fields[11]) + int(fields[13])) / TICK
            self.system += (int(fields[12]) + int(fields[14])) / TICK
            self.total += run_seconds(pid)

    def since(self, before):
        """(user, system) seconds. The split is the kernel's estimate, the sum is exact."""
        user, system = self.user - before.user, self.system - before.system
        total = self.total - before.total
        if total <= 0:
            return user, system
        share = user / (user + system) if user + system > 0 else 0.0
        return total * share, total * (1 - share)


def run_seconds(pid):
    """Time that all threads of a process have run, from the scheduler, in seconds; 0 if unknown."""
    total = 0
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    except OSError:
        return 0.0
    return total / 1e9


def user_memory(pids):
    """Bytes of the processes' own memory: anonymous and shared-anonymous pages, each counted once."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                    total += int(line.split()[1]) * 1024
    return total


def core_busy_seconds(cpu):
    """Time that one core has not been idle since the machine started, whoever used it."""
    with open("/proc/stat", encoding="ascii") as file:
        for line in file:
            name, *ticks = line.split()
            if name == f"cpu{cpu}":
                user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, ticks[:8])
                return (user + nice + system + irq + softirq + steal) / TICK
    raise BenchError(f"/proc/stat does not know core {cpu}")
