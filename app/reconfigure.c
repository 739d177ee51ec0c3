/* SPDX-License-Identifier: BSD-3-Clause */
#include "reconfigure.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "config/file.h"
#include "config/schema.h"
#include "config_change.h"
#include "pipeline.h"
#include "profile.h"
#include "state_file.h"

static bool reload_asked;  // by SIGHUP; the tick reads the file

void
reconfigure_reload_ask(int number)
{
	(void)number;
	__atomic_store_n(&reload_asked, true, __ATOMIC_RELAXED);
}

void
reconfigure_init(struct pipeline *p)
{
	if (p->options.state_file[0] == '\0')
		return;
	p->config.file = state_file_create(p->options.state_file);
	if (p->config.file == NULL)
		log_warning("config", "%s: not kept, out of memory", p->options.state_file);
	// What was recovered is still not in the file of --config.
	p->config.touched = p->options.recovered;
}

void
reconfigure_fini(struct pipeline *p)
{
	// What a crashed run has left is still needed after a start that failed.
	state_file_free(p->config.file, p->output.state == OUTPUT_WRITES);
	cJSON_Delete(p->config.waiting);
	cJSON_Delete(p->config.previous);
	p->config = (struct config_state){0};
}

void
reconfigure_touch(struct pipeline *p)
{
	p->config.touched = true;
}

cJSON *
config_get_op(void *app, bool waiting)
{
	struct pipeline *p = app;
	cJSON *document = waiting ? config_with_waiting(p) : config_running(p);

	config_document_hide(document);
	return document;
}

// A password that comes back as it was shown is the one that it was.
static cJSON *
value_unhidden(const struct config_field *f, const cJSON *v, const cJSON *now)
{
	cJSON *shown = f->hide != NULL && now != NULL ? cJSON_Duplicate(now, true) : NULL;
	bool same;

	if (shown != NULL)
		f->hide(shown);
	same = shown != NULL && cJSON_Compare(shown, v, true);
	cJSON_Delete(shown);
	return cJSON_Duplicate(same ? now : v, true);
}

// Members of the profile that are not given stay, as with generator.set.
static cJSON *
value_merged(const struct config_field *f, const cJSON *v, const cJSON *now,
	struct error_list *errors)
{
	struct error err = {0};
	char field[96];
	cJSON *merged;

	if (strcmp(f->param.name, "generator") != 0 || now == NULL)
		return value_unhidden(f, v, now);
	merged = profile_merge(now, v, &err);
	if (merged == NULL) {
		snprintf(field, sizeof(field), "generator.%.80s", err.field);
		error_list_add(errors, field, "generator.%s", err.text);
	}
	return merged;
}

// The whole document that a change asks for: what it has, and else what there is, or (replace)
// nothing, which stands for the default. null stands for it in any case.
static cJSON *
document_wanted(const cJSON *change, cJSON *now, bool replace, struct error_list *errors)
{
	const struct config_field *f = NULL;
	cJSON *document = replace ? cJSON_CreateObject() : cJSON_Duplicate(now, true);

	while ((f = config_field_next(f)) != NULL) {
		const cJSON *v = config_value(change, f), *before = config_value(now, f);

		if (cJSON_IsNull(v))
			config_value_set(document, f, NULL);
		else if (v != NULL)
			config_value_set(document, f, replace ? value_unhidden(f, v, before) :
				value_merged(f, v, before, errors));
		else if (replace && f->file_only && before != NULL)
			config_value_set(document, f, cJSON_Duplicate(before, true));
	}
	return document;
}

// Whoever may ask for changes does not thereby name what is opened or run on this machine: those
// fields are for whoever writes the file of --config.
static void
file_fields_check(const cJSON *now, const cJSON *change, const cJSON *document,
	struct error_list *errors)
{
	const struct config_field *f = NULL;
	const cJSON *generator = cJSON_GetObjectItemCaseSensitive(document, "generator");
	const cJSON *replay = cJSON_GetObjectItemCaseSensitive(generator, "replay");
	const cJSON *running = cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(now, "generator"), "replay");

	while ((f = config_field_next(f)) != NULL)
		if (f->file_only && config_value(change, f) != NULL &&
		    !config_value_same(config_value(document, f), config_value(now, f)))
			error_list_add(errors, f->param.name, "%s: allowed: to change it in the file "
				"of --config only", f->param.name);
	if (replay != NULL && !cJSON_IsNull(replay) && !config_value_same(replay, running))
		error_list_add(errors, "generator.replay", "generator.replay: allowed: to change it "
			"in the file of --config only");
}

