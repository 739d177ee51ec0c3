/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_CONTROL_MESSAGE_H
#define WEIR_CONTROL_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <libwebsockets.h>

// Text on its way to one or many websocket clients. lws writes the frame's header into the room
// in front of it, the same bytes for every client, so that the text can be shared. Only the
// control thread holds references.
struct message {
	uint32_t references;
	size_t len;            // of the text
	unsigned char data[];  // LWS_PRE bytes of room, then the text
};

#endif
