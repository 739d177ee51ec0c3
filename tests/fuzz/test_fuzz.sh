#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Every libFuzzer target for a short while under ASan and UBSan, with the corpus as seeds where it
# is there. FUZZ_SECONDS each (4); for a real campaign give it hours.
. "$(dirname "$0")/../lib/weirtest.sh"

command -v clang >/dev/null || skip "no clang"
SECONDS_EACH=${FUZZ_SECONDS:-4}
BUILD=${WEIR_BUILD_FUZZ:-$REPO/build-fuzz}
TARGETS="fuzz_capture fuzz_packet fuzz_flow fuzz_rpc fuzz_config fuzz_store"

if [ ! -f "$BUILD/build.ninja" ]; then
	CC=clang meson setup "$BUILD" "$REPO" -Dfuzz=true -Db_sanitize=address,undefined \
		-Db_lundef=false -Dtests=enabled >"$TMP/stderr" 2>&1 || fail "meson setup"
fi
for target in $TARGETS; do
	ninja -C "$BUILD" "tests/fuzz/$target" >"$TMP/stderr" 2>&1 || fail "building $target"
done

corpus=${WEIR_CORPUS:-$REPO/../shared/corpus}
for target in $TARGETS; do
	seeds=()
	mkdir -p "$TMP/$target"
	if [ "$target" = fuzz_capture ] && [ -d "$corpus/robustness" ]; then
		seeds=("$corpus/robustness")
		# The same ones compressed, as far as they are small: unpacking is fuzzed too.
		if command -v zstd >/dev/null; then
			find "$corpus/robustness" -type f -size -16k -exec zstd -q \
				--output-dir-flat "$TMP/$target" {} +
		fi
	fi
	[ "$target" != fuzz_config ] || cp "$REPO/config/weir.json" "$HERE/config_seed.json" "$TMP/$target"
	(cd "$TMP" && "$BUILD/tests/fuzz/$target" -max_total_time="$SECONDS_EACH" -timeout=10 \
		-max_len=65536 -print_final_stats=1 "$TMP/$target" "${seeds[@]}") >"$TMP/stderr" 2>&1 ||
		fail "$target found something"
	echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$TMP/stderr") inputs"
done
passed