static cJSON *
answer_make(const struct config_change *c, bool applied, double confirm_s)
{
	cJSON *answer = cJSON_CreateObject(), *restart;
	const cJSON *d;

	cJSON_AddBoolToObject(answer, "applied", applied);
	cJSON_AddItemToObject(answer, "changes", cJSON_Duplicate(c->differences, true));
	restart = cJSON_AddArrayToObject(answer, "restart");
	cJSON_ArrayForEach(d, c->differences)
		if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(d, "restart")))
			cJSON_AddItemToArray(restart, cJSON_Duplicate(
				cJSON_GetObjectItemCaseSensitive(d, "field"), true));
	if (confirm_s > 0)
		cJSON_AddNumberToObject(answer, "confirm_s", confirm_s);
	return answer;
}

// Apply a whole document, and keep what was there before to go back to.
static int
document_apply(struct pipeline *p, cJSON *document, bool line_wins,
	const struct config_set_params *params, cJSON **ret, struct error_list *errors)
{
	cJSON *before = config_with_waiting(p);
	struct config_change c;
	int rc = config_change_make(p, document, line_wins, &c, errors);

	if (rc == 0 && errors->count > 0)
		rc = -EINVAL;

	// The profile that runs now is not the configuration's.
	if (rc == 0 && !params->dry_run && calibration_is_on(p->calibration)) {
		error_list_add(errors, "", "the generator is being calibrated, see "
			"generator.calibration");
		rc = -EBUSY;
	}
	if (rc == 0 && !params->dry_run)
		rc = config_change_apply(p, &c, errors);
	if (rc == 0)
		*ret = answer_make(&c, !params->dry_run, params->confirm_s);
	config_change_free(&c);
	if (rc != 0 || params->dry_run) {
		cJSON_Delete(before);
		return rc;
	}
	cJSON_Delete(p->config.previous);
	p->config.previous = before;
	p->config.confirm_us = params->confirm_s > 0 ?
		clock_monotonic_us() + (uint64_t)(params->confirm_s * 1e6) : 0;
	reconfigure_touch(p);
	return 0;
}

int
config_set_op(void *app, const cJSON *config, const struct config_set_params *params, cJSON **ret,
	struct error_list *errors)
{
	struct pipeline *p = app;
	cJSON *now, *document;

	if (p->config.confirm_us != 0 && !params->dry_run) {
		error_list_add(errors, "", "a change waits for config.confirm or config.rollback");
		return -EBUSY;
	}
	config_document_check(config, true, errors);
	if (errors->count > 0)
		return -EINVAL;
	now = config_with_waiting(p);
	document = document_wanted(config, now, params->replace, errors);
	if (errors->count > 0) {
		cJSON_Delete(now);
		cJSON_Delete(document);
		return -EINVAL;
	}
	file_fields_check(now, config, document, errors);
	cJSON_Delete(now);
	return document_apply(p, document, false, params, ret, errors);
}

int
config_confirm_op(void *app, cJSON **ret, struct error_list *errors)
{
	struct pipeline *p = app;

	if (p->config.confirm_us == 0) {
		error_list_add(errors, "", "nothing waits to be confirmed");
		return -ENOENT;
	}
	p->config.confirm_us = 0;
	reconfigure_touch(p);
	*ret = cJSON_CreateObject();
	cJSON_AddBoolToObject(*ret, "confirmed", true);
	return 0;
}

int
config_rollback_op(void *app, cJSON **ret, struct error_list *errors)
{
	static const struct config_set_params params = {.replace = true};
	struct pipeline *p = app;
	cJSON *document = p->config.previous;
	int rc;

	if (document == NULL) {
		error_list_add(errors, "", "there is nothing to go back to");
		return -ENOENT;
	}
	rc = document_apply(p, cJSON_Duplicate(document, true), false, &params, ret, errors);
	if (rc != 0)
		return rc;
	// One step back, not to and fro.
	cJSON_Delete(p->config.previous);
	p->config.previous = NULL;
	return 0;
}

int
config_save_op(void *app, cJSON **ret, struct error_list *errors)
{
	struct pipeline *p = app;
	cJSON *document;
	struct error err;
	int rc;

	if (p->options.config == NULL) {
		error_list_add(errors, "", "this Weir was started without --config FILE");
		return -ENOENT;
	}
	// Neither is what the configuration is: the one may be gone soon, the other is of a test.
	if (p->config.confirm_us != 0) {
		error_list_add(errors, "", "a change waits for config.confirm or config.rollback");
		return -EBUSY;
	}
	if (calibration_is_on(p->calibration)) {
		error_list_add(errors, "", "the generator is being calibrated, see "
			"generator.calibration");
		return -EBUSY;
	}
	document = config_with_waiting(p);
	if (config_start_check(p, document, errors) != 0) {
		cJSON_Delete(document);
		return -EINVAL;
	}
	rc = config_file_write(p->options.config, document, &err);
	cJSON_Delete(document);
	if (rc != 0) {
		error_list_add(errors, "", "%s", err.text);
		return rc == -EINVAL ? -EIO : rc;
	}
	*ret = cJSON_CreateObject();
	cJSON_AddStringToObject(*ret, "saved", p->options.config);
	return 0;
}

