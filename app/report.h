/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_APP_REPORT_H
#define WEIR_APP_REPORT_H

#include "base/error.h"
#include "pipeline.h"

// Write the final report where --report says; nothing without it on a live run that has none.
int report_write(struct pipeline *p, struct error *err);

#endif
