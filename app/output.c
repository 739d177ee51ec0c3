/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_ring_elem.h>

#include "base/log.h"
#include "flow/flow_record.h"
#include "flow/flow_stats.h"
#include "pipeline.h"

// The output thread writes --flows and --results, sends flows to the collectors of --ipfix, and makes the
// flow records that clients subscribe to. Workers and the merge lcore put what they have
// into rings and go on; only on captures do they wait for room (packets wait too), and at the end of
// a run, when nothing waits for them.

#define RECORDS_BURST 64
#define IDLE_US 500

// What is in the file stays until output_begin().
static FILE *
file_open_kept(const char *path, bool *ret_made)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), error;
	FILE *f;

	*ret_made = fd >= 0;
	// The name may be that of a link to a file that is not there.
	if (fd < 0 && errno == EEXIST)
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL && fd >= 0) {
		error = errno;
		close(fd);
		errno = error;
	}
	return f;
}

static int
file_open(const char *option, const char *path, FILE **ret, bool *ret_made, struct error *err)
{
	if (path == NULL)
		return 0;
	*ret = strcmp(path, "-") == 0 ? stdout : file_open_kept(path, ret_made);
	if (*ret == NULL)
		return error_field(err, -errno, option, "%s: %s: %s", option, path,
			strerror(errno));
	setvbuf(*ret, NULL, _IOFBF, 1 << 18);
	return 0;
}

// As fopen() would have: of a pipe or a device there is nothing to take away.
static int
file_empty(FILE *f, const char *option, const char *path, struct error *err)
{
	struct stat st;

	if (f == NULL || f == stdout || fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) ||
			ftruncate(fileno(f), 0) == 0)
		return 0;
	return error_field(err, -errno, option, "%s: %s: %s", option, path, strerror(errno));
}

// After the first error nothing more is written, so that a file ends with what fitted and no line in
// its middle is torn. What is missing is counted.
static void
write_failed(struct output *out, int error)
{
	if (out->error == 0) {
		out->error = error != 0 ? -error : -EIO;
		log_error("output", "--flows or --results: %s; no more is written",
			strerror(-out->error));
	}
	__atomic_store_n(&out->lines_lost, out->lines_lost + 1, __ATOMIC_RELAXED);
}

static void
line_write(struct output *out, FILE *f, const char *text, size_t len)
{
	if (out->error != 0 || fwrite(text, 1, len, f) != len || putc('\n', f) == EOF)
		write_failed(out, errno);
}

static void
file_flush(struct output *out, FILE *f)
{
	if (f != NULL && out->error == 0 && fflush(f) != 0)
		write_failed(out, errno);
}

// Do flow records become documents, for clients or for the store?
static bool
documents_wanted(const struct pipeline *p)
{
	return control_wanted(p->control, DOCUMENT_FLOW) ||
		(p->store != NULL && p->options.store_flows);
}

// To the collectors, to the file, to the clients that want it, and to the store.
static void
record_write(struct pipeline *p, const struct flow *f, struct json_out *text)
{
	struct document *d;

	exports_flow(p, f);
	if (p->output.flows == NULL && !documents_wanted(p))
		return;
	json_out_reset(text);
	flow_record_write(text, f, p->protocols);
	if (text->failed) {
		p->output.error = -ENOMEM;
		return;
	}
	if (p->output.flows != NULL)
		line_write(&p->output, p->output.flows, text->data, text->len);
	if (!documents_wanted(p))
		return;
	d = document_create(DOCUMENT_FLOW, "", f->last_us, f->last_us, text->data, text->len);
	if (d != NULL) {
		control_publish(p->control, d);
		if (p->options.store_flows)
			pipeline_store(p, d);
	}
	document_put(d);
}

static unsigned int
records_write(struct pipeline *p, struct rx_worker *w, struct flow *flows, struct json_out *text)
{
	unsigned int n;

	if (w->records == NULL)
		return 0;
	n = rte_ring_sc_dequeue_burst_elem(w->records, flows, sizeof(*flows), RECORDS_BURST, NULL);
	for (unsigned int i = 0; i < n; i++)
		record_write(p, &flows[i], text);
	return n;
}

static unsigned int
documents_write(struct output *out)
{
	struct document *d;
	unsigned int n = 0;

	while (out->documents != NULL && rte_ring_dequeue(out->documents, (void **)&d) == 0) {
		line_write(out, out->results, d->json, d->len);
		document_put(d);
		n++;
	}
	return n;
}

static unsigned int
everything_write(struct pipeline *p, struct flow *flows, struct json_out *text)
{
	unsigned int n = documents_write(&p->output);

	for (unsigned int i = 0; i < p->worker_count; i++)
		n += records_write(p, &p->workers[i], flows, text);
	return n;
}

static void *
output_run(void *arg)
{
	struct pipeline *p = arg;
	struct flow flows[RECORDS_BURST];
	struct json_out text = {0};
	bool flushed = true;

	while (__atomic_load_n(&p->output.state, __ATOMIC_ACQUIRE) == OUTPUT_WAITS)
		usleep(IDLE_US);
	exports_begin(p);
	for (;;) {
		bool stop = __atomic_load_n(&p->output.stop, __ATOMIC_ACQUIRE);

		unsigned int n = everything_write(p, flows, &text);

		exports_service(p);
		if (n > 0) {
			flushed = false;
			continue;
		}
		if (stop)
			break;
		// Readers that follow a live run see lines as they come.
		if (!flushed) {
			file_flush(&p->output, p->output.flows);
			file_flush(&p->output, p->output.results);
			flushed = true;
		}
		usleep(IDLE_US);
	}
	exports_end(p);
	json_out_free(&text);
	return NULL;
}

