/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_ANSWER_QUERIES_H
#define WEIR_PKTGEN_ANSWER_QUERIES_H

#include <stdint.h>

#include "answer_key.h"

// The true answers of the six built-in queries (interfaces.md section 2) from the answer key: bytes
// per protocol and per address over the last T seconds of packet time, sliding by a second.
//
// For calibration: make a key without a file whose observer is answer_window_add(), and ask after
// each second. One thread, the one that folds the key.

enum answer_query {
	ANSWER_PROTOCOL_SHARE,
	ANSWER_PROTOCOL_TOPK,
	ANSWER_PROTOCOL_OUTLIER,
	ANSWER_IP_SHARE,
	ANSWER_IP_TOPK,
	ANSWER_IP_OUTLIER,
	ANSWER_QUERIES,
};

struct answer_parameters {
	double share_percent;  // H
	uint32_t k;
	double sigmas;         // X
};

struct answer_row {
	uint32_t key;    // id of the protocol, or label of the address (plan_address())
	uint64_t bytes;
	double share;    // of the window's total, 0 to 1
	double z;        // standard deviations above the mean; 0 where there is no deviation
};

const char *answer_query_name(enum answer_query query);  // "protocol-share", ...
// What a row's key is called; buf: ADDRESS_TEXT_LEN, may not be used.
const char *answer_row_key(const struct plan *plan, enum answer_query query, uint32_t key,
	char *buf);

struct answer_window;

// A window of `seconds`, over the keys of the plan. NULL with errno set.
struct answer_window *answer_window_create(const struct plan *plan, uint32_t seconds);
void answer_window_free(struct answer_window *w);

// An observer of answer_key_params: arg is the window.
void answer_window_add(void *arg, uint64_t second, const struct answer_sums *sums);

// Seconds from the begin to the end of the window: [*ret_start, *ret_end). Empty before the first.
void answer_window_span(const struct answer_window *w, uint64_t *ret_start, uint64_t *ret_end);
uint64_t answer_window_total(const struct answer_window *w);  // bytes, each packet of a flow once

/*
 * The rows of a query, by falling bytes and then by rising key: addresses by number, IPv4 first,
 * protocols by name. Share: more than H percent of the total. Outlier: more than X population
 * standard deviations above the mean of the keys that were seen.
 * @param ret_rows list of the window's own, valid until the next call
 * @return number of rows, or -ENOMEM
 */
int answer_window_rows(struct answer_window *w, enum answer_query query,
	const struct answer_parameters *p, const struct answer_row **ret_rows);

#endif
