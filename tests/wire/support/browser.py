"""Headless Chromium, driven by its DevTools protocol over a pair of pipes."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from support.processes import wait_until

FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--disable-extensions', '--remote-debugging-pipe']


class Browser:
    """One page in a browser of its own. `errors`: what the page complained about so far."""

    def __init__(self, *flags):
        self.profile = tempfile.mkdtemp(prefix='goodgate-browser-')
        to_browser, self.ours_out = os.pipe()
        self.ours_in, from_browser = os.pipe()
        # It reads commands from descriptor 3 and writes answers to 4.
        self.process = subprocess.Popen(
            ['/bin/bash', '-c', f'exec chromium "$@" 3<&{to_browser} 4>&{from_browser}', 'bash', *FLAGS, *flags,
             f'--user-data-dir={self.profile}', 'about:blank'],
            pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b''
        self.last_id = 0
        self.session = None
        self.errors = []
        target = self.command('Target.createTarget', url='about:blank')['targetId']
        self.session = self.command('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log'):
            self.command(f'{domain}.enable')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        os.close(self.ours_in)
        os.close(self.ours_out)
        shutil.rmtree(self.profile, ignore_errors=True)

    def command(self, method, **parameters):
        """The result of one command; events that come meanwhile are noted."""
        self.last_id += 1
        message = {'id': self.last_id, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.ours_out, json.dumps(message).encode() + b'\0')
        end = time.monotonic() + 30
        while True:
            heard = self.hear(end - time.monotonic())
            if heard.get('id') == self.last_id:
                assert 'error' not in heard, (method, heard)
                return heard['result']

    def hear(self, seconds):
        while b'\0' not in self.buffer:
            assert seconds > 0 and select.select([self.ours_in], [], [], seconds)[0], 'the browser is silent'
            piece = os.read(self.ours_in, 1 << 16)
            assert piece, 'the browser has ended'
            self.buffer += piece
        line, self.buffer = self.buffer.split(b'\0', 1)
        message = json.loads(line)
        self.note(message.get('method'), message.get('params', {}))
        return message

    def note(self, method, event):
        if method == 'Runtime.exceptionThrown':
            self.errors.append(event['exceptionDetails'].get('exception', {}).get('description', str(event)))
        if method == 'Log.entryAdded' and event['entry']['level'] == 'error':
            self.errors.append(f"{event['entry']['text']} {event['entry'].get('url', '')}")
        if method == 'Runtime.consoleAPICalled' and event['type'] == 'error':
            self.errors.append(str(event['args']))

    def open(self, url):
        self.command('Page.navigate', url=url)

    def evaluate(self, script):
        result = self.command('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        assert 'exceptionDetails' not in result, result
        return result['result'].get('value')

    def text(self, selector='body'):
        return self.evaluate(f'(document.querySelector({json.dumps(selector)}) || {{}}).innerText || ""')

    def wait_for(self, selector, text, seconds=20):
        try:
            wait_until(lambda: text in self.text(selector), f'{text!r} in {selector}', seconds)
        except AssertionError as error:
            raise AssertionError(f'{error}, which says {self.text(selector)!r}; {self.errors}') from None

    def press(self, key):
        """A key as a person presses it."""
        code = {'Enter': 13, 'Escape': 27}.get(key, ord(key[0].upper()))
        typed = {'text': key if len(key) == 1 else '\r'} if key != 'Escape' else {}
        for kind in ('keyDown', 'keyUp'):
            self.command('Input.dispatchKeyEvent', type=kind, key=key, windowsVirtualKeyCode=code,
                         **(typed if kind == 'keyDown' else {}))

    def type(self, text):
        self.command('Input.insertText', text=text)

    def look_like(self, width, height, dark=False):
        self.command('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.command('Emulation.setEmulatedMedia',
                     features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])

    def screenshot(self, path):
        data = self.command('Page.captureScreenshot', format='png')['data']
        with open(path, 'wb') as file:
            file.write(base64.b64decode(data))
