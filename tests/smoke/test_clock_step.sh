#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# run_scripts: beside others
# Wall time steps while a demo runs: two hours back, and twenty hours forward. Results go on every
# second, and no hours of empty windows are made up.
. "$(dirname "$0")/../lib/weirtest.sh"

command -v cc >/dev/null || skip "no C compiler for the clock that steps"
cat >"$TMP/step.c" <<'EOF'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
// clock_gettime() whose wall time steps by STEP_S seconds as soon as there is the file STEP_NOW.
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	int rc;

	if (real == NULL)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	rc = real(id, ts);
	if (id == CLOCK_REALTIME && access(getenv("STEP_NOW"), F_OK) == 0)
		ts->tv_sec += atol(getenv("STEP_S"));
	return rc;
}
EOF
cc -shared -fPIC -o "$TMP/step.so" "$TMP/step.c" -ldl || fail "compiling"

# step SECONDS LEAST MOST: results of ip-topk that a run of 12 s may have. It steps after the first ones, however
# long the start took.
step() {
	rm -f "$TMP/now" "$TMP/results"
	(cd "$TMP" && STEP_S=$1 STEP_NOW=$TMP/now LD_PRELOAD=$TMP/step.so exec "$WEIR" --demo --no-listen --store none \
		--duration 12 --results results --report report.json) </dev/null >"$TMP/stdout" \
		2>"$TMP/stderr" &
	WEIR_PID=$!
	STARTED="$STARTED $WEIR_PID"
	until [ -s "$TMP/results" ] || ! kill -0 "$WEIR_PID" 2>/dev/null; do sleep 0.1; done
	touch "$TMP/now"
	weir_wait 60
	equal "$STATUS" 0 "step of $1 s: exit status"
	grep -q "wall time stepped" "$TMP/stderr" || fail "step of $1 s: nothing is said"
	ledger_check "$TMP/report.json"
	python3 - "$TMP/results" "$2" "$3" <<'EOF' || fail "step of $1 s"
import json, sys
results = [json.loads(line) for line in open(sys.argv[1])]
topk = [r for r in results if r["query"] == "ip-topk"]
assert int(sys.argv[2]) <= len(topk) <= int(sys.argv[3]), f"{len(topk)} results in 12 s"
ends = [r["window"]["end_us"] for r in topk]
assert ends == sorted(set(ends)), "windows do not go forward"
assert topk[-1]["rows"], "the last window is empty"
EOF
}

step -7200 8 14
step 72000 8 30
passed
