/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pipeline.h"

// The standing queries: those that the run begins with, and their changes, each of which publishes
// new settings. The merge lcore follows with its next loop, RX lcores with their next burst.

// config_check() has told of all of them.
static int
first_fault(const struct error_list *faults, struct error *err)
{
	*err = faults->error[0];
	return -EINVAL;
}

static int
queries_make(struct pipeline *p, enum filter_mode mode, struct error *err)
{
	const struct options *o = &p->options;
	const struct query_context context = {
		.pane_us = o->pane_us, .parameters = o->parameters, .networks = p->networks,
		.builtins_off = o->builtins_off,
	};
	struct error_list faults = {.count = 0};

	query_set_put(p->queries);
	p->queries = query_set_create(&context, o->queries, "queries", mode, &faults);
	return p->queries != NULL ? 0 : first_fault(&faults, err);
}

int
queries_prepare(struct pipeline *p, struct error *err)
{
	const struct options *o = &p->options;
	struct error_list faults = {.count = 0};

	p->networks = network_set_create(o->local_networks, "local_networks", &faults);
	if (p->networks == NULL)
		return first_fault(&faults, err);
	return queries_make(p, FILTER_CHECK, err);
}

static bool
queries_can_be_asked(const struct options *o)
{
	return o->listen || o->interactive || o->cmdline_file != NULL;
}

// A run that nobody can ask needs no log.
size_t
queries_log_bytes(const struct pipeline *p)
{
	const struct options *o = &p->options;

	return queries_can_be_asked(o) ? (size_t)o->retain_bytes : 0;
}

// With EAL options of the user DPDK's telemetry may be there, which asks for results too.
bool
queries_unread(const struct pipeline *p)
{
	const struct options *o = &p->options;

	return !queries_can_be_asked(o) && !o->eal_given && o->results == NULL &&
		p->store == NULL && p->calibration == NULL;
}

int
queries_init(struct pipeline *p, struct error *err)
{
	rte_spinlock_init(&p->merge.stats_lock);
	rte_spinlock_init(&p->latest.lock);
	// Programs are made in EAL's memory.
	if (queries_make(p, p->captures != NULL ? FILTER_LINKS : FILTER_ETHERNET, err) != 0)
		return -EINVAL;
	p->merge.engine = query_engine_create(p->options.pane_us, p->protocols, err);
	if (p->merge.engine == NULL)
		return -EINVAL;
	// Results of captures are the same in every run; what comes in live must not be aimed.
	if (p->captures == NULL && query_engine_hide_distinct(p->merge.engine) != 0)
		return error_set(err, -EIO, "no random numbers for the query engine");
	query_engine_set_budget(p->merge.engine, p->options.key_budget, QUERY_SLICES_BYTES);
	if (query_engine_set_log(p->merge.engine, queries_log_bytes(p)) != 0)
		return error_set(err, -ENOMEM, "out of memory");
	p->merge.previews = rte_ring_create("previews", PREVIEWS_MAX, SOCKET_ID_ANY,
		RING_F_SP_ENQ | RING_F_SC_DEQ);
	return p->merge.previews != NULL ? 0 : error_set(err, -ENOMEM, "out of memory");
}

void
queries_fini(struct pipeline *p)
{
	rte_ring_free(p->merge.previews);
	query_engine_free(p->merge.engine);
	query_set_put(p->queries);
	network_set_free(p->networks);
}

cJSON *
queries_list_op(void *app)
{
	const struct pipeline *p = app;

	return query_set_list(p->settings.current->queries);
}

void
queries_latest_forget(struct pipeline *p)
{
	const struct query_set *s = p->settings.current->queries;
	unsigned int kept = 0;

	rte_spinlock_lock(&p->latest.lock);
	for (unsigned int i = 0; i < p->latest.count; i++) {
		struct document *d = p->latest.of[i];

		if (query_set_find(s, d->name) != NULL)
			p->latest.of[kept++] = d;
		else
			document_put(d);
	}
	p->latest.count = kept;
	rte_spinlock_unlock(&p->latest.lock);
}

// Publish next, which the caller made and gives away; NULL: see errors.
static int
queries_publish(struct pipeline *p, struct query_set *next, struct error_list *errors)
{
	struct settings s = *p->settings.current;
	int rc;

	if (next == NULL)
		return -EINVAL;
	s.queries = next;
	rc = settings_publish(&p->settings, &s);
	query_set_put(next);
	if (rc != 0)
		error_list_add(errors, "", "not applied: %s", strerror(-rc));
	else
		queries_latest_forget(p);
	reconfigure_touch(p);
	return rc;
}

static uint32_t
filters_settled(struct pipeline *p)
{
	settings_reclaim(&p->settings);
	return settings_oldest(&p->settings)->queries->filters.version;
}

static int
queries_change(struct pipeline *p, struct query_set *next, const cJSON *query, cJSON **ret,
	struct error_list *errors)
{
	int rc = queries_publish(p, next, errors);

	if (rc == 0)
		*ret = query_spec_json(query_set_find(p->settings.current->queries,
			cJSON_GetObjectItemCaseSensitive(query, "name")->valuestring));
	return rc;
}

int
queries_add_op(void *app, const cJSON *query, cJSON **ret, struct error_list *errors)
{
	struct pipeline *p = app;

	return queries_change(p, query_set_add(p->settings.current->queries, query,
		filters_settled(p), errors), query, ret, errors);
}

int
queries_update_op(void *app, const cJSON *query, cJSON **ret, struct error_list *errors)
{
	struct pipeline *p = app;

	return queries_change(p, query_set_update(p->settings.current->queries, query,
		filters_settled(p), errors), query, ret, errors);
}

int
queries_remove_op(void *app, const char *name, struct error_list *errors)
{
	struct pipeline *p = app;

	return queries_publish(p, query_set_remove(p->settings.current->queries, name, errors),
		errors);
}

int
queries_set_parameters(struct pipeline *p, const struct query_parameters *new, struct error *err)
{
	struct error_list errors = {.count = 0};
	int rc = queries_publish(p, query_set_parameters(p->settings.current->queries, new, &errors),
		&errors);

	if (rc != 0)
		*err = errors.error[0];
	return rc;
}
