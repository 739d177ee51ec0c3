/* SPDX-License-Identifier: BSD-3-Clause */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// The JSON report goes where --report says. A live run without it ends with a few lines for the
// person at the terminal instead.

static void
summary_print(struct pipeline *p)
{
	struct port_stats ports;
	struct ledger_counts c;

	pipeline_ledger(p, &c);
	pipeline_port_losses(p, &ports);
	fprintf(stderr, "weir: received %llu packets, %llu bytes; in flows %llu; missed %llu, "
		"errors %llu, nombuf %llu; residual %lld\n", (unsigned long long)c.received,
		(unsigned long long)c.received_bytes, (unsigned long long)c.flow_packets,
		(unsigned long long)ports.missed, (unsigned long long)ports.errors,
		(unsigned long long)ports.nombuf, (long long)ledger_residual(&c));
}

static int
report_print(FILE *f, struct pipeline *p)
{
	cJSON *report = pipeline_stats(p);
	char *text;
	int rc = -ENOMEM;

	cJSON_AddItemToObject(report, "ports", pipeline_ports(p));
	text = cJSON_Print(report);
	if (text != NULL)
		rc = fprintf(f, "%s\n", text) < 0 || fflush(f) != 0 ? -errno : 0;
	free(text);
	cJSON_Delete(report);
	return rc;
}

int
report_write(struct pipeline *p, struct error *err)
{
	FILE *f = p->output.report;
	int rc;

	if (f == NULL) {
		summary_print(p);
		return 0;
	}
	rc = report_print(f, p);
	if (f != stdout && fclose(f) != 0 && rc == 0)
		rc = -errno;
	p->output.report = NULL;
	return rc == 0 ? 0 : error_set(err, rc, "--report: %s: %s", p->options.report,
		strerror(-rc));
}
