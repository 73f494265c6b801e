"""`goodgate demo` as a person and as a script meet it: no client error, every cause seen, open to
others, a picture on a terminal, lines in a pipe."""
import fcntl
import http.client
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import time
import unittest

GOODGATE = os.environ['GOODGATE']


def start(*arguments, **settings):
    return subprocess.Popen([GOODGATE, 'demo', *arguments], text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **settings)


def address_in(line):
    return re.search(r'http://127\.0\.0\.1:(\d+)/', line).group(1)


class Demo(unittest.TestCase):
    def test_no_client_sees_an_error_and_every_kind_of_fault_is_absorbed(self):
        demo = start('--for', '12s', '--json', '--listen', '127.0.0.1:0')
        out, err = demo.communicate(timeout=120)

        tally = json.loads(out.splitlines()[-1])
        self.assertEqual(tally['client_errors'], 0, tally)
        self.assertEqual(demo.returncode, 0, err)
        self.assertGreater(tally['requests'], 300)
        self.assertEqual(sum(tally['faults_absorbed'].values()), tally['faults_absorbed_total'])
        # An origin that is taken out early does not get to show all that it would do.
        causes = ('connect_refused', 'keep_alive_race', 'closed_before_head', 'not_http',
                  'head_malformed', 'framing_conflict', 'upstream_error_status')
        missing = [cause for cause in causes if not tally['faults_absorbed'].get(cause)]
        self.assertLessEqual(len(missing), 2, tally)
        self.assertGreater(tally['hedges_won'], 0, 'nobody hung')
        self.assertGreaterEqual(sum(origin['requests'] for origin in tally['origins']),
                                tally['requests'])

    def test_the_gateway_is_open_to_others_and_an_interrupt_ends_it_with_the_tally(self):
        demo = start('--listen', '127.0.0.1:0')
        port = address_in(demo.stdout.readline())
        client = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
        client.request('GET', '/hello?x=1')
        answer = client.getresponse()
        text = answer.read().decode()
        client.request('POST', '/upload', body=b'x' * 1000)
        uploaded = client.getresponse()
        uploaded.read()
        client.close()
        progress = demo.stdout.readline()
        demo.send_signal(signal.SIGINT)
        out, err = demo.communicate(timeout=60)

        self.assertEqual((answer.status, uploaded.status), (200, 200))
        self.assertRegex(text, r'\AHello from origin [123] of 3\.\n\nYou asked for GET /hello\?x=1\n')
        self.assertIn('X-Forwarded-For    127.0.0.1\n', text)
        self.assertRegex(progress, r'^ +1 s  \d+ requests, no errors, ')
        self.assertIn(' requests and saw no errors.\n', out)
        self.assertIn('You made 2 requests of your own.\n', out)
        self.assertNotIn('\033', progress + out)
        self.assertEqual(demo.returncode, 0, err)

    def test_an_address_that_is_taken_is_said_so(self):
        with socket.create_server(('127.0.0.1', 0)) as holder:
            taken = f'127.0.0.1:{holder.getsockname()[1]}'
            demo = start('--for', '1s', '--listen', taken)
            _, err = demo.communicate(timeout=60)

        self.assertEqual(demo.returncode, 1)
        self.assertIn(taken, err)
        self.assertIn('in use', err)

    def test_a_taken_usual_address_gives_a_free_port_instead(self):
        with socket.socket() as holder:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                holder.bind(('127.0.0.1', 8080))
                holder.listen()
            except OSError:
                pass  # somebody else holds it: as good
            demo = start('--for', '1s')
            out, err = demo.communicate(timeout=60)

        self.assertEqual(demo.returncode, 0, err)
        self.assertNotEqual(address_in(out), '8080')
        self.assertIn('(on a free port, as ', out.splitlines()[0])

    def test_a_reader_that_leaves_ends_it(self):
        demo = start('--listen', '127.0.0.1:0')
        demo.stdout.readline()
        demo.stdout.close()
        complaints = demo.stderr.read()
        demo.stderr.close()

        self.assertEqual((demo.wait(timeout=60), complaints), (0, ''))


class OnATerminal(unittest.TestCase):
    def setUp(self):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 90, 0, 0))
        self.before = termios.tcgetattr(theirs)
        self.ours, self.theirs = ours, theirs
        # A session of its own makes the terminal its own, as a shell's job has it.
        self.demo = subprocess.Popen(
            [GOODGATE, 'demo', '--listen', '127.0.0.1:0'], stdin=theirs, stdout=theirs,
            stderr=theirs, start_new_session=True, env={**os.environ, 'TERM': 'xterm-256color'},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.shown = b''

    def tearDown(self):
        if self.demo.poll() is None:
            self.demo.kill()
        self.demo.wait()
        os.close(self.ours)
        os.close(self.theirs)

    def read_until(self, wanted, seconds=30):
        end = time.monotonic() + seconds
        while wanted not in self.shown and time.monotonic() < end:
            ready, _, _ = select.select([self.ours], [], [], 0.1)
            if ready:
                self.shown += os.read(self.ours, 65536)
        self.assertTrue(wanted in self.shown, f'{wanted} was not shown')

    def test_a_picture_is_redrawn_in_place_and_the_terminal_is_left_as_it_was(self):
        self.read_until(b'Ctrl-C ends it')
        self.read_until(b'\033[17A')  # back up over the first picture
        hidden = b'\033[?25l' in self.shown
        while_shown = termios.tcgetattr(self.theirs)
        os.write(self.ours, b'\x03')
        self.read_until(b'saw no errors.')
        status = self.demo.wait(timeout=60)

        self.assertTrue(hidden)
        self.assertFalse(while_shown[3] & termios.ECHO)
        self.assertEqual(termios.tcgetattr(self.theirs), self.before)
        self.assertGreater(self.shown.rfind(b'\033[?25h'), self.shown.rfind(b'\033[?25l'))
        self.assertLess(self.shown.rfind(b'\033[?25h'), self.shown.find(b'saw no errors.'))
        self.assertEqual(status, 0)


if __name__ == '__main__':
    unittest.main()
