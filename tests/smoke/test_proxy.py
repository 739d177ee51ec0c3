#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""Behind a reverse proxy: names, the true client, its cookies; and guesses from many addresses at once."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib"), str(HERE.parent / "unit/control")]

import weirtest
from test_security import PASSWORDS, Weir, check_passwd, free_port
from ws_client import Http, Refused, WebSocket

NAME = "weir.example.org"
BUSY = -32008
UNAUTHENTICATED = -32006
ATTEMPTS_OF_USER = 20


def through(client, **more):
    """Headers as a proxy on this machine adds them for a client."""
    return {"Host": NAME, "X-Forwarded-For": client, "X-Forwarded-Proto": "https", **more}


def login(weir, user, headers, password=None):
    """Code (0: logged in) and the cookies that came, as headers for what follows."""
    answer, got = weir.call("session.login", {"user": user, "password": password or PASSWORDS[user][1]}, headers)
    cookies = [line.split(";")[0] for line in got.get("set-cookie", "").split("\n") if line]
    return answer.get("status", answer.get("error", {}).get("code", 0)), cookies, got.get("set-cookie", "")


def records(weir, anna):
    return weir.call("audit.list", {"limit": 50}, anna)[0]["result"]["records"]


def check_names(c, weir):
    for host, wanted in ((NAME, 200), (NAME.upper() + ":443", 200), ("localhost", 200), ("evil.example", 403),
                         (NAME + ".evil.example", 403)):
        c.equal(weir.http("POST", "/rpc", {"Host": host}, b'{"jsonrpc":"2.0","id":1,"method":"session.get"}')[0],
                wanted, f"Host {host}")
    for origin, proto, wanted in ((f"https://{NAME}", "https", 200), (f"http://{NAME}", "https", 403),
                                  (f"http://{NAME}", "http", 200), ("https://evil.example", "https", 403)):
        headers = through("198.51.100.7", Origin=origin, **{"X-Forwarded-Proto": proto})
        c.equal(weir.http("POST", "/rpc", headers, b'{"jsonrpc":"2.0","id":1,"method":"session.get"}')[0], wanted,
                f"Origin {origin} over {proto}")


def check_clients(c, weir):
    """The audit log has the client, and only a trusted proxy's word counts."""
    code, cookies, text = login(weir, "anna", through("10.6.6.6, 198.51.100.7"))
    c.equal((code, len(cookies)), (0, 2), "login through the proxy")
    c.that(all(line.startswith("__Host-weir-") and "; Secure" in line for line in text.split("\n")),
           f"cookies behind a proxy with TLS: {text}")
    anna = through("198.51.100.7", Cookie="; ".join(cookies))
    c.equal(weir.code("processor.set", {"k": 7}, anna), 0, "a call with the cookie")
    ws = WebSocket(weir.address, headers={**through("2001:db8::1"), "Cookie": anna["Cookie"]})
    c.equal(ws.call("processor.set", {"k": 8}).get("error"), None, "a call by websocket")
    ws.close()
    found = records(weir, anna)
    c.equal([(r["method"], r["from"]) for r in found[:3]],
            [("processor.set", "2001:db8::1"), ("processor.set", "198.51.100.7"), ("session.login", "198.51.100.7")],
            "who it was from")
    for i, lines in enumerate((("10.6.6.6", "198.51.100.9"), ("198.51.100.66", "198.51.100.9, 10.0.0.1"))):
        headers = {**anna, "X-Forwarded-For": "\r\nX-Forwarded-For: ".join(lines)}
        c.equal(weir.code("processor.set", {"k": 9 + i}, headers), 0, "a proxy that adds a line of its own")
        c.equal(records(weir, anna)[0]["from"], "198.51.100.9", f"X-Forwarded-For in lines: {lines}")
    for bad in ("unknown", "198.51.100.7,", "x" * 3000, "198.51.100.7 198.51.100.8"):
        c.equal(weir.http("GET", "/metrics", {**anna, "X-Forwarded-For": bad})[0], 400, f"X-Forwarded-For {bad[:30]}")
    try:
        WebSocket(weir.address, headers={**anna, "X-Forwarded-For": "unknown"}).close()
        c.that(False, "a websocket from nowhere is refused")
    except Refused as e:
        c.equal(e.status, 400, "a websocket from nowhere")
    return [cookie for cookie in cookies if "device" in cookie][0]


def guess(weir, number):
    """Wrong passwords for anna from so many addresses, all at once; the codes."""
    clients = []
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "session.login",
                       "params": {"user": "anna", "password": "wrong password"}}).encode()
    for i in range(number):
        client = Http(weir.address, timeout=60)
        client.send("POST", "/rpc", through(f"203.0.113.{i}"), body)
        clients.append(client)
    codes = []
    for client in clients:
        codes.append(json.loads(client.receive()[2])["error"]["code"])
        client.close()
    return codes