static void
record_lost(struct rx_worker *w, const struct flow *f)
{
	struct flow_counters c;

	flow_part_counters(f, FLOW_BOTH, &c);
	__atomic_store_n(&w->records_lost_packets, w->records_lost_packets + c.packets,
		__ATOMIC_RELAXED);
	__atomic_store_n(&w->records_lost_octets, w->records_lost_octets + c.l3_bytes,
		__ATOMIC_RELAXED);
	__atomic_store_n(&w->records_lost, w->records_lost + 1, __ATOMIC_RELAXED);
}

// Worker: a flow has ended.
static void
record_put(struct rx_worker *w, const struct flow *f)
{
	const struct pipeline *p = w->pipeline;
	struct flow copy;

	if (p->output.flows == NULL && p->exports.count == 0 &&
		!documents_wanted(p))
		return;
	copy = *f;
	copy.worker = (uint8_t)w->index;
	while (rte_ring_sp_enqueue_elem(w->records, &copy, sizeof(copy)) != 0) {
		if (w->clock == CLOCK_WALL && !w->draining) {
			record_lost(w, f);
			return;
		}
		lcore_load_idle(&w->load);
	}
}

static int
records_open(struct pipeline *p, struct error *err)
{
	for (unsigned int i = 0; i < p->worker_count; i++) {
		struct rx_worker *w = &p->workers[i];
		char name[32];

		snprintf(name, sizeof(name), "records_%u", i);
		w->records = rte_ring_create_elem(name, sizeof(struct flow), RECORDS_RING_SIZE,
			SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
		if (w->records == NULL)
			return error_set(err, -rte_errno, "flow records: %s",
				strerror(rte_errno));
		w->on_record = record_put;
	}
	return 0;
}

bool
output_wants_records(const struct pipeline *p)
{
	return p->output.flows != NULL || p->exports.count > 0 || p->options.listen ||
		p->options.store_flows;
}

int
output_open(struct pipeline *p, struct error *err)
{
	struct output *out = &p->output;
	int rc;

	rc = file_open("--flows", p->options.flows, &out->flows, &out->flows_made, err);
	if (rc == 0)
		rc = file_open("--results", p->options.results, &out->results, &out->results_made, err);
	if (rc == 0)
		rc = file_open("--report", p->options.report, &out->report, &out->report_made, err);
	return rc;
}

int
output_begin(struct pipeline *p, struct error *err)
{
	struct output *out = &p->output;
	int rc;

	rc = file_empty(out->flows, "--flows", p->options.flows, err);
	if (rc == 0)
		rc = file_empty(out->results, "--results", p->options.results, err);
	if (rc == 0)
		rc = file_empty(out->report, "--report", p->options.report, err);
	if (rc == 0)
		__atomic_store_n(&out->state, OUTPUT_WRITES, __ATOMIC_RELEASE);
	return rc;
}

void
output_discard(struct pipeline *p)
{
	p->output.error = -ECANCELED;
	__atomic_store_n(&p->output.state, OUTPUT_DISCARDS, __ATOMIC_RELEASE);
}

static void
file_forget(FILE *f, const char *path, bool made)
{
	if (made)
		unlink(path);
	if (f != NULL && f != stdout)
		fclose(f);
}

void
output_forget(struct pipeline *p)
{
	struct output *out = &p->output;

	if (out->state == OUTPUT_WRITES)
		return;
	file_forget(out->flows, p->options.flows, out->flows_made);
	file_forget(out->results, p->options.results, out->results_made);
	file_forget(out->report, p->options.report, out->report_made);
	*out = (struct output){0};
}

int
output_start(struct pipeline *p, struct error *err)
{
	struct output *out = &p->output;
	int rc = 0;

	if (output_wants_records(p))
		rc = records_open(p, err);
	if (rc == 0)
		rc = exports_create(p, err);
	if (rc == 0 && out->results != NULL) {
		out->documents = rte_ring_create("results_file", 4096, SOCKET_ID_ANY,
			RING_F_SP_ENQ | RING_F_SC_DEQ);
		if (out->documents == NULL)
			rc = error_set(err, -rte_errno, "--results: %s", strerror(rte_errno));
	}
	if (rc != 0 || (out->results == NULL && !output_wants_records(p)))
		return rc;
	rc = -pthread_create(&out->thread, NULL, output_run, p);
	if (rc != 0)
		return error_set(err, rc, "output thread: %s", strerror(-rc));
	pthread_setname_np(out->thread, "weir-output");
	out->running = true;
	return 0;
}

static int
file_close(struct output *out, FILE *f)
{
	if (f == NULL)
		return out->error;
	if ((f == stdout ? fflush(f) : fclose(f)) != 0 && out->error == 0)
		out->error = -errno;
	return out->error;
}

int
output_stop(struct pipeline *p)
{
	struct output *out = &p->output;

	if (out->running) {
		__atomic_store_n(&out->stop, true, __ATOMIC_RELEASE);
		pthread_join(out->thread, NULL);
		out->running = false;
	}
	if (out->state == OUTPUT_WRITES) {
		file_close(out, out->flows);
		file_close(out, out->results);
		out->flows = out->results = NULL;
	}
	rte_ring_free(out->documents);
	out->documents = NULL;
	for (unsigned int i = 0; i < p->worker_count; i++) {
		rte_ring_free(p->workers[i].records);
		p->workers[i].records = NULL;
	}
	return out->error;
}
