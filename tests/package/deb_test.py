#!/usr/bin/env python3
"""The Debian package holds what an installation has, names what it is linked with, and its program runs."""
import gzip
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def said_by(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True,
                          timeout=60, **more).stdout


class DebianPackage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.package = pathlib.Path(said_by(ROOT / 'tools/package', cls.folder.name).strip())
        cls.root = pathlib.Path(cls.folder.name) / 'root'
        said_by('dpkg-deb', '-R', cls.package, cls.root)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_it_is_named_and_described_by_its_version(self):
        version = re.search(r'project\(goodgate VERSION ([\d.]+)', (ROOT / 'CMakeLists.txt').read_text())[1]
        fields = dict(line.split(': ', 1) for line in said_by('dpkg-deb', '-f', self.package).splitlines()
                      if re.match(r'\S+: ', line))
        self.assertEqual(fields['Version'], version)
        self.assertIn(f'goodgate_{version}_', self.package.name)
        for library in ('libc6', 'libssl3', 'libnghttp2-14', 'libc-ares2'):
            self.assertIn(library, fields['Depends'])

    def test_every_file_is_ours_and_whole(self):
        files = {str(p.relative_to(self.root)) for p in self.root.rglob('*') if p.is_file()}
        plain = {name for name in files if not name.startswith('DEBIAN/')}
        sums = dict(reversed(line.split('  ')) for line in (self.root / 'DEBIAN/md5sums').read_text().splitlines())
        self.assertEqual(set(sums), plain)
        self.assertLessEqual({'usr/bin/goodgate', 'usr/lib/systemd/system/goodgate.service',
                              'usr/share/man/man1/goodgate.1.gz', 'etc/goodgate/goodgate.yaml'}, plain)
        said_by('md5sum', '--quiet', '-c', 'DEBIAN/md5sums', cwd=self.root)
        self.assertEqual((self.root / 'DEBIAN/conffiles').read_text(), '/etc/goodgate/goodgate.yaml\n')
        with gzip.open(self.root / 'usr/share/man/man1/goodgate.1.gz', 'rt') as page:
            self.assertIn('GOODGATE', page.read())

    def test_its_program_accepts_its_configuration(self):
        said = said_by(self.root / 'usr/bin/goodgate', 'check', '-c', self.root / 'etc/goodgate/goodgate.yaml')
        self.assertIn('fine', said)

    def test_its_scripts_do_nothing_where_there_is_no_systemd(self):
        for script, arguments in (('postinst', ['configure']), ('prerm', ['remove']), ('postrm', ['remove'])):
            if pathlib.Path('/run/systemd/system').exists():
                said_by('sh', '-n', self.root / 'DEBIAN' / script)
            else:
                said_by('sh', self.root / 'DEBIAN' / script, *arguments)


if __name__ == '__main__':
    unittest.main()
