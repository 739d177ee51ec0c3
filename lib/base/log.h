/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_LOG_H
#define WEIR_BASE_LOG_H

#include <rte_log.h>

#include "base/error.h"

// Log lines go through rte_log under the type "weir.<area>", so DPDK's own --log-level rules them, too.
// Each area has a level that may be changed at any time, and lines have one of three formats. Never
// called per packet. Any thread, but for log_format_set().

// Words separated by blanks; each area that the code names is here.
#define LOG_AREAS "alerts app audit config console control control.lws daily history ipfix limits " \
	"mem merge names output pktgen port push store"
// From the fewest lines to the most; each level includes those before it.
#define LOG_LEVELS "error warning notice info debug"
/*
 * text    weir.store: disk full
 * logfmt  at=2026-11-27T12:00:00.000Z level=error area=store msg="disk full"
 * json    {"at":"2026-11-27T12:00:00.000Z","level":"error","area":"store","msg":"disk full"}
 */
#define LOG_FORMATS "text logfmt json"
#define LOG_AREA_ALL "all"

void log_event(const char *area, uint32_t level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

// Before other threads run: one of LOG_FORMATS; text until then.
void log_format_set(const char *format);
const char *log_format_get(void);

// A word of LOG_AREAS or LOG_AREA_ALL, one of LOG_LEVELS. -EINVAL: it is none of them.
int log_level_set(const char *area, const char *level);
const char *log_level_get(const char *area);  // NULL: no such area

// "LEVEL" or "AREA:LEVEL", several with commas, later ones win. `apply` false: only looked at. 0, or
// -EINVAL with what is wrong in err.
int log_levels_read(const char *text, bool apply, struct error *err);

#define log_error(area, ...) log_event(area, RTE_LOG_ERR, __VA_ARGS__)
#define log_warning(area, ...) log_event(area, RTE_LOG_WARNING, __VA_ARGS__)
#define log_notice(area, ...) log_event(area, RTE_LOG_NOTICE, __VA_ARGS__)
#define log_info(area, ...) log_event(area, RTE_LOG_INFO, __VA_ARGS__)

#endif
