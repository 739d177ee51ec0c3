/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/daily_table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>
#include <rte_common.h>


#define BURST 32

static const char *const count_names[DAILY_COUNTS] = {
	[DAILY_IN_BYTES] = "inBytes",
	[DAILY_IN_PACKETS] = "inPackets",
	[DAILY_OUT_BYTES] = "outBytes",
	[DAILY_OUT_PACKETS] = "outPackets",
};

// One end of a delta that is local.
struct hit {
	struct query_key key;
	uint32_t hash;
	struct daily_totals totals;
};

int
daily_table_init(struct daily_table *t, uint32_t hosts)
{
	int rc;

	*t = (struct daily_table){.cursor = 0};
	rc = key_table_init(&t->keys, hosts);
	if (rc != 0)
		return rc;
	t->totals = calloc((size_t)hosts + 1, sizeof(*t->totals));
	t->changed = calloc((size_t)hosts + 1, sizeof(*t->changed));
	if (t->totals != NULL && t->changed != NULL)
		return 0;
	daily_table_fini(t);
	return -ENOMEM;
}

void
daily_table_fini(struct daily_table *t)
{
	if (t->keys.capacity != 0)
		key_table_fini(&t->keys);
	free(t->totals);
	free(t->changed);
	*t = (struct daily_table){.cursor = 0};
}

// The host's id; a new one, or `other` without room.
static uint32_t
host_id(struct daily_table *t, const struct query_key *key, uint32_t hash)
{
	uint32_t id = key_table_find(&t->keys, key, hash);

	return id != KEY_NONE ? id : key_table_insert(&t->keys, key, hash);
}

static void
totals_add(struct daily_table *t, uint32_t id, const struct daily_totals *add)
{
	for (unsigned int i = 0; i < DAILY_COUNTS; i++)
		t->totals[id].of[i] += add->of[i];
	t->changed[id] = true;
}

static void
hit_fill(const struct daily_table *t, const struct pane_delta *d, unsigned int end, struct hit *h)
{
	// What goes from this end: the direction whose source it is.
	const unsigned int out = end == d->fwd_swapped ? 0 : 1;

	h->key = (struct query_key){.form = d->key.version};
	memcpy(h->key.addr[0], d->key.addr[end], sizeof(h->key.addr[0]));
	h->totals = (struct daily_totals){.of = {
		[DAILY_IN_BYTES] = d->bytes[out ^ 1],
		[DAILY_IN_PACKETS] = d->packets[out ^ 1],
		[DAILY_OUT_BYTES] = d->bytes[out],
		[DAILY_OUT_PACKETS] = d->packets[out],
	}};
	h->hash = key_table_hash(&t->keys, &h->key);
	key_table_prefetch_bucket(&t->keys, h->hash);
}

static void
burst_fold(struct daily_table *t, const struct network_set *networks,
	const struct pane_delta *deltas, unsigned int n)
{
	struct hit hits[2 * BURST];
	unsigned int count = 0;

	for (unsigned int i = 0; i < n; i++)
		for (unsigned int end = 0; end < 2; end++)
			if (network_set_contains(networks, deltas[i].key.version,
					deltas[i].key.addr[end]))
				hit_fill(t, &deltas[i], end, &hits[count++]);
	for (unsigned int i = 0; i < count; i++)
		rte_prefetch0(&t->keys.entries[key_table_guess(&t->keys, hits[i].hash)]);
	for (unsigned int i = 0; i < count; i++)
		totals_add(t, host_id(t, &hits[i].key, hits[i].hash), &hits[i].totals);
}

void
daily_table_fold(struct daily_table *t, const struct network_set *networks, const struct pane *p)
{
	for (uint32_t i = 0; i < p->count; i += BURST)
		burst_fold(t, networks, &p->deltas[i], RTE_MIN(p->count - i, (uint32_t)BURST));
}

void
daily_table_restore(struct daily_table *t, const struct daily_host *h)
{
	struct query_key key = {.form = h->version};
	uint32_t id = KEY_NONE;

	if (h->version != 0) {
		memcpy(key.addr[0], h->addr, sizeof(h->addr));
		id = host_id(t, &key, key_table_hash(&t->keys, &key));
		if (id == KEY_NONE)
			return;
	}
	for (unsigned int i = 0; i < DAILY_COUNTS; i++)
		t->totals[id].of[i] += h->totals.of[i];
}

