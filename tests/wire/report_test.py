#!/usr/bin/env python3
"""What operators read: access log, metrics and status agree with the traffic that was made."""
import json
import os
import pathlib
import re
import signal
import socket
import tempfile
import unittest

from support.client import Client, ask, get
from support.gateway import Gateway
from support.origins import OK, Origin
from support.processes import wait_until

from prometheus_client.parser import text_string_to_metric_families

COMBINED = re.compile(r'^(\S+) - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "(.*)" (\d{3}|-) (\d+|-) '
                      r'"(.*)" "(.*)"$')
ROUTES = [{'path': '/none/', 'to': 'dead'}, {'path': '/private/', 'to': 'app', 'deny': ['0.0.0.0/0']},
          {'path': '/', 'to': 'app'}]


class Reports(unittest.TestCase):
    def start(self, **more):
        self.origin = self.enterContext(Origin(lambda request, peer: {
            '/missing': b'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
            '/error': b'HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n'}.get(request.target, OK)))
        closed = Origin()
        closed.close()
        upstreams = {'app': [f'http://127.0.0.1:{self.origin.port}'],
                     'dead': [f'http://127.0.0.1:{closed.port}']}
        self.gateway = self.enterContext(Gateway(upstreams=upstreams, routes=ROUTES, **more))

    def make_traffic(self):
        """15 requests: 10 good, 2 missing, 1 error of the origin, 1 dead, 1 denied."""
        with Client(self.gateway.port) as client:
            for _ in range(10):
                client.ask('GET / HTTP/1.1\r\nHost: t\r\n\r\n')
            for path in ('/missing', '/missing', '/error', '/none/', '/private/'):
                client.ask(f'GET {path} HTTP/1.1\r\nHost: t\r\n\r\n')

    def samples(self):
        """{(name, labels): value} as Prometheus' own parser reads the page."""
        families = list(text_string_to_metric_families(self.gateway.admin('/metrics')))
        self.assertEqual(len({f.name for f in families}), len(families))
        return {(s.name, frozenset(s.labels.items())): s.value
                for family in families for s in family.samples}

    def value(self, name, **labels):
        return self.samples().get((name, frozenset(labels.items())))

    def test_metrics_are_valid_and_count_what_was_sent(self):
        self.start()
        self.make_traffic()
        self.gateway.records(15)

        self.assertEqual(self.value('goodgate_requests_total', upstream='app', code='2xx'), 10)
        self.assertEqual(self.value('goodgate_requests_total', upstream='app', code='4xx'), 2)
        self.assertEqual(self.value('goodgate_requests_total', upstream='app', code='5xx'), 1)
        self.assertEqual(self.value('goodgate_requests_total', upstream='dead', code='5xx'), 1)
        total = sum(v for (name, _), v in self.samples().items() if name == 'goodgate_requests_total')
        self.assertEqual(total, 15)
        self.assertEqual(self.value('goodgate_request_faults_total', upstream='dead',
                                    fault='connect_refused', blame='upstream'), 1)
        self.assertEqual(self.value('goodgate_client_connections_accepted_total'), 1)
        self.assertEqual(self.value('goodgate_requests_active'), 0)
        self.assertEqual(self.value('goodgate_request_duration_seconds_count', upstream='app'), 13)

    def test_histograms_are_cumulative_and_end_with_their_count(self):
        self.start()
        self.make_traffic()
        buckets = [(dict(labels), value) for (name, labels), value in self.samples().items()
                   if name == 'goodgate_request_duration_seconds_bucket'
                   and dict(labels)['upstream'] == 'app']
        values = [v for _, v in sorted(buckets, key=lambda b: float(b[0]['le']))]
        self.assertEqual(values, sorted(values))
        self.assertEqual(values[-1], 13)

    def test_counters_never_go_down_while_there_is_traffic(self):
        self.start()
        before = self.samples()
        self.make_traffic()
        after = self.samples()
        fallen = [key for key, value in before.items()
                  if key[0].endswith(('_total', '_count', '_sum', '_bucket')) and after[key] < value]
        self.assertEqual(fallen, [])

    def test_status_agrees_as_json_and_as_a_table(self):
        self.start()
        self.make_traffic()

        status = json.loads(self.gateway.command('status', '--json').stdout)
        table = self.gateway.command('status')

        self.assertEqual(status['requests']['total'], 15)
        self.assertEqual(status['requests']['active'], 0)
        self.assertTrue(status['ready'])
        self.assertEqual(status['pid'], self.gateway.pid)
        self.assertIn('ejected: connect_refused; tried again', table.stdout)
        upstreams = {u['name']: u['endpoints'][0] for u in status['upstreams']}
        self.assertEqual((upstreams['app']['state'], upstreams['app']['requests']), ('up', 13))
        self.assertNotEqual(upstreams['dead']['state'], 'up')
        self.assertEqual(table.returncode, 0)
        self.assertIn(f'127.0.0.1:{self.origin.port}', table.stdout)
        self.assertIn('requests: 15', table.stdout)
        self.assertNotIn('\033', table.stdout)

    def test_status_of_nothing_says_what_to_do(self):
        self.start()
        self.gateway.program.signal(15)
        self.gateway.program.wait()
        done = self.gateway.command('status')
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.gateway.config_path), done.stderr)

    def test_each_request_has_one_record_whatever_it_was(self):
        self.start()
        self.make_traffic()
        ask(self.gateway.port, 'GARBAGE\r\n\r\n')
        ask(self.gateway.port, 'HEAD / HTTP/1.1\r\nHost: t\r\n\r\n')
        records = self.gateway.records(17)

        self.assertEqual([r['status'] for r in records],
                         [200] * 10 + [404, 404, 500, 502, 403, 400, 200])
        self.assertEqual(len({r['id'] for r in records}), 17)
        self.assertEqual([r['client_request'] for r in records[:15]], list(range(1, 16)))
        self.assertEqual(records[0]['bytes_out'], 3)
        self.assertEqual(records[-1]['bytes_out'], 0)
        self.assertEqual(records[13]['fault'], 'connect_refused')
        self.assertEqual(records[12]['attempts'][0]['status'], 500)

    def test_a_log_that_was_moved_away_is_begun_anew(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            get(gateway.port, '/before')
            gateway.log_lines(1)
            moved = gateway.folder / 'access.log.1'
            gateway.log_path.rename(moved)
            get(gateway.port, '/between')
            wait_until(lambda: '/between' in moved.read_text(), 'the moved file is written to')
            os.kill(gateway.pid, signal.SIGUSR1)
            wait_until(gateway.log_path.exists, 'a new file')
            get(gateway.port, '/after')
            self.assertIn('/after', gateway.log_lines(1)[0])
            self.assertEqual(len(moved.read_text().splitlines()), 2)

    def test_a_template_says_how_lines_look(self):
        log = tempfile.NamedTemporaryFile(suffix='.log')  # pylint: disable=consider-using-with
        self.enterContext(log)
        self.start(log={'access': log.name, 'format': '{method} {target} {status} {fault}'})
        self.make_traffic()
        lines = wait_until(lambda: len(found := pathlib.Path(log.name).read_text().splitlines()) >= 15
                           and found, '15 lines')
        self.assertEqual(lines[9:], ['GET / 200 -', 'GET /missing 404 -', 'GET /missing 404 -',
                                     'GET /error 500 -', 'GET /none/ 502 connect_refused',
                                     'GET /private/ 403 access_denied'])

    def test_a_sample_keeps_what_failed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / 'a.log'
            self.start(log={'access': str(path), 'sample': '0%', 'slow': 'none'})
            self.make_traffic()
            records = wait_until(lambda: path.exists() and len(
                found := path.read_text().splitlines()) >= 3 and found, '3 lines')
        self.assertEqual([json.loads(line)['status'] for line in records], [500, 502, 403])

    def test_lines_go_to_syslog(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(('127.0.0.1', 0))
            server.settimeout(20)
            self.start(log={'access': f'syslog://127.0.0.1:{server.getsockname()[1]}'})
            self.make_traffic()
            lines = [server.recv(65536).decode() for _ in range(15)]
        for line in lines:
            head = re.fullmatch(r'<(\d+)>1 (\S+Z) (\S+) goodgate (\d+) access - ({.*})', line)
            self.assertIsNotNone(head, line)
            record = json.loads(head[5])
            self.assertEqual(head[2], record['time'])
            self.assertEqual(head[1], '131' if record['status'] >= 500 else '134', line)

    def test_a_syslog_daemon_may_come_late(self):
        with tempfile.TemporaryDirectory() as folder, Origin() as origin:
            path = f'{folder}/log'
            with Gateway([origin.port], log={'access': f'syslog:{path}'}) as gateway, \
                    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
                get(gateway.port, '/early')
                gateway.wait_for_text(f'the access log does not get to syslog at {path}')
                daemon.bind(path)
                daemon.settimeout(20)
                self.assertIn('"target":"/early"', daemon.recv(65536).decode())

    def test_any_bytes_at_all_make_valid_json(self):
        self.start()
        agent = bytes(byte for byte in range(33, 256) if byte != 127)
        with Client(self.gateway.port) as client:
            client.send(b'GET /"\\\xe2\x82 HTTP/1.1\r\nHost: t\r\n\r\n')
            client.read_response()
        with Client(self.gateway.port) as client:
            client.send(b'GET /?a="\\b HTTP/1.1\r\nHost: t\r\nUser-Agent: ' + agent + b'\r\n\r\n')
            client.read_response()
        records = self.gateway.records(2)
        self.assertEqual(records[1]['user_agent'].encode('latin-1'), agent)
        self.assertEqual(records[1]['target'], '/?a="\\b')

    def test_the_combined_format_is_what_other_tools_read(self):
        self.start()
        self.gateway.write_config(log={'access': str(self.gateway.log_path), 'format': 'combined'})
        self.assertEqual(self.gateway.command('reload').returncode, 0)
        get(self.gateway.port, '/a?b="c"', 'User-Agent: a "quoted" one\r\nReferer: http://r/\r\n')
        ask(self.gateway.port, 'GARBAGE\r\n\r\n')

        first, second = self.gateway.log_lines(2)

        client, request, status, size, referer, agent = COMBINED.match(first).groups()
        self.assertEqual((client, status, size, referer), ('127.0.0.1', '200', '3', 'http://r/'))
        self.assertEqual(request, r'GET /a?b=\x22c\x22 HTTP/1.1')
        self.assertEqual(agent, r'a \x22quoted\x22 one')
        self.assertEqual(COMBINED.match(second).group(3), '400')

    def test_the_admin_pages_are_there_and_ready_follows_the_state(self):
        self.start()
        self.assertEqual(self.gateway.admin('/ready'), 'ready\n')
        self.assertIn('/metrics', self.gateway.admin('/'))
        self.assertEqual(get(self.gateway.admin_port, '/nothing').status, 404)
        self.assertEqual(ask(self.gateway.admin_port,
                             'POST /metrics HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n').status, 405)
        self.assertEqual(ask(self.gateway.admin_port, 'HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n').body, b'')

    def test_the_admin_interface_survives_nonsense(self):
        self.start()
        with Client(self.gateway.admin_port) as client:
            client.send(b'\x16\x03\x01 nonsense\r\n\r\n')
            client.fill()
        self.assertEqual(self.gateway.admin('/ready'), 'ready\n')


if __name__ == '__main__':
    unittest.main(verbosity=2)
