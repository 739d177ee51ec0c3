/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int
units_parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	unsigned long long v;
	char *end;

	if (text == NULL || *text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (*end != '\0')
		return -EINVAL;
	if (errno == ERANGE || v < min || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

// The number at the start of text, in plain decimal form, and where it ends.
static int
number_parse(const char *text, double *ret, char **ret_end)
{
	double v;

	if (text == NULL || (*text != '.' && (*text < '0' || *text > '9')))
		return -EINVAL;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return -EINVAL;
	v = strtod(text, ret_end);
	if (*ret_end == text || !isfinite(v))
		return -EINVAL;
	*ret = v;
	return 0;
}

int
units_parse_double(const char *text, double min, double max, double *ret)
{
	char *end;
	double v;

	if (number_parse(text, &v, &end) != 0 || *end != '\0')
		return -EINVAL;
	if (v < min || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int
units_parse_seconds(const char *text, uint64_t *ret_us)
{
	double s;
	int rc = units_parse_double(text, 0, 10 * 366 * 86400.0, &s);

	if (rc == 0)
		*ret_us = (uint64_t)llround(s * 1e6);
	return rc;
}

int
units_parse_host_port(const char *text, char *host, size_t size, uint16_t *ret_port)
{
	const char *colon = text != NULL ? strrchr(text, ':') : NULL;
	size_t len = colon != NULL ? (size_t)(colon - text) : 0;
	uint64_t port;

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	} else if (len > 0 && memchr(text, ':', len) != NULL) {
		len = 0;
	}
	if (len == 0 || len >= size || units_parse_u64(colon + 1, 1, 65535, &port) != 0)
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	*ret_port = (uint16_t)port;
	return 0;
}

int
units_parse_pps(const char *text, uint64_t *ret_pps)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = {{"", 1}, {"pps", 1}, {"kpps", 1e3}, {"mpps", 1e6}, {"gpps", 1e9},
		{"k", 1e3}, {"m", 1e6}};
	char *end;
	double v;

	if (number_parse(text, &v, &end) != 0)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcasecmp(end, units[i].suffix) != 0)
			continue;
		v *= units[i].factor;
		if (v > 1e12)
			return -ERANGE;
		*ret_pps = (uint64_t)llround(v);
		return 0;
	}
	return -EINVAL;
}

char *
units_format_si(double value, char *buf, size_t size)
{
	static const char *const prefix[] = {"", "k", "M", "G", "T", "P", "E"};
	unsigned int i = 0;

	// What would be rounded up to 1000 belongs to the next prefix.
	while (fabs(value) >= (i == 0 ? 999.5 : 999.995) && i < 6) {
		value /= 1000;
		i++;
	}
	snprintf(buf, size, i == 0 ? "%.0f %s" : "%.2f %s", value, prefix[i]);
	return buf;
}
