#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds Weir and runs its demo: generator, measurement and panel in one process.
# Options are passed on to weir (./demo.sh --help lists them); Ctrl-C ends with the report.
set -euo pipefail
. "$(dirname "$0")/scripts/prepare.sh"

# What --listen says, for the text below.
listen=127.0.0.1:8080
report=
store=
previous=
for arg in "$@"; do
    case $previous in
    --listen) listen=$arg ;;
    esac
    case $arg in
    --listen=*) listen=${arg#*=} ;;
    --no-listen) listen= ;;
    --report | --report=*) report=given ;;
    --store | --store=*) store=given ;;
    esac
    previous=$arg
done

for arg in "$@"; do
    case $arg in
    -h | --help | -v | --version) listen= asked_only=1 ;;
    esac
done

packages_install "${build_packages[@]}"
panel_build
# A build folder of its own, so that sudo and no sudo, demo and development do not meet.
meson_build "$weir_root/build" -Dtests=disabled

args=(--demo)
if [ -z "$report" ]; then
    args+=(--report -)
fi
if [ -z "$store" ]; then
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/weir-demo.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    args+=(--store "sqlite:$scratch/weir.db")
fi

if [ -n "$listen" ]; then
    say ""
    say "   Weir's panel:  http://$listen/"
    say ""
    say "   There you can watch the six questions being answered every second, change H, T, k"
    say "   and X, and change, stop and start the generator's traffic. The same by JSON-RPC:"
    say "     curl -s http://$listen/rpc -H 'Content-Type: application/json' \\"
    say "       -d '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"results.latest\",\"params\":{\"query\":\"ip-topk\"}}'"
fi
if [ -z "${asked_only:-}" ]; then
    say "   Ctrl-C ends the demo with its report."
    say ""
fi

# A signal is passed on; weir ends with its report, and its status becomes this script's. The shell
# stays for the scratch folder.
interrupted=
trap 'interrupted=1; kill -INT "$weir" 2>/dev/null || true' INT TERM
"$weir_root/build/app/weir" "${args[@]}" "$@" <&0 &
weir=$!
while :; do
    interrupted=
    status=0
    wait "$weir" || status=$?
    [ -n "$interrupted" ] || break
done
exit "$status"
