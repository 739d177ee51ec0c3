/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_EAL_DRIVERS_H
#define WEIR_APP_EAL_DRIVERS_H

#include <stdbool.h>

#include "options.h"

#define EAL_DRIVERS_MAX 2
#define EAL_DRIVER_LEN 4096

/*
 * The drivers that a run with these options needs, where that is known: EAL is then to load them by
 * `-d` and no others. They are taken from beside EAL's own library.
 *
 * @param ret_path of each, for `-d`
 * @return how many; 0: not known, as with network cards, or not found: EAL loads all that there are
 */
unsigned int eal_drivers_needed(const struct options *o,
	char ret_path[EAL_DRIVERS_MAX][EAL_DRIVER_LEN]);

// From here on EAL loads no drivers but those of `-d`. Before rte_eal_init(); not thread-safe.
void eal_drivers_only_named(void);

#endif
