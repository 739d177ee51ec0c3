/* SPDX-License-Identifier: BSD-3-Clause */
#include "alert_syslog.h"

#include <string.h>
#include <syslog.h>

int
alert_syslog_facility(enum syslog_facility f)
{
	static const int facilities[] = {
		[SYSLOG_OFF] = -1, LOG_DAEMON, LOG_USER, LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2,
		LOG_LOCAL3, LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7,
	};

	return facilities[f];
}

void
alert_syslog_send(int facility, const char *json)
{
	int priority = strstr(json, "\"state\":\"raised\"") != NULL ? LOG_WARNING : LOG_NOTICE;

	syslog(facility | priority, "%s", json);
}
