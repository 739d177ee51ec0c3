/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "config/file.h"
#include "console/weir_commands.h"
#include "console/table.h"

// show config, set config FIELD VALUE, save config [FILE], load config FILE, confirm config,
// rollback config

static void
show_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *config = console_ask(c, "config.get", NULL);
	char *text = config != NULL ? cJSON_Print(config) : NULL;

	(void)res;
	(void)cl;
	if (text != NULL)
		fprintf(c->out, "%s\n", text);
	free(text);
	cJSON_Delete(config);
}

static void
save_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *answer = console_ask(c, "config.save", NULL);

	(void)res;
	(void)cl;
	if (answer != NULL)
		fprintf(c->out, "saved to %s\n", table_member_text(answer, "saved"));
	cJSON_Delete(answer);
}

// What a person may see goes into a file of the person's own, so passwords do not.
static void
save_to_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;
	struct console *c = data;
	const char *path = console_value(w->value);
	cJSON *params = cJSON_CreateObject(), *config;
	const char *push;
	struct error err;
	int rc;

	(void)cl;
	cJSON_AddTrueToObject(params, "waiting");
	config = console_ask_raw(c, "config.get", params, &rc);
	push = table_member_text(config, "push");
	if (rc != 0)
		console_answer_tell(c, config, rc);
	else if (config_file_write(path, config, &err) != 0)
		console_fail(c, "%s", err.text);
	else
		fprintf(c->out, "saved to %s%s\n", path, push != NULL && strstr(push, ":***@") != NULL ?
			"; the password in push is written as ***" : "");
	cJSON_Delete(config);
	cJSON_Delete(params);
}

static void
value_add(struct table *t, const cJSON *v)
{
	char *text = cJSON_PrintUnformatted(v);

	table_text(t, cJSON_IsNull(v) ? NULL : text);
	free(text);
}

static void
changes_print(struct console *c, cJSON *answer)
{
	const cJSON *changes = cJSON_GetObjectItemCaseSensitive(answer, "changes"), *d;
	struct table t;

	if (answer == NULL)
		return;
	if (cJSON_GetArraySize(changes) == 0) {
		fprintf(c->out, "nothing changes\n");
	} else {
		table_start(&t, "field|from|to|applied");
		cJSON_ArrayForEach(d, changes) {
			table_text(&t, table_member_text(d, "field"));
			value_add(&t, cJSON_GetObjectItemCaseSensitive(d, "from"));
			value_add(&t, cJSON_GetObjectItemCaseSensitive(d, "to"));
			table_text(&t, cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(d,
				"restart")) ? "next start" : "at once");
		}
		console_table(c, &t);
	}
	cJSON_Delete(answer);
}

// Faults of the configuration, with their lines in the file. false: it is not about them.
static bool
faults_print(struct console *c, const struct config_file *f, const cJSON *error)
{
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(error, "data");
	const cJSON *errors = cJSON_GetObjectItemCaseSensitive(data, "errors"), *e;
	unsigned int failures = c->failures;
	char line[sizeof(((struct error *)0)->text)];
	struct error fault;

	cJSON_ArrayForEach(e, errors) {
		const char *field = table_member_text(e, "field");
		const char *text = table_member_text(e, "message");

		snprintf(fault.field, sizeof(fault.field), "%s", field != NULL ? field : "");
		snprintf(fault.text, sizeof(fault.text), "%s", text != NULL ? text : "?");
		console_fail(c, "%s", config_file_fault(f, &fault, line, sizeof(line)));
	}
	if (errors == NULL)
		return false;
	c->failures = failures + 1;  // one command
	return true;
}

static void
load_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;
	struct console *c = data;
	cJSON *params, *answer;
	struct config_file f;
	struct error err;
	int rc;

	(void)cl;
	if (config_file_read(console_value(w->value), &f, &err) != 0) {
		console_fail(c, "%s", err.text);
		return;
	}
	params = cJSON_CreateObject();
	cJSON_AddItemReferenceToObject(params, "config", f.document);
	cJSON_AddTrueToObject(params, "replace");
	answer = console_ask_raw(c, "config.set", params, &rc);
	if (rc == 0 && !c->json) {
		changes_print(c, answer);
	} else {
		if (c->json || !faults_print(c, &f, answer))
			console_answer_tell(c, answer, rc);
		cJSON_Delete(answer);
	}
	cJSON_Delete(params);
	config_file_free(&f);
}

// {"flow": {"capacity": v}} of "flow.capacity"; v is taken over.
static cJSON *
field_document(char *path, cJSON *v)
{
	char *dot = strrchr(path, '.');
	cJSON *o = cJSON_CreateObject();

	if (!cJSON_AddItemToObject(o, dot != NULL ? dot + 1 : path, v))
		cJSON_Delete(v);
	if (dot == NULL)
		return o;
	*dot = '\0';
	return field_document(path, o);
}

static void
set_run(void *res, struct cmdline *cl, void *data)
{
	struct console_words *w = res;

	(void)cl;
	changes_print(data, console_ask_with(data, "config.set", "config",
		field_document(w->name, console_json_value(console_value(w->value)))));
}

static void
confirm_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;
	cJSON *answer = console_ask(c, "config.confirm", NULL);

	(void)res;
	(void)cl;
	if (answer != NULL)
		fprintf(c->out, "confirmed\n");
	cJSON_Delete(answer);
}

static void
rollback_run(void *res, struct cmdline *cl, void *data)
{
	struct console *c = data;

	(void)res;
	(void)cl;
	changes_print(c, console_ask(c, "config.rollback", NULL));
}

COMMAND_WORD(show_word, "show");
COMMAND_WORD(set_word, "set");
COMMAND_WORD(save_word, "save");
COMMAND_WORD(load_word, "load");
COMMAND_WORD(confirm_word, "confirm");
COMMAND_WORD(rollback_word, "rollback");
COMMAND_WORD(config_word, "config");
COMMAND_REST(file_rest, "path of a file");
COMMAND_REST(value_rest, "its value, JSON; null: the default");

COMMAND(show_cmd, show_run, "show config                the configuration that runs",
	(void *)&show_word, (void *)&config_word);
COMMAND(set_cmd, set_run, "set config FIELD VALUE     change a field of the configuration",
	(void *)&set_word, (void *)&config_word, &console_word_marks[WORD_CONFIG_FIELD],
	(void *)&value_rest);
COMMAND(save_cmd, save_run, "save config                to the file of --config",
	(void *)&save_word, (void *)&config_word);
COMMAND(save_to_cmd, save_to_run, "save config FILE           to a file of your own, without passwords",
	(void *)&save_word, (void *)&config_word, (void *)&file_rest);
COMMAND(load_cmd, load_run, "load config FILE           the whole configuration, or nothing of it",
	(void *)&load_word, (void *)&config_word, (void *)&file_rest);
COMMAND(confirm_cmd, confirm_run, "confirm config             keep a change that would be rolled back",
	(void *)&confirm_word, (void *)&config_word);
COMMAND(rollback_cmd, rollback_run, "rollback config            what was before the last change of all",
	(void *)&rollback_word, (void *)&config_word);

cmdline_parse_inst_t *console_cmds_config[] = {&show_cmd, &set_cmd, &save_cmd, &save_to_cmd, &load_cmd,
	&confirm_cmd, &rollback_cmd, NULL};
