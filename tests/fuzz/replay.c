/* SPDX-License-Identifier: BSD-3-Clause */
// Stands in for libFuzzer: gives each file named on the command line to the fuzz target once, for
// compilers without libFuzzer and for inputs that once failed.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *
file_load(const char *path, size_t *ret_size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	long size;

	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0)
		data = malloc((size_t)size + 1);
	if (data != NULL)
		*ret_size = fread(data, 1, (size_t)size, f);
	fclose(f);
	return data;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		size_t size = 0;
		uint8_t *data = file_load(argv[i], &size);

		if (data == NULL) {
			perror(argv[i]);
			failed = 1;
			continue;
		}
		LLVMFuzzerTestOneInput(data, size);
		free(data);
	}
	printf("%d inputs\n", argc - 1);
	return failed;
}