def check_guesses(c, weir, device):
    """Many addresses guess; the true user gets in from where it was before, and so do others from anywhere."""
    codes, rounds = [], 0
    while codes.count(UNAUTHENTICATED) < ATTEMPTS_OF_USER and rounds < 5:
        codes += guess(weir, 40)
        rounds += 1
    c.that(codes.count(UNAUTHENTICATED) in range(ATTEMPTS_OF_USER, ATTEMPTS_OF_USER + 3),
           f"passwords compared for one user: {codes.count(UNAUTHENTICATED)} of {len(codes)}")
    c.equal(set(codes), {UNAUTHENTICATED, BUSY}, "answers to guesses")
    while BUSY != login(weir, "anna", through("203.0.113.99"), "wrong password")[0]:  # one comes back each 30 s
        pass
    c.equal(login(weir, "anna", through("203.0.113.100"))[0], BUSY, "a stranger, even with the right password")
    c.equal(login(weir, "vera", through("203.0.113.101"))[0], 0, "another user")
    code, cookies, _ = login(weir, "anna", through("203.0.113.102", Cookie=device))
    c.equal((code, len(cookies)), (0, 1), "anna's browser from another address, which keeps its device cookie")
    c.equal(login(weir, "anna", through("203.0.113.103", Cookie=device[:-3] + "AAA"))[0], BUSY, "a made up device cookie")
    code, _, text = login(weir, "anna", {})
    c.equal(code, 0, "anna on the machine itself")
    c.that("Secure" not in text and text.startswith("weir-"), f"cookies without TLS: {text}")


def check_untrusted(c, folder):
    """Without the configuration nobody's word counts."""
    weir = Weir(folder, "--users", "users.json")
    try:
        c.equal(weir.http("GET", "/healthz", {"Host": NAME})[0], 403, "a name that was not given")
        headers = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
        code, cookies, text = login(weir, "anna", headers)
        c.that(code == 0 and "Secure" not in text, f"cookies: {text}")
        c.equal(records(weir, {"Cookie": "; ".join(cookies)})[0]["from"], "127.0.0.1", "from whom")
    finally:
        c.equal(weir.end(), 0, "status")


def check_configuration(c, folder):
    for field, value, word in (("trusted_proxies", ["10.0.0.0/33"], "listen.trusted_proxies[0]"),
                               ("trusted_proxies", ["proxy.example"], "listen.trusted_proxies[0]"),
                               ("names", ["a b"], "listen.names"), ("names", ["http://a/"], "listen.names"),
                               ("names", "a", "listen.names")):
        (folder / "bad.json").write_text(json.dumps({"listen": {field: value}}))
        done = subprocess.run([weirtest.weir(), "--config", "bad.json", "--pcap", "captures", "--follow", "--listen",
                               f"127.0.0.1:{free_port()}", "--duration", "1"], cwd=folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
        c.that(done.returncode == 2 and word in done.stderr and len(done.stderr.splitlines()) == 1,
               f"{field} {value}: {done.returncode} {done.stderr}")


NGINX = """daemon off; master_process off; pid nginx.pid; error_log error.log;
events {}
http {
    access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    server {
        listen 127.0.0.1:%(port)d;
        server_name weir.example.org;
        location / {
            proxy_pass http://127.0.0.1:%(weir)d;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $http_connection;
            proxy_read_timeout 1h;
        }
    }
}
"""


def check_nginx(c, weir, folder):
    """docs/security.md's example with nginx itself, where it is installed."""
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if nginx is None:
        print("SKIP test_proxy's nginx: no nginx")
        return
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX % {"port": port, "weir": weir.port})
    process = subprocess.Popen([nginx, "-p", folder, "-c", "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        direct, weir.address, end = weir.address, ("127.0.0.1", port), time.monotonic() + 20
        while not weir.answers() and time.monotonic() < end:
            time.sleep(0.05)
        code, cookies, _ = login(weir, "vera", {"Host": NAME, "X-Forwarded-For": "198.51.100.66"})
        c.equal(code, 0, "login through nginx")
        ws = WebSocket(weir.address, headers={"Host": NAME, "Cookie": "; ".join(cookies), "Origin": f"http://{NAME}"})
        c.equal(ws.call("session.get")["result"]["user"], "vera", "a websocket through nginx")
        ws.close()
        weir.address = direct
        code, cookies, _ = login(weir, "anna", {})
        login_of_vera = [r for r in records(weir, {"Cookie": "; ".join(cookies)}) if r["user"] == "vera"][0]
        # nginx sees 127.0.0.1, which is trusted here, so that what this client wrote stands for another proxy.
        c.equal(login_of_vera["from"], "198.51.100.66", "who it was, through nginx")
    finally:
        process.terminate()
        process.wait(20)


def check():
    c = weirtest.Check()
    with tempfile.TemporaryDirectory(prefix="weir-proxy-") as folder:
        folder = Path(folder)
        (folder / "captures").mkdir()
        check_passwd(c, folder)
        (folder / "weir.json").write_text(json.dumps(
            {"listen": {"names": [NAME], "trusted_proxies": ["127.0.0.0/8", "10.0.0.0/8"]}}))
        check_configuration(c, folder)
        weir = Weir(folder, "--users", "users.json", "--config", "weir.json")
        try:
            check_names(c, weir)
            device = check_clients(c, weir)
            check_nginx(c, weir, folder)
            check_guesses(c, weir, device)
        finally:
            c.equal(weir.end(), 0, "status")
        check_untrusted(c, folder)
    return c


if __name__ == "__main__":
    weirtest.main(check)
