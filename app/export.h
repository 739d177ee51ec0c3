/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_EXPORT_H
#define WEIR_APP_EXPORT_H

#include "export/ipfix_exporter.h"

struct pipeline;

// --ipfix: ended flows to IPFIX collectors, from the output thread. Collectors are independent of each
// other: each has its queue, its templates, its losses.

struct exports {
	struct ipfix_target targets[IPFIX_TARGETS_MAX];
	struct ipfix_exporter *of[IPFIX_TARGETS_MAX];
	uint64_t progress_us[IPFIX_TARGETS_MAX];  // captures: when a record last found room
	unsigned int count;
};

// Before EAL: the list of collectors, their addresses. 0, or -errno with a line in err.
int exports_prepare(struct pipeline *p, struct error *err);
int exports_create(struct pipeline *p, struct error *err);  // 0 or -ENOMEM
void exports_free(struct pipeline *p);

// Output thread. On captures records wait for collectors, with a bound; nothing else waits.
void exports_begin(struct pipeline *p);
void exports_flow(struct pipeline *p, const struct flow *f);
void exports_service(struct pipeline *p);
void exports_end(struct pipeline *p);  // deliver what is left, with a bound

// Captures: was a record lost? The line for the person goes to buf.
const char *exports_fault(const struct pipeline *p, char *buf, size_t size);

#endif
