#!/usr/bin/env python3
"""What contrib/ ships agrees with the program, the Makefile and itself."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOODGATE = os.environ['GOODGATE']


def problems_of(text):
    with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
        file.write(text)
        file.flush()
        done = subprocess.run([GOODGATE, 'check', '-c', file.name], capture_output=True, text=True, timeout=20,
                              check=False)
    return '' if done.returncode == 0 else done.stdout + done.stderr


def seconds(text):
    return int(re.fullmatch(r'(\d+)s', text)[1])


class Contrib(unittest.TestCase):
    def test_the_example_is_accepted(self):
        self.assertEqual(problems_of((ROOT / 'contrib/goodgate.yaml').read_text()), '')

    def test_the_deployment_agrees_with_its_configuration(self):
        parts = {part['kind']: part for part in
                 yaml.safe_load_all((ROOT / 'contrib/kubernetes/goodgate.yaml').read_text())}
        text = parts['ConfigMap']['data']['goodgate.yaml']
        config = yaml.safe_load(text)
        token = config['admin']['token_file']
        with tempfile.NamedTemporaryFile('w') as file:
            file.write('x' * 48)
            file.flush()
            self.assertEqual(problems_of(text.replace(token, file.name)), '')
        pod = parts['Deployment']['spec']['template']
        container = pod['spec']['containers'][0]
        ports = {port['name']: port['containerPort'] for port in container['ports']}
        self.assertEqual(config['listeners'], [f':{ports["http"]}'])
        self.assertTrue(config['admin']['address'].endswith(f':{ports["admin"]}'))
        mounts = {mount['name']: mount['mountPath'] for mount in container['volumeMounts']}
        self.assertEqual(token, f'{mounts["admin-token"]}/token')
        self.assertEqual(set(mounts), {volume['name'] for volume in pod['spec']['volumes']})
        self.assertEqual(container['readinessProbe']['httpGet'], {'path': '/ready', 'port': 'admin'})
        self.assertEqual(parts['Service']['spec']['ports'][0]['targetPort'], 'http')
        self.assertEqual(parts['Service']['spec']['selector'], pod['metadata']['labels'])
        self.assertEqual(parts['Deployment']['spec']['selector']['matchLabels'], pod['metadata']['labels'])

        pause = int(container['lifecycle']['preStop']['exec']['command'][1])
        noticed = container['readinessProbe']['periodSeconds'] * container['readinessProbe']['failureThreshold']
        self.assertGreater(pause, noticed)
        self.assertGreater(pod['spec']['terminationGracePeriodSeconds'], pause + seconds(config['timeouts']['drain']))
        version = re.search(r'project\(goodgate VERSION ([\d.]+)', (ROOT / 'CMakeLists.txt').read_text())[1]
        self.assertEqual(container['image'], f'goodgate:{version}')

    def test_the_image_is_made_by_what_is_there(self):
        text = (ROOT / 'contrib/docker/Dockerfile').read_text()
        targets = re.findall(r'^([a-z-]+):.*## ', (ROOT / 'Makefile').read_text(), re.M)
        for target in re.findall(r'&& make ([a-z]+)', text):
            self.assertIn(target, targets)
        for word in re.findall(r'CMD \["(?:goodgate", ")?(\w+)"', text):
            done = subprocess.run([GOODGATE, word, '--help'], capture_output=True, timeout=20, check=False)
            self.assertEqual(done.returncode, 0, word)


if __name__ == '__main__':
    unittest.main()
