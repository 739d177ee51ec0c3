/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_GEOIP_H
#define WEIR_QUERY_GEOIP_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error_list.h"
#include "query/prefix.h"

// Where addresses are and whose they are: country and autonomous system, from databases in MaxMind's
// format (the `geoip` of the configuration, a list of .mmdb files), read with libmaxminddb. The first
// database that knows something of an address gives it.
//
// A file is read once, into memory that has no other name, so that it can be replaced or written
// over at any time; geoip_open() again reads it anew. Immutable after that: any thread may look up.
// References are counted by the control thread only.

#define GEOIP_FILES_MAX 8
#define GEOIP_FILE_BYTES_MAX (INT64_C(1) << 30)

struct geoip;

// What is not known is empty, or 0.
struct geo_place {
	char country[3];       // ISO 3166-1
	uint32_t as_number;
	char as_org[128];      // cut to fit
};

/*
 * @param files array of paths, or NULL; path names the list in faults ("geoip")
 * @return one reference; NULL with everything that is wrong in errors
 */
struct geoip *geoip_open(const cJSON *files, const char *path, struct error_list *errors);
// Read the same files again, as above.
struct geoip *geoip_reopen(const struct geoip *g, const char *path, struct error_list *errors);
struct geoip *geoip_get(struct geoip *g);  // NULL is fine in both
void geoip_put(struct geoip *g);

// What holds for all addresses of a range of a prefix. g NULL knows nothing.
void geoip_find(const struct geoip *g, uint8_t version, const struct range *r,
	struct geo_place *ret);

// [{"file", "type", "built_us"}]; NULL if memory ran out.
cJSON *geoip_json(const struct geoip *g);

#endif
