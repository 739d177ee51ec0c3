/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/fragment_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct fragment_table *
fragment_table_create(const char *name, uint64_t seed, int socket)
{
	struct fragment_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	flow_hash_secret_init(&t->secret, seed);
	t->entries = mem_table_alloc(name, FRAGMENT_TABLE_BYTES, socket);
	if (t->entries == NULL) {
		free(t);
		errno = ENOMEM;
		return NULL;
	}
	return t;
}

void
fragment_table_free(struct fragment_table *t)
{
	if (t == NULL)
		return;
	mem_table_free(t->entries, FRAGMENT_TABLE_BYTES);
	free(t);
}

// The datagram that a fragment is of; see struct fragment_entry.
static void
datagram_of(const struct packet_meta *meta, struct flow_key *ret)
{
	*ret = meta->key;
	if (meta->swapped) {
		memcpy(ret->addr[0], meta->key.addr[1], sizeof(ret->addr[0]));
		memcpy(ret->addr[1], meta->key.addr[0], sizeof(ret->addr[1]));
	}
	memcpy(ret->port, &meta->fragment_id, sizeof(ret->port));
	if (ret->version == 6)
		ret->proto = 0;
}

static bool
entry_is_alive(const struct fragment_entry *e, uint64_t now_us)
{
	return e->datagram.version != 0 && now_us - e->first_us < FRAGMENT_LIFETIME_US;
}

// The entry of the datagram that is alive, or NULL.
static struct fragment_entry *
set_find(struct fragment_entry *set, const struct flow_key *datagram, uint64_t now_us)
{
	for (unsigned int i = 0; i < FRAGMENT_WAYS; i++)
		if (flow_key_equal(&set[i].datagram, datagram))
			return entry_is_alive(&set[i], now_us) ? &set[i] : NULL;
	return NULL;
}

// Put an entry in front of its set, in place of `old`, or of the set's oldest if that is NULL.
static void
set_push(struct fragment_entry *set, struct fragment_entry *old, const struct fragment_entry *e)
{
	unsigned int younger = old != NULL ? (unsigned int)(old - set) : FRAGMENT_WAYS - 1;

	memmove(&set[1], &set[0], younger * sizeof(*set));
	set[0] = *e;
}

static void
first_remember(struct fragment_table *t, struct fragment_entry *set, const struct packet_meta *meta,
	const struct flow_key *datagram, uint64_t now_us)
{
	struct fragment_entry *old = set_find(set, datagram, now_us);
	struct fragment_entry e = {
		.datagram = *datagram,
		.first_us = now_us,
		.port = {meta->key.port[meta->swapped], meta->key.port[!meta->swapped]},
		.proto = meta->key.proto,
	};

	t->counts.first++;
	if (old == NULL)
		t->counts.evicted += entry_is_alive(&set[FRAGMENT_WAYS - 1], now_us);
	else if (memcmp(old->port, e.port, sizeof(e.port)) != 0 || old->proto != e.proto)
		t->counts.replaced++;
	set_push(set, old, &e);
}

void
fragment_table_follow(struct fragment_table *t, struct packet_meta *meta, uint64_t now_us)
{
	const struct fragment_entry *first;
	struct fragment_entry *set;
	struct flow_key datagram;

	datagram_of(meta, &datagram);
	set = &t->entries[flow_hash(&t->secret, &datagram) % FRAGMENT_SETS * FRAGMENT_WAYS];
	if (meta->fragment == PACKET_FRAGMENT_FIRST) {
		first_remember(t, set, meta, &datagram, now_us);
		return;
	}
	first = set_find(set, &datagram, now_us);
	if (first == NULL) {
		t->counts.unmatched++;
		return;
	}
	t->counts.followed++;
	meta->key.proto = first->proto;
	packet_ports_set(meta, first->port[0], first->port[1]);
}
