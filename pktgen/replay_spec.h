/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_REPLAY_SPEC_H
#define WEIR_PKTGEN_REPLAY_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "address.h"
#include "base/error.h"

// `replay` of a profile: packets that were recorded, in place of packets that are drawn.

#define REPLAY_PATH_LEN 1024

enum replay_kind {
	REPLAY_NONE,
	REPLAY_LOGS,     // flow records
	REPLAY_CAPTURE,  // packets
};

enum replay_pace {
	REPLAY_ORIGINAL,
	REPLAY_MULTIPLE,  // so many times as fast
	REPLAY_RATE,      // evenly, at rate_pps
	REPLAY_ASAP,      // as fast as the port takes them
};

struct replay_spec {
	enum replay_kind kind;
	char path[REPLAY_PATH_LEN];  // file or folder
	enum replay_pace pace;
	double multiple;
	uint64_t rate_pps;
	uint64_t loops;       // 0: without end
	uint32_t max_bytes;   // longest frame, without FCS
	bool rewrite;         // of packets: each loop with addresses of its own
	bool ip_bytes;        // of flow records: bytes are those of IP packets, else of frames
	struct address_range devices;  // likewise: that device names are given, all its hosts
};

// The profile's member `replay`; missing or null leaves REPLAY_NONE. -errno with err filled.
int replay_spec_read(struct replay_spec *ret, const cJSON *json, struct error *err);
cJSON *replay_spec_json(const struct replay_spec *s);  // null for REPLAY_NONE

#endif
