#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Equal input gives byte-equal results and flow records, and an equal report but for what tells of
# the run itself (times, rates, the machine).
. "$(dirname "$0")/../lib/weirtest.sh"

python3 "$TESTS/golden/build_pcaps.py" "$TMP" || fail "no captures"
mkdir "$TMP/many" && mv "$TMP"/*.pcap "$TMP/many"
python3 - "$TESTS" "$TMP/big.pcap" <<'EOF' || fail "no big capture"
import sys
sys.path[:0] = [sys.argv[1] + "/lib", sys.argv[1] + "/golden"]
import test_bruteforce
open(sys.argv[2], "wb").write(test_bruteforce.many_addresses(9, 4000, 30000, 30))
EOF

run() { # FOLDER INPUT OPTIONS...
	mkdir "$TMP/$1"
	(cd "$TMP/$1" && "$WEIR" --pcap "$2" --results results --flows flows --report report "${@:3}" \
		>"$TMP/stdout" 2>"$TMP/stderr") || fail "run $1 of $2"
}

for input in many big.pcap; do
	run "a-$input" "$TMP/$input"
	run "b-$input" "$TMP/$input"
	for file in results flows; do
		[ -s "$TMP/a-$input/$file" ] || fail "$input: no $file"
		cmp "$TMP/a-$input/$file" "$TMP/b-$input/$file" || fail "$input: $file differ"
	done
	equal "$(json "$TMP/a-$input/report" '[d["ledger"], d["flows"]]')" \
		"$(json "$TMP/b-$input/report" '[d["ledger"], d["flows"]]')" "$input: reports"
	ledger_check "$TMP/a-$input/report"
done
equal "$(json "$TMP/a-big.pcap/report" 'd["ledger"]["received"]')" 30000 "received of the big one"

# Nor does it matter how soon panes come back to the worker, where they are few and keys are dropped.
for i in 1 2 3 4; do
	run "few-$i" "$TMP/big.pcap" --flow-capacity 1000 --key-budget 1024
	cmp "$TMP/few-1/results" "$TMP/few-$i/results" || fail "few keys: results differ"
done

# Results that go nowhere are not made, and nothing else differs: it is the queries' memory that tells.
for input in many big.pcap; do
	"$WEIR" --pcap "$TMP/$input" --report "$TMP/unread" >"$TMP/stdout" 2>"$TMP/stderr" || fail "unread: $(cat "$TMP/stderr")"
	of='[d["ledger"], d["flows"], d["limits"], {k: v for k, v in d["queries"].items() if k != "bytes"}]'
	equal "$(json "$TMP/unread" "$of")" "$(json "$TMP/a-$input/report" "$of")" "$input: report without --results"
	[ "$(json "$TMP/unread" 'd["queries"]["bytes"]')" -lt "$(json "$TMP/a-$input/report" 'd["queries"]["bytes"]')" ] ||
		fail "$input: results were made for nobody"
done

# A folder is its files in name order: as a list of files gives the same.
list=$(printf '%s\n' "$TMP"/many/*.pcap | LC_ALL=C sort | paste -sd,)
run list "$list"
cmp "$TMP/list/results" "$TMP/a-many/results" || fail "folder and list of files differ"
passed
