#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""Who gets in: users, tokens and roles of a Weir that runs, asked from outside byte by byte."""
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "lib"))
sys.path.insert(0, str(TESTS / "unit" / "control"))
import weirtest  # noqa: E402
from ws_client import Closed, Http, Refused, WebSocket  # noqa: E402

START_S = 60
PASSWORDS = {"anna": ("admin", "anna's password"), "olaf": ("operator", "olaf's password"),
             "vera": ("viewer", "vera's password")}


def passwd(users, *arguments, password=""):
    return subprocess.run([weirtest.weir(), "passwd", "--users", users, *arguments], input=password + "\n",
                          capture_output=True, text=True, timeout=30, check=False)


class Weir:
    """One that follows an empty folder, which costs nothing, and is asked on a port of its own."""

    def __init__(self, folder, *options, context=None):
        self.context = context
        self.folder = folder
        self.port = free_port()
        self.err = open(folder / "stderr", "wb")
        self.process = subprocess.Popen(
            [weirtest.weir(), "--pcap", "captures", "--follow", "--store", "sqlite:weir.db",
             "--flow-capacity", "1024", "--key-budget", "1024", "--report", "report.json",
             "--listen", f"127.0.0.1:{self.port}", *options],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.err)
        self.address = ("127.0.0.1", self.port)
        end = time.monotonic() + START_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise weirtest.Failed("weir did not start: " + (folder / "stderr").read_text()[-400:])
            time.sleep(0.05)

    def answers(self):
        try:
            return self.http("GET", "/healthz")[0] in (200, 503)
        except OSError:
            return False

    def http(self, method, path, headers=None, body=None):
        connection = Http(self.address)
        if self.context:
            connection.sock = self.context.wrap_socket(connection.sock, server_hostname="localhost")
        try:
            return connection.request(method, path, headers, body)
        finally:
            connection.close()

    def call(self, method, params=None, headers=None):
        request = {"jsonrpc": "2.0", "id": 1, "method": method}
        if params is not None:
            request["params"] = params
        status, got, body = self.http("POST", "/rpc", headers, json.dumps(request).encode())
        return (json.loads(body) if status == 200 else {"status": status}), got

    def code(self, method, params=None, headers=None):
        """0, the error's code, or the status."""
        answer = self.call(method, params, headers)[0]
        return answer.get("status", answer.get("error", {}).get("code", 0))

    def login(self, user, password):
        answer, headers = self.call("session.login", {"user": user, "password": password})
        cookie = headers.get("set-cookie", "")
        return answer, cookie, {"Cookie": cookie.split(";")[0]}

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def check_passwd(c, folder):
    """Makes the users' file; gives the texts of the tokens."""
    users = folder / "users.json"
    for name, (role, password) in PASSWORDS.items():
        c.equal(passwd(users, name, "--role", role, password=password).returncode, 0, f"passwd {name}")
    tokens = {}
    for role in ("viewer", "operator"):
        done = passwd(users, "--token", f"t-{role}", "--role", role)
        tokens[role] = done.stdout.strip()
        c.equal((done.returncode, len(tokens[role])), (0, 48), f"token {role}")
    text = users.read_text()
    c.that(all(t not in text for t in tokens.values()), "the file has no token in clear")
    c.that(all(p not in text for _, p in PASSWORDS.values()), "the file has no password in clear")
    c.equal(users.stat().st_mode & 0o777, 0o600, "mode of the users' file")
    for word, arguments in (("8 to 512", ("x", "--role", "viewer")), ("viewer, operator or admin",
                            ("x", "--role", "root")), ("no user", ("--remove", "x")),
                            ("letters", ("a b", "--role", "viewer"))):
        done = passwd(users, *arguments, password="short")
        c.that(done.returncode != 0 and word in done.stderr, f"passwd {arguments}: {done.stderr}")
    c.equal(users.read_text(), text, "refused changes change nothing")
    return tokens


