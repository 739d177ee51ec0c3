/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "control/internal.h"

// A page of another site, open in the browser of somebody who may reach Weir, must not reach it.
// Two checks: the Host header has to be a name that only means us, by itself or because the
// configuration says so (else a foreign DNS name was
// made to point here, "DNS rebinding"), and an Origin header has to be the same as the Host
// (else the request comes from a page that we did not serve), and with TLS say https, as somebody on
// the way can make a page of http.

#define HOST_LEN 256

// "name", "name:port", "[v6]:port" -> the name without brackets. false: none of these.
static bool
host_split(const char *host, char *ret_name, size_t size)
{
	const char *start = host, *end, *port;

	if (*host == '[') {
		start++;
		end = strchr(start, ']');
		if (end == NULL)
			return false;
		port = end + 1;
	} else {
		end = port = host + strcspn(host, ":");
	}
	if (*port != '\0' && (*port != ':' || port[1 + strspn(port + 1, "0123456789")] != '\0'))
		return false;
	if (end == start || (size_t)(end - start) >= size)
		return false;
	memcpy(ret_name, start, (size_t)(end - start));
	ret_name[end - start] = '\0';
	return true;
}

static bool
same_address(const struct listen_address *a, const struct listen_address *b)
{
	if (a->addr.ss_family != b->addr.ss_family)
		return false;
	if (a->addr.ss_family == AF_INET)
		return ((const struct sockaddr_in *)&a->addr)->sin_addr.s_addr ==
			((const struct sockaddr_in *)&b->addr)->sin_addr.s_addr;
	return memcmp(&((const struct sockaddr_in6 *)&a->addr)->sin6_addr,
		&((const struct sockaddr_in6 *)&b->addr)->sin6_addr, sizeof(struct in6_addr)) == 0;
}

static bool
is_our_hostname(const char *name)
{
	char own[HOST_LEN];

	return gethostname(own, sizeof(own)) == 0 && strcasecmp(own, name) == 0;
}

static bool
is_given_name(const cJSON *names, const char *name)
{
	const cJSON *given;

	cJSON_ArrayForEach(given, names)
		if (strcasecmp(given->valuestring, name) == 0)
			return true;
	return false;
}

bool
guard_host(const struct listen_address *a, const cJSON *names, const char *host)
{
	struct listen_address named;
	char name[HOST_LEN];

	if (!host_split(host, name, sizeof(name)))
		return false;
	if (strcasecmp(name, "localhost") == 0 || is_given_name(names, name))
		return true;
	if (listen_address_parse(name, 0, &named, NULL) != 0)
		return !a->loopback && is_our_hostname(name);
	// Reached by address, nothing was rebound; behind a wildcard any address may be ours.
	return named.loopback || a->wildcard || same_address(a, &named);
}

bool
guard_origin(const char *origin, const char *host, bool tls)
{
	if (!tls && strncasecmp(origin, "http://", 7) == 0)
		return strcasecmp(origin + 7, host) == 0;
	if (strncasecmp(origin, "https://", 8) == 0)
		return strcasecmp(origin + 8, host) == 0;
	return false;
}

// What browsers say of where a request comes from; others do not say it.
static bool
is_cross_site(struct lws *wsi)
{
	static const char name[] = "sec-fetch-site:";
	char site[24];
	int n = lws_hdr_custom_copy(wsi, site, sizeof(site), name, sizeof(name) - 1);

	return n > 0 && (strcasecmp(site, "cross-site") == 0 || strcasecmp(site, "same-site") == 0);
}

bool
guard_request(const struct control *c, struct lws *wsi, const struct client *client,
	bool need_origin)
{
	char host[HOST_LEN], origin[HOST_LEN + 8];

	if (lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST) <= 0 ||
		!guard_host(&c->listen, c->names, host))
		return false;
	if (need_origin && is_cross_site(wsi))
		return false;
	if (!need_origin || lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) == 0)
		return true;
	return lws_hdr_copy(wsi, origin, sizeof(origin), WSI_TOKEN_ORIGIN) > 0 &&
		guard_origin(origin, host, client->secure);
}
