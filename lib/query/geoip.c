/* SPDX-License-Identifier: BSD-3-Clause */
#include "query/geoip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <maxminddb.h>

struct database {
	char *file;
	MMDB_s mmdb;
};

struct geoip {
	uint32_t references;
	unsigned int count;
	struct database database[GEOIP_FILES_MAX];
};

static int
bytes_copy(int to, int from, off_t size)
{
	while (size > 0) {
		ssize_t n = sendfile(to, from, NULL, (size_t)size);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		size -= n;
	}
	return 0;
}

// The file's content as an anonymous file: what is mapped cannot be cut short by anybody. Its
// descriptor, or -errno.
static int
file_copy(const char *path)
{
	int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), to, rc;
	struct stat st;

	if (from < 0)
		return -errno;
	rc = fstat(from, &st) != 0 ? -errno : !S_ISREG(st.st_mode) ? -EINVAL :
		st.st_size > GEOIP_FILE_BYTES_MAX ? -EFBIG : 0;
	to = rc == 0 ? memfd_create("geoip", MFD_CLOEXEC) : -1;
	if (rc == 0)
		rc = to < 0 ? -errno : bytes_copy(to, from, st.st_size);
	close(from);
	if (rc == 0)
		return to;
	if (to >= 0)
		close(to);
	return rc;
}

// What is wrong in words, or NULL.
static const char *
database_open(struct database *d, const char *file)
{
	char path[32];
	int fd, rc;

	fd = file_copy(file);
	if (fd < 0)
		return strerror(-fd);
	d->file = strdup(file);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = d->file == NULL ? MMDB_OUT_OF_MEMORY_ERROR : MMDB_open(path, MMDB_MODE_MMAP, &d->mmdb);
	close(fd);
	if (rc == MMDB_SUCCESS)
		return NULL;
	free(d->file);
	return MMDB_strerror(rc);
}

static void
database_add(struct geoip *g, const char *path, unsigned int at, const char *file,
	struct error_list *errors)
{
	const char *fault = file != NULL ? database_open(&g->database[g->count], file) : "not text";
	char field[64];

	if (fault == NULL) {
		g->count++;
		return;
	}
	snprintf(field, sizeof(field), "%s[%u]", path, at);
	error_list_add(errors, field, "%s: '%.200s': %s; allowed are paths of databases in MaxMind's "
		"format (.mmdb)", field, file != NULL ? file : "?", fault);
}

static struct geoip *
geoip_alloc(struct error_list *errors)
{
	struct geoip *g = calloc(1, sizeof(*g));

	if (g == NULL)
		error_list_add(errors, "geoip", "geoip: out of memory");
	else
		g->references = 1;
	return g;
}

static struct geoip *
geoip_finish(struct geoip *g, unsigned int faults, const struct error_list *errors)
{
	if (errors->count == faults)
		return g;
	geoip_put(g);
	return NULL;
}

struct geoip *
geoip_open(const cJSON *files, const char *path, struct error_list *errors)
{
	struct geoip *g = geoip_alloc(errors);
	unsigned int faults = errors->count, at = 0;
	const cJSON *item;

	if (g == NULL)
		return NULL;
	if (cJSON_GetArraySize(files) > GEOIP_FILES_MAX) {
		error_list_add(errors, path, "%s: %d files; allowed are %d", path,
			cJSON_GetArraySize(files), GEOIP_FILES_MAX);
		files = NULL;
	}
	cJSON_ArrayForEach(item, files)
		database_add(g, path, at++, cJSON_GetStringValue(item), errors);
	return geoip_finish(g, faults, errors);
}

struct geoip *
geoip_reopen(const struct geoip *g, const char *path, struct error_list *errors)
{
	struct geoip *next = geoip_alloc(errors);
	unsigned int faults = errors->count;

	if (next == NULL)
		return NULL;
	for (unsigned int i = 0; i < g->count; i++)
		database_add(next, path, i, g->database[i].file, errors);
	return geoip_finish(next, faults, errors);
}

struct geoip *
geoip_get(struct geoip *g)
{
	if (g != NULL)
		g->references++;
	return g;
}

void
geoip_put(struct geoip *g)
{
	if (g == NULL || --g->references > 0)
		return;
	for (unsigned int i = 0; i < g->count; i++) {
		MMDB_close(&g->database[i].mmdb);
		free(g->database[i].file);
	}
	free(g);
}

