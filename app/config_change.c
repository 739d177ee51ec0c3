/* SPDX-License-Identifier: BSD-3-Clause */
#include "config_change.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config/check.h"
#include "config/schema.h"
#include "profile.h"

// NULL where there are none: no names and no field are the same.
static cJSON *
names_normal(const struct address_book *b)
{
	cJSON *names = address_book_json(b);

	if (cJSON_GetArraySize(names) > 0)
		return names;
	cJSON_Delete(names);
	return NULL;
}

cJSON *
config_running(struct pipeline *p)
{
	const struct settings *s = p->settings.current;
	struct options o = p->options;
	cJSON *queries, *profile, *document, *names = names_normal(s->names);

	o.names = names;
	if (o.iface == p->options.iface_list)
		o.iface = o.iface_list;
	o.limits = s->limits;
	o.parameters = s->queries->context.parameters;
	queries = query_set_document(s->queries, &o.builtins_off);
	profile = p->generator != NULL ? generator_profile(p->generator) : NULL;
	o.queries = queries;
	if (profile != NULL)
		o.generator = profile;
	document = config_document_make(&o);
	cJSON_Delete(queries);
	cJSON_Delete(profile);
	cJSON_Delete(names);
	return document;
}

cJSON *
config_with_waiting(struct pipeline *p)
{
	cJSON *document = config_running(p);
	const cJSON *v;

	cJSON_ArrayForEach(v, p->config.waiting)
		config_value_set(document, config_field_of(v->string),
			cJSON_IsNull(v) ? NULL : cJSON_Duplicate(v, true));
	return document;
}

static bool
differs(const struct config_change *c, const char *field)
{
	const struct config_field *f = config_field_of(field);

	return !config_value_same(config_value(c->now, f), config_value(c->then, f));
}

// Queries as query.list would show them, so that what is only written otherwise is no difference.
static cJSON *
queries_normal(const struct options *o, uint32_t *ret_off)
{
	struct error_list faults = {.count = 0};
	struct network_set *networks = network_set_create(o->local_networks, "", &faults);
	const struct query_context context = {
		.pane_us = o->pane_us, .parameters = o->parameters, .networks = networks,
		.builtins_off = o->builtins_off,
	};
	struct query_set *s = networks == NULL ? NULL :
		query_set_create(&context, o->queries, "queries", FILTER_CHECK, &faults);
	cJSON *list = s != NULL ? query_set_document(s, ret_off) : NULL;

	query_set_put(s);
	network_set_free(networks);
	return list;
}

// A profile complete with its defaults.
static cJSON *
profile_normal(const struct options *o)
{
	struct protocol_table *t = protocol_table_create(o->protocols, NULL);
	struct profile *p = t != NULL ? profile_create(o->generator, t, NULL) : NULL;
	cJSON *json = p != NULL ? profile_json(p) : NULL;

	profile_free(p);
	protocol_table_free(t);
	return json;
}

static cJSON *
names_wanted(const struct options *o)
{
	struct error_list faults = {.count = 0};
	struct address_book *b = address_book_create(o->names, "names", &faults);
	cJSON *names = b != NULL ? names_normal(b) : NULL;

	address_book_put(b);
	return names;
}

// The document of what is wanted, in the form in which config_running() gives what runs.
static cJSON *
document_normal(const struct options *next, bool profile_is_running)
{
	struct options o = *next;
	cJSON *queries = queries_normal(next, &o.builtins_off), *document;
	cJSON *profile = next->generator != NULL && !profile_is_running ? profile_normal(next) : NULL;
	cJSON *names = names_wanted(next);

	if (o.iface == next->iface_list)
		o.iface = o.iface_list;
	o.queries = queries;
	o.names = names;
	if (profile != NULL)
		o.generator = profile;
	document = queries != NULL ? config_document_make(&o) : NULL;
	cJSON_Delete(queries);
	cJSON_Delete(profile);
	cJSON_Delete(names);
	return document;
}

static uint32_t
filters_settled(struct pipeline *p)
{
	settings_reclaim(&p->settings);
	return settings_oldest(&p->settings)->queries->filters.version;
}

static bool
asks_differ(const struct config_change *c)
{
	return differs(c, "parameters.H") || differs(c, "parameters.T") ||
		differs(c, "parameters.k") || differs(c, "parameters.X") ||
		differs(c, "builtin_queries") || differs(c, "queries");
}

/*
 * The set to be published. Where panes or networks change with the next start, what does not hold with
 * today's waits with them. False: it holds neither now nor then.
 */
