/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_QUERY_DAILY_TABLE_H
#define WEIR_QUERY_DAILY_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json_out.h"
#include "pane/pane.h"
#include "query/key_table.h"
#include "query/networks.h"

// What each local host has received and sent in one UTC day. A host is an address of
// `local_networks`; a packet counts as `in` for its destination and as `out` for its source, with
// its layer-2 bytes. A pane counts for the day that it begins in.
//
// The number of hosts is bounded: those that come when there is no room count as `other`. Detail
// that a pane has lost belongs to no host. One thread, the merge lcore; nothing is locked.

#define DAILY_HOSTS_MAX 65536
#define DAILY_OTHER "other"
#define DAILY_US (UINT64_C(86400) * 1000000)

enum daily_count {
	DAILY_IN_BYTES,
	DAILY_IN_PACKETS,
	DAILY_OUT_BYTES,
	DAILY_OUT_PACKETS,
	DAILY_COUNTS,
};

struct daily_totals {
	uint64_t of[DAILY_COUNTS];
};

struct daily_host {
	uint8_t version;   // 4 or 6; 0 is `other`
	uint8_t addr[16];  // as in struct flow_key
	struct daily_totals totals;
};

struct daily_table {
	struct key_table keys;
	struct daily_totals *totals;  // by id; KEY_NONE is `other`
	bool *changed;                // by id: since it was given out
	uint32_t cursor;              // id that is looked at next
};

int daily_table_init(struct daily_table *t, uint32_t hosts);  // 0, -ENOMEM or -EIO (no seed)
void daily_table_fini(struct daily_table *t);

// Add a pane's deltas.
void daily_table_fold(struct daily_table *t, const struct network_set *networks,
	const struct pane *p);

// Add what was counted before this table began. A host that finds no room is left out: what is known
// of it elsewhere stays true.
void daily_table_restore(struct daily_table *t, const struct daily_host *h);

// All hosts have changed: give out each once more.
void daily_table_touch(struct daily_table *t);

// The next host that has changed, in no order; false: none has. It counts as changed until
// daily_table_settle(), so that it can be asked for again.
bool daily_table_next(struct daily_table *t, struct daily_host *ret);
void daily_table_settle(struct daily_table *t);  // the host that was given out last

#define DAILY_TEXT_LEN 64
// "2026-11-27"; number counts days since the epoch.
char *daily_day_text(uint64_t number, char buf[DAILY_TEXT_LEN]);
char *daily_host_text(const struct daily_host *h, char buf[DAILY_TEXT_LEN]);
// {"type":"daily","day":…,"host":…,"inBytes":…,"inPackets":…,"outBytes":…,"outPackets":…}
void daily_host_write(struct json_out *o, uint64_t number, const struct daily_host *h);

// An array of such documents: how many were read (of the first `most`), or -EINVAL where it is none.
// *ret_damaged: documents among them that are no totals, left out.
int daily_hosts_read(const char *json, struct daily_host *hosts, uint32_t most,
	uint32_t *ret_damaged);

// Memory of a table for so many hosts.
size_t daily_table_bytes(uint32_t hosts);

#endif
