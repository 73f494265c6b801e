#!/usr/bin/env python3
"""`goodgate top` in a terminal of tmux, as a person has it over ssh."""
import shutil
import subprocess
import tempfile
import unittest

from support.client import get
from support.gateway import GOODGATE, Gateway
from support.origins import OK, Origin
from support.processes import wait_until


class Terminal:
    """One window of tmux with a server of its own."""

    def __init__(self, columns, rows, command, env):
        self.folder = tempfile.mkdtemp(prefix='goodgate-tmux-')
        self.base = ['tmux', '-f', '/dev/null', '-S', f'{self.folder}/socket']
        self.env = env
        subprocess.run([*self.base, 'new-session', '-d', '-x', str(columns), '-y', str(rows), command],
                       env=env, check=True, timeout=20)
        subprocess.run([*self.base, 'set-option', 'remain-on-exit', 'on'], env=env, check=True, timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([*self.base, 'kill-server'], env=self.env, check=False, timeout=20, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments):
        return subprocess.run([*self.base, *arguments], env=self.env, check=True, timeout=20,
                              capture_output=True, text=True).stdout

    def press(self, *keys):
        self.run('send-keys', *keys)

    def screen(self):
        return self.run('capture-pane', '-p')

    def wait_for(self, text):
        try:
            wait_until(lambda: text in self.screen(), repr(text))
        except AssertionError as error:
            raise AssertionError(f'{error} on\n{self.screen()}') from None

    def has_ended(self):
        return self.run('list-panes', '-F', '#{pane_dead}').strip() == '1'


class Top(unittest.TestCase):
    def setUp(self):
        self.origins = [self.enterContext(Origin(lambda request, peer: OK)) for _ in range(2)]
        self.gateway = self.enterContext(Gateway([o.port for o in self.origins]))

    def test_it_lives_says_what_is_wrong_and_takes_keys(self):
        env = {'PATH': '/usr/bin:/bin', 'TERM': 'xterm-256color', 'LANG': 'C.UTF-8', **self.gateway.env}
        command = f'{GOODGATE} top -c {self.gateway.config_path}'
        with Terminal(80, 24, command, env) as terminal:
            terminal.wait_for('All is well')
            terminal.wait_for(f'app 127.0.0.1:{self.origins[0].port}')
            self.assertLessEqual(max(len(line) for line in terminal.screen().splitlines()), 80)

            self.origins[1].close()
            wait_until(lambda: get(self.gateway.port, '/').status == 200 and 'ejected' in terminal.screen(),
                       'the dead endpoint is shown as ejected')
            terminal.wait_for('Clients notice nothing')
            terminal.press('s')
            terminal.wait_for('sort: requests per second')
            terminal.press('p')
            terminal.wait_for('go on (held)')

            terminal.run('resize-window', '-x', '50', '-y', '12')
            terminal.press('p')
            wait_until(lambda: 'q quit' in terminal.screen() and len(terminal.screen().rstrip('\n').splitlines()) <= 12,
                       f'a smaller picture:\n{terminal.screen()}')
            terminal.press('q')
            wait_until(terminal.has_ended, 'q ends it')

    def test_without_a_terminal_it_prints_one_picture_or_says_why_not(self):
        said = self.gateway.command('top', '--once')
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn('All is well', said.stdout)
        self.assertNotIn('\033', said.stdout)
        refused = self.gateway.command('top')
        self.assertEqual(refused.returncode, 1)
        self.assertIn('--once', refused.stderr)


if __name__ == '__main__':
    unittest.main()