def check_logins(c, weir):
    c.equal(weir.call("session.get")[0]["result"],
            {"authentication": True, "kind": "nobody", "user": None, "role": "anyone"}, "before the login")
    c.equal(weir.code("processor.get"), -32006, "a call without a login")
    c.equal(weir.http("GET", "/healthz")[0] in (200, 503), True, "/healthz is open")
    c.equal([weir.http("GET", p)[0] for p in ("/metrics", "/openrpc.json", "/api/v1/results?query=ip-topk")],
            [401, 401, 401], "REST without a login")
    c.equal(weir.http("DELETE", "/api/v1/results")[0], 401, "DELETE without a login")
    wrong = [weir.login(*who) for who in (("anna", "wrong password"), ("nobody", "wrong password"))]
    c.equal([a["error"] for a, _, _ in wrong][0], wrong[1][0]["error"], "the same words for unknown users")
    c.equal([cookie for _, cookie, _ in wrong], ["", ""], "no cookie for the wrong password")

    answer, cookie, anna = weir.login("anna", PASSWORDS["anna"][1])
    c.equal(answer.get("result", {}).get("role"), "admin", "anna's role")
    c.that(all(w in cookie for w in ("HttpOnly", "SameSite=Strict", "Path=/")), f"cookie: {cookie}")
    c.equal(weir.code("config.set", {"config": {"parameters": {"k": 7}}}, anna), 0, "an admin may")
    for path in ("/metrics", "/openrpc.json"):
        c.equal(weir.http("GET", path, anna)[0], 200, f"{path} with a login")
    w = WebSocket(weir.address, headers=anna)
    c.equal(w.call("session.get")["result"]["user"], "anna", "websocket with a cookie")
    try:
        WebSocket(weir.address).close()
        c.that(False, "a websocket without a login is refused")
    except Refused as e:
        c.equal(e.status, 401, "a websocket without a login")
    c.equal(weir.code("session.logout", None, anna), 0, "logout")
    c.equal(weir.code("processor.get", None, anna), -32006, "the cookie again after the logout")
    try:
        w.call("session.get")
        c.that(False, "the websocket of an ended login is closed")
    except Closed as e:
        c.equal(e.code, 4401, "code of the websocket's end")


def check_roles(c, weir, tokens):
    _, _, vera = weir.login("vera", PASSWORDS["vera"][1])
    bearer = {role: {"Authorization": f"Bearer {text}"} for role, text in tokens.items()}
    methods = weir.call("rpc.methods", None, vera)[0]["result"]
    c.that(len(methods) > 30, "rpc.methods for a viewer")
    allowed = {"anyone": 0, "viewer": 1, "operator": 2, "admin": 3}
    for headers, rank in ((vera, 1), (bearer["viewer"], 1), (bearer["operator"], 2)):
        for m in methods:
            if allowed[m["role"]] > rank:
                c.equal(weir.code(m["name"], None, headers), -32007, f"{m['name']} for rank {rank}")
    c.equal(weir.http("DELETE", "/api/v1/results", vera)[0], 403, "DELETE for a viewer")
    c.equal(weir.code("processor.set", {"k": 9}, bearer["operator"]), 0, "an operator's token may")
    c.equal(weir.code("processor.get", None, {"Authorization": "Bearer weir_" + "A" * 43}), 401, "a made up token")
    c.equal(weir.code("processor.get", None, {"Authorization": "Basic YTpi"}), 401, "Basic authentication")
    c.equal(WebSocket(weir.address, headers=bearer["viewer"]).call("processor.get")["result"]["k"], 9,
            "websocket with a token")


def check_reload(c, weir, tokens):
    """A user and a token that are taken away while they are in use."""
    _, _, olaf = weir.login("olaf", PASSWORDS["olaf"][1])
    ws = WebSocket(weir.address, headers={"Authorization": f"Bearer {tokens['viewer']}"})
    users = weir.folder / "users.json"
    c.equal(weir.code("processor.set", {"k": 8}, olaf), 0, "olaf may")
    passwd(users, "--remove", "olaf")
    passwd(users, "--token", "t-viewer", "--remove")
    weir.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 10
    while weir.code("processor.get", None, olaf) == 0 and time.monotonic() < end:
        time.sleep(0.05)
    c.equal(weir.code("processor.get", None, olaf), -32006, "a user that is gone")
    try:
        while True:
            ws.receive()
    except Closed as e:
        c.equal(e.code, 4401, "websocket of a token that is gone")
    os.chmod(users, 0o644)
    weir.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 10
    while "0644" not in (weir.folder / "stderr").read_text() and time.monotonic() < end:
        time.sleep(0.05)
    c.that("0644" in (weir.folder / "stderr").read_text(), "a file that others may read is refused")
    c.equal(weir.login("vera", PASSWORDS["vera"][1])[0].get("result", {}).get("role"), "viewer",
            "after a bad file the users stay")
    os.chmod(users, 0o600)


