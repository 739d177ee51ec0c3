/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "control/call.h"
#include "control/internal.h"
#include "control/json_scan.h"

// Birth, loop and end of the control plane, and the door for the program's own threads.

static int
listen_open(struct control *c, const struct control_params *p, struct error *err)
{
	int rc = listen_address_parse(p->address, p->port, &c->listen, err);

	if (rc != 0)
		return rc;
	snprintf(c->address, sizeof(c->address), "%s", p->address);
	rc = listener_open(&c->listen, c->address, &c->listen_fd, &c->port, err);
	if (rc == 0 && !c->listen.loopback)
		log_warning("control", "listening on %s port %u: whoever reaches this address can "
			"see and change everything, there is no authentication yet", c->address,
			c->port);
	return rc;
}

struct control *
control_create(const struct control_params *p, const struct control_ops *ops, void *app,
	struct error *err)
{
	struct control *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	c->ops = ops;
	c->app = app;
	c->listen_fd = -1;
	c->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	TAILQ_INIT(&c->sessions);
	c->mailbox = mailbox_create();
	if (p->panel_dir != NULL)
		c->panel_dir = strdup(p->panel_dir);
	if (c->mailbox == NULL || (p->panel_dir != NULL && c->panel_dir == NULL) ||
		publish_create(c) != 0) {
		error_set(err, -ENOMEM, "out of memory");
		goto fail;
	}
	if ((p->listen && listen_open(c, p, err) != 0) || server_create(c, err) != 0)
		goto fail;
	c->mailbox->lws = c->lws;
	return c;
fail:
	control_free(c);
	return NULL;
}

void
control_free(struct control *c)
{
	if (c == NULL)
		return;
	if (c->mailbox != NULL)
		control_refuse_all(c);
	if (c->lws != NULL)
		lws_context_destroy(c->lws);
	if (c->listen_fd >= 0)
		close(c->listen_fd);
	if (c->spare_fd >= 0)
		close(c->spare_fd);
	publish_free(c);
	mailbox_put(c->mailbox);
	free(c->panel_dir);
	free(c);
}

static void
tick_due(lws_sorted_usec_list_t *timer)
{
	struct control *c = lws_container_of(timer, struct control, tick_timer);

	if (c->tick != NULL)
		c->tick(c->app);
	lws_sul_schedule(c->lws, 0, &c->tick_timer, tick_due, CONTROL_TICK_US);
}

void
control_run(struct control *c, void (*tick)(void *app))
{
	c->tick = tick;
	c->thread = pthread_self();
	__atomic_store_n(&c->running, true, __ATOMIC_RELEASE);
	lws_sul_schedule(c->lws, 0, &c->tick_timer, tick_due, CONTROL_TICK_US);
	control_mailbox_serve(c);
	while (!__atomic_load_n(&c->stop, __ATOMIC_ACQUIRE))
		if (lws_service(c->lws, 0) < 0)
			break;
	lws_sul_cancel(&c->tick_timer);
	control_refuse_all(c);
	__atomic_store_n(&c->running, false, __ATOMIC_RELEASE);
}

void
control_stop(struct control *c)
{
	__atomic_store_n(&c->stop, true, __ATOMIC_RELEASE);
	lws_cancel_service(c->lws);
}

uint16_t
control_listen_port(const struct control *c)
{
	return c->port;
}

void
control_stats_get(const struct control *c, struct control_stats *ret)
{
	ret->clients = __atomic_load_n(&c->stats.clients, __ATOMIC_RELAXED);
	ret->requests = __atomic_load_n(&c->stats.requests, __ATOMIC_RELAXED);
	ret->notifications = __atomic_load_n(&c->stats.notifications, __ATOMIC_RELAXED);
	ret->dropped = __atomic_load_n(&c->stats.dropped, __ATOMIC_RELAXED);
}
