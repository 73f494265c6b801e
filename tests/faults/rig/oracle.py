# SPDX-License-Identifier: Apache-2.0
"""Judges a row from the whole truth: what each client saw, and what each application was given.

*Avoidable* is promise 1 of docs/product.md: a healthy endpoint existed (the row says when), the request
was safe to send there (idempotent, or no application was ever given it), and no byte of a response
had been passed on. Budget and deadline are not looked at, so the figure is never too small.
"""
import dataclasses

LATE_SECONDS = 1.0
LIES = ('wrong', 'malformed')


@dataclasses.dataclass
class Tally:
    """What a row came to. Times in milliseconds, 0.0 where there was nothing to time."""

    requests: int = 0
    avoidable: int = 0
    errors: int = 0
    late: int = 0
    duplicates: int = 0
    lies: int = 0
    deliveries: int = 0
    p50: float = 0.0
    p99: float = 0.0
    failures: list = dataclasses.field(default_factory=list)   # outcomes that were no success, avoidable ones first
    extra: dict = dataclasses.field(default_factory=dict)      # figures of this row alone

    @property
    def amplification(self):
        return self.deliveries / self.requests if self.requests else 0.0

    @property
    def errors_text(self):
        return f'{self.avoidable}/{self.errors}/{self.late}'


def percentile(values, share):
    """The smallest value that at least `share` of all do not exceed; 0.0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def is_avoidable(outcome, times_delivered, healthy_existed):
    if outcome.kind == 'ok' or not healthy_existed:
        return False
    is_safe = outcome.is_idempotent or times_delivered == 0
    return is_safe and outcome.kind != 'cut'


def judge(outcomes, deliveries, healthy=lambda outcome: True):
    """The Tally of outcomes. deliveries: request number to how often an application was given it."""
    tally = Tally(requests=len(outcomes))
    took = []
    for outcome in outcomes:
        times = deliveries.get(outcome.number, 0)
        tally.deliveries += times
        if times > 1 and not outcome.is_idempotent:
            tally.duplicates += 1
        if outcome.kind == 'ok':
            took.append(outcome.took * 1000)
            tally.late += outcome.took > LATE_SECONDS
            continue
        tally.errors += 1
        tally.lies += outcome.kind in LIES
        if is_avoidable(outcome, times, healthy(outcome)):
            tally.avoidable += 1
            tally.failures.insert(0, outcome)
        else:
            tally.failures.append(outcome)
    tally.p50, tally.p99 = percentile(took, 0.5), percentile(took, 0.99)
    return tally
