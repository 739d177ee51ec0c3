/* SPDX-License-Identifier: BSD-3-Clause */
#include "console/command.h"

// help, quit

static void
help_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;

	(void)res;
	(void)cl;
	fprintf(c->out, "Tab completes words; changes take effect at once.\n\n");
	for (size_t i = 0; c->insts[i] != NULL; i++)
		fprintf(c->out, "  %s\n", c->insts[i]->help_str);
}

static void
quit_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;

	(void)res;
	c->quit = true;
	cmdline_quit(cl);
	if (c->params.quit != NULL)
		c->params.quit(c->params.arg);
}

COMMAND_WORD(help_word, "help");
COMMAND_WORD(quit_word, "quit");
COMMAND(help_cmd, help_run, "help                       this list", (void *)&help_word);
COMMAND(quit_cmd, quit_run, "quit                       stop Weir, with its report",
	(void *)&quit_word);

cmdline_parse_inst_t *console_cmds_general[] = {&help_cmd, &quit_cmd, NULL};
