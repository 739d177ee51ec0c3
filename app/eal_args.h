/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_EAL_ARGS_H
#define WEIR_APP_EAL_ARGS_H

#include "base/error.h"
#include "options.h"

// EAL arguments for this machine, when the user gave none.

#define EAL_ARGS_MAX 64

struct eal_args {
	int argc;
	char *argv[EAL_ARGS_MAX + 1];   // for rte_eal_init(), which overwrites entries
	char *owned[EAL_ARGS_MAX];      // the same strings, to be freed
};

/*
 * Compose arguments: memory in hugepages where enough are free, else without; lcores on the CPUs
 * that this process may use, RX lcores on CPUs of their own as far as possible, several to a CPU
 * where there are too few; the devices that the options ask for and no others; the drivers of these
 * where they are known (eal_drivers.h), and no others from then on.
 * 0 with *ret filled, -errno with err. eal_args_free() in either case.
 */
int eal_args_compose(const char *program, const struct options *o, struct eal_args *ret,
	struct error *err);
void eal_args_free(struct eal_args *a);

// The arguments as one line, for the log; caller frees.
char *eal_args_line(const struct eal_args *a);

#endif
