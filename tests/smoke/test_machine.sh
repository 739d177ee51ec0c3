#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# meson's -Dmachine decides for which processor the C code is built: libdpdk's flags name one, too, and
# the last name on the command line holds.
. "$(dirname "$0")/../lib/weirtest.sh"

command -v meson >/dev/null || skip "no meson"

# machines BUILD: the last -march of each command of the project's C code, each once
machines() {
	python3 - "$1" <<-'PYTHON'
		import json, sys
		commands = json.load(open(sys.argv[1] + "/compile_commands.json", encoding="utf-8"))
		found = {([w for w in c["command"].split() if w.startswith("-march=")] or ["none"])[-1] for c in commands}
		print(len(commands) > 100, *sorted(found))
	PYTHON
}

# setup NAME OPTIONS...
setup() {
	meson setup "$TMP/$1" "$REPO" -Dtests=disabled "${@:2}" >"$TMP/meson" 2>&1 ||
		fail "meson setup ${*:2}: $(tail -3 "$TMP/meson")"
}

setup native -Dmachine=native
equal "$(machines "$TMP/native")" "True -march=native" "-Dmachine=native"
setup default
libdpdk=$(pkg-config --cflags libdpdk | grep -o -- '-march=[^ ]*' | tail -1)
equal "$(machines "$TMP/default")" "True ${libdpdk:-none}" "without -Dmachine"
passed "native, and ${libdpdk:-none}"
