#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Hugepages of any number: enough for packet buffers, enough for some tables as well, and for all. Wherever
# tables find none left, they lie in ordinary memory, and nothing fails for want of them.
# Those of the machine are used; in CI, which has the machine to itself, root borrows some.
. "$(dirname "$0")/../lib/weirtest.sh"

PAGES=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
had=$(cat "$PAGES" 2>/dev/null) || skip "no hugepages of 2 MiB in this kernel"
sizes=$(cat "${PAGES%nr_hugepages}free_hugepages")  # as they are
if [ "$sizes" -lt 300 ]; then
	[ "${CI:-}" = true ] && [ "$had" -eq 0 ] && [ -w "$PAGES" ] || skip "fewer than 300 free hugepages"
	give_back() { echo "$had" >"$PAGES"; }
	CLEANUP=give_back
	sizes="60 300 420 600"
fi

tried=0
for pages in $sizes; do
	if [ "$had" -eq 0 ]; then
		echo "$pages" >"$PAGES"
		[ "$(cat "$PAGES")" -eq "$pages" ] || continue  # no memory for them
	fi
	for input in "--demo" "--demo --workers 2" "--iface lo"; do
		[ "$(id -u)" = 0 ] || [ "$input" != "--iface lo" ] || continue
		# shellcheck disable=SC2086
		timeout 60 "$WEIR" $input --duration 1 --store none --no-listen --report "$TMP/report" \
			>"$TMP/stdout" 2>"$TMP/stderr" || fail "$input with $pages hugepages"
		ledger_check "$TMP/report"
		tried=$((tried + $(grep -c -- --in-memory "$TMP/stderr")))
	done
done
[ "$tried" -gt 0 ] || skip "no run found enough hugepages"
passed "$tried runs in hugepages"
