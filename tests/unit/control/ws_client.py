# SPDX-License-Identifier: BSD-3-Clause
"""A websocket and HTTP client of a few lines, so that a test can also say what is wrong."""
import base64
import json
import os
import socket
import struct


class Closed(Exception):
    """The server closed; code is that of its close frame, or None."""

    def __init__(self, code=None):
        super().__init__("closed, code %s" % code)
        self.code = code


class Refused(Exception):
    """The server answered the upgrade with another status."""

    def __init__(self, status, body):
        super().__init__("%d %r" % (status, body))
        self.status = status
        self.body = body


def read_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(4096)
        if not piece:
            raise Closed()
        data += piece
    head, rest = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, value = line.split(":", 1)
        name = name.strip().lower()
        if name == "set-cookie" and name in headers:
            value = headers[name] + "\n" + value.strip()
        headers[name] = value.strip()
    return int(lines[0].split()[1]), headers, rest


class Http:
    """One connection; requests are written byte for byte as asked."""

    def __init__(self, address, timeout=10):
        self.sock = socket.create_connection(address, timeout)
        self.rest = b""
        self.host = "127.0.0.1:%d" % address[1]

    def close(self):
        self.sock.close()

    def send(self, method, path, headers=None, body=None):
        all_headers = {"Host": self.host}
        if body is not None:
            all_headers["Content-Type"] = "application/json"
            all_headers["Content-Length"] = str(len(body))
        all_headers.update(headers or {})
        text = "%s %s HTTP/1.1\r\n" % (method, path)
        text += "".join("%s: %s\r\n" % (k, v) for k, v in all_headers.items() if v is not None)
        self.sock.sendall(text.encode("latin-1") + b"\r\n" + (body or b""))

    def receive(self, head_only=False):
        status, headers, data = read_head(Pushback(self.sock, self.rest))
        length = 0 if head_only else int(headers.get("content-length", 0))
        while len(data) < length:
            piece = self.sock.recv(65536)
            if not piece:
                raise Closed()
            data += piece
        self.rest = data[length:]
        return status, headers, data[:length]

    def request(self, method, path, headers=None, body=None):
        self.send(method, path, headers, body)
        return self.receive(method == "HEAD")


class Pushback:
    def __init__(self, sock, first):
        self.sock, self.first = sock, first

    def recv(self, size):
        if self.first:
            data, self.first = self.first, b""
            return data
        return self.sock.recv(size)


class WebSocket:
    def __init__(self, address, path="/ws", protocol="weir.v1", headers=None, timeout=10,
                 receive_buffer=None):
        self.sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        self.sock.settimeout(timeout)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.connect(address)
        self.data = b""
        self.notifications = []
        wanted = {"Host": "127.0.0.1:%d" % address[1], "Upgrade": "websocket",
                  "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
                  "Sec-WebSocket-Protocol": protocol}
        wanted.update(headers or {})
        text = "GET %s HTTP/1.1\r\n" % path
        text += "".join("%s: %s\r\n" % (k, v) for k, v in wanted.items() if v is not None)
        self.sock.sendall(text.encode("latin-1") + b"\r\n")
        try:
            status, self.headers, self.data = read_head(self.sock)
            if status != 101:
                raise Refused(status, self.data)
        except BaseException:
            self.sock.close()
            raise

    def close(self):
        self.sock.close()

    def send_frame(self, opcode, payload, final=True, masked=True):
        head = bytes([(0x80 if final else 0) | opcode])
        bit = 0x80 if masked else 0
        if len(payload) < 126:
            head += bytes([bit | len(payload)])
        elif len(payload) < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", len(payload))
        if masked:
            mask = os.urandom(4)
            head += mask
            long_mask = (mask * (len(payload) // 4 + 1))[:len(payload)]
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(long_mask, "big")).to_bytes(
                len(payload), "big")
        self.sock.sendall(head + payload)

    def send(self, text):
        self.send_frame(1, text.encode() if isinstance(text, str) else text)

    def read(self, size):
        while len(self.data) < size:
            piece = self.sock.recv(65536)
            if not piece:
                raise Closed()
            self.data += piece
        part, self.data = self.data[:size], self.data[size:]
        return part

    def receive(self):
        """The next text message; answers pings."""
        message = b""
        while True:
            first, second = self.read(2)
            length = second & 0x7f
            if length == 126:
                length, = struct.unpack(">H", self.read(2))
            elif length == 127:
                length, = struct.unpack(">Q", self.read(8))
            payload = self.read(length)
            opcode = first & 15
            if opcode == 8:
                raise Closed(struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else None)
            if opcode == 9:
                self.send_frame(10, payload)
            elif opcode in (0, 1):
                message += payload
                if first & 0x80:
                    return message.decode()

    def answer(self, text):
        """Send and give the answer; notifications that come first are kept."""
        self.send(text)
        while True:
            message = json.loads(self.receive())
            if isinstance(message, list) or "id" in message:
                return message
            self.notifications.append(message)

    def call(self, method, params=None, ident=1):
        request = {"jsonrpc": "2.0", "method": method, "id": ident}
        if params is not None:
            request["params"] = params
        return self.answer(json.dumps(request))

    def notification(self):
        if self.notifications:
            return self.notifications.pop(0)
        return json.loads(self.receive())
