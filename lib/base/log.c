/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void
log_event(const char *area, uint32_t level, const char *fmt, ...)
{
	char name[48], text[768];
	va_list ap;
	int type;

	snprintf(name, sizeof(name), "weir.%s", area);
	type = rte_log_register_type_and_pick_level(name, RTE_LOG_NOTICE);
	if (type < 0)
		type = RTE_LOGTYPE_USER1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	rte_log(level, (uint32_t)type, "%s: %s\n", name, text);
}
