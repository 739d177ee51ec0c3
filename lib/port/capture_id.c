/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/capture_id.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

static ssize_t
head_read(int fd, uint8_t *to)
{
	size_t done = 0;

	while (done < CAPTURE_HEAD_BYTES) {
		ssize_t k = pread(fd, to + done, CAPTURE_HEAD_BYTES - done, (off_t)done);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			break;
		done += (size_t)k;
	}
	return (ssize_t)done;
}

int
capture_id_of(int fd, struct capture_id *ret)
{
	uint8_t bytes[CAPTURE_HEAD_BYTES], digest[EVP_MAX_MD_SIZE];
	struct capture_id id;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	n = head_read(fd, bytes);
	if (n < 0)
		return (int)n;
	if (EVP_Digest(bytes, (size_t)n, digest, NULL, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	id.size = (uint64_t)st.st_size;
	id.mtime_ns = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
	memcpy(id.head, digest, sizeof(id.head));
	*ret = id;
	return 0;
}

int
capture_id_compare(const struct capture_id *a, const struct capture_id *b)
{
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	if (a->mtime_ns != b->mtime_ns)
		return a->mtime_ns < b->mtime_ns ? -1 : 1;
	return memcmp(a->head, b->head, sizeof(a->head));
}

struct capture_id_set {
	void *tree;                 // tsearch(3)
	struct capture_id **order;  // circular, the oldest at `oldest`; grows up to max
	uint32_t max, cap, count, oldest;
};

static int
node_compare(const void *a, const void *b)
{
	return capture_id_compare(a, b);
}

struct capture_id_set *
capture_id_set_create(uint32_t max)
{
	struct capture_id_set *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->max = max;
	return s;
}

void
capture_id_set_free(struct capture_id_set *s)
{
	if (s == NULL)
		return;
	tdestroy(s->tree, free);
	free(s->order);
	free(s);
}

bool
capture_id_set_has(const struct capture_id_set *s, const struct capture_id *id)
{
	return tfind(id, &s->tree, node_compare) != NULL;
}

static int
order_grow(struct capture_id_set *s)
{
	uint32_t cap = s->cap == 0 ? 256 : s->cap * 2;
	struct capture_id **grown;

	if (cap > s->max)
		cap = s->max;
	grown = reallocarray(s->order, cap, sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	s->order = grown;
	s->cap = cap;
	return 0;
}

// The new one goes where the oldest was, once there are as many as may be.
static void
order_put(struct capture_id_set *s, struct capture_id *id)
{
	if (s->count < s->max) {
		s->order[s->count++] = id;
		return;
	}
	tdelete(s->order[s->oldest], &s->tree, node_compare);
	free(s->order[s->oldest]);
	s->order[s->oldest] = id;
	s->oldest = (s->oldest + 1) % s->max;
}

int
capture_id_set_add(struct capture_id_set *s, const struct capture_id *id)
{
	struct capture_id *copy;

	if (capture_id_set_has(s, id))
		return 0;
	if (s->count == s->cap && s->cap < s->max && order_grow(s) != 0)
		return -ENOMEM;
	copy = malloc(sizeof(*copy));
	if (copy == NULL)
		return -ENOMEM;
	*copy = *id;
	if (tsearch(copy, &s->tree, node_compare) == NULL) {
		free(copy);
		return -ENOMEM;
	}
	order_put(s, copy);
	return 0;
}