static bool
queries_plan(struct pipeline *p, struct config_change *c, struct error_list *errors)
{
	const struct query_set *now = p->settings.current->queries;
	struct query_context context = now->context;
	struct error_list faults = {.count = 0};

	if (!asks_differ(c))
		return true;
	context.parameters = c->next.parameters;
	context.builtins_off = c->next.builtins_off;
	if (query_parameters_check_pane(&context.parameters, context.pane_us, NULL) == 0)
		c->queries = query_set_replace(now, &context, c->next.queries, "queries",
			filters_settled(p), &faults);
	if (c->queries != NULL || differs(c, "pane_ms") || differs(c, "local_networks"))
		return true;
	for (unsigned int i = 0; i < error_list_kept(&faults); i++)
		error_list_add(errors, faults.error[i].field, "%s", faults.error[i].text);
	return false;
}

static bool
names_plan(struct config_change *c, struct error_list *errors)
{
	if (differs(c, "names"))
		c->names = address_book_create(c->next.names, "names", errors);
	return errors->count == 0;
}

static bool
profile_plan(struct pipeline *p, struct config_change *c, struct error_list *errors)
{
	struct error err = {0};
	char field[96];

	if (p->generator == NULL || !differs(c, "generator"))
		return true;
	c->generator = generator_check(p->generator, config_value(c->then,
		config_field_of("generator")), &err) == 0;
	if (c->generator || differs(c, "protocols"))
		return true;
	snprintf(field, sizeof(field), "generator.%.80s", err.field);
	error_list_add(errors, field, "generator.%s", err.text);
	return false;
}

// Another file whose rows do not hold with today's pane waits with that.
static bool
limits_plan(struct pipeline *p, struct config_change *c, struct error_list *errors)
{
	struct error_list faults = {.count = 0};

	if (limits_change_make(p, &c->next, &c->limits, &faults) == 0)
		return true;
	c->limits_wait = differs(c, "pane_ms");
	if (!c->limits_wait)
		error_list_add(errors, faults.error[0].field, "%s", faults.error[0].text);
	return c->limits_wait;
}

static bool
alerts_plan(struct config_change *c, struct error_list *errors)
{
	struct error err = {0};

	c->alerts = differs(c, "on_alert.command") || differs(c, "on_alert.per_minute") ||
		differs(c, "on_alert.at_once") || differs(c, "on_alert.timeout_s") ||
		differs(c, "syslog.facility");
	if (differs(c, "on_alert.command") && alerts_check(&c->next, &err) != 0)
		error_list_add(errors, err.field, "%s", err.text);
	return errors->count == 0;
}

// Does a difference in this field wait for the next start?
static bool
field_waits(const struct config_change *c, const struct config_field *f)
{
	if (strcmp(f->param.name, "generator") == 0)
		return !c->generator;
	if (strncmp(f->param.name, "parameters.", 11) == 0 ||
			strcmp(f->param.name, "queries") == 0 ||
			strcmp(f->param.name, "builtin_queries") == 0)
		return c->queries == NULL;
	if (strncmp(f->param.name, "limits.", 7) == 0)
		return c->limits_wait;
	return f->restart;
}

// JSON null for a value that is not there; passwords are not shown.
static cJSON *
value_shown(const struct config_field *f, const cJSON *v)
{
	cJSON *copy = v != NULL ? cJSON_Duplicate(v, true) : cJSON_CreateNull();

	if (v != NULL && f->hide != NULL)
		f->hide(copy);
	return copy;
}

static void
difference_add(struct config_change *c, const struct config_field *f, const cJSON *from,
	const cJSON *to, bool waits)
{
	cJSON *d = cJSON_CreateObject();

	cJSON_AddStringToObject(d, "field", f->param.name);
	cJSON_AddItemToObject(d, "from", value_shown(f, from));
	cJSON_AddItemToObject(d, "to", value_shown(f, to));
	cJSON_AddBoolToObject(d, "restart", waits);
	cJSON_AddItemToArray(c->differences, d);
}

// What runs against what is wanted; and what has waited for the next start and does so no more.
static void
differences_list(const struct pipeline *p, struct config_change *c)
{
	const struct config_field *f = NULL;

	c->differences = cJSON_CreateArray();
	c->waiting = cJSON_CreateObject();
	while ((f = config_field_next(f)) != NULL) {
		const cJSON *from = config_value(c->now, f), *to = config_value(c->then, f);
		const cJSON *waited = cJSON_GetObjectItemCaseSensitive(p->config.waiting,
			f->param.name);
		bool waits = field_waits(c, f);

		if (config_value_same(from, to)) {
			if (waited != NULL)
				difference_add(c, f, cJSON_IsNull(waited) ? NULL : waited, to, false);
			continue;
		}
		difference_add(c, f, from, to, waits);
		if (waits)
			cJSON_AddItemToObject(c->waiting, f->param.name,
				to != NULL ? cJSON_Duplicate(to, true) : cJSON_CreateNull());
	}
}

int
config_change_make(struct pipeline *p, cJSON *document, bool line_wins, struct config_change *ret,
	struct error_list *errors)
{
	struct config_change *c = ret;
	const struct config_field *generator = config_field_of("generator");
	struct options checked;
	bool running;

