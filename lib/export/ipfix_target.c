/* SPDX-License-Identifier: BSD-3-Clause */
#include "export/ipfix_target.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/units.h"

static int
target_error(struct error *err, const char *text, size_t len)
{
	return error_field(err, -EINVAL, "--ipfix", "--ipfix: '%.*s' is not allowed here: "
		"[udp:|tcp:]HOST:PORT, for instance 192.0.2.1:4739 or tcp:[2001:db8::1]:4739, "
		"separated by commas, at most %u", (int)(len < 80 ? len : 80), text,
		IPFIX_TARGETS_MAX);
}

// One collector, of len bytes.
static int
target_parse(const char *text, size_t len, struct ipfix_target *ret)
{
	char copy[IPFIX_HOST_MAX + 16];
	const char *at = copy;

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	*ret = (struct ipfix_target){.tcp = strncmp(at, "tcp:", 4) == 0};
	if (ret->tcp || strncmp(at, "udp:", 4) == 0)
		at += 4;
	if (units_parse_host_port(at, ret->host, sizeof(ret->host), &ret->port) != 0)
		return -EINVAL;
	snprintf(ret->name, sizeof(ret->name), "%s:%s", ret->tcp ? "tcp" : "udp", at);
	return 0;
}

static bool
target_is_among(const struct ipfix_target *t, const struct ipfix_target *list, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (strcmp(t->name, list[i].name) == 0)
			return true;
	return false;
}

int
ipfix_targets_parse(const char *text, struct ipfix_target *ret, struct error *err)
{
	int n = 0;

	for (const char *at = text;; at++, n++) {
		size_t len = strcspn(at, ",");

		if (n == IPFIX_TARGETS_MAX || target_parse(at, len, &ret[n]) != 0)
			return target_error(err, at, len);
		if (target_is_among(&ret[n], ret, (unsigned int)n))
			return error_field(err, -EINVAL, "--ipfix", "--ipfix: %s is named twice",
				ret[n].name);
		at += len;
		if (*at == '\0')
			return n + 1;
	}
}

int
ipfix_target_resolve(struct ipfix_target *t, struct error *err)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = t->tcp ? SOCK_STREAM : SOCK_DGRAM,
	};
	char port[8];
	int rc;

	snprintf(port, sizeof(port), "%u", t->port);
	rc = getaddrinfo(t->host, port, &hints, &t->addresses);
	if (rc == 0)
		return 0;
	t->addresses = NULL;
	return error_field(err, -EHOSTUNREACH, "--ipfix", "--ipfix: %s: the host '%s' cannot be "
		"found: %s", t->name, t->host, gai_strerror(rc));
}

void
ipfix_target_release(struct ipfix_target *t)
{
	if (t->addresses != NULL)
		freeaddrinfo(t->addresses);
	t->addresses = NULL;
}
