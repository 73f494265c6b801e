#!/usr/bin/env python3
"""The gateway as one hop among others: HAProxy before it, Python behind it, wrk as the crowd."""
import re
import subprocess
import unittest

from support.client import Client, get
from support.gateway import Gateway
from support.origins import HaProxy, Nginx, Origin, PythonFiles


class PythonBehindTheGateway(unittest.TestCase):
    def test_files_errors_and_unknown_methods_of_http_server(self):
        with PythonFiles({'a.txt': b'from python\n'}) as origin, Gateway([origin.port]) as gateway:
            with Client(gateway.port) as client:
                file = client.ask('GET /a.txt HTTP/1.1\r\nHost: t\r\n\r\n')
                head = client.ask('HEAD /a.txt HTTP/1.1\r\nHost: t\r\n\r\n')
                missing = client.ask('GET /b.txt HTTP/1.1\r\nHost: t\r\n\r\n')
                unknown = client.ask('BREW /a.txt HTTP/1.1\r\nHost: t\r\n\r\n')
                again = client.ask('GET /a.txt HTTP/1.1\r\nHost: t\r\n\r\n')

            self.assertEqual(file.body, b'from python\n')
            self.assertEqual((head.body, head.get('Content-Length')), (b'', '12'))
            self.assertEqual((missing.status, unknown.status), (404, 501))
            self.assertEqual(again.body, b'from python\n')
            self.assertEqual(len(gateway.records(5)), 5)


class HaproxyBeforeTheGateway(unittest.TestCase):
    def test_requests_bodies_and_keep_alive_pass_both(self):
        answer = lambda request, peer: (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
                                        b'%x\r\n%s\r\n0\r\n\r\n' % (len(request.body) or 1,
                                                                  request.body or b'-'))
        with Origin(answer) as origin, Gateway([origin.port]) as gateway:
            with HaProxy(gateway.port) as haproxy, Client(haproxy.port) as client:
                bodies = []
                for size in (0, 1, 5000, 200_000):
                    body = b'x' * size
                    request = b'PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n' % size
                    bodies.append(len(client.ask(request + body).body))

            self.assertEqual(bodies, [1, 1, 5000, 200_000])
            self.assertEqual([r['status'] for r in gateway.records(4)], [200] * 4)
            self.assertEqual(origin.connections, 1)

    def test_the_client_that_haproxy_names_is_believed_only_if_haproxy_is_trusted(self):
        with Origin() as origin, Gateway([origin.port]) as gateway:
            with HaProxy(gateway.port) as haproxy:
                get(haproxy.port, '/', 'X-Forwarded-For: 192.0.2.1\r\n')
            gateway.write_config(trusted_proxies=['127.0.0.0/8'])
            self.assertEqual(gateway.command('reload').returncode, 0)
            with HaProxy(gateway.port) as haproxy:
                get(haproxy.port, '/', 'X-Forwarded-For: 192.0.2.1\r\n')

            seen = [r.get('X-Forwarded-For') for r in origin.requests]
            self.assertEqual(seen, ['127.0.0.1', '192.0.2.1, 127.0.0.1'])


class ACrowd(unittest.TestCase):
    def test_wrk_gets_nothing_but_good_answers(self):
        with Nginx(files={'a.txt': b'a' * 3000}) as nginx, Gateway([nginx.port]) as gateway:
            done = subprocess.run(['wrk', '-t1', '-c50', '-d3s',
                                   f'http://127.0.0.1:{gateway.port}/a.txt'],
                                  capture_output=True, text=True, timeout=30, check=True)
            total = int(re.search(r'(\d+) requests in', done.stdout).group(1))

            self.assertGreater(total, 100)
            self.assertNotIn('Socket errors', done.stdout)
            self.assertNotIn('Non-2xx', done.stdout)
            statuses = {r.get('status') for r in gateway.records() if 'fault' not in r}
            self.assertEqual(statuses, {200})


if __name__ == '__main__':
    unittest.main(verbosity=2)
