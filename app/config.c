/* SPDX-License-Identifier: BSD-3-Clause */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1U << 20)

enum field_type {
	FIELD_NUMBER,   // within [min, max]; whole if `whole`
	FIELD_BOOL,
	FIELD_STRING,
	FIELD_OBJECT,
	FIELD_LIST,     // what is in it is checked by those who use it
	FIELD_PORTS,    // list of interface names or PCI addresses
	FIELD_COLLECTORS,  // list of [udp:|tcp:]HOST:PORT
	FIELD_WORD,     // one of the words in `allowed`, which are separated by " or "
};

// One row = field, type, range, what is allowed in words, and where it goes.
struct field_row {
	const char *section;  // NULL: top level
	const char *name;
	enum field_type type;
	bool whole;
	double min, max;
	const char *allowed;
	const char *option;  // that later checks name, if any
	void (*apply)(struct options *o, const cJSON *v);
};

static void
workers_apply(struct options *o, const cJSON *v)
{
	o->workers = (uint32_t)v->valuedouble;
}

static void
pane_apply(struct options *o, const cJSON *v)
{
	o->pane_us = (uint64_t)v->valuedouble * 1000;
}

static void
idle_apply(struct options *o, const cJSON *v)
{
	o->limits.idle_us = (uint64_t)llround(v->valuedouble * 1e6);
}

static void
active_apply(struct options *o, const cJSON *v)
{
	o->limits.active_us = (uint64_t)llround(v->valuedouble * 1e6);
}

static void
tcp_end_apply(struct options *o, const cJSON *v)
{
	o->limits.tcp_end = cJSON_IsTrue(v);
}

static void
tunnels_apply(struct options *o, const cJSON *v)
{
	o->tunnels = strcmp(v->valuestring, "off") == 0 ? PACKET_TUNNELS_OFF :
		PACKET_TUNNELS_DECAPSULATE;
}

static void
capacity_apply(struct options *o, const cJSON *v)
{
	o->flow_capacity = (uint32_t)v->valuedouble;
}

static void
fragments_apply(struct options *o, const cJSON *v)
{
	o->fragments_follow = strcmp(v->valuestring, "follow") == 0;
}

static void
H_apply(struct options *o, const cJSON *v)
{
	o->parameters.H = v->valuedouble;
}

static void
T_apply(struct options *o, const cJSON *v)
{
	o->parameters.T = (uint32_t)v->valuedouble;
}

static void
k_apply(struct options *o, const cJSON *v)
{
	o->parameters.k = (uint32_t)v->valuedouble;
}

static void
X_apply(struct options *o, const cJSON *v)
{
	o->parameters.X = v->valuedouble;
}

static void
address_apply(struct options *o, const cJSON *v)
{
	snprintf(o->listen_address, sizeof(o->listen_address), "%s", v->valuestring);
}

static void
port_apply(struct options *o, const cJSON *v)
{
	o->listen_port = (uint16_t)v->valuedouble;
}

static void
store_apply(struct options *o, const cJSON *v)
{
	o->store = v->valuestring;
}

static void
push_apply(struct options *o, const cJSON *v)
{
	o->push = v->valuestring;
}

// PCI addresses are for EAL (-a); everything else is a kernel interface.
static void
ports_apply(struct options *o, const cJSON *v)
{
	size_t len = 0;
	const cJSON *p;

	cJSON_ArrayForEach(p, v) {
		if (options_is_pci(p->valuestring)) {
			o->pci = v;
			continue;
		}
		len += (size_t)snprintf(o->iface_list + len, sizeof(o->iface_list) - len, "%s%s",
			len > 0 ? "," : "", p->valuestring);
		if (len >= sizeof(o->iface_list))
			len = sizeof(o->iface_list) - 1;
	}
	if (len > 0)
		o->iface = o->iface_list;
}

