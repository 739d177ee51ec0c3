/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_OPENMETRICS_H
#define WEIR_BASE_OPENMETRICS_H

/*
 * OpenMetrics 1.0 as Prometheus' older text format 0.0.4, for scrapers and checkers that read that
 * only: a counter's family is called as its samples are, with _total, and there are no units and no
 * end mark. Each family's TYPE comes before its HELP. The result is malloc()ed; NULL: out of memory.
 * Pure.
 */
char *openmetrics_to_text(const char *openmetrics);

#endif
