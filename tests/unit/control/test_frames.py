#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Websocket framing as RFC 6455 has it, and everything that it forbids: the cases of the Autobahn test suite."""
import json
import struct
from pathlib import Path

from conversation import Case, main
from ws_client import Closed

CALL = b'{"jsonrpc":"2.0","id":1,"method":"system.info"}'
FINAL, TEXT, BINARY, MORE, CLOSE, PING, PONG = 0x80, 1, 2, 0, 8, 9, 10
BAD_UTF8 = {"bytes that never occur": b"\xff\xfe", "two bytes for one": b"\xc0\xaf", "three for one": b"\xe0\x80\xaf",
            "a surrogate": b"\xed\xa0\x80", "beyond Unicode": b"\xf4\x90\x80\x80", "a lone continuation": b"\x80",
            "five bytes": b"\xf8\x88\x80\x80\x80", "half a character": b"\xe2\x82"}
GOOD_UTF8 = ("\u00e9", "\u20ac", "\U0001f600", "\u007f", "\ud7ff\ue000", "\U0010ffff")


def frame(first, payload=b"", masked=True):
    """Bytes of a frame whose first byte is given."""
    mask = b"\x11\x22\x33\x44" if masked else b""
    bit = 0x80 if masked else 0
    size = bytes([bit | len(payload)]) if len(payload) < 126 else bytes([bit | 126]) + struct.pack(">H", len(payload))
    if masked:
        payload = bytes(x ^ mask[i & 3] for i, x in enumerate(payload))
    return bytes([first]) + size + mask + payload


VIOLATIONS = {
    "a continuation of nothing": [(FINAL | MORE, b"x")],
    "a continuation of nothing that goes on": [(MORE, b"x")],
    "a text within a text": [(TEXT, b"["), (FINAL | TEXT, b"1]")],
    "a binary within a text": [(TEXT, b"["), (FINAL | BINARY, b"1]")],
    "a ping in fragments": [(PING, b"x"), (FINAL | MORE, b"y")],
    "a pong in fragments": [(PONG, b"x")],
    "a close in fragments": [(CLOSE, b"\x03\xe8")],
    "a ping of 126 bytes": [(FINAL | PING, b"x" * 126)],
    "a pong of 126 bytes": [(FINAL | PONG, b"x" * 126)],
    "a close of 126 bytes": [(FINAL | CLOSE, b"\x03\xe8" + b"x" * 124)],
    "a reserved bit of a continuation": [(TEXT, b"["), (FINAL | 0x40 | MORE, b"]")],
    **{f"reserved bits {bits:#x} of opcode {op}": [(FINAL | bits | op, b"")]
       for bits in (0x40, 0x20, 0x10, 0x70) for op in (TEXT, CLOSE, PING, PONG)},
    **{f"the reserved opcode {op} with {len(payload)} bytes": [(FINAL | op, payload)]
       for op in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15) for payload in (b"", b"x")},
    # Instead of a code that means nothing, or of what is no code, 1002 or the end comes.
    **{f"close code {code}": [(FINAL | CLOSE, struct.pack(">H", code))]
       for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)},
    "a close of one byte": [(FINAL | CLOSE, b"\x03")],
    "a close whose reason is no UTF-8": [(FINAL | CLOSE, b"\x03\xe8\xed\xa0\x80")],
}


