/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "command_line.h"
#include "config/schema.h"
#include "control/json_place.h"
#include "options_recover.h"

#define SETTLE_DEFAULT_US (5 * CLOCK_US_PER_S)
#define SETTLE_NOT_GIVEN UINT64_MAX

static void
defaults_set(struct options *o)
{
	static const struct store_bounds bounds = STORE_BOUNDS_DEFAULT;

	*o = (struct options){
		.listen = true,
		.listen_address = "127.0.0.1",
		.listen_port = 8080,
		.limits = {60 * CLOCK_US_PER_S, 120 * CLOCK_US_PER_S, true},
		.flow_capacity = 1048576,
		.key_budget = KEY_BUDGET_DEFAULT,
		.settle_us = SETTLE_NOT_GIVEN,
		.store_bounds = bounds,
		.pane_us = CLOCK_US_PER_S,
		.ipfix_params = {.domain = 1, .template_us = 60 * CLOCK_US_PER_S,
			.template_messages = 1000, .message_bytes = 1400},
		.alert_per_minute = 60,
		.alert_at_once = 4,
		.alert_timeout_us = 10 * CLOCK_US_PER_S,
		.parameters = {.H = 10, .T = 10, .k = 10, .X = 2},
	};
	if (gethostname(o->appliance, sizeof(o->appliance) - 1) != 0)
		snprintf(o->appliance, sizeof(o->appliance), "weir");
}

// With --pcap nothing is served, stored or kept unless it is asked for, and the report is printed.
static void
defaults_offline(struct options *o)
{
	o->listen = false;
	o->store = "none";
	o->report = "-";
}

// The field that the value of an option or of a part of a field came from; NULL: not from the file.
static const struct config_field *
field_in_file(const struct options *o, const char *name)
{
	const struct config_field *f = NULL;

	if (o->file.document == NULL)
		return NULL;
	if (*name != '-') {
		f = config_field_of(name);
	} else {
		while ((f = config_field_next(f)) != NULL)
			if (f->option != NULL && strcmp(f->option, name) == 0 &&
					config_value(o->file.document, f) != NULL)
				break;
	}
	if (f == NULL || config_value(o->file.document, f) == NULL ||
			(f->option != NULL && options_given(o, f->option)))
		return NULL;
	return f;
}

const char *
options_place(const struct options *o, const char *name, char *buf, size_t size)
{
	const struct config_field *f = field_in_file(o, name);

	if (f == NULL)
		snprintf(buf, size, "%s", "");
	else if (*name == '-')
		snprintf(buf, size, "%s:%u: %s: ", o->file.path, json_place_line(o->file.text,
			o->file.document, f->param.name), f->param.name);
	else
		snprintf(buf, size, "%s:%u: ", o->file.path,
			json_place_line(o->file.text, o->file.document, name));
	return buf;
}

bool
options_is_pci(const char *name)
{
	return strchr(name, ':') != NULL && strchr(name, '.') != NULL;
}

// An input on the command line replaces the configuration's ports.
static void
ports_override(struct options *o)
{
	if (o->demo || o->pcap != NULL || (o->iface != NULL && o->iface != o->iface_list))
		o->pci = NULL;
	if ((o->demo || o->pcap != NULL) && o->iface == o->iface_list)
		o->iface = NULL;
}

static bool
same_file(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, "-") != 0 && strcmp(a, b) == 0;
}

static bool
outputs_collide(const struct options *o)
{
	return same_file(o->flows, o->results) || same_file(o->flows, o->report) ||
		same_file(o->results, o->report);
}

