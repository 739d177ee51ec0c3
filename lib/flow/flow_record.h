/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_FLOW_FLOW_RECORD_H
#define WEIR_FLOW_FLOW_RECORD_H

#include "base/json_out.h"
#include "flow/flow.h"
#include "packet/protocol.h"

// Append a flow record (interfaces.md section 4) as one JSON object. f is a copy of a flow that
// has ended (or of a living one: "end" is then null).
void flow_record_write(struct json_out *o, const struct flow *f,
	const struct protocol_table *protocols);

#endif