// As on the command line; ipfix_targets_parse() judges them.
static void
collectors_apply(struct options *o, const cJSON *v)
{
	size_t len = 0;
	const cJSON *c;

	cJSON_ArrayForEach(c, v)
		len += (size_t)snprintf(o->ipfix_list + len, sizeof(o->ipfix_list) - len, "%s%s",
			len > 0 ? "," : "", c->valuestring);
	o->ipfix = o->ipfix_list;
}

static void
domain_apply(struct options *o, const cJSON *v)
{
	o->ipfix_params.domain = (uint32_t)v->valuedouble;
}

static void
template_interval_apply(struct options *o, const cJSON *v)
{
	o->ipfix_params.template_us = (uint64_t)llround(v->valuedouble * 1e6);
}

static void
template_messages_apply(struct options *o, const cJSON *v)
{
	o->ipfix_params.template_messages = (uint32_t)v->valuedouble;
}

static void
message_bytes_apply(struct options *o, const cJSON *v)
{
	o->ipfix_params.message_bytes = (uint32_t)v->valuedouble;
}

static void
nothing_apply(struct options *o, const cJSON *v)
{
	(void)o;
	(void)v;
}

static void
appliance_apply(struct options *o, const cJSON *v)
{
	snprintf(o->appliance, sizeof(o->appliance), "%s", v->valuestring);
}

static void
queries_apply(struct options *o, const cJSON *v)
{
	o->queries = v;
}

static void
local_networks_apply(struct options *o, const cJSON *v)
{
	o->local_networks = v;
}

static void
protocols_apply(struct options *o, const cJSON *v)
{
	o->protocols = (cJSON *)(uintptr_t)v;
}

static void
generator_apply(struct options *o, const cJSON *v)
{
	o->generator = (cJSON *)(uintptr_t)v;
}

static const struct field_row fields[] = {
	{NULL, "appliance", FIELD_STRING, .max = 63, .allowed = "1 to 63 characters",
		.apply = appliance_apply},
	{NULL, "ports", FIELD_PORTS, .max = 64,
		.allowed = "a list of kernel interfaces or PCI addresses", .option = "--iface",
		.apply = ports_apply},
	{NULL, "clock", FIELD_WORD, .allowed = "wall", .apply = nothing_apply},
	{NULL, "workers", FIELD_NUMBER, true, 1, 64, "1 to 64", "--workers", workers_apply},
	{NULL, "pane_ms", FIELD_NUMBER, true, 100, 60000, "100 to 60000", "pane_ms", pane_apply},
	{"flow", "idle_timeout_s", FIELD_NUMBER, false, 0, 316224000, "seconds from 0 to 316224000", NULL,
		idle_apply},
	{"flow", "active_timeout_s", FIELD_NUMBER, false, 0, 316224000, "seconds from 0 to 316224000",
		NULL, active_apply},
	{"flow", "tcp_end", FIELD_BOOL, .allowed = "true or false", .apply = tcp_end_apply},
	{"flow", "capacity", FIELD_NUMBER, true, 16, 1 << 26, "16 to 67108864", "--flow-capacity",
		capacity_apply},
	{"flow", "tunnels", FIELD_WORD, .allowed = "off or decapsulate", .apply = tunnels_apply},
	{"flow", "fragments", FIELD_WORD, .allowed = "off or follow", .apply = fragments_apply},
	{"parameters", "H", FIELD_NUMBER, false, 1e-6, 100, "above 0, at most 100", NULL, H_apply},
	{"parameters", "T", FIELD_NUMBER, true, 1, 3600, "a whole number from 1 to 3600", NULL, T_apply},
	{"parameters", "k", FIELD_NUMBER, true, 1, 1000, "a whole number from 1 to 1000", NULL, k_apply},
	{"parameters", "X", FIELD_NUMBER, false, 1e-6, 1000, "above 0, at most 1000", NULL, X_apply},
	{NULL, "queries", FIELD_LIST, .allowed = "a list", .option = "queries",
		.apply = queries_apply},
	{NULL, "local_networks", FIELD_LIST, .allowed = "a list", .option = "local_networks",
		.apply = local_networks_apply},
	{NULL, "protocols", FIELD_OBJECT, .allowed = "an object",
		.option = "protocols", .apply = protocols_apply},
	{NULL, "generator", FIELD_OBJECT, .allowed = "an object",
		.option = "generator", .apply = generator_apply},
	{"listen", "address", FIELD_STRING, .max = 63, .allowed = "an address",
		.option = "--listen", .apply = address_apply},
	{"listen", "port", FIELD_NUMBER, true, 1, 65535, "1 to 65535", "--listen", port_apply},
	{"ipfix", "collectors", FIELD_COLLECTORS, .max = IPFIX_TARGETS_MAX,
		.allowed = "a list of 1 to 4 texts [udp:|tcp:]HOST:PORT", .option = "--ipfix",
		.apply = collectors_apply},
	{"ipfix", "observation_domain", FIELD_NUMBER, true, 0, UINT32_MAX, "0 to 4294967295", NULL,
		domain_apply},
	{"ipfix", "template_interval_s", FIELD_NUMBER, false, 1, 86400, "seconds from 1 to 86400", NULL,
		template_interval_apply},
	{"ipfix", "template_interval_messages", FIELD_NUMBER, true, 1, 1000000000,
		"a whole number from 1 to 1000000000", NULL, template_messages_apply},
	{"ipfix", "message_bytes", FIELD_NUMBER, true, IPFIX_MESSAGE_MIN, IPFIX_MESSAGE_MAX,
		"512 to 1472", NULL, message_bytes_apply},
	{NULL, "store", FIELD_STRING, .max = 1024, .allowed = "sqlite:PATH or none",
		.option = "--store", .apply = store_apply},
	{NULL, "push", FIELD_STRING, .max = 1024, .allowed = "mongodb://...",
		.option = "--push", .apply = push_apply},
};

