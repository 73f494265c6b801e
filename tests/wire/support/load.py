"""Steady traffic beside which something happens, with every answer looked at."""
import threading
import time

from support.client import Broken, Client


class Traffic:
    """`clients` connections that make requests one after another until stop().

    Each outcome is (when it began, when it ended, what): a status, 'refused', 'reset', 'ended' or
    'wrong' (a body other than `body`, if one is given). A client whose connection ended opens another.
    """

    def __init__(self, port, clients=4, request=b'GET / HTTP/1.1\r\nHost: t\r\n\r\n', body=b'ok\n',
                 pause=0.002, keep_alive=True):
        self.port, self.request, self.body = port, request, body
        self.pause, self.keep_alive = pause, keep_alive
        self.outcomes = []
        self.stopping = False
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def run(self):
        client = None
        while not self.stopping:
            began = time.monotonic()
            try:
                client = client or Client(self.port)
                answer = client.ask(self.request)
                is_wrong = answer.status == 200 and self.body not in (None, answer.body)
                what = 'wrong' if is_wrong else answer.status
                if answer.get('Connection') == 'close' or not self.keep_alive:
                    client.close()
                    client = None
            except ConnectionRefusedError:
                what, client = 'refused', None
            except (Broken, OSError) as error:
                what = 'ended' if 'ended' in str(error) else 'reset'
                if client:
                    client.close()
                client = None
            self.outcomes.append((began, time.monotonic(), what))
            time.sleep(self.pause)
        if client:
            client.close()

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join(30)
        return self

    def count(self, *whats):
        return sum(1 for _, _, what in self.outcomes if what in whats)

    def wait_for(self, more):
        """Until so many more requests have had an answer."""
        goal = len(self.outcomes) + more
        until = time.monotonic() + 60
        while len(self.outcomes) < goal:
            assert time.monotonic() < until, 'the traffic has stopped'
            time.sleep(0.005)

    def bad(self):
        return [outcome for outcome in self.outcomes if outcome[2] != 200]
