/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "control/internal.h"
#include "query/networks.h"

#define FORWARDED_LEN 2048

// As IPv4 in the last four of 16 bytes, mapped into IPv6, or as IPv6. The IP version.
static uint8_t
address_bytes(const struct sockaddr_storage *from, uint8_t ret[16])
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (from->ss_family == AF_INET6) {
		memcpy(ret, &v6->sin6_addr, 16);
		return IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) ? 4 : 6;
	}
	memcpy(ret, mapped, sizeof(mapped));
	memcpy(ret + 12, &v4->sin_addr, 4);
	return 4;
}

void
client_of_socket(const struct sockaddr_storage *from, struct client *ret)
{
	static const uint8_t loopback[16] = {[15] = 1};
	uint8_t bytes[16];

	*ret = (struct client){0};
	if (address_bytes(from, bytes) == 4) {
		memcpy(ret->address.bytes, bytes, 16);
		ret->loopback = bytes[12] == 127;
		inet_ntop(AF_INET, bytes + 12, ret->text, sizeof(ret->text));
		return;
	}
	memcpy(ret->address.bytes, bytes, 8);
	ret->loopback = memcmp(bytes, loopback, sizeof(bytes)) == 0;
	inet_ntop(AF_INET6, bytes, ret->text, sizeof(ret->text));
}

bool
client_is_trusted(const struct network_set *trusted, const struct sockaddr_storage *address)
{
	uint8_t bytes[16], version = address_bytes(address, bytes);

	return !network_set_empty(trusted) && network_set_contains(trusted, version, bytes);
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80", blanks around.
static bool
address_parse(char *text, struct sockaddr_storage *ret)
{
	struct listen_address a;
	char *end;

	text += strspn(text, " \t");
	for (end = text + strlen(text); end > text && (end[-1] == ' ' || end[-1] == '\t'); end--)
		end[-1] = '\0';
	if (*text == '[') {
		end = strchr(++text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		*end = '\0';
	} else if ((end = strchr(text, ':')) != NULL && strchr(end + 1, ':') == NULL) {
		*end = '\0';
	}
	if (listen_address_parse(text, 0, &a, NULL) != 0)
		return false;
	*ret = a.addr;
	return true;
}

int
client_of_forwarded(const struct network_set *trusted, char *text, struct client *ret)
{
	struct sockaddr_storage address;
	char *comma;

	do {
		comma = strrchr(text, ',');
		if (!address_parse(comma != NULL ? comma + 1 : text, &address))
			return -EINVAL;
		if (comma != NULL)
			*comma = '\0';
	} while (comma != NULL && client_is_trusted(trusted, &address));
	client_of_socket(&address, ret);
	ret->proxied = true;
	return 0;
}

// What the proxy says of its own connection.
static bool
is_forwarded_tls(struct lws *wsi)
{
	static const char name[] = "x-forwarded-proto:";
	char proto[8];

	return lws_hdr_custom_copy(wsi, proto, sizeof(proto), name, sizeof(name) - 1) > 0 &&
		strcasecmp(proto, "https") == 0;
}

int
client_of_request(const struct control *c, struct lws *wsi, const struct peer *peer,
	struct client *ret)
{
	char text[FORWARDED_LEN];
	int rc = 0;

	*ret = peer->client;
	if (peer->proxy && lws_hdr_total_length(wsi, WSI_TOKEN_X_FORWARDED_FOR) > 0)
		rc = lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_X_FORWARDED_FOR) <= 0 ?
			-EINVAL : client_of_forwarded(c->trusted_proxies, text, ret);
	ret->secure = c->tls != NULL || (peer->proxy && is_forwarded_tls(wsi));
	return rc;
}
