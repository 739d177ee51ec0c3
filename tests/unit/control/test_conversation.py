#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""JSON-RPC over websocket and HTTP against a real control server, as clients and attackers talk.

    test_conversation.py CONTROL_SERVER [TEST...]
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from conversation import Case, main  # noqa: E402
from conversation_calls import CALLS  # noqa: E402
from ws_client import Http  # noqa: E402


class Methods(Case):
    def check(self, ask):
        before = self.server.state()
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
                    before = self.server.state()
                    continue
                code, field, text = expected
                self.assertEqual(self.server.state(), before, "a refused call has changed something")
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


if __name__ == "__main__":
    main()
