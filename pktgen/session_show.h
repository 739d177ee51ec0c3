/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_SESSION_SHOW_H
#define WEIR_PKTGEN_SESSION_SHOW_H

#include "session.h"

// The methods of a session that show something. With its lock held.

// Latency of what came back under the present profile, as JSON; NULL: not measured. Caller frees.
char *session_latency(const struct session *s);
// The profile in effect.
void session_profile_write(const struct session *s, struct json_out *out);

int session_counters_show(struct session *s, const cJSON *params, struct json_out *out,
	struct error *err);
int session_profile_show(struct session *s, const cJSON *params, struct json_out *out,
	struct error *err);
int session_key_show(struct session *s, const cJSON *params, struct json_out *out,
	struct error *err);
int session_ports_show(struct session *s, const cJSON *params, struct json_out *out,
	struct error *err);
int session_latency_show(struct session *s, const cJSON *params, struct json_out *out,
	struct error *err);

#endif
