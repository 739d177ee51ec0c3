/* SPDX-License-Identifier: BSD-3-Clause */
#include "console/table.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void
cell_add(struct table *t, char *text)
{
	char **grown;

	if (t->count == t->capacity) {
		t->capacity = t->capacity == 0 ? 64 : t->capacity * 2;
		grown = realloc(t->cells, t->capacity * sizeof(*grown));
		if (grown == NULL) {
			t->failed = true;
			t->capacity = t->count;
			free(text);
			return;
		}
		t->cells = grown;
	}
	t->cells[t->count++] = text;
	t->failed |= text == NULL;
}

void
table_start(struct table *t, const char *heading)
{
	*t = (struct table){0};
	while (t->columns < TABLE_COLUMNS) {
		size_t len;

		t->right[t->columns] = *heading == '>';
		heading += *heading == '>';
		len = strcspn(heading, "|");
		cell_add(t, strndup(heading, len));
		t->columns++;
		if (heading[len] == '\0')
			return;
		heading += len + 1;
	}
}

void
console_text_clean(char *text)
{
	for (unsigned char *at = (unsigned char *)text; at != NULL && *at != '\0'; at++)
		if (iscntrl(*at) || (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)) {
			if (at[0] == 0xc2)
				at[1] = '?';
			*at = '?';
		}
}

void
table_text(struct table *t, const char *text)
{
	char *copy = strdup(text == NULL ? "-" : text);

	console_text_clean(copy);
	cell_add(t, copy);
}

char *
table_thousands(double value, char *buf)
{
	char digits[32];
	size_t len, out = 0;

	if (!isfinite(value) || fabs(value) >= 1e18) {
		snprintf(buf, 32, isfinite(value) ? "%.3g" : "-", value);
		return buf;
	}
	len = (size_t)snprintf(digits, sizeof(digits), "%.0f", fabs(value));
	if (value < 0 && strcmp(digits, "0") != 0)
		buf[out++] = '-';
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf[out++] = ',';
		buf[out++] = digits[i];
	}
	buf[out] = '\0';
	return buf;
}

void
table_number(struct table *t, double value)
{
	char buf[32];

	table_text(t, table_thousands(value, buf));
}

void
table_format(struct table *t, const char *fmt, ...)
{
	char buf[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	table_text(t, buf);
}

// Characters of UTF-8: bytes that do not go on with another.
static unsigned int
text_columns(const char *text)
{
	unsigned int n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

// Bytes of its first n characters.
static int
text_bytes(const char *text, unsigned int n)
{
	const char *at = text;

	for (; *at != '\0'; at++)
		if (((unsigned char)*at & 0xc0) != 0x80 && n-- == 0)
			break;
	return (int)(at - text);
}

// Widths of the columns; the widest ones give way until the line fits.
static void
widths_fit(const struct table *t, unsigned int *width, unsigned int room)
{
	unsigned int total = 2 * (t->columns - 1), widest;

	for (unsigned int i = 0; i < t->count; i++) {
		unsigned int len = text_columns(t->cells[i]);

		if (len > width[i % t->columns])
			width[i % t->columns] = len;
	}
	for (unsigned int i = 0; i < t->columns; i++)
		total += width[i];
	for (; room != 0 && total > room; total--) {
		widest = 0;
		for (unsigned int i = 1; i < t->columns; i++)
			if (width[i] > width[widest])
				widest = i;
		if (width[widest] <= 1)
			break;
		width[widest]--;
	}
}

static void
cell_print(const char *text, unsigned int width, bool right, bool last, FILE *out)
{
	unsigned int len = text_columns(text), pad = len < width ? width - len : 0;
	bool cut = len > width;

	fprintf(out, "%*s%.*s%s", right ? (int)pad : 0, "",
		text_bytes(text, cut ? width - 1 : width), text, cut ? "…" : "");
	if (last)
		fputc('\n', out);
	else
		fprintf(out, "%*s", right ? 2 : (int)pad + 2, "");
}

void
table_end(struct table *t, FILE *out, unsigned int width)
{
	unsigned int widths[TABLE_COLUMNS] = {0};

	if (!t->failed)
		widths_fit(t, widths, width);
	for (unsigned int i = 0; i < t->count; i++) {
		unsigned int column = i % t->columns;

		if (!t->failed)
			cell_print(t->cells[i], widths[column], t->right[column],
				column == t->columns - 1, out);
		free(t->cells[i]);
	}
	free(t->cells);
}

double
table_member(const cJSON *o, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(v) ? v->valuedouble : NAN;
}

const char *
table_member_text(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}
