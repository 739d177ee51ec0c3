/* SPDX-License-Identifier: BSD-3-Clause */
#include "reference/reference.h"

#include <string.h>

// weir-reference PAGE: print a page of the documentation. Built for scripts/reference.sh and its test.

static const struct {
	const char *page;
	void (*print)(FILE *out);
} pages[] = {
	{"configuration", reference_configuration},
	{"jsonrpc", reference_jsonrpc},
};

void
reference_cell(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '|')
			fputc('\\', out);
		fputc(*text, out);
	}
}

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (argc == 2 && strcmp(argv[1], pages[i].page) == 0) {
			pages[i].print(stdout);
			return fflush(stdout) == 0 ? 0 : 1;
		}
	fprintf(stderr, "usage: weir-reference PAGE\n");
	return 2;
}
