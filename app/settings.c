/* SPDX-License-Identifier: BSD-3-Clause */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_malloc.h>

static struct settings *
settings_copy(const struct settings *s)
{
	struct settings *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *s;
	query_set_get(copy->queries);
	address_book_get(copy->names);
	geoip_get(copy->geoip);
	limit_table_get(copy->limit_table);
	return copy;
}

static void
settings_free(struct settings *s)
{
	if (s == NULL)
		return;
	query_set_put(s->queries);
	address_book_put(s->names);
	geoip_put(s->geoip);
	limit_table_put(s->limit_table);
	free(s);
}

int
settings_cell_init(struct settings_cell *c, const struct settings *first, uint32_t readers)
{
	*c = (struct settings_cell){.current = settings_copy(first)};
	c->rcu = rte_zmalloc("settings_rcu", rte_rcu_qsbr_get_memsize(readers), RTE_CACHE_LINE_SIZE);
	if (c->current != NULL && c->rcu != NULL && rte_rcu_qsbr_init(c->rcu, readers) == 0)
		return 0;
	settings_cell_fini(c);
	return -ENOMEM;
}

static void
old_free_first(struct settings_cell *c)
{
	settings_free(c->old[c->old_first].settings);
	c->old_first = (c->old_first + 1) % SETTINGS_OLD_MAX;
	c->old_count--;
}

void
settings_cell_fini(struct settings_cell *c)
{
	while (c->old_count > 0)
		old_free_first(c);
	rte_free(c->rcu);
	settings_free(c->current);
	*c = (struct settings_cell){0};
}

struct settings *
settings_prepare(struct settings_cell *c, const struct settings *s, int *ret_rc)
{
	struct settings *copy = NULL;

	settings_reclaim(c);
	if (c->old_count < SETTINGS_OLD_MAX)
		copy = settings_copy(s);
	*ret_rc = c->old_count == SETTINGS_OLD_MAX ? -EAGAIN : copy == NULL ? -ENOMEM : 0;
	return copy;
}

void
settings_discard(struct settings *s)
{
	settings_free(s);
}

void
settings_commit(struct settings_cell *c, struct settings *s)
{
	struct settings *old = c->current;
	unsigned int at;

	__atomic_store_n(&c->current, s, __ATOMIC_RELEASE);
	at = (c->old_first + c->old_count++) % SETTINGS_OLD_MAX;
	c->old[at].settings = old;
	c->old[at].token = rte_rcu_qsbr_start(c->rcu);
}

int
settings_publish(struct settings_cell *c, const struct settings *s)
{
	struct settings *copy;
	int rc;

	copy = settings_prepare(c, s, &rc);
	if (copy != NULL)
		settings_commit(c, copy);
	return rc;
}

const struct settings *
settings_oldest(const struct settings_cell *c)
{
	return c->old_count > 0 ? c->old[c->old_first].settings : c->current;
}

void
settings_reclaim(struct settings_cell *c)
{
	while (c->old_count > 0 && rte_rcu_qsbr_check(c->rcu, c->old[c->old_first].token, false))
		old_free_first(c);
}

void
settings_reader_begin(struct settings_cell *c, unsigned int reader)
{
	rte_rcu_qsbr_thread_register(c->rcu, reader);
	rte_rcu_qsbr_thread_online(c->rcu, reader);
}

void
settings_reader_end(struct settings_cell *c, unsigned int reader)
{
	rte_rcu_qsbr_thread_offline(c->rcu, reader);
	rte_rcu_qsbr_thread_unregister(c->rcu, reader);
}
