#!/usr/bin/env python3
"""Another version of the program takes over under traffic: nobody is refused, nothing is cut off."""
import os
import pathlib
import shutil
import signal
import socket
import tempfile
import threading
import time
import unittest

from support.client import Broken, Client, get
from support.gateway import GOODGATE, Gateway, run_goodgate
from support.load import Traffic
from support.origins import OK, Origin
from support.processes import wait_until


def upgrade(gateway):
    return run_goodgate('upgrade', env={'RUNTIME_DIRECTORY': str(gateway.folder)})


def in_charge(gateway):
    """The id of the process that the runtime file names."""
    text = next(gateway.folder.glob('*.pid')).read_text()
    return int(text.split()[1])


def is_gone(pid):
    return not pathlib.Path(f'/proc/{pid}').exists()


class Upgrading(unittest.TestCase):
    def test_nobody_notices_and_whoever_started_it_still_has_it(self):
        with Origin() as origin, Gateway([origin.port], listeners=['127.0.0.1:0']) as gateway:
            port, first = gateway.port, gateway.pid
            with Traffic(port, clients=4) as kept, Traffic(port, clients=2, keep_alive=False) as new:
                for turn in range(1, 4):
                    before = in_charge(gateway)
                    upgraded = upgrade(gateway)
                    self.assertEqual(upgraded.returncode, 0, upgraded.stderr + gateway.errors())
                    self.assertEqual(upgraded.stdout, f'upgraded: process {in_charge(gateway)} has taken '
                                                      f'over from {before}\n')
                    self.assertNotEqual(in_charge(gateway), before)
                    kept.wait_for(100)
                    new.wait_for(20)
                    if before != first:
                        wait_until(lambda: is_gone(before), 'the one between has ended')
            self.assertEqual(kept.bad(), [])
            self.assertEqual(new.bad(), [])
            self.assertTrue(gateway.program.is_running())

            last = in_charge(gateway)
            os.kill(gateway.pid, signal.SIGTERM)  # as whoever started it would
            wait_until(lambda: is_gone(last), 'the one in charge ends')
            wait_until(lambda: not gateway.program.is_running(), 'the first one ends')
            self.assertEqual(gateway.program.process.returncode, 0)

    def test_what_is_under_way_is_finished(self):
        seen = threading.Event()
        slow = Origin(lambda request, peer: seen.set() or time.sleep(1.5) or OK)
        with slow as origin, Gateway([origin.port]) as gateway:
            busy = self.enterContext(Client(gateway.port))
            busy.send(b'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
            wait_until(seen.is_set, 'the origin has it')
            self.assertEqual(upgrade(gateway).returncode, 0)
            self.assertEqual(busy.read_response().status, 200)

    def test_a_tunnel_outlives_reload_and_upgrade_and_the_drain_time(self):
        def echo(request, peer):
            peer.send(b'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
            while word := peer.read_bytes(4):
                peer.send(word)

        with Origin(echo) as origin, Gateway([origin.port], timeouts={'drain': '100ms'}) as gateway:
            tunnel = self.enterContext(Client(gateway.port))
            tunnel.send(b'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
            self.assertTrue(tunnel.read_head())

            def lives():
                tunnel.send(b'ping')
                return tunnel.read_bytes(4) == b'ping'

            self.assertTrue(lives())
            self.assertEqual(gateway.command('reload').returncode, 0)
            time.sleep(0.5)
            self.assertTrue(lives())
            self.assertEqual(upgrade(gateway).returncode, 0)
            time.sleep(0.5)
            self.assertTrue(lives())
            gateway.program.signal(signal.SIGTERM)  # now the drain time holds
            with self.assertRaises(Broken):  # it is not passed off as a whole one
                tunnel.fill()

    def test_a_program_that_does_not_start_changes_nothing(self):
        with Origin() as origin:
            folder = pathlib.Path(os.environ.get('TMPDIR', '/tmp')) / f'goodgate-upgrade-{os.getpid()}'
            folder.mkdir()
            self.addCleanup(shutil.rmtree, folder)
            copy = folder / 'goodgate'
            shutil.copy(GOODGATE, copy)
            with Gateway([origin.port], program=copy) as gateway:
                first = in_charge(gateway)
                copy.unlink()
                missing = upgrade(gateway)
                self.assertEqual(missing.returncode, 1)
                self.assertIn('not upgraded, the process from before goes on', missing.stderr)
                self.assertIn('No such file', missing.stderr)

                copy.write_text('#!/bin/sh\nexit 3\n')
                copy.chmod(0o755)
                failing = upgrade(gateway)
                self.assertEqual(failing.returncode, 1)
                self.assertIn('ended with status 3 before it was ready', failing.stderr)
                self.assertEqual(get(gateway.port).status, 200)
                self.assertEqual(in_charge(gateway), first)

                copy.unlink()
                shutil.copy(GOODGATE, copy)
                self.assertEqual(upgrade(gateway).returncode, 0)
                self.assertEqual(get(gateway.port).status, 200)

    def test_one_that_is_told_to_stop_or_reload_while_it_starts_takes_nothing_away(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='goodgate-upgrade-'))
        self.addCleanup(shutil.rmtree, folder)
        program, path = folder / 'goodgate', folder / 'gate.sock'
        for number, upgraded_pid_changes in ((signal.SIGTERM, False), (signal.SIGHUP, True)):
            program.unlink(missing_ok=True)
            shutil.copy(GOODGATE, program)
            with (self.subTest(number.name), Origin() as origin,
                  Gateway([origin.port], program=program,
                          listeners=['127.0.0.1:0', f'unix:{path}']) as gateway):
                first = in_charge(gateway)
                # A signal that waits from before its first step meets it while it starts.
                program.unlink()
                program.write_text('#!/usr/bin/python3\nimport os, signal, sys\n'
                                   f'signal.pthread_sigmask(signal.SIG_BLOCK, [{int(number)}])\n'
                                   f'os.kill(os.getpid(), {int(number)})\n'
                                   f'os.execv({GOODGATE!r}, sys.argv)\n')
                program.chmod(0o755)
                done = upgrade(gateway)
                self.assertEqual(done.returncode, 0 if upgraded_pid_changes else 1, done.stderr)
                self.assertEqual(in_charge(gateway) != first, upgraded_pid_changes)
                self.assertEqual(get(gateway.port).status, 200)
                with socket.socket(socket.AF_UNIX) as local:
                    local.connect(str(path))

    def test_a_configuration_that_is_wrong_by_then_changes_nothing(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            good = gateway.config_path.read_text()
            gateway.config_path.write_text('listeners: [":0"]\nupstream: {}\n')
            self.assertEqual(upgrade(gateway).returncode, 1)
            self.assertIn('goodgate.yaml:2:1', gateway.errors())
            self.assertEqual(get(gateway.port).status, 200)
            gateway.config_path.write_text(good)
            self.assertEqual(upgrade(gateway).returncode, 0)
            self.assertEqual(get(gateway.port).status, 200)

    def test_a_service_manager_is_told_who_is_in_charge(self):
        with Origin() as origin, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            name = f'\0goodgate-upgrade-{os.getpid()}'
            manager.bind(name)
            manager.settimeout(20)
            env = {'NOTIFY_SOCKET': '@' + name[1:]}
            with Gateway([origin.port], env=env) as gateway:
                first, port = gateway.pid, gateway.port
                self.assertEqual(upgrade(gateway).returncode, 0)
                told = ''
                while 'MAINPID' not in told:
                    told = manager.recv(4096).decode()
                second = int(told.split('MAINPID=')[1].split()[0])
                self.assertEqual(second, in_charge(gateway))
                wait_until(lambda: not gateway.program.is_running(), 'the first one ends')
                self.assertEqual(gateway.program.process.returncode, 0)
                self.assertEqual(get(port).status, 200)
                os.kill(second, signal.SIGTERM)
                wait_until(lambda: is_gone(second), 'the second one ends')


if __name__ == '__main__':
    unittest.main()
