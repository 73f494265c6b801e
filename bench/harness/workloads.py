# SPDX-License-Identifier: Apache-2.0
"""The workloads: what is asked, how often, and what Goodgate must reach beside HAProxy."""

import dataclasses
from typing import Optional

KIB = 1024


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    title: str
    must: Optional[float] = None  # of HAProxy's CPU time, at most
    path: str = "/100"
    expect: int = 100  # bytes of body in each answer
    requests: int = 60000
    connections: int = 64
    post: int = 0  # bytes of body in each request
    closes: bool = False  # a new client connection for each request
    origins: int = 1
    access_log: bool = False
    telemetry: bool = False  # with the admin interface and traces besides, where there are some
    tls: str = ""  # what h2load speaks inside TLS: "h1" or "h2"; "": no TLS, and our own load
    streams: int = 1  # at a time on each connection of HTTP/2
    rate: int = 0  # new connections per second, each for one request; 0: all at once, and kept
    upstream: str = ""  # what nginx as the origin speaks: "h1" or "h2c"; "": our own origin
    large: bool = False  # worth running the peers' variants that are tuned for large bodies

    def quick(self):
        """The same with as few requests as still take every path."""
        connections = min(self.connections, 100)
        requests = connections if self.rate else 3 * connections
        return dataclasses.replace(self, connections=connections, requests=requests)


WORKLOADS = (
    Workload("small", "GET 100 B, 64 keep-alive connections", 0.85),
    Workload("active1000", "GET 100 B, 1000 active connections", 0.75, connections=1000,
             requests=100000),
    Workload("accesslog", "GET 100 B, with access log", 0.80, access_log=True),
    Workload("telemetry", "the same with metrics and traces", 0.90, access_log=True,
             telemetry=True),
    Workload("get16k", "GET 16 KiB", 0.75, path="/16k", expect=16 * KIB, requests=40000,
             large=True),
    Workload("get1m", "GET 1 MiB", 0.60, path="/1m", expect=KIB * KIB, requests=1500,
             large=True),
    Workload("newconn", "new client connection per request", 0.90, requests=20000, closes=True),
    Workload("post64k", "POST 64 KiB", 0.45, path="/upload", expect=3, post=64 * KIB,
             requests=12000, large=True),
    Workload("tls", "TLS 1.3, GET 100 B, 64 keep-alive connections", 0.85, tls="h1",
             requests=40000),
    Workload("handshake", "TLS 1.3, a full handshake per request", 0.85, tls="h1", rate=500,
             requests=2000, connections=2000),
    Workload("h2", "HTTP/2 over TLS to HTTP/1.1, 32 streams x 8", 0.75, tls="h2", streams=32,
             connections=8, requests=60000),
    Workload("to_h1", "GET 100 B to nginx by HTTP/1.1", upstream="h1", requests=30000),
    Workload("to_h2c", "GET 100 B to nginx by HTTP/2 without TLS", upstream="h2c",
             requests=30000),
    Workload("origins3", "three origins, least loaded", 0.85, origins=3),
)

# Measured apart, since they are counted once and not timed.
SYSCALLS = {"small": 4.3, "newconn": 8.0}  # workload: calls per request, at most
IDLE_MEMORY_MUST = 1024  # bytes per idle plain connection, at most
IDLE_CONNECTIONS = 10000
IDLE_TLS_MUST = 20 * KIB  # bytes per idle TLS connection, at most
IDLE_TLS_CONNECTIONS = 1000


def by_name(name):
    return next(workload for workload in WORKLOADS if workload.name == name)
