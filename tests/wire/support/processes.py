"""Programs that a test starts, and ends by the id that they were started with."""
import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def wait_until(condition, what, seconds=20.0):
    """The first true value of condition(); an AssertionError that names `what` if none comes."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f'waited {seconds:g} s in vain: {what}')
        time.sleep(0.01)


def free_port():
    """A loopback port that nobody has now, for programs that cannot be told to take any."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def accepts(port, host='127.0.0.1'):
    try:
        socket.create_connection((host, port), timeout=1).close()
        return True
    except OSError:
        return False


class Program:
    """A process whose output goes to files in `folder`, and which ends with the test."""

    def __init__(self, argv, folder, name=None, env=None, prepare=None):
        self.name = name or pathlib.Path(argv[0]).name
        self.out_path = pathlib.Path(folder) / f'{self.name}.out'
        self.err_path = pathlib.Path(folder) / f'{self.name}.err'

        def before_exec():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if prepare:
                prepare()

        with open(self.out_path, 'wb') as out, open(self.err_path, 'wb') as err:
            self.process = subprocess.Popen(
                [str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                cwd=folder, env={**os.environ, **(env or {})}, preexec_fn=before_exec)
        self.pid = self.process.pid

    def output(self):
        return self.out_path.read_text(errors='replace')

    def errors(self):
        return self.err_path.read_text(errors='replace')

    def is_running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=30):
        """Its exit status, once it has ended."""
        return self.process.wait(seconds)

    def wait_for_port(self, port, host='127.0.0.1'):
        def ready():
            assert self.is_running(), f'{self.name} ended:\n{self.errors()}{self.output()}'
            return accepts(port, host)

        wait_until(ready, f'{self.name} accepts on port {port}')

    def stop(self):
        if self.is_running():
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()


def children_of(pid):
    """The ids of a process's living children."""
    found = []
    for entry in pathlib.Path('/proc').iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / 'stat').read_text().rpartition(')')[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != 'Z':
                found.append(int(entry.name))
    return found
