# SPDX-License-Identifier: Apache-2.0
"""A row of the table: a situation, what it does to the origins of a gateway, and what must come out."""
import asyncio
import dataclasses
import pathlib
import shutil
import tempfile
import time

from rig.clients import Crowd, Kind
from rig.gateways import GATEWAYS, Settings
from rig.oracle import judge
from rig.origins import Origin, deliveries_of, steady_port

GET = [Kind('GET')]
SAFE = [Kind('GET', weight=0.8), Kind('GET', size=20_000, weight=0.1),
        Kind('PUT', upload=2000, weight=0.1)]
MIXED = [Kind('GET', weight=0.8), Kind('PUT', upload=2000, weight=0.1),
         Kind('POST', upload=2000, weight=0.1)]
POST = [Kind('POST', upload=500)]


@dataclasses.dataclass
class Row:
    name: str
    title: str
    must: str             # in words, for the table
    play: object          # async function of a Rig that gives a Tally
    misses: object        # function of a Tally that gives what was not reached, as sentences
    needs_root: bool = False
    columns: tuple = ()   # names of Tally.extra shown in the table


ROWS = {}


def row(title, must, misses, needs_root=False, columns=()):
    """Makes a coroutine function one row; its name is the row's."""
    def add(play):
        name = play.__name__
        ROWS[name] = Row(name, title, must, play, misses, needs_root, columns)
        return play
    return add


class Rig:
    """Three origins, one gateway, one crowd, for one row; all gone after the `async with`."""

    def __init__(self, gateway, quick, network=None):
        self.gateway_name, self.quick, self.network = gateway, quick, network
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='goodgate-faults-'))
        self.folder.chmod(0o755)
        self.origins, self.gateway, self.crowd = [], None, None
        self.began = 0.0
        self.ends = []  # (from, to) of each end of an origin's process

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        if self.crowd:
            self.crowd.leave()
        if self.gateway:
            await asyncio.to_thread(self.gateway.end)
        for origin in self.origins:
            origin.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def seconds(self, full, quick=None):
        """How long something lasts in the whole suite, and in the fast form of a row."""
        return (quick or full / 2.5) if self.quick else full

    def count(self, full):
        return full // 3 if self.quick else full

    async def start(self, hints=None, kinds=(Origin,) * 3, patience=5.0, first=GET, **behaviour):
        """Origins that behave so, then the gateway, then a little traffic so that it knows them."""
        hosts = self.network.hosts if self.network else ['127.0.1.1', '127.0.1.2', '127.0.1.3']
        port = steady_port(hosts)
        prefix = self.network.prefix if self.network else ()
        self.origins = [kind(name, host, port, self.folder, prefix, **behaviour)
                        for kind, name, host in zip(kinds, 'ABC', hosts)]
        await asyncio.gather(*(origin.start() for origin in self.origins))
        folder = self.folder / 'gateway'
        folder.mkdir()
        settings = Settings([(host, port) for host in hosts], **(hints or {}))
        self.gateway = GATEWAYS[self.gateway_name](folder, settings)
        await self.gateway.start()
        self.crowd = Crowd('127.0.0.1', self.gateway.port, patience)
        if settings.name:
            await asyncio.sleep(0.5)  # for the first lookup
        await self.crowd.send(1.0 if not self.quick else 0.5, 100, first)
        await self.crowd.finish()
        assert all(o.kind == 'ok' for o in self.crowd.outcomes), \
            f'{self.gateway_name} does not work even when nothing is wrong: ' \
            f'{[o for o in self.crowd.outcomes if o.kind != "ok"][:3]}\n{self.gateway.said()[-2000:]}'
        self.crowd.outcomes.clear()
        self.began = time.monotonic()

    async def at(self, seconds):
        """Waits until so long after the start of the row."""
        await asyncio.sleep(self.began + seconds - time.monotonic())

    def traffic(self, seconds=None, rate=250, kinds=SAFE, retries=0):
        """Starts steady traffic; await the result for its end, or cancel it if it has none."""
        return asyncio.create_task(self.crowd.send(seconds or 600, rate, kinds, retries))

    def kill(self, origin):
        began = time.monotonic()
        origin.kill()
        self.ends.append((began, time.monotonic()))

    async def restart_softly(self, origin):
        began = time.monotonic()
        await origin.leave()
        self.ends.append((began, time.monotonic()))
        await origin.start()

    def might_have_run(self, outcome):
        """Was it under way as an origin ended? What lay in the dying process's sockets cannot be proven
        to have been left undone, so it is no fault not to send an unsafe request again."""
        return any(outcome.began < gone + 0.02 and outcome.began + outcome.took > told
                   for told, gone in self.ends)

    async def tally(self, healthy=lambda outcome: True, outcomes=None):
        await self.crowd.finish()
        chosen = self.crowd.outcomes if outcomes is None else outcomes
        return judge(chosen, deliveries_of(self.origins), lambda outcome: healthy(outcome) and
                     (outcome.is_idempotent or not self.might_have_run(outcome)))


# --- what must be, in the words of the table ------------------------------------------------------

TIMED = '~ '  # begins a sentence about time, which a busy machine may have spoilt


def complain(*pairs):
    """Sentences of those pairs (what was reached, sentence) that were not reached."""
    return [sentence for reached, sentence in pairs if not reached]


def complain_of_time(*pairs):
    return [TIMED + sentence for sentence in complain(*pairs)]


def no_lies(tally):
    return complain((tally.duplicates == 0, f'{tally.duplicates} unsafe requests ran twice'),
                    (tally.lies == 0, f'{tally.lies} wrong answers passed as whole'))


def no_error(tally):
    """0/0/0: no error at all, and none late."""
    return no_lies(tally) + complain((tally.errors == 0, f'{tally.errors} errors')) + none_late(tally)


def none_avoidable(tally):
    """0 avoidable, 0 late."""
    return no_lies(tally) + none_late(tally) + complain(
        (tally.avoidable == 0, f'{tally.avoidable} avoidable errors'))


def none_late(tally):
    return complain_of_time((tally.late == 0, f'{tally.late} answers later than 1 s'))
