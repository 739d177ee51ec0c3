/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_EXPORT_DECODE_H
#define WEIR_TEST_EXPORT_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow/flow.h"

// A collector as RFC 7011 sections 3 and 7 describe one, written from there and not from the exporter.
// Faults end the test (cmocka).

#define ELEMENTS_MAX 64
#define RECORDS_MAX 4096
#define REVERSE 29305

struct element {
	uint32_t pen;
	uint16_t id, length;
};

struct record {
	uint16_t template_id;
	unsigned int count;
	struct element element[ELEMENTS_MAX];
	uint8_t value[ELEMENTS_MAX][16];
};

struct template {
	bool known, options;
	unsigned int count;
	struct element element[ELEMENTS_MAX];
};

struct collector {
	struct template template[256];   // of ids 256 to 511
	unsigned int templates_seen;     // template records of any kind
	unsigned int messages;
	uint32_t sequence;               // that the next message must have
	uint32_t domain;
	struct record *record;           // data records in order, options ones too; room for RECORDS_MAX
	unsigned int records, options;
};

void collector_begin(struct collector *c);
void collector_end(struct collector *c);
// A new transport session: templates are forgotten, sequence numbers begin with 0.
void collector_session(struct collector *c);
// One whole message. A template that comes again must be as it was.
void collector_take(struct collector *c, const uint8_t *data, size_t len);

// Value of an element of up to 8 bytes; the test ends if it is not there exactly once.
uint64_t record_value(const struct record *r, uint32_t pen, uint16_t id);
const uint8_t *record_bytes(const struct record *r, uint32_t pen, uint16_t id, size_t length);
bool record_has(const struct record *r, uint32_t pen, uint16_t id);

/*
 * A flow whose n-th copies can be told apart by their source port. Forward: 3 packets of 60 to 140 bytes
 * in 7.000003 s from FLOW_MADE_US on; and, if it is a biflow, 2 of 66 and 9014 after 1 ms and 9.000001 s.
 */
#define FLOW_MADE_US UINT64_C(1470104378005826)
void flow_make(struct flow *f, unsigned int n, bool v6, bool biflow);

#endif
