#!/usr/bin/env python3
"""Runs the tests of one or several builds as one ctest run, and fails when one was skipped.

    tools/run_tests.py debug release tsan        every test of three builds, one summary
    tools/run_tests.py debug --label unit        one kind
    tools/run_tests.py debug --match 'Retry'     by name

A test that needs root (its name says so: *_root_test) may be skipped when we are not root, or are
but may not make network namespaces (as in some containers); it is then named. Any other test that did not run is a failure, and so is finding no test at all. The last
lines are ctest's own.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent


def closing_lines(lines):
    """ctest's summary: from its 'N% tests passed' line to the end."""
    starts = [i for i, line in enumerate(lines) if '% tests passed' in line]
    return lines[starts[-1]:] if starts else lines[-5:]


def not_run(junit_text):
    """Names of the tests that ctest knows but did not run: skipped, not built, disabled."""
    return [case.get('name') for case in xml.fromstring(junit_text).iter('testcase')
            if case.get('status') not in ('run', 'fail')]


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
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace') as process:
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
    return process.returncode, lines


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
    status, lines = run(command)

    missing = not_run(junit.read_text()) if junit.exists() else []
    allowed = excused(missing, has_all_of_root())
    wrong = [name for name in missing if name not in allowed]
    if allowed:
        print('\nNeeded root and did not run: ' + ', '.join(allowed))
    if wrong:
        print('\nDid not run, so this is a failure: ' + ', '.join(wrong))
    if allowed or wrong:
        print()
        sys.stdout.writelines(closing_lines(lines))
    return status or (1 if wrong else 0)


if __name__ == '__main__':
    sys.exit(main())
