#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds Weir and runs every test. The last line is "N passed, N failed, N skipped"; the exit
# status is not 0 if any failed. Tests that need something that is missing skip by name.
#   ./test.sh          everything
#   ./test.sh quick    unit tests only, one build
set -euo pipefail
. "$(dirname "$0")/scripts/prepare.sh"
cd "$weir_root"

quick=
[ "${1:-}" = quick ] && quick=1
werror=false
[ "${CI:-}" = true ] && werror=true

packages_install "${build_packages[@]}" "${test_packages[@]}"
# The programs that Weir is compared with bring services. Where systemd would start those, they are
# left to the user.
[ -d /run/systemd/system ] || packages_install "${peer_packages[@]}"

# libmongoc keeps counters in /dev/shm/mongoc-PID and leaves them behind when a process is killed, as
# tests do; a later process with the same id then prints a warning. Take away those of dead processes.
for stale in /dev/shm/mongoc-*; do
    [ -O "$stale" ] && [ ! -e "/proc/${stale##*-}" ] && rm -f "$stale"
done

meson_build build-test -Dtests=enabled -Dwerror=$werror
logs=()
unit_tests() { # DIR
    meson test -C "$1" --no-rebuild --suite unit --print-errorlogs >&2 || true
    cp "$1/meson-logs/testlog.json" "$1/meson-logs/unit.json"
    logs+=(--meson-log "$1/meson-logs/unit.json")
}

say "== unit tests"
unit_tests build-test
if [ -n "$quick" ]; then
    exec python3 tests/run_scripts.py "${logs[@]}"
fi

command -v promtool >/dev/null || promtool_get build-test/promtool
export PATH=$PATH:$weir_root/build-test/promtool
panel_build
meson_build build-asan -Dtests=enabled -Dwerror=$werror -Db_sanitize=address,undefined \
    -Dbuildtype=debugoptimized
say "== unit tests with AddressSanitizer and UndefinedBehaviorSanitizer"
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
unit_tests build-asan

export WEIR=$weir_root/build-test/app/weir
export WEIR_PKTGEN=$weir_root/build-test/pktgen/weir-pktgen
export WEIR_ASAN=$weir_root/build-asan/app/weir
export WEIR_BUILD=$weir_root/build-test WEIR_BUILD_ASAN=$weir_root/build-asan
say "== store against a MongoDB-compatible server"
meson test -C build-test --no-rebuild --suite e2e --print-errorlogs >&2 || true
cp build-test/meson-logs/testlog.json build-test/meson-logs/e2e.json
logs+=(--meson-log build-test/meson-logs/e2e.json)

say "== programs: golden, smoke, e2e, perf"
exec python3 tests/run_scripts.py --timeout 900 "${logs[@]}" \
    tests/golden/test_*.py tests/smoke/test_* tests/fuzz/test_fuzz.sh tests/e2e/test_panel.sh \
    tests/e2e/test_acceptance.py tests/e2e/test_history.py tests/e2e/test_scale_out.py tests/perf/test_perf.py
