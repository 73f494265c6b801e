#!/usr/bin/env python3
"""Runs the tests of one or several builds as one ctest run, and fails when one was skipped.

    tools/run_tests.py debug release tsan        every test of three builds, one summary
    tools/run_tests.py debug --label unit        one kind
    tools/run_tests.py debug --match 'Retry'     by name

A test that needs root (its name says so: *_root_test) may be skipped when we are not root, or are
but may not make network namespaces (as in some containers); it is then named. Any other test that did
not run is a failure, and so is finding no test at all.

Tests with real sockets and real clocks share this machine with each other. If at most three of them
fail, and nothing else does, these run once more with the machine to themselves; what fails then has
failed, and what passes then is named, since it waits for a time where it should wait for an event.
Simulation, cost, fuzzing corpora and the thread sanitizer's finds get no second look.
The last line counts: "3561 passed, 1 failed".
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent


def not_run(junit_text):
    """Names of the tests that ctest knows but did not run: skipped, not built, disabled."""
    return [case.get('name') for case in xml.fromstring(junit_text).iter('testcase')
            if case.get('status') not in ('run', 'fail')]


def failed(junit_text):
    return [case.get('name') for case in xml.fromstring(junit_text).iter('testcase') if case.get('status') == 'fail']


def may_run_again(names):
    """Few, and each with real clocks: see the top of this file."""
    return 0 < len(names) <= 3 and all(re.search(r'(^|\s)(wire|faults|soak|bench|unit_\w+): ', name) for name in names)


def excused(names, is_root):
    """Those among `names` that are allowed to be missing."""
    return [] if is_root else [name for name in names if '_root_test' in name]


def has_all_of_root():
    """Is this root with its usual rights? In a container it may lack those for namespaces."""
    return os.geteuid() == 0 and subprocess.run(['unshare', '--net', '--mount', 'true'], check=False,
                                                capture_output=True).returncode == 0


def lay_out(builds):
    """A folder whose only content is the list of builds, so that ctest makes one run of them."""
    folder = ROOT / 'build/all'
    folder.mkdir(parents=True, exist_ok=True)
    listed = '\n'.join(f'subdirs("{ROOT / "build" / build}")' for build in builds)
    (folder / 'CTestTestfile.cmake').write_text(listed + '\n')
    return folder


def run(command):
    return subprocess.run(command, check=False).returncode


def main():
    parser = argparse.ArgumentParser(description='Run tests of builds as one ctest run.')
    parser.add_argument('builds', nargs='+')
    parser.add_argument('--label')
    parser.add_argument('--match')
    parser.add_argument('--jobs', default=str(os.cpu_count()))
    options = parser.parse_args()

    junit = ROOT / 'build/all/junit.xml'
    junit.unlink(missing_ok=True)
    command = ['ctest', '--test-dir', str(lay_out(options.builds)), '-j', options.jobs,
               '--output-on-failure', '--no-tests=error', '--output-junit', str(junit)]
    if options.label:
        command += ['-L', f'^{options.label}$']
    if options.match:
        command += ['-R', options.match]
    status = run(command)
    if not junit.exists():
        return status or 1

    missing = not_run(junit.read_text())
    bad = failed(junit.read_text())
    passed = sum(1 for _ in xml.fromstring(junit.read_text()).iter('testcase')) - len(missing) - len(bad)
    allowed = excused(missing, has_all_of_root())
    wrong = [name for name in missing if name not in allowed]
    if status and not wrong and may_run_again(bad):
        print('\nOnce more, with the machine to themselves: ' + ', '.join(bad), flush=True)
        only = '^(' + '|'.join(map(re.escape, bad)) + ')$'
        status = run(['ctest', '--test-dir', str(lay_out(options.builds)), '-j', '1', '-R', only,
                      '--output-on-failure', '--no-tests=error'])
        if status == 0:
            print('\nPassed only when alone, so it is to be mended: ' + ', '.join(bad))
            passed, bad = passed + len(bad), []
    if allowed:
        print('\nNeeded root and did not run: ' + ', '.join(allowed))
    if wrong:
        print('\nDid not run, so this is a failure: ' + ', '.join(wrong))
    if bad:
        print('\nFailed: ' + ', '.join(bad))
    print(f'\n{passed} passed, {len(bad) + len(wrong)} failed' + (f', {len(allowed)} skipped' if allowed else ''))
    return status or (1 if wrong else 0)


if __name__ == '__main__':
    sys.exit(main())
