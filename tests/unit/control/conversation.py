# SPDX-License-Identifier: BSD-3-Clause
"""What the conversation tests share: a running control_server and clients of it."""
import json
import subprocess
import sys
import time
import unittest

from ws_client import Http, WebSocket


def program():
    """The control_server to talk to: the first argument of the test."""
    return sys.argv[1]


def main():
    unittest.main(argv=[sys.argv[0]] + sys.argv[2:], verbosity=1)


class Server:
    def __init__(self, address="127.0.0.1", panel="", waiting_bytes=0):
        self.process = subprocess.Popen([program(), address, panel, "0", str(waiting_bytes)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.address = (address, int(self.process.stdout.readline()))

    def order(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def stats(self):
        self.order("stats")
        return json.loads(self.process.stdout.readline())

    def state(self):
        """What calls have set in the double."""
        self.order("state")
        return json.loads(self.process.stdout.readline())

    def wait_stats(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            stats = self.stats()
            if condition(stats):
                return stats
            time.sleep(0.02)
        raise AssertionError("did not come: %s" % stats)

    def stop(self):
        self.process.stdin.close()
        status = self.process.wait(20)
        self.process.stdout.close()
        return status


class Case(unittest.TestCase):
    panel = ""

    def setUp(self):
        self.server = Server(panel=self.panel)
        self.address = self.server.address

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0)

    def http(self, *args, **kwargs):
        connection = Http(self.address)
        try:
            return connection.request(*args, **kwargs)
        finally:
            connection.close()

    def rpc(self, text, **headers):
        status, _, body = self.http("POST", "/rpc", body=text.encode(), headers=headers)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def ws(self, **kwargs):
        w = WebSocket(self.address, **kwargs)
        self.addCleanup(w.close)
        return w
