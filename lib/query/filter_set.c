/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/filter_set.h"

#include <errno.h>
#include <string.h>

#include "packet/packet.h"

unsigned int
filter_set_find(const struct filter_set *s, const char *text)
{
	for (unsigned int i = 0; i < FILTERS_MAX; i++)
		if ((s->used >> i & 1) != 0 && strcmp(filter_text(s->filter[i]), text) == 0)
			return i;
	return FILTER_NONE;
}

void
filter_set_hold(struct filter_set *s)
{
	for (unsigned int i = 0; i < FILTERS_MAX; i++)
		if ((s->used >> i & 1) != 0)
			filter_get(s->filter[i]);
}

void
filter_set_fini(struct filter_set *s)
{
	for (unsigned int i = 0; i < FILTERS_MAX; i++)
		if ((s->used >> i & 1) != 0)
			filter_put(s->filter[i]);
	s->used = 0;
}

// The bit that has been free for longest.
static unsigned int
bit_choose(const struct filter_set *s, uint32_t settled)
{
	unsigned int best = FILTER_NONE;

	for (unsigned int i = 0; i < FILTERS_MAX; i++)
		if ((s->used >> i & 1) == 0 && s->freed[i] <= settled &&
				(best == FILTER_NONE || s->freed[i] < s->freed[best]))
			best = i;
	return best;
}

int
filter_set_add(struct filter_set *s, const char *text, uint32_t settled, enum filter_mode mode,
	struct error *err)
{
	unsigned int bit = filter_set_find(s, text);
	struct filter *f;

	if (bit != FILTER_NONE)
		return 0;
	bit = bit_choose(s, settled);
	if (bit == FILTER_NONE)
		return error_set(err, -EAGAIN, "at most %d different filters may be in use, and one "
			"that was removed needs a moment", FILTERS_MAX);
	f = filter_create(text, mode, err);
	if (f == NULL)
		return -errno;
	s->filter[bit] = f;
	s->since[bit] = s->version;
	s->used |= UINT64_C(1) << bit;
	return 0;
}

void
filter_set_remove(struct filter_set *s, unsigned int bit)
{
	filter_put(s->filter[bit]);
	s->filter[bit] = NULL;
	s->freed[bit] = s->version;
	s->used &= ~(UINT64_C(1) << bit);
}

uint64_t
filter_set_catch_up(const struct filter_set *s, uint64_t mask, uint32_t seen,
	const struct flow_key *key, bool swapped, const uint8_t src_mac[6],
	const uint8_t dst_mac[6])
{
	uint8_t frame[FILTER_FRAME_MAX];
	struct rte_mbuf m;
	uint64_t fresh = 0;

	for (unsigned int i = 0; i < FILTERS_MAX; i++)
		if ((s->used >> i & 1) != 0 && s->since[i] > seen)
			fresh |= UINT64_C(1) << i;
	mask &= ~fresh;
	if (fresh == 0)
		return mask;
	m = filter_frame_mbuf(frame, filter_frame_build(key, swapped, src_mac, dst_mac, frame));
	for (; fresh != 0; fresh &= fresh - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(fresh);

		mask |= (uint64_t)filter_match(s->filter[bit], LINKTYPE_ETHERNET, &m) << bit;
	}
	return mask;
}
