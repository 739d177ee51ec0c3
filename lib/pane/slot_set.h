/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PANE_SLOT_SET_H
#define WEIR_PANE_SLOT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

/*
 * Slots of a flow table, in two levels of bits: one for each slot, and one for each 64 of those, so
 * that a set of few slots in a large table is gone through in little time. (DPDK's rte_bitmap is the
 * like; in 22.11 its header does not compile without experimental interfaces.)
 */
struct slot_set {
	uint64_t *words;   // bit i of word w: slot 64 w + i
	uint64_t *groups;  // bit i of group g: word 64 g + i is not 0
	uint32_t group_count;
	uint32_t first;    // no group before it has a bit
};

static inline uint32_t
slot_set_groups(uint32_t slots)
{
	return (slots + 4095) / 4096;
}

// Memory for a set of so many slots, in bytes.
static inline size_t
slot_set_bytes(uint32_t slots)
{
	return slot_set_groups(slots) * 65 * sizeof(uint64_t);
}

// memory: slot_set_bytes() of zeros, the caller's.
static inline void
slot_set_init(struct slot_set *s, void *memory, uint32_t slots)
{
	s->group_count = slot_set_groups(slots);
	s->first = s->group_count;
	s->groups = memory;
	s->words = s->groups + s->group_count;
}

static inline void
slot_set_add(struct slot_set *s, uint32_t slot)
{
	uint32_t word = slot / 64, group = word / 64;

	s->words[word] |= UINT64_C(1) << slot % 64;
	s->groups[group] |= UINT64_C(1) << word % 64;
	s->first = RTE_MIN(s->first, group);
}

// Take out the smallest slot; false if there is none.
static inline bool
slot_set_take(struct slot_set *s, uint32_t *ret_slot)
{
	uint64_t *group, *word;
	uint32_t at;

	while (s->first < s->group_count && s->groups[s->first] == 0)
		s->first++;
	if (s->first == s->group_count)
		return false;
	group = &s->groups[s->first];
	at = s->first * 64 + (uint32_t)__builtin_ctzll(*group);
	word = &s->words[at];
	*ret_slot = at * 64 + (uint32_t)__builtin_ctzll(*word);
	*word &= *word - 1;
	if (*word == 0)
		*group &= *group - 1;
	return true;
}

#endif
