#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
"""/openrpc.json of a running demo against OpenRPC's own schema, which comes with the panel's packages for
development (npm ci in app/panel), as does the schema for JSON Schema that it refers to. Documents with a
mistake must be refused, so that a schema that takes anything would be noticed."""
import copy
import json
import re
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests/lib"))
import ask  # noqa: E402
import weirtest  # noqa: E402
from demo import demo  # noqa: E402

jsonschema = weirtest.debian_module("jsonschema", "python3-jsonschema")

PACKAGES = REPO / "app/panel/node_modules"
OPENRPC, SCHEMA = "@open-rpc/meta-schema", "@json-schema-tools/meta-schema"
URI = {OPENRPC: "https://meta.open-rpc.org", SCHEMA: "https://meta.json-schema.tools"}


def schema(package):
    """The schema is the first object that the package's module exports."""
    path = PACKAGES / package / "index.js"
    if not path.exists():
        weirtest.skip(f"no {package} (npm ci in app/panel)")
    found = re.search(r"^exports\.\w+ = (\{.*\});$", path.read_text(encoding="utf-8"), re.M | re.S)
    return json.loads(found.group(1))


def validator():
    store = {uri + end: schema(package) for package, uri in URI.items() for end in ("", "/")}
    document = store[URI[OPENRPC]]
    resolver = jsonschema.RefResolver(URI[OPENRPC] + "/", document, store)
    return jsonschema.Draft7Validator(document, resolver=resolver)


def method(document, name):
    return next(m for m in document["methods"] if m["name"] == name)


def mistakes():
    """(what, change to a good document)"""
    return [
        ("no info", lambda d: d.pop("info")),
        ("another version", lambda d: d.update(openrpc="9.9.9")),
        ("a member that there is not", lambda d: d.update(colour="red")),
        ("a method without a name", lambda d: d["methods"][0].pop("name")),
        ("a method without parameters", lambda d: d["methods"][0].pop("params")),
        ("a structure that there is not", lambda d: d["methods"][0].update(paramStructure="by-colour")),
        ("a parameter without a schema", lambda d: method(d, "processor.set")["params"][0].pop("schema")),
        ("a schema of no type", lambda d: method(d, "processor.set")["params"][0]["schema"].update(type="word")),
        ("a range in words", lambda d: method(d, "processor.set")["params"][1]["schema"].update(maximum="many")),
        ("a result without a name", lambda d: d["methods"][0]["result"].pop("name")),
    ]


def test():
    c, v = weirtest.Check(), validator()
    with tempfile.TemporaryDirectory(prefix="weir-openrpc-") as folder:
        with demo(folder, "--store", "none", "--report", "/dev/null") as (port, _, _):
            document = json.loads(ask.fetch(port, "/openrpc.json")[1])
    for e in v.iter_errors(document):
        c.that(False, f"openrpc.json{''.join(f'[{p!r}]' for p in e.absolute_path)}: {e.message[:300]}")
    c.that(len(document["methods"]) > 40, f"only {len(document['methods'])} methods")
    for what, change in mistakes():
        bad = copy.deepcopy(document)
        change(bad)
        c.that(not v.is_valid(bad), f"{what}: the schema takes it")
    return c


if __name__ == "__main__":
    weirtest.main(test)
