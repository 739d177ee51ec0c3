/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_SENT_HISTORY_H
#define WEIR_PKTGEN_SENT_HISTORY_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/json_out.h"
#include "generator.h"

// What was sent under each profile of a run in which profiles change, with the answer keys. The entries
// add up to the generator's counters. One thread at a time.

#define SENT_HISTORY_MAX 256

struct sent_entry {
	char *profile;        // its JSON
	uint64_t sent;
	uint64_t bytes;
	uint64_t dropped;
	uint64_t late;
	double seconds;       // spent sending
	char *key_file;       // of its answer key; NULL: none, or it could not be written
	char *key_totals;     // as JSON; likewise
	char *key_protocols;  // packets, bytes and protocols only
	char *latency;        // as JSON; NULL: not measured
};

struct sent_history {
	struct sent_entry entries[SENT_HISTORY_MAX];
	unsigned int count;
	struct generator_stats before;  // the generator's when the present profile began
	struct error fault;             // the first key that could not be written; text "" for none
};

// Counters since the present profile began.
void sent_history_since(const struct sent_history *h, const struct generator *g,
	struct generator_stats *ret);

/*
 * The generator's plan is done with (generator_params.retire): an entry for it if anything was sent, or given
 * up. Its answer key is finished; where an earlier one is in the file that it asks for, the name gets ".2"
 * behind it, or ".3", and so on.
 * @param latency as JSON, NULL for none; taken over
 */
void sent_history_add(struct sent_history *h, const struct generator *g, struct plan *plan,
	const cJSON *profile, char *latency);

// -ENOSPC with err filled when there is no room for another profile after the present one.
int sent_history_room(const struct sent_history *h, struct error *err);

// All entries as a list, for the report.
void sent_history_write(const struct sent_history *h, struct json_out *out);
void sent_history_free(struct sent_history *h);

#endif
