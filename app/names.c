/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "pipeline.h"

// Names of keys: those of the configuration, and their changes, each of which publishes new
// settings. The merge lcore looks names up as it writes rows, and follows with its next loop.

// config_check() has told of all faults of names; those of files come here.
int
names_prepare(struct pipeline *p, struct error *err)
{
	const struct options *o = &p->options;
	struct error_list faults = {.count = 0};

	p->names = address_book_create(o->names, "names", &faults);
	if (p->names != NULL)
		p->geoip = geoip_open(o->geoip, "geoip", &faults);
	if (p->geoip != NULL)
		return 0;
	*err = faults.error[0];
	return -EINVAL;
}

void
names_fini(struct pipeline *p)
{
	address_book_put(p->names);
	geoip_put(p->geoip);
}

cJSON *
names_list_op(void *app)
{
	const struct pipeline *p = app;
	const struct settings *s = p->settings.current;
	cJSON *o = cJSON_CreateObject();

	cJSON_AddItemToObject(o, "names", address_book_json(s->names));
	cJSON_AddItemToObject(o, "geoip", geoip_json(s->geoip));
	return o;
}

// Publish s, of which the caller made one part.
static int
names_publish(struct pipeline *p, const struct settings *s, struct error_list *errors)
{
	int rc = settings_publish(&p->settings, s);

	if (rc != 0)
		error_list_add(errors, "", "not applied: %s", strerror(-rc));
	reconfigure_touch(p);
	return rc;
}

int
names_change_op(void *app, const cJSON *names, const cJSON *keys, struct error_list *errors)
{
	struct pipeline *p = app;
	struct settings s = *p->settings.current;
	int rc;

	s.names = address_book_change(s.names, names, keys, errors);
	if (s.names == NULL)
		return -EINVAL;
	rc = names_publish(p, &s, errors);
	address_book_put(s.names);
	return rc;
}

int
names_reload_op(void *app, struct error_list *errors)
{
	struct pipeline *p = app;
	struct settings s = *p->settings.current;
	int rc;

	s.geoip = geoip_reopen(s.geoip, "geoip", errors);
	if (s.geoip == NULL)
		return -EINVAL;
	rc = names_publish(p, &s, errors);
	geoip_put(s.geoip);
	return rc;
}

int
names_add_generator(struct pipeline *p, struct error *err)
{
	struct error_list faults = {.count = 0};
	cJSON *had = address_book_json(p->settings.current->names);
	int known = cJSON_GetArraySize(had);
	uint32_t most = known < BOOK_ENTRIES_MAX ? BOOK_ENTRIES_MAX - (uint32_t)known : 0, total;
	cJSON *names = generator_names(p->generator, most, &total);
	int rc = 0;

	cJSON_Delete(had);
	if (names == NULL)
		return error_set(err, -ENOMEM, "no memory for the names of a replay");
	if (total > most)
		log_warning("names", "the replay has %u devices; the first %u of them get names, "
			"as there may be %u in all", total, most, BOOK_ENTRIES_MAX);
	if (total > 0 && most > 0)
		rc = names_change_op(p, names, NULL, &faults);
	cJSON_Delete(names);
	if (rc != 0)
		*err = faults.error[0];
	return rc;
}
