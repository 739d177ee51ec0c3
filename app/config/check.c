/* SPDX-License-Identifier: BSD-3-Clause */
#include "config/check.h"

#include <stdio.h>
#include <string.h>

#include "config/schema.h"
#include "export/ipfix_target.h"
#include "packet/protocol.h"
#include "profile.h"
#include "query/address_book.h"
#include "query/networks.h"
#include "query/query_set.h"
#include "store/store.h"

// Parsers speak of options ("--store: found ..."). What came from a document is named by its field.
static void
fault_add(const struct options *o, const struct error *err, struct error_list *errors)
{
	const struct config_field *f = config_field_of_option(err->field);
	size_t len = strlen(err->field);

	if (f == NULL || options_given(o, err->field))
		error_list_add(errors, err->field, "%s", err->text);
	else if (strncmp(err->text, err->field, len) == 0)
		error_list_add(errors, f->param.name, "%s%s", f->param.name, err->text + len);
	else
		error_list_add(errors, f->param.name, "%s: %s", f->param.name, err->text);
}

static void
protocols_check(const struct options *o, struct error_list *errors)
{
	struct protocol_table *t;
	struct profile *p;
	struct error err;
	char field[96];

	t = protocol_table_create(o->protocols, &err);
	if (t == NULL) {
		fault_add(o, &err, errors);
		return;
	}
	p = o->generator != NULL ? profile_create(o->generator, t, &err) : NULL;
	if (o->generator != NULL && p == NULL) {
		snprintf(field, sizeof(field), "generator.%.80s", err.field);
		error_list_add(errors, field, "generator.%s", err.text);
	}
	profile_free(p);
	protocol_table_free(t);
}

static void
queries_check(const struct options *o, struct error_list *errors)
{
	struct network_set *networks = network_set_create(o->local_networks, "local_networks", errors);
	const struct query_context context = {
		.pane_us = o->pane_us, .parameters = o->parameters, .networks = networks,
		.builtins_off = o->builtins_off,
	};
	struct error_list faults = {.count = 0};

	query_set_put(query_set_create(&context, o->queries, "queries",
		FILTER_CHECK, &faults));
	// Without good networks nothing can be said of scopes.
	for (unsigned int i = 0; i < error_list_kept(&faults); i++)
		if (networks != NULL || strstr(faults.error[i].field, ".scope") == NULL)
			error_list_add(errors, faults.error[i].field, "%s", faults.error[i].text);
	network_set_free(networks);
}

static void
proxies_check(const struct options *o, struct error_list *errors)
{
	network_set_free(network_set_create(o->trusted_proxies, "listen.trusted_proxies", errors));
}

static void
names_check(const struct options *o, struct error_list *errors)
{
	address_book_put(address_book_create(o->names, "names", errors));
}

static void
pane_check(const struct options *o, struct error_list *errors)
{
	if (query_parameters_check_pane(&o->parameters, o->pane_us, NULL) != 0)
		error_list_add(errors, "pane_ms", "pane_ms: found %u, of which parameters.T (%u s) is no "
			"multiple, allowed: a length that divides it",
			(unsigned int)(o->pane_us / 1000), o->parameters.T);
}

static void
outputs_check(const struct options *o, struct error_list *errors)
{
	struct store_params store = {.uri = o->store, .appliance = o->appliance, .queue_size = 1};
	const struct store_params push = {.uri = "none", .push_uri = o->push,
		.appliance = o->appliance, .queue_size = 1};
	struct ipfix_target targets[IPFIX_TARGETS_MAX];
	struct error err;

	if (store_params_check(&store, &err) != 0)
		fault_add(o, &err, errors);
	if (o->push != NULL && store_params_check(&push, &err) != 0)
		fault_add(o, &err, errors);
	if (o->ipfix != NULL && ipfix_targets_parse(o->ipfix, targets, &err) < 0)
		fault_add(o, &err, errors);
}

void
config_check(const struct options *o, struct error_list *errors)
{
	pane_check(o, errors);
	queries_check(o, errors);
	names_check(o, errors);
	proxies_check(o, errors);
	protocols_check(o, errors);
	outputs_check(o, errors);
}
