/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_INTERN_H
#define WEIR_PKTGEN_INTERN_H

#include <stddef.h>
#include <stdint.h>

// Numbers for things: each different item gets the next number, from 0. Items are compared byte by
// byte. They come from captures, so whoever made those must not be able to choose items that share
// a slot: the hash has a secret that is drawn for each table. One thread at a time.

#define INTERN_NONE UINT32_MAX

struct intern {
	size_t item_bytes;
	uint32_t limit;   // most items, below 2^31
	uint32_t count;
	uint32_t room;
	uint8_t *items;   // by number
	uint32_t *slots;  // number + 1, 0: free; a power of two of them, less than half full
	uint32_t slot_mask;
	uint64_t secret;
};

void intern_init(struct intern *t, size_t item_bytes, uint32_t limit);
void intern_fini(struct intern *t);

// The item's number. INTERN_NONE with errno: ENOMEM, or ENOSPC where it would be one too many.
uint32_t intern_number(struct intern *t, const void *item);

static inline const void *
intern_item(const struct intern *t, uint32_t number)
{
	return t->items + (size_t)number * t->item_bytes;
}

#endif
