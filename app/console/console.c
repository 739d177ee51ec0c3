/* SPDX-License-Identifier: BSD-3-Clause */
#include "console/console.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include "console/console_internal.h"

// Where commands come from. cmdline_interact() waits in read() and cannot be told to end, so the
// waiting is ours: poll() on the input and on an eventfd, and cmdline gets what was read.

#define LINE_LEN 1024

static const char prompt[] = "weir> ";

struct console *
console_create(const struct console_params *p, struct error *err)
{
	struct console *c = calloc(1, sizeof(*c));
	int fd = dup(p->out_fd);

	if (c == NULL) {
		if (fd >= 0)
			close(fd);
		error_set(err, -ENOMEM, "console: out of memory");
		return NULL;
	}
	c->params = *p;
	c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (c->out == NULL && fd >= 0)
		close(fd);
	if (c->wake_fd < 0 || c->out == NULL || console_commands_bind(c) != 0) {
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
	console_commands_free(c);
	if (c->out != NULL)
		fclose(c->out);
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

// Run one line, which has no newline, without echo and editing.
static void
line_run(struct console *c, struct cmdline *cl, const char *line)
{
	unsigned int before = c->failures;
	char text[LINE_LEN + 2];
	int rc;

	snprintf(text, sizeof(text), "%s\n", line);  // cmdline does nothing without a newline
	rc = cmdline_parse(cl, text);  // the length of the line when it was run
	if (rc == CMDLINE_PARSE_AMBIGUOUS)
		console_fail(c, "ambiguous command: %s", line);
	else if (rc == CMDLINE_PARSE_NOMATCH)
		console_fail(c, "no such command: %s", line);
	else if (rc < 0 && c->failures == before)
		console_fail(c, "bad arguments: %s", line);
	fflush(c->out);
}

// cmdline for lines: it never reads, and what it would echo goes nowhere.
static struct cmdline *
line_cmdline(struct console *c)
{
	return cmdline_new((cmdline_parse_ctx_t *)c->insts, "", -1, -1);
}

int
console_run_file(struct console *c, const char *path, struct error *err)
{
	FILE *f = fopen(path, "re");
	unsigned int before = c->failures;
	struct cmdline *cl;
	char line[LINE_LEN];

	if (f == NULL)
		return error_field(err, -errno, "--cmdline-file", "--cmdline-file: cannot read '%s': %s",
			path, strerror(errno));
	cl = line_cmdline(c);
	if (cl == NULL) {
		fclose(f);
		return error_set(err, -ENOMEM, "console: out of memory");
	}
	c->file = path;
	c->line = 0;
	while (!c->quit && fgets(line, sizeof(line), f) != NULL) {
		c->line++;
		line[strcspn(line, "\r\n")] = '\0';
		line_run(c, cl, line);
	}
	c->file = NULL;
	cmdline_free(cl);
	fclose(f);
	return (int)(c->failures - before);
}

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

// Lines from a pipe or a file. A line that is longer than the buffer is an error as a whole.
static enum console_end
lines_run(struct console *c, struct cmdline *cl)
{
	char line[LINE_LEN], buf[512];
	size_t len = 0;
	ssize_t n;

	while ((n = input_read(c, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n && !c->quit; i++) {
			if (buf[i] != '\n' && buf[i] != '\r') {
				if (len < sizeof(line) - 1)
					line[len++] = buf[i];
				continue;
			}
			line[len] = '\0';
			len = 0;
			line_run(c, cl, line);
		}
		if (c->quit)
			return CONSOLE_QUIT;
	}
	if (n < 0)
		return CONSOLE_STOPPED;
	line[len] = '\0';
	line_run(c, cl, line);
	return c->quit ? CONSOLE_QUIT : CONSOLE_EOF;
}

static enum console_end
keys_run(struct console *c, struct cmdline *cl)
{
	char buf[64];
	ssize_t n;

	while ((n = input_read(c, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (cmdline_in(cl, &buf[i], 1) < 0)
				return c->quit ? CONSOLE_QUIT : CONSOLE_EOF;
			fflush(c->out);
		}
	}
	return n < 0 ? CONSOLE_STOPPED : CONSOLE_EOF;
}

// Keys come one by one and unechoed; Ctrl-C stays a signal.
static enum console_end
terminal_run(struct console *c)
{
	struct termios before, raw;
	struct cmdline *cl;
	enum console_end end = CONSOLE_EOF;

	if (tcgetattr(c->params.in_fd, &before) != 0)
		return CONSOLE_EOF;
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(c->params.in_fd, TCSANOW, &raw);
	cl = cmdline_new((cmdline_parse_ctx_t *)c->insts, prompt, c->params.in_fd,
		c->params.out_fd);
	if (cl != NULL) {
		end = keys_run(c, cl);
		cmdline_free(cl);
	}
	tcsetattr(c->params.in_fd, TCSANOW, &before);
	fputc('\n', c->out);
	fflush(c->out);
	return end;
}

enum console_end
console_run(struct console *c)
{
	struct cmdline *cl;
	enum console_end end;

	if (isatty(c->params.in_fd))
		return terminal_run(c);
	cl = line_cmdline(c);
	if (cl == NULL)
		return CONSOLE_EOF;
	end = lines_run(c, cl);
	cmdline_free(cl);
	return end;
}
