/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "console/command.h"

// watch COMMAND [SECONDS]: what a command shows, again and again. On a terminal it is painted over
// what was there, cut to the terminal's height; elsewhere it is appended. It is made in memory first,
// so that a screen changes at once. Each time is one ask, as if it were typed.

#define PERIOD_S 2
#define PERIOD_S_MAX 3600

bool
console_shows(const struct console *c, const char *line)
{
	for (const char *const *word = c->params.commands->shows; *word != NULL; word++)
		if (strncmp(line, *word, strlen(*word)) == 0)
			return true;
	return false;
}

// Lines of text as far as they find room, each clearing what was right of it.
static void
screen_paint(struct console *c, const char *text, const char *line, unsigned int period_s)
{
	unsigned int columns, rows;
	char now[CLOCK_RFC3339_LEN];

	console_size(c, &columns, &rows);
	fprintf(c->screen, "\033[H%.*s, every %u s, %s; Enter ends it\033[K\n", (int)columns / 2, line,
		period_s, clock_rfc3339(clock_wall_us(), now));
	for (unsigned int i = 2; i < rows && *text != '\0'; i++) {
		size_t len = strcspn(text, "\n");

		fprintf(c->screen, "%.*s\033[K\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
	fputs("\033[J", c->screen);
	fflush(c->screen);
}

// Once. false: it failed; its error was told.
static bool
watch_once(struct console *c, const char *line, unsigned int period_s, bool paint)
{
	bool err_too = c->err == c->out;
	char *copy = strdup(line), *text = NULL;
	size_t size;

	if (paint) {
		c->out = open_memstream(&text, &size);
		if (c->out == NULL)
			c->out = c->screen;
		if (err_too)
			c->err = c->out;
	}
	if (copy != NULL)
		console_line(c, copy);
	free(copy);
	if (c->out != c->screen) {
		fclose(c->out);
		c->out = c->screen;
		if (err_too)
			c->err = c->out;
		if (text != NULL)
			screen_paint(c, text, line, period_s);
		free(text);
	}
	if (c->result == CONSOLE_INTERRUPTED)  // the orderly end of a watch
		c->result = CONSOLE_DONE;
	return c->result == CONSOLE_DONE;
}

// Keys one by one; Ctrl-C as well is one that ends the watching.
static bool
keys_begin(const struct console *c, struct termios *ret_before)
{
	struct termios raw;

	if (c->params.in_fd < 0 || tcgetattr(c->params.in_fd, ret_before) != 0)
		return false;
	raw = *ret_before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	tcsetattr(c->params.in_fd, TCSANOW, &raw);
	return true;
}

bool
console_watch(struct console *c, const char *line, unsigned int period_s)
{
	bool paint = isatty(c->params.out_fd) && !c->params.json, going = true, raw;
	struct termios before;

	raw = keys_begin(c, &before);
	c->watching = true;
	if (paint)
		fputs("\033[2J", c->screen);
	do {
		going = watch_once(c, line, period_s, paint);
	} while (going && !console_wait(c, 1000 * period_s));
	c->watching = false;
	if (raw)
		tcsetattr(c->params.in_fd, TCSANOW, &before);
	return going;
}

// "show ledger 5" -> "show ledger", 5. false: not that long.
static bool
period_take(char *line, unsigned int *ret_s)
{
	char *last = strrchr(line, ' ');
	uint64_t n;

	*ret_s = PERIOD_S;
	if (last == NULL || last[1] == '\0' || last[1 + strspn(last + 1, "0123456789")] != '\0')
		return true;
	if (units_parse_u64(last + 1, 1, PERIOD_S_MAX, &n) != 0)
		return false;
	*last = '\0';
	console_value(line);
	*ret_s = (unsigned int)n;
	return true;
}

static void
watch_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;
	struct console *c = data;
	char *line = console_value(w->value);
	unsigned int period_s;

	(void)cl;
	if (c->file != NULL)
		console_misuse(c, "watch: not in a file, where nobody could end it");
	else if (!console_shows(c, line))
		console_misuse(c, "watch: found '%.40s', allowed: %s", line,
			c->params.commands->shows_text);
	else if (!period_take(line, &period_s))
		console_misuse(c, "watch: seconds: allowed: a whole number from 1 to %u", PERIOD_S_MAX);
	else
		console_watch(c, line, period_s);
}

COMMAND_WORD(watch_word, "watch");
COMMAND_REST(command_rest, "a command that shows something, and perhaps every how many seconds");
COMMAND(watch_cmd, watch_run, "watch COMMAND [SECONDS]    show it again and again, until Enter",
	(void *)&watch_word, (void *)&command_rest);

cmdline_parse_inst_t *console_cmds_watch[] = {&watch_cmd, NULL};