// Record what nobody called for: which fields it changed, of which file, or why it was refused.
static void
change_note(struct pipeline *p, const char *via, const char *action, const cJSON *answer,
	const char *file, const char *fault)
{
	cJSON *params = cJSON_CreateObject(), *fields = cJSON_AddArrayToObject(params, "fields");
	const cJSON *change;
	char *text;

	if (file != NULL)
		cJSON_AddStringToObject(params, "file", file);
	cJSON_ArrayForEach(change, cJSON_GetObjectItemCaseSensitive(answer, "changes"))
		cJSON_AddItemToArray(fields, cJSON_Duplicate(
			cJSON_GetObjectItemCaseSensitive(change, "field"), true));
	text = cJSON_PrintUnformatted(params);
	control_audit_note(p->control, via, action, text, fault);
	cJSON_free(text);
	cJSON_Delete(params);
}

static void
rollback_due(struct pipeline *p)
{
	struct error_list errors = {.count = 0};
	cJSON *answer = NULL;

	// No calibration is in the way: none begins while a change waits, and none changes while one runs.
	if (config_rollback_op(p, &answer, &errors) != 0) {
		// The state of a moment (memory, too many changes at once): tried again with the next tick.
		log_error("config", "not rolled back yet: %s", errors.error[0].text);
		return;
	}
	change_note(p, "timer", "config.rollback", answer, NULL, NULL);
	cJSON_Delete(answer);
	log_warning("config", "rolled back: the change was not confirmed in time");
}

static void
reload_refuse(struct pipeline *p, const char *why)
{
	log_error("config", "not reloaded: %s", why);
	change_note(p, "signal", "config.reload", NULL, p->options.config, why);
}

// All of them go into the log, and the first one into the audit log.
static void
faults_tell(struct pipeline *p, const struct config_file *f, const struct error_list *errors)
{
	char line[512];

	for (unsigned int i = 0; i < error_list_kept(errors); i++)
		log_error("config", "not reloaded: %s",
			config_file_fault(f, &errors->error[i], line, sizeof(line)));
	if (errors->count > 0)
		change_note(p, "signal", "config.reload", NULL, f->path,
			config_file_fault(f, &errors->error[0], line, sizeof(line)));
}

// The file again, as at the start: it is the whole, and the command line wins over it.
static void
file_reload(struct pipeline *p)
{
	static const struct config_set_params params = {.replace = true};
	struct error_list errors = {.count = 0};
	struct config_file f = {0};
	cJSON *answer = NULL;
	struct error err;

	if (p->config.confirm_us != 0) {
		reload_refuse(p, "a change waits for config.confirm");
		return;
	}
	if (config_file_read(p->options.config, &f, &err) != 0) {
		reload_refuse(p, err.text);
		return;
	}
	config_document_check(f.document, false, &errors);
	if (errors.count == 0)
		document_apply(p, cJSON_Duplicate(f.document, true), true, &params, &answer, &errors);
	faults_tell(p, &f, &errors);
	if (answer != NULL) {
		char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(answer, "restart"));

		log_warning("config", "%s reloaded; waiting for a restart: %s", f.path,
			text != NULL ? text : "?");
		cJSON_free(text);
		change_note(p, "signal", "config.reload", answer, f.path, NULL);
	}
	cJSON_Delete(answer);
	config_file_free(&f);
}

// What a start would refuse is not written over what it would take.
static void
state_write(struct pipeline *p)
{
	struct error_list errors = {.count = 0};
	cJSON *document = config_with_waiting(p);

	if (config_start_check(p, document, &errors) == 0) {
		state_file_put(p->config.file, document);
		return;
	}
	log_warning("config", "%s: not kept, as a start would refuse it: %s", p->options.state_file,
		errors.error[0].text);
	cJSON_Delete(document);
}

void
reconfigure_tick(struct pipeline *p, uint64_t now_us)
{
	struct config_state *c = &p->config;

	if (c->confirm_us != 0 && now_us >= c->confirm_us)
		rollback_due(p);
	if (__atomic_exchange_n(&reload_asked, false, __ATOMIC_RELAXED)) {
		bool others = control_reload(p->control);

		if (p->options.config != NULL)
			file_reload(p);
		else if (!others)
			log_warning("config", "nothing to reload: there is no --config, --users or "
				"--tls-cert");
	}
	// What waits to be confirmed is not a good one yet.
	if (c->file == NULL || !c->touched || c->confirm_us != 0 ||
			calibration_is_on(p->calibration) ||
			now_us - c->written_us < CLOCK_US_PER_S)
		return;
	state_write(p);
	c->touched = false;
	c->written_us = now_us;
}
