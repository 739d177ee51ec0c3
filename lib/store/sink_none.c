/* SPDX-License-Identifier: BSD-3-Clause */
// Keeps nothing: `--store none`. The store does not even queue documents for it, so that writing
// here is only the end of a path that ends for every sink in the same way.
#include "store/sink.h"

#include <errno.h>
#include <stdlib.h>

struct sink {
	char nothing;
};

static int
none_open(const struct sink_params *p, struct sink **ret, struct error *err)
{
	struct sink *s = calloc(1, sizeof(*s));

	(void)p;
	if (s == NULL)
		return error_set(err, -ENOMEM, "store none: out of memory");
	*ret = s;
	return 0;
}

static void
none_close(struct sink *s)
{
	free(s);
}

static int
none_write(struct sink *s, struct document *const *docs, uint32_t n, uint32_t *ret_new,
	struct error *err)
{
	(void)s, (void)docs, (void)n, (void)err;
	*ret_new = 0;
	return 0;
}

static int
none_list(struct sink *s, const struct store_query *q, struct json_out *out, struct error *err)
{
	(void)s, (void)q, (void)out;
	return error_set(err, -ENOTSUP, "store none keeps no results");
}

static int
none_daily_list(struct sink *s, const struct store_daily_query *q, struct json_out *out,
	struct error *err)
{
	(void)s, (void)q, (void)out;
	return error_set(err, -ENOTSUP, "store none keeps no daily totals");
}

static int
none_alerts_list(struct sink *s, const struct store_query *q, struct json_out *out,
	bool *ret_more, struct error *err)
{
	(void)s, (void)q, (void)out, (void)ret_more;
	return error_set(err, -ENOTSUP, "store none keeps no alerts");
}

static int
none_clear(struct sink *s, uint64_t *ret_deleted, struct error *err)
{
	(void)s, (void)ret_deleted;
	return error_set(err, -ENOTSUP, "store none keeps no results");
}

static int
none_capture_known(struct sink *s, const struct store_capture *c, bool *ret, struct error *err)
{
	(void)s, (void)c, (void)ret;
	return error_set(err, -ENOTSUP, "store none remembers no captures");
}

static int
none_capture_remember(struct sink *s, const struct store_capture *c, struct error *err)
{
	(void)s, (void)c;
	return error_set(err, -ENOTSUP, "store none remembers no captures");
}

static int
none_outbox_read(struct sink *s, struct outbox_row *rows, uint32_t n, uint64_t max_bytes,
	uint32_t *ret_n, struct error *err)
{
	(void)s, (void)rows, (void)n, (void)max_bytes, (void)err;
	*ret_n = 0;
	return 0;
}

static int
none_outbox_remove(struct sink *s, const int64_t *ids, uint32_t n, struct error *err)
{
	(void)s, (void)ids, (void)n, (void)err;
	return 0;
}

static void
none_outbox_stats(const struct sink *s, struct sink_outbox *ret)
{
	(void)s;
	*ret = (struct sink_outbox){0};
}

static void
none_kept_stats(const struct sink *s, enum document_kind k, struct store_kept *ret)
{
	(void)s, (void)k;
	*ret = (struct store_kept){0};
}

const struct sink_ops sink_none = {
	.scheme = "none",
	.open = none_open,
	.close = none_close,
	.write = none_write,
	.list = none_list,
	.daily_list = none_daily_list,
	.alerts_list = none_alerts_list,
	.clear = none_clear,
	.capture_known = none_capture_known,
	.capture_remember = none_capture_remember,
	.outbox_read = none_outbox_read,
	.outbox_remove = none_outbox_remove,
	.outbox_stats = none_outbox_stats,
	.kept_stats = none_kept_stats,
};