// What is being read, for the places in messages.
struct reader {
	const char *path;
	const char *text;
};

static unsigned int
line_of(const char *text, const char *at)
{
	unsigned int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

// Line on which a key is first written; good enough to find it, as keys are rarely repeated.
static unsigned int
line_of_key(const struct reader *r, const char *key)
{
	char quoted[80];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\"", key);
	at = strstr(r->text, quoted);
	return at != NULL ? line_of(r->text, at) : 1;
}

// "section.name"
static const char *
field_path(const char *section, const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", section != NULL ? section : "", section != NULL ? "." : "", name);
	return buf;
}

static int
field_error(const struct reader *r, const char *section, const cJSON *v, const char *allowed,
	struct error *err)
{
	char *found = cJSON_PrintUnformatted(v);
	char path[80];

	field_path(section, v->string, path, sizeof(path));
	error_field(err, -EINVAL, path, "%s:%u: %s: found %.60s; allowed is %s", r->path,
		line_of_key(r, v->string), path, found != NULL ? found : "?", allowed);
	free(found);
	return -EINVAL;
}

// A list of 1 to most texts, each of 1 to longest bytes and none of the unwanted ones.
static bool
texts_fit(const cJSON *v, double most, size_t longest, const char *unwanted)
{
	const cJSON *text;

	if (!cJSON_IsArray(v) || cJSON_GetArraySize(v) < 1 || cJSON_GetArraySize(v) > most)
		return false;
	cJSON_ArrayForEach(text, v) {
		if (!cJSON_IsString(text) || text->valuestring[0] == '\0' ||
			strpbrk(text->valuestring, unwanted) != NULL ||
			strlen(text->valuestring) > longest)
			return false;
	}
	return true;
}

static bool
word_fits(const char *allowed, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strchr(word, ' ') == NULL ? allowed : NULL; at != NULL;
		at = strstr(at, " or ")) {
		at += at != allowed ? strlen(" or ") : 0;
		if (strncmp(at, word, len) == 0 && (at[len] == '\0' || at[len] == ' '))
			return true;
	}
	return false;
}

