#!/usr/bin/env python3
"""What contrib/ ships agrees with the program, the Makefile and itself."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOODGATE = os.environ['GOODGATE']


def problems_of(text):
    with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
        file.write(text)
        file.flush()
        done = subprocess.run([GOODGATE, 'check', '-c', file.name], capture_output=True, text=True, timeout=20,
                              check=False)
    return '' if done.returncode == 0 else done.stdout + done.stderr


class Contrib(unittest.TestCase):
    def test_the_example_is_accepted(self):
        self.assertEqual(problems_of((ROOT / 'contrib/goodgate.yaml').read_text()), '')

    def test_the_image_is_made_by_what_is_there(self):
        text = (ROOT / 'contrib/docker/Dockerfile').read_text()
        targets = re.findall(r'^([a-z-]+):.*## ', (ROOT / 'Makefile').read_text(), re.M)
        for target in re.findall(r'&& make ([a-z]+)', text):
            self.assertIn(target, targets)
        for word in re.findall(r'CMD \["(?:goodgate", ")?(\w+)"', text):
            done = subprocess.run([GOODGATE, word, '--help'], capture_output=True, timeout=20, check=False)
            self.assertEqual(done.returncode, 0, word)


if __name__ == '__main__':
    unittest.main()
