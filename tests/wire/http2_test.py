#!/usr/bin/env python3
"""HTTP/2 clients that others have written, against the gateway: curl, Node, h2load, and a plain socket."""
import concurrent.futures
import json
import socket
import subprocess
import threading
import time
import unittest

from support.gateway import Gateway
from support.origins import Nginx, Origin

NODE = r'''
const http2 = require('http2');
const [url] = process.argv.slice(1);
const client = http2.connect(url);
client.on('error', (error) => { console.error(String(error)); process.exit(1); });
const done = [];
const ask = (headers, body) => new Promise((resolve) => {
  const answer = {};
  const stream = client.request(headers, {endStream: body === undefined});
  stream.on('response', (head) => { answer.status = head[':status']; });
  stream.on('trailers', (fields) => { answer.trailers = fields['x-sum']; });
  let text = '';
  stream.setEncoding('latin1');
  stream.on('data', (piece) => { text += piece; });
  stream.on('error', (error) => { answer.error = error.code; });
  stream.on('close', () => { answer.size = text.length; answer.reset = stream.rstCode; resolve(answer); });
  if (body !== undefined) stream.end(body);
});
(async () => {
  const gets = Array.from({length: 50}, (_, i) => ask({':path': '/' + i}));
  done.push(...await Promise.all(gets));
  done.push(await ask({':path': '/upload', ':method': 'POST'}, Buffer.alloc(3000000, 'x')));
  done.push(await ask({':path': '/', ':method': 'HEAD'}));
  console.log(JSON.stringify(done));
  client.close();
})();
'''


def answer(request, peer):
    body = b'%d' % len(request.body)
    return (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nX-Sum: 7\r\n\r\n'
            % (len(body), body))


def curl(port, *options, path='/'):
    return subprocess.run(['curl', '-sS', '--max-time', '30', '--http2-prior-knowledge', *options,
                           f'http://127.0.0.1:{port}{path}'], capture_output=True, timeout=60)


class ClientsOfHttp2(unittest.TestCase):
    def test_curl_gets_posts_and_is_told_of_errors(self):
        with Origin(answer) as origin, Gateway([origin.port]) as gateway:
            plain = curl(gateway.port, '-w', ' %{http_version} %{http_code}')
            upload = curl(gateway.port, '--data-binary', 'x' * 100_000)
            long = curl(gateway.port, '-o', '/dev/null', '-w', '%{http_code}', path='/' + 'x' * 20_000)
            origin.close()
            lost = curl(gateway.port, '-i', path='/lost')

            self.assertEqual(plain.stdout, b'0 2 200')
            self.assertEqual(upload.stdout, b'100000')
            self.assertEqual(long.stdout, b'414')
            self.assertTrue(lost.stdout.startswith(b'HTTP/2 502'), lost.stdout)
            self.assertIn(b'proxy-status: ', lost.stdout)
            records = gateway.records(4)
            self.assertEqual({r['version'] for r in records}, {'HTTP/2.0'})
            self.assertEqual([r['status'] for r in records], [200, 200, 414, 502])
            self.assertIn('2.0 ', origin.requests[0].get('Via'))

    def test_an_upgrade_to_h2c_is_not_made(self):
        with Origin(answer) as origin, Gateway([origin.port]) as gateway:
            done = subprocess.run(['curl', '-sS', '--max-time', '30', '--http2', '-w', ' %{http_version}',
                                   f'http://127.0.0.1:{gateway.port}/'],
                                  capture_output=True, timeout=60, check=True)
            self.assertEqual(done.stdout, b'0 1.1')
            self.assertIsNone(origin.requests[0].get('Upgrade'))

    def test_node_has_many_streams_on_one_connection(self):
        with Origin(answer) as origin, Gateway([origin.port]) as gateway:
            done = subprocess.run(['node', '-e', NODE, f'http://127.0.0.1:{gateway.port}'],
                                  capture_output=True, text=True, timeout=120, check=True)
            answers = json.loads(done.stdout)
            self.assertEqual([a['status'] for a in answers], [200] * 52)
            self.assertEqual({a['trailers'] for a in answers[:51]}, {'7'})
            self.assertEqual(answers[50]['size'], 7)
            self.assertEqual({a['reset'] for a in answers}, {0})
            records = gateway.records(52)
            self.assertEqual(len({r['client_connection'] for r in records}), 1)

    def test_h2load_gets_nothing_but_good_answers(self):
        with Nginx(files={'a.txt': b'a' * 3000}) as nginx, Gateway([nginx.port]) as gateway:
            done = subprocess.run(['h2load', '-n', '600', '-c', '3', '-m', '10',
                                   f'http://127.0.0.1:{gateway.port}/a.txt'],
                                  capture_output=True, text=True, timeout=120, check=True)
            self.assertRegex(done.stdout, r'600 succeeded, 0 failed, 0 errored')

    def test_http1_is_spoken_where_http2_is_not_offered(self):
        with Origin(answer) as origin, Gateway([origin.port]) as gateway:
            with socket.create_connection(('127.0.0.1', gateway.port), timeout=20) as client:
                client.sendall(b'PRI / HTTP/1.1\r\nHost: t\r\n\r\n')
                self.assertTrue(client.recv(100).startswith(b'HTTP/1.1 200'))

    def test_what_is_under_way_at_a_reload_is_answered(self):
        asked = threading.Event()

        def slow(request, peer):
            asked.set()
            time.sleep(2)
            return answer(request, peer)

        with Origin(slow) as origin, Gateway([origin.port]) as gateway:
            with concurrent.futures.ThreadPoolExecutor() as pool:
                waiting = pool.submit(curl, gateway.port, '-w', ' %{http_version} %{http_code}')
                self.assertTrue(asked.wait(20))
                self.assertEqual(gateway.command('reload').returncode, 0)
                self.assertEqual(waiting.result().stdout, b'0 2 200')


if __name__ == '__main__':
    unittest.main(verbosity=2)
