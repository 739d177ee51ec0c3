/* SPDX-License-Identifier: BSD-3-Clause */
#include "names_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int
names_file_write(const char *path, const struct generator *g, struct error *err)
{
	uint32_t total;
	cJSON *names = generator_names(g, UINT32_MAX, &total);
	char *text = names != NULL ? cJSON_Print(names) : NULL;
	FILE *f = NULL;
	int rc = 0;

	cJSON_Delete(names);
	if (text == NULL)
		return error_set(err, -ENOMEM, "no memory for the names of the devices");
	errno = 0;
	f = fopen(path, "we");
	if (f == NULL || fprintf(f, "%s\n", text) < 0)
		rc = -EIO;
	if (f != NULL && fclose(f) != 0)
		rc = -EIO;
	cJSON_free(text);
	return rc == 0 ? 0 : error_field(err, rc, "--names", "--names: cannot write %s: %s", path,
		strerror(errno != 0 ? errno : EIO));
}
