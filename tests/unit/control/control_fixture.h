/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_TEST_CONTROL_FIXTURE_H
#define WEIR_TEST_CONTROL_FIXTURE_H

#include "fake_app.h"

// A control that runs its loop on its own thread, with the fake application behind it.
struct fixture {
	struct fake_app app;
	struct control *control;
	pthread_t loop;
};

int fixture_start(struct fixture *f, const struct control_params *p);  // 0 or -1
void fixture_stop(struct fixture *f);

#endif
