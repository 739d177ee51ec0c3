#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""HTTP against a real control server: routes, files, Host and Origin, limits.

    test_http.py CONTROL_SERVER [TEST...]
"""
import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from conversation import Case, Server, main, program  # noqa: E402
from ws_client import Closed, Http, Refused, WebSocket  # noqa: E402


class HttpServer(Case):
    def test_health(self):
        status, headers, body = self.http("GET", "/healthz")
        missed = {"area": "ports", "fault": False, "text": "7 packets missed"}
        self.assertEqual((status, json.loads(body)),
                         (200, {"status": "degraded", "reason": "7 packets missed", "reasons": [missed]}))
        self.server.order("healthy 0")
        self.server.stats()
        status, headers, body = self.http("GET", "/healthz")
        self.assertEqual((status, json.loads(body)),
                         (503, {"status": "unhealthy", "reason": "the store is down", "reasons": [
                             {"area": "store", "fault": True, "text": "the store is down"}, missed]}))

    def test_openrpc_says_what_rpc_methods_says(self):
        status, _, body = self.http("GET", "/openrpc.json")
        document = json.loads(body)
        self.assertEqual((status, document["openrpc"], document["info"]["title"]),
                         (200, "1.3.2", "Weir"))
        self.assertRegex(document["info"]["version"], r"^\d+\.\d+\.\d+$")
        table = {m["name"]: m for m in self.rpc(
            '{"jsonrpc":"2.0","id":1,"method":"rpc.methods"}')["result"]}
        self.assertEqual(list(table), [m["name"] for m in document["methods"]])
        for m in document["methods"]:
            self.assertEqual(set(m), {"name", "summary", "paramStructure", "params", "result",
                                      "x-role"})
            self.assertEqual(set(m["result"]), {"name", "description", "schema"})
            required = [p["required"] for p in m["params"]]
            self.assertEqual(required, sorted(required, reverse=True), m["name"])
            rows = {p["name"]: p for p in table[m["name"]]["params"]}
            self.assertEqual(set(rows), {p["name"] for p in m["params"]})
            for p in m["params"]:
                row, schema = rows[p["name"]], p["schema"]
                self.assertEqual((p["description"], p["required"]), (row["help"], row["required"]))
                if row["type"] in ("integer", "number"):
                    low = schema.get("minimum", schema.get("exclusiveMinimum"))
                    self.assertEqual((low, schema["maximum"]),
                                     (row.get("min", row.get("above")), row["max"]), p["name"])
                    self.assertIn(row["type"], schema["type"])
                if "choices" in row:
                    words = schema.get("enum") or schema["items"]["enum"]
                    self.assertEqual(words, row["choices"].split())

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
                self.assertIn("default-src 'none'", headers["content-security-policy"])
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
        status, _, body = self.http("GET", "/api/v1/results?query=ip-topk&from_us=&to_us=7&limit=")
        self.assertEqual((status, json.loads(body)["to_us"], json.loads(body)["limit"]), (200, 7, 100))
        status, _, body = self.http("GET", "/api/v1/results?query=a%20b%26c")
        self.assertEqual(json.loads(body)["query"], "a b&c")
        status, _, body = self.http("GET", "/api/v1/results?query=a&cursor=newest&source=local")
        self.assertEqual((status, json.loads(body)["cursor"], json.loads(body)["source"]),
                         (200, "none", 1))
        status, _, body = self.http("GET", "/api/v1/results?query=a&cursor=before-00000000000f4240")
        self.assertEqual((status, json.loads(body)["cursor"]), (200, "before-00000000000f4240"))
        status, _, body = self.http("GET", "/api/v1/series?query=a&key=80&from_us=5&to_us=9&step_s=0.25")
        self.assertEqual((status, json.loads(body)), (200, {
            "query": "a", "key": "80", "from_us": 5, "to_us": 9, "step_us": 250000, "source": 0}))
        status, _, body = self.http("GET", "/api/v1/series?query=a&key=b&to_us=7200000000")
        self.assertEqual(json.loads(body)["from_us"], 3600000000)
        status, _, body = self.http("GET", "/api/v1/daily?source=auto")
        self.assertEqual((status, json.loads(body)["source"]), (200, 0))
        status, _, body = self.http("GET", "/api/v1/results/latest?query=ip-topk")
        self.assertEqual((status, json.loads(body)["seq"]), (200, 42))
        status, _, body = self.http("GET", "/api/v1/daily?host=2001:DB8::0:1&from=1970-01-02&to=1970-01-04"
                                    "&cursor=1970-01-03/10.0.0.1")
        self.assertEqual((status, json.loads(body)), (200, {
            "host": "2001:db8::1", "from_us": 2 * 86400 * 10**6, "to_us": 3 * 86400 * 10**6,
            "after": "10.0.0.1", "limit": 1000}))
        status, _, body = self.http("GET", "/api/v1/alerts?query=limits&from_us=5&to_us=9&limit=1")
        self.assertEqual((status, json.loads(body)), (200, {
            "query": "limits", "from_us": 5, "to_us": 9, "limit": 1, "alerts": [], "more": False,
            "source": "memory", "dropped": 1234, "fault": "disk is full"}))
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
                ("GET", "/api/v1/results?query=a&from_us=-1", None, 400, "from_us"),
                ("GET", "/api/v1/results?query=a&nope=1", None, 400, "nope"),
                ("GET", "/api/v1/results?query=a&limit=1&limit=x", None, 400, "limit"),
                ("GET", "/api/v1/results?query=" + "x" * 64, None, 400, "query"),
                ("GET", "/api/v1/results?query=" + "x" * 1000, None, 400, None),
                ("GET", "/api/v1/results?query=%ff%fe", None, 200, None),
                ("GET", "/api/v1/results?query=a&source=x", None, 400, "source"),
                ("GET", "/api/v1/series?query=a", None, 400, "key"),
                ("POST", "/api/v1/series", b"{}", 405, "method"),
                ("GET", "/api/v1/results/latest", None, 400, "query"),
                ("GET", "/api/v1/results/latest?query=nope", None, 404, "query"),
                ("GET", "/api/v1/daily?host=10.0.0", None, 400, "host"),
                ("GET", "/api/v1/daily?from=2026-02-29", None, 400, "from"),
                ("GET", "/api/v1/daily?to=1969-12-31", None, 400, "to"),
                ("GET", "/api/v1/daily?cursor=2026-02-28x10.0.0.1", None, 400, "cursor"),
                ("GET", "/api/v1/alerts?limit=1001", None, 400, "limit"),
                ("GET", "/api/v1/alerts?from_us=9&to_us=5", None, 400, "from_us"),
                ("DELETE", "/api/v1/alerts", None, 405, "method"),
                ("GET", "/api/v1/nothing", None, 404, "path"),
                ("GET", "/nothing.js", None, 404, "path"),
                ("PUT", "/api/v1/results", b"{}", 405, "method"),
                ("PATCH", "/api/v1/results", b"{}", 405, "method"),
                ("OPTIONS", "/rpc", None, 405, "method"),
                ("GET", "/rpc", None, 405, "method"),
                ("POST", "/healthz", b"{}", 405, "method"),
                ("DELETE", "/", None, 405, "method"),
                ("DELETE", "/api/v1/results?query=a", None, 400, None),
                ("POST", "/api/v1/results?query=a", b'{"query":"a"}', 400, None),
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
        self.assertEqual(json.loads(connection.receive()[2])["status"], "degraded")
        self.assertEqual(json.loads(connection.receive()[2])["id"], 7)
        self.assertTrue(connection.receive()[2].endswith(b"# EOF\n"))

    def test_posts_in_one_piece(self):
        """They may lose their connection, and hold up nobody else."""
        post = (b"POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: 2\r\n\r\n[]")
        get = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for data in (post * 2, post * 3, get + post, post + get):
            connection = Http(self.address)
            self.addCleanup(connection.close)
            connection.sock.sendall(data)
            connection.receive()
            self.assertEqual(self.http("GET", "/healthz")[0], 200)

    def cpu_s(self):
        with open("/proc/%d/stat" % self.server.process.pid) as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_what_comes_behind_a_request_waits_quietly(self):
        """The answer takes a while, and more than the request is there: this costs no CPU time."""
        get = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        lists = b"GET /api/v1/results?query=ip-topk HTTP/1.1\r\nHost: localhost\r\n\r\n"
        body = b'{"jsonrpc":"2.0","id":1,"method":"results.clear"}'
        post = (b"POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.server.order("delay 1000")
        self.server.stats()
        for pieces in ((lists + get,), (lists, get), (post + get,), (post, get)):
            with self.subTest(pieces=pieces):
                connection = Http(self.address)
                self.addCleanup(connection.close)
                before = self.cpu_s()
                for piece in pieces:
                    connection.sock.sendall(piece)
                    time.sleep(0.05)
                self.assertEqual(connection.receive()[0], 200)
                self.assertLess(self.cpu_s() - before, 0.3)
                self.assertEqual(json.loads(connection.receive()[2])["status"], "degraded")

    def test_head(self):
        status, headers, body = self.http("HEAD", "/healthz")
        self.assertEqual((status, body), (200, b""))
        self.assertEqual(int(headers["content-length"]), len(self.http("GET", "/healthz")[2]))

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

    def test_compressed(self):
        packed = gzip.compress(b"<html>panel</html>")
        with open(os.path.join(self.panel, "index.html.gz"), "wb") as f:
            f.write(packed)
        for accept, coding in (("gzip", "gzip"), ("br;q=1, GZIP ; q=0.5", "gzip"), ("deflate,gzip", "gzip"),
                               ("gzip;q=0", None), ("xgzip", None), ("br", None), (None, None)):
            with self.subTest(accept=accept):
                status, headers, body = self.http("GET", "/", {"Accept-Encoding": accept} if accept else None)
                self.assertEqual((status, headers.get("content-encoding"), headers.get("vary")),
                                 (200, coding, "accept-encoding"))
                self.assertTrue(headers["content-type"].startswith("text/html"))
                self.assertEqual(gzip.decompress(body) if coding else body, b"<html>panel</html>")
        # Nothing compressed beside it, and nothing there at all.
        for path, wanted in (("/favicon.svg", 200), ("/nothing.js", 404)):
            status, headers, _ = self.http("GET", path, {"Accept-Encoding": "gzip"})
            self.assertEqual((status, headers.get("content-encoding")), (wanted, None))

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
    def test_idle_connections_make_room(self):
        idle = [socket.create_connection(self.address, 10) for _ in range(600)]
        self.assertEqual(self.http("GET", "/healthz")[0], 200)
        closed = 0
        for sock in idle:
            sock.setblocking(False)
            try:
                closed += sock.recv(1) == b""
            except BlockingIOError:
                pass
            except ConnectionError:
                closed += 1
        self.assertGreaterEqual(closed, 600 - 256)
        for sock in idle:
            sock.close()

    def test_busy_connections_are_bounded(self):
        clients = [self.ws() for _ in range(256)]
        with self.assertRaises(Closed):  # or 503, if it is read before the end of the connection
            status = self.http("GET", "/healthz")[0]
            self.assertEqual(status, 503)
            raise Closed()
        self.assertEqual(clients[0].call("processor.get")["result"]["k"], 10)
        clients[1].close()
        end = time.monotonic() + 10
        status = None
        while status != 200 and time.monotonic() < end:
            try:
                status = self.http("GET", "/healthz")[0]
            except (Closed, ConnectionError):
                pass
        self.assertEqual(status, 200)

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
        process = subprocess.run([program(), "127.0.0.1", "", str(self.address[1])],
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
    main()
