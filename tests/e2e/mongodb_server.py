#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Find or start a MongoDB-compatible server for tests.

In this order: the one that WEIR_TEST_MONGODB_URI names, `mongod` on the PATH, FerretDB v1 with its
SQLite backend, built once into tests/.cache/ where Go is on the PATH (README.md beside this file
says how they differ). As a program: start a server, print its URI, stop it on SIGINT or SIGTERM.
"""
import fcntl
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("WEIR_TEST_CACHE", HERE.parent / ".cache"))
FERRETDB_VERSION = "v1.24.2"
BUILD_SECONDS = 600
START_SECONDS = 30


class Unavailable(Exception):
    """No server can be had here; the text says why."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ferretdb_binary():
    """Path of the built server program; built first where it is not there."""
    folder = CACHE / f"ferretdb-{FERRETDB_VERSION}"
    binary = folder / "mongodb_server"
    if binary.exists():
        return binary
    if shutil.which("go") is None:
        raise Unavailable("no WEIR_TEST_MONGODB_URI, no mongod and no go on the PATH")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            ferretdb_build(folder, binary)
    return binary


def ferretdb_build(folder, binary):
    module = pathlib.Path(tempfile.mkdtemp(prefix="module-", dir=folder))
    package = f"github.com/FerretDB/FerretDB/ferretdb@{FERRETDB_VERSION}"
    try:
        shutil.copy(HERE / "ferretdb" / "main.go", module)
        for command in (["go", "mod", "init", "weir.test/mongodb"], ["go", "get", package],
                        ["go", "build", "-trimpath", "-o", str(module / "built"), "."]):
            done = subprocess.run(command, cwd=module, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=BUILD_SECONDS,
                                  check=False)
            if done.returncode != 0:
                last = (done.stdout.strip().splitlines() or ["no output"])[-1]
                raise Unavailable(f"{' '.join(command)} failed: {last}")
        os.replace(module / "built", binary)
    except subprocess.TimeoutExpired as late:
        raise Unavailable(f"building FerretDB took longer than {BUILD_SECONDS} s") from late
    finally:
        shutil.rmtree(module, ignore_errors=True)


class OwnServer:
    """A server of our own on a loopback port with a folder of its own."""

    def __init__(self):
        mongod = shutil.which("mongod")
        self.kind = "mongod" if mongod else "ferretdb"
        self.program = mongod or str(ferretdb_binary())
        self.folder = tempfile.mkdtemp(prefix="weir-mongodb-")
        self.port = free_port()
        self.uri = f"mongodb://127.0.0.1:{self.port}/weir_test"
        self.process = None

    def command(self):
        if self.kind == "mongod":
            return [self.program, "--dbpath", self.folder, "--port", str(self.port),
                    "--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet"]
        return [self.program, f"127.0.0.1:{self.port}", self.folder]

    def start(self):
        log = os.path.join(self.folder, "server.log")
        with open(log, "ab") as out:
            self.process = subprocess.Popen(self.command(), stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        text = pathlib.Path(log).read_text(encoding="utf-8", errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"{self.kind} did not start:\n{text}")

    def stop(self, how=signal.SIGTERM):
        """End the process by its id; SIGKILL is a crash."""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def crash(self):
        self.stop(signal.SIGKILL)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Relay:
    """A TCP relay that can be cut, for a server that is not ours to stop."""

    def __init__(self, address):
        self.address = address
        self.port = free_port()
        self.listener = None
        self.ends = []
        self.lock = threading.Lock()

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(self.address, 5)
            except OSError:
                return
            with self.lock:
                self.ends += [client, server]
            for pair in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=pair, daemon=True).start()

    def forward(self, source, target, data):
        """Pass on what came from source; False ends the connection."""
        target.sendall(data)
        return True

    def copy(self, source, target):
        try:
            while (data := source.recv(65536)) and self.forward(source, target, data):
                pass
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            for end in self.ends:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                end.close()
            self.ends = []


class GivenServer:
    """The server of WEIR_TEST_MONGODB_URI, in a database of our own, behind a relay where that is
    possible (one host, no TLS); else start and stop do nothing and `kind` ends in "-uncut"."""

    def __init__(self, uri):
        parts = urllib.parse.urlsplit(uri)
        options = urllib.parse.parse_qs(parts.query)
        host = parts.netloc.rpartition("@")[2]
        tls = any(k.lower() in ("tls", "ssl") for k in options)
        self.relay = None
        self.kind = "given-uncut"
        if parts.username and not any(k.lower() == "authsource" for k in options):
            options["authSource"] = [parts.path.strip("/") or "admin"]
        if parts.scheme == "mongodb" and "," not in host and not tls:
            address = urllib.parse.urlsplit("//" + host)
            self.relay = Relay((address.hostname, address.port or 27017))
            host = f"127.0.0.1:{self.relay.port}"
            options = {k: v for k, v in options.items() if k.lower() != "replicaset"}
            options["directConnection"] = ["true"]
            self.kind = "given"
        user = parts.netloc.rpartition("@")[0]
        netloc = f"{user}@{host}" if user else host
        query = urllib.parse.urlencode(options, doseq=True)
        self.uri = urllib.parse.urlunsplit((parts.scheme, netloc, f"/weir_test_{os.getpid()}",
                                            query, ""))

    def start(self):
        if self.relay:
            self.relay.start()

    def stop(self):
        if self.relay:
            self.relay.cut()

    crash = stop

    def close(self):
        if self.relay and self.relay.listener:
            self.relay.cut()


def find_server():
    """A server that is not started yet; raises Unavailable."""
    given = os.environ.get("WEIR_TEST_MONGODB_URI")
    return GivenServer(given) if given else OwnServer()


def main():
    try:
        server = find_server()
    except Unavailable as reason:
        print(f"no MongoDB-compatible server: {reason}", file=sys.stderr)
        return 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.start()
        print(server.uri, flush=True)
        while True:
            signal.pause()
    except KeyboardInterrupt:
        return 0
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main())
