#!/usr/bin/env python3
"""What bash, zsh and fish offer after `goodgate`: every command and every option, by the installed scripts."""
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

from support.gateway import GOODGATE, run_goodgate

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / 'packaging/completions'
ZSH = '''
_describe() { print -l -- "${(@)found%%:*}" }
_files() { print -l -- *(N) }
words=(%s); CURRENT=$#words
source %s
'''


def commands():
    """As `goodgate --help` lists them."""
    return re.findall(r'^  ([a-z]+) {2,}\S', run_goodgate('--help').stdout, re.M)


class Completion(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.folder = pathlib.Path(folder)
        (self.folder / 'goodgate').symlink_to(GOODGATE)
        (self.folder / 'site.yaml').write_text('')

    def run_shell(self, *command):
        path = f'{self.folder}:{os.environ["PATH"]}'
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False,
                              cwd=self.folder, env=os.environ | {'PATH': path, 'HOME': str(self.folder)})
        self.assertEqual(done.stderr, '')
        return [line.split('\t')[0] for line in done.stdout.splitlines() if line]

    def bash(self, *words):
        quoted = ' '.join(map(shlex.quote, ('goodgate', *words)))
        return self.run_shell('bash', '--norc', '-c', f'source {SCRIPTS}/goodgate.bash; '
                              f'COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _goodgate; '
                              'printf "%s\\n" "${COMPREPLY[@]}"')

    def zsh(self, *words):
        quoted = ' '.join(map(shlex.quote, ('goodgate', *words)))
        found = self.run_shell('zsh', '-f', '-c', ZSH % (quoted, SCRIPTS / '_goodgate'))
        return [word for word in found if word.startswith(words[-1])]

    def fish(self, *words):
        line = ' '.join(('goodgate', *words))
        return self.run_shell('fish', '--no-config', '-c', f'source {SCRIPTS}/goodgate.fish; '
                              f'complete -C {shlex.quote(line)}')

    def test_each_shell_offers_every_command(self):
        self.assertGreater(len(commands()), 10)
        for shell in (self.bash, self.zsh, self.fish):
            self.assertEqual(set(shell('')), set(commands()), shell)
            self.assertEqual(set(shell('sta')), {'status'}, shell)

    def test_each_shell_offers_the_options_of_a_command_and_files_where_they_belong(self):
        for shell in (self.bash, self.zsh, self.fish):
            self.assertEqual(set(shell('status', '--')), {'--help', '--config', '--admin', '--json'}, shell)
            self.assertEqual(shell('run', '--thr'), ['--threads'], shell)
            self.assertEqual(shell('run', '--config', 'si'), ['site.yaml'], shell)
            self.assertEqual(shell('run', '--threads', ''), [], shell)

    def test_every_option_that_the_help_names_is_offered(self):
        for command in commands():
            helped = run_goodgate(command, '--help').stdout
            named = set(re.findall(r'^ +(?:-\w,)?(--[a-z0-9-]+)', helped, re.M))
            offered = {word for word in self.bash(command, '--') if word.startswith('--')}
            self.assertTrue(named, command)
            self.assertLessEqual(named, offered, command)

    def test_the_names_of_scenarios_are_offered(self):
        scenarios = [word for word in self.bash('drill', '') if not word.startswith('-')]
        listed = run_goodgate('drill', '--list').stdout
        self.assertGreater(len(scenarios), 40)
        for scenario in scenarios:
            self.assertIn(scenario, listed)


if __name__ == '__main__':
    unittest.main()
