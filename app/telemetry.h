/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_TELEMETRY_H
#define WEIR_APP_TELEMETRY_H

struct control;

// Commands /weir/... of DPDK's telemetry socket, where EAL has one (own EAL options without
// --no-telemetry). They ask the method table as a viewer on this machine would, from EAL's telemetry
// thread. Main thread; from telemetry_stop() on, which comes after control_run() has returned,
// commands are answered with nothing.
void telemetry_start(struct control *c);
void telemetry_stop(void);

#endif
