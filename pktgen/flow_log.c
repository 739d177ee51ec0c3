/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow_log.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_ether.h>

#include "flow_frame.h"
#include "port/capture.h"
#include "port/capture_input.h"

#define FIELD "replay.logs"

const char *const flow_log_refusal_names[FLOW_LOG_REFUSALS] = {
	[FLOW_LOG_PROTOCOL] = "protocol",
	[FLOW_LOG_VERSIONS] = "ip_versions",
	[FLOW_LOG_EMPTY] = "no_packets",
	[FLOW_LOG_TOO_SHORT] = "too_few_bytes",
	[FLOW_LOG_TOO_LONG] = "too_many_bytes",
};

struct reader {
	const struct replay_spec *spec;
	struct flow_log *log;
	struct capture_input input;
	const char *path;
	uint64_t line;
	char text[FLOW_LOG_LINE_MAX + 1];
};

static bool
protocol_fits(uint8_t protocol, uint8_t version)
{
	return (protocol == IPPROTO_ICMP) <= (version == 4) &&
		(protocol == IPPROTO_ICMPV6) <= (version == 6);
}

// Can `packets` frames have these bytes in all? FLOW_LOG_REFUSALS: yes.
static enum flow_log_refusal
bytes_check(const struct replay_spec *s, uint32_t headers, uint64_t packets, uint64_t bytes)
{
	uint64_t off = s->ip_bytes ? RTE_ETHER_HDR_LEN : 0;
	uint64_t min = s->ip_bytes ? headers - off : RTE_MAX(headers, FRAME_BYTES_MIN);

	if (bytes < packets * min)
		return packets == 0 ? FLOW_LOG_EMPTY : FLOW_LOG_TOO_SHORT;
	return bytes > packets * (s->max_bytes - off) ? FLOW_LOG_TOO_LONG : FLOW_LOG_REFUSALS;
}

static uint32_t
headers_of(uint8_t protocol, uint8_t version)
{
	unsigned int kind = protocol == IPPROTO_TCP ? FRAME_TCP4 :
		protocol == IPPROTO_UDP ? FRAME_UDP4 : FRAME_ICMP4;

	return frame_header_bytes[version == 4 ? kind : kind + FRAME_TCP6];
}

static enum flow_log_refusal
record_check(const struct replay_spec *s, const struct flow_log_line *l, uint8_t src_version,
	uint8_t dst_version)
{
	enum flow_log_refusal why = FLOW_LOG_REFUSALS;
	uint32_t headers;

	if (l->protocol != IPPROTO_TCP && l->protocol != IPPROTO_UDP &&
			l->protocol != IPPROTO_ICMP && l->protocol != IPPROTO_ICMPV6)
		return FLOW_LOG_PROTOCOL;
	if (src_version != dst_version || !protocol_fits(l->protocol, src_version))
		return FLOW_LOG_VERSIONS;
	if (l->packets[0] == 0 && l->packets[1] == 0)
		return FLOW_LOG_EMPTY;
	headers = headers_of(l->protocol, src_version);
	for (unsigned int d = 0; d < 2 && why == FLOW_LOG_REFUSALS; d++)
		why = bytes_check(s, headers, l->packets[d], l->bytes[d]);
	return why;
}

static int
records_grow(struct flow_log *log, struct error *err)
{
	uint32_t room = RTE_MAX(log->room * 2, 1024u);
	struct flow_log_record *records;

	if (log->count < log->room)
		return 0;
	if (log->count == FLOW_LOG_RECORDS_MAX)
		return error_field(err, -E2BIG, FIELD, FIELD ": found more than %u records to send, "
			"allowed are so many at a time", FLOW_LOG_RECORDS_MAX);
	records = reallocarray(log->records, room, sizeof(*records));
	if (records == NULL)
		return error_field(err, -ENOMEM, FIELD, FIELD ": no memory for %u records", room);
	log->records = records;
	log->room = room;
	return 0;
}

static int
record_add(struct flow_log *log, const struct flow_log_line *l, const uint32_t *device,
	struct error *err)
{
	int rc = records_grow(log, err);

	if (rc != 0)
		return rc;
	for (unsigned int d = 0; d < 2; d++) {
		flow_log_names_port(&log->names, l->port[d]);
		log->packets += l->packets[d];
	}
	log->records[log->count] = (struct flow_log_record){
		.start_ns = l->time_ns, .duration_ns = l->duration_ns,
		.bytes = {l->bytes[0], l->bytes[1]},
		.packets = {(uint32_t)l->packets[0], (uint32_t)l->packets[1]},
		.device = {device[0], device[1]}, .port = {l->port[0], l->port[1]},
		.number = log->count, .protocol = l->protocol};
	log->count++;
	return 0;
}

