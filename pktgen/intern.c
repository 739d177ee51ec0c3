/* SPDX-License-Identifier: BSD-3-Clause */
#include "intern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_random.h>

#include "prng.h"

#define SLOTS_FIRST 1024u

void
intern_init(struct intern *t, size_t item_bytes, uint32_t limit)
{
	*t = (struct intern){.item_bytes = item_bytes, .limit = limit, .secret = rte_rand()};
}

void
intern_fini(struct intern *t)
{
	free(t->items);
	free(t->slots);
}

static uint32_t
slot_first(const struct intern *t, const uint8_t *item)
{
	uint64_t hash = t->secret, word;

	for (size_t at = 0; at < t->item_bytes; at += sizeof(word)) {
		word = 0;
		memcpy(&word, item + at, RTE_MIN(sizeof(word), t->item_bytes - at));
		hash = prng_mix(hash ^ word) + t->secret;
	}
	return (uint32_t)(hash >> 32) & t->slot_mask;
}

// Where the item is, or would be.
static uint32_t *
slot_find(const struct intern *t, const uint8_t *item)
{
	uint32_t at = slot_first(t, item);

	while (t->slots[at] != 0 &&
			memcmp(intern_item(t, t->slots[at] - 1), item, t->item_bytes) != 0)
		at = (at + 1) & t->slot_mask;
	return &t->slots[at];
}

static int
slots_grow(struct intern *t)
{
	uint32_t n = t->slots == NULL ? SLOTS_FIRST : 2 * (t->slot_mask + 1);
	uint32_t *slots = calloc(n, sizeof(*slots));

	if (slots == NULL)
		return -ENOMEM;
	free(t->slots);
	t->slots = slots;
	t->slot_mask = n - 1;
	for (uint32_t i = 0; i < t->count; i++)
		*slot_find(t, intern_item(t, i)) = i + 1;
	return 0;
}

static int
items_grow(struct intern *t)
{
	uint32_t room = RTE_MAX(t->room * 2, SLOTS_FIRST);
	uint8_t *items;

	if (t->count < t->room)
		return 0;
	if (t->count == t->limit)
		return -ENOSPC;
	room = RTE_MIN(room, t->limit);
	items = reallocarray(t->items, room, t->item_bytes);
	if (items == NULL)
		return -ENOMEM;
	t->items = items;
	t->room = room;
	return 0;
}

uint32_t
intern_number(struct intern *t, const void *item)
{
	uint32_t *slot;
	int rc = 0;

	if (t->slots == NULL || 2 * (t->count + 1) > t->slot_mask)
		rc = slots_grow(t);
	slot = rc == 0 ? slot_find(t, item) : NULL;
	if (slot != NULL && *slot != 0)
		return *slot - 1;
	if (rc == 0)
		rc = items_grow(t);
	if (rc != 0) {
		errno = -rc;
		return INTERN_NONE;
	}
	memcpy(t->items + (size_t)t->count * t->item_bytes, item, t->item_bytes);
	*slot = ++t->count;
	return t->count - 1;
}
