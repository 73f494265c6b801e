#!/usr/bin/env python3
"""Started as root, the gateway binds and then becomes the user of its configuration."""
import os
import pathlib
import shutil
import sys
import unittest

from support.client import get
from support.gateway import Gateway, run_goodgate
from support.origins import Origin


def identity(pid):
    """The ids and effective capabilities of a process."""
    fields = dict(line.split(':\t', 1) for line in
                  pathlib.Path(f'/proc/{pid}/status').read_text().splitlines() if ':\t' in line)
    return fields['Uid'].split(), fields['Gid'].split(), fields['Groups'].split(), int(fields['CapEff'], 16)


class StartedAsRoot(unittest.TestCase):
    def test_the_gateway_becomes_its_user_and_keeps_serving_a_low_port(self):
        with Origin() as origin, Gateway([origin.port], listeners=['127.0.0.1:0', '127.0.0.1:883'],
                                         user='nobody', log={'access': 'off'}) as gateway:
            for pid in (gateway.pid, gateway.worker()):
                users, groups, others, capabilities = identity(pid)
                self.assertEqual(users, ['65534'] * 4)
                self.assertEqual(groups, ['65534'] * 4)
                self.assertLessEqual(set(others), {'65534'})
                self.assertEqual(capabilities, 0)
            self.assertEqual(get(883).status, 200)

    def test_a_worker_that_is_replaced_serves_the_low_port_again(self):
        with Origin() as origin, Gateway([origin.port], listeners=['127.0.0.1:883'], user='nobody',
                                         log={'access': 'off'}) as gateway:
            os.kill(gateway.worker(), 9)
            self.assertEqual(get(883).status, 200)
            self.assertEqual(identity(gateway.worker())[0], ['65534'] * 4)

    def test_a_user_that_does_not_exist_is_said(self):
        with Origin() as origin:
            gateway = Gateway([origin.port], wait=False, user='no-such-user-here')
            self.assertEqual(gateway.program.wait(), 1)
            self.assertIn('no-such-user-here', gateway.errors())
            shutil.rmtree(gateway.folder)

    def test_root_finds_the_gateway_that_became_another_user(self):
        with Origin() as origin, Gateway([origin.port], user='nobody',
                                         log={'access': 'off'}) as gateway:
            done = run_goodgate('status', '-c', gateway.config_path, env=gateway.env)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == '__main__':
    if os.geteuid() != 0:
        print('needs root')
        sys.exit(77)
    unittest.main(verbosity=2)
