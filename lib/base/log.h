/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_LOG_H
#define WEIR_BASE_LOG_H

#include <rte_log.h>

// Log lines go through rte_log under the type "weir.<area>", so DPDK's own --log-level and
// rte_log_set_level_pattern() rule them. Never called per packet.

void log_event(const char *area, uint32_t level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(area, ...) log_event(area, RTE_LOG_ERR, __VA_ARGS__)
#define log_warning(area, ...) log_event(area, RTE_LOG_WARNING, __VA_ARGS__)
#define log_notice(area, ...) log_event(area, RTE_LOG_NOTICE, __VA_ARGS__)
#define log_info(area, ...) log_event(area, RTE_LOG_INFO, __VA_ARGS__)

#endif
