# SPDX-License-Identifier: Apache-2.0
"""Runs rows against gateways, and prints or writes the table. Used by `run` and by the tests."""
import argparse
import asyncio
import dataclasses
import gc
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from rig import report, rows_answers, rows_endpoints, rows_load  # noqa: F401, they fill ROWS
from rig.gateways import COMPARED, GATEWAYS
from rig.oracle import Tally
from rig.row import ROWS, TIMED, Rig

HERE = pathlib.Path(__file__).resolve().parents[1]
ROOT = HERE.parents[1]
SHOWN_FAILURES = 3
BUSY_PER_CORE = 3  # runnable processes; the suite alone makes one or two


def say(text):
    print(text, file=sys.stderr, flush=True)


async def play(row, gateway, quick, network):
    """A Result: the row's figures against one gateway, as a dict that JSON can hold."""
    async with Rig(gateway, quick, network) as rig:
        tally = await row.play(rig)
        await asyncio.sleep(0.3)  # the last lines of the access log
        first = [failure.number for failure in tally.failures[:SHOWN_FAILURES]]
        result = {name: value for name, value in dataclasses.asdict(tally).items() if name != 'failures'}
        result.update(amplification=tally.amplification, misses=row.misses(tally),
                      failures=[repr(failure) for failure in tally.failures[:SHOWN_FAILURES]],
                      kinds=report.kinds_of(tally.failures), evidence=rig.gateway.evidence(first))
        return result


def come_first():
    """Ahead of what else the machine does, where we may: the load has to be sent as planned."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    except PermissionError:
        pass


def play_here(name, gateway, quick, network=None):
    come_first()
    gc.collect()
    return asyncio.run(play(ROWS[name], gateway, quick, network))


def play_inside(name, gateway, quick):
    """In the namespaces that `unshare` has just given this process."""
    from rig.network import Network
    with tempfile.TemporaryDirectory() as folder:
        network = Network(folder)
        try:
            return play_here(name, gateway, quick, network)
        finally:
            network.end()


def can_have_namespaces():
    return os.geteuid() == 0 and shutil.which('ip') is not None and \
        subprocess.run(['unshare', '--net', '--mount', 'true'], check=False, capture_output=True).returncode == 0


def run_row(name, gateway, quick=False):
    """A Result, or None when the row needs root and we are not."""
    if not ROWS[name].needs_root:
        return play_here(name, gateway, quick)
    if not can_have_namespaces():
        return None
    words = ['unshare', '--net', '--mount', str(HERE / 'run'), '--inside', '--rows', name,
             '--gateways', gateway] + (['--quick'] if quick else [])
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    return json.loads(done.stdout)


def misses_of(name, turns=3):
    """What Goodgate misses of a row's fast form, with evidence; empty if all is as it must be.

    Errors count at once. What is missed in time only may be the machine's doing: then the row is
    played again and the best turn counts; and if the machine had far more to do than it has cores for,
    no time is judged at all.
    """
    for _ in range(turns):
        result = run_row(name, 'goodgate', quick=True)
        print(report.line_of(ROWS[name], 'goodgate', result))
        if not all(miss.startswith(TIMED) for miss in result['misses']):
            return result['misses'] + result['failures'] + result['evidence'][:SHOWN_FAILURES]
        if not result['misses']:
            return []
        if os.getloadavg()[0] > BUSY_PER_CORE * os.cpu_count():
            print(f'    load average {os.getloadavg()[0]:.0f}: no time is judged')
            return []
    return result['misses']


def errors_without_help(name):
    """How many errors clients see in a row's fast form behind a gateway that saves nothing."""
    result = run_row(name, 'blunt', quick=True)
    print(report.line_of(ROWS[name], 'blunt', result))
    return result['errors']


def broken(text):
    """The Result of a row that could not be played to its end."""
    empty = dataclasses.asdict(Tally())
    first = text.splitlines()[0] if text else 'no reason given'
    return {**empty, 'amplification': 0.0, 'misses': [f'broke off: {first[:200]}'], 'kinds': '',
            'failures': [], 'evidence': []}


def names_of(known):
    def check(text):
        chosen = [name for name in text.split(',') if name]
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f'{name}: not one of {", ".join(known)}')
        return chosen
    return check


def parse(argv, description):
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rows', type=names_of(list(ROWS)), default=list(ROWS),
                        help=f'of {", ".join(ROWS)}')
    parser.add_argument('--gateways', type=names_of(list(GATEWAYS)), default=COMPARED,
                        help=f'of {", ".join(GATEWAYS)}')
    parser.add_argument('--quick', action='store_true', help='the fast form of every row')
    parser.add_argument('--write', nargs='?', const=ROOT / 'docs/faults.md', type=pathlib.Path,
                        help='put the table into docs/faults.md or another file')
    parser.add_argument('--json', action='store_true', help='print every figure as JSON instead')
    parser.add_argument('--goodgate', default=ROOT / 'build/release/goodgate', help='the program')
    parser.add_argument('--inside', action='store_true', help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def run_all(options):
    """Row name to gateway name to Result; the gateways take turns within each row."""
    results = {}
    for name in options.rows:
        results[name] = {}
        for gateway in options.gateways:
            try:
                result = run_row(name, gateway, options.quick)
            except (AssertionError, subprocess.SubprocessError) as error:
                result = broken(str(error))
            results[name][gateway] = result
            say(report.line_of(ROWS[name], gateway, result))
            if gateway == 'goodgate' and result and result['misses']:
                for text in result['failures'] + result['evidence'][:SHOWN_FAILURES]:
                    say(f'    {text[:1500]}')
    return results


def main(argv, description):
    options = parse(argv, description)
    os.environ.setdefault('GOODGATE', str(options.goodgate))
    if options.inside:
        print(json.dumps(play_inside(options.rows[0], options.gateways[0], options.quick)))
        return 0
    results = run_all(options)
    if options.json:
        print(json.dumps(results, indent=1))
    else:
        print(report.table(ROWS, results, options.gateways))
    if options.write:
        versions = [GATEWAYS[gateway].version() for gateway in options.gateways]
        report.write(options.write, report.circumstances(versions) + '\n\n' +
                     report.table(ROWS, results, options.gateways))
    missed = [name for name, found in results.items()
              if found.get('goodgate') and found['goodgate']['misses']]
    return 1 if missed else 0
