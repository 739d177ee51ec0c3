/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "console/command.h"

// help [WORD], quit

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

// What `quit` does is not the same everywhere.
static void
help_line(struct console *c, const cmdline_parse_inst_t *inst)
{
	if (inst->f == quit_run)
		fprintf(c->out, "  %-26s %s\n", "quit", c->params.quit_help);
	else
		fprintf(c->out, "  %s\n", inst->help_str);
}

static void
help_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;

	(void)res;
	(void)cl;
	fprintf(c->out, "Tab completes words, ? tells what may follow; changes take effect at once.\n"
		"COMMAND | json gives the answer of the method as it is.\n\n");
	for (size_t i = 0; c->insts[i] != NULL; i++)
		help_line(c, c->insts[i]);
}

static void
help_word_run(void *res, struct cmdline *cl, void *data)
{
	const struct console_words *w = res;
	size_t len = strlen(w->name);
	struct console *c = data;
	bool found = false;

	(void)cl;
	for (size_t i = 0; c->insts[i] != NULL; i++)
		if (strncmp(c->insts[i]->help_str, w->name, len) == 0 &&
		    c->insts[i]->help_str[len] == ' ') {
			help_line(c, c->insts[i]);
			found = true;
		}
	if (!found)
		console_misuse(c, "help: found '%.40s', allowed: the first word of a command", w->name);
}

COMMAND_WORD(help_word, "help");
COMMAND_WORD(quit_word, "quit");
COMMAND(help_cmd, help_run, "help                       this list", (void *)&help_word);
COMMAND(help_word_cmd, help_word_run, "help WORD                  the commands that begin so",
	(void *)&help_word, &console_word_marks[CONSOLE_WORD_COMMAND]);
COMMAND(quit_cmd, quit_run, "quit                       end this console",
	(void *)&quit_word);

cmdline_parse_inst_t *console_cmds_help[] = {&help_cmd, &help_word_cmd, NULL};
cmdline_parse_inst_t *console_cmds_quit[] = {&quit_cmd, NULL};
