/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_ANSWER_KEY_H
#define WEIR_PKTGEN_ANSWER_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json_out.h"
#include "base/ledger.h"
#include "plan.h"

// The true answer: packets and bytes that were sent, per second of packet time and in total, per
// protocol and per address (a packet counts for its source and for its destination), and where it
// is asked for per pair of addresses and per flow.
//
// A generator lcore counts per flow and second only; another thread folds a finished second into
// protocols and addresses and writes it to the file, while the lcore counts the next one in the
// other half. The halves change hands through one flag; nothing is ever counted twice or lost: who
// reaches the next second before the last is folded has to wait. Packets of scans and floods, and
// flows that ended in the middle of a second, are records in the half; when there is no more room
// for records, the half changes hands within the second.

struct answer_key;
struct answer_parameters;
struct burst;

struct answer_count {
	uint64_t packets;
	uint64_t bytes;
};

// Sums over flows, for one second or for all of them.
struct answer_sums {
	struct answer_count all;
	struct answer_count no_key;      // of all: frames of a capture that are in no flow,
	struct answer_count reasons[DISCARD_COUNT];  // and why (frame_key.h)
	struct answer_count *protocols;  // by id of the protocol table
	struct answer_count *addresses;  // by label of the plan
};

struct answer_key_params {
	const char *path;          // the file; NULL: none, observed only
	const struct plan *plan;   // must outlive the key
	unsigned int lcores;       // that count
	bool flows;                // pairs and flows too
	uint32_t window_seconds;   // the built-in queries' answers too, over so many; 0: none
	const struct answer_parameters *parameters;  // of these
	const char *profile;       // its JSON text, which the file ends with; NULL without a file
	// Called by the folding thread for each second that an lcore has counted, ascending, also
	// those without packets; may be NULL. The sums are valid during the call.
	void (*observe)(void *arg, uint64_t second, const struct answer_sums *sums);
	void *observe_arg;
};

// The file is written next to its path, under a name of its own, and moved there at the end. NULL with
// err filled.
struct answer_key *answer_key_create(const struct answer_key_params *p, struct error *err);
void answer_key_free(struct answer_key *k);  // without answer_key_finish(): leaves no file

// Before answer_key_finish(): the file shall be moved here instead. -ENOMEM.
int answer_key_path_set(struct answer_key *k, const char *path);
// And this is the profile's text now. -ENOMEM.
int answer_key_profile_set(struct answer_key *k, const char *profile);

// Generator lcore number `lcore`: there is room for a burst. False: the folding thread has to take
// over what is there first; try again later.
bool answer_key_ready(struct answer_key *k, unsigned int lcore);
// Generator lcore: the packets of the burst from `from` to b->sent - 1 were sent; and those from
// there to the last one will not be.
void answer_key_count(struct answer_key *k, unsigned int lcore, const struct burst *b,
	uint16_t from);
void answer_key_skip(struct answer_key *k, unsigned int lcore, const struct burst *b);
// Generator lcore: the current second is over, and `next` begins, which is later; between them
// nothing is sent. False as above.
bool answer_key_turn(struct answer_key *k, unsigned int lcore, uint64_t next);

// One other thread (or the lcore's, between polls): fold and write what is finished.
void answer_key_fold(struct answer_key *k);

// Folding thread: packets, bytes and protocols of the seconds that are folded, as an object.
void answer_key_totals_write(const struct answer_key *k, struct json_out *out);

/*
 * Fold the rest and complete the file, when the lcores count no more.
 * @param totals gets an object with packets, bytes, protocols and addresses over all seconds;
 * may be NULL
 * @return -errno with err filled when the file could not be written
 */
int answer_key_finish(struct answer_key *k, struct json_out *totals, struct error *err);

#endif
