#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# embed_text.sh NAME INPUT OUTPUT: a text file as a C string constant.
{
	printf 'static const char %s[] =\n' "$1"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/\t"/' -e 's/$/\\n"/' "$2"
	printf ';\n'
} > "$3"
