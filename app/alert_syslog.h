/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_ALERT_SYSLOG_H
#define WEIR_APP_ALERT_SYSLOG_H

#include "options.h"

// Alerts to syslog(3): the JSON as message, raised as warning, cleared as notice.

int alert_syslog_facility(enum syslog_facility f);  // of syslog.h; -1: off
void alert_syslog_send(int facility, const char *json);  // may wait for the system's logger

#endif
