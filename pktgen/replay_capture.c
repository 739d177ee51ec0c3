/* SPDX-License-Identifier: BSD-3-Clause */
#include "replay_capture.h"

#include <stdlib.h>
#include <string.h>

#include "rewrite.h"

struct replay_capture {
	struct replay_source source;
	const struct capture_frames *frames;
	const uint32_t *flow;  // by frame; NULL: nobody counts them
	bool rewrite;
	uint32_t copies;
	uint64_t next;
};

static void
capture_free(struct replay_source *s)
{
	free(s);
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
	*ret_ns = c->frames->frames[c->next].ns;
	return true;
}

// Of a frame. The flows of a copy are behind those of the one before it.
static uint32_t
flow_of(const struct replay_capture *c, uint64_t frame, uint64_t loop)
{
	uint32_t flow = c->flow != NULL ? c->flow[frame] : 0;

	if (c->copies == 1 || flow < CAPTURE_FLOWS_FIRST)
		return flow;
	return flow + (uint32_t)(loop % c->copies) * c->frames->flows.flows.count;
}

static uint32_t
capture_write(struct replay_source *s, uint64_t loop, uint8_t *to, uint32_t *ret_flow)
{
	struct replay_capture *c = (struct replay_capture *)s;
	const struct capture_frame *f = &c->frames->frames[c->next];

	memcpy(to, c->frames->bytes + f->at, f->captured);
	memset(to + f->captured, 0, f->bytes - f->captured);
	if (c->rewrite)
		rewrite_addresses(to, f->captured, (uint32_t)loop);
	*ret_flow = flow_of(c, c->next++, loop);
	return f->bytes;
}

static void
capture_report(const struct replay_source *s, struct json_out *out)
{
	const struct capture_frames *frames = ((const struct replay_capture *)s)->frames;

	json_out_key_u64(out, "packets", s->packets);
	json_out_key(out, "refused");
	json_out_open(out, '{');
	for (unsigned int i = 0; i < CAPTURE_REFUSALS; i++)
		json_out_key_u64(out, capture_refusal_names[i], frames->refused[i]);
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
replay_capture_create(const struct replay_spec *spec, const struct capture_frames *frames)
{
	struct replay_capture *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->source = (struct replay_source){.ops = &capture_ops, .packets = frames->count,
		.first_ns = frames->frames[0].ns,
		.last_ns = frames->frames[frames->count - 1].ns};
	c->frames = frames;
	c->flow = frames->flow;
	c->rewrite = spec->rewrite;
	c->copies = 1;
	return &c->source;
}

void
replay_capture_copies_set(struct replay_source *s, uint32_t copies)
{
	((struct replay_capture *)s)->copies = copies;
}
