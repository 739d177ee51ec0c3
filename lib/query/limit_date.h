/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_LIMIT_DATE_H
#define WEIR_QUERY_LIMIT_DATE_H

#include <stdint.h>

/*
 * A moment as RFC 3339 writes it: a full-date ("2026-11-26", its beginning in UTC) or a date-time
 * ("2026-11-26T14:40:44.5Z", "2026-11-26t14:40:44+01:00"). Years 1970 to 9999; what lies below a
 * microsecond is cut off; second 60 is the second after 59.
 *
 * @return 0 with *ret_us the microseconds since the Unix epoch; -EINVAL with it untouched
 */
int limit_date_parse(const char *text, uint64_t *ret_us);

#endif
