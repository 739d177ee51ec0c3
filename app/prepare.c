/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline.h"
#include "port/capture.h"

// What can be known to be wrong before EAL starts and prints what it does: one line, and nothing
// begun, overwritten or waited for.

static bool
same_inode(const char *a, const char *b)
{
	struct stat x, y;

	return a != NULL && b != NULL && strcmp(b, "-") != 0 && stat(a, &x) == 0 &&
		stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

// Would an output be written over this input?
static bool
output_is_input(const char *input, const struct options *o)
{
	return same_inode(input, o->flows) || same_inode(input, o->results) ||
		same_inode(input, o->report);
}

static int
output_is_input_error(struct error *err)
{
	return error_field(err, -EINVAL, "--report",
		"--report, --flows and --results: must not be a file that is read in this run");
}

static int
store_check(const struct options *o, struct error *err)
{
	const struct store_params params = {
		.uri = o->store,
		.push_uri = o->push,
		.appliance = o->appliance,
		.queue_size = STORE_QUEUE_SIZE,
	};

	return store_params_check(&params, err);
}

static int
command_file_check(const struct options *o, struct error *err)
{
	if (o->cmdline_file == NULL || access(o->cmdline_file, R_OK) == 0)
		return 0;
	return error_field(err, -errno, "--cmdline-file", "--cmdline-file: %s: %s",
		o->cmdline_file, strerror(errno));
}

// Each of them has to be a capture, and must not be written over.
static int
capture_check(const char *path, const struct options *o, struct error *err)
{
	struct capture *c = capture_open(path, err);

	if (c == NULL) {
		// A file that is no capture has failed the run, it is no wrong use of the option.
		err->field[0] = '\0';
		return -EINVAL;
	}
	capture_close(c);
	return output_is_input(path, o) ? output_is_input_error(err) : 0;
}

static int
captures_find(struct pipeline *p, struct error *err)
{
	int rc = 0;

	if (p->options.pcap == NULL)
		return 0;
	p->captures = capture_list_expand(p->options.pcap, err);
	if (p->captures == NULL)
		return -ENOENT;
	for (unsigned int i = 0; p->captures[i] != NULL && rc == 0; i++)
		rc = capture_check(p->captures[i], &p->options, err);
	return rc;
}

static int
control_init(struct pipeline *p, struct error *err)
{
	struct control_params params = {
		.listen = p->options.listen,
		.address = p->options.listen_address,
		.port = p->options.listen_port,
		.panel_dir = panel_dir_find(),
	};

	p->control = control_create(&params, &pipeline_control_ops, p, err);
	return p->control != NULL ? 0 : -EADDRINUSE;
}

int
pipeline_prepare(struct pipeline *p, struct error *err)
{
	const struct options *o = &p->options;
	int rc = store_check(o, err);

	if (rc == 0)
		rc = command_file_check(o, err);
	if (rc == 0 && (output_is_input(o->config, o) || output_is_input(o->cmdline_file, o)))
		rc = output_is_input_error(err);
	if (rc == 0)
		rc = captures_find(p, err);
	if (rc == 0 && (p->protocols = protocol_table_create(o->protocols, err)) == NULL)
		rc = -EINVAL;
	if (rc == 0)
		rc = output_open(p, err);
	return rc != 0 ? rc : control_init(p, err);
}
