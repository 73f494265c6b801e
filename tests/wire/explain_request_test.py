#!/usr/bin/env python3
"""`goodgate explain REQUEST-ID` on a running gateway: the id of the error page leads to the cause."""
import json
import unittest

from support.client import get
from support.gateway import Gateway
from support.origins import OK, Origin


class ExplainRequest(unittest.TestCase):
    def start(self, *origins, **more):
        self.gateway = self.enterContext(Gateway(to=[o.port for o in origins], **more))

    def explain(self, *arguments):
        return self.gateway.command('explain', *arguments)

    def test_the_id_of_the_error_page_leads_to_the_cause(self):
        closed = Origin()
        closed.close()
        self.start(closed)
        answer = get(self.gateway.port, '/cart?card=4711', 'Cookie: session=secret\r\n')
        self.assertEqual(answer.status, 502)
        identity = answer.get('x-request-id')
        self.assertIn(identity, answer.body.decode())

        told = self.explain(identity)

        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn(f'502: connect_refused at 127.0.0.1:{closed.port}', told.stdout)
        self.assertIn('ECONNREFUSED', told.stdout)
        self.assertIn('what to do\n', told.stdout)
        self.assertIn('/cart?card=…', told.stdout)
        for secret in ('4711', 'secret'):
            self.assertNotIn(secret, told.stdout + self.explain(identity, '--json').stdout)
        self.assertEqual(self.explain(identity[:8]).stdout, told.stdout)

    def test_a_rescued_request_tells_what_it_was_rescued_from(self):
        broken = self.enterContext(Origin(lambda request, peer: peer.close()))
        good = self.enterContext(Origin(lambda request, peer: OK))
        self.start(broken, good)
        for _ in range(6):
            get(self.gateway.port, '/')
        rescued = [r for r in self.gateway.records(6) if 'rescued' in r]
        self.assertTrue(rescued, self.gateway.records())

        record = json.loads(self.explain(rescued[0]['id'], '--json').stdout)

        self.assertEqual(record['outcome'], 'rescued')
        self.assertEqual(record['status'], 200)
        self.assertEqual(record['attempts'][0]['fault']['name'], 'closed_before_head')
        self.assertEqual(record['attempts'][-1]['status'], 200)
        self.assertTrue(record['attempts'][0]['evidence'])

    def test_an_unknown_id_is_said_to_be_unknown(self):
        origin = self.enterContext(Origin(lambda request, peer: OK))
        self.start(origin)
        told = self.explain('0' * 32)
        self.assertEqual(told.returncode, 1)
        self.assertIn('keeps no record of request ' + '0' * 32, told.stderr)
        self.assertEqual(self.explain('--request', 'no id').returncode, 2)


if __name__ == '__main__':
    unittest.main()
