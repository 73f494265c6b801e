# SPDX-License-Identifier: Apache-2.0
"""Rows of too much load, of slow clients, and of the gateway's own reloads and deaths."""
import asyncio
import time

from rig.clients import Kind
from rig.oracle import judge, percentile
from rig.row import GET, MIXED, complain, complain_of_time, no_error, no_lies, row

SLOTS, SERVICE_MS = 3, 60
CAPACITY = 3 * SLOTS * 1000 / SERVICE_MS  # requests a second of three origins
REFUSALS = (429, 503)
# Goodput at least, p99 and the median of refusals in ms at most. The fast form runs beside other tests,
# and has to tell a collapse only: 0.74, 6 s.
BOUNDS, BOUNDS_QUICK = (0.95, 250, 5), (0.85, 1000, 50)


def bears_overload(tally):
    extra = tally.extra
    goodput, p99, refusal = extra['bounds']
    return no_lies(tally) + complain(
        (tally.avoidable == 0, f'{tally.avoidable} errors that are no refusals')
    ) + complain_of_time(
        (extra['errors after'] == 0, f'{extra["errors after"]} errors later than 1 s after the load'),
        (extra['sent'] >= 0.9, f'only {extra["sent"]:.2f} of the load was sent: the machine is too busy'),
        (extra['goodput'] >= goodput, f'goodput {extra["goodput"]:.2f} of capacity'),
        (tally.p99 <= p99, f'p99 {tally.p99:.0f} ms'),
        (extra['refusal ms'] <= refusal, f'half of the refusals took {extra["refusal ms"]:.0f} ms or more'))


async def overload(rig, times):
    """`times` the capacity for some seconds, then half of it."""
    await rig.start(hints={'capacity': int(CAPACITY), 'slots': SLOTS, 'read': '2s'}, patience=10,
                    slots=SLOTS, service_ms=SERVICE_MS)
    begin = time.monotonic()
    seconds = rig.seconds(7, 6)
    await rig.traffic(seconds, times * CAPACITY, [Kind('GET', fresh=0.05)])
    end = time.monotonic()
    await rig.traffic(3, CAPACITY / 2, [Kind('GET', fresh=0.05)])
    await rig.crowd.finish()
    during = [o for o in rig.crowd.outcomes if o.began < end]
    after = [o for o in rig.crowd.outcomes if o.began > end + 1]
    # The first second is for finding the capacity out.
    done = sum(o.kind == 'ok' and begin + 1 < o.began + o.took < end for o in during)
    refused = [o.took * 1000 for o in during if o.kind == 'status' and o.status in REFUSALS]
    tally = await rig.tally(outcomes=during)
    tally.avoidable = tally.errors - len(refused)
    late = judge(after, {})
    tally.extra = {'sent': len(during) / (times * CAPACITY * seconds), 'goodput': done / (end - begin - 1) / CAPACITY,
                   'refusal ms': percentile(refused, 0.5), 'errors after': late.errors + late.late,
                   'bounds': BOUNDS_QUICK if rig.quick else BOUNDS}
    return tally


COLUMNS = ('goodput', 'refusal ms', 'errors after')
MUST = 'goodput 0.95 C, p99 250 ms, refusals in 5 ms, no error 1 s later; not told C'


@row('overload, 2 × capacity C', MUST, bears_overload, columns=COLUMNS)
async def overload_2(rig):
    return await overload(rig, 2)


@row('overload, 10 × capacity C', MUST, bears_overload, columns=COLUMNS)
async def overload_10(rig):
    return await overload(rig, 10)


def recovers(tally):
    return no_lies(tally) + complain(
        (tally.amplification <= 1.3, f'amplification {tally.amplification:.2f}')
    ) + complain_of_time(
        (tally.extra['errors after'] == 0, f'{tally.extra["errors after"]} errors later than 1 s after'))


@row('retry storm: 10 × slower for 2 s, clients repeat 3 times', 'no error 1 s later, amplification at most 1.3',
     recovers, columns=('errors after',))
