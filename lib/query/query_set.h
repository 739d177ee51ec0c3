/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_QUERY_SET_H
#define WEIR_QUERY_QUERY_SET_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "query/filter_set.h"
#include "query/spec.h"

// All standing queries with their filters: what the control thread makes, publishes and replaces as a
// whole. A set never changes; a change makes another one. References are counted by the control
// thread only; lcores read a set between two of their quiescent states.

#define QUERY_SET_MAX 128

struct query_set {
	uint32_t references;
	uint64_t version;   // no two sets have the same
	struct query_context context;
	enum filter_mode mode;
	struct filter_set filters;
	unsigned int count;
	struct query_spec spec[];  // in the order of query.list and of results
};

/*
 * The built-in queries and those of a configuration; one that has a built-in one's name takes its
 * place. networks must outlive all sets.
 *
 * @param queries array, or NULL; `path` names it in faults ("queries")
 * @return NULL with everything that is wrong in errors
 */
struct query_set *query_set_create(const struct query_context *c, const cJSON *queries,
	const char *path, enum filter_mode mode, struct error_list *errors);

// The set with these queries in the place of all that s has; what they share with it, filters among
// them, stays in use. `settled` as in filter_set.h.
struct query_set *query_set_replace(const struct query_set *s, const struct query_context *c,
	const cJSON *queries, const char *path, uint32_t settled, struct error_list *errors);

struct query_set *query_set_get(struct query_set *s);
void query_set_put(struct query_set *s);  // NULL is fine

const struct query_spec *query_set_find(const struct query_set *s, const char *name);  // or NULL

/*
 * The set with one query more, with one changed, with one less, or with other parameters (built-in
 * queries follow). `settled` as in filter_set.h. Faults of the queries' fields go to errors with
 * the fields' own names.
 *
 * @return NULL: see errors, s is as it was
 */
struct query_set *query_set_add(const struct query_set *s, const cJSON *query, uint32_t settled,
	struct error_list *errors);
// query has a name, and the fields that change.
struct query_set *query_set_update(const struct query_set *s, const cJSON *query, uint32_t settled,
	struct error_list *errors);
struct query_set *query_set_remove(const struct query_set *s, const char *name,
	struct error_list *errors);
struct query_set *query_set_parameters(const struct query_set *s,
	const struct query_parameters *p, struct error_list *errors);

// A query that is not in the set, checked as query_set_add() would; the name may be missing.
int query_set_check(const struct query_set *s, const cJSON *query, struct query_spec *ret,
	struct error_list *errors);

// Array owned by the caller, one query as JSON object owned by the caller; NULL if memory ran out.
cJSON *query_set_list(const struct query_set *s);
cJSON *query_spec_json(const struct query_spec *spec);

// The set as query_set_create() takes it: the list of queries, and bits of the built-in ones that are
// not there. NULL if memory ran out.
cJSON *query_set_document(const struct query_set *s, uint32_t *ret_builtins_off);

#endif