union sockaddr_any {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static union sockaddr_any
sockaddr_make(uint8_t version, ip_number a)
{
	union sockaddr_any s = {.any.sa_family = version == 4 ? AF_INET : AF_INET6};

	if (version == 4)
		s.v4.sin_addr.s_addr = htonl((uint32_t)a);
	for (unsigned int i = 0; version != 4 && i < 16; i++)
		s.v6.sin6_addr.s6_addr[i] = (uint8_t)(a >> (120 - 8 * i));
	return s;
}

// Prefix length of what was found, in bits of the address that was asked for: databases of IPv6 count
// those of IPv4 from 96.
static unsigned int
found_length(const MMDB_s *m, uint8_t version, const MMDB_lookup_result_s *r)
{
	unsigned int before = version == 4 && m->metadata.ip_version == 6 ? 96 : 0;

	return r->netmask > before ? r->netmask - before : 0;
}

static void
text_get(MMDB_lookup_result_s *r, const char *const *path, char *ret, size_t size)
{
	MMDB_entry_data_s d;

	if (MMDB_aget_value(&r->entry, &d, path) != MMDB_SUCCESS || !d.has_data ||
			d.type != MMDB_DATA_TYPE_UTF8_STRING)
		return;
	snprintf(ret, size, "%.*s", (int)d.data_size, d.utf8_string);
}

static uint32_t
number_get(MMDB_lookup_result_s *r, const char *const *path)
{
	MMDB_entry_data_s d;

	return MMDB_aget_value(&r->entry, &d, path) == MMDB_SUCCESS && d.has_data &&
		d.type == MMDB_DATA_TYPE_UINT32 ? d.uint32 : 0;
}

// Cut before the first byte of a character that did not fit.
static void
utf8_trim(char *text, size_t full)
{
	size_t len = strlen(text), at = len;

	if (len < full)
		return;
	while (at > 0 && ((unsigned char)text[at - 1] & 0xc0) == 0x80)
		at--;
	if (at > 0 && ((unsigned char)text[at - 1] & 0xc0) == 0xc0)
		text[at - 1] = '\0';
}

static void
place_fill(MMDB_lookup_result_s *r, struct geo_place *ret)
{
	static const char *const country[] = {"country", "iso_code", NULL};
	static const char *const number[] = {"autonomous_system_number", NULL};
	static const char *const org[] = {"autonomous_system_organization", NULL};

	if (ret->country[0] == '\0')
		text_get(r, country, ret->country, sizeof(ret->country));
	if (ret->as_number != 0)
		return;
	ret->as_number = number_get(r, number);
	if (ret->as_number == 0)
		return;
	text_get(r, org, ret->as_org, sizeof(ret->as_org));
	utf8_trim(ret->as_org, sizeof(ret->as_org) - 1);
}

void
geoip_find(const struct geoip *g, uint8_t version, const struct range *r, struct geo_place *ret)
{
	unsigned int length = range_prefix_length(r, version == 4 ? 32 : 128);
	const union sockaddr_any s = sockaddr_make(version, r->first);

	*ret = (struct geo_place){.as_number = 0};
	for (unsigned int i = 0; g != NULL && i < g->count; i++) {
		const MMDB_s *m = &g->database[i].mmdb;
		MMDB_lookup_result_s found;
		int rc;

		found = MMDB_lookup_sockaddr(m, &s.any, &rc);
		if (rc == MMDB_SUCCESS && found.found_entry &&
				found_length(m, version, &found) <= length)
			place_fill(&found, ret);
	}
}

cJSON *
geoip_json(const struct geoip *g)
{
	cJSON *list = cJSON_CreateArray();

	for (unsigned int i = 0; list != NULL && i < g->count; i++) {
		const MMDB_metadata_s *m = &g->database[i].mmdb.metadata;
		cJSON *o = cJSON_CreateObject();

		cJSON_AddStringToObject(o, "file", g->database[i].file);
		cJSON_AddStringToObject(o, "type", m->database_type);
		cJSON_AddNumberToObject(o, "built_us", (double)m->build_epoch * 1e6);
		cJSON_AddItemToArray(list, o);
	}
	return list;
}
