/* SPDX-License-Identifier: BSD-3-Clause */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_app.h"

// A control plane with the fake application behind it, for test_conversation.py. Prints the port;
// reads orders, one a line: "publish QUERY COUNT PADDING", "healthy 0|1", "generator 0|1",
// "delay MS", "stats", "state"; ends at the end of its input.

struct server {
	struct fake_app app;  // first: tick gets it as app
	struct control *control;
	char line[256];
	size_t len;
};

static void
stats_print(const struct server *s)
{
	struct control_stats st;

	control_stats_get(s->control, &st);
	printf("{\"clients\":%u,\"requests\":%llu,\"notifications\":%llu,\"dropped\":%llu,"
		"\"completed\":%u}\n", st.clients, (unsigned long long)st.requests,
		(unsigned long long)st.notifications, (unsigned long long)st.dropped,
		s->app.completed);
	fflush(stdout);
}

static void
state_print(const struct server *s)
{
	char text[256];

	fake_app_state(&s->app, text, sizeof(text));
	printf("%s\n", text);
	fflush(stdout);
}

static void
publish(struct server *s, const char *query, unsigned int count, unsigned int padding)
{
	for (unsigned int i = 0; i < count; i++) {
		struct document *d = fake_result(query, i, padding);

		control_publish(s->control, d);
		document_put(d);
	}
}

static void
order_run(struct server *s, const char *line)
{
	unsigned int count, padding, n;
	char query[64];

	if (sscanf(line, "publish %63s %u %u", query, &count, &padding) == 3)
		publish(s, query, count, padding);
	else if (sscanf(line, "healthy %u", &n) == 1)
		s->app.healthy = n != 0;
	else if (sscanf(line, "generator %u", &n) == 1)
		s->app.has_generator = n != 0;
	else if (sscanf(line, "delay %u", &n) == 1)
		s->app.store_delay_ms = n;
	else if (strcmp(line, "stats") == 0)
		stats_print(s);
	else if (strcmp(line, "state") == 0)
		state_print(s);
	else
		fprintf(stderr, "control_server: unknown order '%s'\n", line);
}

static void *
orders_main(void *arg)
{
	struct server *s = arg;
	char line[256];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		order_run(s, line);
	}
	control_stop(s->control);
	return NULL;
}

int
main(int argc, char **argv)
{
	struct server s = {0};
	struct control_params p = {.listen = true, .insecure = true, .address = argc > 1 ? argv[1] : "127.0.0.1",
		.panel_dir = argc > 2 && argv[2][0] != '\0' ? argv[2] : NULL,
		.port = argc > 3 ? (uint16_t)atoi(argv[3]) : 0,
		.waiting_bytes = argc > 4 ? strtoull(argv[4], NULL, 10) : 0};
	struct error err = {0};
	pthread_t orders;

	fake_app_start(&s.app);
	s.control = control_create(&p, fake_ops(), &s.app, &err);
	if (s.control == NULL) {
		fprintf(stderr, "%s\n", err.text);
		fake_app_stop(&s.app);
		return 2;
	}
	printf("%u\n", control_listen_port(s.control));
	fflush(stdout);
	pthread_create(&orders, NULL, orders_main, &s);
	control_run(s.control, NULL);
	pthread_join(orders, NULL);
	control_free(s.control);
	fake_app_stop(&s.app);  // completes calls of a control that is gone
	return 0;
}
