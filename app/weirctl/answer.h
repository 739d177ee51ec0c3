/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_WEIRCTL_ANSWER_H
#define WEIR_APP_WEIRCTL_ANSWER_H

#include <stddef.h>

/*
 * What a message says about call `id`. 0: *ret_text is the text of its result, with *ret_code 0, or of
 * its error object, with its code (malloc()ed; as it came, since a double does not hold every number);
 * or the message is about something else and both stay. -EINVAL: it is no JSON-RPC message; -ENOMEM.
 */
int answer_read(const char *message, size_t len, unsigned long long id, char **ret_text,
	int *ret_code);

/*
 * A notification: its method into method (cut to size), and the text of its parameters, as it came, in
 * *ret_params (malloc()ed). -EINVAL: it is none.
 */
int notification_read(const char *message, size_t len, char *method, size_t size, char **ret_params);

#endif
