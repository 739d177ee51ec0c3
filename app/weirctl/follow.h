/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_WEIRCTL_FOLLOW_H
#define WEIR_APP_WEIRCTL_FOLLOW_H

#include "client.h"
#include "console/console.h"

// `weirctl follow TOPIC [QUERY...]`: what Weir tells its subscribers, as JSON lines on standard output,
// each as it came. A lost connection is made again, and that is told, as what happened meanwhile is
// missing.

#define FOLLOW_WORD "follow"
#define FOLLOW_HELP "results, alerts, statistics or flows as they come, as JSON lines"

// Topics as they are typed, NULL at the end, and whether names of queries may follow.
extern const char *const follow_topics[];
bool follow_takes_queries(const char *topic);

/*
 * Follow until client_stop(), or until `count` lines were printed (0: no end).
 *
 * @param words what comes behind "follow", NULL at the end
 * @return CONSOLE_DONE; or, told on standard error, CONSOLE_MISUSED, CONSOLE_FAILED (no such query,
 *   nobody reads the output), CONSOLE_NO_CONNECTION (there was none from the start),
 *   CONSOLE_NOT_ALLOWED
 */
enum console_result follow_run(struct client *c, char **words, unsigned long count);

#endif
