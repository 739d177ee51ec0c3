/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/weir_commands.h"
#include "console_fixture.h"

void
console_test_quit(void *arg)
{
	(*(unsigned int *)arg)++;
}

int
console_test_ask(void *arg, const char *method, const char *params_json, char **ret_json)
{
	return control_call(arg, method, params_json, ret_json);
}

int
console_test_setup(void **state)
{
	static const struct control_params no_listen = {.listen = false};
	struct console_test *t = calloc(1, sizeof(*t));
	struct console_params p = {.commands = &weir_commands, .ask = console_test_ask,
		.prompt = "weir> ", .quit_help = "stop",
		.quit = console_test_quit};

	*state = t;
	t->out = tmpfile();
	if (fixture_start(&t->f, &no_listen) != 0 || pipe(t->in) != 0 || t->out == NULL)
		return -1;
	p.ask_arg = t->f.control;
	p.arg = &t->quits;
	p.in_fd = t->in[0];
	p.out_fd = p.err_fd = fileno(t->out);
	t->console = console_create(&p, NULL);
	return t->console == NULL ? -1 : 0;
}

int
console_test_teardown(void **state)
{
	struct console_test *t = *state;

	console_free(t->console);
	fixture_stop(&t->f);
	close(t->in[0]);
	if (t->in[1] >= 0)
		close(t->in[1]);
	fclose(t->out);
	free(t);
	return 0;
}

enum console_end
console_test_run(struct console_test *t, const char *commands)
{
	enum console_end end;
	size_t n;

	assert_int_equal(write(t->in[1], commands, strlen(commands)), strlen(commands));
	close(t->in[1]);
	t->in[1] = -1;
	end = console_run(t->console);
	rewind(t->out);
	n = fread(t->text, 1, sizeof(t->text) - 1, t->out);
	t->text[n] = '\0';
	return end;
}

void
console_test_holds(const struct console_test *t, const char *text)
{
	if (strstr(t->text, text) == NULL)
		fail_msg("'%s' is not in:\n%s", text, t->text);
}
