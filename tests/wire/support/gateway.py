"""The program under test, from its configuration to its last line."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request

import yaml

from support.processes import Program, children_of, wait_until

GOODGATE = os.environ['GOODGATE']
# What a sanitizer writes when it has found something.
SANITIZER = re.compile(r'(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:')


def run_goodgate(*arguments, env=None, cwd=None, seconds=30):
    """A command that ends by itself: its CompletedProcess, output as text."""
    return subprocess.run([GOODGATE, *map(str, arguments)], capture_output=True, text=True,
                          timeout=seconds, env={**os.environ, **(env or {})}, cwd=cwd, check=False)


class Gateway:
    """`goodgate run` with a configuration in a folder of its own, ready when the constructor is done.

    `to`: ports of endpoints, or whole URLs; anything else in the configuration by `more`. Listeners
    have ports that the kernel chooses. After stop(), nothing that a sanitizer wrote went unseen.
    """

    def __init__(self, to=(), wait=True, env=None, prepare=None, program=GOODGATE, **more):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='goodgate-wire-'))
        os.chmod(self.folder, 0o755)
        self.config_path = self.folder / 'goodgate.yaml'
        self.log_path = self.folder / 'access.log'
        self.env = {'RUNTIME_DIRECTORY': str(self.folder), **(env or {})}
        endpoints = [f'http://127.0.0.1:{e}' if isinstance(e, int) else e for e in to]
        self.config = {'name': 'gate', 'listeners': ['127.0.0.1:0'], 'upstreams': {'app': endpoints},
                       'admin': '127.0.0.1:0', 'threads': 2,
                       'log': {'access': str(self.log_path)}, **more}
        self.write_config()
        self.program = Program([program, 'run', '-c', self.config_path], self.folder, 'goodgate',
                               self.env, prepare)
        self.pid = self.program.pid
        if wait:
            self.wait_until_ready()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            print(self.errors())
            self.program.kill()
            shutil.rmtree(self.folder)
        else:
            self.stop()

    def write_config(self, **changes):
        self.config.update(changes)
        self.config_path.write_text(yaml.safe_dump(self.config))

    def wait_until_ready(self):
        def ready():
            assert self.program.is_running(), self.errors()
            return 'goodgate: ready' in self.errors()

        wait_until(ready, 'the gateway says that it is ready')

    def errors(self):
        """What it said to the operator so far."""
        return self.program.errors()

    def wait_for_text(self, text, seconds=20):
        wait_until(lambda: text in self.errors(), f'{text!r} on standard error of\n{self.errors()}',
                   seconds)

    @property
    def ports(self):
        """Of its listeners, in order."""
        line = re.findall(r'listening on (.*?), \d+ upstream', self.errors())[0]
        return [int(port) for port in re.findall(r':(\d+)', line)]

    @property
    def port(self):
        return self.ports[0]

    @property
    def admin_port(self):
        return int(re.search(r'admin on 127\.0\.0\.1:(\d+)', self.errors()).group(1))

    def admin(self, path):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.admin_port}{path}', timeout=10) as page:
            return page.read().decode()

    def status(self):
        return json.loads(self.admin('/api/v1/status'))

    def worker(self):
        """The id of its only worker process."""
        return wait_until(lambda: children_of(self.pid), 'a worker process')[0]

    def log_lines(self, count=None):
        """The lines of the access log, once there are `count`; more than that is a failure."""
        def lines():
            text = self.log_path.read_text() if self.log_path.exists() else ''
            return text.splitlines()

        if count is not None:
            wait_until(lambda: len(lines()) >= count, f'{count} lines in the access log')
            assert len(lines()) == count, f'{count} requests, but:\n' + '\n'.join(lines())
        return lines()

    def records(self, count=None):
        """The access log's records, as `log_lines`, in the order in which the requests began."""
        records = [json.loads(line) for line in self.log_lines(count)]
        return sorted(records, key=lambda record: record['time'])

    def last_record(self, count=1):
        return self.records(count)[-1]

    def command(self, *arguments):
        """Another goodgate command, meant for this gateway."""
        name, *rest = arguments
        return run_goodgate(name, '-c', self.config_path, *rest, env=self.env, cwd=self.folder)

    def stop(self):
        """Ends it in order; it must end well, and no sanitizer may have found anything."""
        if self.program.is_running():
            self.program.signal(signal.SIGTERM)
        status = self.program.wait(60)
        text = self.errors()
        shutil.rmtree(self.folder)
        assert not SANITIZER.search(text), text
        assert status == 0, f'the gateway ended with status {status}:\n{text}'
