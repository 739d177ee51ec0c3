/* SPDX-License-Identifier: BSD-3-Clause */
#include "state_file.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread_start.h"
#include "config/file.h"

struct state_file {
	char *path;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;
	cJSON *document;  // to be written, under the lock
	bool stop;        // likewise
	bool told;        // that it cannot be written: thread only
};

static void
document_write(struct state_file *s, const cJSON *document)
{
	struct error err;
	bool failed = config_file_write(s->path, document, &err) != 0;

	if (failed && !s->told)
		log_warning("config", "%s", err.text);
	s->told = failed;
}

static void *
state_file_run(void *arg)
{
	struct state_file *s = arg;
	cJSON *document;

	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		document = s->document;
		s->document = NULL;
		if (document == NULL) {
			pthread_cond_wait(&s->work, &s->lock);
			continue;
		}
		pthread_mutex_unlock(&s->lock);
		document_write(s, document);
		cJSON_Delete(document);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct state_file *
state_file_create(const char *path)
{
	struct state_file *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->path = strdup(path);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, NULL);
	if (s->path != NULL && thread_start(&s->thread, "weir-state", state_file_run, s) == 0)
		return s;
	free(s->path);
	free(s);
	return NULL;
}

void
state_file_put(struct state_file *s, cJSON *document)
{
	cJSON *before;

	pthread_mutex_lock(&s->lock);
	before = s->document;
	s->document = document;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
	cJSON_Delete(before);
}

void
state_file_free(struct state_file *s, bool in_order)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	if (in_order)
		unlink(s->path);
	cJSON_Delete(s->document);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->work);
	free(s->path);
	free(s);
}
