/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/check.h"
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

// Everything that is wrong with what was asked for, one line each; the last one is what err gets.
static int
fields_check(const struct options *o, struct error *err)
{
	struct error_list faults = {.count = 0};
	char place[400];

	config_check(o, &faults);
	for (unsigned int i = 0; i + 1 < error_list_kept(&faults); i++)
		fprintf(stderr, "weir: %s%s\n", options_place(o, faults.error[i].field, place,
			sizeof(place)), faults.error[i].text);
	if (faults.count == 0)
		return 0;
	*err = faults.error[error_list_kept(&faults) - 1];
	return -EINVAL;
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

// Is the file in the folder, or would it be?
static bool
path_is_in(const char *path, const char *folder)
{
	const char *slash;
	struct stat a, b;
	char *parent;
	bool in;

	if (path == NULL || strcmp(path, "-") == 0)
		return false;
	slash = strrchr(path, '/');
	parent = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
	in = parent != NULL && stat(parent, &a) == 0 && stat(folder, &b) == 0 &&
		a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	free(parent);
	return in;
}

// What this run writes must not come back to it as a capture.
static int
follow_outputs_check(const struct options *o, struct error *err)
{
	const char *store = strncmp(o->store, "sqlite:", 7) == 0 ? o->store + 7 : NULL;

	if (path_is_in(o->flows, o->pcap) || path_is_in(o->results, o->pcap) ||
			path_is_in(o->report, o->pcap))
		return error_field(err, -EINVAL, "--report", "--report, --flows and --results: "
			"must not be in the folder that is followed");
	if (path_is_in(store, o->pcap))
		return error_field(err, -EINVAL, "--store",
			"--store: must not be in the folder that is followed");
	return 0;
}

static int
follow_find(struct pipeline *p, struct error *err)
{
	const struct options *o = &p->options;
	struct stat st;
	int rc;

	if (stat(o->pcap, &st) != 0 || !S_ISDIR(st.st_mode))
		return error_field(err, -EINVAL, "--follow", "--follow: needs --pcap with one "
			"folder that is there, found '%s'", o->pcap);
	rc = follow_outputs_check(o, err);
	if (rc != 0)
		return rc;
	p->captures = calloc(2, sizeof(*p->captures));
	if (p->captures == NULL || (p->captures[0] = strdup(o->pcap)) == NULL)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

static int
captures_find(struct pipeline *p, struct error *err)
{
	int rc = 0;

	if (p->options.pcap == NULL)
		return 0;
	if (p->options.follow)
		return follow_find(p, err);
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
		.users_file = p->options.users,
		.tls_certificate = p->options.tls_certificate,
		.tls_key = p->options.tls_key,
		.insecure = p->options.insecure_listen,
		.names = p->options.listen_names,
		.trusted_proxies = p->options.trusted_proxies,
	};

	p->control = control_create(&params, &pipeline_control_ops, p, err);
	return p->control != NULL ? 0 : -EADDRINUSE;
}

int
pipeline_prepare(struct pipeline *p, struct error *err)
{
	const struct options *o = &p->options;
	int rc = fields_check(o, err);

	if (rc == 0)
		rc = command_file_check(o, err);
	if (rc == 0 && (output_is_input(o->config, o) || output_is_input(o->cmdline_file, o)))
		rc = output_is_input_error(err);
	if (rc == 0)
		rc = captures_find(p, err);
	if (rc == 0 && (p->protocols = protocol_table_create(o->protocols, err)) == NULL)
		rc = -EINVAL;
	if (rc == 0)
		rc = queries_prepare(p, err);
	if (rc == 0)
		rc = names_prepare(p, err);
	if (rc == 0)
		rc = limits_prepare(p, err);
	alerts_prepare(p);
	if (rc == 0)
		rc = alerts_check(o, err);
	if (rc == 0)
		rc = exports_prepare(p, err);
	if (rc == 0)
		rc = output_open(p, err);
	return rc != 0 ? rc : control_init(p, err);
}
