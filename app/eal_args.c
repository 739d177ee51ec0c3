/* SPDX-License-Identifier: BSD-3-Clause */
#include "eal_args.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "eal_drivers.h"
#include "pipeline.h"
#include "pool_size.h"

static int
arg_add(struct eal_args *a, const char *fmt, ...)
{
	va_list ap;
	int rc;

	if (a->argc == EAL_ARGS_MAX)
		return -E2BIG;
	va_start(ap, fmt);
	rc = vasprintf(&a->argv[a->argc], fmt, ap);
	va_end(ap);
	if (rc < 0)
		return -ENOMEM;
	a->owned[a->argc] = a->argv[a->argc];
	a->argv[++a->argc] = NULL;
	return 0;
}

static unsigned int
workers_of(const struct options *o)
{
	return o->workers > 0 ? o->workers : 1;
}

static unsigned int
ports_of(const struct options *o)
{
	unsigned int count = o->pci != NULL ? (unsigned int)cJSON_GetArraySize(o->pci) : 0;

	if (o->iface != NULL)
		count++;
	for (const char *at = o->iface; at != NULL && *at != '\0'; at++)
		count += *at == ',';
	return count;
}

// At most: each port has a queue and a ring for every worker.
static unsigned int
memory_ports_mb(const struct options *o)
{
	unsigned int mbufs = pool_ports_mbufs(2 * ports_of(o) * workers_of(o));
	unsigned int more = mbufs > POOL_PORT_MBUFS ? mbufs - POOL_PORT_MBUFS : 0;

	return POOL_MEMORY_PORTS_MB + (unsigned int)((uint64_t)more * POOL_MEMORY_MBUF >> 20);
}

static unsigned int
memory_demo_mb(const struct options *o)
{
	uint64_t more = o->workers > 1 ? (uint64_t)o->workers * GENERATOR_DISPATCH_SIZE : 0;

	return POOL_MEMORY_DEMO_MB + (unsigned int)(more * POOL_MEMORY_GENERATED >> 20);
}

static unsigned int
memory_wanted_mb(const struct options *o)
{
	if (o->pcap != NULL)
		return POOL_MEMORY_CAPTURES_MB * (1 + workers_of(o) / 8);
	return o->demo ? memory_demo_mb(o) : memory_ports_mb(o);
}

static int
memory_args_add(struct eal_args *a, const struct options *o)
{
	unsigned int mb = memory_wanted_mb(o);
	int rc;

	// The tables take hugepages too, as far as they go.
	if (mem_hugepages_free() >> 20 >= mb + 64)
		return arg_add(a, "--in-memory");
	rc = arg_add(a, "--no-huge");
	if (rc == 0)
		rc = arg_add(a, "--no-shconf");
	if (rc == 0)
		rc = arg_add(a, "-m");
	return rc != 0 ? rc : arg_add(a, "%u", mb);
}

struct cpu_list {
	unsigned int count;
	int cpu[CPU_SETSIZE];
};

static void
cpus_allowed(struct cpu_list *l)
{
	cpu_set_t set;

	l->count = 0;
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return;
	for (int c = 0; c < CPU_SETSIZE; c++)
		if (CPU_ISSET(c, &set))
			l->cpu[l->count++] = c;
}

/*
 * Software dispatch has an lcore of its own where a CPU is left for it besides one for everything
 * that is not the RX lcores'. (Which ports want it is known later; an lcore without work sleeps.)
 */
static bool
dispatch_wanted(const struct options *o, const struct cpu_list *cpus)
{
	return o->pcap == NULL && o->workers > 1 && cpus->count >= o->workers + 2;
}

/*
 * Lcore numbers are roles in order: 0 main, then RX lcores, merge, generator, dispatch, as
 * pipeline.c takes them. RX lcores get the first CPUs and dispatch the next; the rest go round what
 * is left, or share if nothing is.
 */
static int
lcores_add(struct eal_args *a, const struct options *o)
{
	unsigned int workers = workers_of(o), others = pipeline_lcores(o, 0) + 1, next = 0;
	unsigned int own, roles;
	struct cpu_list cpus;
	char list[2048];
	size_t len = 0;
	int rc;

	cpus_allowed(&cpus);
	if (cpus.count == 0)
		return -errno;
	own = workers + dispatch_wanted(o, &cpus);
	roles = own + others;
	for (unsigned int role = 0; role < roles; role++) {
		unsigned int spare = cpus.count > own ? cpus.count - own : 0, at;

		if (role >= 1 && role <= workers)
			at = role - 1;
		else if (role >= workers + others)
			at = workers;
		else
			at = spare > 0 ? own + next++ % spare : next++;
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%u@%d",
			role > 0 ? "," : "", role, cpus.cpu[at % cpus.count]);
		if (len >= sizeof(list))
			return -E2BIG;
	}
	rc = arg_add(a, "--lcores");
	return rc != 0 ? rc : arg_add(a, "%s", list);
}

