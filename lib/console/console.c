/* SPDX-License-Identifier: BSD-3-Clause */
#include "console/console.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "console/console_internal.h"
#include "console/table.h"

// A console, and running a line on it. What reads lines is in input.c.

static FILE *
stream_open(int fd)
{
	int own = dup(fd);
	FILE *f = own < 0 ? NULL : fdopen(own, "w");

	if (f == NULL && own >= 0)
		close(own);
	if (f != NULL)
		setvbuf(f, NULL, _IOFBF, 1 << 16);  // a screen at a time
	return f;
}

struct console *
console_create(const struct console_params *p, struct error *err)
{
	struct console *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		error_set(err, -ENOMEM, "console: out of memory");
		return NULL;
	}
	c->params = *p;
	c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->out = c->screen = stream_open(p->out_fd);
	c->err = p->err_fd == p->out_fd ? c->out : stream_open(p->err_fd);
	// cmdline only parses: it never reads, and what it would echo goes nowhere.
	if (console_commands_bind(c) == 0)
		c->cmdline = cmdline_new((cmdline_parse_ctx_t *)c->insts, "", -1, -1);
	if (c->wake_fd < 0 || c->out == NULL || c->err == NULL || c->cmdline == NULL) {
		error_set(err, -ENOMEM, "console: out of memory or file descriptors");
		console_free(c);
		return NULL;
	}
	return c;
}

void
console_free(struct console *c)
{
	if (c == NULL)
		return;
	if (c->cmdline != NULL)
		cmdline_free(c->cmdline);
	console_completions_free(c);
	console_commands_free(c);
	cJSON_Delete(c->stats_base);
	cJSON_Delete(c->ports_base);
	if (c->err != NULL && c->err != c->screen)
		fclose(c->err);
	if (c->screen != NULL)
		fclose(c->screen);
	if (c->wake_fd >= 0)
		close(c->wake_fd);
	free(c);
}

void
console_stop(struct console *c)
{
	uint64_t one = 1;
	ssize_t n = write(c->wake_fd, &one, sizeof(one));

	(void)n;  // fails only when it is set already
}

enum console_result
console_worst(const struct console *c)
{
	return c->worst;
}

void
console_size(const struct console *c, unsigned int *ret_columns, unsigned int *ret_rows)
{
	struct winsize w = {0};

	*ret_columns = *ret_rows = 0;
	if (!isatty(c->params.out_fd))
		return;
	if (ioctl(c->params.out_fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0 || w.ws_row == 0)
		w = (struct winsize){.ws_col = 80, .ws_row = 24};
	*ret_columns = w.ws_col;
	*ret_rows = w.ws_row;
}

void
console_table(struct console *c, struct table *t)
{
	unsigned int columns, rows;

	console_size(c, &columns, &rows);
	table_end(t, c->out, columns);
}

// Take a comment away: what follows a '#' at the start of a word, outside of quotes.
static void
comment_cut(char *line)
{
	bool quoted = false;

	for (char *at = line; *at != '\0'; at++) {
		if (*at == '"' && (at == line || at[-1] != '\\'))
			quoted = !quoted;
		if (*at == '#' && !quoted && (at == line || isspace((unsigned char)at[-1]))) {
			*at = '\0';
			return;
		}
	}
}

// Take "| json" away from the end. Any other bar is an argument's, as in filters.
static bool
json_cut(char *line)
{
	char *bar = NULL;
	bool quoted = false;

	for (char *at = line; *at != '\0'; at++) {
		if (*at == '"' && (at == line || at[-1] != '\\'))
			quoted = !quoted;
		if (*at == '|' && !quoted && at != line && isspace((unsigned char)at[-1]))
			bar = at;
	}
	if (bar == NULL || strcmp(bar + 1 + strspn(bar + 1, " \t"), "json") != 0)
		return false;
	*bar = '\0';
	return true;
}

// cmdline says only that it does not match; this says what would.
static void
mismatch_tell(struct console *c, const char *line, bool known)
{
	size_t len = strcspn(line, " \t");

	if (known)
		console_misuse(c, "bad arguments: %s (help %.*s lists what is allowed)", line,
			(int)len, line);
	else
		console_misuse(c, "no such command: %s", line);
}

static bool
first_word_known(const struct console *c, const char *line)
{
	size_t len = strcspn(line, " \t");

	for (size_t i = 0; c->insts[i] != NULL; i++)
		if (strcspn(c->insts[i]->help_str, " ") == len &&
		    strncmp(c->insts[i]->help_str, line, len) == 0)
			return true;
	return false;
}

void
console_line(struct console *c, char *line)
{
	char *text = NULL;

	c->result = CONSOLE_DONE;
	comment_cut(line);
	line += strspn(line, " \t");
	console_value(line);
	c->json = json_cut(line) || c->params.json;
	if (asprintf(&text, "%s\n", console_value(line)) < 0)  // cmdline wants a newline
		console_fail(c, "out of memory");
	else if (cmdline_parse(c->cmdline, text) < 0)
		mismatch_tell(c, line, first_word_known(c, line));
	free(text);
	if (c->result > c->worst)
		c->worst = c->result;
	if (c->err != c->out)
		fflush(c->err);
	fflush(c->out);
}

enum console_result
console_run_line(struct console *c, const char *line)
{
	char *copy = strdup(line);

	if (copy == NULL)
		return CONSOLE_FAILED;
	console_line(c, copy);
	free(copy);
	return c->result;
}

int
console_run_file(struct console *c, const char *path, struct error *err)
{
	FILE *f = fopen(path, "re");
	unsigned int before = c->failures;
	char *line = NULL;
	size_t size = 0;

	if (f == NULL)
		return error_field(err, -errno, "--cmdline-file", "--cmdline-file: cannot read '%s': %s",
			path, strerror(errno));
	c->file = path;
	c->line = 0;
	while (!c->quit && getline(&line, &size, f) >= 0) {
		c->line++;
		console_line(c, line);
	}
	c->file = NULL;
	free(line);
	fclose(f);
	return (int)(c->failures - before);
}

bool
console_wait(struct console *c, unsigned int ms)
{
	struct pollfd fds[2] = {
		{.fd = c->wake_fd, .events = POLLIN},
		{.fd = c->watching ? c->params.in_fd : -1, .events = POLLIN},
	};
	char key;

	if (c->pending && c->watching)
		return true;
	if (poll(fds, 2, (int)ms) <= 0)
		return false;
	if (fds[0].revents != 0)
		return true;
	// A key is taken; of what is not typed, the next line is a command.
	return !isatty(c->params.in_fd) || read(c->params.in_fd, &key, 1) <= 0 || key == '\n' ||
		key == '\r' || key == 'q' || key == 3;
}

enum console_end
console_run(struct console *c)
{
	return console_input_run(c);
}
