/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access/attempts.h"
#include "access/audit.h"
#include "access/bucket.h"
#include "access/login.h"
#include "access/verifier.h"
#include "base/clock.h"
#include "base/log.h"
#include "control/call.h"
#include "control/internal.h"
#include "control/json_scan.h"
#include "control/session.h"
#include "control/tls.h"
#include "query/networks.h"

// Birth, loop and end of the control plane, and the door for the program's own threads.

#define WAITING_BYTES (UINT64_C(256) << 20)

// The users' file, and what is needed only where there is one.
static int
users_open(struct control *c, const char *file, struct error *err)
{
	static const struct bucket_rate of_callers = {
		.places = 2 * USERS_MAX, .burst = CONTROL_CALLS_OF_CALLER_BURST,
		.refill_us = CLOCK_US_PER_S / CONTROL_CALLS_OF_CALLER_PER_S,
	};

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
	c->attempts = attempts_create();
	c->calls = bucket_table_create(&of_callers);
	c->calls_of_nobody = bucket_table_create(&of_callers);
	c->verifier = verifier_create();
	return c->users_file != NULL && c->logins != NULL && c->attempts != NULL &&
		c->calls != NULL && c->calls_of_nobody != NULL && c->verifier != NULL ? 0 : error_set(err, -ENOMEM, "out of memory");
}

// What a signal had read again: which file, and why not, if so.
static void
reload_note(struct control *c, const char *action, const char *file, const char *fault)
{
	struct json_out o = {0};
	char *params;

	json_out_open(&o, '{');
	json_out_key_str(&o, "file", file);
	json_out_close(&o, '}');
	params = json_out_take(&o);
	control_audit_note(c, "signal", action, params, fault);
	free(params);
}

static void
users_reload(struct control *c)
{
	struct users *users;
	struct error err;

	users = users_read(c->users_file, &err);
	reload_note(c, "users.reload", c->users_file, users == NULL ? err.text : NULL);
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

static void
certificate_reload(struct control *c)
{
	char expiry[TLS_EXPIRY_LEN];
	struct error err;
	int rc = tls_reload(c->tls, &err);

	reload_note(c, "tls.reload", c->tls_certificate, rc != 0 ? err.text : NULL);
	if (rc != 0) {
		log_error("control", "certificate not reloaded, the old one stays: %s", err.text);
		return;
	}
	tls_expiry(c->tls, expiry);
	log_notice("control", "%s reloaded: valid until %s", c->tls_certificate, expiry);
}

bool
control_reload(struct control *c)
{
	if (c->users_file != NULL)
		users_reload(c);
	if (c->tls != NULL)
		certificate_reload(c);
	return c->users_file != NULL || c->tls != NULL;
}

static bool
is_secure(const struct control *c)
{
	return c->tls != NULL && c->users != NULL;
}

static int
tls_open(struct control *c, const struct control_params *p, struct error *err)
{
	if ((p->tls_certificate == NULL) != (p->tls_key == NULL))
		return error_field(err, -EINVAL, p->tls_key == NULL ? "--tls-key" : "--tls-cert",
			"--tls-cert and --tls-key: one needs the other");
	if (p->tls_certificate == NULL)
		return 0;
	c->tls = tls_create(p->tls_certificate, p->tls_key, err);
	if (c->tls == NULL)
		return -EINVAL;
	c->tls_certificate = strdup(p->tls_certificate);
	c->tls_key = strdup(p->tls_key);
	return c->tls_certificate != NULL && c->tls_key != NULL ? 0 :
		error_set(err, -ENOMEM, "out of memory");
}

// Whom else Host may name, and whom to believe where a request comes from.
static int
names_take(struct control *c, const struct control_params *p, struct error *err)
{
	struct error_list errors = {.count = 0};

	if (p->names != NULL && (c->names = cJSON_Duplicate(p->names, true)) == NULL)
		return error_set(err, -ENOMEM, "out of memory");
	c->trusted_proxies = network_set_create(p->trusted_proxies, "listen.trusted_proxies",
		&errors);
	if (c->trusted_proxies != NULL)
		return 0;
	*err = errors.error[0];
	return -EINVAL;
}

static int
listen_open(struct control *c, const struct control_params *p, struct error *err)
{
	int rc = listen_address_parse(p->address, p->port, &c->listen, err);

	if (rc != 0)
		return rc;
	if (!c->listen.loopback && !is_secure(c) && !p->insecure)
		return error_field(err, -EACCES, "--listen", "--listen: %s is not loopback, allowed: "
			"with --tls-cert, --tls-key and --users, or with --insecure-listen", p->address);
	snprintf(c->address, sizeof(c->address), "%s", p->address);
	rc = listener_open(&c->listen, c->address, &c->listen_fd, &c->port, err);
	if (rc == 0 && !c->listen.loopback && !is_secure(c))
		log_warning("control", "listening on %s port %u %s", c->address, c->port,
			c->users == NULL ? "without users: whoever reaches this address can see and "
			"change everything" : "without TLS: whoever sees the packets can read "
			"passwords");
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
	c->params.waiting_bytes = p->waiting_bytes > 0 ? p->waiting_bytes : WAITING_BYTES;
	c->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	TAILQ_INIT(&c->sessions);
	TAILQ_INIT(&c->peers);
	c->mailbox = mailbox_create();
	c->audit = audit_create();
	if (p->panel_dir != NULL)
		c->panel_dir = strdup(p->panel_dir);
	if (c->mailbox == NULL || c->audit == NULL || (p->panel_dir != NULL && c->panel_dir == NULL) ||
		publish_create(c) != 0) {
		error_set(err, -ENOMEM, "out of memory");
		goto fail;
	}
	if (p->listen && (users_open(c, p->users_file, err) != 0 || tls_open(c, p, err) != 0 ||
		names_take(c, p, err) != 0))
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
	attempts_free(c->attempts);
	bucket_table_free(c->calls);
	bucket_table_free(c->calls_of_nobody);
	logins_free(c->logins);
	users_put(c->users);
	audit_free(c->audit);
	free(c->users_file);
	tls_free(c->tls);
	free(c->tls_certificate);
	free(c->tls_key);
	publish_free(c);
	mailbox_put(c->mailbox);
	network_set_free(c->trusted_proxies);
	cJSON_Delete(c->names);
	free(c->panel_dir);
	free(c);
}

int
control_audit_open(struct control *c, const char *path, struct error *err)
{
	return audit_open(c->audit, path, err);
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
	while (!__atomic_load_n(&c->stop, __ATOMIC_ACQUIRE)) {
		c->rounds++;
		if (lws_service(c->lws, 0) < 0)
			break;
	}
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
