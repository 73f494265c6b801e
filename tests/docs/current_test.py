#!/usr/bin/env python3
"""The generated documents that are committed are what the tables say now."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENDOCS = pathlib.Path(os.environ['GOODGATE_BUILD']) / 'gendocs'


class Documents(unittest.TestCase):
    def test_each_is_current(self):
        with tempfile.TemporaryDirectory() as folder:
            fresh = pathlib.Path(folder)
            (fresh / 'docs').mkdir()
            subprocess.run([GENDOCS, fresh], check=True)
            written = [p.relative_to(fresh) for p in fresh.rglob('*') if p.is_file()]
            stale = [str(p) for p in written
                     if not (ROOT / p).exists() or (ROOT / p).read_bytes() != (fresh / p).read_bytes()]

        self.assertGreater(len(written), 0)
        self.assertEqual(stale, [], 'run make docs, and commit what it writes')


if __name__ == '__main__':
    sys.exit(unittest.main(verbosity=2))
