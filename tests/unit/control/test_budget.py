#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What may wait to be sent to all clients together, of a real control server.

    test_budget.py CONTROL_SERVER [TEST...]
"""
import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from conversation import Case, Server, main  # noqa: E402

BUSY = -32008
WAITING_BYTES = 1 << 20
LARGE = "[%s]" % ",".join(['{"jsonrpc":"2.0","id":1,"method":"rpc.methods"}'] * 16)


class Waiting(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-budget-")
        self.addCleanup(folder.cleanup)
        os.mkdir(folder.name + "/assets")
        for name in ("large-B4kq_x9Z.js", "large-B4kq_x9Z.js.gz"):
            with open(folder.name + "/assets/" + name, "wb") as f:
                f.write(bytes(100000))
        self.server = Server(panel=folder.name, waiting_bytes=WAITING_BYTES)
        self.address = self.server.address

    def codes(self, answers):
        return {a.get("error", {}).get("code", 0) for a in answers}

    def fill(self):
        """A client that reads nothing, until all that may wait waits for it."""
        slow = self.ws(receive_buffer=4096)
        slow.call("subscribe", {"topics": ["result"]})
        self.fill_up()
        return slow

    def fill_up(self):
        # Kernels take more with time: it is full when nothing went through in some rounds.
        rounds, end = 0, time.monotonic() + 20
        while rounds < 10 and time.monotonic() < end:
            before = self.server.stats()
            self.server.order("publish ip-topk 20 10000")
            stats = self.server.wait_stats(lambda s: s["dropped"] + s["notifications"] >=
                                           before["dropped"] + before["notifications"] + 20)
            rounds = rounds + 1 if stats["notifications"] == before["notifications"] else 0
        self.assertEqual(rounds, 10)

    def test_large_answers_are_refused_meanwhile(self):
        self.assertEqual(self.codes(self.rpc(LARGE)), {0})
        self.assertEqual(self.codes(self.ws().answer(LARGE)), {0})
        slow = self.fill()
        self.assertIn(BUSY, self.codes(self.rpc(LARGE)))
        self.assertIn(BUSY, self.codes(self.ws().answer(LARGE)))
        self.assertIn("result", self.ws().call("system.info"))
        self.assertIn("result", self.rpc('{"jsonrpc":"2.0","id":1,"method":"system.info"}'))
        slow.close()
        end = time.monotonic() + 10
        while time.monotonic() < end and self.codes(self.rpc(LARGE)) != {0}:
            time.sleep(0.02)
        self.assertEqual(self.codes(self.rpc(LARGE)), {0})

    def test_what_a_batch_has_so_far_waits_too(self):
        self.server.order("delay 300")
        batch = LARGE[:-1] + ',{"jsonrpc":"2.0","id":2,"method":"results.list","params":{"query":"ip-topk"}}]'
        w = self.ws()
        for _ in range(6):
            w.send(batch)
        answers = [json.loads(w.receive()) for _ in range(6)]
        self.assertEqual([a[-1].get("id") for a in answers], [2] * 6)
        done = [sum("result" in a for a in batch[:-1]) for batch in answers]
        self.assertLessEqual(sum(done) * len(json.dumps(answers[0][0])), 2 * WAITING_BYTES, done)
        self.assertIn(BUSY, {code for a in answers for code in self.codes(a)})
        self.server.order("delay 0")
        self.assertEqual(self.codes(self.rpc(LARGE)), {0})

    def test_a_batch_that_is_given_up_waits_no_more(self):
        self.server.order("delay 300")
        for _ in range(6):
            w = self.ws()
            w.send(LARGE[:-1] + ',{"jsonrpc":"2.0","id":2,"method":"results.list","params":{"query":"ip-topk"}}]')
            w.call("system.info")
            w.close()
        self.server.wait_stats(lambda s: s["clients"] == 0)
        self.server.order("delay 0")
        self.assertEqual(self.codes(self.rpc(LARGE)), {0})

    def test_a_file_that_is_refused_is_not_kept(self):
        """What would have been the file is packed and good for a year; the refusal in its place is neither."""
        slow = self.fill()
        for _ in range(20):  # the kernel may have taken some more since
            status, headers, body = self.http("GET", "/assets/large-B4kq_x9Z.js", {"Accept-Encoding": "gzip"})
            if status != 200:
                break
            self.fill_up()
        self.assertEqual(status, 503)
        self.assertEqual(json.loads(body)["error"]["code"], BUSY)
        self.assertEqual((headers["cache-control"], headers.get("content-encoding")), ("no-store", None))
        slow.close()
        self.server.wait_stats(lambda s: s["clients"] == 0)
        status, headers, body = self.http("GET", "/assets/large-B4kq_x9Z.js", {"Accept-Encoding": "gzip"})
        self.assertEqual((status, len(body), headers["content-encoding"]), (200, 100000, "gzip"))
        self.assertIn("immutable", headers["cache-control"])

    def test_whoever_reads_loses_nothing(self):
        self.fill()
        reader = self.ws()
        reader.call("subscribe", {"topics": ["result"], "queries": ["protocol-share"]})
        before = self.server.stats()["notifications"]
        for _ in range(50):
            self.server.order("publish protocol-share 1 1000")
            self.assertEqual(reader.notification()["method"], "result")
        self.assertGreaterEqual(self.server.stats()["notifications"], before + 50)

    def test_what_was_waiting_is_forgotten_with_its_client(self):
        for _ in range(5):
            self.fill().close()
            end = time.monotonic() + 10
            while time.monotonic() < end and self.server.stats()["clients"] > 0:
                time.sleep(0.02)
        for _ in range(20):
            self.assertEqual(self.codes(self.rpc(LARGE)), {0})


if __name__ == "__main__":
    main()
