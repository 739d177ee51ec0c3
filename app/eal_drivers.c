/* SPDX-License-Identifier: BSD-3-Clause */
#include "eal_drivers.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_eal.h>

// Where DPDK is a set of shared libraries, EAL loads every driver that is installed, some 130 of
// them, which is half of what it takes to read a small capture. No option says that it shall not.
// But it asks dlopen() before, whether its own library is one of those that are loaded, as with a
// DPDK that is linked into the program there is nothing to load. So dlopen() is defined here, in
// front of the C library's, and answers that question for a run that has named its drivers;
// everything else it passes on. See docs/adr/0040.

#define EAL_LIBRARY "librte_eal.so"

static bool only_named;

void
eal_drivers_only_named(void)
{
	only_named = true;
}

void *
dlopen(const char *file, int mode)
{
	void *(*next)(const char *, int);

	if (only_named && file != NULL && (mode & RTLD_NOLOAD) != 0 &&
			strncmp(file, EAL_LIBRARY, strlen(EAL_LIBRARY)) == 0)
		return NULL;
	*(void **)&next = dlsym(RTLD_NEXT, "dlopen");
	return next(file, mode);
}

// Of the same version as EAL: in its folder, with the ending of its name.
static bool
driver_path(const char *eal, const char *driver, char ret[EAL_DRIVER_LEN])
{
	const char *name = strrchr(eal, '/');
	int len;

	if (name == NULL || strncmp(++name, EAL_LIBRARY, strlen(EAL_LIBRARY)) != 0)
		return false;
	len = snprintf(ret, EAL_DRIVER_LEN, "%.*slibrte_%s.so%s", (int)(name - eal), eal, driver,
		name + strlen(EAL_LIBRARY));
	return len < EAL_DRIVER_LEN && access(ret, R_OK) == 0;
}

unsigned int
eal_drivers_needed(const struct options *o,
	char ret_path[EAL_DRIVERS_MAX][EAL_DRIVER_LEN])
{
	const char *const drivers[EAL_DRIVERS_MAX] = {
		"mempool_ring", o->iface != NULL ? "net_af_packet" : NULL,
	};
	unsigned int count = 0;
	Dl_info eal;

	if (o->pci != NULL || dladdr((const void *)rte_eal_init, &eal) == 0)
		return 0;
	for (unsigned int i = 0; i < RTE_DIM(drivers) && drivers[i] != NULL; i++)
		if (!driver_path(eal.dli_fname, drivers[i], ret_path[count++]))
			return 0;
	return count;
}