def check_audit(c, weir):
    _, _, anna = weir.login("anna", PASSWORDS["anna"][1])
    weir.code("config.set", {"config": {"push": "mongodb://u:geheim@h/d"}, "dry_run": True}, anna)
    weir.code("processor.set", {"k": 0}, anna)
    answer = weir.call("audit.list", {"limit": 1000}, anna)[0]["result"]
    records = answer["records"]
    c.equal(answer["lost"], 0, "records lost")
    c.equal([r["number"] for r in records], sorted((r["number"] for r in records), reverse=True), "newest first")
    text = json.dumps(records)
    c.that("geheim" not in text and "u:***@h" in text, "passwords of URIs are not recorded")
    c.that(all(p not in text for _, p in PASSWORDS.values()), "passwords are not recorded")
    c.that(all(r["method"] not in ("processor.get", "session.get", "audit.list") for r in records), "looks are not recorded")
    last = records[0]
    c.equal((last["user"], last["role"], last["via"], last["from"], last["method"], last["params"], last["ok"],
             last["error"]["data"]["field"]),
            ("anna", "admin", "http", "127.0.0.1", "processor.set", {"k": 0}, False, "k"), "a record")
    c.that(any(r["user"] == "t-operator" and r["ok"] for r in records), "a token's change")
    c.that(any(r["user"] == "vera" and r["error"]["code"] == -32007 for r in records if not r["ok"]), "a refusal")
    c.that(any(r["method"] == "session.login" and r["user"] == "nobody" and not r["ok"] for r in records), "a login")
    reloads = [r for r in records if r["method"] == "users.reload"]
    c.equal([(r["user"], r["via"], r["params"], r["ok"]) for r in reloads],
            [("", "signal", {"file": "users.json"}, ok) for ok in (False, True)], "users that were read again")
    c.that("0644" in reloads[0]["error"]["message"], f"why they were not: {reloads[0]}")
    c.that("nothing to reload" not in (weir.folder / "stderr").read_text(), "SIGHUP had something to read")
    log = weir.folder / "weir.db.audit.jsonl"
    end = time.monotonic() + 10
    while len(log.read_text().splitlines()) < len(records) and time.monotonic() < end:
        time.sleep(0.05)
    c.equal([json.loads(line) for line in log.read_text().splitlines()], records[::-1], "the file has the same")
    c.equal(log.stat().st_mode & 0o777, 0o600, "mode of the audit log")


