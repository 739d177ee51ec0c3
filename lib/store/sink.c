/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/sink.h"

#include <errno.h>
#include <string.h>

#include <rte_common.h>

static const struct sink_ops *const sinks[] = {
	&sink_sqlite,
	&sink_none,
};

static bool
sink_matches(const struct sink_ops *ops, const char *uri, const char **ret_path)
{
	size_t n = strlen(ops->scheme);

	if (strncmp(uri, ops->scheme, n) != 0)
		return false;
	if (!ops->path_needed) {
		*ret_path = uri + n;
		return uri[n] == '\0';
	}
	*ret_path = uri + n + 1;
	return uri[n] == ':' && uri[n + 1] != '\0';
}

int
sink_find(const char *uri, const struct sink_ops **ret_ops, const char **ret_path,
	struct error *err)
{
	const char *path;
	unsigned int i;

	for (i = 0; uri != NULL && i < RTE_DIM(sinks); i++) {
		if (sink_matches(sinks[i], uri, &path)) {
			*ret_ops = sinks[i];
			*ret_path = path;
			return 0;
		}
	}
	return error_field(err, -EINVAL, "--store",
		"--store: found \"%.200s\", allowed are sqlite:PATH and none",
		uri == NULL ? "" : uri);
}
