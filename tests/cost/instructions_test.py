#!/usr/bin/env python3
"""Instructions per request, counted by callgrind: the one figure of speed that no machine sways.

Two runs of the program that differ only in how many requests they serve; their difference is the
requests' own. One connection at a time, so that every request costs its full share of turns.
"""
import dataclasses
import re
import signal
import subprocess
import unittest

from rig import OVER_BUDGET, TheProgram, by_name, running

# Instructions per request in user space as measured; a tenth more is allowed. A change that makes a
# request cheaper lowers its figure here, so that what was gained is kept.
MEASURED = {
    'small': 15_730,
    'accesslog': 19_750,
    'newconn': 20_010,
    'post64k': 17_390,
}
MARGIN = 1.10
# What keeps the stories of requests: on the worker, and once in a while on the control thread. It may cost a hundredth
# of a keep-alive GET; the record that it looks at is made for metrics and the access log too.
RECORDING = re.compile(r'gg::FlightRecorder::finished\(|WorkerProcess::take_records\(')
RECORDING_MOST = 0.01
# One run's, and half of the other's: enough that what starting costs differently does not show.
REQUESTS = 1000
ENDING = 60  # seconds that the program may take to end and callgrind to write


class UnderCallgrind(TheProgram):
    def configure(self, workload, origin_ports):
        return ['valgrind', '--tool=callgrind', '--trace-children=yes', '--dump-line=no',
                f'--callgrind-out-file={self.directory}/callgrind.%p', f'--log-file={self.directory}/valgrind.%p',
                *super().configure(workload, origin_ports)]

    def instructions(self):
        """Ends the program and returns what all its processes have executed."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(ENDING)
        files = list(self.directory.glob('callgrind.*'))
        self.recording = sum(map(recording_in, files))
        return sum(int(re.search(r'^(?:summary|totals): (\d+)', file.read_text(), re.M)[1]) for file in files)


def recording_in(file):
    """Instructions of RECORDING and what it calls."""
    listed = subprocess.run(['callgrind_annotate', '--inclusive=yes', '--threshold=100', '--show-percs=no', file],
                            capture_output=True, text=True, check=True).stdout
    return sum(int(count.replace(',', '')) for count, name in re.findall(r'^ *([\d,]+) +\S*?:(.*)$', listed, re.M)
               if RECORDING.search(name))


class Instructions(unittest.TestCase):
    def run_once(self, workload, requests):
        with running(workload, kind=UnderCallgrind) as (bench, gateway):
            bench.load(gateway, workload, requests=requests)
            return gateway.instructions(), gateway.recording

    def check(self, name):
        workload = dataclasses.replace(by_name(name), connections=1)
        (few, recorded), (many, more) = self.run_once(workload, REQUESTS), self.run_once(workload, 2 * REQUESTS)
        each, most = (many - few) / REQUESTS, MEASURED[name] * MARGIN
        print(f'{name}: {each:.0f} instructions per request, at most {most:.0f} ({few}, {many})')
        self.assertGreater(each, 1000, 'callgrind did not count the requests')
        self.assertLessEqual(each, most, OVER_BUDGET)
        return (more - recorded) / REQUESTS / each

    def test_a_keep_alive_get_and_what_recording_it_costs(self):
        share = self.check('small')
        print(f'small: {share:.2%} of them for flight records')
        self.assertGreater(share, 0, 'callgrind does not know the functions of RECORDING')
        self.assertLessEqual(share, RECORDING_MOST, OVER_BUDGET)

    def test_a_keep_alive_get_with_an_access_log(self):
        self.check('accesslog')

    def test_a_get_on_a_new_connection(self):
        self.check('newconn')

    def test_a_post_of_64_kib(self):
        self.check('post64k')


if __name__ == '__main__':
    unittest.main()
