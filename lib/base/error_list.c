/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/error_list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void
error_list_add(struct error_list *list, const char *field, const char *fmt, ...)
{
	char text[sizeof(list->error[0].text)];
	va_list ap;

	if (list->count++ >= ERROR_LIST_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_field(&list->error[list->count - 1], -EINVAL, field, "%s", text);
}
