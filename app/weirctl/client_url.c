/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/pem.h>

#include "client_internal.h"

// Where to connect, and what may be sent there.

#define PATH_DEFAULT "ws"

// "ws://host:8080/path" into its parts, which may have no blanks or controls.
int
client_url_parse(struct client *c, const char *text, struct error *err)
{
	const char *scheme, *path;

	if (text[strcspn(text, " \t\r\n\"<>")] != '\0' || strlen(text) >= sizeof(c->host) - 16 ||
	    asprintf(&c->url, "%s%s", strstr(text, "://") == NULL ? "ws://" : "", text) < 0 ||
	    lws_parse_uri(c->url, &scheme, &c->address, &c->port, &path) != 0 ||
	    c->address[0] == '\0' || c->port < 1 || c->port > 65535 ||
	    (strcmp(scheme, "ws") != 0 && strcmp(scheme, "wss") != 0))
		return error_field(err, -EINVAL, "--server", "--server: found '%s', allowed: "
			"ws://HOST:PORT or wss://HOST:PORT", text);
	c->tls = strcmp(scheme, "wss") == 0;
	snprintf(c->host, sizeof(c->host), strchr(c->address, ':') != NULL ? "[%s]:%d" : "%s:%d",
		c->address, c->port);
	// lws gives a path without its slash, or "/" for none.
	snprintf(c->path, sizeof(c->path), "/%s", *path != '\0' && strcmp(path, "/") != 0 ? path :
		PATH_DEFAULT);
	return 0;
}

static bool
is_loopback(const char *address)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, address, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, address, &six) == 1)
		return IN6_IS_ADDR_LOOPBACK(&six);
	return strcasecmp(address, "localhost") == 0;
}

// A token that goes over a network in clear belongs to whoever listens there.
int
client_token_check(const struct client *c, struct error *err)
{
	if (c->params.token == NULL || c->tls || c->params.insecure || is_loopback(c->address))
		return 0;
	return error_field(err, -EINVAL, "--server", "--server: %s: a token goes to other machines by "
		"wss:// only, or in clear with --insecure", c->host);
}

// Is a certificate in this file? libwebsockets would not say that there is none.
int
client_ca_check(const char *path, struct error *err)
{
	FILE *f = fopen(path, "re");
	X509 *certificate = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
	int rc = f == NULL ? -errno : certificate == NULL ? -EINVAL : 0;

	X509_free(certificate);
	if (f != NULL)
		fclose(f);
	return rc == 0 ? 0 : error_field(err, rc, "--ca", "--ca: cannot read '%s': %s", path,
		rc == -EINVAL ? "no certificate in PEM" : strerror(-rc));
}
