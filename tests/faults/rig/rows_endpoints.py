# SPDX-License-Identifier: Apache-2.0
"""Rows in which an endpoint dies, hangs, vanishes, slows down or comes back."""
import asyncio
import time

from rig.clients import Kind
from rig.names import TTL_SECONDS, serve_names
from rig.oracle import judge, percentile
from rig.real_origins import REAL, SIZE
from rig.row import (GET, MIXED, Rig, complain, complain_of_time, no_error, no_lies,
                     none_avoidable, row)

TENTH_POST = [Kind('GET', weight=0.9), Kind('POST', upload=2000, weight=0.1)]


@row('nothing is wrong', '0/0/0', no_error)
async def healthy(rig):
    await rig.start()
    await rig.traffic(rig.seconds(4), kinds=MIXED)
    return await rig.tally()


@row('crashes and returns', '0/0/0', no_error)
async def crash(rig):
    await rig.start()
    traffic = rig.traffic(rig.seconds(6.5))
    await rig.at(rig.seconds(1.5))
    rig.kill(rig.origins[0])
    await rig.at(rig.seconds(4))
    await rig.origins[0].start()
    await traffic
    return await rig.tally()


@row('hangs (stopped) for seconds', '0/0/0 for idempotent requests', no_error)
async def hang(rig):
    await rig.start()
    traffic = rig.traffic(rig.seconds(6.5, 4))
    await rig.at(rig.seconds(1.5))
    rig.origins[0].freeze()
    await rig.at(rig.seconds(4.5, 3))
    rig.origins[0].thaw()
    await traffic
    return await rig.tally()


async def cut_off(rig, cut, mend):
    await rig.start()
    traffic = rig.traffic(rig.seconds(6.5, 4))
    await rig.at(rig.seconds(1.5))
    await cut(rig.origins[0])
    await rig.at(rig.seconds(4.5, 3))
    await mend(rig.origins[0])
    await traffic
    return await rig.tally()


@row('address black-holed, new and old connections', '0/0/0', no_error, needs_root=True)
async def black_hole(rig):
    return await cut_off(rig, lambda origin: rig.network.route('blackhole', origin.address),
                         lambda origin: rig.network.restore(origin.address))


@row('rejected by ICMP', '0/0/0', no_error, needs_root=True)
async def reject_icmp(rig):
    return await cut_off(rig, lambda origin: rig.network.route('prohibit', origin.address),
                         lambda origin: rig.network.restore(origin.address))


@row('rejected by RST, old connections too', '0/0/0', no_error)
async def reject_rst(rig):
    async def cut(origin):
        await origin.tell(do='refuse')
        await origin.tell(do='reset_all')
    return await cut_off(rig, cut, lambda origin: origin.tell(do='accept'))


def few_are_slow(tally):
    slow, ratio = tally.extra['slow %'], tally.p99 / max(tally.extra['healthy p99'], 1)
    return no_error(tally) + complain_of_time(
        (slow < 1, f'{slow:.1f} % slow'),
        (ratio <= 2 or tally.p99 - tally.extra['healthy p99'] <= 50, f'p99 is {ratio:.1f} × the healthy one'))


@row('50 × slower ("grey")', 'under 1 % slow, p99 at most 2 × healthy', few_are_slow,
     columns=('slow %', 'healthy p99'))
async def grey(rig):
    await rig.start(hints={'read': '100ms'})
    await rig.traffic(rig.seconds(2), kinds=GET)
    await rig.crowd.finish()
    before = judge(rig.crowd.outcomes, {})
    rig.crowd.outcomes.clear()
    await rig.origins[0].tell(factor=50)
    await rig.traffic(rig.seconds(5, 4), kinds=GET)
    tally = await rig.tally()
    times = [o.took * 1000 for o in rig.crowd.outcomes if o.kind == 'ok']
    # Slow is what has felt the endpoint: half of its 200 ms, and any error.
    slow = sum(took > 100 for took in times) + tally.errors
    tally.extra = {'slow %': 100 * slow / tally.requests, 'healthy p99': before.p99}
    # The first second is for finding out; p99 is of what comes after it.
    after = rig.crowd.outcomes[0].began + 1
    tally.p99 = percentile([o.took * 1000 for o in rig.crowd.outcomes
                            if o.kind == 'ok' and o.began > after], 0.99)
    return tally


def back_at_once(tally):
    first, amplification = tally.extra['first success ms'], tally.amplification
    return no_lies(tally) + complain(
        (tally.avoidable == 0, f'{tally.avoidable} avoidable errors'),
        (amplification <= 1.2, f'amplification {amplification:.2f}')) + complain_of_time(
        (first < 100, f'first success {first:.0f} ms after the return'))


