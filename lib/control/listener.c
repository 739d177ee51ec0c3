/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "control/internal.h"

// The listening socket is ours, not lws': so "address in use" is one clear line before anything
// else starts, IPv4 and IPv6 are the same code, and the number of connections is bounded before
// lws spends memory on one.

static bool
ipv6_is_loopback(const struct in6_addr *a)
{
	return IN6_IS_ADDR_LOOPBACK(a) || (IN6_IS_ADDR_V4MAPPED(a) && a->s6_addr[12] == 127);
}

int
listen_address_parse(const char *text, uint16_t port, struct listen_address *ret,
	struct error *err)
{
	struct listen_address a = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&a.addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a.addr;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		a.len = sizeof(*v4);
		a.loopback = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
		a.wildcard = v4->sin_addr.s_addr == 0;
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		a.len = sizeof(*v6);
		a.loopback = ipv6_is_loopback(&v6->sin6_addr);
		a.wildcard = IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
	} else {
		return error_field(err, -EINVAL, "--listen",
			"--listen: found address '%s', allowed: an IPv4 or IPv6 address", text);
	}
	*ret = a;
	return 0;
}

static int
bind_fault(int rc, const char *name, uint16_t port, struct error *err)
{
	const char *why = rc == -EADDRINUSE ? "another program listens there already" :
		rc == -EADDRNOTAVAIL ? "this machine has no such address" : strerror(-rc);

	return error_field(err, rc, "--listen", "--listen: cannot listen on %s port %u: %s", name,
		port, why);
}

static uint16_t
bound_port(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return 0;
	return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port :
		((struct sockaddr_in *)&a)->sin_port);
}

int
listener_open(const struct listen_address *a, const char *name, int *ret_fd, uint16_t *ret_port,
	struct error *err)
{
	uint16_t port = ntohs(((const struct sockaddr_in *)&a->addr)->sin_port);
	int on = 1, rc;
	int fd = socket(a->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return bind_fault(-errno, name, port, err);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&a->addr, a->len) != 0 || listen(fd, 128) != 0) {
		rc = -errno;
		close(fd);
		return bind_fault(rc, name, port, err);
	}
	*ret_fd = fd;
	*ret_port = bound_port(fd);
	return 0;
}

int
listener_adopt(struct control *c, struct error *err)
{
	lws_sock_file_fd_type fd = {.filefd = c->listen_fd};

	if (lws_adopt_descriptor_vhost(c->vhost, LWS_ADOPT_RAW_FILE_DESC, fd, "weir.listen",
		NULL) == NULL)
		return error_set(err, -ENOMEM, "cannot listen: out of memory");
	c->listen_fd = -1;
	return 0;
}

static void
connection_refuse(int fd)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\n"
		"content-type: application/json\r\ncontent-length: 49\r\nconnection: close\r\n\r\n"
		"{\"error\":{\"message\":\"too many connections open\"}}";

	send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void
connection_adopt(struct control *c, int fd, const struct sockaddr_storage *from)
{
	struct peer *peer = peer_create(c, from);
	struct lws *wsi;

	if (peer == NULL) {
		connection_refuse(fd);
		return;
	}
	wsi = lws_adopt_socket_vhost(c->vhost, fd);
	if (wsi == NULL)
		peer_free(c, peer);  // lws closed it
	else
		peer_attach(peer, wsi);
}

// No descriptor is left, and the socket would wake us for ever: give up the spare one for as long
// as it takes to turn the client away.
static void
descriptors_exhausted(struct control *c, int listen_fd)
{
	int fd;

	close(c->spare_fd);
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	c->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	log_warning("control", "out of file descriptors, a connection was refused");
}

void
listener_accept(struct control *c, int listen_fd)
{
	struct sockaddr_storage from;

	for (int i = 0; i < 16; i++) {
		socklen_t len = sizeof(from);
		int fd = accept4(listen_fd, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			connection_adopt(c, fd, &from);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE)
			descriptors_exhausted(c, listen_fd);
		return;
	}
}
