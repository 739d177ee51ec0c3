/* SPDX-License-Identifier: BSD-3-Clause */
#include "access/bucket.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define NAME_BYTES 16

struct bucket {
	uint8_t name[NAME_BYTES];
	uint64_t seen_us;    // 0: free
	uint64_t counted_us;  // up to when refills were counted
	uint32_t tokens;
};

struct bucket_table {
	struct bucket_rate rate;
	uint8_t key[crypto_shorthash_KEYBYTES * 2];
	struct bucket bucket[];
};

struct bucket_table *
bucket_table_create(const struct bucket_rate *rate)
{
	struct bucket_table *t = calloc(1, sizeof(*t) + rate->places * sizeof(t->bucket[0]));

	if (t == NULL)
		return NULL;
	t->rate = *rate;
	randombytes_buf(t->key, sizeof(t->key));
	return t;
}

void
bucket_table_free(struct bucket_table *t)
{
	free(t);
}

static void
bucket_refill(const struct bucket_table *t, struct bucket *b, uint64_t now_us)
{
	uint64_t n = (now_us - b->counted_us) / t->rate.refill_us;

	b->tokens = n < t->rate.burst - b->tokens ? b->tokens + (uint32_t)n : t->rate.burst;
	b->counted_us = b->tokens == t->rate.burst ? now_us :
		b->counted_us + n * t->rate.refill_us;
}

static struct bucket *
bucket_find(struct bucket_table *t, const char *name, uint64_t now_us)
{
	struct bucket *oldest = &t->bucket[0];
	uint8_t hash[NAME_BYTES];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)name, strlen(name), t->key,
		sizeof(t->key));
	for (uint32_t i = 0; i < t->rate.places; i++) {
		struct bucket *b = &t->bucket[i];

		if (b->seen_us != 0 && memcmp(b->name, hash, sizeof(hash)) == 0) {
			bucket_refill(t, b, now_us);
			b->seen_us = now_us;
			return b;
		}
		if (b->seen_us < oldest->seen_us)
			oldest = b;
	}
	*oldest = (struct bucket){.seen_us = now_us, .counted_us = now_us, .tokens = t->rate.burst};
	memcpy(oldest->name, hash, sizeof(hash));
	return oldest;
}

uint64_t
bucket_take(struct bucket_table *t, const char *name, uint64_t now_us)
{
	struct bucket *b = bucket_find(t, name, now_us);

	if (b->tokens == 0)
		return b->counted_us + t->rate.refill_us - now_us;
	b->tokens--;
	return 0;
}

void
bucket_give(struct bucket_table *t, const char *name, uint64_t now_us)
{
	struct bucket *b = bucket_find(t, name, now_us);

	if (b->tokens < t->rate.burst)
		b->tokens++;
}