@row('all killed, then back', 'first success under 100 ms after, amplification at most 1.2',
     back_at_once, columns=('first success ms',))
async def all_down(rig):
    await rig.start(hints={'fails': 0})
    traffic = rig.traffic(kinds=GET)
    await rig.at(rig.seconds(1.5))
    for origin in rig.origins:
        origin.kill()
    killed = rig.crowd.outcomes[-1].began
    await rig.at(rig.seconds(3.5, 2.5))
    await asyncio.gather(*(origin.start() for origin in rig.origins))
    await asyncio.sleep(1.5)
    traffic.cancel()
    await rig.crowd.finish()
    back = min(origin.times_listening()[-1] for origin in rig.origins)
    successes = [o.began + o.took - back for o in rig.crowd.outcomes
                 if o.kind == 'ok' and o.began + o.took > back]
    # Between the kill and 100 ms after the return, no endpoint was there to save a request.
    tally = await rig.tally(lambda o: o.began + o.took < killed or o.began > back + 0.1)
    tally.extra = {'first success ms': min(successes) * 1000 if successes else float('inf')}
    return tally


async def roll(rig, restart):
    """Every origin restarts, one after another, twice over in the whole suite."""
    await rig.start()
    rounds = 1 if rig.quick else 2
    traffic = rig.traffic(kinds=TENTH_POST)
    for turn in range(rounds * 3):
        await asyncio.sleep(0.7)
        await restart(rig, rig.origins[turn % 3])
    await asyncio.sleep(0.7)
    traffic.cancel()
    return await rig.tally()


async def restart_hard(rig, origin):
    rig.kill(origin)
    await asyncio.sleep(0.3)
    await origin.start()


@row('rolling restart, ungraceful, 10 % POST', '0 avoidable, 0 late', none_avoidable)
async def rolling_kill(rig):
    return await roll(rig, restart_hard)


@row('rolling restart, graceful, 10 % POST', '0 avoidable, 0 late', none_avoidable)
async def rolling_graceful(rig):
    return await roll(rig, Rig.restart_softly)


@row('real servers (nginx, Node, Python) close idle connections and restart', '0 avoidable, 0 late',
     none_avoidable)
async def real_servers(rig):
    kinds = [Kind('GET', size=SIZE), Kind('POST', size=SIZE, upload=100)]
    await rig.start(kinds=REAL, first=kinds[:1])
    for _ in range(rig.count(3)):
        await asyncio.sleep(1 + rig.crowd.random.uniform(-0.01, 0.01))
        await asyncio.gather(*(rig.crowd.ask(kinds[i % 2]) for i in range(20)))
    traffic = rig.traffic(rate=150, kinds=kinds)
    for origin in rig.origins:
        await asyncio.sleep(0.8)
        await rig.restart_softly(origin)
    await asyncio.sleep(0.8)
    traffic.cancel()
    return await rig.tally()


def follows_the_name(tally):
    return no_error(tally) + complain_of_time(
        (tally.extra['followed ms'] <= 1000 * TTL_SECONDS + 500,
         f'followed the name after {tally.extra["followed ms"]:.0f} ms'))


@row('endpoint\'s name changes address', '0/0/0, at once on failure, within the TTL (1 s) else',
     follows_the_name, needs_root=True, columns=('followed ms',))
async def name_changes(rig):
    """First to another address while the old one still works, then to a third as the second dies,
    which by then was promised to stay for a minute."""
    hosts = rig.network.hosts
    names = await serve_names(hosts[0], rig.folder)
    await rig.start(hints={'name': 'app.test', 'name_server': ('127.0.0.1', 53)})
    traffic = rig.traffic(5, 150, GET)
    await rig.at(1)
    names.address, changed = hosts[1], time.monotonic()
    await rig.at(2.2)
    names.ttl = 60
    await rig.at(3.5)
    names.address = hosts[2]
    rig.kill(rig.origins[1])
    await traffic
    tally = await rig.tally()
    second = [float(line.split()[1]) for line in rig.origins[1].lines() if line.startswith('D')]
    tally.extra = {'followed ms': (min(second) - changed) * 1000 if second else float('inf')}
    return tally


@row('upload whose endpoint dies midway, PUT', '0/0/0', no_error)
async def upload_put(rig):
    return await upload(rig, 'PUT')


@row('upload whose endpoint dies midway, POST', 'none twice', no_lies)
async def upload_post(rig):
    return await upload(rig, 'POST')


async def upload(rig, method):
    await rig.start(hints={'read': '2s'})
    await rig.origins[0].tell(mode='die_in_upload')
    kind = Kind(method, upload=768 * 1024, fresh=0.3)
    for _ in range(rig.count(36) // 3):
        await asyncio.gather(*(rig.crowd.ask(kind) for _ in range(3)))
    return await rig.tally()
