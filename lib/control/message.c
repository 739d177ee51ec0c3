/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/message.h"
#include "control/session.h"

struct message *
message_create(const char *text, size_t len)
{
	struct message *m;

	if (len == 0)
		len = strlen(text);
	m = malloc(sizeof(*m) + LWS_PRE + len);
	if (m == NULL)
		return NULL;
	m->references = 1;
	m->len = len;
	memcpy(m->data + LWS_PRE, text, len);
	return m;
}

struct message *
message_get(struct message *m)
{
	m->references++;
	return m;
}

void
message_put(struct message *m)
{
	if (m != NULL && --m->references == 0)
		free(m);
}
