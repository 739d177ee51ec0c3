/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static void
text_write(struct error *err, const char *fmt, va_list ap)
{
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	for (char *c = err->text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
}

int
error_set(struct error *err, int rc, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return rc;
	err->field[0] = '\0';
	va_start(ap, fmt);
	text_write(err, fmt, ap);
	va_end(ap);
	return rc;
}

int
error_field(struct error *err, int rc, const char *field, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return rc;
	snprintf(err->field, sizeof(err->field), "%s", field);
	va_start(ap, fmt);
	text_write(err, fmt, ap);
	va_end(ap);
	return rc;
}
