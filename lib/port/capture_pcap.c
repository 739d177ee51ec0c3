/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The classic capture file: a header of 24 bytes, then records. The magic number decides byte
 * order and unit of the stamps (draft-ietf-opsawg-pcap):
 *
 *     file    magic 4 | version 2+2 | zone 4 | accuracy 4 | snap length 4 | link type 4
 *     record  seconds 4 | fraction 4 | captured 4 | on the wire 4 | captured bytes
 *
 * The upper 4 bits of the link type tell the length of the frame check sequence and are left out.
 * The "modified" variant of old Linux distributions (0xa1b2cd34) has 8 more bytes in its record
 * header (interface index, protocol, packet type), which nobody needs.
 *
 * One function reads all of them; the constants that it is called with make six loops without a
 * branch on the format. The snap length is not believed: there are files with longer records.
 */
#include "port/capture_format.h"

#include <errno.h>

#include <rte_common.h>
#include <rte_prefetch.h>

// How far ahead of the record that is read the window is asked for: the parser wants the packets
// next, and each page of 4 KiB begins anew for the prefetcher of the CPU.
#define PREFETCH_BYTES 1024

#define FILE_HEADER 24
#define LINKTYPE_OFFSET 20
// Above the link type: whether frames end in a checksum, and how long it is; it stays in the length.
#define LINKTYPE_MASK 0x03ffffffu

#define RECORD_HEADER 16
#define MODIFIED_HEADER 24

int
capture_pcap_open(struct capture *c, struct error *err)
{
	struct capture_input *s = &c->input;
	enum capture_order order = s->at[0] == 0xa1 ? CAPTURE_BIG : CAPTURE_LITTLE;

	while (capture_input_left(s) < FILE_HEADER && capture_input_fill(s))
		;
	if (capture_input_left(s) < FILE_HEADER)
		return error_set(err, -EINVAL, "%s: %s after %zu of the %d bytes of a pcap header",
			c->name.text, s->reason[0] != '\0' ? s->reason : "ends",
			capture_input_left(s), FILE_HEADER);
	c->linktype = capture_get32(s->at + LINKTYPE_OFFSET, order) & LINKTYPE_MASK;
	s->at += FILE_HEADER;
	return 0;
}

static inline __attribute__((always_inline)) unsigned int
records_read(struct capture *c, struct capture_record *records, unsigned int n,
	const enum capture_order order, const uint32_t unit_ns, const size_t header)
{
	const uint8_t *at = c->input.at;
	const uint8_t *const end = c->input.end;
	const uint32_t linktype = c->linktype;
	unsigned int got = 0;

	for (; got < n; got++) {
		struct capture_record *r = &records[got];
		uint32_t captured;

		if ((size_t)(end - at) < header) {
			c->want = header;
			break;
		}
		rte_prefetch0(RTE_PTR_ADD(at, PREFETCH_BYTES));
		captured = capture_get32(at + 8, order);
		if (captured > CAPTURE_RECORD_MAX) {
			capture_fault_at(c, at, "a record claims %u captured bytes, at most %u "
				"are believed", captured, CAPTURE_RECORD_MAX);
			break;
		}
		if ((size_t)(end - at) - header < captured) {
			c->want = header + captured;
			break;
		}
		r->data = at + header;
		r->captured = captured;
		r->wire_bytes = capture_wire_bytes(captured, capture_get32(at + 12, order));
		r->linktype = linktype;
		r->ts_ns = capture_get32(at, order) * UINT64_C(1000000000) +
			capture_get32(at + 4, order) * (uint64_t)unit_ns;
		r->ts_us = r->ts_ns / 1000;
		at += header + captured;
	}
	c->input.at = at;
	return got;
}

unsigned int
capture_pcap_little_us(struct capture *c, struct capture_record *records, unsigned int n)
{
	return records_read(c, records, n, CAPTURE_LITTLE, 1000, RECORD_HEADER);
}

unsigned int
capture_pcap_little_ns(struct capture *c, struct capture_record *records, unsigned int n)
{
	return records_read(c, records, n, CAPTURE_LITTLE, 1, RECORD_HEADER);
}

unsigned int
capture_pcap_big_us(struct capture *c, struct capture_record *records, unsigned int n)
{
	return records_read(c, records, n, CAPTURE_BIG, 1000, RECORD_HEADER);
}

unsigned int
capture_pcap_big_ns(struct capture *c, struct capture_record *records, unsigned int n)
{
	return records_read(c, records, n, CAPTURE_BIG, 1, RECORD_HEADER);
}

unsigned int
capture_modified_little(struct capture *c, struct capture_record *records, unsigned int n)
{
	return records_read(c, records, n, CAPTURE_LITTLE, 1000, MODIFIED_HEADER);
}

unsigned int
capture_modified_big(struct capture *c, struct capture_record *records, unsigned int n)
{
	return records_read(c, records, n, CAPTURE_BIG, 1000, MODIFIED_HEADER);
}
