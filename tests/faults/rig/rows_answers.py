# SPDX-License-Identifier: Apache-2.0
"""Rows in which an endpoint answers wrongly, partly, slowly or not at all, and those of keep-alive."""
import asyncio

from rig.clients import Kind
from rig.row import GET, MIXED, POST, complain, no_error, no_lies, none_avoidable, row

SMALL = [Kind('GET', size=2000)]


async def one_of_three(rig, kinds=SMALL, seconds=3, rate=245, **behaviour):
    """Traffic while the first origin behaves so."""
    await rig.start()
    await rig.origins[0].tell(**behaviour)
    await rig.traffic(rig.seconds(seconds), rate, kinds)
    return await rig.tally()


@row('reset before the head', '0/0/0', no_error)
async def reset_before_head(rig):
    return await one_of_three(rig, mode='reset_before_head')


@row('closed before the head', '0/0/0', no_error)
async def close_before_head(rig):
    return await one_of_three(rig, mode='close_before_head')


@row('reset before the head, POST', 'none twice, 0 avoidable', none_avoidable)
async def reset_before_head_post(rig):
    return await one_of_three(rig, kinds=POST, mode='reset_before_head')


@row('reset within the head', '0/0/0', no_error)
async def reset_within_head(rig):
    return await one_of_three(rig, mode='reset_within_head', stage_ms=5)


@row('reset after the head', '0/0/0', no_error)
async def reset_after_head(rig):
    return await one_of_three(rig, mode='reset_after_head', stage_ms=5)


@row('reset in mid-body', '0/0/0', no_error)
async def reset_mid_body(rig):
    return await one_of_three(rig, mode='reset_mid_body', stage_ms=5)


@row('garbage instead of a response', '0/0/0', no_error)
async def garbage(rig):
    return await one_of_three(rig, mode='garbage')


@row('malformed heads of 40 kinds', '0/0/0, none passed on', no_error)
async def malformed(rig):
    return await one_of_three(rig, mode='malformed', seconds=4.5)


@row('truncated bodies taken for whole', '0/0/0, none passed on', no_error)
async def truncated(rig):
    return await one_of_three(rig, mode='truncate')


@row('answers 503 always', '0/0/0', no_error)
async def status_always(rig):
    return await one_of_three(rig, mode='status')


@row('answers 503 to 30 %', '0/0/0', no_error)
async def status_often(rig):
    return await one_of_three(rig, mode='status', share=0.3)


@row('dribbled response head', '0/0/0', no_error)
async def dribble(rig):
    return await one_of_three(rig, mode='dribble', rate=100)


MEDLEY = [{'mode': mode} for mode in (
    'reset_before_head', 'close_before_head', 'reset_within_head', 'reset_after_head', 'reset_mid_body',
    'truncate', 'garbage', 'malformed', 'status', 'close_on_next', 'reset_on_next', 'hang')] + [
        {'factor': 50}, {'do': 'refuse'}, {'do': 'reset_all'}, {'idle_ms': 3}]


@row('a medley: another fault at another endpoint every 0.4 s, 10 % POST', '0 avoidable, 0 late',
     none_avoidable)
async def medley(rig):
    await rig.start()
    traffic = rig.traffic(rig.seconds(10, 6), kinds=MIXED)
    faults = MEDLEY * 3
    rig.crowd.random.shuffle(faults)
    place = 0
    while not traffic.done():
        place = (place + rig.crowd.random.choice([1, 2])) % 3
        await rig.origins[place].tell(**faults.pop())
        await asyncio.sleep(0.4)
        await rig.origins[place].tell(do='mend')
    return await rig.tally()


def amplification_is_bounded(tally):
    explained = tally.extra.get('unrescued by budget', tally.errors) + tally.extra.get('three failed', 0)
    return no_lies(tally) + complain(
        (tally.amplification <= 1.3, f'amplification {tally.amplification:.2f}'),
        (tally.errors <= 0.45 * tally.requests, f'{tally.errors} errors, more than the budget explains'),
        (tally.errors <= explained, f'{tally.errors - explained} errors without an excuse'))


@row('half of all requests fail at random', 'amplification at most 1.3; errors at most 45 %, each for lack of budget or after three failures',
     amplification_is_bounded, columns=('unrescued by budget', 'three failed'))
async def half_fail(rig):
    await rig.start(hints={'fails': 0})
    for origin, mode in zip(rig.origins, ('status', 'reset_before_head', 'close_before_head')):
        await origin.tell(mode=mode, share=0.5)
    await rig.traffic(rig.seconds(6, 5), 600 if rig.quick else 450, GET)
    # None of the three is healthy, so no error counts as avoidable; each needs an excuse instead.
    tally = await rig.tally(lambda outcome: False)
    await asyncio.sleep(0.3)
    if rig.gateway_name == 'goodgate':
        tally.extra = {'unrescued by budget': rig.gateway.unrescued('no_budget_left'),
                       'three failed': rig.gateway.unrescued('no_attempts_left')}
    return tally


# --- keep-alive -----------------------------------------------------------------------------------

async def race(rig, kinds):
    """Bursts that come about when the origins give up their idle connections."""
    idle = 0.06
    await rig.start(hints={'keep': '', 'fails': 0}, idle_ms=idle * 1000)
    for _ in range(rig.count(75)):
        await asyncio.gather(*(rig.crowd.ask(kinds[0]) for _ in range(6)))
        await asyncio.sleep(idle + rig.crowd.random.uniform(-0.006, 0.004))
    return await rig.tally()


@row('keep-alive race, GET', '0/0/0', no_error)
async def race_get(rig):
    return await race(rig, GET)


@row('keep-alive race, POST', '0/0/0, none twice', no_error)
async def race_post(rig):
    return await race(rig, POST)


async def next_request(rig, kinds, origins=3, mode='close_on_next'):
    """Origins close, then reset, whenever a second request arrives on a connection."""
    await rig.start(hints={'keep': ''}, mode=mode)
    for mode in ('close_on_next', 'reset_on_next'):
        for origin in rig.origins[:origins]:
            await origin.tell(mode=mode)
        await rig.traffic(rig.seconds(2), 150, kinds)
        await rig.crowd.finish()
    return await rig.tally()


@row('closes as the next request arrives, GET', '0/0/0', no_error)
async def close_on_next_get(rig):
    return await next_request(rig, GET)


@row('closes as the next request arrives, POST', '0/0/0, none twice', no_error)
async def close_on_next_post(rig):
    return await next_request(rig, POST)


@row('begins to close as the next request arrives, POST', '0/0/0, none twice', no_error)
async def close_suddenly_post(rig):
    """One origin that has kept its connections until now."""
    return await next_request(rig, POST, 1, 'ok')


@row('announces keep-alive timeouts, POST', '0/0/0, none twice', no_error)
async def announced(rig):
    """One second announced and kept to; bursts come just when it is over."""
    await rig.start(hints={'keep': ''}, idle_ms=1000, announce='timeout=1')
    for _ in range(rig.count(6)):
        await asyncio.gather(*(rig.crowd.ask(POST[0]) for _ in range(30)))
        await asyncio.sleep(1 + rig.crowd.random.uniform(-0.015, 0.005))
    return await rig.tally()
