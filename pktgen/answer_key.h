/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_ANSWER_KEY_H
#define WEIR_PKTGEN_ANSWER_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json_out.h"
#include "plan.h"

// The true answer: packets and bytes that were sent, per second of packet time and in total, per
// protocol and per address (a packet counts for its source and for its destination).
//
// The generator lcore counts per flow and second only; another thread folds a finished second into
// protocols and addresses and writes it to the file, while the lcore counts the next one in the
// other half. The halves change hands through one flag; nothing is ever counted twice or lost: who
// reaches the next second before the last is folded has to wait.

struct answer_key;

struct answer_count {
	uint64_t packets;
	uint64_t bytes;
};

// Written next to path and moved there at the end. The plan must outlive it; profile is its JSON
// text, which the file repeats. NULL with err filled.
struct answer_key *answer_key_create(const char *path, const struct plan *plan,
	const char *profile, struct error *err);
void answer_key_free(struct answer_key *k);  // without answer_key_finish(): leaves no file

// Generator lcore: where to count the current second, an element per flow.
struct answer_count *answer_key_counts(struct answer_key *k);
// Generator lcore: the current second is over. False while the one before is not folded: then try
// again later.
bool answer_key_turn(struct answer_key *k);

// One other thread (or the lcore's, between polls): fold and write a finished second if there is
// one.
void answer_key_fold(struct answer_key *k);

/*
 * Fold the rest and complete the file, when the lcore counts no more.
 * @param totals gets an object with packets, bytes, protocols and addresses over all seconds;
 * may be NULL
 * @return -errno with err filled when the file could not be written
 */
int answer_key_finish(struct answer_key *k, struct json_out *totals, struct error *err);

#endif
