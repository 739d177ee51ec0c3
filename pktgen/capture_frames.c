/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture_frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_ether.h>

#include "base/log.h"
#include "port/capture.h"

#define FIELD "replay.pcap"
#define LINKTYPE_ETHERNET 1
#define READ_BURST 64

const char *const capture_refusal_names[CAPTURE_REFUSALS] = {
	[CAPTURE_REFUSED_LINK_TYPE] = "link_type",
	[CAPTURE_REFUSED_TOO_SHORT] = "too_short",
	[CAPTURE_REFUSED_TOO_LONG] = "too_long",
};

static int
frames_grow(struct capture_frames *c)
{
	uint64_t room = RTE_MAX(c->room * 2, UINT64_C(4096));
	struct capture_frame *frames;

	if (c->count < c->room)
		return 0;
	if (room > CAPTURE_FRAMES_PACKETS_MAX)
		return -E2BIG;
	frames = reallocarray(c->frames, room, sizeof(*frames));
	if (frames == NULL)
		return -ENOMEM;
	c->frames = frames;
	c->room = room;
	return 0;
}

static int
bytes_grow(struct capture_frames *c, uint32_t more)
{
	uint64_t room = RTE_MAX(c->byte_room * 2, UINT64_C(1) << 20);
	uint8_t *bytes;

	if (c->byte_count + more <= c->byte_room)
		return 0;
	if (room > CAPTURE_FRAMES_BYTES_MAX)
		return -E2BIG;
	bytes = realloc(c->bytes, room);
	if (bytes == NULL)
		return -ENOMEM;
	c->bytes = bytes;
	c->byte_room = room;
	return 0;
}

static enum capture_refusal
record_check(const struct capture_frames *c, const struct capture_record *r)
{
	if (r->linktype != LINKTYPE_ETHERNET)
		return CAPTURE_REFUSED_LINK_TYPE;
	if (r->captured < RTE_ETHER_HDR_LEN)
		return CAPTURE_REFUSED_TOO_SHORT;
	return r->wire_bytes > c->max_bytes ? CAPTURE_REFUSED_TOO_LONG : CAPTURE_REFUSALS;
}

static int
record_add(struct capture_frames *c, const struct capture_record *r)
{
	enum capture_refusal why = record_check(c, r);
	uint64_t ns = r->ts_ns;
	int rc;

	if (why != CAPTURE_REFUSALS) {
		c->refused[why]++;
		return 0;
	}
	rc = frames_grow(c);
	if (rc == 0)
		rc = bytes_grow(c, r->captured);
	if (rc != 0)
		return rc;
	// Where stamps go back, packets keep their order.
	if (c->count > 0)
		ns = RTE_MAX(ns, c->frames[c->count - 1].ns);
	memcpy(c->bytes + c->byte_count, r->data, r->captured);
	c->frames[c->count++] = (struct capture_frame){ns, c->byte_count, r->captured,
		r->wire_bytes};
	c->byte_count += r->captured;
	return 0;
}

static int
file_read(struct capture_frames *c, const char *path, struct error *err)
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
			(unsigned int)(CAPTURE_FRAMES_BYTES_MAX >> 20),
			(unsigned int)(CAPTURE_FRAMES_PACKETS_MAX / 1000000));
	else if (rc != 0)
		error_field(err, rc, FIELD, FIELD ": no memory for its packets");
	else if (capture_fault(file) != NULL)
		log_warning("pktgen", "replay: %s", capture_fault(file));
	capture_close(file);
	return rc;
}

static int
files_read(struct capture_frames *c, const char *list, struct error *err)
{
	struct error fault;
	char **paths = capture_list_expand(list, &fault);
	int rc = 0;

	if (paths == NULL)
		return error_field(err, -ENOENT, FIELD, FIELD ": %s", fault.text);
	for (char **path = paths; rc == 0 && *path != NULL; path++)
		rc = file_read(c, *path, err);
	capture_list_free(paths);
	if (rc == 0 && c->count == 0)
		rc = error_field(err, -EINVAL, FIELD, FIELD ": found no packet that can be sent");
	return rc;
}

struct capture_frames *
capture_frames_read(const struct replay_spec *spec, struct error *err)
{
	struct capture_frames *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		error_field(err, -ENOMEM, FIELD, FIELD ": no memory for its packets");
		return NULL;
	}
	capture_flows_init(&c->flows);
	c->max_bytes = spec->max_bytes;
	if (files_read(c, spec->path, err) == 0)
		return c;
	capture_frames_free(c);
	return NULL;
}

int
capture_frames_describe(struct capture_frames *c)
{
	if (c->flow != NULL)
		return 0;
	c->flow = calloc(c->count, sizeof(*c->flow));
	if (c->flow == NULL)
		return -ENOMEM;
	for (uint64_t i = 0; i < c->count; i++) {
		const struct capture_frame *f = &c->frames[i];

		c->flow[i] = capture_flows_number(&c->flows, c->bytes + f->at, f->captured,
			f->bytes);
	}
	return 0;
}

void
capture_frames_free(struct capture_frames *c)
{
	if (c == NULL)
		return;
	capture_flows_fini(&c->flows);
	free(c->flow);
	free(c->frames);
	free(c->bytes);
	free(c);
}
