/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "console/console_internal.h"

// Where commands come from. cmdline_interact() waits in read() and cannot be told to end, so the
// waiting is ours: poll() on the input and on an eventfd. Keys go to rdline, which edits lines and
// keeps the history; whole lines go to cmdline.

// Longest line from a pipe; longest line that is typed is rdline's.
#define LINE_LEN (1 << 20)

// Wait for input. Bytes read, 0 at the end of it, -1 when told to stop.
static ssize_t
input_read(struct console *c, char *buf, size_t size)
{
	struct pollfd fds[2] = {
		{.fd = c->params.in_fd, .events = POLLIN},
		{.fd = c->wake_fd, .events = POLLIN},
	};
	ssize_t n;

	while (true) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return 0;
		if (fds[1].revents != 0)
			return -1;
		if (fds[0].revents == 0)
			continue;
		n = read(c->params.in_fd, buf, size);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n < 0 ? 0 : n;
	}
}

struct line {
	char *text;
	size_t len;
	size_t size;
};

static bool
line_room(struct line *l)
{
	char *grown;

	if (l->len + 1 < l->size)
		return true;
	if (l->size >= LINE_LEN)
		return false;
	l->size = l->size == 0 ? 1024 : 2 * l->size;
	grown = realloc(l->text, l->size);
	if (grown == NULL) {
		l->size = l->len + 1;
		return false;
	}
	l->text = grown;
	return true;
}

static void
line_end(struct console *c, struct line *l)
{
	if (l->len >= LINE_LEN - 1) {
		console_misuse(c, "a line is longer than %u bytes", LINE_LEN - 2);
	} else if (line_room(l)) {
		l->text[l->len] = '\0';
		console_line(c, l->text);
	}
	l->len = 0;
}

// Lines from a pipe or a file. A line that is too long is an error as a whole.
static enum console_end
lines_run(struct console *c)
{
	struct line l = {0};
	char buf[512];
	ssize_t n = 0;

	while (!c->quit && (n = input_read(c, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n && !c->quit; i++) {
			if (buf[i] != '\n' && buf[i] != '\r') {
				if (line_room(&l))
					l.text[l.len++] = buf[i];
				continue;
			}
			c->pending = i + 1 < n;
			line_end(c, &l);
		}
	c->pending = false;
	if (!c->quit && n == 0 && l.len > 0)
		line_end(c, &l);
	free(l.text);
	return c->quit ? CONSOLE_QUIT : n < 0 ? CONSOLE_STOPPED : CONSOLE_EOF;
}

static int
char_write(struct rdline *rdl, char key)
{
	struct console *c = rdline_get_opaque(rdl);

	return fputc(key, c->out) == EOF ? -1 : 0;
}

static void
line_validate(struct rdline *rdl, const char *buf, unsigned int size)
{
	struct console *c = rdline_get_opaque(rdl);
	char *line = strndup(buf, size);

	fflush(c->out);
	if (line != NULL)
		console_line(c, line);
	free(line);
	if (c->quit)
		rdline_quit(rdl);
}

static int
line_complete(struct rdline *rdl, const char *buf, char *dst, unsigned int size, int *state)
{
	return console_complete(rdline_get_opaque(rdl), buf, dst, size, state);
}

// Empty lines are not remembered.
static void
history_add(struct rdline *rdl)
{
	char *line = strdup(rdline_get_buffer(rdl));

	if (line != NULL && *console_value(line) != '\0')
		rdline_add_history(rdl, line);
	free(line);
}

static enum console_end
keys_run(struct console *c, struct rdline *rdl)
{
	char buf[64];
	ssize_t n;

	rdline_newline(rdl, c->params.prompt);
	fflush(c->out);
	while ((n = input_read(c, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++) {
			int rc;

			c->pending = i + 1 < n;
			rc = rdline_char_in(rdl, buf[i]);
			if (rc == RDLINE_RES_EXITED || rc == RDLINE_RES_EOF)
				return c->quit ? CONSOLE_QUIT : CONSOLE_EOF;
			if (rc == RDLINE_RES_VALIDATED) {
				history_add(rdl);
				rdline_newline(rdl, c->params.prompt);
			}
			fflush(c->out);
		}
	return n < 0 ? CONSOLE_STOPPED : CONSOLE_EOF;
}

// Keys come one by one and unechoed; Ctrl-C stays a signal.
static enum console_end
terminal_run(struct console *c)
{
	struct termios before, raw;
	struct rdline *rdl;
	enum console_end end = CONSOLE_EOF;

	if (tcgetattr(c->params.in_fd, &before) != 0)
		return CONSOLE_EOF;
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(c->params.in_fd, TCSANOW, &raw);
	rdl = rdline_new(char_write, line_validate, line_complete, c);
	if (rdl != NULL) {
		end = keys_run(c, rdl);
		rdline_free(rdl);
	}
	tcsetattr(c->params.in_fd, TCSANOW, &before);
	fputc('\n', c->out);
	fflush(c->out);
	return end;
}

enum console_end
console_input_run(struct console *c)
{
	return isatty(c->params.in_fd) ? terminal_run(c) : lines_run(c);
}
