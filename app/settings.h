/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_SETTINGS_H
#define WEIR_APP_SETTINGS_H

#include <stdbool.h>

#include <rte_rcu_qsbr.h>

#include "flow/flow_tracker.h"
#include "query/address_book.h"
#include "query/geoip.h"
#include "query/limit_table.h"
#include "query/query_set.h"

// What can change while packets flow. One immutable object; the control thread publishes a new
// one, lcores load the pointer once per loop, and the old one is freed after every lcore has said
// that it is between two loops (quiescent-state-based reclamation, rte_rcu).

struct settings {
	struct flow_limits limits;
	struct query_set *queries;  // a reference of its own, as of the two that follow
	struct address_book *names;
	struct geoip *geoip;
	bool running;  // false: packets are received and discarded as `stopped`
	struct limit_table *limit_table;  // a reference of its own; NULL is fine
	bool limits_retain;  // slices of pairs of addresses, for dry runs of limits
};

#define SETTINGS_OLD_MAX 1024

struct settings_cell {
	struct settings *current;  // control thread writes, lcores read
	struct rte_rcu_qsbr *rcu;
	// Replaced and perhaps still read, oldest first; control thread only. (DPDK's own defer
	// queue, rte_rcu_qsbr_dq, is still marked experimental in 22.11.)
	struct {
		struct settings *settings;
		uint64_t token;
	} old[SETTINGS_OLD_MAX];
	unsigned int old_first, old_count;
};

// 0 or -errno. Room for `readers` lcores. What first refers to stays the caller's as well.
int settings_cell_init(struct settings_cell *c, const struct settings *first, uint32_t readers);
void settings_cell_fini(struct settings_cell *c);

// Control thread: make a copy of s current. -ENOMEM or -EAGAIN (too many changes at once) with
// nothing changed.
int settings_publish(struct settings_cell *c, const struct settings *s);
// Control thread: the same in two steps, of which the second one cannot fail. A copy of s, or NULL with
// *ret_rc as above; it is then committed or discarded.
struct settings *settings_prepare(struct settings_cell *c, const struct settings *s, int *ret_rc);
void settings_commit(struct settings_cell *c, struct settings *s);
void settings_discard(struct settings *s);
// Control thread: the settings that the slowest lcore may still read.
const struct settings *settings_oldest(const struct settings_cell *c);
// Control thread: free what nobody reads any more; also done by settings_publish().
void settings_reclaim(struct settings_cell *c);

// Reader lcore: before its first and after its last loop.
void settings_reader_begin(struct settings_cell *c, unsigned int reader);
void settings_reader_end(struct settings_cell *c, unsigned int reader);

// Reader lcore: the settings for this loop; ends the use of earlier ones.
static inline const struct settings *
settings_read(struct settings_cell *c, unsigned int reader)
{
	rte_rcu_qsbr_quiescent(c->rcu, reader);
	return __atomic_load_n(&c->current, __ATOMIC_ACQUIRE);
}

#endif
