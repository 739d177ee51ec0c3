#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Notifications and websocket frames of a real control server, with slow readers and attackers.

    test_websocket.py CONTROL_SERVER [TEST...]
"""
import json
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from conversation import Case, main  # noqa: E402
from ws_client import Closed, Refused, WebSocket  # noqa: E402


class Notifications(Case):
    def test_subscribe(self):
        w, other = self.ws(), self.ws()
        self.assertEqual(w.call("subscribe", {"topics": ["result"]})["result"],
                         {"topics": ["result"], "queries": None})
        self.assertEqual(other.call("subscribe", {"topics": ["alert", "result"],
                                                  "queries": ["protocol-share"]})["result"],
                         {"topics": ["result", "alert"], "queries": ["protocol-share"]})
        self.server.order("publish ip-topk 3 0")
        self.server.order("publish protocol-share 2 0")
        got = [w.notification() for _ in range(5)]
        self.assertEqual([g["method"] for g in got], ["result"] * 5)
        self.assertEqual([(g["params"]["query"], g["params"]["seq"]) for g in got],
                         [("ip-topk", 0), ("ip-topk", 1), ("ip-topk", 2),
                          ("protocol-share", 0), ("protocol-share", 1)])
        self.assertEqual(got[0]["params"]["total"]["bytes"], 9007199254740993)
        self.assertNotIn("id", got[0])
        self.assertEqual([other.notification()["params"]["query"] for _ in range(2)],
                         ["protocol-share"] * 2)

    def test_unsubscribe(self):
        w = self.ws()
        w.call("subscribe", {"topics": ["result", "flow"]})
        self.assertEqual(w.call("unsubscribe", {"topics": ["result"]})["result"]["topics"],
                         ["flow"])
        self.server.order("publish ip-topk 5 0")
        self.server.stats()
        self.assertEqual(w.call("unsubscribe")["result"], {"topics": [], "queries": None})
        self.assertEqual(w.notifications, [])
        self.assertEqual(self.server.stats()["notifications"], 0)

    def test_unknown_query(self):
        error = self.ws().call("subscribe", {"topics": ["result"], "queries": ["x"]})["error"]
        self.assertEqual((error["code"], error["data"]["field"]), (-32602, "queries"))

    def test_not_over_http(self):
        error = self.rpc('{"jsonrpc":"2.0","method":"subscribe","params":{"topics":["result"]},'
                         '"id":1}')["error"]
        self.assertEqual(error["code"], -32000)
        self.assertIn("websocket", error["message"])

    def test_slow_reader_loses_and_is_told(self):
        slow, quick = self.ws(receive_buffer=4096), self.ws()
        slow.call("subscribe", {"topics": ["result"]})
        quick.call("subscribe", {"topics": ["result"]})
        sent = 0
        for _ in range(40):  # 40 x 50 x 20 kB = 40 MB, far more than sockets and backlog hold
            self.server.order("publish ip-topk 50 20000")
            for _ in range(50):
                self.assertEqual(quick.notification()["method"], "result")
            sent += 50
        stats = self.server.stats()
        self.assertGreater(stats["dropped"], 0)
        got = told = 0
        while got + told < sent:
            message = slow.notification()
            if message["method"] == "dropped":
                told += message["params"]["notifications"]
            else:
                got += 1
        self.assertEqual(got + told, sent)
        self.assertEqual(told, stats["dropped"])
        self.assertGreaterEqual(got, 200)  # 4 MiB of backlog are 209 of them

    def test_does_not_read_answers(self):
        """Answers are never dropped: the server stops reading from such a client instead."""
        w = self.ws(receive_buffer=4096, timeout=1)
        sent = 0
        request = '{"jsonrpc":"2.0","method":"rpc.methods","id":1,"pad":"%s"}' % ("x" * 1000)
        try:
            for sent in range(20000):
                w.send(request)
        except (socket.timeout, TimeoutError):
            pass
        self.assertGreater(sent, 100)
        self.assertLess(sent, 19999)
        self.assertIn("result", self.ws().call("system.info"))


class Subprotocols(Case):
    def alive(self):
        self.assertIn("result", self.ws().call("system.info"))

    def test_subprotocols(self):
        self.assertEqual(self.ws().headers["sec-websocket-protocol"], "weir.v1")
        w = self.ws(protocol=None)
        self.assertNotIn("sec-websocket-protocol", w.headers)
        self.assertIn("result", w.call("system.info"))
        self.assertEqual(self.ws(protocol="chat, weir.v1").headers["sec-websocket-protocol"],
                         "weir.v1")
        for protocol in ("weir.listen", "weir.v2", "x" * 3000):
            with self.assertRaises((Refused, Closed, ConnectionError)):
                WebSocket(self.address, protocol=protocol)
        self.alive()


if __name__ == "__main__":
    main()
