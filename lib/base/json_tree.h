/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_JSON_TREE_H
#define WEIR_BASE_JSON_TREE_H

#include <cjson/cJSON.h>

#include "base/json_out.h"

// Append a cJSON value as text. Unlike cJSON_Print(), whole numbers keep all their digits (it
// writes 1764000059000000 as 1.764000059e+15, which readers that tell integers from doubles take
// for a double). cJSON holds numbers as doubles, so beyond 2^53 they were rounded when they were
// read.
void json_tree_write(struct json_out *o, const cJSON *v);

#endif
