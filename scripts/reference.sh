#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The pages of docs/ that are made from the program's tables:
#   scripts/reference.sh BUILD           write them
#   scripts/reference.sh BUILD check     exit 1 with the differences if they are not up to date
set -eu
build=$1
docs=$(cd "$(dirname "$0")/../docs" && pwd)
status=0
for page in configuration jsonrpc; do
	if [ "${2:-}" = check ]; then
		"$build/app/weir-reference" $page | diff -u "$docs/$page.md" - || status=1
	else
		"$build/app/weir-reference" $page >"$docs/$page.md"
	fi
done
[ $status -eq 0 ] || echo "docs/ is not what the tables say: run scripts/reference.sh $build"
exit $status
