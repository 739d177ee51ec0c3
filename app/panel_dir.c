/* SPDX-License-Identifier: BSD-3-Clause */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline.h"
#include "weir_build.h"

static bool
panel_is_in(const char *dir)
{
	char index[PATH_MAX + 64];

	snprintf(index, sizeof(index), "%s/index.html", dir);
	return access(index, R_OK) == 0;
}

const char *
panel_dir_find(void)
{
	static char beside[PATH_MAX + 32];
	char self[PATH_MAX];
	const char *given = getenv("WEIR_PANEL_DIR");
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (given != NULL && *given != '\0')
		return given;
	if (n > 0) {
		self[n] = '\0';
		// build/app/weir in a checkout
		snprintf(beside, sizeof(beside), "%s/../../app/panel/dist", dirname(self));
		if (panel_is_in(beside))
			return beside;
	}
	return panel_is_in(WEIR_PANEL_DIR) ? WEIR_PANEL_DIR : NULL;
}
