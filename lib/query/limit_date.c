/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/limit_date.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

// Does text begin with this form, in which 'd' is a digit and the rest is itself?
static bool
form_fits(const char *text, const char *form)
{
	for (; *form != '\0'; form++, text++)
		if (*form == 'd' ? !isdigit((unsigned char)*text) : *text != *form)
			return false;
	return true;
}

static int
two_digits(const char *text)
{
	return (text[0] - '0') * 10 + (text[1] - '0');
}

// timegm() takes any numbers and carries them on: a date is one that it leaves as it is.
static int
date_read(const char *text, int64_t *ret_s)
{
	struct tm tm = {
		.tm_year = two_digits(text) * 100 + two_digits(text + 2) - 1900,
		.tm_mon = two_digits(text + 5) - 1,
		.tm_mday = two_digits(text + 8),
	};
	const struct tm asked = tm;

	*ret_s = timegm(&tm);
	return *ret_s < 0 || tm.tm_year != asked.tm_year || tm.tm_mon != asked.tm_mon ||
		tm.tm_mday != asked.tm_mday ? -EINVAL : 0;
}

static int
time_read(const char *text, int64_t *ret_s)
{
	int hour = two_digits(text), minute = two_digits(text + 3), second = two_digits(text + 6);

	*ret_s = ((int64_t)hour * 60 + minute) * 60 + second;
	return hour > 23 || minute > 59 || second > 60 ? -EINVAL : 0;
}

// ".25" to microseconds; gives back what follows it.
static const char *
fraction_read(const char *text, uint64_t *ret_us)
{
	uint64_t unit = CLOCK_US_PER_S;

	*ret_us = 0;
	if (text[0] != '.' || !isdigit((unsigned char)text[1]))
		return text;
	for (text++; isdigit((unsigned char)*text); text++) {
		unit /= 10;
		*ret_us += unit * (uint64_t)(*text - '0');
	}
	return text;
}

// "Z" or "+01:00" in seconds east of UTC.
static int
offset_read(const char *text, int64_t *ret_s)
{
	int hours, minutes;

	*ret_s = 0;
	if ((text[0] == 'Z' || text[0] == 'z') && text[1] == '\0')
		return 0;
	if ((text[0] != '+' && text[0] != '-') || !form_fits(text + 1, "dd:dd") || strlen(text) != 6)
		return -EINVAL;
	hours = two_digits(text + 1);
	minutes = two_digits(text + 4);
	*ret_s = (hours * 60 + minutes) * 60 * (text[0] == '-' ? -1 : 1);
	return hours > 23 || minutes > 59 ? -EINVAL : 0;
}

int
limit_date_parse(const char *text, uint64_t *ret_us)
{
	int64_t day_s, time_s = 0, offset_s = 0;
	uint64_t fraction_us = 0;

	if (!form_fits(text, "dddd-dd-dd") || date_read(text, &day_s) != 0)
		return -EINVAL;
	text += strlen("dddd-dd-dd");
	if (*text != '\0') {
		if ((*text != 'T' && *text != 't') || !form_fits(text + 1, "dd:dd:dd") ||
				time_read(text + 1, &time_s) != 0)
			return -EINVAL;
		text = fraction_read(text + 1 + strlen("dd:dd:dd"), &fraction_us);
		if (offset_read(text, &offset_s) != 0)
			return -EINVAL;
	}
	if (day_s + time_s - offset_s < 0)
		return -EINVAL;
	*ret_us = (uint64_t)(day_s + time_s - offset_s) * CLOCK_US_PER_S + fraction_us;
	return 0;
}