async def retry_storm(rig):
    await rig.start(hints={'capacity': int(CAPACITY), 'slots': SLOTS, 'read': '2s'}, patience=1.0,
                    slots=SLOTS, service_ms=SERVICE_MS)
    traffic = rig.traffic(7, 0.7 * CAPACITY, [Kind('GET', fresh=0.05)], retries=3)
    await rig.at(1.5)
    for origin in rig.origins:
        await origin.tell(factor=10)
    await rig.at(3.5)
    for origin in rig.origins:
        await origin.tell(factor=1)
    over = time.monotonic()
    await traffic
    tally = await rig.tally(lambda outcome: False)
    late = judge([o for o in rig.crowd.outcomes if o.began > over + 1], {})
    tally.extra = {'errors after': late.errors + late.late}
    return tally


def others_feel_nothing(tally):
    before = tally.extra['before p99']
    return no_error(tally) + complain_of_time(
        (tally.p99 <= max(2 * before, before + 50), f'p99 {tally.p99:.0f} ms, {before:.0f} ms before'))


@row('200 slow clients', '0/0/0, p99 unaffected', others_feel_nothing, columns=('before p99',))
async def slow_clients(rig):
    await rig.start()
    await rig.traffic(rig.seconds(2), kinds=GET)
    await rig.crowd.finish()
    before = judge(rig.crowd.outcomes, {})
    rig.crowd.outcomes.clear()
    heads, bodies = Kind('GET', fresh=1), Kind('POST', upload=60, fresh=1)
    rig.crowd.patience = 20
    slow = [asyncio.create_task(rig.crowd.ask_once(kind, pause))
            for kind, pause in [(heads, rig.seconds(0.2))] * 100 + [(bodies, rig.seconds(0.1))] * 100]
    await asyncio.sleep(0.3)
    await rig.traffic(rig.seconds(3), kinds=GET)
    await asyncio.gather(*slow)
    tally = await rig.tally()
    are_slow = {id(task.result()) for task in slow}
    quick = judge([o for o in rig.crowd.outcomes if id(o) not in are_slow], {})
    tally.p50, tally.p99, tally.late = quick.p50, quick.p99, quick.late
    tally.extra = {'before p99': before.p99}
    return tally


@row('reload five times', '0/0/0', no_error)
async def reload(rig):
    await rig.start()
    traffic = rig.traffic(rig.seconds(6, 5), kinds=MIXED)
    for turn in range(5):
        await rig.at(0.5 + turn * rig.seconds(1, 0.8))
        await rig.gateway.reload()
    await traffic
    return await rig.tally()


def is_always_there(tally):
    extra = tally.extra
    return no_lies(tally) + complain(
        (extra['refused'] == 0, f'{extra["refused"]} refused'),
        (tally.errors == extra['in flight'], f'{tally.errors} errors, but {extra["in flight"]} in flight')
    ) + complain_of_time((extra['back ms'] <= 50, f'back after {extra["back ms"]:.0f} ms'))


@row('worker killed', 'in flight only, no refusal, back in 50 ms', is_always_there,
     columns=('in flight', 'refused', 'back ms'))
async def worker_killed(rig):
    await rig.start()
    traffic = rig.traffic(rig.seconds(6, 3.5), kinds=GET)
    kills, back = [], []
    for turn in range(1 if rig.quick else 3):
        await rig.at(1.5 + turn * 1.5)
        killed = time.monotonic()
        rig.gateway.kill_worker()
        kills.append(killed)
        await asyncio.sleep(1)
        ends = [o.began + o.took - killed for o in rig.crowd.outcomes
                if o.kind == 'ok' and o.began > killed]
        back.append(min(ends, default=1) * 1000)
    await traffic

    def was_in_flight(o):
        # On a connection that was open by then; each can break only once.
        return any(o.connected < killed <= o.began + o.took < killed + 1 for killed in kills)

    tally = await rig.tally(lambda o: not was_in_flight(o))
    tally.extra = {'in flight': sum(map(was_in_flight, tally.failures)), 'back ms': percentile(back, 0.5),
                   'refused': sum(o.kind == 'refused' for o in rig.crowd.outcomes)}
    return tally
