#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Sets up what demo.sh and test.sh need; sourced by both. Nothing is installed that is there
# already, and no system setting is changed. All it prints goes to standard error.

weir_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages=(build-essential meson ninja-build pkg-config python3-pyelftools
    dpdk-dev libdpdk-dev libmongoc-dev libcjson-dev libwebsockets-dev libsqlite3-dev libpcap-dev
    zlib1g-dev libzstd-dev libssl-dev libsodium-dev libcap-dev libmaxminddb-dev)
test_packages=(libcmocka-dev clang libclang-rt-14-dev python3 iproute2 tshark tcpreplay
    zstd sqlite3 curl chromium procps util-linux python3-pymongo python3-jsonschema)
# What Weir is compared with, tests/perf/compare_flow_tools.py; nfdump also reads back --ipfix.
peer_packages=(softflowd nfdump argus-server argus-client pmacct)

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "$0: $*"
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "'$*' needs root: run as root or install sudo"
    fi
}

# Install the Debian packages among the arguments that are missing.
packages_install() {
    local missing=() p
    for p in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed ||
            missing+=("$p")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "missing packages, and no apt-get: ${missing[*]}"
    say "== installing Debian packages: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >&2 ||
        say "apt-get update failed; trying with the lists that are here"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        install "${missing[@]}" >&2 || die "packages could not be installed: ${missing[*]}"
}

# promtool without the service that its package brings: taken out of the package into DIR. Where that
# cannot be had, tests that want it skip.
promtool_get() { # DIR
    [ ! -x "$1/promtool" ] || return 0
    mkdir -p "$1"
    (cd "$1" && apt-get -qq -o APT::Sandbox::User=root download prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb |
        tar x --strip-components=3 ./usr/bin/promtool) >&2 || say "promtool cannot be had"
    rm -f "$1"/prometheus_*.deb
}

node_is_usable() {
    command -v node >/dev/null && command -v npm >/dev/null &&
        [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]
}

# The panel, built once per state of its sources.
panel_build() {
    local panel=$weir_root/app/panel stamp state
    stamp=$panel/dist/.built-from
    state=$(cd "$panel" && find . -path ./node_modules -prune -o -path ./dist -prune -o \
        -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$state" ] && return 0
    node_is_usable || packages_install nodejs npm
    node_is_usable || die "the panel needs Node.js 18 or newer with npm"
    say "== building the panel"
    (cd "$panel" && npm ci --no-audit --no-fund && npm run build) >&2 ||
        die "the panel could not be built"
    printf '%s\n' "$state" >"$stamp"
}

# meson_build DIR [MESON OPTION...]: set up if new, then build.
meson_build() {
    local dir=$1
    shift
    if [ ! -f "$dir/build.ninja" ]; then
        say "== configuring $dir"
        rm -rf "$dir"
        meson setup "$dir" "$weir_root" "$@" >&2 || die "meson setup failed"
    fi
    say "== building $dir"
    ninja -C "$dir" >&2 || die "the build failed"
}
