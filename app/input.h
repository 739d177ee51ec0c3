/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_INPUT_H
#define WEIR_APP_INPUT_H

#include "pipeline.h"

// Where packets come from: how many workers an input can feed, its buffers, its ports, and each
// worker's sources. Steps of pipeline_init(), in this order; 0 or -errno with one line in err.

// Decide p->worker_count from --workers, the input's queues and EAL's lcores.
int input_workers_decide(struct pipeline *p, struct error *err);
// Packet buffers, sized by what the queues can hold: how many, and the bytes for data in each.
unsigned int input_pool_size(const struct pipeline *p);
unsigned int input_pool_room(const struct pipeline *p);
int input_pool_create(struct pipeline *p, struct error *err);
// Configure and start the ports; nothing to do for captures.
int input_ports_open(struct pipeline *p, struct error *err);
// A worker's queue of each port, or the captures.
int input_sources_open(struct pipeline *p, struct rx_worker *w, struct error *err);

#endif
