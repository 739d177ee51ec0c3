/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "client.h"
#include "complete.h"
#include "console/console.h"
#include "console/weir_commands.h"
#include "follow.h"
#include "weir_build.h"

// Arguments -> connection -> one command, or a prompt.

#define COMPLETE_PATIENCE_S 1
#define SERVER_DEFAULT "ws://127.0.0.1:8080"

struct arguments {
	struct client_params client;
	bool json;
	bool help;
	bool version;
	char *command;  // NULL: a prompt
	char **words;   // of it
	uint64_t count;        // lines of follow, 0: no end
	const char *complete;  // a line to complete, or NULL
};

static struct client *client;
static struct console *console;

static void
stop_note(int number)
{
	(void)number;
	console_stop(console);
	client_stop(client);
}

static void
usage(void)
{
	printf("usage: weirctl [options] [COMMAND...]\n\n"
		"Runs a console command (`weirctl help` lists them) on a Weir that runs somewhere, or,\n"
		"without one, those that are typed or come on standard input. And:\n\n"
		"  follow result|alerts [QUERY...], follow stats|flow\n"
		"                     " FOLLOW_HELP ";\n"
		"                     a lost connection is made again\n\n"
		"  -s, --server URL   ws://HOST:PORT or wss://HOST:PORT (WEIR_SERVER,\n"
		"                     else " SERVER_DEFAULT ")\n"
		"      --token TOKEN  who asks; better in WEIR_TOKEN, where others do not see it\n"
		"      --ca FILE      who may sign its certificate, PEM (the system's)\n"
		"      --insecure     take any certificate; send a token without TLS, too\n"
		"  -j, --json         answers as they come, as with `| json`\n"
		"  -n, --count N      end follow after N lines\n"
		"      --complete LINE  words that may come at the end of a command, for shells\n"
		"  -h, --help         this text\n"
		"  -v, --version      print the version\n\n"
		"Exit status: 0 done, 1 the call failed, 2 bad arguments or no such command,\n"
		"3 no connection, 4 not allowed.\n");
}

// The words of a command, as one line.
static char *
words_join(char **words)
{
	size_t len = 1;
	char *line, *at;

	for (char **w = words; *w != NULL; w++)
		len += strlen(*w) + 1;
	line = at = malloc(len);
	if (line == NULL)
		return NULL;
	*at = '\0';
	for (char **w = words; *w != NULL; w++) {
		if (at != line)
			*at++ = ' ';
		at = stpcpy(at, *w);
	}
	return line;
}

static const struct option options[] = {
	{"server", required_argument, NULL, 's'},
	{"token", required_argument, NULL, 't'},
	{"ca", required_argument, NULL, 'c'},
	{"insecure", no_argument, NULL, 'i'},
	{"json", no_argument, NULL, 'j'},
	{"count", required_argument, NULL, 'n'},
	{"complete", required_argument, NULL, 'C'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'v'},
	{0},
};

// False: told.
static bool
option_take(struct arguments *a, int option)
{
	switch (option) {
	case 's': a->client.url = optarg; break;
	case 't': a->client.token = optarg; break;
	case 'c': a->client.ca_file = optarg; break;
	case 'i': a->client.insecure = true; break;
	case 'j': a->json = true; break;
	case 'C': a->complete = optarg; break;
	case 'h': a->help = true; break;
	case 'v': a->version = true; break;
	case 'n':
		if (units_parse_u64(optarg, 1, UINT32_MAX, &a->count) == 0)
			break;
		fprintf(stderr, "weirctl: --count: found '%s', allowed: 1 to 4294967295\n", optarg);
		return false;
	default: return false;  // getopt has told
	}
	return true;
}

static bool
is_follow(const struct arguments *a)
{
	return a->words[0] != NULL && strcmp(a->words[0], FOLLOW_WORD) == 0;
}

// Options end at the first word, so that words of a command may begin with '-'. false: told.
static bool
arguments_parse(int argc, char **argv, struct arguments *a)
{
	const char *server = getenv("WEIR_SERVER");
	int option;

	*a = (struct arguments){.client = {
		.url = server != NULL && *server != '\0' ? server : SERVER_DEFAULT,
		.token = getenv("WEIR_TOKEN"),
	}};
	while ((option = getopt_long(argc, argv, "+s:jn:hv", options, NULL)) != -1)
		if (!option_take(a, option))
			return false;
	if (a->client.token != NULL && *a->client.token == '\0')
		a->client.token = NULL;
	if (a->client.token != NULL && strpbrk(a->client.token, "\r\n") != NULL) {
		fprintf(stderr, "weirctl: --token: allowed: one line\n");
		return false;
	}
	a->words = argv + optind;
	if (a->count > 0 && !is_follow(a)) {
		fprintf(stderr, "weirctl: --count: allowed: with follow only\n");
		return false;
	}
	if (a->words[0] != NULL)
		a->command = words_join(a->words);
	if (a->complete != NULL)
		a->client.patience_s = COMPLETE_PATIENCE_S;
	return true;
}

static void
options_complete(const char *typed)
{
	for (const struct option *o = options; o->name != NULL; o++) {
		char word[32];

		snprintf(word, sizeof(word), "--%s", o->name);
		if (strncmp(word, typed, strlen(typed)) == 0)
			printf("%s\t\n", word);
	}
}

static struct console *
console_make(const struct arguments *a, struct error *err)
{
	bool reads = a->command == NULL || isatty(STDIN_FILENO);
	struct console_params params = {
		.commands = &weir_commands,
		.ask = client_ask,
		.ask_arg = client,
		.in_fd = reads ? STDIN_FILENO : -1,
		.out_fd = STDOUT_FILENO,
		.err_fd = STDERR_FILENO,
		.json = a->json,
		.prompt = "weir> ",
		.quit_help = "leave weirctl; Weir goes on",
	};

	return console_create(&params, err);
}

static void
signals_set(void)
{
	const struct sigaction sa = {.sa_handler = stop_note};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

// The prompt, or lines from a pipe. A person is told at once when there is nobody to ask.
static enum console_result
commands_run(const struct arguments *a)
{
	enum console_result result = CONSOLE_DONE;

	if (a->complete != NULL) {
		complete_print(console, a->complete);
		return CONSOLE_DONE;
	}
	if (is_follow(a))
		return follow_run(client, a->words + 1, a->count);
	if (a->command != NULL)
		return console_run_line(console, a->command);
	if (isatty(STDIN_FILENO))
		result = console_run_line(console, "show system");
	if (result == CONSOLE_NO_CONNECTION || result == CONSOLE_NOT_ALLOWED)
		return result;
	console_run(console);
	return isatty(STDIN_FILENO) ? CONSOLE_DONE : console_worst(console);
}

int
main(int argc, char **argv)
{
	enum console_result result = CONSOLE_MISUSED;
	struct error err = {0};
	struct arguments a;

	if (!arguments_parse(argc, argv, &a))
		return CONSOLE_MISUSED;
	if (a.help || a.version || (a.complete != NULL && *a.complete == '-')) {
		if (a.help)
			usage();
		else if (!a.version)
			options_complete(a.complete);
		else
			printf("weirctl %s\n", WEIR_VERSION);
		free(a.command);
		return 0;
	}
	client = client_create(&a.client, &err);
	console = client != NULL ? console_make(&a, &err) : NULL;
	if (console != NULL) {
		signals_set();
		result = commands_run(&a);
	} else {
		fprintf(stderr, "weirctl: %s\n", err.text);
	}
	console_free(console);
	client_free(client);
	free(a.command);
	return result;
}
