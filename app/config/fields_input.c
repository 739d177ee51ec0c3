/* SPDX-License-Identifier: BSD-3-Clause */
#include "config/schema.h"

#include <stdio.h>
#include <string.h>

// What is measured, and how it is divided: appliance, ports, clock, workers, pane_ms.

#define PORT_NAME_MAX 15

static bool
ports_fit(const cJSON *v)
{
	return config_texts_fit(v, PORT_NAME_MAX, ", \t");
}

// PCI addresses are for EAL (-a); everything else is a kernel interface.
static void
ports_apply(struct options *o, const cJSON *v)
{
	size_t len = 0;
	const cJSON *p;

	o->ports = v;
	o->pci = NULL;
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

// Those of --iface take the place of the configuration's.
static cJSON *
ports_get(const struct options *o)
{
	if (o->iface != NULL && o->iface != o->iface_list)
		return config_list_make(o->iface);
	return o->ports != NULL ? cJSON_Duplicate(o->ports, true) : NULL;
}

// There is one clock for live input; a field of its own says so.
static void
clock_apply(struct options *o, const cJSON *v)
{
	(void)o;
	(void)v;
}

static cJSON *
clock_get(const struct options *o)
{
	(void)o;
	return cJSON_CreateString("wall");
}

static void
workers_apply(struct options *o, const cJSON *v)
{
	o->workers = (uint32_t)v->valuedouble;
}

static cJSON *
workers_get(const struct options *o)
{
	return o->workers != 0 ? cJSON_CreateNumber(o->workers) : NULL;
}

const struct config_field config_fields_input[] = {
	{{"appliance", PARAM_STRING, .min = 1, .max = 63,
		.help = "name of this Weir in pushed documents and system.info; without it, the host name"},
		.restart = true, .as = CONFIG_CHARS, .at = offsetof(struct options, appliance)},
	{{"ports", PARAM_STRINGS, .min = 1, .max = 64, .allowed =
		"an array of 1 to 64 names of kernel interfaces or PCI addresses, of at most 15 bytes",
		.help = "kernel interfaces (eth0) and PCI addresses (0000:01:00.0), mixed if you like; "
		"--demo, --pcap and --iface take their place"},
		.restart = true, .option = "--iface", .apply = ports_apply, .get = ports_get,
		.fits = ports_fit},
	{{"clock", PARAM_STRING, .choices = "wall", .def = "\"wall\"",
		.help = "of live input; --pcap always uses the packets' time"},
		.restart = true, .apply = clock_apply, .get = clock_get},
	{{"workers", PARAM_INTEGER, .min = 1, .max = 64, .unit = "RX lcores",
		.help = "without it, as many as there are queues and lcores"},
		.restart = true, .option = "--workers", .apply = workers_apply, .get = workers_get},
	{{"pane_ms", PARAM_INTEGER, .min = 100, .max = 60000, .unit = "ms", .def = "1000",
		.help = "length of a pane, which is how far windows slide; parameters.T is a multiple of it"},
		.restart = true, .as = CONFIG_MS, .at = offsetof(struct options, pane_us)},
	{{0}},
};