def refused_to_start(c, folder, word, *options):
    done = subprocess.run([weirtest.weir(), "--pcap", "captures", "--follow", "--listen",
                           f"0.0.0.0:{free_port()}", *options],
                          cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    c.equal((done.returncode, len(done.stderr.splitlines())), (2, 1), f"{options}: {done.stderr}")
    c.that(word in done.stderr, f"{options}: '{word}' in {done.stderr}")


def check_tls_files(c, folder):
    """One line says which of the two files it is, and what is wrong with it."""
    certificate, key = (folder / "cert.pem").read_text(), (folder / "key.pem").read_text()
    (folder / "folder.pem").mkdir()
    for name, text in (("empty.pem", ""), ("cut.pem", certificate[:300]), ("users2.json", "{}"), ("other2.pem", certificate),
                       ("damaged.pem", certificate.replace("\n", "\n!", 3))):
        (folder / name).write_text(text)
    for command in (["x509", "-in", "cert.pem", "-outform", "DER", "-out", "cert.der"],
                    ["pkey", "-in", "key.pem", "-aes256", "-passout", "pass:x", "-out", "locked.pem"],
                    ["genrsa", "-out", "rsa.pem", "2048"]):
        subprocess.run(["openssl", *command], cwd=folder, capture_output=True, check=True)
    for name, why in (("nowhere.pem", "No such file or directory"), ("folder.pem", "it is a folder"), ("empty.pem", "it is empty"),
                      ("users2.json", "it is no PEM"), ("cert.der", "it is no PEM (DER?)"), ("cut.pem", "bad end line"),
                      ("damaged.pem", "bad base64 decode"), ("key.pem", "it holds a PRIVATE KEY")):
        refused_to_start(c, folder, f"--tls-cert: {name}: {why}; allowed: a certificate chain in PEM",
                         "--tls-cert", name, "--tls-key", "key.pem")
    for name, why in (("nowhere.pem", "No such file or directory"), ("folder.pem", "it is a folder"), ("empty.pem", "it is empty"),
                      ("users2.json", "it is no PEM"), ("other2.pem", "it holds a CERTIFICATE"),
                      ("locked.pem", "it is protected by a password")):
        refused_to_start(c, folder, f"--tls-key: {name}: {why}; allowed: a private key in PEM, without a password",
                         "--tls-cert", "cert.pem", "--tls-key", name)
    for name in ("other.pem", "rsa.pem"):
        refused_to_start(c, folder, f"--tls-key: {name}: it is not the key of the certificate in cert.pem",
                         "--tls-cert", "cert.pem", "--tls-key", name)


def check_tls(c, folder, last_record):
    """Names and files of TLS that are wrong, then a server with it, on the same store."""
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                           "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                           "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, capture_output=True, check=False)
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "other.pem"], cwd=folder, check=True)
    c.equal(made.returncode, 0, "openssl")
    refused_to_start(c, folder, "--insecure-listen")
    refused_to_start(c, folder, "--insecure-listen", "--users", "users.json")
    refused_to_start(c, folder, "--tls-key", "--tls-cert", "cert.pem")
    refused_to_start(c, folder, "nowhere.pem", "--tls-cert", "nowhere.pem", "--tls-key", "key.pem")
    refused_to_start(c, folder, "other.pem", "--tls-cert", "cert.pem", "--tls-key", "other.pem")
    refused_to_start(c, folder, "users.json", "--tls-cert", "cert.pem", "--tls-key", "users.json")
    refused_to_start(c, folder, "nobody.json", "--users", "nobody.json")
    check_tls_files(c, folder)

    weir = Weir(folder, "--users", "users.json", "--tls-cert", "cert.pem", "--tls-key", "key.pem",
                context=ssl.create_default_context(cafile=folder / "cert.pem"))
    try:
        _, cookie, anna = weir.login("anna", PASSWORDS["anna"][1])
        c.that("; Secure" in cookie and cookie.startswith("__Host-"), f"cookie with TLS: {cookie}")
        _, headers, _ = weir.http("GET", "/", anna)
        c.that("strict-transport-security" in headers, f"HSTS: {headers}")
        c.that("unsafe-inline" not in headers["content-security-policy"].replace("style-src-attr 'unsafe-inline'", ""),
               "Content-Security-Policy")
        records = weir.call("audit.list", None, anna)[0]["result"]["records"]
        c.equal(records[0]["number"], last_record + 1, "the audit log goes on after a restart")
        try:
            Http(weir.address).request("GET", "/healthz")
            c.that(False, "no answer without TLS")
        except (Closed, ConnectionError):
            c.that(True, "no answer without TLS")
        half = [socket.create_connection(weir.address) for _ in range(300)]
        c.equal(weir.code("processor.get", None, anna), 0, "with 300 connections that send nothing")
        for s in half:
            s.close()
    finally:
        c.equal(weir.end(), 0, "status with TLS")


def closes_with(ws):
    try:
        while True:
            ws.receive()
    except Closed as e:
        return e.code


def check_frames(c, weir, headers):
    """Websocket framing; what else of it is refused is in tests/unit/control/test_frames.py."""
    call = b'{"jsonrpc":"2.0","id":1,"method":"processor.get"}'
    w = WebSocket(weir.address, headers=headers)
    w.send_frame(1, call[:10], final=False)
    w.send_frame(9, b"between")  # control frames may stand between the fragments of a message
    w.send_frame(0, call[10:11], final=False)
    w.send_frame(10, b"unasked")
    w.send_frame(0, b"", final=False)
    w.send_frame(0, call[11:])
    first = w.read(2)
    c.equal((first[0] & 15, w.read(first[1] & 127)), (10, b"between"), "the pong between fragments")
    c.that("result" in json.loads(w.receive()), "the answer to a fragmented call with control frames between")
    euro = b'{"jsonrpc":"2.0","id":1,"method":"\xe2\x82\xac"}'
    w.send_frame(1, euro[:-4], final=False)  # a character in two fragments is a good one
    w.send_frame(0, euro[-4:])
    c.equal(json.loads(w.receive())["error"]["code"], -32601, "a character in two fragments")
    for what, frames in (("a megabyte", [(1, b"x" * (1 << 20))]),
                         ("a continuation of nothing", [(0, b"x")]),
                         ("a message within a message", [(1, b"x", False), (1, b"y")]),
                         ("a ping in fragments", [(9, b"x", False)]),
                         ("a ping of 126 bytes", [(9, b"x" * 126)]),
                         ("a reserved opcode", [(3, b"x")]),
                         ("half a character at the end", [(1, b'"\xe2\x82')]),
                         ("a surrogate", [(1, b'"\xed\xa0\x80"')])):
        bad = WebSocket(weir.address, headers=headers)
        try:
            for frame in frames:
                bad.send_frame(*frame)
            code = closes_with(bad)
        except ConnectionError:
            code = None
        c.that(code in (None, 1002, 1007, 1009), f"{what}: closed with {code}")
        c.that("result" in w.call("processor.get"), f"another client after {what}")


