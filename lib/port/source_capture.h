/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PORT_SOURCE_CAPTURE_H
#define WEIR_PORT_SOURCE_CAPTURE_H

#include "base/error.h"
#include "port/capture_follow.h"
#include "port/source.h"

#define SOURCE_CAPTURE_PACKETS 64U  // most in a burst

/*
 * Reads capture files one after the other as mbufs over the file's own bytes. Each worker has a
 * source of its own over the same files and keeps the packets that are its share.
 *
 * A source keeps SOURCE_CAPTURE_PACKETS mbufs of the pool, which are its bursts; more are taken for the
 * further segments of packets longer than 64 KiB, and go back when the source is polled again.
 *
 * @param paths NULL terminated, kept by the caller until the source is closed
 * @param pool mbufs for the descriptors; their data room is not used
 * @return NULL with err filled when the first file cannot be opened as a capture
 */
struct source *source_capture_open(char *const *paths, struct rte_mempool *pool, struct error *err);

/*
 * The same over what a follower hands out; never finished. The caller keeps the follower until the
 * source is closed, and counts the readers from 0. Without anything to read, receiving takes up to
 * two milliseconds, so that a folder at rest costs no CPU.
 */
struct source *source_capture_follow(struct capture_follow *follow, unsigned int reader,
	struct rte_mempool *pool, struct error *err);

// After the end: the line about a later file that could not be opened, or NULL. Files before it
// were read; the run has failed.
const char *source_capture_error(const struct source *s);

// After the end: files that broke off, one line each through the callback. Not of followed ones,
// see capture_follow_faults().
void source_capture_faults(const struct source *s,
	void (*each)(void *arg, const char *line), void *arg);

#endif
