/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_JSON_SCAN_H
#define WEIR_CONTROL_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

// A strict look at JSON text before cJSON gets it. cJSON takes some text that is no JSON (control
// characters in strings, bytes that are no UTF-8, "01", text after the value) and holds every
// number as a double, so it can neither judge a request nor give back a large id unchanged. The
// scan judges the text (RFC 8259) and finds the raw text of parts of it. No allocation; pure.

struct json_span {
	const char *start;
	size_t len;
};

/*
 * Is text one JSON value, in UTF-8, nested at most `depth` arrays and objects deep?
 * 0, or -EINVAL with a line that names the byte where it goes wrong (-E2BIG: nested too deep).
 */
int json_scan_check(const char *text, size_t len, unsigned int depth, struct error *err);

// Steps through the elements of an array or the members of an object in checked text.
struct json_walk {
	const char *at;
	const char *end;
	bool object;
	bool started;
};

// value: the span of an array or object (leading white space allowed). false if it is neither.
bool json_walk_start(struct json_walk *w, struct json_span value);

// The next element, or the next member's value; false after the last one.
bool json_walk_next(struct json_walk *w, struct json_span *ret_value);

#endif
