/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "limit_build.h"

struct limit_table *
limit_table_build(const char *text)
{
	struct limit_rows rows, none = {.count = 0};
	struct error_list errors = {.count = 0};
	cJSON *json = cJSON_Parse(text);
	struct limit_table *t;

	assert_int_equal(limit_rows_parse(json, "", PANE_US, LIMIT_FROM_RPC, &rows, &errors), 0);
	t = limit_table_create(&rows, &none, PANE_US, 1, &errors);
	assert_non_null(t);
	limit_rows_free(&rows);
	cJSON_Delete(json);
	return t;
}

struct pane *
limit_pane_random(struct random *r, uint64_t index)
{
	unsigned int n = random_below(r, 5) == 0 ? 0 : (unsigned int)random_below(r, 12);
	struct pane *p = pane_build(T0 + index, 16);

	for (unsigned int i = 0; i < n + (index == 0); i++) {  // the run begins with a packet
		uint32_t from = (uint32_t)random_below(r, 24);
		struct pane_delta *d = pane_build_add(p, limit_address(from),
			limit_address((uint32_t)random_below(r, 24)), 0, 3,
			random_below(r, 900), false);

		d->fwd_swapped = (uint8_t)random_below(r, 2);
	}
	return p;
}

void
alerts_only(struct collect *out)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < out->count; i++) {
		if (out->document[i]->kind == DOCUMENT_ALERT)
			out->document[kept++] = out->document[i];
		else
			document_put(out->document[i]);
	}
	out->count = kept;
}
