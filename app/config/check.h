/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_CONFIG_CHECK_H
#define WEIR_APP_CONFIG_CHECK_H

#include "base/error_list.h"
#include "options.h"

// What the rows of the schema cannot say of single values: that parts hold what they must, and that
// fields suit each other.

// Add everything that is wrong with o to errors, with the path of the field, or the option where the
// command line gave it. Any thread; no name is looked up, nothing opened.
void config_check(const struct options *o, struct error_list *errors);

#endif
