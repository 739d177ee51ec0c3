#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a login is worth once it has ended, and what nobody, a viewer or a token can do to the audit log."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib"), str(HERE.parent / "unit/control")]

import weirtest
from test_security import PASSWORDS, Weir, check_passwd, free_port, passwd
from ws_client import Closed, Http, Refused, WebSocket

UNAUTHENTICATED = -32006
BUSY = -32008


def request(method, params=None, ident=1):
    return {"jsonrpc": "2.0", "id": ident, "method": method, "params": params or {}}


def batch(weir, requests, headers=None):
    return json.loads(weir.http("POST", "/rpc", headers, json.dumps(requests).encode())[2])


def check_logout(c, weir, anna):
    """A websocket that logs out gets its answer, then the end."""
    w = WebSocket(weir.address, headers=anna)
    w.call("subscribe", {"topics": ["stats"]})
    c.that("result" in w.call("session.logout"), "logging out by websocket is answered")
    try:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            w.receive()
        c.that(False, "a websocket that logged out is closed")
    except Closed as e:
        c.equal(e.code, 4401, "code of the end of a websocket that logged out")


def check_end_within_batch(c, weir):
    """A login that ends elsewhere while a batch of it waits for an answer: the rest of the batch is not done."""
    _, _, olaf = weir.login("olaf", PASSWORDS["olaf"][1])
    slow = request("session.login", {"user": "nobody", "password": "wrong password"})  # answered a second late
    client = Http(weir.address, timeout=60)
    client.send("POST", "/rpc", olaf, json.dumps([request("processor.set", {"k": 31}), slow,
                                                  request("processor.set", {"k": 32})]).encode())
    viewed, end = 0, time.monotonic() + 10
    while viewed != 31 and time.monotonic() < end:  # the batch has begun
        viewed = weir.call("processor.get", None, olaf)[0]["result"]["k"]
    c.equal(weir.code("session.logout", None, olaf), 0, "logout elsewhere, within the batch")
    answers = json.loads(client.receive()[2])
    c.equal([a.get("error", {}).get("code", 0) for a in answers], [0, UNAUTHENTICATED, UNAUTHENTICATED],
            "what follows in the batch of a login that ended")
    _, _, olaf = weir.login("olaf", PASSWORDS["olaf"][1])
    c.equal(weir.call("processor.get", None, olaf)[0]["result"]["k"], 31, "and is not done")