class Frames(Case):
    def closes(self, w):
        """Code of the server's close frame, None: it ended the connection without one. Else the test fails."""
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

    def test_huge_length(self):
        w = self.ws()
        w.sock.sendall(b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"mask" + b"x" * 1000)
        w.close()
        self.alive()

    def sends(self, frames, pieces=False):
        w = self.ws(timeout=10)
        data = b"".join(frame(*f) for f in frames)
        try:
            for part in [data[i:i + 1] for i in range(len(data))] if pieces else [data]:
                w.sock.sendall(part)
        except ConnectionError:
            pass
        return w

    def test_violations(self):
        for what, frames in VIOLATIONS.items():
            for pieces in (False, True):
                with self.subTest(what=what, pieces=pieces):
                    w = self.sends(frames, pieces)
                    self.assertIn(self.closes(w), (1002, None))
                    w.close()
        self.alive()

    def test_nothing_is_done_after_a_violation(self):
        change = b'{"jsonrpc":"2.0","id":1,"method":"processor.set","params":{"k":77}}'
        for what, frames in VIOLATIONS.items():
            with self.subTest(what=what):
                w = self.sends(frames + [(FINAL | TEXT, change)])
                self.closes(w)
                w.close()
        self.assertNotEqual(self.ws().call("processor.get")["result"]["k"], 77)

    def test_bad_utf8(self):
        for what, bad in BAD_UTF8.items():
            begin, end = b'{"jsonrpc":"2.0","id":1,"method":"', b'"}'
            for how, frames in (
                    ("at once", [(FINAL | TEXT, begin + bad + end)]),
                    ("byte by byte", [(TEXT, begin)] + [(MORE, bytes([x])) for x in bad] + [(FINAL | MORE, end)]),
                    ("with a ping between", [(TEXT, begin + bad[:1]), (FINAL | PING, b""), (FINAL | MORE, bad[1:] + end)]),
                    ("at the end", [(TEXT, begin), (FINAL | MORE, bad)])):
                with self.subTest(what=what, how=how):
                    w = self.sends(frames)
                    self.assertEqual(self.closes(w), 1007)
                    w.close()
        self.alive()

    def test_good_utf8_in_pieces(self):
        for text in GOOD_UTF8:
            call = json.dumps({"jsonrpc": "2.0", "id": text, "method": "system.info"}, ensure_ascii=False).encode()
            for size in (1, 2, 3, 7):
                parts = [call[i:i + size] for i in range(0, len(call), size)]
                w = self.sends([(TEXT if i == 0 else MORE, part) for i, part in enumerate(parts)] + [(FINAL | MORE, b"")])
                self.assertEqual(json.loads(w.receive())["id"], text)
                w.close()

    def test_close_codes(self):
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
            with self.subTest(code=code):
                w = self.sends([(FINAL | CLOSE, struct.pack(">H", code) + "gr\u00fc\u00df".encode())])
                self.assertEqual(self.closes(w), code)
        w = self.sends([(FINAL | CLOSE, struct.pack(">H", 1000) + b"x" * 123)])
        self.assertEqual(self.closes(w), 1000)
        w = self.sends([(FINAL | CLOSE, b"")])
        self.assertIsNone(self.closes(w))

    def test_nothing_after_a_close(self):
        w = self.sends([(FINAL | CLOSE, struct.pack(">H", 1000)), (FINAL | TEXT, CALL), (FINAL | PING, b"x")])
        self.assertEqual(self.closes(w), 1000)
        self.assertEqual(self.server.stats()["requests"], 0)

    def test_pings(self):
        for payload in (b"", b"x", bytes(range(125))):
            w = self.sends([(FINAL | PING, payload)])
            first, second = w.read(2)
            self.assertEqual((first, second), (FINAL | PONG, len(payload)))
            self.assertEqual(w.read(second), payload)
            w.send_frame(PONG, payload)  # one that nobody asked for
            self.assertIn("result", w.call("system.info"))

    def test_ping_flood(self):
        """Pings of somebody who does not read cost no memory, and hold nobody up."""
        memory = Path(f"/proc/{self.server.process.pid}/statm")
        before = int(memory.read_text().split()[1])
        flood = self.ws(timeout=1, receive_buffer=4096)
        many = frame(FINAL | PING, b"x" * 125) * 500
        other = self.ws()
        sent = 0
        try:
            while sent < 60:
                flood.sock.sendall(many)
                sent += 1
                self.assertIn("result", other.call("system.info"))
        except (TimeoutError, ConnectionError):
            pass
        self.assertGreater(sent, 3)
        self.assertIn("result", other.call("system.info"))
        grown = (int(memory.read_text().split()[1]) - before) * 4096
        self.assertLess(grown, 4 << 20)

    def test_unmasked(self):
        """libwebsockets takes them (docs/security.md); they are bound by the same limits and checks."""
        w = self.ws()
        w.sock.sendall(frame(FINAL | TEXT, CALL, masked=False))
        self.assertIn("result", json.loads(w.receive()))
        w.sock.sendall(frame(FINAL | TEXT, b'"\xff"', masked=False))
        self.assertEqual(self.closes(w), 1007)
        w = self.ws()
        w.sock.sendall(frame(FINAL | PING, b"x" * 126, masked=False))
        self.assertIsNone(self.closes(w))
        w = self.ws()
        w.sock.sendall(bytes([FINAL | TEXT, 127]) + struct.pack(">Q", 1 << 20) + b" " * (1 << 17))
        self.assertEqual(self.closes(w), 1009)
        self.alive()


if __name__ == "__main__":
    main()
