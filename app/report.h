/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_REPORT_H
#define WEIR_APP_REPORT_H

#include "base/error.h"
#include "pipeline.h"

// Write the final report to the file that output_start() opened for --report, and close it; without one
// a summary for the person at the terminal.
int report_write(struct pipeline *p, struct error *err);

#endif
