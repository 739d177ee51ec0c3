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
request_execute(struct store *s, const struct store_request *r, struct json_out *out,
	struct error *err)
{
	switch (r->type) {
	case STORE_LIST:
		return list_run(s, r, out, err);
	case STORE_CLEAR:
		return clear_run(s, out, err);
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
	if (rc != 0 && rc != -ENOMEM && rc != -E2BIG)  // these two are the request's own
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