static int
line_take(struct reader *r, struct error *err)
{
	struct flow_log_device *device[2];
	enum flow_log_refusal why;
	struct flow_log_line l;
	struct error fault;

	if (r->line == 1 && flow_log_line_is_header(r->text))
		return 0;
	if (flow_log_line_parse(r->text, &l, &fault) != 0)
		return error_field(err, -EINVAL, FIELD, FIELD ": %s:%" PRIu64 ": %s",
			capture_name_of(r->path).text, r->line, fault.text);
	for (unsigned int d = 0; d < 2; d++) {
		device[d] = flow_log_names_device(&r->log->names, l.device[d]);
		if (device[d] == NULL)
			return error_field(err, -ENOMEM, FIELD, FIELD ": no memory for its names");
	}
	why = record_check(r->spec, &l, device[0]->address.version, device[1]->address.version);
	if (why == FLOW_LOG_REFUSALS)
		return record_add(r->log, &l,
			(const uint32_t[2]){device[0]->number, device[1]->number}, err);
	r->log->refused[why]++;
	return 0;
}

// The next line into r->text. False at the end; too long a line stays, without an end, for the
// parser to refuse.
static bool
line_next(struct reader *r)
{
	struct capture_input *in = &r->input;
	const uint8_t *end;
	size_t len;

	while ((end = memchr(in->at, '\n', capture_input_left(in))) == NULL)
		if (capture_input_left(in) > FLOW_LOG_LINE_MAX || !capture_input_fill(in))
			break;
	len = end != NULL ? (size_t)(end - in->at) : capture_input_left(in);
	if (len == 0 && end == NULL)
		return false;
	r->line++;
	memcpy(r->text, in->at, RTE_MIN(len, (size_t)FLOW_LOG_LINE_MAX));
	r->text[RTE_MIN(len, (size_t)FLOW_LOG_LINE_MAX)] = '\0';
	// A byte 0 would hide what comes after it.
	if (len > FLOW_LOG_LINE_MAX || strlen(r->text) < len)
		strcpy(r->text, "(a line that is too long or no text)");
	else if (len > 0 && r->text[len - 1] == '\r')
		r->text[len - 1] = '\0';
	in->at += len + (end != NULL);
	return true;
}

static int
file_read(struct reader *r, const char *path, struct error *err)
{
	struct error fault;
	int rc = capture_input_open(&r->input, -1, path, CAPTURE_BUFFER, &fault);

	if (rc != 0)
		return error_field(err, rc, FIELD, FIELD ": cannot read %s: %s",
			capture_name_of(path).text, strerror(-rc));
	r->path = path;
	r->line = 0;
	while (rc == 0 && line_next(r))
		rc = line_take(r, err);
	if (rc == 0 && r->input.reason[0] != '\0')
		rc = error_field(err, -EIO, FIELD, FIELD ": %s: %s", capture_name_of(path).text,
			r->input.reason);
	capture_input_close(&r->input);
	return rc;
}

static int
record_compare(const void *a, const void *b)
{
	const struct flow_log_record *x = a, *y = b;

	if (x->start_ns != y->start_ns)
		return x->start_ns < y->start_ns ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static int
names_give(struct flow_log *log, const struct replay_spec *spec, struct error *err)
{
	uint32_t needed;
	int rc = flow_log_names_give_addresses(&log->names, &spec->devices, &needed);

	if (rc == -ENOSPC)
		return error_field(err, rc, "replay.devices", "replay.devices: found %s with %u "
			"hosts, allowed is a larger prefix: the records name %u devices",
			spec->devices.text, spec->devices.count, needed);
	if (rc == 0)
		rc = flow_log_names_give_ports(&log->names);
	if (rc != 0)
		return error_field(err, rc, FIELD, FIELD ": %s", rc == -ENOSPC ?
			"found more names of ports than there are ports" : "no memory for its names");
	for (uint32_t i = 0; i < log->count; i++)
		for (unsigned int d = 0; d < 2; d++)
			log->records[i].port[d] =
				flow_log_names_port_of(&log->names, log->records[i].port[d]);
	return 0;
}

static int
files_read(struct flow_log *log, const struct replay_spec *spec, struct error *err)
{
	struct reader *r = calloc(1, sizeof(*r));
	struct error fault;
	char **paths;
	int rc = 0;

	if (r == NULL)
		return error_field(err, -ENOMEM, FIELD, FIELD ": no memory to read it");
	*r = (struct reader){.spec = spec, .log = log};
	paths = capture_list_expand(spec->path, &fault);
	if (paths == NULL)
		rc = error_field(err, -ENOENT, FIELD, FIELD ": %s", fault.text);
	for (char **path = paths; rc == 0 && *path != NULL; path++)
		rc = file_read(r, *path, err);
	capture_list_free(paths);
	free(r);
	return rc;
}

struct flow_log *
flow_log_read(const struct replay_spec *spec, struct error *err)
{
	struct flow_log *log = calloc(1, sizeof(*log));
	int rc;

	if (log == NULL) {
		error_field(err, -ENOMEM, FIELD, FIELD ": no memory to read it");
		return NULL;
	}
	rc = files_read(log, spec, err);
	if (rc == 0 && log->count == 0)
		rc = error_field(err, -EINVAL, FIELD, FIELD ": found no record that can be sent");
	if (rc == 0) {
		qsort(log->records, log->count, sizeof(*log->records), record_compare);
		rc = names_give(log, spec, err);
	}
	if (rc == 0)
		return log;
	flow_log_free(log);
	return NULL;
}

void
flow_log_free(struct flow_log *l)
{
	if (l == NULL)
		return;
	flow_log_names_fini(&l->names);
	free(l->records);
	free(l);
}
