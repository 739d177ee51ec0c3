/* SPDX-License-Identifier: BSD-3-Clause */
#include "replay_capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_ether.h>

#include "base/log.h"
#include "port/capture.h"
#include "rewrite.h"

#define FIELD "replay.pcap"
#define LINKTYPE_ETHERNET 1
#define READ_BURST 64

enum refusal {
	REFUSED_LINK_TYPE,  // no Ethernet
	REFUSED_TOO_SHORT,  // less than an Ethernet header was recorded
	REFUSED_TOO_LONG,   // longer than max_bytes
	REFUSALS,
};

static const char *const refusal_names[REFUSALS] = {"link_type", "too_short", "too_long"};

struct packet {
	uint64_t ns;
	uint64_t at;        // of its bytes
	uint32_t captured;
	uint32_t bytes;     // on the wire
};

struct replay_capture {
	struct replay_source source;
	bool rewrite;
	uint32_t max_bytes;
	uint64_t next;
	struct packet *packets;
	uint64_t room;
	uint8_t *bytes;
	uint64_t byte_count;
	uint64_t byte_room;
	uint64_t refused[REFUSALS];
};

static int
packets_grow(struct replay_capture *c)
{
	uint64_t room = RTE_MAX(c->room * 2, UINT64_C(4096));
	struct packet *packets;

	if (c->source.packets < c->room)
		return 0;
	if (room > REPLAY_CAPTURE_PACKETS_MAX)
		return -E2BIG;
	packets = reallocarray(c->packets, room, sizeof(*packets));
	if (packets == NULL)
		return -ENOMEM;
	c->packets = packets;
	c->room = room;
	return 0;
}

static int
bytes_grow(struct replay_capture *c, uint32_t more)
{
	uint64_t room = RTE_MAX(c->byte_room * 2, UINT64_C(1) << 20);
	uint8_t *bytes;

	if (c->byte_count + more <= c->byte_room)
		return 0;
	if (room > REPLAY_CAPTURE_BYTES_MAX)
		return -E2BIG;
	bytes = realloc(c->bytes, room);
	if (bytes == NULL)
		return -ENOMEM;
	c->bytes = bytes;
	c->byte_room = room;
	return 0;
}

static enum refusal
record_check(const struct replay_capture *c, const struct capture_record *r)
{
	if (r->linktype != LINKTYPE_ETHERNET)
		return REFUSED_LINK_TYPE;
	if (r->captured < RTE_ETHER_HDR_LEN)
		return REFUSED_TOO_SHORT;
	return r->wire_bytes > c->max_bytes ? REFUSED_TOO_LONG : REFUSALS;
}

static int
record_add(struct replay_capture *c, const struct capture_record *r)
{
	enum refusal why = record_check(c, r);
	uint64_t ns = r->ts_ns;
	int rc;

	if (why != REFUSALS) {
		c->refused[why]++;
		return 0;
	}
	rc = packets_grow(c);
	if (rc == 0)
		rc = bytes_grow(c, r->captured);
	if (rc != 0)
		return rc;
	// Where stamps go back, packets keep their order.
	if (c->source.packets > 0)
		ns = RTE_MAX(ns, c->packets[c->source.packets - 1].ns);
	memcpy(c->bytes + c->byte_count, r->data, r->captured);
	c->packets[c->source.packets++] = (struct packet){ns, c->byte_count, r->captured,
		r->wire_bytes};
	c->byte_count += r->captured;
	return 0;
}

static int
file_read(struct replay_capture *c, const char *path, struct error *err)
{
	struct capture_record records[READ_BURST];
	struct error fault;
	struct capture *file = capture_open(path, &fault);
	unsigned int n;
	int rc = 0;

	if (file == NULL)
		return error_field(err, -EINVAL, FIELD, FIELD ": %s", fault.text);
	while (rc == 0 && (n = capture_read_burst(file, records, READ_BURST)) > 0)
		for (unsigned int i = 0; rc == 0 && i < n; i++)
			rc = record_add(c, &records[i]);
	if (rc == -E2BIG)
		error_field(err, rc, FIELD, FIELD ": found more than %u MiB or %u million packets, "
			"allowed is so much at a time",
			(unsigned int)(REPLAY_CAPTURE_BYTES_MAX >> 20),
			(unsigned int)(REPLAY_CAPTURE_PACKETS_MAX / 1000000));
	else if (rc != 0)
		error_field(err, rc, FIELD, FIELD ": no memory for its packets");
	else if (capture_fault(file) != NULL)
		log_warning("pktgen", "replay: %s", capture_fault(file));
	capture_close(file);
	return rc;
}

static int
files_read(struct replay_capture *c, const char *list, struct error *err)
{
	struct error fault;
	char **paths = capture_list_expand(list, &fault);
	int rc = 0;

	if (paths == NULL)
		return error_field(err, -ENOENT, FIELD, FIELD ": %s", fault.text);
	for (char **path = paths; rc == 0 && *path != NULL; path++)
		rc = file_read(c, *path, err);
	capture_list_free(paths);
	if (rc == 0 && c->source.packets == 0)
		rc = error_field(err, -EINVAL, FIELD, FIELD ": found no packet that can be sent");
	return rc;
}

static void
capture_free(struct replay_source *s)
{
	struct replay_capture *c = (struct replay_capture *)s;

	free(c->packets);
	free(c->bytes);
	free(c);
}

static void
capture_rewind(struct replay_source *s)
{
	((struct replay_capture *)s)->next = 0;
}

static bool
capture_next_ns(const struct replay_source *s, uint64_t *ret_ns)
{
	const struct replay_capture *c = (const struct replay_capture *)s;

	if (c->next == s->packets)
		return false;
	*ret_ns = c->packets[c->next].ns;
	return true;
}

static uint32_t
capture_write(struct replay_source *s, uint64_t loop, uint8_t *to, uint32_t *ret_flow)
{
	struct replay_capture *c = (struct replay_capture *)s;
	const struct packet *p = &c->packets[c->next++];

	memcpy(to, c->bytes + p->at, p->captured);
	memset(to + p->captured, 0, p->bytes - p->captured);
	if (c->rewrite)
		rewrite_addresses(to, p->captured, (uint32_t)loop);
	*ret_flow = 0;
	return p->bytes;
}

static void
capture_report(const struct replay_source *s, struct json_out *out)
{
	const struct replay_capture *c = (const struct replay_capture *)s;

	json_out_key_u64(out, "packets", s->packets);
	json_out_key(out, "refused");
	json_out_open(out, '{');
	for (unsigned int i = 0; i < REFUSALS; i++)
		json_out_key_u64(out, refusal_names[i], c->refused[i]);
	json_out_close(out, '}');
}

static const struct replay_source_ops capture_ops = {
	.free = capture_free,
	.rewind = capture_rewind,
	.next_ns = capture_next_ns,
	.write = capture_write,
	.report = capture_report,
};

struct replay_source *
replay_capture_create(const struct replay_spec *spec, struct error *err)
{
	struct replay_capture *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		error_field(err, -ENOMEM, FIELD, FIELD ": no memory for its packets");
		return NULL;
	}
	c->source.ops = &capture_ops;
	c->rewrite = spec->rewrite;
	c->max_bytes = spec->max_bytes;
	if (files_read(c, spec->path, err) != 0) {
		capture_free(&c->source);
		return NULL;
	}
	c->source.first_ns = c->packets[0].ns;
	c->source.last_ns = c->packets[c->source.packets - 1].ns;
	return &c->source;
}
