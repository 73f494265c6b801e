# SPDX-License-Identifier: Apache-2.0
"""One measurement each: CPU per request, wrk's figures, system calls, memory of idle connections."""

import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

from .processes import BenchError, Cpu, core_busy_seconds, user_memory

LUA = pathlib.Path(__file__).resolve().parent.parent / "wrk.lua"
PATIENCE = 180  # seconds that no single load may exceed


def known_body(size):
    """What wire.h calls so."""
    return "".join(chr(ord("a") + (i + i // 1021) % 26) for i in range(size))


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Bench:
    """The machine's cores, the load generators and the origin of one run."""

    def __init__(self, processes, build, gateway_cpu, load_cpus):
        self.processes = processes
        self.tools = pathlib.Path(build) / "bench"
        self.gateway_cpu = gateway_cpu
        self.load_cpus = load_cpus
        self.origin_folder = None  # of an origin that needs one

    def start_origin(self, ports, workload=None):
        """Ours, or nginx where a workload compares something else than HTTP/1.1 with it."""
        if workload and workload.upstream:
            return self.start_nginx(ports, workload)
        origin = self.processes.start([str(self.tools / "bench_origin"), *map(str, ports)],
                                      self.load_cpus, stdout=subprocess.PIPE, text=True)
        if origin.stdout.readline() != "ready\n":
            raise BenchError("the origin did not start")
        return origin

    def start_nginx(self, ports, workload):
        self.origin_folder = tempfile.TemporaryDirectory(prefix="bench-origin-")
        folder = pathlib.Path(self.origin_folder.name)
        spoken = " http2" if workload.upstream == "h2c" else ""
        text = (LUA.parent / "peers/origin.conf").read_text()
        for name, value in {"USER": "user root;" if os.getuid() == 0 else "", "DIR": folder,
                            "BODY": known_body(workload.expect), "PATH": workload.path,
                            "LISTEN": " ".join(f"listen 127.0.0.1:{p}{spoken};" for p in ports),
                            }.items():
            text = text.replace(f"@{name}@", str(value))
        (folder / "nginx.conf").write_text(text)
        nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        origin = self.processes.start([nginx, "-p", str(folder), "-e", str(folder / "errors"), "-c",
                                       str(folder / "nginx.conf")], self.load_cpus)
        until = time.monotonic() + 30
        for port in ports:
            while not accepts(port):
                if origin.poll() is not None or time.monotonic() > until:
                    raise BenchError("nginx did not start as the origin")
                time.sleep(0.02)
        return origin

    def start_gateway(self, gateway, port, workload, origin_ports):
        """Starts it, waits for the first good answer, then checks every byte of some answers."""
        gateway.start(self.processes, {self.gateway_cpu}, port, workload, origin_ports)
        until = time.monotonic() + 10
        while True:
            answer = self.load(gateway, workload, requests=1, connections=1, fails=False)
            if answer["errors"] == 0:
                break
            if gateway.process.poll() is not None or time.monotonic() > until:
                raise BenchError(f"{gateway.name} gives no good answer ({answer['first_error']})"
                                 f"\n{gateway.complaints()}")
            time.sleep(0.05)
        if workload.post:
            # Goodgate reuses a connection for a POST only where GETs have shown that reuse works.
            gets = dataclasses.replace(workload, path="/100", expect=100, post=0)
            self.load(gateway, gets, requests=100 * workload.connections)
        self.load(gateway, workload, requests=4 * workload.connections, verify=True)
        gateway.settled()

    def load_command(self, gateway, workload, requests, connections=None):
        command = [str(self.tools / "bench_load"), "--port", str(gateway.port),
                   "--path", workload.path, "--expect", str(workload.expect),
                   "--requests", str(requests),
                   "--connections", str(connections or workload.connections)]
        if workload.post:
            command += ["--post", str(workload.post)]
        if workload.closes:
            command += ["--close"]
        return command

    def load(self, gateway, workload, requests=None, connections=None, verify=False, fails=True,
             under=()):
        """Exactly `requests` requests, each answer judged; an answer that is wrong ends the run."""
        if workload.tls:
            return self.tls_load(gateway, workload, requests or workload.requests, connections,
                                 fails)
        command = [*under, *self.load_command(gateway, workload, requests or workload.requests,
                                              connections)]
        if verify:
            command += ["--verify"]
        output = self.run(command)
        try:
            result = json.loads(output)
        except ValueError as error:
            raise BenchError(f"{gateway.name}: no result of the load: {output[:200]}") from error
        if fails and result["errors"]:
            raise BenchError(f"{gateway.name}, {workload.title}: {result['errors']} wrong answers; "
                             f"the first: {result['first_error']}")
        return result

    def tls_load(self, gateway, workload, requests, connections, fails):
        """Likewise by h2load, which counts good answers and the bytes of their bodies."""
        clients = min(connections or workload.connections, requests)
        command = ["h2load", "-t1", f"-n{requests}", f"-c{clients}", f"-m{workload.streams}"]
        if workload.tls == "h1":
            command.append("--h1")
        if workload.rate:
            command += [f"-n{clients}", f"-r{min(workload.rate, clients)}"]
            requests = clients
        output = self.run([*command, f"https://127.0.0.1:{gateway.port}{workload.path}"])
        good = re.search(r"(\d+) succeeded", output)
        body = re.search(r"\((\d+)\) data", output)
        seconds = re.search(r"finished in ([\d.]+)(us|ms|s)", output)
        errors = requests - int(good[1]) if good else requests
        wrong = body is None or int(body[1]) != requests * workload.expect
        if fails and (errors or wrong or not seconds):
            raise BenchError(f"{gateway.name}, {workload.title}: {output[-600:]}")
        unit = {"us": 1e-6, "ms": 1e-3, "s": 1}
        return {"requests": requests, "errors": errors, "first_error": output[-200:],
                "seconds": float(seconds[1]) * unit[seconds[2]] if seconds else 0}

    def run(self, command, **options):
        """Runs a load on the load's cores and returns what it printed."""
        process = self.processes.start(command, self.load_cpus, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True, **options)
        try:
            return process.communicate(timeout=PATIENCE)[0]
        except subprocess.TimeoutExpired as error:
            raise BenchError(f"took longer than {PATIENCE} s: {' '.join(command)}") from error
        finally:
            self.processes.stop(process)

    def cpu(self, gateway, workload):
        """CPU time per request in microseconds, and how much of the core others used."""
        if workload.access_log:
            empty_log(gateway)
        busy, before, began = core_busy_seconds(self.gateway_cpu), Cpu(gateway.pids), time.time()
        result = self.load(gateway, workload)
        user, system = Cpu(gateway.pids).since(before)
        wall = time.time() - began
        gateway.check_family()
        others = core_busy_seconds(self.gateway_cpu) - busy - user - system
        if workload.access_log:
            check_log(gateway, result["requests"])
        scale = 1e6 / result["requests"]
        return {"user_us": user * scale, "system_us": system * scale,
                "cpu_us": (user + system) * scale, "rps": result["requests"] / result["seconds"],
                "core": (user + system) / wall, "others": min(1.0, max(0.0, others / wall)),
                **{key: result.get(key) for key in ("p50_us", "p99_us", "p999_us")}}

    def wrk(self, gateway, workload, seconds):
        """wrk's requests per second and latencies."""
        environment = dict(os.environ, BENCH_POST=str(workload.post),
                           BENCH_CLOSE="1" if workload.closes else "0")
        before = Cpu(gateway.pids)
        output = self.run(["wrk", "-t1", f"-c{workload.connections}", f"-d{seconds}s",
                           "--timeout", "10s", "-s", str(LUA),
                           f"http://127.0.0.1:{gateway.port}{workload.path}"], env=environment)
        user, system = Cpu(gateway.pids).since(before)
        found = re.search(r"^JSON (.*)$", output, re.M)
        if not found:
            raise BenchError(f"{gateway.name}: wrk gave no figures: {output[-300:]}")
        result = json.loads(found[1])
        if result["errors"]:
            raise BenchError(f"{gateway.name}, {workload.title}: {result['errors']} errors in wrk")
        if result["requests"] == 0:
            raise BenchError(f"{gateway.name}, {workload.title}: no answer in wrk's time")
        result["rps"] = result["requests"] / result["seconds"]
        result["core"] = (user + system) / result["seconds"]
        return result

    def syscalls(self, gateway, workload, requests):
        """(calls per request, their names with their counts per request, how they were counted)."""
        names = self.strace_names(gateway, workload, max(200, requests // 10))
        counted = self.perf_count(gateway, workload, requests)
        if counted is not None:
            return counted, names, "perf"
        if names:
            return sum(names.values()), names, "strace"
        return None, {}, "neither perf's raw_syscalls:sys_enter nor strace works here"

    def perf_count(self, gateway, workload, requests):
        """By the kernel's tracepoint, which hardly slows the gateway; None: not possible here."""
        perf = shutil.which("perf")
        if not perf:
            return None
        file = gateway.directory / "perf"
        pids = ",".join(map(str, gateway.pids))
        try:
            self.load(gateway, workload, requests, under=(
                perf, "stat", "-x,", "-e", "raw_syscalls:sys_enter", "-p", pids, "-o", str(file)))
        except BenchError:
            if not file.exists() or "sys_enter" not in file.read_text():
                return None
            raise
        counts = re.findall(r"^(\d+),,raw_syscalls:sys_enter", file.read_text(), re.M)
        return sum(map(int, counts)) / requests if counts else None

    def strace_names(self, gateway, workload, requests):
        """Calls by name per request; empty when strace is missing or may not attach."""
        strace = shutil.which("strace")
        if not strace:
            return {}
        file = gateway.directory / "strace"
        targets = [word for pid in gateway.pids for word in ("-p", str(pid))]
        tracer = self.processes.start([strace, "-c", "-f", "-o", str(file), *targets],
                                      self.load_cpus, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 5
            while not all(is_traced(pid) for pid in gateway.pids):
                if tracer.poll() is not None or time.monotonic() > until:
                    return {}
                time.sleep(0.02)
            self.load(gateway, workload, requests)
        finally:
            if tracer.poll() is None:
                tracer.send_signal(signal.SIGINT)
                try:
                    tracer.wait(5)
                except subprocess.TimeoutExpired:
                    pass
            self.processes.stop(tracer)
        return strace_table(file.read_text(), requests)

    def idle_memory(self, gateway, workload, connections, silent):
        """Bytes of the gateway's own memory per idle connection. Silent ones never asked."""
        self.load(gateway, workload, requests=20 * workload.connections)
        time.sleep(0.3)
        before = user_memory(gateway.pids)
        command = [str(self.tools / "bench_load"), "--port", str(gateway.port), "--path",
                   workload.path, "--expect", str(workload.expect), "--hold", "--connections",
                   str(connections), *(["--silent"] if silent else [])]
        holder = self.processes.start(command, self.load_cpus, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        try:
            first = holder.stdout.readline()
            time.sleep(0.5)
            after = user_memory(gateway.pids)
            result = json.loads(holder.communicate("", timeout=PATIENCE)[0] or first)
        finally:
            self.processes.stop(holder)
        if result["errors"]:
            raise BenchError(f"{gateway.name}: {connections} idle connections: "
                             f"{result['first_error']} ({result['errors']} errors)")
        gateway.check_family()
        return (after - before) / connections


    def idle_tls_memory(self, gateway, workload, connections):
        """Likewise of TLS connections that had one answer each."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        request = f"GET {workload.path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

        def connect():
            plain = socket.create_connection(("127.0.0.1", gateway.port), timeout=30)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            secure = context.wrap_socket(plain)
            secure.sendall(request)
            answer = b""
            while not answer.partition(b"\r\n\r\n")[2][workload.expect - 1:]:
                piece = secure.recv(65536)
                if not piece:
                    raise BenchError(f"{gateway.name}: a TLS connection ended at once")
                answer += piece
            return secure

        for _ in range(50):
            connect().close()
        time.sleep(0.5)
        before = user_memory(gateway.pids)
        held = [connect() for _ in range(connections)]
        time.sleep(0.5)
        after = user_memory(gateway.pids)
        for one in held:
            one.close()
        gateway.check_family()
        return (after - before) / connections


def empty_log(gateway):
    """Empties the access log once all lines of earlier requests, perhaps buffered, are in it."""
    size, since = -1, time.monotonic()
    while time.monotonic() - since < 1.3:
        if gateway.log.stat().st_size != size:
            size, since = gateway.log.stat().st_size, time.monotonic()
        time.sleep(0.05)
    os.truncate(gateway.log, 0)


def check_log(gateway, requests):
    """Every request has its line, within the two seconds that a buffered log may take."""
    until, lines = time.monotonic() + 3, 0
    while time.monotonic() < until:
        with open(gateway.log, "rb") as log:
            lines = sum(1 for line in log if line.strip(b"\0\n"))
        if lines >= requests:
            break
        time.sleep(0.2)
    if lines != requests:
        raise BenchError(f"{gateway.name}: {lines} lines in its access log for {requests} requests")


def is_traced(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        return any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in status)


def strace_table(text, requests):
    """{name: calls per request} of strace -c's table, the most frequent first."""
    rows = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 5 and words[0][0].isdigit() and words[-1] != "total":
            rows[words[-1]] = int(words[3]) / requests
    return dict(sorted(rows.items(), key=lambda row: -row[1]))
