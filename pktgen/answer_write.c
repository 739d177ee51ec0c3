/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer_internal.h"

// The answer key's file: one JSON document, a second a line. Folding thread.

void
answer_out_flush(struct answer_key *k)
{
	if (k->out.failed)
		k->write_errno = ENOMEM;
	else if (fwrite(k->out.data, 1, k->out.len, k->file) != k->out.len)
		k->write_errno = errno != 0 ? errno : EIO;
	json_out_reset(&k->out);
}

int
answer_file_open(struct answer_key *k, const char *path, const char *profile, struct error *err)
{
	k->path = strdup(path);
	k->profile = strdup(profile);
	if (k->path == NULL || k->profile == NULL || asprintf(&k->part_path,
			"%s.%" PRIu64 ".part", path, k->plan->serial) < 0) {
		k->part_path = NULL;
		return error_set(err, -ENOMEM, "no memory for the answer key");
	}
	k->file = fopen(k->part_path, "we");
	if (k->file == NULL)
		return error_field(err, -errno, "answer_key", "answer_key: cannot write %s: %s",
			k->part_path, strerror(errno));
	json_out_open(&k->out, '{');
	json_out_key(&k->out, "seconds");
	json_out_open(&k->out, '[');
	answer_out_flush(k);
	return 0;
}

static int
text_set(char **at, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return -ENOMEM;
	free(*at);
	*at = copy;
	return 0;
}

int
answer_key_path_set(struct answer_key *k, const char *path)
{
	return text_set(&k->path, path);
}

int
answer_key_profile_set(struct answer_key *k, const char *profile)
{
	return text_set(&k->profile, profile);
}

static void
count_write(struct json_out *o, const char *name, const struct answer_count *c)
{
	if (c->packets == 0)
		return;
	json_out_key(o, name);
	json_out_open(o, '{');
	json_out_key_u64(o, "packets", c->packets);
	json_out_key_u64(o, "bytes", c->bytes);
	json_out_close(o, '}');
}

// What is in no flow, where there may be such.
static void
reasons_write(const struct answer_key *k, struct json_out *o, const struct answer_sums *s)
{
	if (k->plan->undescribed == 0)
		return;
	json_out_key(o, "undescribed");
	json_out_open(o, '{');
	for (unsigned int i = 1; i < DISCARD_COUNT; i++)
		count_write(o, discard_reason_name(i), &s->reasons[i]);
	json_out_close(o, '}');
}

static void
protocols_write(const struct answer_key *k, struct json_out *o, const struct answer_sums *s)
{
	json_out_key_u64(o, "packets", s->all.packets);
	json_out_key_u64(o, "bytes", s->all.bytes);
	json_out_key(o, "protocols");
	json_out_open(o, '{');
	for (uint16_t i = 0; i < k->protocol_count; i++)
		count_write(o, protocol_name(k->plan->names, i), &s->protocols[i]);
	json_out_close(o, '}');
	reasons_write(k, o, s);
}

void
answer_key_totals_write(const struct answer_key *k, struct json_out *out)
{
	json_out_open(out, '{');
	protocols_write(k, out, &k->total);
	json_out_close(out, '}');
}

void
answer_sums_write(const struct answer_key *k, struct json_out *o, const struct answer_sums *s)
{
	char text[ADDRESS_TEXT_LEN];

	protocols_write(k, o, s);
	json_out_key(o, "addresses");
	json_out_open(o, '{');
	for (uint32_t i = 0; i < k->address_count; i++) {
		struct address a;

		if (s->addresses[i].packets == 0)
			continue;
		a = plan_address(k->plan, i);
		count_write(o, address_format(&a, text), &s->addresses[i]);
	}
	json_out_close(o, '}');
}

void
answer_second_write(struct answer_key *k)
{
	fputs(k->any_second ? ",\n" : "\n", k->file);
	k->any_second = true;
	json_out_open(&k->out, '{');
	json_out_key_u64(&k->out, "second", k->second);
	answer_sums_write(k, &k->out, &k->now);
	if (k->keep_flows)
		answer_flows_write(k, &k->out);
	if (k->window != NULL)
		answer_rows_write(k, &k->out);
	json_out_close(&k->out, '}');
	answer_out_flush(k);
}

int
answer_file_finish(struct answer_key *k, struct error *err)
{
	fputs("\n],\"total\":", k->file);
	json_out_open(&k->out, '{');
	answer_sums_write(k, &k->out, &k->total);
	answer_out_flush(k);
	if (k->keep_flows)
		answer_flow_totals_write(k);
	fprintf(k->file, "},\n\"profile\":%s}\n", k->profile);
	if (ferror(k->file) && k->write_errno == 0)
		k->write_errno = EIO;
	if (fclose(k->file) != 0 && k->write_errno == 0)
		k->write_errno = errno;
	k->file = NULL;
	if (k->write_errno == 0 && rename(k->part_path, k->path) != 0)
		k->write_errno = errno;
	if (k->write_errno == 0)
		return 0;
	unlink(k->part_path);
	return error_field(err, -k->write_errno, "answer_key", "answer_key: cannot write %s: %s",
		k->path, strerror(k->write_errno));
}
