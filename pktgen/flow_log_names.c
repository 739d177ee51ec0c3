/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_log_names.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#define PORT_DYNAMIC 49152u  // RFC 6335 section 6: these mean no protocol
#define PORT_MIN 1024u

static int
name_compare(const void *a, const void *b)
{
	const struct flow_log_device *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
devices_grow(struct flow_log_names *n)
{
	uint32_t room = RTE_MAX(n->device_room * 2, 1024u);
	struct flow_log_device **devices;

	if (n->device_count < n->device_room)
		return 0;
	devices = reallocarray(n->devices, room, sizeof(struct flow_log_device *));
	if (devices == NULL)
		return -ENOMEM;
	n->devices = devices;
	n->device_room = room;
	return 0;
}

static struct flow_log_device *
device_create(struct flow_log_names *n, const char *name)
{
	struct flow_log_device *d = devices_grow(n) == 0 ? calloc(1, sizeof(*d)) : NULL;

	if (d == NULL)
		return NULL;
	memcpy(d->name, name, strlen(name) + 1);
	d->is_address = address_parse(name, &d->address) == 0;
	if (!d->is_address)
		d->address = (struct address){.version = 4};
	if (tsearch(d, &n->root, name_compare) == NULL) {
		free(d);
		return NULL;
	}
	d->number = n->device_count;
	n->devices[n->device_count++] = d;
	return d;
}

struct flow_log_device *
flow_log_names_device(struct flow_log_names *n, const char *name)
{
	struct flow_log_device key, **found;

	memcpy(key.name, name, strlen(name) + 1);
	found = tfind(&key, &n->root, name_compare);
	return found != NULL ? *found : device_create(n, name);
}

void
flow_log_names_port(struct flow_log_names *n, uint32_t port)
{
	if (port < FLOW_LOG_PORT_NAMED)
		n->ports_plain[port] = true;
	else
		n->ports_named[port - FLOW_LOG_PORT_NAMED] = true;
}

static int
address_order(const void *a, const void *b)
{
	return address_compare(a, b);
}

// The devices that are addresses, sorted; NULL: no memory.
static struct address *
taken_list(const struct flow_log_names *n, size_t *ret_count)
{
	struct address *list = calloc(RTE_MAX(n->device_count, 1u), sizeof(*list));
	size_t count = 0;

	for (uint32_t i = 0; list != NULL && i < n->device_count; i++)
		if (n->devices[i]->is_address)
			list[count++] = n->devices[i]->address;
	if (list != NULL)
		qsort(list, count, sizeof(*list), address_order);
	*ret_count = count;
	return list;
}

int
flow_log_names_give_addresses(struct flow_log_names *n, const struct address_range *range,
	uint32_t *ret_needed)
{
	size_t taken_count;
	struct address *taken = taken_list(n, &taken_count);
	uint32_t host = 0;
	int rc = 0;

	if (taken == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < n->device_count && rc == 0; i++) {
		struct address a = {0};

		if (n->devices[i]->is_address)
			continue;
		do {
			rc = host < range->count ? 0 : -ENOSPC;
			a = address_range_at(range, host++);
		} while (rc == 0 &&
				bsearch(&a, taken, taken_count, sizeof(a), address_order) != NULL);
		n->devices[i]->address = a;
	}
	free(taken);
	*ret_needed = n->device_count;
	return rc;
}

// The next port after `port` that no record means by its number: dynamic ones first.
static uint32_t
port_next(const struct flow_log_names *n, uint32_t port)
{
	do
		port = port == UINT16_MAX ? PORT_MIN : port + 1;
	while (n->ports_plain[port] && port != PORT_DYNAMIC - 1);
	return port;
}

int
flow_log_names_give_ports(struct flow_log_names *n)
{
	uint32_t port = PORT_DYNAMIC - 1;
	bool any = false;

	for (uint32_t i = 0; i < FLOW_LOG_PORT_NAMES; i++) {
		if (!n->ports_named[i])
			continue;
		if (any && port == PORT_DYNAMIC - 1)
			return -ENOSPC;
		port = port_next(n, port);
		if (n->ports_plain[port])
			return -ENOSPC;
		n->port_of[i] = (uint16_t)port;
		any = true;
	}
	return 0;
}

static void
node_keep(void *node)
{
	(void)node;  // freed by the list of devices
}

void
flow_log_names_fini(struct flow_log_names *n)
{
	tdestroy(n->root, node_keep);
	for (uint32_t i = 0; i < n->device_count; i++)
		free(n->devices[i]);
	free(n->devices);
}
