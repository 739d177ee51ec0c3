#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""Every method of a running Weir through its faces: websocket, HTTP, console (weir -i) and weirctl.

What is wrong with calls is made from /openrpc.json: each required parameter missing, each parameter of
a wrong type and out of its range, and one that there is not. Every such call must be refused with the
field's name and change nothing, which is looked at after each of them. What is right is in GOOD below, which must name every method there is.
The document itself is held against JSON Schema and the shape that OpenRPC 1.3 asks for."""
import itertools
import json
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPO / "tests/lib"), str(REPO / "tests/unit/control")]
import ask  # noqa: E402
import weirtest  # noqa: E402
from ws_client import Http, WebSocket  # noqa: E402

jsonschema = weirtest.debian_module("jsonschema", "python3-jsonschema")

START_S = 60
LOOKERS = 4
LOOK = json.dumps([{"jsonrpc": "2.0", "id": i, "method": m, "params": p} for i, (m, p) in enumerate([
    ("config.get", {"waiting": True}), ("limits.list", {}), ("processor.get", {}), ("generator.get", {}),
    ("log.get", {}), ("generator.calibration", {})])])
END_S = 60
INVALID_PARAMS, NOT_FOUND = -32602, -32001
QUERY = {"name": "mine", "key": "ip", "op": {"type": "topk", "k": 2}, "window_s": 1}
LIMIT = {"limit_name": "lab", "source": "10.1.0.0/16", "max_bytes": 1000}
RESULT = {"type": "result", "query": "ip-topk", "seq": 1, "window": {"start_us": 1, "end_us": 2}, "rows": []}

# method, parameters, and what must be in the result (members, or its type), or the code of its refusal
# here. In this order, on each face in turn: each takes back what it did.
GOOD = [
    ("rpc.methods", None, list), ("system.info", None, {"name": "weir"}), ("session.get", None, {"authentication": False}),
    ("session.login", {"user": "a", "password": "12345678"}, -32000),
    ("session.logout", None, {"authentication": False}), ("audit.list", {"limit": 2}, dict),
    ("stats.get", None, {}), ("ports.list", None, list),
    ("processor.set", {"H": 5, "T": 2, "k": 3, "X": 2.5}, {"H": 5, "T": 2, "k": 3, "X": 2.5}),
    ("processor.get", None, {"k": 3, "running": True}), ("processor.stop", None, {"running": False}),
    ("processor.start", None, {"running": True}),
    ("config.get", {"waiting": True}, {"clock": "wall"}),
    ("config.set", {"config": {"parameters": {"k": 4}}, "confirm_s": 60}, {"applied": True, "confirm_s": 60}),
    ("config.confirm", None, {"confirmed": True}), ("config.rollback", None, {"applied": True}),
    ("config.save", None, {}),
    ("query.add", QUERY, {"name": "mine"}), ("query.list", None, list),
    ("query.update", {"name": "mine", "metric": "flows"}, {"metric": "flows"}),
    ("query.pause", {"name": "mine"}, {"paused": True}), ("query.resume", {"name": "mine"}, {"name": "mine"}),
    ("query.preview", {"key": "ip", "op": {"type": "topk", "k": 1}}, {"query": "preview"}),
    ("query.remove", {"name": "mine"}, {"removed": "mine"}),
    ("names.set", {"names": {"10.0.0.9": "nine"}}, {"names": {"10.0.0.9": "nine"}}), ("names.list", None, {}),
    ("names.remove", {"keys": ["10.0.0.9"]}, {"names": {}}), ("names.reload", None, {"names": {}}),
    ("limits.set", {"rows": [LIMIT]}, {}), ("limits.list", None, {}),
    ("limits.dry_run", {"limit": LIMIT}, {}), ("limits.remove", {"limit_name": "lab"}, {}),
    ("alerts.list", {"limit": 5}, {"source": "local"}),
    ("generator.stop", None, {"running": False}), ("generator.set", {"rate_pps": 2000}, {"running": False}),
    ("generator.set", {"rate_pps": 1000}, {}), ("generator.start", None, {"running": True}),
    ("generator.get", None, {"running": True}), ("generator.calibration", None, {"state": "never"}),
    ("results.insert", {"result": RESULT}, {"inserted": 1}), ("results.list", {"query": "ip-topk", "limit": 2}, list),
    ("results.latest", {"query": "ip-topk"}, {"query": "ip-topk"}),
    ("results.series", {"query": "ip-topk", "key": "10.0.0.1"}, dict), ("results.clear", None, {}),
    ("daily.list", {"limit": 1}, list), ("flows.list", {"limit": 1}, {}),
    ("log.level", {"area": "limits", "level": "info"}, {"format": "text"}), ("log.get", None, dict),
    ("subscribe", {"topics": ["alert"]}, {"topics": ["alert"]}), ("unsubscribe", None, {"topics": []}),
]
# Only at the end: it takes the generator away for seconds.
LAST = ("generator.calibrate", {"seconds": 2}, {})


class Web:
    """JSON-RPC by HTTP, one connection."""

    def __init__(self, port):
        self.http = Http(("127.0.0.1", port), timeout=30)
        self.http.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, method, params):
        request = {"jsonrpc": "2.0", "id": 1, "method": method}
        if params is not None:
            request["params"] = params
        _, _, body = self.http.request("POST", "/rpc", body=json.dumps(request).encode())
        return json.loads(body)


class Socket:
    def __init__(self, port):
        self.ws = WebSocket(("127.0.0.1", port), timeout=30)
        self.ws.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, method, params):
        return self.ws.call(method, params)


class Lines:
    """A console that reads from a pipe: `call METHOD JSON | json`."""

    def __init__(self, process):
        self.to, self.out = process.stdin, process.stdout

    def call(self, method, params):
        text = "" if params is None else " " + json.dumps(params)
        self.to.write(f"call {method}{text} | json\n")
        self.to.flush()
        answer = json.loads(self.out.readline())
        return answer if isinstance(answer, dict) and set(answer) == {"error"} else {"result": answer}


def allowed(schema, value):
    return jsonschema.Draft7Validator(schema).is_valid(value)


def bad_values(schema):
    """Values that the schema refuses: one of another type, and those just outside of its ranges."""
    wrong = [v for v in (True, "x", [], {}, None) if not allowed(schema, v)][:1]
    values = [[7]] if "items" in schema else []
    for key, step in (("minimum", -1), ("exclusiveMinimum", 0), ("maximum", 1)):
        if key in schema:
            values.append(schema[key] + step)
    if schema.get("type") == "string":
        values += ["x" * n for n in (schema.get("minLength", 0) - 1, schema.get("maxLength", -2) + 1) if n >= 0]
    if schema.get("minItems", 0) > 0:
        values.append([])
    return wrong + [v for v in values if not allowed(schema, v)]


def bad_calls(method, good):
    """(parameters, the field that is at fault)"""
    yield {**good, "no_such": 1}, "no_such"
    for p in method["params"]:
        if p["required"]:
            yield {k: v for k, v in good.items() if k != p["name"]}, p["name"]
        for value in bad_values(p["schema"]):
            yield {**good, p["name"]: value}, p["name"]


def fields(error):
    data = error.get("data") or {}
    return [data.get("field")] + [e.get("field") for e in data.get("errors", [])]


class Conversation:
    def __init__(self, port, faces):
        self.c, self.faces, self.observer = weirtest.Check(), faces, Socket(port)
        # Several, as each connection may call so often a second only.
        self.lookers = itertools.cycle([Socket(port) for _ in range(LOOKERS)])
        self.document = json.loads(ask.fetch(port, "/openrpc.json")[1])
        self.methods = {m["name"]: m for m in self.document["methods"]}
        self.good = {method: params or {} for method, params, _ in [*GOOD, LAST]}

    def result(self, method):
        return self.observer.call(method, None)["result"]

    def state(self):
        """All that calls may change; not what changes by itself."""
        answers = next(self.lookers).ws.answer(LOOK)
        config, limits, processor, generator, log, calibration = (
            a["result"] for a in sorted(answers, key=lambda a: a["id"]))
        return config, limits["limits"], processor, generator["running"], log, calibration["state"]

    def check_document(self):
        c, names = self.c, [m["name"] for m in self.document["methods"]]
        c.that(self.document["openrpc"].startswith("1.3.") and self.document["info"]["title"] and
               self.document["info"]["version"], "openrpc.json: openrpc, info")
        c.that(len(set(names)) == len(names), "openrpc.json: a name twice")
        c.that(set(names) == set(self.good), f"GOOD and openrpc.json differ in {set(names) ^ set(self.good)}")
        c.that(set(names) == {m["name"] for m in self.result("rpc.methods")}, "rpc.methods has others")
        for m in self.document["methods"]:
            required = [p["required"] for p in m["params"]]
            c.that(required == sorted(required, reverse=True), f"{m['name']}: required parameters come first")
            c.that(m["summary"] and m["paramStructure"] == "by-name" and m["result"]["description"], m["name"])
            for p in [*m["params"], m["result"]]:
                c.that(p["name"] and p["description"], f"{m['name']}: a parameter without name or text")
                try:
                    jsonschema.Draft7Validator.check_schema(p["schema"])
                except jsonschema.SchemaError as e:
                    c.that(False, f"{m['name']}.{p['name']}: {e.message}")
                c.that("default" not in p["schema"] or allowed(p["schema"], p["schema"]["default"]),
                       f"{m['name']}.{p['name']}: its default is not allowed")

    def check_good(self, name, face):
        for method, params, expected in GOOD:
            answer = face.call(method, params)
            if method in ("subscribe", "unsubscribe") and name in ("http", "console"):
                expected = -32000  # needs a websocket
            if isinstance(expected, int):
                self.c.that(answer.get("error", {}).get("code") == expected, f"{name}: {method}: {answer}")
                continue
            result = answer.get("result")
            good = isinstance(result, expected if isinstance(expected, type) else dict)
            if good and isinstance(expected, dict):
                good = {k: result.get(k) for k in expected} == expected
            self.c.that(good, f"{name}: {method} {params}: {str(answer)[:300]}")
            for p in self.methods[method]["params"]:
                if params and p["name"] in params:
                    self.c.that(allowed(p["schema"], params[p["name"]]), f"{method}.{p['name']}: schema refuses it")

    def check_bad(self, name, face):
        self.observer.call("query.add", QUERY)  # what calls would be about
        self.observer.call("limits.set", {"rows": [LIMIT]})
        before, count = self.state(), 0
        for method in self.methods.values():
            for params, field in bad_calls(method, self.good[method["name"]]):
                answer, count = face.call(method["name"], params), count + 1
                error = answer.get("error", {})
                named = any(f == field or str(f).startswith((field + ".", field + "[")) or f == "params"
                            for f in fields(error))
                what = f"{name}: {method['name']} {str(params)[:200]}"
                self.c.that(error.get("code") in (INVALID_PARAMS, NOT_FOUND), f"{what}: {str(answer)[:300]}")
                self.c.that(named, f"{what}: does not name {field}: {str(error)[:300]}")
                after = self.state()
                self.c.that(after == before, f"{what}: has changed {before} to {after}"[:2000])
                before = after
        self.observer.call("query.remove", {"name": "mine"})
        self.observer.call("limits.remove", {"limit_name": "lab"})
        answer = face.call("no.such.method", None)
        self.c.that(answer.get("error", {}).get("code") == -32601, f"{name}: no.such.method: {answer}")
        self.c.that(count > 2 * len(self.methods), f"{name}: only {count} bad calls")

    def run(self):
        self.check_document()
        for name, face in self.faces.items():
            self.check_good(name, face)
            self.check_bad(name, face)
        method, params, _ = LAST
        self.c.that("result" in self.faces["websocket"].call(method, params), method)
        return self.c


def run(folder):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = {"parameters": {"T": 1}, "generator": {"rate_pps": 1000, "flows": 100, "addresses": {"net4": "10.0.0.0/24", "count": 50},
                                                   "protocols": ["HTTPS"]}}
    (folder / "weir.json").write_text(json.dumps(config))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with open(folder / "stderr", "w", encoding="utf-8") as stderr:
        weir = subprocess.Popen([weirtest.weir(), "--demo", "-i", "--config", "weir.json", "--store", "sqlite:weir.db",
                                 "--report", "report.json", "--listen", f"127.0.0.1:{port}"],
                                cwd=folder, stderr=stderr, **pipes)
    ctl = None
    try:
        if not ask.wait(port, START_S):
            raise weirtest.Failed((folder / "stderr").read_text())
        ctl = subprocess.Popen([Path(weirtest.weir()).parent / "weirctl/weirctl", "-s", f"ws://127.0.0.1:{port}"],
                               stderr=subprocess.DEVNULL, **pipes)
        c = Conversation(port, {"http": Web(port), "websocket": Socket(port), "console": Lines(weir),
                                "weirctl": Lines(ctl)}).run()
        ctl.communicate(timeout=END_S)
        weir.send_signal(signal.SIGINT)
        weir.communicate(timeout=END_S)
        c.that(weir.returncode == 0, f"weir ended with {weir.returncode}")
        ledger = json.loads((folder / "report.json").read_text())["ledger"]
        c.that(ledger["residual"] == 0, f"ledger {ledger}")
        return c
    finally:
        for process in (weir, ctl):
            if process:
                process.kill()
                process.wait()


def test():
    with tempfile.TemporaryDirectory(prefix="weir-talk-") as folder:
        return run(Path(folder))


if __name__ == "__main__":
    weirtest.main(test)
