#!/usr/bin/env python3
"""make install puts every file in its place, and make uninstall removes exactly that."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXPECTED = {
    'usr/bin/goodgate': 0o755,
    'usr/share/man/man1/goodgate.1': 0o644,
    'usr/lib/systemd/system/goodgate.service': 0o644,
    'usr/share/bash-completion/completions/goodgate': 0o644,
    'usr/share/zsh/site-functions/_goodgate': 0o644,
    'usr/share/fish/vendor_completions.d/goodgate.fish': 0o644,
    'usr/share/goodgate/goodgate.schema.json': 0o644,
    'usr/share/doc/goodgate/copyright': 0o644,
    'etc/goodgate/goodgate.yaml': 0o644,
}


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dest = pathlib.Path(folder.name)

    def run_install(self, action):
        subprocess.run([ROOT / 'tools/install', action, '/usr', str(self.dest)], check=True,
                       stdout=subprocess.DEVNULL)

    def files(self):
        return {str(p.relative_to(self.dest)): p.stat().st_mode & 0o777
                for p in self.dest.rglob('*') if p.is_file()}

    def test_every_file_is_installed_and_removed_again(self):
        stranger = self.dest / 'usr/bin/stranger'
        stranger.parent.mkdir(parents=True)
        stranger.write_text('not ours')
        stranger.chmod(0o600)

        self.run_install('add')
        self.assertEqual(self.files(), EXPECTED | {'usr/bin/stranger': 0o600})

        self.run_install('remove')
        self.assertEqual(self.files(), {'usr/bin/stranger': 0o600})
        self.assertFalse((self.dest / 'etc/goodgate').exists())

    def test_a_changed_configuration_survives_both(self):
        self.run_install('add')
        config = self.dest / 'etc/goodgate/goodgate.yaml'
        config.write_text('listeners: [":1"]\n')

        self.run_install('add')
        self.assertEqual(config.read_text(), 'listeners: [":1"]\n')

        self.run_install('remove')
        self.assertEqual(list(self.files()), ['etc/goodgate/goodgate.yaml'])

    def test_the_installed_program_accepts_the_installed_configuration(self):
        self.run_install('add')
        check = subprocess.run([self.dest / 'usr/bin/goodgate', 'check', '-c',
                                self.dest / 'etc/goodgate/goodgate.yaml'],
                               capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)

    def test_the_unit_starts_the_installed_program(self):
        self.run_install('add')
        unit = self.dest / 'usr/lib/systemd/system/goodgate.service'
        self.assertIn('ExecStart=/usr/bin/goodgate run', unit.read_text())

        if shutil.which('systemd-analyze'):
            unit.write_text(unit.read_text().replace('/usr/bin/goodgate', f'{self.dest}/usr/bin/goodgate'))
            verified = subprocess.run(['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no',
                                       str(unit)], capture_output=True, text=True, check=False,
                                      env=os.environ | {'SYSTEMD_LOG_LEVEL': 'warning'})
            self.assertEqual(verified.returncode, 0, verified.stderr)
            ours = [line for line in verified.stderr.splitlines() if 'goodgate.service' in line]
            self.assertEqual(ours, [])


if __name__ == '__main__':
    sys.exit(unittest.main(verbosity=2))
