# SPDX-License-Identifier: Apache-2.0
"""Tables of the results, in Markdown that reads well in a terminal too, and the machine's words."""

import os
import platform
import statistics
import subprocess
import time

from .workloads import IDLE_MEMORY_MUST, IDLE_TLS_MUST, SYSCALLS, by_name

SHORT = {"haproxy": "HAProxy", "haproxy-splice": "HAProxy, splice",
         "nginx": "nginx", "nginx-unbuffered": "nginx, unbuffered", "goodgate": "Goodgate",
         "floor": "floor"}


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def spread(rows, key):
    """Half the distance between the extremes, as a share of the median."""
    values = [row[key] for row in rows]
    return (max(values) - min(values)) / 2 / statistics.median(values)


def ratio(rows, base):
    """The median of the rounds' own ratios: what slows one round slows both alike."""
    return statistics.median(row["cpu_us"] / other["cpu_us"] for row, other in zip(rows, base))


def table(header, rows):
    """A Markdown table whose columns are aligned; all but the first are to the right."""
    cells = [header, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]

    def line(row):
        first = row[0].ljust(widths[0])
        return "| " + " | ".join([first, *(c.rjust(w) for c, w in zip(row[1:], widths[1:]))]) + " |"

    rule = "| " + " | ".join(["-" * widths[0], *("-" * (w - 1) + ":" for w in widths[1:])]) + " |"
    return "\n".join([line(header), rule, *(line(row) for row in rows)])


def verdict(measured, must):
    if measured is None or must is None:
        return "-"
    return "met" if measured <= must else "MISSED"


def cpu_table(results, base, others):
    """CPU time: the base in microseconds, the others as ratios to it, and the target for ours."""
    header = ["workload", f"{SHORT[base]} µs (user+system)", "±",
              *(SHORT[name] for name in others), "Goodgate µs", "must", "verdict", "core's others"]
    rows = []
    for name, runs in results["cpu"].items():
        workload, reference = by_name(name), runs[base]
        mine = runs.get("goodgate")
        reached = ratio(mine, reference) if mine and base == "haproxy" else None
        rows.append([
            workload.title,
            f"{median(reference, 'cpu_us'):.1f} ({median(reference, 'user_us'):.1f}"
            f"+{median(reference, 'system_us'):.1f})",
            f"{100 * spread(reference, 'cpu_us'):.0f} %",
            *(f"{ratio(runs[other], reference):.2f}" if other in runs else "-" for other in others),
            f"{median(mine, 'user_us'):.1f}+{median(mine, 'system_us'):.1f}" if mine else "-",
            f"{workload.must:.2f}" if workload.must else "-",
            verdict(reached, workload.must),
            f"{100 * max(median(rows, 'others') for rows in runs.values()):.0f} %",
        ])
    return table(header, rows)


def wrk_table(results):
    header = ["workload", "gateway", "req/s", "p50 ms", "p99 ms", "p99.9 ms", "gateway's core busy"]
    rows = []
    for name, runs in results["wrk"].items():
        for gateway, measured in runs.items():
            rows.append([by_name(name).title, SHORT[gateway], f"{median(measured, 'rps'):,.0f}",
                         *(f"{median(measured, key) / 1000:.2f}"
                           for key in ("p50_us", "p99_us", "p999_us")),
                         f"{100 * median(measured, 'core'):.0f} %"])
    return table(header, rows)


def syscalls_table(results):
    header = ["system calls per request", "gateway", "calls", "must", "verdict", "counted by",
              "the most frequent (strace)"]
    rows = []
    for name, runs in results["syscalls"].items():
        for gateway, (calls, names, how) in runs.items():
            must = SYSCALLS[name] if gateway == "goodgate" else None
            rows.append([by_name(name).title, SHORT[gateway],
                         "-" if calls is None else f"{calls:.2f}",
                         "-" if must is None else f"{must:.1f}", verdict(calls, must), how,
                         ", ".join(f"{call} {count:.2f}" for call, count in names.items()
                                   if count >= 0.01) or "-"])
    return table(header, rows)


def memory_table(results):
    header = ["user memory per idle connection", "open", "after one request", "never asked",
              "must", "verdict", "with TLS", "must", "verdict"]
    rows = []
    for gateway, measured in results["memory"].items():
        must = IDLE_MEMORY_MUST if gateway == "goodgate" else None
        worst = max(measured["asked"], measured["silent"])
        rows.append([SHORT[gateway], f"{measured['connections']:,}",
                     f"{measured['asked']:.0f} B", f"{measured['silent']:.0f} B",
                     "-" if must is None else f"{must} B", verdict(worst, must),
                     f"{measured['tls'] / 1024:.1f} KiB" if "tls" in measured else "-",
                     "-" if must is None else f"{IDLE_TLS_MUST // 1024} KiB",
                     verdict(measured.get("tls"), IDLE_TLS_MUST if must else None)])
    return table(header, rows)


def machine(versions, settings):
    """What the figures were taken on."""
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.processor() or "unknown CPU")
    flags = next((line for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("flags")), "")
    virtual = "virtual" if " hypervisor" in flags else "bare"
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    lines = [
        f"- {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}, "
        f"{os.cpu_count()} cores of {model} ({virtual} machine), {pages:.0f} GiB, "
        f"Linux {platform.release()}, load average {os.getloadavg()[0]:.2f} at the end",
        f"- {settings['rounds']} rounds; gateway on core {settings['gateway_cpu']}, origin and load "
        f"on {settings['load_cpus']}, loopback, clear text",
        "- " + ", ".join(f"{SHORT[name]} {version}" for name, version in versions.items()),
    ]
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True,
                            text=True, check=False, cwd=os.path.dirname(__file__)).stdout.strip()
    if commit:
        lines.append(f"- source {commit}")
    return "\n".join(lines)


def document(results, versions, settings):
    """The whole report as one Markdown text."""
    base = settings["base"]
    others = [name for name in versions if name != base]
    parts = ["# Benchmark results", machine(versions, settings)]
    if settings["quick"]:
        parts.append("**A quick check that all answers are right: the figures mean nothing.**")
    if results["cpu"]:
        parts += [f"## CPU time per request\n\n{SHORT[base]} in µs, the others as ratios to it in "
                  "the same rounds (median; ± is half the range of its rounds). `core's others`: "
                  "time that strangers took on the gateway's core; above a few per cent the row is "
                  "noise.", cpu_table(results, base, others)]
    if results["wrk"]:
        parts += ["## Throughput and latency (wrk)\n\nWhere the gateway's core is not fully busy, "
                  "the load or the origin was the limit, and req/s says nothing about the gateway.",
                  wrk_table(results)]
    if results["syscalls"]:
        parts += ["## System calls", syscalls_table(results)]
    if results["memory"]:
        parts += ["## Memory", memory_table(results)]
    return "\n\n".join(parts) + "\n"
