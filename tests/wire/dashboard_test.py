#!/usr/bin/env python3
"""The dashboard in headless Chromium: it loads, it lives, it says what is wrong, and hands can use it."""
import os
import threading
import time
import unittest

from support.browser import Browser
from support.client import Client, get
from support.gateway import Gateway
from support.origins import OK, Origin

# Where pictures are left to be looked at; none: they are not taken.
PICTURES = os.environ.get('GOODGATE_PICTURES')


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.origins = [self.enterContext(Origin(lambda request, peer: OK)) for _ in range(3)]
        self.gateway = self.enterContext(Gateway([o.port for o in self.origins]))
        self.browser = self.enterContext(Browser())
        self.browser.look_like(1280, 900)

    def open(self):
        self.browser.open(f'http://127.0.0.1:{self.gateway.admin_port}/')
        self.browser.wait_for('#verdict', 'All is well')

    def keep_asking(self):
        """A request every 20 ms until the test ends."""
        ends = threading.Event()

        def work():
            with Client(self.gateway.port) as client:
                while not ends.wait(0.02):
                    client.ask('GET /orders HTTP/1.1\r\nHost: shop.example\r\n\r\n')

        thread = threading.Thread(target=work)
        thread.start()
        self.addCleanup(thread.join, 20)
        self.addCleanup(ends.set)

    def picture(self, name, width=1280, height=900, dark=False):
        if PICTURES:
            self.browser.look_like(width, height, dark)
            time.sleep(1.2)
            self.browser.screenshot(os.path.join(PICTURES, name + '.png'))

    def test_a_fault_appears_with_the_right_words_and_is_explained_to_the_single_request(self):
        self.open()
        self.keep_asking()
        self.browser.wait_for('#verdict', 'All is well')
        self.browser.wait_for('#events', 'the gateway started')
        self.browser.wait_for('#config', 'upstreams.app.endpoints[0].url')
        self.picture('well-light')
        self.picture('well-dark', dark=True)

        dead = self.origins[1].port
        began = time.monotonic()
        self.origins[1].close()
        self.browser.wait_for('#incidents', 'refused')
        shown_after = time.monotonic() - began
        self.browser.wait_for('#verdict', 'Clients notice nothing')
        # Two seconds are promised; a machine that is busy with other tests gets some more.
        print(f'the fault was shown after {shown_after:.1f} s')
        self.assertLess(shown_after, 12)
        self.browser.wait_for('#upstreams', 'ejected')
        self.browser.wait_for('#events', f'127.0.0.1:{dead} of app is ejected')

        self.browser.press('j')
        self.browser.press('Enter')
        self.browser.wait_for('#incidents', 'What to do')
        self.browser.wait_for('#incidents', 'Some of the requests')
        self.picture('incident-light')
        self.picture('incident-phone', 390, 844)
        self.picture('incident-phone-dark', 390, 844, dark=True)
        self.assertLessEqual(self.browser.evaluate('document.documentElement.scrollWidth - innerWidth'), 0)
        self.browser.look_like(1280, 900)
        self.browser.evaluate('document.querySelector("#incidents a").click()')
        self.browser.wait_for('#waterfall', '/orders')
        self.assertGreaterEqual(self.browser.evaluate('document.querySelectorAll("#waterfall rect").length'), 2)
        self.picture('request-light')
        self.picture('request-dark', dark=True)
        self.assertEqual(self.browser.errors, [])

    def test_it_can_be_used_by_keys_alone(self):
        self.open()
        self.browser.press('?')
        self.assertTrue(self.browser.evaluate('document.getElementById("keys").open'))
        self.browser.press('Escape')
        self.browser.evaluate('document.getElementById("keys").close()')
        self.browser.press('j')
        self.browser.press('d')
        self.browser.wait_for('#sure', 'Drain 127.0.0.1:')
        self.browser.press('Enter')
        self.browser.wait_for('#upstreams', 'draining')
        self.browser.wait_for('#upstreams', 'the dashboard from 127.0.0.1')
        self.assertEqual(len([e for e in self.gateway.status()['upstreams'][0]['endpoints']
                              if e['state'] == 'draining']), 1)

        self.browser.press('/')
        self.browser.type('log.access')
        self.browser.wait_for('#config', 'log.access')
        self.assertNotIn('threads', self.browser.text('#config'))
        theme = self.browser.evaluate('document.documentElement.dataset.theme')
        self.browser.press('Escape')
        self.browser.press('t')
        self.assertNotEqual(self.browser.evaluate('document.documentElement.dataset.theme'), theme)
        self.assertEqual(self.browser.errors, [])

    def test_it_says_so_when_the_gateway_is_gone_and_comes_back_with_it(self):
        self.open()
        self.browser.wait_for('#figures', 'requests per second')
        get(self.gateway.port, '/')
        os.kill(self.gateway.worker(), 9)
        self.browser.wait_for('#events', 'another one took over')
        self.browser.wait_for('#verdict', 'All is well')

    def test_a_strict_policy_lets_nothing_else_run(self):
        self.open()
        self.browser.evaluate('document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=\\"window.evil = 1\\">")')
        self.browser.evaluate('document.body.append(Object.assign(document.createElement("script"), { textContent: "window.evil = 2" }))')
        self.assertIsNone(self.browser.evaluate('window.evil'))


if __name__ == '__main__':
    unittest.main()
