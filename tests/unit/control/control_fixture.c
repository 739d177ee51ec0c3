/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_fixture.h"

#include <stdio.h>

static void *
loop_main(void *arg)
{
	struct fixture *f = arg;

	control_run(f->control, NULL);
	return NULL;
}

int
fixture_start(struct fixture *f, const struct control_params *p)
{
	struct error err = {0};

	fake_app_start(&f->app);
	f->control = control_create(p, fake_ops(), &f->app, &err);
	if (f->control == NULL) {
		fprintf(stderr, "%s\n", err.text);
		fake_app_stop(&f->app);
		return -1;
	}
	return pthread_create(&f->loop, NULL, loop_main, f) == 0 ? 0 : -1;
}

void
fixture_stop(struct fixture *f)
{
	control_stop(f->control);
	pthread_join(f->loop, NULL);
	control_free(f->control);
	fake_app_stop(&f->app);
}
