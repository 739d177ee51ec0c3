/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_ACCESS_THROTTLE_H
#define WEIR_ACCESS_THROTTLE_H

#include <stdint.h>

// How often an address may try a password: five times freely, then after a pause that doubles with
// each wrong one from a second to five minutes; and at most two at the same time, so that nobody
// fills the verifier's queue alone. A bounded table, one thread; when it is full, the address that
// was quiet longest is forgotten. IPv6 clients own a network, so they count by their /64. A right
// password makes good the wrong ones for the same user only: nobody hides guesses at another's behind
// its own. The rest is forgotten one by one, in five minutes each without a wrong one, and after a
// quarter of an hour without any try.

struct throttle;

// An address as the table counts it: IPv4 whole, mapped into IPv6; of IPv6 the first 64 bits.
struct throttle_key {
	uint8_t bytes[16];
};

struct throttle *throttle_create(void);  // NULL: out of memory
void throttle_free(struct throttle *t);

// May it try now? 0: yes, and throttle_end() must come; else the seconds after which it may.
unsigned int throttle_begin(struct throttle *t, const struct throttle_key *key, uint64_t now_us);

enum throttle_outcome {
	THROTTLE_GOOD,    // its failures against this user are forgotten
	THROTTLE_WRONG,
	THROTTLE_NEITHER,  // it was not tried
};
void throttle_end(struct throttle *t, const struct throttle_key *key, const char *user,
	enum throttle_outcome outcome, uint64_t now_us);

#endif