static bool
field_fits(const struct field_row *row, const cJSON *v)
{
	switch (row->type) {
	case FIELD_NUMBER:
		return cJSON_IsNumber(v) && v->valuedouble >= row->min &&
			v->valuedouble <= row->max &&
			(!row->whole || v->valuedouble == floor(v->valuedouble));
	case FIELD_BOOL:
		return cJSON_IsBool(v);
	case FIELD_STRING:
		return cJSON_IsString(v) && v->valuestring[0] != '\0' &&
			strlen(v->valuestring) <= (size_t)row->max;
	case FIELD_OBJECT:
		return cJSON_IsObject(v);
	case FIELD_LIST:
		return cJSON_IsArray(v);
	case FIELD_PORTS:
		return texts_fit(v, row->max, 15, ", \t");
	case FIELD_COLLECTORS:
		return texts_fit(v, row->max, IPFIX_HOST_MAX + 16, ",");
	case FIELD_WORD:
		return cJSON_IsString(v) && word_fits(row->allowed, v->valuestring);
	}
	return false;
}

static bool
same_section(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
section_exists(const char *name)
{
	for (unsigned int i = 0; i < RTE_DIM(fields); i++)
		if (fields[i].section != NULL && strcmp(fields[i].section, name) == 0)
			return true;
	return false;
}

static int section_load(const struct reader *r, const char *section, const cJSON *object,
	struct options *o, struct error *err);

static int
field_load(const struct reader *r, const char *section, const cJSON *v, struct options *o,
	struct error *err)
{
	char path[80];

	for (unsigned int i = 0; i < RTE_DIM(fields); i++) {
		const struct field_row *row = &fields[i];

		if (!same_section(section, row->section) || strcmp(row->name, v->string) != 0)
			continue;
		if (!field_fits(row, v))
			return field_error(r, section, v, row->allowed, err);
		row->apply(o, v);
		options_origin_note(o, row->option, field_path(section, v->string, path,
			sizeof(path)), line_of_key(r, v->string));
		return 0;
	}
	if (section == NULL && section_exists(v->string)) {
		if (!cJSON_IsObject(v))
			return field_error(r, section, v, "an object", err);
		return section_load(r, v->string, v, o, err);
	}
	return field_error(r, section, v, "none of that name", err);
}

static int
section_load(const struct reader *r, const char *section, const cJSON *object, struct options *o,
	struct error *err)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, object) {
		int rc = field_load(r, section, v, o, err);

		if (rc != 0)
			return rc;
	}
	return 0;
}

static char *
file_read(const char *path, struct error *err)
{
	FILE *f = fopen(path, "re");
	char *text;
	size_t n;

	if (f == NULL) {
		error_field(err, -errno, "--config", "--config: %s: %s", path, strerror(errno));
		return NULL;
	}
	text = malloc(FILE_MAX + 1);
	n = text != NULL ? fread(text, 1, FILE_MAX + 1, f) : 0;
	if (text == NULL || ferror(f) || n > FILE_MAX || memchr(text, '\0', n) != NULL) {
		error_field(err, -EINVAL, "--config",
			"--config: %s: cannot be read as text of at most 1 MiB", path);
		free(text);
		text = NULL;
	} else {
		text[n] = '\0';
	}
	fclose(f);
	return text;
}

int
config_load(const char *path, struct options *o, struct error *err)
{
	char *text = file_read(path, err);
	struct reader r = {path, text};
	const char *end = NULL;
	int rc;

	if (text == NULL)
		return -EINVAL;
	o->document = cJSON_ParseWithOpts(text, &end, true);
	if (!cJSON_IsObject(o->document))
		rc = error_field(err, -EINVAL, "--config", "%s:%u: not a JSON object", path,
			end != NULL ? line_of(text, end) : 1);
	else
		rc = section_load(&r, NULL, o->document, o, err);
	free(text);
	return rc;
}
