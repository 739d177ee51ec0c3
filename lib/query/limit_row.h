/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_LIMIT_ROW_H
#define WEIR_QUERY_LIMIT_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/document.h"
#include "base/error_list.h"
#include "base/json_out.h"
#include "query/operator.h"
#include "query/prefix.h"

// A row of the limits table: how many bytes may go from a source to a destination within a window.
// Pure functions, any thread.

#define LIMIT_ROWS_MAX 4096
#define LIMIT_WINDOW_S_DEFAULT 300
#define LIMIT_WINDOW_S_MAX 86400
// Of all rows' windows together: what the merge lcore keeps is one number for each.
#define LIMIT_SLICES_MAX (UINT32_C(1) << 23)

enum limit_origin {
	LIMIT_FROM_FILE,
	LIMIT_FROM_RPC,
};

// Which packets count: those whose source and destination are in these ranges. An end that is not
// given is any, but at least one is.
struct limit_match {
	uint8_t version;  // 4 or 6, of the ends that are given
	bool has_source;
	bool has_destination;
	struct range source;
	struct range destination;
};

struct limit_row {
	char name[DOCUMENT_NAME_LEN];
	struct limit_match match;
	struct query_op op;     // operator limit: min, max, clear_after
	uint32_t window_s;
	uint64_t effective_us;  // since the epoch; 0: always was
	enum limit_origin origin;
};

// A list that belongs to whoever holds it.
struct limit_rows {
	struct limit_row *row;
	uint32_t count;
};

/*
 * Rows from JSON: an array of objects. Everything that is wrong is added to errors, with the path
 * of the field ("rows[2].max_bytes", or "[2].max_bytes" where path is "").
 *
 * @param pane_us windows are multiples of it
 * @return 0, or -EINVAL or -ENOMEM with *ret untouched
 */
int limit_rows_parse(const cJSON *list, const char *path, uint64_t pane_us,
	enum limit_origin origin, struct limit_rows *ret, struct error_list *errors);
void limit_rows_free(struct limit_rows *rows);

// One row alone from an object; its limit_name may be missing ("limit" then).
int limit_row_parse(const cJSON *json, const char *path, uint64_t pane_us, struct limit_row *ret,
	struct error_list *errors);

// <0, 0, >0: by name, then by effective date.
int limit_row_compare(const void *a, const void *b);

bool limit_match_equal(const struct limit_match *a, const struct limit_match *b);

#define LIMIT_KEY_LEN 112
// "10.1.0.0/16 > any": buf has LIMIT_KEY_LEN bytes.
const char *limit_match_text(const struct limit_match *m, char *buf);

// The members of the row's JSON, into an object that is open.
void limit_row_write(struct json_out *o, const struct limit_row *row);

#endif
