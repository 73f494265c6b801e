#!/usr/bin/env python3
"""Incidents and the requests that they name outlive the process, however it ends, and never stand in its way."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import tempfile
import unittest

from support.client import get
from support.gateway import Gateway
from support.load import Traffic
from support.origins import Origin
from support.processes import children_of, wait_until


class History(unittest.TestCase):
    def setUp(self):
        self.state = pathlib.Path(tempfile.mkdtemp(prefix='goodgate-history-'))
        self.addCleanup(shutil.rmtree, self.state)
        self.file = self.state / 'history.db'
        self.dead = Origin()
        self.dead.close()

    def gateway(self, **more):
        return Gateway([self.dead.port], **{'state': str(self.state), **more})

    @staticmethod
    def incidents(gateway):
        done = gateway.command('incidents', '--json')
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)['incidents']

    def past(self, gateway):
        """The incidents, once those of the file are there: a slow disk delays no start."""
        return wait_until(lambda: self.incidents(gateway), 'incidents from before')

    @staticmethod
    def story(gateway, identity):
        return wait_until(lambda: gateway.command('explain', identity, '--json').stdout, 'the story of a request')

    @staticmethod
    def wait_for_single_worker(gateway):
        wait_until(lambda: len(children_of(gateway.pid)) == 1, 'the end of the worker process before')

    def fail_one(self, gateway):
        """Has a request fail; its id, once its incident is on disk."""
        identity = get(gateway.port, '/').get('x-request-id')
        wait_until(lambda: identity in self.on_disk(), 'the request on disk')
        return identity

    def on_disk(self):
        """Of the requests whose records are kept, the ids that an incident names. None before there is a file."""
        try:
            with contextlib.closing(sqlite3.connect(f'file:{self.file}?mode=ro', uri=True)) as history:
                self.assertEqual(history.execute('PRAGMA quick_check').fetchall(), [('ok',)])
                return {row[0] for row in history.execute(
                    'SELECT id FROM records WHERE id IN (SELECT request FROM samples)')}
        except sqlite3.OperationalError:
            return set()

    def test_incidents_and_requests_are_there_after_a_restart(self):
        with self.gateway() as gateway:
            identity = self.fail_one(gateway)
            before = self.incidents(gateway)
            story = self.story(gateway, identity)
            self.assertIn(f'incidents: kept in {self.file}', gateway.command('status').stdout)
        with self.gateway() as gateway:
            after = self.past(gateway)
            self.assertEqual([i['began'] for i in after], [i['began'] for i in before])
            self.assertEqual(self.story(gateway, identity), story)
            self.assertEqual(self.story(gateway, identity[:9]), story)
            self.assertEqual(gateway.command('explain', '0' * 32).returncode, 1)
            self.assertIn(f'goodgate explain {identity}',
                          gateway.command('incidents', str(after[0]['id'])).stdout)
            self.assertRegex(gateway.admin('/metrics'), r'(?m)^goodgate_history_kept 1$')

    def test_a_reload_and_a_killed_worker_go_on_with_the_same_incident(self):
        with self.gateway() as gateway:
            self.fail_one(gateway)
            self.assertEqual(gateway.command('reload').returncode, 0)
            self.wait_for_single_worker(gateway)
            self.past(gateway)
            self.fail_one(gateway)
            os.kill(gateway.worker(), signal.SIGKILL)
            wait_until(lambda: ' serves, ' in gateway.errors(), 'another worker process')
            self.past(gateway)
            self.fail_one(gateway)
            found = [i for i in self.incidents(gateway) if i['fault']['name'] == 'connect_refused']
            self.assertEqual([i['failed'] for i in found], [3], found)
            detail = json.loads(gateway.command('incidents', str(found[0]['id']), '--json').stdout)
            self.assertEqual([c['kind'] for c in detail['during'] if c['kind'] != 'health'],
                             ['reload', 'restart'])

    def test_killed_under_load_it_loses_a_moment_and_the_file_is_whole(self):
        gateway = self.gateway()
        identity = self.fail_one(gateway)
        with Traffic(gateway.port, clients=4) as traffic:
            traffic.wait_for(100)
            os.kill(gateway.worker(), signal.SIGKILL)
            wait_until(lambda: ' serves, ' in gateway.errors(), 'another worker process')
            gateway.program.kill()
        self.assertIn(identity, self.on_disk())
        with self.gateway() as again:
            self.assertNotIn('damaged', again.errors())
            self.story(again, identity)

    def test_a_second_gateway_is_kept_out_and_says_so(self):
        with self.gateway() as first, self.gateway() as second:
            self.fail_one(first)
            get(second.port, '/')
            self.assertEqual(second.errors().count('in memory only'), 1)
            self.assertIn(f'another gateway uses {self.state}', second.errors())
            self.assertIn('in memory only: another gateway', second.command('status').stdout)
            self.assertIn('kept in memory only', second.command('incidents').stdout)
            self.assertRegex(second.admin('/metrics'), r'(?m)^goodgate_history_kept 0$')

    def test_a_damaged_file_costs_the_history_and_nothing_else(self):
        self.file.write_bytes(b'SQLite format 3\0' + b'\xff' * 8000)
        with self.gateway() as gateway:
            gateway.wait_for_text(f'damaged and is now {self.file}.damaged; a new one has begun')
            self.fail_one(gateway)
        self.assertEqual((self.state / 'history.db.damaged').stat().st_size, 8016)

    def test_what_is_damaged_while_it_runs_is_replaced(self):
        with self.gateway() as gateway:
            self.fail_one(gateway)
            os.truncate(f'{self.file}-wal', 0)
            with open(self.file, 'r+b') as file:
                file.write(b'\xee' * 4096)
            os.kill(gateway.worker(), signal.SIGKILL)
            gateway.wait_for_text('a new one has begun')
            self.fail_one(gateway)

    def test_where_it_cannot_be_kept_requests_are_answered_all_the_same(self):
        with self.gateway(state=f'{self.state}/not/there') as gateway:
            self.assertIn(f'cannot make {self.state}/not/there', gateway.errors())
            self.assertEqual(get(gateway.port, '/').status, 502)
            self.assertTrue(wait_until(lambda: self.incidents(gateway), 'an incident'))

    def test_nothing_is_written_unless_somebody_says_where(self):
        with Gateway([self.dead.port]) as gateway:
            get(gateway.port, '/')
            self.assertNotIn('incidents: ', gateway.command('status').stdout)
            self.assertFalse(list(gateway.folder.rglob('*.db')))
        with Gateway([self.dead.port], env={'STATE_DIRECTORY': str(self.state)}) as gateway:
            self.fail_one(gateway)
        with Gateway([self.dead.port], env={'STATE_DIRECTORY': str(self.state)}, state='off') as gateway:
            self.assertFalse(re.search('kept|memory', gateway.command('status').stdout))

    def test_an_upgrade_takes_the_history_along(self):
        with self.gateway() as gateway:
            identity = self.fail_one(gateway)
            done = gateway.command('upgrade')
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn('another gateway uses', gateway.errors())
            self.story(gateway, identity)
            self.assertIn(f'incidents: kept in {self.file}', gateway.command('status').stdout)


if __name__ == '__main__':
    unittest.main()
