#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""JSON-RPC over websocket and HTTP against a real control server, as clients and attackers talk.

    test_conversation.py CONTROL_SERVER [TEST...]
"""
import json
import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from conversation import Case, main  # noqa: E402
from ws_client import Closed, Http, Refused, WebSocket  # noqa: E402

# method, params, "result" or (code, field, text that is in the message)
CALLS = [
    ("system.info", None, "result"),
    ("system.info", {"x": 1}, (-32602, "x", "allowed: none")),
    ("system.info", [1], (-32602, "params", "by name")),
    ("stats.get", {}, "result"),
    ("stats.get", {"all": True}, (-32602, "all", "no parameter")),
    ("ports.list", None, "result"),
    ("ports.list", {"port": 0}, (-32602, "port", "no parameter")),
    ("config.get", None, "result"),
    ("config.get", {"waiting": True}, "result"),
    ("config.get", {"waiting": 1}, (-32602, "waiting", "true or false")),
    ("config.get", {"all": True}, (-32602, "all", "allowed: waiting")),
    ("config.set", {"config": {"parameters": {"k": 5}}, "dry_run": True}, "result"),
    ("config.set", {"config": {"parameters": {"k": 10}}, "replace": False, "confirm_s": 0.5}, "result"),
    ("config.set", {"config": {"parameters": {"k": 0}}}, (-32602, "parameters.k", "nothing good")),
    ("config.set", None, (-32602, "config", "missing")),
    ("config.set", {"config": []}, (-32602, "config", "an object")),
    ("config.set", {"config": {}, "dry_run": "yes"}, (-32602, "dry_run", "true or false")),
    ("config.set", {"config": {}, "confirm_s": -1}, (-32602, "confirm_s", "0 to 86400 s")),
    ("config.set", {"config": {}, "confirm_s": 86401}, (-32602, "confirm_s", "0 to 86400 s")),
    ("config.set", {"config": {}, "replace": 0}, (-32602, "replace", "true or false")),
    ("config.set", {"config": {}, "x": 0}, (-32602, "x", "allowed: config, replace")),
    ("config.confirm", None, (-32000, None, "nothing waits")),
    ("config.confirm", {"a": 1}, (-32602, "a", "no parameter")),
    ("config.rollback", None, (-32000, None, "nothing waits")),
    ("config.rollback", {"a": 1}, (-32602, "a", "no parameter")),
    ("config.save", None, "result"),
    ("config.save", {"file": "/etc/passwd"}, (-32602, "file", "no parameter")),
    ("query.list", None, "result"),
    ("query.list", {"name": ""}, (-32602, "name", "no parameter")),
    ("query.add", {"name": "q", "key": "ip"}, "result"),
    ("query.add", {"name": "q"}, (-32602, "name", "nothing good")),
    ("query.add", None, (-32602, "params", "at least one of")),
    ("query.update", {"name": "ip-topk", "metric": "flows"}, "result"),
    ("query.update", {"metric": "flows"}, (-32602, "name", "missing")),
    ("query.update", {"name": 5}, (-32602, "name", "found 5")),
    ("query.update", {"name": "a b", "metric": "flows"}, (-32602, "name", "found \"a b\"")),
    ("query.update", {"name": "x" * 64}, (-32602, "name", "1 to 63 letters")),
    ("query.update", {"Name": "ip-topk"}, (-32602, "name", "missing")),
    ("query.remove", {"name": "-x"}, (-32602, "name", "beginning with")),
    ("query.update", {"name": "none"}, (-32001, "name", "query.list lists them")),
    ("query.remove", {"name": "ip-topk"}, "result"),
    ("names.list", None, "result"),
    ("names.set", {"names": {"10.0.0.6": "db2"}}, "result"),
    ("names.remove", {"keys": ["10.0.0.5"]}, "result"),
    ("names.reload", None, (-32602, "geoip[0]", "gone")),
    ("query.remove", {"name": 5}, (-32602, "name", "found 5")),
    ("query.pause", {"name": "ip-topk"}, "result"),
    ("query.pause", {}, (-32602, "name", "missing")),
    ("query.resume", {"name": "ip-topk"}, "result"),
    ("query.resume", {"name": "none"}, (-32001, "name", "no query 'none'")),
    ("query.preview", {"key": "ip"}, "result"),
    ("query.preview", [], (-32602, "params", "at least one of")),
    ("daily.list", None, "result"),
    ("daily.list", {"host": "10.0.0.1", "from": "2026-11-26", "to": "2026-11-27", "limit": 5},
     "result"),
    ("daily.list", {"host": "nobody"}, (-32602, "host", "an IPv4 or IPv6 address")),
    ("daily.list", {"host": 1}, (-32602, "host", "an IPv4 or IPv6 address")),
    ("daily.list", {"from": "yesterday"}, (-32602, "from", "YYYY-MM-DD")),
    ("daily.list", {"from": "2026-11-27", "to": "2026-11-26"}, (-32602, "from", "at most `to`")),
    ("daily.list", {"limit": 0}, (-32602, "limit", "1 to 10000")),
    ("daily.list", {"cursor": "2026-11-27"}, (-32602, "cursor", "DAY/HOST")),
    ("daily.list", {"source": "local"}, "result"),
    ("daily.list", {"source": "x"}, (-32602, "source", "mongodb")),
    ("daily.list", {"day": "2026-11-26"}, (-32602, "day", "no parameter")),
    ("log.get", None, "result"),
    ("log.get", {"area": "app"}, (-32602, "area", "no parameter")),
    ("log.level", {"area": "store", "level": "debug"}, "result"),
    ("log.level", {"area": "all", "level": "notice"}, "result"),
    ("log.level", {"area": "store"}, (-32602, "level", "missing")),
    ("log.level", {"area": "stores", "level": "debug"}, (-32602, "area", "control.lws")),
    ("log.level", {"area": "store", "level": 7}, (-32602, "level", "notice")),
    ("flows.list", None, "result"),
    ("flows.list", {"filter": "tcp", "sort": "first", "order": "asc", "limit": 1000}, "result"),
    ("flows.list", {"filter": "no"}, (-32602, "filter", "syntax error")),
    ("flows.list", {"filter": 5}, (-32602, "filter", "pcap-filter(7)")),
    ("flows.list", {"sort": "size"}, (-32602, "sort", "duration")),
    ("flows.list", {"order": "up"}, (-32602, "order", "asc")),
    ("flows.list", {"limit": 1001}, (-32602, "limit", "1 to 1000")),
    ("flows.list", {"flow": 1}, (-32602, "flow", "no parameter")),
    ("limits.list", None, "result"),
    ("limits.list", {"name": "lab"}, (-32602, "name", "no parameter")),
    ("limits.set", {"rows": [{"limit_name": "lab"}]}, "result"),
    ("limits.set", {"rows": [{}]}, (-32602, "rows[0].limit_name", "missing")),
    ("limits.remove", {"limit_name": "lab"}, "result"),
    ("limits.remove", {"limit_name": "none"}, (-32001, "limit_name", "no limit 'none'")),
    ("limits.dry_run", {"limit": {}}, "result"),
    ("limits.dry_run", None, (-32602, "params", "at least one of")),
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
    ("generator.calibrate", {"seconds": 3}, "result"),
    ("generator.calibrate", {"seconds": "3"}, (-32602, "seconds", "1 to 3600")),
    ("generator.calibration", None, "result"),
    ("generator.calibration", {"a": 1}, (-32602, "a", "no parameter")),
    ("generator.stop", None, "result"),
    ("generator.stop", {"a": 1}, (-32602, "a", "no parameter")),
    ("results.latest", {"query": "ip-topk"}, "result"),
    ("results.latest", None, (-32602, "query", "missing")),
    ("results.latest", {"query": 1}, (-32602, "query", "found 1")),
    ("results.latest", {"query": "x" * 64}, (-32602, "query", "1 to 63 bytes")),
    ("results.latest", {"query": "stored"}, "result"),
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
    ("results.list", {"query": "a", "cursor": "newest", "source": "mongodb"}, "result"),
    ("results.list", {"query": "a", "cursor": ""}, (-32602, "cursor", "the cursor of a page")),
    ("results.list", {"query": "a", "cursor": 5}, (-32602, "cursor", "the cursor of a page")),
    ("results.list", {"query": "a", "source": "remote"}, (-32602, "source", "auto")),
    ("results.series", {"query": "a", "key": "10.0.0.1", "from_us": 1, "to_us": 2, "step_s": 0.5},
     "result"),
    ("results.series", {"query": "a"}, (-32602, "key", "missing")),
    ("results.series", {"key": "a"}, (-32602, "query", "missing")),
    ("results.series", {"query": "a", "key": ""}, (-32602, "key", "1 to 255 bytes")),
    ("results.series", {"query": "a", "key": "b", "step_s": 0}, (-32602, "step_s", "0.1 to")),
    ("results.series", {"query": "a", "key": "b", "from_us": 2, "to_us": 1},
     (-32602, "from_us", "to_us")),
    ("results.series", {"query": "a", "key": "b", "from_us": 2, "to_us": 2},
     (-32602, "to_us", "later than from_us")),
    ("results.series", {"query": "a", "key": "b", "from_us": 1e300}, (-32602, "from_us", "found")),
    ("results.series", {"query": "a", "key": "b", "source": "all"}, (-32602, "source", "local")),
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
    ("audit.list", {"limit": 2}, "result"),
    ("audit.list", {"limit": 0}, (-32602, "limit", "1 to 1000")),
    ("audit.list", {"before": 0}, (-32602, "before", "before")),
    ("session.get", None, "result"),
    ("session.get", {"a": 1}, (-32602, "a", "no parameter")),
    ("session.login", {"user": "a", "password": "b"}, (-32000, None, "no users")),
    ("session.login", {"user": "a"}, (-32602, "password", "missing")),
    ("session.login", {"user": "a" * 33, "password": "b"}, (-32602, "user", "1 to 32")),
    ("session.logout", None, "result"),
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


if __name__ == "__main__":
    main()
