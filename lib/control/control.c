/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access/login.h"
#include "access/verifier.h"
#include "base/clock.h"
#include "base/log.h"
#include "control/call.h"
#include "control/internal.h"
#include "control/json_scan.h"
#include "control/session.h"

// Birth, loop and end of the control plane, and the door for the program's own threads.

// The users' file, and what is needed only where there is one.
static int
users_open(struct control *c, const char *file, struct error *err)
{
	if (file == NULL)
		return 0;
	if (access_init() != 0)
		return error_set(err, -EIO, "libsodium cannot be used on this machine");
	c->users = users_read(file, err);
	if (c->users == NULL)
		return -EINVAL;
	if (c->users->user_count + c->users->token_count == 0)
		return error_field(err, -EINVAL, "--users",
			"--users: %s: has no users yet; weir passwd makes them", file);
	c->users_file = strdup(file);
	c->logins = logins_create();
	c->throttle = throttle_create();
	c->verifier = verifier_create();
	return c->users_file != NULL && c->logins != NULL && c->throttle != NULL &&
		c->verifier != NULL ? 0 : error_set(err, -ENOMEM, "out of memory");
}

void
control_reload(struct control *c)
{
	struct users *users;
	struct error err;

	if (c->users_file == NULL)
		return;
	users = users_read(c->users_file, &err);
	if (users == NULL) {
		log_error("control", "users not reloaded: %s", err.text);
		return;
	}
	users_put(c->users);
	c->users = users;
	sessions_recheck(c);
	log_notice("control", "%s reloaded: %u users, %u tokens", c->users_file, users->user_count,
		users->token_count);
}

static int
listen_open(struct control *c, const struct control_params *p, struct error *err)
{
	int rc = listen_address_parse(p->address, p->port, &c->listen, err);

	if (rc != 0)
		return rc;
	snprintf(c->address, sizeof(c->address), "%s", p->address);
	rc = listener_open(&c->listen, c->address, &c->listen_fd, &c->port, err);
	if (rc == 0 && !c->listen.loopback && c->users == NULL)
		log_warning("control", "listening on %s port %u without users: whoever reaches this "
			"address can see and change everything", c->address, c->port);
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
	TAILQ_INIT(&c->peers);
	c->mailbox = mailbox_create();
	if (p->panel_dir != NULL)
		c->panel_dir = strdup(p->panel_dir);
	if (c->mailbox == NULL || (p->panel_dir != NULL && c->panel_dir == NULL) ||
		publish_create(c) != 0) {
		error_set(err, -ENOMEM, "out of memory");
		goto fail;
	}
	if (p->listen && users_open(c, p->users_file, err) != 0)
		goto fail;
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
	verifier_free(c->verifier);
	throttle_free(c->throttle);
	logins_free(c->logins);
	users_put(c->users);
	free(c->users_file);
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
	if (c->users != NULL && clock_monotonic_us() >= c->recheck_us) {
		sessions_recheck(c);
		c->recheck_us = clock_monotonic_us() + CLOCK_US_PER_S;
	}
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
