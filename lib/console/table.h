/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONSOLE_TABLE_H
#define WEIR_CONSOLE_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include <cjson/cJSON.h>

// Tables for a person to read: columns as wide as they must be, numbers to the right with thousands
// separators. Where there is less room, the widest columns give way; what is cut off ends in "…".

#define TABLE_COLUMNS 10

struct table {
	unsigned int columns;
	bool right[TABLE_COLUMNS];
	char **cells;        // row by row, the first row is the heading
	unsigned int count;
	unsigned int capacity;
	bool failed;         // memory ran out: nothing is printed
};

// heading: column names separated by '|'; a '>' before a name puts the column to the right.
void table_start(struct table *t, const char *heading);
void table_text(struct table *t, const char *text);  // NULL is "-"
void table_number(struct table *t, double value);    // 1,234,567; "-" if not finite
void table_format(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// Print, in so many columns (0: as many as it takes), and free.
void table_end(struct table *t, FILE *out, unsigned int width);

// 1234567 -> "1,234,567". Returns buf, which has at least 32 bytes.
char *table_thousands(double value, char *buf);

// A member of an object: number (NaN if it is none), text (NULL if it is none).
double table_member(const cJSON *o, const char *name);
const char *table_member_text(const cJSON *o, const char *name);

// In place: text comes from files, traffic and other machines, and nothing in it may steer the
// terminal, also not the C1 controls of UTF-8. NULL is fine.
void console_text_clean(char *text);

#endif
