#!/usr/bin/env python3
"""What contrib/ gives to Prometheus and Grafana: rules that are sound, metrics that exist, a scrape that works."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

import yaml

from support.client import get
from support.gateway import Gateway
from support.origins import OK, Origin
from support.processes import Program, free_port, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALERTS = ROOT / 'contrib/prometheus/alerts.yaml'
BOARD = ROOT / 'contrib/grafana/goodgate.json'


def promtool(*arguments, text=None):
    done = subprocess.run(['promtool', *map(str, arguments)], input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


class Contrib(unittest.TestCase):
    def test_the_rules_are_sound_and_fire_as_they_should(self):
        self.assertEqual(promtool('check', 'rules', ALERTS)[0], 0)
        status, said = promtool('test', 'rules', ALERTS.with_name('alerts_test.yaml'))
        self.assertEqual(status, 0, said)

    def test_every_metric_that_is_asked_for_exists(self):
        known = set(re.findall(r'^\| `(goodgate_\w+)`', (ROOT / 'docs/metrics.md').read_text(), re.M))
        asked = set(re.findall(r'goodgate_\w+', BOARD.read_text() + ALERTS.read_text()))
        unknown = {name for name in asked if re.sub(r'_(bucket|sum|count)$', '', name) not in known and name not in known}
        self.assertEqual(unknown, set())
        board = json.loads(BOARD.read_text())
        self.assertEqual(len({panel['id'] for panel in board['panels']}), len(board['panels']))


class Scraped(unittest.TestCase):
    def test_prometheus_itself_scrapes_it_and_evaluates_rules_and_panels(self):
        with Origin(lambda request, peer: OK) as origin, Gateway([origin.port]) as gateway, \
                tempfile.TemporaryDirectory() as folder:
            for _ in range(5):
                get(gateway.port, '/')
            for accept in ('text/plain', 'application/openmetrics-text; version=1.0.0'):
                request = urllib.request.Request(f'http://127.0.0.1:{gateway.admin_port}/metrics', headers={'Accept': accept})
                with urllib.request.urlopen(request, timeout=10) as page:
                    text = page.read().decode()
                if 'openmetrics' in accept:
                    from prometheus_client.openmetrics.parser import text_string_to_metric_families
                    self.assertGreater(len(list(text_string_to_metric_families(text))), 40)
                else:
                    self.assertEqual(promtool('check', 'metrics', text=text), (0, ''))
            port = free_port()
            config = {'global': {'scrape_interval': '200ms', 'evaluation_interval': '1s'}, 'rule_files': [str(ALERTS)],
                      'scrape_configs': [{'job_name': 'goodgate', 'static_configs': [{'targets': [f'127.0.0.1:{gateway.admin_port}']}]}]}
            path = os.path.join(folder, 'prometheus.yml')
            with open(path, 'w', encoding='ascii') as file:
                yaml.safe_dump(config, file)
            program = Program(['prometheus', f'--config.file={path}', f'--storage.tsdb.path={folder}/data',
                               f'--web.listen-address=127.0.0.1:{port}'], pathlib.Path(folder), 'prometheus', {})
            self.addCleanup(program.kill)

            def query(expression):
                url = f'http://127.0.0.1:{port}/api/v1/query?' + urllib.parse.urlencode({'query': expression})
                try:
                    with urllib.request.urlopen(url, timeout=5) as page:
                        return json.load(page)['data']['result']
                except OSError:
                    return []

            wait_until(lambda: query('goodgate_requests_total{code="2xx", upstream="app"} == 5'), 'Prometheus has the requests')
            self.assertEqual(query('up{job="goodgate"}')[0]['value'][1], '1')
            self.assertTrue(query('goodgate_worker_lag_seconds'))
            self.assertTrue(query('goodgate_retry_budget_left{upstream="app"} > 0'))
            for panel in json.loads(BOARD.read_text())['panels']:
                for target in panel['targets']:
                    expression = target['expr'].replace('$instance', '.*').replace('$__rate_interval', '1m')
                    url = f'http://127.0.0.1:{port}/api/v1/query?' + urllib.parse.urlencode({'query': expression})
                    with urllib.request.urlopen(url, timeout=5) as page:
                        self.assertEqual(json.load(page)['status'], 'success', expression)
            program.kill()


if __name__ == '__main__':
    unittest.main()
