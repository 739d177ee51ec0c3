/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
document_kind_name(enum document_kind k)
{
	static const char *const names[DOCUMENT_KINDS] = {
		[DOCUMENT_RESULT] = "result",
		[DOCUMENT_ALERT] = "alert",
		[DOCUMENT_STATS] = "stats",
		[DOCUMENT_FLOW] = "flow",
		[DOCUMENT_DAILY] = "daily",
	};

	return k < DOCUMENT_KINDS ? names[k] : NULL;
}

struct document *
document_create(enum document_kind kind, const char *name, uint64_t start_us, uint64_t end_us,
	const char *json, size_t len)
{
	struct document *d = malloc(sizeof(*d) + len + 1);

	if (d == NULL)
		return NULL;
	d->references = 1;
	d->kind = kind;
	snprintf(d->name, sizeof(d->name), "%s", name);
	d->start_us = start_us;
	d->end_us = end_us;
	d->len = len;
	memcpy(d->json, json, len);
	d->json[len] = '\0';
	return d;
}

struct document *
document_get(struct document *d)
{
	__atomic_add_fetch(&d->references, 1, __ATOMIC_RELAXED);
	return d;
}

void
document_put(struct document *d)
{
	if (d != NULL && __atomic_sub_fetch(&d->references, 1, __ATOMIC_ACQ_REL) == 0)
		free(d);
}
