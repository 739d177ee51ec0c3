/* SPDX-License-Identifier: BSD-3-Clause */
// Lists, clears and inserts. Whatever was queued before a request is committed first where the
// sink takes it, so a caller sees its own writes.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/json_bson.h"
#include "store/store_private.h"

static int
list_run(struct store *s, const struct store_request *r, struct json_out *out, struct error *err)
{
	return s->ops->list(s->sink, &r->query, out, err);
}

static int
alerts_run(struct store *s, const struct store_request *r, struct json_out *out,
	struct error *err)
{
	bool more = false;
	int rc;

	// A list without the newest would not be what it says.
	if (s->pending_n > 0)
		return error_set(err, -EAGAIN, "%s", s->now.state);
	json_out_open(out, '{');
	json_out_key(out, "alerts");
	rc = s->ops->alerts_list(s->sink, &r->query, out, &more, err);
	json_out_key_bool(out, "more", more);
	json_out_key_str(out, "source", "local");
	json_out_close(out, '}');
	return rc;
}

static int
clear_run(struct store *s, struct json_out *out, struct error *err)
{
	uint64_t deleted;
	int rc = s->ops->clear(s->sink, &deleted, err);

	if (rc != 0)
		return rc;
	json_out_open(out, '{');
	json_out_key_u64(out, "deleted", deleted);
	json_out_close(out, '}');
	return 0;
}

static int
insert_run(struct store *s, const struct store_request *r, struct json_out *out,
	struct error *err)
{
	struct document *d = r->document;
	uint32_t fresh;
	int rc = s->ops->write(s->sink, &d, 1, &fresh, err);

	if (rc != 0)
		return rc;
	s->now.stored++;
	json_out_open(out, '{');
	json_out_key_u64(out, "inserted", fresh);
	json_out_close(out, '}');
	return 0;
}

static int
known_run(struct store *s, const struct store_request *r, struct json_out *out, struct error *err)
{
	bool known;
	int rc = s->ops->capture_known(s->sink, &r->capture, &known, err);

	if (rc == 0)
		json_out_raw(out, known ? "true" : "false");
	return rc;
}

// A capture counts as read only with its results on the disk, so they go first or it has to wait.
static int
remember_run(struct store *s, const struct store_request *r, struct json_out *out,
	struct error *err)
{
	int rc;

	if (s->pending_n > 0)
		return error_set(err, -EAGAIN, "documents wait: %s", s->now.state);
	rc = s->ops->capture_remember(s->sink, &r->capture, err);
	if (rc == 0)
		json_out_raw(out, "true");
	return rc;
}

static int
request_execute(struct store *s, const struct store_request *r, struct json_out *out,
	struct error *err)
{
	switch (r->type) {
	case STORE_LIST:
		return list_run(s, r, out, err);
	case STORE_DAILY_LIST:
		return s->ops->daily_list(s->sink, &r->daily, out, err);
	case STORE_ALERT_LIST:
		return alerts_run(s, r, out, err);
	case STORE_CLEAR:
		return clear_run(s, out, err);
	case STORE_CAPTURE_KNOWN:
		return known_run(s, r, out, err);
	case STORE_CAPTURE_REMEMBER:
		return remember_run(s, r, out, err);
	default:
		return insert_run(s, r, out, err);
	}
}

static void
pending_commit_all(struct store *s)
{
	while (s->pending_n > 0 && store_sink_ready(s))
		store_commit(s);
}

static int
request_try(struct store *s, const struct store_request *r, struct json_out *out,
	struct error *err)
{
	int rc;

	// A document from outside must be JSON, or it would spoil every list that it is in.
	if (r->type == STORE_INSERT) {
		rc = json_bson_check(r->document->json, r->document->len, err);
		if (rc != 0)
			return rc;
	}
	pending_commit_all(s);
	if (s->sink == NULL && !store_sink_ready(s))
		return error_set(err, -EIO, "%s", s->now.state);
	rc = request_execute(s, r, out, err);
	// These are the request's own.
	if (rc != 0 && rc != -ENOMEM && rc != -E2BIG && rc != -EAGAIN)
		store_fault(s, rc, err);
	return rc;
}

void
store_request_run(struct store *s, struct store_request *r)
{
	struct json_out out = {0};
	struct error err = {0};
	int rc = request_try(s, r, &out, &err);

	if (rc == 0 && out.failed)
		rc = error_set(&err, -ENOMEM, "out of memory");
	r->reply(r->arg, rc, rc == 0 ? out.data : err.text);
	json_out_free(&out);
	document_put(r->document);
	free(r);
}
