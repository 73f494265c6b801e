#!/usr/bin/env python3
"""What `goodgate run` says when something is wrong, and that it goes on where it can."""
import pathlib
import re
import signal
import socket
import tempfile
import unittest

from support.client import get
from support.gateway import GOODGATE, Gateway, run_goodgate
from support.origins import Origin
from support.processes import Program, free_port, wait_until


class StartingUp(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.folder = pathlib.Path(folder)
        self.env = {'RUNTIME_DIRECTORY': folder}

    def run_with(self, text):
        file = self.folder / 'goodgate.yaml'
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return run_goodgate('run', '-c', file, env=self.env)

    def test_no_file_at_all_says_what_to_do(self):
        done = run_goodgate('run', env=self.env, cwd=self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn('goodgate.yaml', done.stderr)
        self.assertIn('--listen', done.stderr)

    def test_check_without_a_file_speaks_of_no_other_command(self):
        done = run_goodgate('check', env=self.env, cwd=self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertTrue(done.stderr.endswith('name a file with -c FILE\n'), done.stderr)

    def test_a_file_that_is_not_there_is_named(self):
        done = run_goodgate('run', '-c', '/nowhere/gate.yaml', env=self.env)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('/nowhere/gate.yaml', done.stderr)

    def test_a_folder_instead_of_a_file_is_an_error(self):
        done = run_goodgate('run', '-c', self.folder, env=self.env)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.folder), done.stderr)

    def test_what_is_no_yaml_or_no_text_gets_a_place(self):
        for text in ('listeners: [":8080"\nupstreams: {', '\tlisteners: 1\n', 'just words\n',
                     '- a\n- b\n'):
            with self.subTest(text=text[:30]):
                done = self.run_with(text)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, r'goodgate\.yaml:\d+:\d+: ')

    def test_what_is_no_text_at_all_is_said(self):
        for text in (b'\x00\x01', b'\x7fELF\x02\x01\x01\x00\x00'):
            with self.subTest(text=text):
                done = self.run_with(text)
                self.assertEqual(done.returncode, 1)
                self.assertIn('goodgate.yaml: this is not a text file', done.stderr)

    def test_every_mistake_is_named_with_its_line_and_the_nearest_key(self):
        done = self.run_with('listeners: [":8080"]\nupstreams:\n  app:\n    endpoint: http://a:1\n'
                             'thread: 3\n')
        self.assertEqual(done.returncode, 1)
        self.assertIn('goodgate.yaml:4:5', done.stderr)
        self.assertIn('goodgate.yaml:5:1', done.stderr)
        self.assertIn('"endpoints"', done.stderr)
        self.assertIn('"threads"', done.stderr)

    def test_an_upstream_without_endpoints_is_an_error(self):
        done = self.run_with('listeners: ["127.0.0.1:0"]\nupstreams: { app: [] }\n')
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r'goodgate\.yaml:2:\d+: upstreams\.app')

    def test_check_says_the_same_as_run(self):
        file = self.folder / 'goodgate.yaml'
        file.write_text('listeners: [":8080"]\nupstreams: { app: [] }\n')
        checked = run_goodgate('check', '-c', file)
        ran = run_goodgate('run', '-c', file, env=self.env)
        self.assertEqual(checked.returncode, 1)
        first = lambda text: re.search(r'goodgate\.yaml:\d+:\d+: .*', text).group(0)
        self.assertEqual(first(checked.stdout + checked.stderr), first(ran.stderr))

    def test_a_port_in_use_names_the_process_that_has_it(self):
        holder = Program(['python3', '-c', 'import socket, time\n'
                          's = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()\n'
                          'print(s.getsockname()[1], flush=True); time.sleep(60)'], self.folder)
        self.addCleanup(holder.stop)
        port = wait_until(holder.output, 'the port').strip()

        done = run_goodgate('run', '--listen', f'127.0.0.1:{port}', '--to', '127.0.0.1:1', env=self.env)

        self.assertEqual(done.returncode, 1)
        self.assertIn(f'cannot listen on 127.0.0.1:{port}', done.stderr)
        self.assertIn(f'(pid {holder.pid})', done.stderr)
        self.assertIn('python3', done.stderr)

    def test_a_port_that_another_goodgate_has_names_that_one_and_its_commands(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            done = run_goodgate('run', '--listen', f'127.0.0.1:{gateway.port}', '--to', '127.0.0.1:1',
                                '--admin', 'off', env=self.env)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f'(pid {gateway.pid})', done.stderr)
            self.assertIn('goodgate reload', done.stderr)
            self.assertEqual(get(gateway.port).status, 200)

    def test_an_address_that_this_machine_does_not_have_is_an_error(self):
        done = run_goodgate('run', '--listen', '192.0.2.1:8080', '--to', '127.0.0.1:1', env=self.env)
        self.assertEqual(done.returncode, 1)
        self.assertIn('no such address', done.stderr)

    def test_no_file_is_needed_with_listen_and_to(self):
        port = free_port()
        with Origin() as origin:
            program = Program([GOODGATE, 'run', '--listen', f'127.0.0.1:{port}', '--to',
                               f'127.0.0.1:{origin.port}', '--admin', 'off'], self.folder, 'goodgate',
                              self.env)
            self.addCleanup(program.stop)
            program.wait_for_port(port)
            self.assertEqual(get(port).body, b'ok\n')
            program.signal(signal.SIGTERM)
            self.assertEqual(program.wait(), 0)
            self.assertIn('"status":200', program.output())

    def test_a_name_that_does_not_resolve_is_said_and_the_gateway_starts(self):
        with Gateway(['http://nowhere.invalid:80']) as gateway:
            gateway.wait_for_text('nowhere.invalid')
            answer = get(gateway.port)
            record = gateway.last_record()
            endpoint = gateway.status()['upstreams'][0]['endpoints'][0]

            self.assertIn(answer.status, (502, 504))
            self.assertIn('error=dns_', answer.get('Proxy-Status'))
            self.assertTrue(record['fault'].startswith('dns_'), record)
            self.assertNotEqual(endpoint['state'], 'up')
            self.assertTrue(endpoint['reason'])

    def test_a_name_that_does_not_resolve_leaves_the_other_endpoints_alone(self):
        with Origin() as origin, Gateway(['http://nowhere.invalid:80', origin.port]) as gateway:
            statuses = {get(gateway.port).status for _ in range(10)}
            self.assertEqual(statuses, {200})

    def test_localhost_is_a_name_that_resolves(self):
        with Origin() as origin, Gateway([f'http://localhost:{origin.port}']) as gateway:
            wait_until(lambda: get(gateway.port).status == 200, 'localhost resolves')

    def test_a_unix_socket_serves_and_its_file_goes_with_the_gateway(self):
        path = self.folder / 'gate.sock'
        with Origin() as origin:
            with Gateway([origin.port], listeners=['127.0.0.1:0', f'unix:{path}']) as gateway:
                client = socket.socket(socket.AF_UNIX)
                client.connect(str(path))
                client.sendall(b'GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n')
                client.settimeout(10)
                self.assertTrue(client.recv(1000).startswith(b'HTTP/1.1 200'))
                client.close()
            self.assertFalse(path.exists())

    def test_an_access_log_that_cannot_be_opened_is_said_and_does_not_stop_traffic(self):
        with Origin() as origin:
            with Gateway([origin.port], log={'access': '/nowhere/access.log'}) as gateway:
                gateway.wait_for_text('/nowhere/access.log')
                self.assertEqual(get(gateway.port).status, 200)

    def test_options_and_commands_that_do_not_exist_are_used_wrongly(self):
        for arguments in (['runn'], ['run', '--lisen', ':1'], ['run', '--listen', 'no port'],
                          ['status', '--jsn']):
            with self.subTest(arguments=arguments):
                done = run_goodgate(*arguments, env=self.env, cwd=self.folder)
                self.assertEqual(done.returncode, 2)
                self.assertTrue(done.stderr)
        self.assertIn('run', run_goodgate('runn').stderr)

    def test_help_and_version_are_fine(self):
        for arguments in (['--help'], ['run', '--help'], ['check', '--help'], ['status', '--help'],
                          ['reload', '--help'], ['stop', '--help'], ['version']):
            with self.subTest(arguments=arguments):
                done = run_goodgate(*arguments)
                self.assertEqual((done.returncode, done.stderr), (0, ''))
                self.assertTrue(done.stdout)


if __name__ == '__main__':
    unittest.main(verbosity=2)
