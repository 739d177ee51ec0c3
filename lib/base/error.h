/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_ERROR_H
#define WEIR_BASE_ERROR_H

// One line that a person can act on: what was wrong, where, what was found, what is allowed.
// Functions that can fail for a reason worth telling take a `struct error *` as their last
// argument, fill it and return -errno; the caller decides where the line goes.

struct error {
	char field[96];  // option or configuration path that is at fault, "" if none
	char text[416];  // the whole line, without a newline
};

/*
 * Write the line and give back rc, so that `return error_set(err, -EINVAL, ...)` reads well.
 * err may be NULL. Control characters in the text become '?': names come from users and files.
 */
int error_set(struct error *err, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

// As error_set(), naming the option or field as well ("generator.rate_pps").
int error_field(struct error *err, int rc, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
