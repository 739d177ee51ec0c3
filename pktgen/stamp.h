/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_STAMP_H
#define WEIR_PKTGEN_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>

// A time stamp in a packet's payload: its last bytes, so that whoever receives the frame finds it
// whatever headers and encapsulations are in front of it.
//
//    0                   8                  16  end of the frame
//    +-------------------+-------------------+
//    |        tag        |       time        |   network byte order
//    +-------------------+-------------------+
//
// The tag says whose it is; a random one, so that no other traffic is taken for it. The time is TSC
// ticks of this machine; in captures the packet time in nanoseconds, with STAMP_TAG_CAPTURE.

#define STAMP_BYTES 16u
#define STAMP_TAG_CAPTURE UINT64_C(0x57656972)  // "Weir"; random tags have their first bit set

struct stamp {
	uint64_t tag;
	uint64_t time;
};

/*
 * Write a stamp over the last bytes of the payload, which are zeros so far, and correct the checksum.
 * @param frame its Ethernet header, without encapsulations in front of it
 * @param kind enum frame_kind
 * @param bytes of the frame, with padding
 * @return false: the payload has no room for it, or is followed by padding; nothing was changed
 */
bool stamp_write(uint8_t *frame, uint8_t kind, uint32_t bytes, struct stamp s);

/*
 * Read the last bytes of a frame.
 * @param end behind the frame, which has at least STAMP_BYTES
 * @return false: no stamp with this tag
 */
static inline bool
stamp_read(const uint8_t *end, uint64_t tag, uint64_t *ret_time)
{
	uint64_t words[2];

	memcpy(words, end - STAMP_BYTES, sizeof(words));
	if (words[0] != rte_cpu_to_be_64(tag))
		return false;
	*ret_time = rte_be_to_cpu_64(words[1]);
	return true;
}

#endif
