/* SPDX-License-Identifier: BSD-3-Clause */
// Reads every capture of the corpus and compares the number of packets with its INDEX.tsv. The
// corpus is in $WEIR_CORPUS, else beside the source tree; without one the test is skipped.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture_build.h"
#include "port/capture_format.h"

#define SKIPPED 77

static const char *const folders[] = {"oracle", "robustness"};

// One line of an index, "file<TAB>packets<TAB>...": 1 if the file disagrees.
static unsigned int
line_check(const char *corpus, const char *name, char *line)
{
	char *file = strsep(&line, "\t");
	char *packets = strsep(&line, "\t");
	struct reading whole, chunked;
	char path[1024];

	if (packets == NULL || strcmp(packets, "packets") == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/%s/%s", corpus, name, file);
	reading_take(&whole, path, CAPTURE_BUFFER, 64);
	reading_take(&chunked, path, 509, 7);
	if (!whole.opened || whole.records != strtoul(packets, NULL, 10)) {
		printf("%s: %u packets, expected %s %s\n", path, whole.records, packets,
			whole.error);
		return 1;
	}
	if (chunked.digest != whole.digest || strcmp(chunked.fault, whole.fault) != 0) {
		printf("%s: differs when read in small pieces\n", path);
		return 1;
	}
	if (whole.fault[0] != '\0')
		printf("%s\n", whole.fault);
	return 0;
}

static unsigned int
index_check(const char *corpus, const char *name, unsigned int *ret_lines)
{
	char path[1024], line[4096];
	unsigned int wrong = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/INDEX.tsv", corpus, name);
	f = fopen(path, "r");
	if (f == NULL) {
		printf("%s: cannot be opened\n", path);
		return 1;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		wrong += line_check(corpus, name, line);
		(*ret_lines)++;
	}
	fclose(f);
	return wrong;
}

int
main(int argc, char **argv)
{
	const char *corpus = getenv("WEIR_CORPUS");
	unsigned int wrong = 0, lines = 0;

	if (corpus == NULL && argc > 1)
		corpus = argv[1];
	if (corpus == NULL || access(corpus, R_OK) < 0) {
		printf("skipped: no corpus at %s (set WEIR_CORPUS)\n",
			corpus != NULL ? corpus : "the usual place");
		return SKIPPED;
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		wrong += index_check(corpus, folders[i], &lines);
	printf("%u lines of %s, %u wrong\n", lines, corpus, wrong);
	return wrong > 0 || lines < 2 ? 1 : 0;
}
