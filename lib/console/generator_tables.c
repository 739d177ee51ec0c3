/* SPDX-License-Identifier: BSD-3-Clause */
#include "console/generator_tables.h"

#include <stdlib.h>

#include "console/console_internal.h"
#include "console/table.h"

void
console_latency_table(struct console *c, const cJSON *latency)
{
	static const struct {
		const char *label, *member;
	} rows[] = {{"p50", "p50_us"}, {"p99", "p99_us"}, {"p99.9", "p999_us"},
		{"max", "max_us"}, {"jitter", "jitter_us"}};
	struct table t;

	table_start(&t, "latency|>value");
	table_text(&t, "packets");
	table_number(&t, table_member(latency, "packets"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		table_text(&t, rows[i].label);
		table_format(&t, "%.1f us", table_member(latency, rows[i].member));
	}
	console_table(c, &t);
}

void
console_profile_table(struct console *c, const cJSON *profile)
{
	const cJSON *field;
	struct table t;

	table_start(&t, "field|value");
	cJSON_ArrayForEach(field, profile) {
		char *text = cJSON_PrintUnformatted(field);

		table_text(&t, field->string);
		table_text(&t, text);
		free(text);
	}
	console_table(c, &t);
}