def check_requests(c, weir, headers):
    post = b'{"jsonrpc":"2.0","id":1,"method":"processor.start"}'
    for what, more, wanted in (("another site's Origin", {"Origin": "http://evil.example"}, 403),
                               ("Origin null", {"Origin": "null"}, 403),
                               ("a page of another site", {"Sec-Fetch-Site": "cross-site"}, 403),
                               ("a page of a neighbour", {"Sec-Fetch-Site": "same-site"}, 403),
                               ("a foreign Host", {"Host": "evil.example"}, 403),
                               ("a form", {"Content-Type": "text/plain"}, 415),
                               ("our own page", {"Sec-Fetch-Site": "same-origin"}, 200)):
        c.equal(weir.http("POST", "/rpc", {**headers, **more}, post)[0], wanted, what)
    for more in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        try:
            WebSocket(weir.address, headers={**headers, **more}).close()
            c.that(False, f"websocket with {more} is refused")
        except Refused as e:
            c.equal(e.status, 403, f"websocket with {more}")
    for path in ("/%0d%0aSet-Cookie:%20a=b", "/x%0aX-Injected:1", "/rpc%00", "/../../../../etc/passwd",
                 "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/assets/../../x", "//etc/passwd"):
        try:
            status, got, body = weir.http("GET", path, headers)
        except (Closed, ConnectionError):
            continue
        c.that((status >= 400 or "%0d" in path) and "set-cookie" not in got and "x-injected" not in got and b"root:" not in body,
               f"{path}: {status} {got}")
    for head in (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nCookie: a\rX: b\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 70000 + b"\r\n\r\n",
                 b"POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nxxxxx",
                 b"GET /\x00 HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00"):
        with socket.create_connection(weir.address, 20) as s:
            try:
                s.sendall(head)
                s.shutdown(socket.SHUT_WR)
                answer = s.recv(65536)
            except OSError:
                answer = b""
        c.that(not answer.startswith(b"HTTP/1.1 200"), f"{head[:60]!r}: {answer[:60]!r}")
        c.equal(weir.code("processor.get", None, headers), 0, f"another client after {head[:40]!r}")


def check_half_open(c, weir, headers):
    """10,000 connections that send half a request; others are answered meanwhile."""
    websocket = WebSocket(weir.address, headers=headers)
    half, slowest = [], 0
    for i in range(10000):
        s = socket.create_connection(weir.address, 20)
        try:
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: loc")
        except ConnectionError:
            pass  # it has made room already
        half.append(s)
        if len(half) > 700:
            half.pop(0).close()
        if i % 1000 == 999:
            begin = time.monotonic()
            c.equal(weir.code("processor.get", None, headers), 0, f"a call after {i + 1} half open connections")
            c.that("result" in websocket.call("processor.get"), f"a websocket after {i + 1}")
            slowest = max(slowest, time.monotonic() - begin)
    for s in half:
        s.close()
    c.that(slowest < 5, f"the slowest call took {slowest:.1f} s")


def check_attempts(c, weir):
    """After five wrong passwords the address waits."""
    codes, clients = [], [Http(weir.address, timeout=20) for _ in range(2)]
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "session.login",
                          "params": {"user": "anna", "password": "wrong password"}}).encode()
    while len(codes) < 6:
        for client in clients:
            client.send("POST", "/rpc", body=request)
        codes += [json.loads(client.receive()[2])["error"]["code"] for client in clients]
    c.equal(weir.login("anna", PASSWORDS["anna"][1])[0].get("error", {}).get("code"), -32008,
            f"the right password within the pause, after {codes}")


def last_number(folder):
    return json.loads((folder / "weir.db.audit.jsonl").read_text().splitlines()[-1])["number"]


def check():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-security-") as folder:
        folder = Path(folder)
        (folder / "captures").mkdir()
        tokens = check_passwd(c, folder)
        weir = Weir(folder, "--users", "users.json")
        try:
            check_logins(c, weir)
            check_roles(c, weir, tokens)
            check_reload(c, weir, tokens)
            check_audit(c, weir)
            operator = {"Authorization": f"Bearer {tokens['operator']}"}
            check_frames(c, weir, operator)
            check_requests(c, weir, operator)
            check_half_open(c, weir, operator)
            check_attempts(c, weir)
        finally:
            status = weir.end()
        c.equal(status, 0, "status")
        check_tls(c, folder, last_number(folder))
    return c


if __name__ == "__main__":
    weirtest.main(check)
