#!/usr/bin/env python3
"""Many requests in ten rounds through three origins, one of which is killed in each round and comes
back: clients must not notice. Every answer's status, length and bytes are checked.

    lost_origin_test.py                        100,000 requests, as `make test` runs it
    lost_origin_test.py --requests 1000000     the promised million
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'wire'))
from support.gateway import Gateway
from support.processes import Program, free_port, wait_until

BENCH = pathlib.Path(os.environ['GOODGATE_BUILD']) / 'bench'
KILLS = 10
DOWN_SECONDS = 0.3


class Loads:
    """Two crowds: one keeps its connections, one makes a new one for every request."""

    def __init__(self, port, requests):
        few = requests // 20
        common = ['--port', port, '--path', '/100', '--expect', 100, '--verify', '--seconds', 1500]
        plans = [['--requests', requests - few, '--connections', 32],
                 ['--requests', few, '--connections', 4, '--close']]
        self.running = [subprocess.Popen([str(word) for word in (BENCH / 'bench_load', *common, *plan)],
                                         stdout=subprocess.PIPE, text=True) for plan in plans]

    def results(self):
        return [json.loads(load.communicate(timeout=1500)[0]) for load in self.running]


def start_origin(port, folder):
    origin = Program([BENCH / 'bench_origin', port], folder)
    wait_until(lambda: 'ready' in origin.output(), 'the origin is ready')
    return origin


def kill_one_of(origins, ports, gateway, folder):
    """Kills the first origin once the present load has reached the gateway, and brings it back."""
    before = gateway.status()['requests']['total']
    wait_until(lambda: gateway.status()['requests']['total'] > before, 'the load has begun',
               seconds=60)
    origins[0].kill()
    time.sleep(DOWN_SECONDS)
    origins[0] = start_origin(ports[0], folder)


def run(requests, folder):
    ports = [free_port() for _ in range(3)]
    origins = [start_origin(port, tempfile.mkdtemp(dir=folder)) for port in ports]
    gateway = Gateway(ports, log={'access': 'off'})
    began = time.monotonic()
    results = []
    for _ in range(KILLS):
        loads = Loads(gateway.port, requests // KILLS)
        kill_one_of(origins, ports, gateway, tempfile.mkdtemp(dir=folder))
        results += loads.results()
    seconds = time.monotonic() - began
    status = gateway.status()
    deaths = gateway.errors().count('worker process')
    gateway.stop()
    for origin in origins:
        origin.stop()
    made = sum(result['requests'] for result in results)
    errors = sum(result['errors'] for result in results)
    print(f'{made} requests in {seconds:.1f} s, one of three origins killed {KILLS} times: '
          f'{errors} errors seen by clients, {status["requests"]["rescued"]} requests rescued, '
          f'slowest 0.1 % above {max(r["p999_us"] for r in results) / 1000:.1f} ms')
    for result in results:
        if result['errors']:
            print(f'first error: {result["first_error"]}')
    assert errors == 0 and made == requests, results
    assert status['requests']['total'] == requests, status['requests']
    assert status['requests']['errors'] == 0, status['requests']
    assert status['requests']['rescued'] > 0, 'no kill came while requests were under way'
    assert deaths == 0, 'the gateway itself was to stay up'


def main():
    parser = argparse.ArgumentParser(description='Requests through three origins, one often killed.')
    parser.add_argument('--requests', type=int, default=100_000)
    with tempfile.TemporaryDirectory() as folder:
        run(parser.parse_args().requests, folder)


if __name__ == '__main__':
    main()
