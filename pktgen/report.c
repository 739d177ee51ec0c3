/* SPDX-License-Identifier: BSD-3-Clause */
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int
report_write(const char *path, const struct report *r, struct error *err)
{
	const struct generator_stats *stats = r->stats;
	FILE *f = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	struct json_out o = {0};
	int rc = 0;

	if (f == NULL)
		return error_field(err, -errno, "--report", "--report: cannot write %s: %s", path,
			strerror(errno));
	json_out_open(&o, '{');
	json_out_key_u64(&o, "sent", stats->sent);
	json_out_key_u64(&o, "bytes", stats->bytes);
	json_out_key_u64(&o, "dropped", stats->dropped);
	json_out_key_u64(&o, "late", stats->late);
	json_out_key_f64(&o, "seconds", r->seconds);
	json_out_key_f64(&o, "achieved_pps", r->seconds > 0 ?
		(double)stats->sent / r->seconds : 0);
	json_out_key_f64(&o, "slowest_pps", stats->slowest_pps);
	json_out_key_f64(&o, "fastest_pps", stats->fastest_pps);
	json_out_key(&o, "latency");
	if (r->latency != NULL)
		latency_write(r->latency, &o);
	else
		json_out_null(&o);
	json_out_key(&o, "answer_key");
	json_out_raw(&o, r->answer_key);
	json_out_key(&o, "replay");
	json_out_raw(&o, r->replay);
	if (r->profiles != NULL) {
		json_out_key(&o, "profiles");
		json_out_raw(&o, r->profiles);
	}
	json_out_close(&o, '}');
	json_out_newline(&o);
	errno = 0;
	if (o.failed || fwrite(o.data, 1, o.len, f) != o.len)
		rc = -EIO;
	if ((f == stdout ? fflush(f) : fclose(f)) != 0)
		rc = -EIO;
	json_out_free(&o);
	return rc == 0 ? 0 : error_field(err, rc, "--report", "--report: cannot write %s", path);
}
