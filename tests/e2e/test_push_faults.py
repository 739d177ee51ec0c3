#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What can be wrong between Weir and MongoDB, with a relay in between or a server of our own:
a server that answers too slowly, one that is cut off in the middle of a reply, a wrong password, TLS
with a certificate for another name. Each has one state and one log line, no password in either,
and when it is over everything is there, once. usage: test_push_faults.py STORE_DRIVER
"""
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

import mongodb_server
from test_mongodb import APPLIANCE, Driver, Failed, run

SECRET = "hunter2-secret"
HOST = "127.0.0.1"


class Relay(mongodb_server.Relay):
    """Between client and server, with what a bad network does to the server's replies."""

    def __init__(self, address):
        super().__init__(address)
        self.delay_s = 0
        self.cuts = 0  # so many replies end in the middle, with the connection

    def forward(self, source, target, data):
        if source.getpeername() != self.address:
            return super().forward(source, target, data)
        time.sleep(self.delay_s)
        if self.cuts > 0:
            self.cuts -= 1
            target.sendall(data[:len(data) // 2])
            return False
        return super().forward(source, target, data)


class Fake:
    """A listener of our own; serve(connection) for each connection."""

    def __init__(self, serve):
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(serve,), daemon=True).start()

    def accept(self, serve):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.guarded, args=(serve, connection), daemon=True).start()

    @staticmethod
    def guarded(serve, connection):
        try:
            serve(connection)
        except (OSError, struct.error):
            pass
        connection.close()

    def close(self):
        self.listener.close()


def exactly(connection, n):
    data = b""
    while len(data) < n:
        more = connection.recv(n - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data


def refuse_login(connection):
    """Says hello, and that every login is wrong, quoting the password as some servers might."""
    import bson
    hello = bson.encode({"ok": 1.0, "ismaster": True, "helloOk": True, "maxWireVersion": 17,
                         "minWireVersion": 0, "maxBsonObjectSize": 16777216,
                         "maxMessageSizeBytes": 48000000, "maxWriteBatchSize": 1000})
    refused = bson.encode({"ok": 0.0, "code": 18, "codeName": "AuthenticationFailed",
                           "errmsg": f"Authentication failed: weir, {SECRET}"})
    while True:
        length, request, _, opcode = struct.unpack("<iiii", exactly(connection, 16))
        body = exactly(connection, length - 16)
        answer = hello if b"ismaster" in body.lower() or b"hello" in body else refused
        if opcode == 2004:  # OP_QUERY, answered by OP_REPLY
            payload = struct.pack("<iqii", 0, 0, 0, 1) + answer
            kind = 1
        else:  # OP_MSG
            payload = struct.pack("<iB", 0, 0) + answer
            kind = 2013
        connection.sendall(struct.pack("<iiii", 16 + len(payload), 1, request, kind) + payload)


def wrong_name_context(folder):
    """A certificate for other.invalid, made here; -> context, path of the certificate."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-subj",
                    "/CN=other.invalid", "-addext", "subjectAltName=DNS:other.invalid"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    return context, f"{folder}/cert.pem"


class Test:
    def __init__(self, program, server, folder):
        self.program, self.server, self.folder = program, server, folder
        self.count = 0
        self.driver = None

    def open(self, name, uri):
        self.log = f"{self.folder}/{name}.log"
        with open(self.log, "wb") as log:
            self.driver = Driver(self.program, f"sqlite:{self.folder}/{name}.db", uri, log)
        return self.driver

    def told(self, *words):
        """One line in the log since the start, with one of these words, and no password."""
        state = self.driver.say("state")
        text = open(self.log, encoding="utf-8", errors="replace").read()
        lines = [l for l in text.splitlines() if "MongoDB does not take" in l]
        print(f"    {lines}")
        if len(lines) != 1:
            raise Failed(f"{len(lines)} log lines: {text}")
        for where in (state, lines[0]):
            if not any(w in where.lower() for w in words):
                raise Failed(f"none of {words} in: {where}")
        if SECRET in text + state:
            raise Failed(f"the password shows: {text} {state}")

    def arrived(self, n):
        done = subprocess.run([self.program, "check", self.server.uri, APPLIANCE, str(n)],
                              stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"expected {n} results, each once: {done.stdout.strip()}")

    def through_relay(self, name, spoil, mend, words):
        relay = Relay((HOST, self.server.port))
        relay.start()
        uri = f"mongodb://weir:{SECRET}@{HOST}:{relay.port}/weir_test?socketTimeoutMS=1000"
        uri = uri.replace(f"weir:{SECRET}@", "")  # FerretDB v1 without a login
        d = self.open(name, uri)
        try:
            d.say(f"put {self.count} {self.count + 100}")
            d.say("wait pushed 110 20")
            spoil(relay)
            d.say(f"put {self.count + 100} {self.count + 300}")
            d.say("wait failures 2 30")
            self.told(*words)
            mend(relay)
            d.say("wait outbox 0 30")
            d.quit(2000)
        finally:
            relay.cut()
        self.count += 300
        self.arrived(self.count)

    def slow(self):
        def spoil(relay):
            relay.delay_s = 1.5

        def mend(relay):
            relay.delay_s = 0
        self.through_relay("slow", spoil, mend, ("socket", "timeout", "timed out"))

    def cut_in_mid_reply(self):
        def spoil(relay):
            relay.cuts = 1000000

        def mend(relay):
            relay.cuts = 0
        self.through_relay("cut", spoil, mend, ("socket", "read", "closed", "suitable"))

    def wrong_password(self):
        fake = Fake(refuse_login)
        d = self.open("password", f"mongodb://weir:{SECRET}@{HOST}:{fake.port}/w")
        try:
            d.say("put 0 10")
            d.say("wait failures 2 30")
            self.told("authentication")
            d.quit(0)
        finally:
            fake.close()

    def tls_with_a_wrong_name(self):
        context, certificate = wrong_name_context(self.folder)

        def serve(connection):
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(1)
        fake = Fake(serve)
        d = self.open("tls", f"mongodb://{HOST}:{fake.port}/w?tls=true&tlsCAFile={certificate}")
        try:
            d.say("put 0 10")
            d.say("wait failures 2 30")
            self.told("tls", "certificate")
            d.quit(0)
        finally:
            fake.close()

    def run(self):
        for step in (self.slow, self.cut_in_mid_reply, self.wrong_password,
                     self.tls_with_a_wrong_name):
            began = time.monotonic()
            print(f"{step.__name__}:", flush=True)
            step()
            print(f"  {time.monotonic() - began:.1f} s", flush=True)


def find_server():
    try:
        import bson  # noqa: F401
    except ImportError:
        raise mongodb_server.Unavailable("no bson (Debian package python3-pymongo)") from None
    return mongodb_server.OwnServer()


if __name__ == "__main__":
    sys.exit(run("push_faults", find_server, Test))
