/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_THREAD_START_H
#define WEIR_BASE_THREAD_START_H

#include <pthread.h>

// Start a thread with a name and with every signal blocked: SIGINT and SIGTERM belong to the main
// thread, and a closed socket must come back as an error and not as SIGPIPE. 0 or -errno.
int thread_start(pthread_t *ret, const char *name, void *(*fn)(void *), void *arg);

#endif