static int
interface_add(struct eal_args *a, unsigned int index, const char *name, struct error *err)
{
	if (*name == '\0' || strlen(name) >= IF_NAMESIZE || if_nametoindex(name) == 0)
		return error_field(err, -ENODEV, "--iface",
			"--iface: there is no network interface '%s' here", name);
	// 2048-byte frames of which 32 fill a block: 16 MiB of kernel ring. One queue, whatever the
	// workers: the kernel would spread over several, but lets flows go over to another one when
	// theirs is full.
	return arg_add(a, "--vdev=net_af_packet%u,iface=%s,qpairs=1,blocksz=65536,framesz=2048,"
		"framecnt=8192", index, name);
}

static bool
interface_repeats(const char *list, const char *name, unsigned int index)
{
	const char *at = list;

	for (unsigned int i = 0; i < index; i++) {
		size_t n = strcspn(at, ",");

		if (n == strlen(name) && strncmp(at, name, n) == 0)
			return true;
		at += n + 1;
	}
	return false;
}

static int
interfaces_add(struct eal_args *a, const struct options *o, struct error *err)
{
	char *list = strdup(o->iface), *rest = list, *name;
	unsigned int index = 0;
	int rc = list == NULL ? -ENOMEM : 0;

	while (rc == 0 && (name = strsep(&rest, ",")) != NULL) {
		if (interface_repeats(o->iface, name, index))
			rc = error_field(err, -EINVAL, "--iface",
				"--iface: %s is named twice: its packets would count twice", name);
		else
			rc = interface_add(a, index++, name, err);
	}
	free(list);
	return rc;
}

static int
devices_add(struct eal_args *a, const struct options *o, struct error *err)
{
	const cJSON *p;
	int rc;

	if (o->iface != NULL)
		rc = interfaces_add(a, o, err);
	else
		rc = 0;
	if (o->pci == NULL)
		return rc != 0 ? rc : arg_add(a, "--no-pci");
	cJSON_ArrayForEach(p, o->pci)
		if (rc == 0 && options_is_pci(p->valuestring))
			rc = arg_add(a, "-a%s", p->valuestring);
	return rc;
}

static int
drivers_add(struct eal_args *a, const struct options *o)
{
	char path[EAL_DRIVERS_MAX][EAL_DRIVER_LEN];
	unsigned int count = eal_drivers_needed(o, path);
	int rc = 0;

	for (unsigned int i = 0; i < count && rc == 0; i++)
		rc = arg_add(a, "-d%s", path[i]);
	if (rc == 0 && count > 0)
		eal_drivers_only_named();
	return rc;
}

int
eal_args_compose(const char *program, const struct options *o, struct eal_args *ret,
	struct error *err)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (err != NULL)
		err->text[0] = '\0';
	rc = arg_add(ret, "%s", program);
	if (rc == 0)
		rc = memory_args_add(ret, o);
	// Its socket knows no users (app/telemetry.h): only who gives EAL options gets it.
	if (rc == 0)
		rc = arg_add(ret, "--no-telemetry");
	if (rc == 0)
		rc = arg_add(ret, "--log-level=lib.eal:warning");
	if (rc == 0)
		rc = lcores_add(ret, o);
	if (rc == 0)
		rc = devices_add(ret, o, err);
	if (rc == 0)
		rc = drivers_add(ret, o);
	if (rc != 0 && err != NULL && err->text[0] == '\0')
		error_set(err, rc, "EAL arguments: %s", strerror(-rc));
	return rc;
}

void
eal_args_free(struct eal_args *a)
{
	for (int i = 0; i < a->argc; i++)
		free(a->owned[i]);
	a->argc = 0;
}

char *
eal_args_line(const struct eal_args *a)
{
	char *line = NULL;
	size_t len;
	FILE *f = open_memstream(&line, &len);

	if (f == NULL)
		return NULL;
	for (int i = 1; i < a->argc; i++)
		fprintf(f, "%s%s", i > 1 ? " " : "", a->argv[i]);
	fclose(f);
	return line;
}
