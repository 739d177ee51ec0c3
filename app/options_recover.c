/* SPDX-License-Identifier: BSD-3-Clause */
#include "options_recover.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "config/file.h"
#include "config/schema.h"

void
options_state_file(struct options *o)
{
	o->state_file[0] = '\0';
	if (o->pcap == NULL && strncmp(o->store, "sqlite:", 7) == 0 &&
			strlen(o->store) <= STORE_URI_MAX)
		snprintf(o->state_file, sizeof(o->state_file), "%s.config.json", o->store + 7);
}

// Is the state file there, and is the configuration not of later than it?
bool
options_recoverable(const struct options *o)
{
	struct stat state, config;

	if (o->state_file[0] == '\0' || stat(o->state_file, &state) != 0)
		return false;
	return o->config == NULL || stat(o->config, &config) != 0 ||
		config.st_mtime <= state.st_mtime;
}

void
options_recover(struct options *o)
{
	struct error_list faults = {.count = 0};
	struct config_file state, before = o->file;
	char path[sizeof(o->state_file)];
	bool eal_given = o->eal_given;
	struct error err;

	if (!options_recoverable(o))
		return;
	if (config_file_read(o->state_file, &state, &err) != 0) {
		fprintf(stderr, "weir: not recovered: %s\n", err.text);
		return;
	}
	config_document_check(state.document, false, &faults);
	if (faults.count > 0) {
		config_file_fault(&state, &faults.error[0], err.text, sizeof(err.text));
		fprintf(stderr, "weir: not recovered: %s\n", err.text);
		config_file_free(&state);
		return;
	}
	// It stays where the next start will look for it, and where the orderly end takes it away, also
	// when it asks for another store.
	memcpy(path, o->state_file, sizeof(path));
	options_derive(o->argc, o->argv, state.document, true, o);
	memcpy(o->state_file, path, sizeof(path));
	o->eal_given = eal_given;
	o->file = state;
	o->file.path = o->state_file;
	o->recovered = true;
	config_file_free(&before);
	fprintf(stderr, "weir: the last run did not end in order: its configuration is taken from %s "
		"(remove that file to start without)\n", o->state_file);
}
