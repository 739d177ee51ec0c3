/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/key_table.h"

#include <errno.h>
#include <sys/random.h>

#include <rte_memory.h>

#include "base/mem.h"

// Two slots per id, and both counts fit 32 bits.
#define CAPACITY_MAX (UINT32_C(1) << 30)

static size_t
entries_bytes(uint32_t capacity)
{
	return ((size_t)capacity + 1) * sizeof(struct key_entry);
}

static size_t
references_bytes(uint32_t capacity)
{
	return ((size_t)capacity + 1) * sizeof(uint32_t);
}

static size_t
slots_bytes(uint32_t capacity)
{
	return (size_t)capacity * 2 * sizeof(struct key_slot);
}

size_t
key_table_bytes(const struct key_table *t)
{
	return key_table_capacity_bytes(t->capacity);
}

size_t
key_table_capacity_bytes(uint32_t capacity)
{
	return entries_bytes(capacity) + references_bytes(capacity) + slots_bytes(capacity);
}

int
key_table_init(struct key_table *t, uint32_t capacity)
{
	*t = (struct key_table){.capacity = capacity, .mask = capacity * 2 - 1};
	if (getrandom(t->seed, sizeof(t->seed), 0) != sizeof(t->seed))
		return -EIO;
	t->seed[5] |= 1;
	t->entries = mem_table_alloc("query keys", entries_bytes(capacity), SOCKET_ID_ANY);
	t->references = mem_table_alloc("query keys", references_bytes(capacity), SOCKET_ID_ANY);
	t->slots = mem_table_alloc("query keys", slots_bytes(capacity), SOCKET_ID_ANY);
	if (t->entries == NULL || t->references == NULL || t->slots == NULL) {
		key_table_fini(t);
		return -ENOMEM;
	}
	return 0;
}

void
key_table_fini(struct key_table *t)
{
	mem_table_free(t->entries, entries_bytes(t->capacity));
	mem_table_free(t->references, references_bytes(t->capacity));
	mem_table_free(t->slots, slots_bytes(t->capacity));
	*t = (struct key_table){0};
}

static void
slot_put(struct key_slot *slots, uint32_t mask, struct key_slot s)
{
	uint32_t at = s.hash & mask;

	while (slots[at].id != KEY_NONE)
		at = (at + 1) & mask;
	slots[at] = s;
}

int
key_table_grow(struct key_table *t)
{
	uint32_t larger = t->capacity * 2;
	struct key_entry *entries;
	uint32_t *references;
	struct key_slot *slots;

	if (t->capacity >= CAPACITY_MAX)
		return -ENOMEM;
	entries = mem_table_alloc("query keys", entries_bytes(larger), SOCKET_ID_ANY);
	references = mem_table_alloc("query keys", references_bytes(larger), SOCKET_ID_ANY);
	slots = mem_table_alloc("query keys", slots_bytes(larger), SOCKET_ID_ANY);
	if (entries == NULL || references == NULL || slots == NULL)
		goto fail;
	memcpy(entries, t->entries, entries_bytes(t->capacity));
	memcpy(references, t->references, references_bytes(t->capacity));
	for (uint32_t at = 0; at <= t->mask; at++)
		if (t->slots[at].id != KEY_NONE)
			slot_put(slots, larger * 2 - 1, t->slots[at]);
	mem_table_free(t->entries, entries_bytes(t->capacity));
	mem_table_free(t->references, references_bytes(t->capacity));
	mem_table_free(t->slots, slots_bytes(t->capacity));
	t->entries = entries;
	t->references = references;
	t->slots = slots;
	t->capacity = larger;
	t->mask = larger * 2 - 1;
	return 0;
fail:
	mem_table_free(slots, slots_bytes(larger));
	mem_table_free(references, references_bytes(larger));
	mem_table_free(entries, entries_bytes(larger));
	return -ENOMEM;
}

uint32_t
key_table_insert(struct key_table *t, const struct query_key *key, uint32_t hash)
{
	uint32_t id;

	if (t->free != KEY_NONE) {
		id = t->free;
		t->free = t->references[id] & ~KEY_FREE;
	} else if (t->used < t->capacity) {
		id = ++t->used;
	} else {
		return KEY_NONE;
	}
	t->live++;
	t->references[id] = 0;
	t->entries[id] = (struct key_entry){.key = *key};
	slot_put(t->slots, t->mask, (struct key_slot){.hash = hash, .id = id});
	return id;
}

// Close the hole at `at`: slots behind it that would not be found any more move into it.
static void
slot_clear(struct key_slot *slots, uint32_t mask, uint32_t at)
{
	uint32_t next = at;

	for (;;) {
		uint32_t distance;

		next = (next + 1) & mask;
		if (slots[next].id == KEY_NONE)
			break;
		distance = (next - slots[next].hash) & mask;  // from where it belongs
		if (distance >= ((next - at) & mask)) {
			slots[at] = slots[next];
			at = next;
		}
	}
	slots[at] = (struct key_slot){0};
}

static void
id_free(struct key_table *t, uint32_t id)
{
	t->references[id] = KEY_FREE | t->free;
	t->free = id;
	t->live--;
}

void
key_table_remove(struct key_table *t, uint32_t id)
{
	uint32_t at = key_table_hash(t, &t->entries[id].key) & t->mask;

	while (t->slots[at].id != id)
		at = (at + 1) & t->mask;
	slot_clear(t->slots, t->mask, at);
	id_free(t, id);
}

/*
 * Taken out and put back one after the other, from behind an empty slot on, a key lands where it was
 * or before that: in front of it all keys have their place already, and holes are closed.
 */
static void
slots_purge(struct key_slot *slots, uint32_t mask, const uint8_t *marks, uint8_t gone)
{
	uint32_t start = 0;

	while (slots[start].id != KEY_NONE)
		start++;
	for (uint32_t i = 1; i <= mask; i++) {
		uint32_t at = (start + i) & mask, ahead = slots[(at + 16) & mask].id;
		struct key_slot s = slots[at];

		if (ahead != KEY_NONE)
			rte_prefetch0(&marks[ahead]);
		if (s.id == KEY_NONE)
			continue;
		slots[at] = (struct key_slot){0};
		if (marks[s.id] != gone)
			slot_put(slots, mask, s);
	}
}

// From the last one on, so that the first ones are used again first: tables stay dense in front.
void
key_table_purge(struct key_table *t, const uint8_t *marks, uint8_t gone)
{
	slots_purge(t->slots, t->mask, marks, gone);
	for (uint32_t id = t->used; id > 0; id--)
		if (key_table_live(t, id) && marks[id] == gone)
			id_free(t, id);
}

void
key_table_release(struct key_table *t, uint32_t id)
{
	if (--t->references[id] == 0)
		key_table_remove(t, id);
}