void
daily_table_touch(struct daily_table *t)
{
	for (uint32_t id = 1; id <= t->keys.used; id++)
		t->changed[id] = true;
	for (unsigned int i = 0; i < DAILY_COUNTS; i++)
		t->changed[KEY_NONE] |= t->totals[KEY_NONE].of[i] != 0;
}

bool
daily_table_next(struct daily_table *t, struct daily_host *ret)
{
	for (uint32_t seen = 0; seen <= t->keys.used; seen++) {
		if (t->cursor > t->keys.used)
			t->cursor = 0;
		if (t->changed[t->cursor]) {
			const struct query_key *key = &t->keys.entries[t->cursor].key;

			*ret = (struct daily_host){.totals = t->totals[t->cursor]};
			if (t->cursor == KEY_NONE)
				return true;
			ret->version = key->form;
			memcpy(ret->addr, key->addr[0], sizeof(ret->addr));
			return true;
		}
		t->cursor++;
	}
	return false;
}

void
daily_table_settle(struct daily_table *t)
{
	t->changed[t->cursor++] = false;
}

char *
daily_day_text(uint64_t number, char buf[DAILY_TEXT_LEN])
{
	const time_t s = (time_t)(number * (DAILY_US / 1000000));
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL || strftime(buf, DAILY_TEXT_LEN, "%Y-%m-%d", &tm) == 0)
		buf[0] = '\0';
	return buf;
}

char *
daily_host_text(const struct daily_host *h, char buf[DAILY_TEXT_LEN])
{
	const bool v4 = h->version == 4;

	if (h->version == 0)
		snprintf(buf, DAILY_TEXT_LEN, DAILY_OTHER);
	else
		inet_ntop(v4 ? AF_INET : AF_INET6, h->addr + (v4 ? 12 : 0), buf, DAILY_TEXT_LEN);
	return buf;
}

void
daily_host_write(struct json_out *o, uint64_t number, const struct daily_host *h)
{
	char text[DAILY_TEXT_LEN];

	json_out_open(o, '{');
	json_out_key_str(o, "type", "daily");
	json_out_key_str(o, "day", daily_day_text(number, text));
	json_out_key_str(o, "host", daily_host_text(h, text));
	for (unsigned int i = 0; i < DAILY_COUNTS; i++)
		json_out_key_u64(o, count_names[i], h->totals.of[i]);
	json_out_close(o, '}');
}

static bool
address_read(const char *text, struct daily_host *ret)
{
	if (inet_pton(AF_INET, text, ret->addr + 12) == 1) {
		ret->addr[10] = ret->addr[11] = 0xff;
		ret->version = 4;
	} else if (inet_pton(AF_INET6, text, ret->addr) == 1) {
		ret->version = 6;
	}
	return ret->version != 0 || strcmp(text, DAILY_OTHER) == 0;
}

static int
host_read(const cJSON *o, struct daily_host *ret)
{
	const char *host = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "host"));

	*ret = (struct daily_host){.version = 0};
	if (host == NULL || !address_read(host, ret))
		return -EINVAL;
	for (unsigned int i = 0; i < DAILY_COUNTS; i++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, count_names[i]);

		// A double is exact up to 2^53 bytes: 9 PB in a day.
		if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble < 1e18))
			return -EINVAL;
		ret->totals.of[i] = (uint64_t)v->valuedouble;
	}
	return 0;
}

int
daily_hosts_read(const char *json, struct daily_host *hosts, uint32_t most, uint32_t *ret_damaged)
{
	cJSON *list = cJSON_Parse(json);
	uint32_t seen = 0, n = 0;
	const cJSON *o;

	if (!cJSON_IsArray(list)) {
		cJSON_Delete(list);
		return -EINVAL;
	}
	cJSON_ArrayForEach(o, list) {
		if (seen == most)
			break;
		seen++;
		if (host_read(o, &hosts[n]) == 0)
			n++;
	}
	cJSON_Delete(list);
	*ret_damaged = seen - n;
	return (int)n;
}

size_t
daily_table_bytes(uint32_t hosts)
{
	return key_table_capacity_bytes(hosts) +
		((size_t)hosts + 1) * (sizeof(struct daily_totals) + sizeof(bool));
}
