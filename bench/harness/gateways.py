# SPDX-License-Identifier: Apache-2.0
"""The gateways under measurement. Each is one class: its configuration, command and version."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from .processes import BenchError, tree

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"


class Gateway:
    """One gateway program, configured for one workload, on one core with one worker."""

    name = ""
    program = ""
    only_large = False  # a variant that is tuned for large bodies
    has_log = True

    def __init__(self, build, connections):
        self.build = pathlib.Path(build)
        self.connections = connections  # how many it has to be able to hold
        self.process = self.pids = self.directory = self.log = None
        self.port = 0

    @classmethod
    def fits(cls, workload):
        return (workload.large or not cls.only_large) and (cls.has_log or not workload.access_log)

    def path(self):
        """Where the program is; None: it is not installed."""
        return shutil.which(self.program, path=os.environ.get("PATH", "") + ":/usr/sbin")

    def version(self):
        raise NotImplementedError

    def configure(self, workload, origin_ports):
        """Writes what the program reads and returns its command."""
        raise NotImplementedError

    def start(self, processes, cpus, port, workload, origin_ports):
        # Logs go to memory where there is some: a disk's moods are nobody's CPU time.
        root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"bench-{self.name}-", dir=root))
        self.port = port
        if workload.tls:
            self.make_certificate()
        self.log = self.directory / "access.log"
        command = self.configure(workload, origin_ports)
        with open(self.log, "ab") as output, open(self.directory / "errors", "ab") as errors:
            self.process = processes.start(command, cpus, stdin=subprocess.DEVNULL,
                                           stdout=output, stderr=errors)

    def make_certificate(self):
        """The usual kind, with an ECDSA key, in the three forms that are asked for."""
        key, cert = self.directory / "key.pem", self.directory / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
                        "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
        (self.directory / "both.pem").write_text(cert.read_text() + key.read_text())

    def settled(self):
        """To be called after the first good answer: from now on the family may not change."""
        self.pids = tree(self.process.pid)

    def check_family(self):
        if tree(self.process.pid) != self.pids:
            raise BenchError(f"{self.name}: its processes changed while it was measured")

    def stop(self, processes):
        if self.process is not None:
            processes.stop(self.process)
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)
        self.process = self.directory = None

    def complaints(self):
        """What it wrote to its standard error: shown when it did not start."""
        try:
            return (self.directory / "errors").read_text(errors="replace")[-2000:]
        except OSError:
            return ""

    def fill(self, template, values):
        text = (PEERS / template).read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        file = self.directory / template
        file.write_text(text)
        return str(file)


class Nginx(Gateway):
    name = program = "nginx"
    buffering, request_buffering, buffer, busy = "on", "off", "16k", "32k"

    @classmethod
    def fits(cls, workload):
        return super().fits(workload) and workload.upstream != "h2c"

    def version(self):
        done = subprocess.run([self.path(), "-v"], capture_output=True, text=True, check=True)
        return done.stderr.strip().rpartition("/")[2]

    def configure(self, workload, origin_ports):
        log = f"{self.log} combined buffer=64k flush=1s" if workload.access_log else "off"
        file = self.fill("nginx.conf", {
            "USER": "user root;" if os.getuid() == 0 else "",
            "DIR": self.directory, "LOG": log, "PORT": self.port,
            "SSL": "ssl http2" if workload.tls else "",
            "CERTIFICATE": (f"ssl_certificate {self.directory}/cert.pem; "
                            f"ssl_certificate_key {self.directory}/key.pem; "
                            "ssl_protocols TLSv1.2 TLSv1.3;") if workload.tls else "",
            "CONNECTIONS": self.connections + 2048,
            "BUFFERING": self.buffering, "REQUEST_BUFFERING": self.request_buffering,
            "BUFFER": self.buffer, "BUSY": self.busy,
            "BALANCE": "least_conn;" if len(origin_ports) > 1 else "",
            "SERVERS": " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in origin_ports),
        })
        return [self.path(), "-p", str(self.directory), "-e", str(self.directory / "nginx.err"),
                "-c", file]


class NginxUnbuffered(Nginx):
    """Passes a piece on as soon as it has it, in large pieces: best for large downloads."""

    name = "nginx-unbuffered"
    buffering, buffer, busy = "off", "256k", "512k"
    only_large = True


class Haproxy(Gateway):
    name = program = "haproxy"
    buffer = 16384
    splice = ""

    def version(self):
        done = subprocess.run([self.path(), "-v"], capture_output=True, text=True, check=True)
        return done.stdout.split()[2]

    def configure(self, workload, origin_ports):
        logs = workload.access_log
        file = self.fill("haproxy.cfg", {
            "PORT": self.port, "CONNECTIONS": self.connections + 1024,
            "SSL": f"ssl crt {self.directory}/both.pem alpn h2,http/1.1" if workload.tls else "",
            "BUFFER": self.buffer, "SPLICE": self.splice,
            # To standard output, which is a file: what a container's log is.
            "LOG_GLOBAL": "log stdout format raw local0" if logs else "",
            "LOG": "log global\n  option httplog" if logs else "",
            "BALANCE": "balance leastconn" if len(origin_ports) > 1 else "",
            "SERVERS": "\n  ".join(f"server s{port} 127.0.0.1:{port}"
                                        + (" proto h2" if workload.upstream == "h2c" else "")
                                        for port in origin_ports),
        })
        return [self.path(), "-db", "-f", file]


class HaproxySplice(Haproxy):
    """Bodies by splice(2): less work for bodies of megabytes, more for small ones."""

    name = "haproxy-splice"
    splice = "option splice-request\n  option splice-response"
    only_large = True


class Goodgate(Gateway):
    name = program = "goodgate"

    def path(self):
        program = self.build / "goodgate"
        return str(program) if os.access(program, os.X_OK) else None

    def version(self):
        done = subprocess.run([self.path(), "--version"], capture_output=True, text=True,
                              check=False)
        lines = done.stdout.split("\n")
        return lines[0].removeprefix("goodgate").strip() or "unknown"

    def configure(self, workload, origin_ports):
        access = self.log if workload.access_log else "off"
        tls = (f", tls: {{ certificates: {{ cert: {self.directory}/cert.pem, "
               f"key: {self.directory}/key.pem }} }}" if workload.tls else "")
        endpoints = "".join(f"      - http://127.0.0.1:{port}\n" for port in origin_ports)
        # The origin takes what a collector would.
        telemetry = (f"admin: '127.0.0.1:0'\ntraces: http://127.0.0.1:{origin_ports[0]}/upload\n"
                     if workload.telemetry else "admin: off\n")
        file = self.directory / "goodgate.yaml"
        file.write_text(
            f"listeners: [{{ address: '127.0.0.1:{self.port}'{tls} }}]\n"
            f"upstreams:\n  app:\n    endpoints:\n{endpoints}"
            "    balance: least_requests\n"
            f"    http2: {'always' if workload.upstream == 'h2c' else 'auto'}\n"
            "timeouts: { idle: 15m }\n"
            f"{telemetry}"
            f"log: {{ access: {access} }}\n"
            "threads: 1\n")
        return [self.path(), "run", "-c", str(file)]


class Floor(Gateway):
    """A relay without a check of anything: what the kernel's TCP costs. Not a gateway."""

    name = "floor"
    has_log = False

    @classmethod
    def fits(cls, workload):
        return super().fits(workload) and not workload.tls and workload.upstream != "h2c"

    def path(self):
        program = self.build / "bench" / "bench_floor"
        return str(program) if os.access(program, os.X_OK) else None

    def version(self):
        return "bench/floor.cc"

    def configure(self, workload, origin_ports):
        return [self.path(), str(self.port), *map(str, origin_ports)]


GATEWAYS = {gateway.name: gateway for gateway in
            (Haproxy, HaproxySplice, Nginx, NginxUnbuffered, Goodgate, Floor)}
