/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_CAPTURE_FORMAT_H
#define WEIR_PORT_CAPTURE_FORMAT_H

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "port/capture.h"
#include "port/capture_input.h"

// What the files of the capture reader share with each other and nobody else, apart from tests.

/*
 * The longest record that is believed. 262144 is the largest snapshot length that libpcap lets a
 * capture of network packets have and the default of tcpdump, and it leaves room for the packets
 * above 64 KiB that segmentation offload makes (BIG TCP). A file that claims more is damaged: its
 * next record cannot be found either, so reading ends there.
 */
#define CAPTURE_RECORD_MAX 262144u

/*
 * The longest pcapng block that is believed where its content matters: one record, and more
 * options than anybody writes. Blocks that are skipped may have any length.
 */
#define CAPTURE_BLOCK_MAX (512u * 1024)

static_assert(CAPTURE_BUFFER >= 2 * CAPTURE_BLOCK_MAX &&
		CAPTURE_BLOCK_MAX > CAPTURE_RECORD_MAX + 32,
	"what is needed in one piece must fit the buffer, else filling it would not help");

enum capture_order {
	CAPTURE_LITTLE,
	CAPTURE_BIG,
};

/*
 * Parse up to n records out of what the input holds, and no more than that: the records point
 * into its buffer. With no record found, one of three things has happened: the input moved (a
 * block without a packet), the capture has a fault, or more bytes are needed, `want` in all.
 */
typedef unsigned int capture_burst_fn(struct capture *c, struct capture_record *records,
	unsigned int n);

// An interface of a pcapng section. A stamp t is ((t * mul) >> shift) / div nanoseconds, offset_s
// seconds added; one of shift and div does nothing.
struct capture_interface {
	uint32_t linktype;
	uint32_t snaplen;  // 0 is no limit
	uint32_t mul;
	uint8_t shift;
	uint64_t div;
	int64_t offset_s;
};

struct capture {
	struct capture_input input;
	capture_burst_fn *burst;
	size_t want;        // bytes that the item at input.at needs, if it was cut by the buffer
	bool done;          // no more records
	uint32_t linktype;  // pcap: of the file
	uint64_t skip;      // pcapng: bytes of a skipped block before its trailer, still to come
	uint32_t trailer;   // pcapng: what that trailer has to say; 0 outside skipped blocks
	struct capture_interface *interfaces;  // pcapng: of the current section
	unsigned int n_interfaces;
	unsigned int cap_interfaces;
	struct capture_name name;
	struct error fault;
};

// Open with fills of at most chunk bytes: tests use it to cut the input at every place.
struct capture *capture_open_chunked(const char *path, size_t chunk, struct error *err);

// Reading ends: keep "PATH: byte OFFSET: reason" for capture_fault().
void capture_fault_set(struct capture *c, uint64_t offset, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));

// The formats. open checks and consumes the file header; -EINVAL with err filled if it is bad.
int capture_pcap_open(struct capture *c, struct error *err);
capture_burst_fn capture_pcap_little_us;
capture_burst_fn capture_pcap_little_ns;
capture_burst_fn capture_pcap_big_us;
capture_burst_fn capture_pcap_big_ns;
capture_burst_fn capture_modified_little;
capture_burst_fn capture_modified_big;

int capture_pcapng_open(struct capture *c, struct error *err);
capture_burst_fn capture_pcapng_little;
capture_burst_fn capture_pcapng_big;
void capture_pcapng_close(struct capture *c);

/*
 * The blocks of pcapng that describe others, whole in memory (len bytes at at).
 * True if reading can go on, else the fault is set.
 */
bool capture_section_begin(struct capture *c, const uint8_t *at, enum capture_order order);
bool capture_interface_add(struct capture *c, const uint8_t *at, uint32_t len,
	enum capture_order order);

// Reading ends at a place of the buffer.
#define capture_fault_at(c, p, ...) \
	capture_fault_set(c, (c)->input.buf_offset + (uint64_t)((p) - (c)->input.buf), __VA_ARGS__)

// Always called with a constant order, so that nothing but a load and perhaps a swap is left.
static inline __attribute__((always_inline)) uint32_t
capture_get32(const uint8_t *p, enum capture_order order)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return order == CAPTURE_LITTLE ? le32toh(v) : be32toh(v);
}

static inline __attribute__((always_inline)) uint16_t
capture_get16(const uint8_t *p, enum capture_order order)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return order == CAPTURE_LITTLE ? le16toh(v) : be16toh(v);
}

// The length on the wire, as interfaces.md defines it.
static inline uint32_t
capture_wire_bytes(uint32_t captured, uint32_t recorded)
{
	return recorded >= captured && recorded <= CAPTURE_RECORD_MAX ? recorded : captured;
}

#endif
