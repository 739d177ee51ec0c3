#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What shell tests need of the network and of JSON, without curl and jq:

    ask.py port                      a TCP port of 127.0.0.1 that is free now
    ask.py get PORT PATH             print the body; exit 1 unless the status is 200
    ask.py rpc PORT METHOD [PARAMS]  print "result"; exit 1 with the error on stderr
    ask.py wait PORT SECONDS         until /healthz answers 200; exit 1 if it does not
    ask.py json FILE EXPRESSION      print what the Python expression gives with d = the document
"""
import json
import socket
import sys
import time
import urllib.error
import urllib.request

TIMEOUT = 10


def fetch(port, path, body=None):
    headers = {"Content-Type": "application/json"} if body else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        return answer.status, answer.read().decode()


class RpcError(Exception):
    pass


def rpc(port, method, params=None):
    call = {"jsonrpc": "2.0", "id": 1, "method": method}
    if params is not None:
        call["params"] = params
    answer = json.loads(fetch(port, "/rpc", json.dumps(call).encode())[1])
    if answer.get("jsonrpc") != "2.0" or answer.get("id") != 1:
        raise RpcError(f"not an answer to the call: {answer}")
    if "error" in answer:
        raise RpcError(json.dumps(answer["error"]))
    return answer["result"]


def wait(port, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if fetch(port, "/healthz")[0] == 200:
                return True
        except OSError:
            pass
        time.sleep(0.05)
    return False


def until(condition, what, seconds=20):
    """The first true value of condition(), which is asked again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def main(command, *arguments):
    if command == "port":
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            print(s.getsockname()[1])
    elif command == "get":
        print(fetch(*arguments)[1])
    elif command == "rpc":
        port, method, *params = arguments
        print(json.dumps(rpc(port, method, json.loads(params[0]) if params else None)))
    elif command == "wait":
        if not wait(arguments[0], float(arguments[1])):
            raise RpcError(f"no answer on port {arguments[0]} within {arguments[1]} s")
    elif command == "json":
        with open(arguments[0], encoding="utf-8") as f:
            value = eval(f"({arguments[1]})", {"d": json.load(f)})  # the tests' own expressions
        print(value if isinstance(value, str) else json.dumps(value))
    else:
        raise RpcError(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (RpcError, OSError, ValueError, LookupError, TypeError) as e:
        print(f"ask.py {' '.join(sys.argv[1:4])}: {type(e).__name__}: {e}", file=sys.stderr)
        sys.exit(1)