	*c = (struct config_change){.document = document, .now = config_running(p)};
	options_derive(p->options.argc, p->options.argv, document, line_wins, &c->next);
	// A profile that runs has been checked by what runs it, perhaps with other protocols.
	running = c->next.generator != NULL &&
		config_value_same(c->next.generator, config_value(c->now, generator));
	checked = c->next;
	if (running)
		checked.generator = NULL;
	config_check(&checked, errors);
	if (errors->count > 0)
		return -EINVAL;
	// Without a profile the demo sends the built-in one.
	if (p->generator != NULL && c->next.generator == NULL) {
		config_value_set(document, generator, cJSON_Parse(generator_default_profile()));
		c->next.generator = config_value(document, generator);
	}
	c->then = document_normal(&c->next, running);
	if (c->now == NULL || c->then == NULL) {
		error_list_add(errors, "", "out of memory");
		return -ENOMEM;
	}
	if (!queries_plan(p, c, errors) || !names_plan(c, errors) || !profile_plan(p, c, errors) ||
			!limits_plan(p, c, errors) || !alerts_plan(c, errors))
		return -EINVAL;
	differences_list(p, c);
	return 0;
}

// Files that a start reads, and that may be gone. What is in them is for the start to say.
static void
files_check(const struct options *o, struct error_list *errors)
{
	const cJSON *file;
	unsigned int i = 0;
	struct error err;
	char field[32];

	if (o->limits_file != NULL && access(o->limits_file, R_OK) != 0)
		error_list_add(errors, "limits.file", "limits.file: cannot read '%s': %s",
			o->limits_file, strerror(errno));
	if (alerts_check(o, &err) != 0)
		error_list_add(errors, err.field, "%s", err.text);
	cJSON_ArrayForEach(file, o->geoip) {
		snprintf(field, sizeof(field), "geoip[%u]", i++);
		if (access(file->valuestring, R_OK) != 0)
			error_list_add(errors, field, "%s: cannot read '%s': %s", field,
				file->valuestring, strerror(errno));
	}
}

int
config_start_check(const struct pipeline *p, const cJSON *document, struct error_list *errors)
{
	struct options o;

	config_document_check(document, false, errors);
	if (errors->count > 0)
		return -EINVAL;
	options_derive(p->options.argc, p->options.argv, document, true, &o);
	config_check(&o, errors);
	files_check(&o, errors);
	return errors->count > 0 ? -EINVAL : 0;
}

void
config_change_free(struct config_change *c)
{
	query_set_put(c->queries);
	address_book_put(c->names);
	limits_change_free(&c->limits);
	cJSON_Delete(c->document);
	cJSON_Delete(c->now);
	cJSON_Delete(c->then);
	cJSON_Delete(c->differences);
	cJSON_Delete(c->waiting);
}

// New settings for the lcores, and the generator's profile: the last steps that can fail. NULL: see
// errors.
static struct settings *
settings_make(struct pipeline *p, struct config_change *c, struct error_list *errors)
{
	struct settings s = *p->settings.current, *made;
	struct error err = {0};
	int rc;

	s.limits = c->next.limits;
	if (c->queries != NULL)
		s.queries = c->queries;
	if (c->names != NULL)
		s.names = c->names;
	limits_change_publish(p, &c->limits, &s);
	made = settings_prepare(&p->settings, &s, &rc);
	if (made == NULL) {
		error_list_add(errors, "", "not applied: %s", strerror(-rc));
		return NULL;
	}
	if (!c->generator || generator_set(p->generator, config_value(c->then,
			config_field_of("generator")), &err) == 0)
		return made;
	settings_discard(made);
	error_list_add(errors, "generator", "generator: not applied: %s", err.text);
	return NULL;
}

// What can fail comes first; then come a store of one pointer and what hangs on it.
int
config_change_apply(struct pipeline *p, struct config_change *c, struct error_list *errors)
{
	struct alert_setup *alerts = NULL;
	struct settings *made = NULL;
	struct error err = {0};

	if (c->alerts && (alerts = alerts_setup_make(p, &c->next, &err)) == NULL)
		error_list_add(errors, err.field, "%s: not applied: %s", err.field, err.text);
	else if (limits_change_start(&c->limits, errors) == 0)
		made = settings_make(p, c, errors);
	if (made == NULL) {
		alerts_setup_free(alerts);
		return -EAGAIN;
	}
	settings_commit(&p->settings, made);
	limits_change_commit(p, &c->limits);
	if (alerts != NULL)
		alerts_setup_commit(p, &c->next, alerts);
	queries_latest_forget(p);
	cJSON_Delete(p->config.waiting);
	p->config.waiting = c->waiting;
	c->waiting = NULL;
	return 0;
}
