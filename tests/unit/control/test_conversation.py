#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Talks to a real control server (control_server.c) the way clients and attackers do.

    test_conversation.py CONTROL_SERVER
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ws_client import Closed, Http, Refused, WebSocket  # noqa: E402

SERVER = None


class Server:
    def __init__(self, address="127.0.0.1", panel=""):
        self.process = subprocess.Popen([SERVER, address, panel], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.address = (address, int(self.process.stdout.readline()))

    def order(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def stats(self):
        self.order("stats")
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


# method, params, "result" or (code, field, text that is in the message)
CALLS = [
    ("system.info", None, "result"),
    ("system.info", {"x": 1}, (-32602, "x", "allowed: none")),
    ("system.info", [1], (-32602, "params", "by name")),
    ("stats.get", {}, "result"),
    ("stats.get", {"all": True}, (-32602, "all", "no parameter")),
    ("ports.list", None, "result"),
    ("ports.list", {"port": 0}, (-32602, "port", "no parameter")),
    ("query.list", None, "result"),
    ("query.list", {"name": ""}, (-32602, "name", "no parameter")),
    ("rpc.methods", None, "result"),
    ("rpc.methods", {"a": 1}, (-32602, "a", "no parameter")),
    ("processor.get", None, "result"),
    ("processor.get", {"k": 1}, (-32602, "k", "no parameter")),
    ("processor.set", {"H": 5, "T": 20, "k": 3, "X": 2.5}, "result"),
    ("processor.set", {"k": 7}, "result"),
    ("processor.set", None, (-32602, "params", "at least one of")),
    ("processor.set", {"k": "5"}, (-32602, "k", "found \"5\"")),
    ("processor.set", {"k": 10.5}, (-32602, "k", "found 10.5")),
    ("processor.set", {"k": 0}, (-32602, "k", "an integer 1 to 1000")),
    ("processor.set", {"H": 101}, (-32602, "H", "above 0 to 100")),
    ("processor.set", {"T": True}, (-32602, "T", "found true")),
    ("processor.set", {"X": -1}, (-32602, "X", "above 0 to 1000")),
    ("processor.set", {"z": 1}, (-32602, "z", "allowed: H, T, k, X")),
    ("processor.set", {"\u00e9" * 200: 1}, (-32602, None, "no parameter")),
    ("processor.start", None, "result"),
    ("processor.start", {"now": 1}, (-32602, "now", "no parameter")),
    ("processor.stop", None, "result"),
    ("processor.stop", {"now": 1}, (-32602, "now", "no parameter")),
    ("generator.get", None, "result"),
    ("generator.get", {"a": 1}, (-32602, "a", "no parameter")),
    ("generator.set", {"rate_pps": 5000}, "result"),
    ("generator.set", None, (-32602, "params", "at least one")),
    ("generator.set", {"rate_pps": "fast"}, (-32602, "rate_pps", "rate_pps")),
    ("generator.set", {"rate_pps": -1}, (-32602, "rate_pps", "0 or more")),
    ("generator.set", {"colour": 1}, (-32602, "colour", "unknown field")),
    ("generator.start", None, "result"),
    ("generator.start", {"a": 1}, (-32602, "a", "no parameter")),
    ("generator.stop", None, "result"),
    ("generator.stop", {"a": 1}, (-32602, "a", "no parameter")),
    ("results.latest", {"query": "ip-topk"}, "result"),
    ("results.latest", None, (-32602, "query", "missing")),
    ("results.latest", {"query": 1}, (-32602, "query", "found 1")),
    ("results.latest", {"query": "x" * 64}, (-32602, "query", "1 to 63 bytes")),
    ("results.latest", {"query": "nope"}, (-32001, "query", "no query")),
    ("results.latest", {"query": "ip-topk", "n": 1}, (-32602, "n", "allowed: query")),
    ("results.list", {"query": "ip-topk", "from_us": 1, "to_us": 2, "limit": 1}, "result"),
    ("results.list", {"query": "ip-topk"}, "result"),
    ("results.list", {"limit": 1}, (-32602, "query", "missing")),
    ("results.list", {"query": "a", "limit": 0}, (-32602, "limit", "1 to 10000")),
    ("results.list", {"query": "a", "limit": 10001}, (-32602, "limit", "1 to 10000")),
    ("results.list", {"query": "a", "from_us": "x"}, (-32602, "from_us", "found \"x\"")),
    ("results.list", {"query": "a", "to_us": -1}, (-32602, "to_us", "found -1")),
    ("results.list", {"query": "a", "from_us": 2, "to_us": 1}, (-32602, "from_us", "to_us")),
    ("results.list", {"query": "a", "sort": 1}, (-32602, "sort", "allowed: query, from_us")),
    ("results.insert", {"result": {"query": "a"}}, "result"),
    ("results.insert", None, (-32602, "result", "missing")),
    ("results.insert", {"result": 5}, (-32602, "result", "an object")),
    ("results.insert", {"result": {}}, (-32602, "query", "missing")),
    ("results.insert", {"result": {"query": "a"}, "b": 1}, (-32602, "b", "allowed: result")),
    ("results.clear", None, "result"),
    ("results.clear", {"all": 1}, (-32602, "all", "no parameter")),
    ("subscribe", None, (-32602, "topics", "missing")),
    ("subscribe", {"topics": "result"}, (-32602, "topics", "an array of 1 to 4 of")),
    ("subscribe", {"topics": []}, (-32602, "topics", "found []")),
    ("subscribe", {"topics": ["news"]}, (-32602, "topics", "result alert stats flow")),
    ("subscribe", {"topics": [1]}, (-32602, "topics", "found [1]")),
    ("subscribe", {"topics": ["result"] * 5}, (-32602, "topics", "1 to 4")),
    ("subscribe", {"topics": ["result"], "queries": []}, (-32602, "queries", "1 to 256")),
    ("subscribe", {"topics": ["result"], "queries": [1]}, (-32602, "queries", "strings")),
    ("subscribe", {"topics": ["result"], "x": 1}, (-32602, "x", "allowed: topics, queries")),
    ("unsubscribe", {"topics": ["x"]}, (-32602, "topics", "found")),
    ("unsubscribe", {"queries": ["x"]}, (-32602, "queries", "allowed: topics")),
    ("no.such.method", None, (-32601, "method", "rpc.methods")),
    ("", None, (-32601, "method", "no method")),
]


class Methods(Case):
    def check(self, ask):
        for number, (method, params, expected) in enumerate(CALLS):
            request = {"jsonrpc": "2.0", "method": method, "id": number}
            if params is not None:
                request["params"] = params
            with self.subTest(method=method, params=params):
                answer = ask(json.dumps(request))
                self.assertEqual(answer["jsonrpc"], "2.0")
                self.assertEqual(answer["id"], number)
                if expected == "result":
                    self.assertIn("result", answer)
                    self.assertNotIn("error", answer)
                    continue
                code, field, text = expected
                self.assertNotIn("result", answer)
                self.assertEqual(answer["error"]["code"], code, answer)
                self.assertIn(text, answer["error"]["message"])
                if field is not None:
                    self.assertEqual(answer["error"]["data"]["field"], field)

    def test_over_websocket(self):
        self.check(self.ws().answer)

    def test_over_http(self):
        self.check(self.rpc)

    def test_table_is_covered(self):
        listed = {m["name"] for m in self.ws().call("rpc.methods")["result"]}
        self.assertEqual(listed, {c[0] for c in CALLS} - {"no.such.method", ""})

    def test_setters_answer_with_the_state(self):
        w = self.ws()
        self.assertEqual(w.call("processor.set", {"k": 3})["result"]["k"], 3)
        self.assertEqual(w.call("processor.get")["result"],
                         {"H": 10, "T": 10, "k": 3, "X": 2, "running": True})
        self.assertIs(w.call("processor.stop")["result"]["running"], False)
        self.assertIs(w.call("generator.start")["result"]["running"], True)

    def test_no_generator(self):
        self.server.order("generator 0")
        self.server.stats()
        for method in ("generator.get", "generator.start", "generator.stop"):
            error = self.ws().call(method)["error"]
            self.assertEqual((error["code"], error["message"]),
                             (-32000, "no generator: start with --demo"))


class JsonRpc(Case):
    def test_ids_come_back_as_they_are(self):
        w = self.ws()
        for ident in ('1', '0', '-1', '12345678901234567890', '1.0', '1.50e+2', '"a"', '""',
                      '"\\u00e9\\"\\n"', 'null', '9007199254740993', '-0'):
            w.send('{"jsonrpc":"2.0","method":"system.info","id": %s }' % ident)
            self.assertTrue(w.receive().endswith(',"id":%s}' % ident), ident)

    def test_duplicates_and_strangers(self):
        w = self.ws()
        w.send('{"extra":[1,{"id":7}],"id":1,"jsonrpc":"2.0","id":2,"method":"system.info",'
               '"method":"nope","\\u0069d":3}')
        self.assertEqual(json.loads(w.receive())["id"], 1)
        w.send('{"\\u0069d":99999999999999999999,"jsonrpc":"2.0","method":"system.info"}')
        self.assertIn('"id":99999999999999999999}', w.receive())

    def test_parse_errors(self):
        for text in ('', '{', '[1,', 'hello', '{"a":01}', '{"jsonrpc":"2.0",}', '\ufeff{}',
                     '{} {}', '"\\ud800"', '[' * 40 + ']' * 40, '\x00'):
            with self.subTest(text=text):
                answer = self.rpc(text)
                self.assertEqual(answer["error"]["code"], -32700)
                self.assertIsNone(answer["id"])

    def test_invalid_utf8(self):
        status, _, body = self.http("POST", "/rpc", body=b'{"jsonrpc":"2.0","method":"\xff"}')
        self.assertEqual((status, json.loads(body)["error"]["code"]), (200, -32700))

    def test_invalid_requests(self):
        w = self.ws()
        for text, ident in (('1', None), ('"x"', None), ('null', None), ('{}', None),
                            ('{"jsonrpc":"1.0","method":"system.info","id":4}', 4),
                            ('{"jsonrpc":2.0,"method":"system.info","id":4}', 4),
                            ('{"method":"system.info","id":4}', 4),
                            ('{"jsonrpc":"2.0","id":4}', 4),
                            ('{"jsonrpc":"2.0","method":1,"params":"bar"}', None),
                            ('{"jsonrpc":"2.0","method":"system.info","params":5,"id":4}', 4),
                            ('{"jsonrpc":"2.0","method":"system.info","params":null,"id":4}', 4),
                            ('{"jsonrpc":"2.0","method":"system.info","id":{}}', None),
                            ('{"jsonrpc":"2.0","method":"system.info","id":true}', None)):
            with self.subTest(text=text):
                answer = w.answer(text)
                self.assertEqual(answer["error"]["code"], -32600)
                self.assertEqual(answer["id"], ident)

    def test_notifications_get_no_answer(self):
        w = self.ws()
        w.send('{"jsonrpc":"2.0","method":"processor.set","params":{"k":9}}')
        w.send('{"jsonrpc":"2.0","method":"nope"}')
        w.send('{"jsonrpc":"2.0","method":"results.clear"}')
        self.assertEqual(w.call("processor.get", ident="mine")["result"]["k"], 9)
        status, headers, body = self.http("POST", "/rpc",
                                          body=b'{"jsonrpc":"2.0","method":"nope"}')
        self.assertEqual((status, body), (204, b""))

    def test_batches(self):
        w = self.ws()
        one = '{"jsonrpc":"2.0","method":"%s","id":%s}'
        answer = w.answer('[%s,{"jsonrpc":"2.0","method":"nope"},7,%s,%s]' % (
            one % ("system.info", 1), one % ("results.clear", 2), one % ("nope", '"x"')))
        self.assertEqual([a["id"] for a in answer], [1, None, 2, "x"])
        self.assertEqual([a.get("error", {}).get("code") for a in answer],
                         [None, -32600, None, -32601])
        self.assertEqual(w.answer('[]')["error"]["code"], -32600)
        self.assertEqual(len(w.answer('[%s]' % ','.join([one % ("results.clear", 5)] * 64))), 64)
        self.assertEqual(w.answer('[%s]' % ','.join(['1'] * 65))["error"]["code"], -32600)
        self.assertEqual([a["error"]["code"] for a in w.answer('[1,2,3]')], [-32600] * 3)
        w.send('[{"jsonrpc":"2.0","method":"stats.get"},{"jsonrpc":"2.0","method":"x"}]')
        self.assertEqual(w.call("system.info", ident=77)["id"], 77)
        self.assertEqual(self.rpc('[1]')[0]["error"]["code"], -32600)

    def test_many_slow_calls_at_once(self):
        self.server.order("delay 5")
        w = self.ws()
        for n in range(100):
            w.send('{"jsonrpc":"2.0","method":"results.clear","id":%d}' % n)
        answers = {json.loads(w.receive())["id"] for _ in range(100)}
        self.assertEqual(answers, set(range(100)))

    def test_gone_before_the_answer(self):
        self.server.order("delay 50")
        for _ in range(5):
            w = self.ws()
            w.send('[%s]' % ','.join(['{"jsonrpc":"2.0","method":"results.clear","id":1}'] * 3))
            w.close()
            connection = Http(self.address)
            connection.send("DELETE", "/api/v1/results")
            connection.close()
        self.server.wait_stats(lambda s: s["clients"] == 0 and s["completed"] >= 1)
        self.assertIn("result", self.ws().call("system.info"))


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


class Frames(Case):
    def closes(self, w):
        with self.assertRaises((Closed, ConnectionError)) as caught:
            while True:
                w.receive()
        return getattr(caught.exception, "code", None)

    def alive(self):
        self.assertIn("result", self.ws().call("system.info"))

    def test_fragments(self):
        w = self.ws()
        text = b'{"jsonrpc":"2.0","method":"system.info","id":"\xc3\xa9"}'
        w.send_frame(1, text[:10], final=False)
        w.send_frame(9, b"ping between")
        for i in range(10, len(text) - 1):
            w.send_frame(0, text[i:i + 1], final=False)
        w.send_frame(0, text[-1:])
        self.assertEqual(json.loads(w.receive())["id"], "\u00e9")

    def test_large_message(self):
        w = self.ws()
        text = '{"jsonrpc":"2.0","method":"system.info","id":1,"pad":"%s"}'
        w.send(text % ("x" * (65536 - len(text) + 2)))
        self.assertEqual(json.loads(w.receive())["id"], 1)
        w.send(text % ("x" * 65536))
        self.assertEqual(self.closes(w), 1009)
        self.alive()

    def test_endless_fragments(self):
        w = self.ws()
        try:
            w.send_frame(1, b"[", final=False)
            for _ in range(100):
                w.send_frame(0, b" " * 4096, final=False)
        except ConnectionError:
            pass
        self.closes(w)
        self.alive()

    def test_binary_is_refused(self):
        w = self.ws()
        w.send_frame(2, b'{"jsonrpc":"2.0","method":"system.info","id":1}')
        self.assertEqual(self.closes(w), 1003)
        self.alive()

    def test_bad_utf8(self):
        w = self.ws()
        w.send_frame(1, b'{"jsonrpc":"2.0","method":"\xff\xfe","id":1}')
        self.assertEqual(self.closes(w), 1007)
        self.alive()

    def test_violations(self):
        for opcode, payload, masked in ((3, b"x", True), (11, b"", True), (1, b"{}", False),
                                        (0, b"x", True), (8, b"\x00", True), (9, b"x" * 126, True),
                                        (0x41, b"x", True)):
            with self.subTest(opcode=opcode):
                w = self.ws(timeout=3)
                try:
                    w.send_frame(opcode, payload, masked=masked)
                    w.call("system.info")
                except (Closed, ConnectionError, TimeoutError, ValueError):
                    pass
                w.close()
                self.alive()

    def test_huge_length(self):
        w = self.ws()
        w.sock.sendall(b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"mask" + b"x" * 1000)
        w.close()
        self.alive()

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


class HttpServer(Case):
    def test_health(self):
        status, headers, body = self.http("GET", "/healthz")
        self.assertEqual((status, json.loads(body)), (200, {"status": "ok"}))
        self.server.order("healthy 0")
        self.server.stats()
        status, headers, body = self.http("GET", "/healthz")
        self.assertEqual((status, json.loads(body)),
                         (503, {"status": "unhealthy", "reason": "the store is down"}))

    def test_metrics(self):
        status, headers, body = self.http("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertTrue(headers["content-type"].startswith("application/openmetrics-text"))
        self.assertTrue(body.endswith(b"# EOF\n"))

    def test_security_headers_everywhere(self):
        for method, path in (("GET", "/"), ("GET", "/healthz"), ("GET", "/nope"),
                             ("GET", "/api/v1/results"), ("PUT", "/rpc"), ("HEAD", "/")):
            status, headers, body = self.http(method, path)
            with self.subTest(path=path):
                self.assertIn("default-src 'self'", headers["content-security-policy"])
                self.assertIn("frame-ancestors 'none'", headers["content-security-policy"])
                self.assertEqual(headers["x-content-type-options"], "nosniff")
                self.assertEqual(headers["referrer-policy"], "no-referrer")

    def test_not_built(self):
        status, headers, body = self.http("GET", "/")
        self.assertEqual(status, 200)
        self.assertIn(b"not built", body)

    def test_rest(self):
        status, _, body = self.http("GET", "/api/v1/results?query=ip-topk&from_us=5&to_us=9&limit=2")
        self.assertEqual((status, json.loads(body)),
                         (200, {"query": "ip-topk", "from_us": 5, "to_us": 9, "limit": 2}))
        status, _, body = self.http("GET", "/api/v1/results?query=a%20b%26c")
        self.assertEqual(json.loads(body)["query"], "a b&c")
        status, _, body = self.http("GET", "/api/v1/results/latest?query=ip-topk")
        self.assertEqual((status, json.loads(body)["seq"]), (200, 42))
        status, headers, body = self.http("POST", "/api/v1/results", body=b'{"query":"a"}')
        self.assertEqual((status, json.loads(body)), (201, {"inserted": 1}))
        status, _, body = self.http("DELETE", "/api/v1/results")
        self.assertEqual((status, json.loads(body)), (200, {"deleted": 1}))

    def test_rest_errors(self):
        for method, path, body, status, field in (
                ("GET", "/api/v1/results", None, 400, "query"),
                ("GET", "/api/v1/results?query=", None, 400, "query"),
                ("GET", "/api/v1/results?query=a&limit=0", None, 400, "limit"),
                ("GET", "/api/v1/results?query=a&limit=1.5", None, 400, "limit"),
                ("GET", "/api/v1/results?query=a&limit=x", None, 400, "limit"),
                ("GET", "/api/v1/results?query=a&limit=", None, 400, "limit"),
                ("GET", "/api/v1/results?query=a&limit", None, 400, "limit"),
                ("GET", "/api/v1/results?query=a&from_us=-1", None, 400, "from_us"),
                ("GET", "/api/v1/results?query=a&nope=1", None, 400, "nope"),
                ("GET", "/api/v1/results?query=a&limit=1&limit=x", None, 400, "limit"),
                ("GET", "/api/v1/results?query=" + "x" * 64, None, 400, "query"),
                ("GET", "/api/v1/results?query=" + "x" * 1000, None, 400, None),
                ("GET", "/api/v1/results?query=%ff%fe", None, 200, None),
                ("GET", "/api/v1/results/latest", None, 400, "query"),
                ("GET", "/api/v1/results/latest?query=nope", None, 404, "query"),
                ("GET", "/api/v1/nothing", None, 404, "path"),
                ("GET", "/nothing.js", None, 404, "path"),
                ("PUT", "/api/v1/results", b"{}", 405, "method"),
                ("PATCH", "/api/v1/results", b"{}", 405, "method"),
                ("OPTIONS", "/rpc", None, 405, "method"),
                ("GET", "/rpc", None, 405, "method"),
                ("POST", "/healthz", b"{}", 405, "method"),
                ("DELETE", "/", None, 405, "method"),
                ("GET", "/ws", None, 426, None),
                ("POST", "/api/v1/results", b"{", 400, None),
                ("POST", "/api/v1/results", b"[]", 400, "result"),
                ("POST", "/api/v1/results", b"", 400, None),
                ("POST", "/api/v1/results", b'{"a":1}', 400, "query"),
                ("POST", "/api/v1/results", b"x" * 65537, 413, None)):
            with self.subTest(method=method, path=path):
                found, headers, text = self.http(method, path, body=body)
                self.assertEqual(found, status, text)
                if status == 200:
                    continue
                self.assertEqual(headers["content-type"], "application/json")
                error = json.loads(text)["error"]
                self.assertTrue(error["message"])
                if field is not None:
                    self.assertEqual(error["data"]["field"], field)
                if status == 405:
                    self.assertTrue(headers["allow"])

    def test_content_type(self):
        body = b'{"jsonrpc":"2.0","method":"system.info","id":1}'
        for kind, status in (("application/json; charset=utf-8", 200), ("Application/JSON", 200),
                             ("text/plain", 415), ("application/jsonx", 415), (None, 415),
                             ("application/x-www-form-urlencoded", 415)):
            self.assertEqual(self.http("POST", "/rpc", {"Content-Type": kind}, body)[0], status)

    def test_lengths(self):
        for headers, status in (({"Content-Length": None, "Transfer-Encoding": "chunked"}, 411),
                                ({"Content-Length": None}, 411), ({"Content-Length": "x"}, 400),
                                ({"Content-Length": "-1"}, 400),
                                ({"Content-Length": "99999999999999999999"}, 400),
                                ({"Content-Length": "1000000000"}, 413)):
            with self.subTest(headers=headers):
                self.assertEqual(self.http("POST", "/rpc", headers, b"{}")[0], status)
        self.assertEqual(self.http("POST", "/rpc", None, b"[%s]" % (b" " * 65534))[0], 200)
        for method, path, headers, status in (("POST", "/rpc", None, 413),
                                              ("POST", "/rpc", {"Host": "evil.example"}, 403),
                                              ("PUT", "/rpc", None, 413),
                                              ("GET", "/healthz", None, 413)):
            self.assertEqual(self.http(method, path, headers, b"x" * 10000000)[0], status)
        connection = Http(self.address)  # whose body was refused goes on being used
        self.addCleanup(connection.close)
        for method, path, headers, status in (("POST", "/rpc", {"Content-Type": "a/b"}, 415),
                                              ("GET", "/healthz", None, 200),
                                              ("PUT", "/rpc", None, 405),
                                              ("POST", "/rpc", {"Origin": "null"}, 403),
                                              ("DELETE", "/healthz", None, 405),
                                              ("HEAD", "/healthz", None, 200),
                                              ("POST", "/rpc", None, 200)):
            with self.subTest(method=method, path=path):
                self.assertEqual(connection.request(method, path, headers, b"{}" + b" " * 9000)[0],
                                 status)

    def test_keep_alive_and_pipelining(self):
        connection = Http(self.address)
        self.addCleanup(connection.close)
        body = b'{"jsonrpc":"2.0","method":"results.clear","id":%d}'
        for n in range(3):
            status, _, text = connection.request("POST", "/rpc", body=body % n)
            self.assertEqual((status, json.loads(text)["id"]), (200, n))
        connection.send("GET", "/healthz")
        connection.send("POST", "/rpc", body=body % 7)
        connection.send("GET", "/metrics")
        self.assertEqual(json.loads(connection.receive()[2]), {"status": "ok"})
        self.assertEqual(json.loads(connection.receive()[2])["id"], 7)
        self.assertTrue(connection.receive()[2].endswith(b"# EOF\n"))

    def test_head(self):
        status, headers, body = self.http("HEAD", "/healthz")
        self.assertEqual((status, body), (200, b""))
        self.assertEqual(int(headers["content-length"]), len(b'{"status":"ok"}'))

    def test_garbage(self):
        for data in (b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"\x00" * 5000,
                     b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", b"GET " + b"/" * 9000,
                     b"FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * 2000 + b"\r\n",
                     b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade, "
                     b"HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: x\r\n\r\n",
                     b"GET /%00/../x HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"GET /%zz%1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                     b"Content-Length: 5\r\nContent-Length: 50\r\n\r\n{}"):
            sock = socket.create_connection(self.address, 5)
            try:
                sock.sendall(data)
                sock.settimeout(0.2)
                while sock.recv(4096):
                    pass
            except OSError:
                pass
            finally:
                sock.close()
        self.assertEqual(self.http("GET", "/healthz")[0], 200)


class Guard(Case):
    def test_host(self):
        for host, status in ((self.address[0], 200), ("localhost:%d" % self.address[1], 200),
                             ("LOCALHOST", 200), ("[::1]", 200), ("127.9.9.9:1", 200),
                             ("evil.example", 403), ("evil.example:%d" % self.address[1], 403),
                             ("127.0.0.1.evil.example", 403), ("192.0.2.1", 403), ("", 403),
                             ("localhost, evil.example", 403), (None, 403)):
            for method, path in (("GET", "/"), ("GET", "/healthz"), ("GET", "/api/v1/results")):
                with self.subTest(host=host, path=path):
                    try:
                        found = self.http(method, path, {"Host": host})[0]
                    except Closed:
                        found = 403
                    if path.startswith("/api") and status == 200:
                        self.assertEqual(found, 400)
                    else:
                        self.assertEqual(found, status)

    def test_origin(self):
        host = "127.0.0.1:%d" % self.address[1]
        body = b'{"jsonrpc":"2.0","method":"system.info","id":1}'
        for origin, status in ((None, 200), ("http://" + host, 200), ("https://" + host, 200),
                               ("http://localhost:%d" % self.address[1], 403), ("null", 403),
                               ("http://evil.example", 403), ("http://%s.evil.example" % host, 403),
                               ("", 200)):
            with self.subTest(origin=origin):
                headers = {"Origin": origin}
                self.assertEqual(self.http("POST", "/rpc", headers, body)[0], status)
                self.assertEqual(self.http("DELETE", "/api/v1/results", headers)[0], status)
                if status == 200:
                    self.assertIn("result", self.ws(headers=headers).call("system.info"))
                else:
                    with self.assertRaises(Refused) as caught:
                        self.ws(headers=headers)
                    self.assertEqual(caught.exception.status, 403)

    def test_websocket_host_and_path(self):
        with self.assertRaises(Refused) as caught:
            self.ws(headers={"Host": "evil.example"})
        self.assertEqual(caught.exception.status, 403)
        for path in ("/", "/rpc", "/wss", "/ws/x"):
            with self.assertRaises(Refused) as caught:
                self.ws(path=path)
            self.assertEqual(caught.exception.status, 400)

    def test_reading_needs_no_origin(self):
        self.assertEqual(self.http("GET", "/healthz", {"Origin": "http://evil.example"})[0], 200)


class Panel(Case):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        root = os.path.join(self.folder.name, "panel")
        os.makedirs(os.path.join(root, "assets"))
        self.big = os.urandom(3000000)
        for name, data in (("index.html", b"<html>panel</html>"), ("favicon.svg", b"<svg/>"),
                           (".secret", b"no"), ("assets/index-B4kq_x9Z.js", self.big),
                           ("assets/index-B4k-_x9Z.css", b"a{}"), ("assets/plain.js", b"1"),
                           ("../outside.txt", b"outside")):
            with open(os.path.join(root, name), "wb") as f:
                f.write(data)
        os.symlink(os.path.join(self.folder.name, "outside.txt"), os.path.join(root, "link.txt"))
        os.symlink(self.folder.name, os.path.join(root, "up"))
        os.mkfifo(os.path.join(root, "fifo"))
        self.panel = root
        super().setUp()

    def test_files(self):
        for path, kind, cache in (("/", "text/html", "no-cache"),
                                  ("/index.html", "text/html", "no-cache"),
                                  ("/?x=1", "text/html", "no-cache"),
                                  ("/favicon.svg", "image/svg+xml", "no-cache"),
                                  ("/assets/index-B4kq_x9Z.js", "text/javascript", "immutable"),
                                  ("/assets/index-B4k-_x9Z.css", "text/css", "immutable"),
                                  ("/assets/plain.js", "text/javascript", "no-cache")):
            with self.subTest(path=path):
                status, headers, body = self.http("GET", path)
                self.assertEqual(status, 200)
                self.assertTrue(headers["content-type"].startswith(kind))
                self.assertIn(cache, headers["cache-control"])
        self.assertEqual(self.http("GET", "/assets/index-B4kq_x9Z.js")[2], self.big)

    def test_no_way_out(self):
        for path in ("/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt",
                     "/assets/../../outside.txt", "/assets/..%2f..%2foutside.txt",
                     "/%2e%2e%2foutside.txt", "//etc/passwd", "/assets//plain.js", "/.secret",
                     "/link.txt", "/up/outside.txt", "/fifo", "/assets", "/assets/",
                     "/index.html/", "/index.html%00.js", "/..\\outside.txt", "/./.secret",
                     "/%252e%252e/outside.txt", "/....//outside.txt"):
            with self.subTest(path=path):
                try:
                    status, _, body = self.http("GET", path)
                except (Closed, ConnectionError):
                    continue
                self.assertNotIn(b"outside", body.replace(b"nothing is served", b""))
                self.assertNotIn(b"root:", body)
                if path == "/assets//plain.js":  # lws folds double slashes
                    continue
                self.assertGreaterEqual(status, 400)


class Connections(Case):
    def test_300_connections(self):
        sockets, open_ones, refused = [], 0, 0
        for _ in range(300):
            sockets.append(socket.create_connection(self.address, 10))
        for sock in sockets:
            try:
                sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                status = sock.recv(4096).split(b" ", 2)[1]
            except (OSError, IndexError):
                status = b"503"
            open_ones += status == b"200"
            refused += status == b"503"
        self.assertEqual((open_ones, refused), (256, 44))
        for sock in sockets:
            sock.close()
        time.sleep(0.2)
        self.assertEqual(self.http("GET", "/healthz")[0], 200)

    def test_200_websockets_are_notified(self):
        clients = [self.ws() for _ in range(200)]
        for w in clients:
            w.call("subscribe", {"topics": ["result"]})
        self.server.order("publish ip-topk 1 0")
        for w in clients:
            self.assertEqual(w.notification()["params"]["seq"], 0)
        self.assertEqual(self.server.stats()["clients"], 200)
        for w in clients:
            w.close()
        self.server.wait_stats(lambda s: s["clients"] == 0)

    def test_half_open_is_closed(self):
        sock = socket.create_connection(self.address, 30)
        self.addCleanup(sock.close)
        sock.sendall(b"GET / HTTP/1.1\r\nHost: local")
        began = time.monotonic()
        try:
            while sock.recv(4096):
                pass
        except OSError:
            pass
        self.assertLess(time.monotonic() - began, 25)

    def test_address_in_use(self):
        process = subprocess.run([SERVER, "127.0.0.1", "", str(self.address[1])],
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                 timeout=20, check=False)
        self.assertEqual(process.returncode, 2)
        self.assertEqual(process.stderr.strip().splitlines()[-1],
                         "--listen: cannot listen on 127.0.0.1 port %d: another program listens "
                         "there already" % self.address[1])


class Ipv6(unittest.TestCase):
    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("no IPv6 loopback on this machine")
        server = Server("::1")
        try:
            host = "[::1]:%d" % server.address[1]
            w = WebSocket(server.address, headers={"Host": host, "Origin": "http://" + host})
            self.assertIn("result", w.call("system.info"))
            w.close()
        finally:
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    unittest.main(verbosity=1)
