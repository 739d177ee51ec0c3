/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_PKTGEN_PROFILE_PATH_H
#define WEIR_PKTGEN_PROFILE_PATH_H

#include <cjson/cJSON.h>

#include "base/error.h"

// A field of a profile by its path, as errors name it: "rate", "size.min", "events[1].at_s".

/*
 * A copy of a complete profile in which the field is the value. Objects on the way that are not there are
 * made; the index after a list's last makes it longer. A word in place of an object that has a type
 * ("imix") is that type. Whether the result is a profile is not looked at.
 * @param profile with all members, as generator_profile() gives it
 * @return NULL with err filled: no such place, or the member is not known
 */
cJSON *profile_path_set(const cJSON *profile, const char *path, const cJSON *value,
	struct error *err);

// Paths of a profile's fields for a person to choose from, each with its value: each(arg, path, value). Of
// lists that are not objects only the whole.
void profile_path_each(const cJSON *profile,
	void (*each)(void *arg, const char *path, const cJSON *value), void *arg);

#endif