def check_rights(c, weir):
    """What comes after the end of a login in the same request is not done."""
    _, _, olaf = weir.login("olaf", PASSWORDS["olaf"][1])
    answers = batch(weir, [request("processor.set", {"k": 5}), request("session.logout"),
                           request("processor.set", {"k": 6})], olaf)
    c.equal([a.get("error", {}).get("code", 0) for a in answers], [0, 0, UNAUTHENTICATED], "after a logout in a batch")
    check_end_within_batch(c, weir)
    # The headers are here, the login ends, then the body comes.
    _, _, olaf = weir.login("olaf", PASSWORDS["olaf"][1])
    body = json.dumps(request("processor.set", {"k": 9})).encode()
    head = (f"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:{weir.port}\r\nCookie: {olaf['Cookie']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
    with socket.create_connection(weir.address) as s:
        s.sendall(head.encode() + body[:1])
        for _ in range(3):  # what comes later is answered later: the headers have been judged then
            weir.code("session.get", None, olaf)
        c.equal(weir.code("session.logout", None, olaf), 0, "logout elsewhere")
        s.sendall(body[1:])
        s.settimeout(20)
        answer = b""
        while str(UNAUTHENTICATED).encode() not in answer and (more := s.recv(4096)):
            answer += more
        c.that(more, f"a body that comes after the end of the login: {answer}")


def check_log(c, weir, tokens, anna):
    """A change stays in the log, whatever others do."""
    c.equal(weir.code("processor.set", {"k": 7}, anna), 0, "a change")
    viewer = {"Authorization": "Bearer " + tokens["viewer"]}
    poison = [request("session.login", {"x": "A" * 900}) for _ in range(30)]
    for _ in range(4):
        batch(weir, poison * 2)
        batch(weir, [request("session.logout")] * 60, viewer)
        batch(weir, [request("processor.set", {"k": 1, "password": ["geheim"]})] * 60, viewer)
    weir.code("config.set", {"config": {"push": ["mongodb://u:geheim@h/d"], "password": {"a": "geheim"},
                                        "store": "mongo//u:geheim@h"}, "dry_run": True}, anna)
    records = weir.call("audit.list", {"limit": 1000}, anna)[0]["result"]["records"]
    text = json.dumps(records)
    c.that(not any(r["user"] == "" or "x" in r["params"] for r in records), "logins without a user are not recorded")
    c.that(not any(r["method"] == "session.logout" and r["user"] == "t-viewer" for r in records), "tokens log nobody out")
    refused = sum(r["user"] == "t-viewer" for r in records)
    c.that(0 < refused < 200, f"refusals recorded: {refused} of 240")
    c.that(any(r["method"] == "processor.set" and r["params"] == {"k": 7} for r in records), "the change is listed")
    c.that("geheim" not in text and "***" in text, "no secrets in the audit log")
    log, changes, end = weir.folder / "weir.db.audit.jsonl.changes", "", time.monotonic() + 10
    while '"k":7' not in changes and time.monotonic() < end:
        changes = log.read_text() if log.exists() else ""
        time.sleep(0.05)
    c.that('"k":7' in changes and '"ok":false' not in changes and "session." not in changes, "the file of changes")


def codes_of(ws):
    return [a.get("error", {}).get("code", 0) for a in json.loads(ws.receive())]


def check_one_connection(c, open_ones, calls):
    """What is refused to one connection of a token for its own sake costs the others nothing."""
    for _ in range(200):
        open_ones[0].send(calls)
    codes = [code for _ in range(200) for code in codes_of(open_ones[0])]
    c.that(codes.count(BUSY) > 0, f"calls of one connection done: {codes.count(0)} of {len(codes)}")
    for w in open_ones[1:]:
        w.send(calls)
    codes = [code for w in open_ones[1:] for code in codes_of(w)]
    c.equal(codes.count(0), 1500, "calls of the token's other connections")
    for w in open_ones:
        w.close()


def check_budgets(c, weir, tokens):
    """What one token may take over all its connections; another does not notice."""
    viewer, other = ({"Authorization": "Bearer " + tokens[role]} for role in ("viewer", "operator"))
    open_ones = [WebSocket(weir.address, headers=viewer) for _ in range(64)]
    try:
        WebSocket(weir.address, headers=viewer).close()
        c.that(False, "a 65th websocket of a token is refused")
    except Refused as e:
        c.equal(e.status, 429, "a 65th websocket of a token")
    WebSocket(weir.address, headers=other).close()
    open_ones.pop().close()
    end, again = time.monotonic() + 10, None
    while again is None and time.monotonic() < end:
        try:
            again = WebSocket(weir.address, headers=viewer)
        except Refused:
            time.sleep(0.02)
    c.that(again, "one in the place of one that was closed")
    # Each connection stays below its own limit of 2,000 at once. A machine that takes seconds for them lets more through.
    calls, begin = json.dumps([request("session.get")] * 60), time.monotonic()
    for w in open_ones[:8]:
        for _ in range(30):
            w.send(calls)
    codes = [code for w in open_ones[:8] for _ in range(30) for code in codes_of(w)]
    allowed = 4000 + 2000 * (time.monotonic() - begin)
    c.that(4000 <= codes.count(0) <= allowed + 50, f"calls done: {codes.count(0)} of {len(codes)}, allowed: {allowed:.0f}")
    c.that(set(codes) <= {0, BUSY}, f"answers: {set(codes)}")
    c.equal(weir.code("processor.get", None, other), 0, "another token meanwhile")
    for w in (*open_ones, again):
        w.close()
    check_one_connection(c, [WebSocket(weir.address, headers=other) for _ in range(26)], calls)


def check_password_change(c, weir, folder):
    """A password that was changed while it was compared opens nothing."""
    body = json.dumps(request("session.login", {"user": "vera", "password": PASSWORDS["vera"][1]})).encode()
    before = (folder / "users.json").read_bytes()
    c.equal(passwd(folder / "users.json", "vera", "--role", "viewer", password="another password").returncode, 0, "passwd")
    after = (folder / "users.json").read_bytes()
    (folder / "users.json").write_bytes(before)
    crowd = []
    for i in range(2, 14):  # two at once from an address; the verifier is busy with these first
        for _ in range(2):
            s = socket.socket()
            s.bind((f"127.0.0.{i}", 0))
            s.connect(weir.address)
            crowd.append(s)
            text = json.dumps(request("session.login", {"user": "x", "password": "wrong password"}))
            s.sendall((f"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:{weir.port}\r\nContent-Type: application/json\r\n"
                       f"Content-Length: {len(text)}\r\n\r\n{text}").encode())
    client = Http(weir.address, timeout=60)
    client.send("POST", "/rpc", body=body)
    time.sleep(0.1)
    (folder / "users.json").write_bytes(after)
    weir.process.send_signal(signal.SIGHUP)
    status, headers, _ = client.receive()
    cookie = {"Cookie": headers.get("set-cookie", "").split(";")[0]}
    c.equal(weir.code("processor.get", None, cookie), UNAUTHENTICATED, f"a login with the old password ({status})")
    c.equal(weir.login("vera", "another password")[0].get("result", {}).get("role"), "viewer", "the new one")
    for s in crowd:
        s.close()


def check_passwd_at_once(c, folder):
    users = folder / "many.json"
    makers = [subprocess.Popen([weirtest.weir(), "passwd", "--users", users, "--token", f"p{i}", "--role", "viewer"],
                               stdout=subprocess.DEVNULL) for i in range(12)]
    c.equal([m.wait(60) for m in makers], [0] * 12, "twelve tokens at once")
    c.equal(len(json.loads(users.read_text())["tokens"]), 12, "tokens in the file")
    target = folder / "target"
    target.write_text("")
    os.symlink(target, folder / "linked.json.lock")
    done = passwd(folder / "linked.json", "--token", "x", "--role", "viewer")
    c.equal((done.returncode, len(done.stderr.splitlines())), (1, 1), f"a lock that is a link: {done.stderr}")


def check_clear_text(c, folder):
    """weirctl sends no token in clear to other machines; Weir takes no key that all may read."""
    weirctl = Path(weirtest.weir()).parent / "weirctl/weirctl"
    done = subprocess.run([weirctl, "-s", "ws://192.0.2.1:9", "show", "processor"], capture_output=True, text=True,
                          timeout=30, check=False, env={**os.environ, "WEIR_TOKEN": "weir_x"})
    c.that(done.returncode == 2 and "wss://" in done.stderr, f"a token in clear: {done.returncode} {done.stderr}")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, capture_output=True, check=True)
    os.chmod(folder / "key.pem", 0o644)
    done = subprocess.run([weirtest.weir(), "--pcap", "captures", "--follow", "--listen", f"127.0.0.1:{free_port()}", "--duration", "1",
                           "--tls-cert", "cert.pem", "--tls-key", "key.pem"], cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    c.that(done.returncode == 2 and "0644" in done.stderr and len(done.stderr.splitlines()) == 1,
           f"a key that all may read: {done.returncode} {done.stderr}")


def check():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-access-") as folder:
        folder = Path(folder)
        (folder / "captures").mkdir()
        tokens = check_passwd(c, folder)
        weir = Weir(folder, "--users", "users.json")
        try:
            _, _, anna = weir.login("anna", PASSWORDS["anna"][1])
            check_log(c, weir, tokens, anna)
            check_rights(c, weir)
            check_budgets(c, weir, tokens)
            check_password_change(c, weir, folder)
            check_logout(c, weir, anna)
        finally:
            c.equal(weir.end(), 0, "status")
        check_passwd_at_once(c, folder)
        check_clear_text(c, folder)
    return c


if __name__ == "__main__":
    weirtest.main(check)