static int
options_check(const struct options *o, struct error *err)
{
	if (o->demo + (o->pcap != NULL) + (o->iface != NULL) > 1)
		return error_field(err, -EINVAL, "--demo",
			"--demo, --pcap and --iface: only one of them at a time");
	if (o->follow && o->pcap == NULL)
		return error_field(err, -EINVAL, "--follow",
			"--follow: needs --pcap with the folder to follow");
	if (o->settle_us != SETTLE_NOT_GIVEN && !o->follow)
		return error_field(err, -EINVAL, "--follow-settle",
			"--follow-settle: has no meaning without --follow");
	if (!o->demo && o->pcap == NULL && o->iface == NULL && o->pci == NULL && !o->eal_given)
		return error_field(err, -EINVAL, "--demo", "no input: give --demo, --pcap, --iface, "
			"\"ports\" in --config, or ports through EAL options "
			"(weir -a 0000:01:00.0 -- ...)");
	if (o->eal_given && (o->iface != NULL || o->pci != NULL))
		return error_field(err, -EINVAL, "--iface", "--iface and configured ports go without EAL "
			"options; give EAL the ports: --vdev=net_af_packet0,iface=eth0 or -a 0000:01:00.0");
	if (o->interactive && o->stats_period_s > 0)
		return error_field(err, -EINVAL, "--stats-period", "--stats-period: not with -i, where "
			"`watch show ledger` does the same");
	if (outputs_collide(o))
		return error_field(err, -EINVAL, "--report", "--report, --flows and --results: "
			"must be different files");
	return 0;
}

// One line a fault; the last one is what err gets.
static int
faults_tell(const struct config_file *file, const struct error_list *faults, struct error *err)
{
	char line[sizeof(err->text)];

	for (unsigned int i = 0; i < error_list_kept(faults); i++) {
		config_file_fault(file, &faults->error[i], line, sizeof(line));
		if (i + 1 < error_list_kept(faults))
			fprintf(stderr, "weir: %s\n", line);
	}
	return error_field(err, -EINVAL, "--config", "%s", line);
}

static int
config_load(struct options *o, struct error *err)
{
	struct error_list faults = {.count = 0};
	struct error fault;
	int rc = config_file_read(o->config, &o->file, &fault);

	if (rc != 0)
		return error_field(err, rc, "--config", "--config: %s", fault.text);
	config_document_check(o->file.document, false, &faults);
	return faults.count > 0 ? faults_tell(&o->file, &faults, err) : 0;
}

// Old captures do not go into the appliance's history unless the command line says so.
static void
document_apply(struct options *o, const cJSON *document)
{
	config_document_apply(document, o);
	if (o->pcap == NULL)
		return;
	o->store = "none";
	o->push = NULL;
	o->ipfix = NULL;
}

static void
defaults_end(struct options *o)
{
	if (o->store == NULL)
		o->store = "sqlite:weir.db";
	ports_override(o);
}

void
options_derive(int argc, char **argv, const cJSON *document, bool line_wins, struct options *ret)
{
	struct error err;

	defaults_set(ret);
	ret->argc = argc;
	ret->argv = argv;
	command_line_apply(argc, argv, true, ret, &err);
	if (ret->pcap != NULL)
		defaults_offline(ret);
	if (line_wins)
		document_apply(ret, document);
	command_line_apply(argc, argv, false, ret, &err);
	if (!line_wins) {
		config_document_apply(document, ret);
		ret->given = 0;
	}
	defaults_end(ret);
}

int
options_parse(int argc, char **argv, struct options *ret, bool eal_given, struct error *err)
{
	int rc;

	defaults_set(ret);
	ret->eal_given = eal_given;
	ret->argc = argc;
	ret->argv = argv;
	// First what decides the defaults below everything else, then the file, then the rest.
	rc = command_line_apply(argc, argv, true, ret, err);
	if (rc != 0)
		return rc;
	if (ret->pcap != NULL)
		defaults_offline(ret);
	if (ret->config != NULL)
		rc = config_load(ret, err);
	if (rc == 0)
		document_apply(ret, ret->file.document);
	if (rc == 0)
		rc = command_line_apply(argc, argv, false, ret, err);
	defaults_end(ret);
	options_state_file(ret);
	if (rc == 0 && !ret->help && !ret->version && !options_recoverable(ret))
		rc = options_check(ret, err);
	return rc;
}

int
options_finish(struct options *o, struct error *err)
{
	int rc;

	options_recover(o);
	rc = options_check(o, err);
	if (o->settle_us == SETTLE_NOT_GIVEN)
		o->settle_us = SETTLE_DEFAULT_US;
	return rc;
}

void
options_free(struct options *o)
{
	config_file_free(&o->file);
}
